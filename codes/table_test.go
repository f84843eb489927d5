package codes_test

import (
	"bufio"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

// Every code of the vendor's page and of its newer list has a row.
func TestTableHasThePage(t *testing.T) {
	page := map[codes.Code]string{}
	for _, line := range linesOf(t, "testdata/numbers.txt") {
		scope, number, _ := strings.Cut(line, " ")
		n, err := strconv.Atoi(strings.Fields(number)[0])
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		page[codes.Code(n)] = map[string]string{"common": "", "module": "dsa"}[scope]
	}
	if len(page) != 88 {
		t.Fatalf("testdata has %d codes, want the page's 81 and the newer list's 7", len(page))
	}
	for c, product := range page {
		if info, ok := codes.Lookup(c); !ok || product != info.Product {
			t.Errorf("%d: its product is %q; the table has a row (%t) for %q", int(c), product, ok, info.Product)
		}
	}
}

// Every cell that needs one has a value, and every text has the form that the
// others have.
func TestRows(t *testing.T) {
	name := regexp.MustCompile(`^[A-Z][A-Za-z0-9]+$`)
	names := map[string]codes.Code{}
	for _, info := range codes.All() {
		row := strconv.Itoa(int(info.Code))
		if !name.MatchString(info.Name) || names[info.Name] != 0 {
			t.Errorf("%s: its name %q is no name, or is that of %d", row, info.Name, int(names[info.Name]))
		}
		names[info.Name] = info.Code
		checkClass(t, row, info.Class)
		checkText(t, row, info.Text)
		if info.Code.Gateway() && info.Product != "" {
			t.Errorf("%s: a module's code is none of the gateway's", row)
		}
		for _, v3 := range info.V3 {
			if same, _ := codes.LookupV3(v3); !slices.Contains(same.V2, info.Code) {
				t.Errorf("%s: its counterpart %s has another row", row, v3)
			}
		}
		for _, twin := range info.Twins {
			other, ok := codes.Lookup(twin)
			if !ok || twin == info.Code || !slices.Contains(other.Twins, info.Code) {
				t.Errorf("%s: the row of its twin %d does not name it", row, int(twin))
			}
		}
		if !slices.IsSorted(info.Twins) || len(slices.Compact(info.Twins)) != len(info.Twins) {
			t.Errorf("%s: the twins %d are not in order", row, info.Twins)
		}
	}
}

func TestRowsOfV3(t *testing.T) {
	for _, code := range codes.V3Codes() {
		info, ok := codes.LookupV3(code)
		if !ok || info.Code != code {
			t.Errorf("%s: LookupV3 returns %+v", code, info)
		}
		checkClass(t, info.Code, info.Class)
		checkText(t, info.Code, info.Text)
		for _, c := range info.V2 {
			if v2, ok := codes.Lookup(c); !ok || v2.Class != info.Class || !slices.Contains(v2.V3, info.Code) {
				t.Errorf("%s: its counterpart %v differs: %+v", info.Code, c, v2)
			}
		}
	}
}

func TestRowsOfClasses(t *testing.T) {
	names := map[string]bool{}
	for c := range codes.ClassOK + 1 {
		if c.String() == "" || names[c.String()] {
			t.Errorf("class %d has no name of its own: %q", c, c.String())
		}
		names[c.String()] = true
		checkText(t, c.String(), c.Text())
	}
}

// A class of the table says what went wrong, and what was an answer.
func checkClass(t *testing.T, row string, c codes.Class) {
	t.Helper()
	if c == codes.ClassUnknown || c == codes.ClassOK || c == codes.ClassNetwork {
		t.Errorf("%s: no code is of class %v", row, c)
	}
}

// checkText names the cell that is empty, or not in the language or the form of
// its column.
func checkText(t *testing.T, row string, text codes.Text) {
	t.Helper()
	han := func(r rune) bool { return unicode.Is(unicode.Han, r) }
	notASCII := func(r rune) bool { return r < ' ' || r > '~' }
	for _, cell := range []struct{ column, text, stop string }{
		{"ZH", text.ZH, ""}, {"RemedyZH", text.RemedyZH, "。"}, {"EN", text.EN, ""}, {"RemedyEN", text.RemedyEN, "."},
	} {
		chinese := strings.HasSuffix(cell.column, "ZH")
		switch ended := strings.HasSuffix(cell.text, ".") || strings.HasSuffix(cell.text, "。"); {
		case cell.text == "":
			t.Errorf("%s: %s is empty", row, cell.column)
		case ended != (cell.stop != "") || !strings.HasSuffix(cell.text, cell.stop):
			t.Errorf("%s: %s should end with %q: %q", row, cell.column, cell.stop, cell.text)
		case cell.text != strings.Join(strings.Fields(cell.text), " "):
			t.Errorf("%s: %s has stray spaces: %q", row, cell.column, cell.text)
		case strings.Contains(cell.text, "://") || strings.Contains(cell.text, "www."):
			t.Errorf("%s: %s has a link: %q", row, cell.column, cell.text)
		case chinese && (!strings.ContainsFunc(cell.text, han) || strings.ContainsAny(cell.text, ",;()!?")):
			t.Errorf("%s: %s is not Chinese, or has ASCII punctuation: %q", row, cell.column, cell.text)
		case !chinese && strings.ContainsFunc(cell.text, notASCII):
			t.Errorf("%s: %s is not ASCII: %q", row, cell.column, cell.text)
		}
	}
}

// One thing has one word in all texts.
func TestOneWordForOneThing(t *testing.T) {
	texts := map[string]codes.Text{}
	for _, info := range codes.All() {
		texts[info.Name] = info.Text
	}
	for _, code := range codes.V3Codes() {
		info, _ := codes.LookupV3(code)
		texts[code] = info.Text
	}
	for c := range codes.ClassOK + 1 {
		texts["class "+c.String()] = c.Text()
	}
	others := regexp.MustCompile(`稍[后候]再试|稍候重试|限速器|限频器|不合法|非法|blacklist|black list|whitelist`)
	for row, text := range texts {
		for _, cell := range []string{text.ZH, text.RemedyZH, text.EN, text.RemedyEN} {
			if word := others.FindString(cell); word != "" {
				t.Errorf("%s: %q; others say 稍后重试, 限流器, 无效, blocklist, allowlist: %q", row, word, cell)
			}
		}
	}
}

// linesOf returns the lines of a file that are neither empty nor comments.
func linesOf(t *testing.T, name string) []string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var lines []string
	for scanner := bufio.NewScanner(f); scanner.Scan(); {
		if line := scanner.Text(); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}
