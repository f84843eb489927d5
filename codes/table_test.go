package codes_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

func TestTableHoldsThePage(t *testing.T) {
	scopes := map[codes.Code]codes.Scope{}
	count := map[string]int{}
	for _, f := range fieldsOf(t, "numbers.txt", 3) {
		scopes[codeOf(t, f[1])] = codes.Scope(f[0])
		count[f[0]+" "+f[2]]++
	}
	if want := map[string]int{"common page": 16, "common newer": 7, "module page": 65}; !maps.Equal(count, want) {
		t.Fatalf("testdata counts %v, want %v", count, want)
	}

	for _, info := range codes.All() {
		if scopes[info.Code] != info.Scope {
			t.Errorf("%v is %q in the table and %q in testdata", info.Code, info.Scope, scopes[info.Code])
		}
		delete(scopes, info.Code)
	}
	for c, scope := range scopes {
		t.Errorf("%s code %d has no row", scope, int(c))
	}
}

// Every row is written out in both languages, in the same form, and no two
// rows are alike.
func TestTexts(t *testing.T) {
	seen := map[string]codes.Code{}
	once := func(c codes.Code, text string) {
		if other, ok := seen[text]; ok {
			t.Errorf("%d and %d share %q", int(other), int(c), text)
		}
		seen[text] = c
	}
	identifier := regexp.MustCompile(`^[A-Z][A-Za-z0-9]+$`)
	for _, info := range codes.All() {
		if !identifier.MatchString(info.Name) {
			t.Errorf("%d: name %q", int(info.Code), info.Name)
		}
		once(info.Code, strings.ToLower(info.Name))
		once(info.Code, info.ZH)
		once(info.Code, info.EN)

		checkText(t, info.Code, info.ZH, true, "")
		checkText(t, info.Code, info.RemedyZH, true, "。")
		checkText(t, info.Code, info.EN, false, "")
		checkText(t, info.Code, info.RemedyEN, false, ".")
	}
}

// checkText looks at the language, the punctuation and the end of a text, which
// is stop or, where that is empty, no full stop at all.
func checkText(t *testing.T, c codes.Code, text string, chinese bool, stop string) {
	t.Helper()
	ended := strings.HasSuffix(text, ".") || strings.HasSuffix(text, "。")
	if text == "" || !strings.HasSuffix(text, stop) || ended != (stop != "") {
		t.Errorf("%d: empty, or does not end with %q: %q", int(c), stop, text)
	}
	if text != strings.TrimSpace(text) || strings.Contains(text, "  ") {
		t.Errorf("%d: stray spaces in %q", int(c), text)
	}
	if strings.Contains(text, "://") || strings.Contains(text, "www.") {
		t.Errorf("%d: link in %q", int(c), text)
	}
	isHan := func(r rune) bool { return unicode.Is(unicode.Han, r) }
	notASCII := func(r rune) bool { return r < ' ' || r > '~' }
	switch {
	case chinese && !strings.ContainsFunc(text, isHan):
		t.Errorf("%d: no Chinese in %q", int(c), text)
	case chinese && strings.ContainsAny(text, ",;()!?"):
		t.Errorf("%d: half-width punctuation in %q", int(c), text)
	case !chinese && strings.ContainsFunc(text, notASCII):
		t.Errorf("%d: not ASCII: %q", int(c), text)
	}
}

func TestTwinsAreSymmetric(t *testing.T) {
	for _, info := range codes.All() {
		if !slices.IsSorted(info.Twins) || len(slices.Compact(slices.Clone(info.Twins))) != len(info.Twins) {
			t.Errorf("%v: twins %s are not in order or repeat", info.Code, numbers(info.Twins))
		}
		for _, twin := range info.Twins {
			other, ok := codes.Lookup(twin)
			if !ok || twin == info.Code || !slices.Contains(other.Twins, info.Code) {
				t.Errorf("%v: twin %v does not name it back", info.Code, twin)
			}
		}
	}
}

func TestTwinsOfTheIssue(t *testing.T) {
	for a, b := range map[codes.Code]codes.Code{2130: 9002, 4000: 1012, 1000: 6000, 2000: 10107} {
		if info, _ := codes.Lookup(a); !slices.Contains(info.Twins, b) {
			t.Errorf("%v: twins %s lack %d", a, numbers(info.Twins), int(b))
		}
	}
	if info, _ := codes.Lookup(codes.DomainNotFiled); len(info.Twins) != 0 {
		t.Errorf("2002 has twins: %s", numbers(info.Twins))
	}
}

func TestV3RoundTrip(t *testing.T) {
	toV3 := map[codes.Code][]string{}
	toV2 := map[string][]codes.Code{}
	for _, f := range fieldsOf(t, "v3.txt", 3) {
		c, text := codeOf(t, f[0]), f[2]
		toV3[c] = append(toV3[c], text)
		toV2[text] = append(toV2[text], c)
	}
	for _, info := range codes.All() {
		if got, want := slices.Sorted(slices.Values(info.V3)), slices.Sorted(slices.Values(toV3[info.Code])); !slices.Equal(got, want) {
			t.Errorf("%v: V3 is %q, want %q", info.Code, got, want)
		}
	}
	for text, want := range toV2 {
		got := codes.FromV3(text)
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("FromV3(%q) = %s, want %s", text, numbers(got), numbers(want))
		}
	}
}

func TestFromV3(t *testing.T) {
	for text, want := range map[string][]codes.Code{
		"ResourceUnavailable.EcdnDomainIsNotOnline": {2005, 2004}, // the nearest first
		"RequestLimitExceeded":                      {4400},
		"RequestLimitExceeded.UinLimitExceeded":     {4400},
		"InternalError.Foo":                         {6000},
		"InternalError.EcdnDbError":                 {1001}, // its own entry, not its parent's
		"InternalError.EcdnDbError.Timeout":         {1001},
		"ServiceUnavailable":                        {6200},
		"AuthFailure.SignatureFailure":              {4100},

		"AuthFailure":         nil, // has children in the table, no entry
		"AuthFailure.Other":   nil,
		"LimitExceeded.Other": nil,
		"InternalErrors":      nil, // no segment of its own
		"internalerror":       nil,
		"":                    nil,
		".":                   nil,
		"4400":                nil,
	} {
		if got := codes.FromV3(text); !slices.Equal(got, want) {
			t.Errorf("FromV3(%q) = %s, want %s", text, numbers(got), numbers(want))
		}
	}
}

// The constants are written by hand beside the table: each has a row of its
// name, each row a constant, and the comment that godoc shows is the meaning.
func TestConstantsMatchTheTable(t *testing.T) {
	constants := parseConstants(t)
	for _, info := range codes.All() {
		c, ok := constants[info.Name]
		if !ok {
			t.Errorf("%v has no constant", info.Code)
			continue
		}
		if codeOf(t, c.value) != info.Code {
			t.Errorf("constant %s = %s, its row says %d", info.Name, c.value, int(info.Code))
		}
		if c.comment != info.EN {
			t.Errorf("constant %s is documented as %q, its row says %q", info.Name, c.comment, info.EN)
		}
		delete(constants, info.Name)
	}
	for name := range constants {
		t.Errorf("constant %s has no row", name)
	}
}

type constant struct{ value, comment string }

// parseConstants returns the package's constants of type Code by name.
func parseConstants(t *testing.T) map[string]constant {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	constants := map[string]constant{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Code" {
				value := spec.Values[0].(*ast.BasicLit).Value
				constants[spec.Names[0].Name] = constant{value, strings.TrimSpace(spec.Comment.Text())}
			}
			return false
		})
	}
	return constants
}
