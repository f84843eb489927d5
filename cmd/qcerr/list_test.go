package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

// contract are the fields that programs rely on.
var contract = []string{"code", "scope", "name", "class", "retryable", "executed", "zh", "en", "remedy_zh", "remedy_en"}

func list(t *testing.T, args ...string) []map[string]any {
	t.Helper()
	got := qcerr(t, append([]string{"list", "--json"}, args...)...)
	var all []map[string]any
	if err := json.Unmarshal([]byte(got.stdout), &all); err != nil || all == nil {
		t.Fatalf("list %v: %v in %s%s", args, err, got.stdout, got.stderr)
	}
	return all
}

func TestListJSON(t *testing.T) {
	all := list(t)
	if len(all) != len(codes.All()) {
		t.Fatalf("%d entries, want %d", len(all), len(codes.All()))
	}
	for i, info := range codes.All() {
		got := all[i]
		for _, field := range contract {
			if got[field] == nil || got[field] == "" {
				t.Errorf("%d: field %q is missing", info.Code, field)
			}
		}
		f := qcloudhttp.Failure{Code: info.Code}
		if info.Product != "" {
			f = qcloudhttp.Failure{Code: 4000, Module: info.Code}
		}
		v := qcloudhttp.Classify(f)
		want := map[string]any{
			"code": float64(info.Code), "scope": scopeOf(info), "name": info.Name,
			"class": v.Class.String(), "retryable": v.Retry, "executed": v.Executed.String(),
			"zh": info.ZH, "en": info.EN, "remedy_zh": info.RemedyZH, "remedy_en": info.RemedyEN,
		}
		for field, value := range want {
			if got[field] != value {
				t.Errorf("%d: %s is %v, want %v", info.Code, field, got[field], value)
			}
		}
	}
}

func TestOneCodeHasTheFieldsOfTheList(t *testing.T) {
	for _, want := range list(t) {
		got := qcerr(t, "--json", want["name"].(string))
		var one map[string]any
		if err := json.Unmarshal([]byte(got.stdout), &one); err != nil {
			t.Fatal(err)
		}
		for field := range want {
			if a, b := mustJSON(t, one[field]), mustJSON(t, want[field]); a != b {
				t.Errorf("%v: %s is %s alone and %s in the list", want["code"], field, a, b)
			}
		}
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestListSpeaksChinese finds no English but the names.
func TestListSpeaksChinese(t *testing.T) {
	for line := range strings.Lines(qcerr(t, "list", "-lang", "zh").stdout) {
		for _, word := range []string{" no ", " unknown ", " partial ", " common ", " module "} {
			if strings.Contains(line, word) {
				t.Errorf("%q is in %s", word, line)
			}
		}
	}
	for _, w := range []*words{&english, &chinese} {
		for _, e := range allEntries() {
			if w.scopeWords[e.Scope] == "" || w.executedWords[e.Executed] == "" || w.retryWords[e.Condition] == "" {
				t.Errorf("%s has no word for %s, %s or %q", w.lang, e.Scope, e.Executed, e.Condition)
			}
		}
	}
}

func TestListFilters(t *testing.T) {
	numbers := func(args ...string) (found []int) {
		for _, e := range list(t, args...) {
			found = append(found, int(e["code"].(float64)))
		}
		return found
	}
	for _, tc := range []struct {
		args []string
		want []int
	}{
		{[]string{"--class", "Throttled"}, []int{2010, 2011, 4400}},
		{[]string{"--class=busy"}, []int{1014}},
		{[]string{"--class", "Stale", "--retryable"}, []int{4200, 4500}},
		{[]string{"--class", "Domain", "--retryable"}, nil},
		{[]string{"--class", "Network"}, nil},
		{[]string{"--retryable"}, []int{1000, 1001, 1013, 1014, 2010, 2011, 4200, 4400, 4500, 5100, 6000, 6200, 10000}},
	} {
		if got := numbers(tc.args...); !slices.Equal(got, tc.want) {
			t.Errorf("list %v: %v, want %v", tc.args, got, tc.want)
		}
	}
}

// TestListOfNone says why there is no code in place of a bare header.
func TestListOfNone(t *testing.T) {
	for _, w := range []*words{&english, &chinese} {
		for args, want := range map[string]string{
			"--class network":            w.noCodes[qcloudhttp.Network],
			"--class Unknown":            w.noCodes[qcloudhttp.Unknown],
			"--class Domain --retryable": w.noneRetried,
		} {
			got := qcerr(t, append([]string{"list", "-lang", w.lang}, strings.Fields(args)...)...)
			contains(t, args, got.stdout, want)
			if strings.Contains(got.stdout, w.listHead[0]+"  ") {
				t.Errorf("%s: a bare header:\n%s", args, got.stdout)
			}
		}
	}
}

// TestListColumns measures where the columns begin on a terminal.
func TestListColumns(t *testing.T) {
	for _, lang := range []string{"en", "zh"} {
		lines := strings.Split(strings.TrimSuffix(qcerr(t, "list", "-lang", lang).stdout, "\n"), "\n")
		if len(lines) != 1+len(codes.All()) {
			t.Fatalf("%s: %d lines", lang, len(lines))
		}
		begin := 0
		for i, info := range append([]codes.Info{{Text: codes.Text{ZH: chinese.listHead[6], EN: english.listHead[6]}}}, codes.All()...) {
			meaning := wordsFor(lang).meaning(info)
			before, found := strings.CutSuffix(lines[i], meaning)
			if begin == 0 {
				begin = width(before)
			}
			if !found || width(before) != begin {
				t.Errorf("%s: line %d: the meaning begins in column %d, want %d: %s", lang, i, width(before), begin, lines[i])
			}
		}
	}
}
