package faulttests

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	mdCode = regexp.MustCompile("(?s)\n```.*?\n```\n|`[^`\n]*`")
	mdLink = regexp.MustCompile(`\]\(([^)\s]+)\)`)
)

// Every relative link of the repository's documents leads to a file.
func TestLinksOfTheDocs(t *testing.T) {
	const root = "../.."
	links := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".md" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, link := range mdLink.FindAllStringSubmatch(mdCode.ReplaceAllString(string(text), "\n"), -1) {
			to, _, _ := strings.Cut(link[1], "#")
			if to == "" || strings.Contains(to, "://") {
				continue
			}
			links++
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), filepath.FromSlash(to))); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
		return nil
	})
	if err != nil || links == 0 {
		t.Errorf("%d links seen, %v", links, err)
	}
}
