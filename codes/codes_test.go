package codes_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

func TestErrorText(t *testing.T) {
	for c, want := range map[codes.Code]string{
		2002:          "2002 DomainNotFiled: the domain has no ICP filing",
		4400:          "4400 QuotaExceeded: the quota of calls is used up",
		777:           "code 777",
		0:             "0 Success",
		-16009:        "code -16009",
		math.MinInt:   "code " + strconv.Itoa(math.MinInt),
		math.MaxInt:   "code " + strconv.Itoa(math.MaxInt),
		codes.Code(4): "code 4",
	} {
		if got := c.Error(); got != want {
			t.Errorf("Code(%d).Error() = %q, want %q", int(c), got, want)
		}
	}
}

func TestGateway(t *testing.T) {
	gateway := []codes.Code{4100, 4101, 4102, 4103, 4104, 4105, 4106, 4110, 4200, 4300, 4400, 4500, 4600, 6100, 6200}
	for _, info := range codes.All() {
		if got, want := info.Code.Gateway(), slices.Contains(gateway, info.Code); got != want {
			t.Errorf("%v: %t", info.Code, got)
		}
	}
	if codes.Code(0).Gateway() || codes.Code(777).Gateway() {
		t.Error("a number of no table is one of the gateway's")
	}
}

func TestIsDistinguishesTwins(t *testing.T) {
	err := errors.Join(errors.New("call failed"), codes.InvalidProjectID)
	if !errors.Is(err, codes.Code(2130)) {
		t.Error("2130 does not match its own number")
	}
	if errors.Is(err, codes.InvalidStatProjectID) {
		t.Error("2130 matches its twin 9002, so a program cannot tell them apart")
	}
	var c codes.Code
	if !errors.As(err, &c) || c != 2130 {
		t.Errorf("errors.As gave %d, want 2130", int(c))
	}
}

func TestLookupUnknown(t *testing.T) {
	for _, c := range []codes.Code{0, 1, -1, 999, 4107, 10110, 10111, 10114, math.MinInt, math.MaxInt} {
		if info, ok := codes.Lookup(c); ok || !reflect.DeepEqual(info, codes.Info{}) {
			t.Errorf("Lookup(%d) = %+v, %t; want nothing", int(c), info, ok)
		}
	}
}

func TestByName(t *testing.T) {
	for _, name := range []string{"DomainNotFiled", "domainnotfiled", "DOMAINNOTFILED"} {
		if info, ok := codes.ByName(name); !ok || info.Code != codes.DomainNotFiled {
			t.Errorf("ByName(%q) = %d, %t; want 2002", name, int(info.Code), ok)
		}
	}
	for _, name := range []string{"", "Domain", "DomainNotFiled ", "2002", "Success"} {
		if info, ok := codes.ByName(name); ok {
			t.Errorf("ByName(%q) found %d", name, int(info.Code))
		}
	}
}

func TestAllIsOrderedAndAgreesWithLookups(t *testing.T) {
	all := codes.All()
	for i, info := range all {
		if i > 0 && all[i-1].Code >= info.Code {
			t.Errorf("%d follows %d", int(info.Code), int(all[i-1].Code))
		}
		if got, ok := codes.Lookup(info.Code); !ok || !reflect.DeepEqual(got, info) {
			t.Errorf("Lookup(%d) = %+v, All has %+v", int(info.Code), got, info)
		}
		if got, ok := codes.ByName(info.Name); !ok || got.Code != info.Code {
			t.Errorf("ByName(%q) = %d, want %d", info.Name, int(got.Code), int(info.Code))
		}
	}
}

// What callers get is theirs: changing it must not reach the next caller.
func TestResultsAreCopies(t *testing.T) {
	spoil := func(in *codes.Info) {
		for i := range in.Twins {
			in.Twins[i] = -1
		}
		for i := range in.V3 {
			in.V3[i] = "spoiled"
		}
		in.Name = "spoiled"
	}
	want := codes.All()

	got := codes.All()
	for i := range got {
		spoil(&got[i])
		looked, _ := codes.Lookup(want[i].Code)
		spoil(&looked)
		named, _ := codes.ByName(want[i].Name)
		spoil(&named)
		for _, v3 := range want[i].V3 {
			codes.FromV3(v3)[0] = -1
		}
	}

	if !reflect.DeepEqual(codes.All(), want) {
		t.Error("a change to a result reached the table")
	}
	for _, info := range want {
		for _, v3 := range info.V3 {
			if slices.Contains(codes.FromV3(v3), -1) {
				t.Errorf("a change to the result of FromV3(%q) reached the table", v3)
			}
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	want, _ := codes.Lookup(codes.DomainOffline)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				got, _ := codes.Lookup(codes.DomainOffline)
				if !reflect.DeepEqual(got, want) {
					t.Errorf("Lookup(2005) = %+v, want %+v", got, want)
				}
				got.Twins[0], got.V3[0] = 0, ""
				clear(codes.All())
				clear(codes.FromV3("ResourceUnavailable.EcdnDomainIsNotOnline"))
				if codes.DomainOffline.Error() == "" {
					t.Error("empty error text")
				}
			}
		})
	}
	wg.Wait()
}

func TestLookupAllocatesOnlyItsSlices(t *testing.T) {
	for c, most := range map[codes.Code]float64{
		codes.InvalidModule:  0, // neither twins nor counterparts
		codes.DomainNotFiled: 1, // a counterpart
		codes.DomainOffline:  2, // both
		777:                  0,
	} {
		if got := testing.AllocsPerRun(100, func() { codes.Lookup(c) }); got > most {
			t.Errorf("Lookup(%d) allocates %v times, want at most %v", int(c), got, most)
		}
	}
}

func TestInfoJSON(t *testing.T) {
	info, _ := codes.Lookup(codes.DomainOffline)
	text, err := json.Marshal(info)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"code": 2005.0, "scope": "module", "name": "DomainOffline",
		"zh": info.ZH, "en": info.EN, "remedy_zh": info.RemedyZH, "remedy_en": info.RemedyEN,
		"twins": []any{2004.0, 10104.0},
		"v3":    []any{"ResourceUnavailable.EcdnDomainIsNotOnline"},
	}
	if !reflect.DeepEqual(fields, want) {
		t.Errorf("JSON is %s", text)
	}
	var back codes.Info
	if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, info) {
		t.Errorf("read back: %+v, %v", back, err)
	}
}

// fieldsOf reads a file of testdata: the fields of each line that is neither
// empty nor a comment, n of them.
func fieldsOf(t *testing.T, name string, n int) [][]string {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var lines [][]string
	for scanner := bufio.NewScanner(f); scanner.Scan(); {
		line := scanner.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Fields(line)
		if len(fields) != n {
			t.Fatalf("%s: %q has %d fields, want %d", name, line, len(fields), n)
		}
		lines = append(lines, fields)
	}
	return lines
}

func codeOf(t *testing.T, text string) codes.Code {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return codes.Code(n)
}

func numbers(list []codes.Code) string { return fmt.Sprintf("%d", list) }
