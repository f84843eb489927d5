package main

import (
	"bytes"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/qcloudhttp/qcloudhttp/codes"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// result is what one run of the command did.
type result struct {
	stdout, stderr string
	status         int
}

// qcerr runs the command in English, with an empty environment and stdin.
func qcerr(t testing.TB, args ...string) result { return qcerrWith(t, "", nil, args...) }

func qcerrWith(t testing.TB, stdin string, env map[string]string, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status := run(args, strings.NewReader(stdin), &stdout, &stderr, func(name string) string { return env[name] })
	return result{stdout.String(), stderr.String(), status}
}

func TestExitStatus(t *testing.T) {
	for _, tc := range []struct {
		args   string
		status int
	}{
		{"2002", exitOK},
		{"domainnotfiled", exitOK},
		{"0", exitOK},
		{"list", exitOK},
		{"list --class Network", exitOK}, // no code has it
		{"help", exitOK},
		{"-h", exitOK},
		{"--help", exitOK},
		{"list -h", exitOK},
		{"2007", exitFail},
		{"-16009", exitFail},
		{"-- -16009", exitFail},
		{"99999999999999999999", exitFail},
		{"DomainNotField", exitFail},
		{"", exitFail}, // an empty stdin
		{"-", exitFail},
		{"2002 2003", exitUsage},
		{"--nonsense", exitUsage},
		{"-lang fr 2002", exitUsage},
		{"-lang", exitUsage},
		{"2002 --retryable", exitUsage},
		{"2002 -endpoint https://dsa.api.qcloud.com", exitUsage},
		{"list 2002", exitUsage},
		{"list --class nonsense", exitUsage},
		{"list --class", exitUsage},
		{"demo now", exitUsage},
		{"demo --json", exitUsage},
		{"demo -endpoint=", exitUsage},
		{"demo -endpoint dsa.api.qcloud.com", exitUsage},
		{"demo -endpoint http://dsa.api.qcloud.com", exitUsage},
		{"demo -endpoint https://user@dsa.api.qcloud.com", exitUsage},
		{"demo -endpoint https://dsa.api.qcloud.com/?SecretId=1", exitUsage},
		{"demo -endpoint https://dsa.api.qcloud.com", exitFail}, // no credentials
	} {
		got := qcerr(t, strings.Fields(tc.args)...)
		if got.status != tc.status {
			t.Errorf("qcerr %s: exit %d, want %d; stderr: %s", tc.args, got.status, tc.status, got.stderr)
		}
		if wantOut := tc.status == exitOK; (got.stdout != "") != wantOut || (got.stderr != "") == wantOut {
			t.Errorf("qcerr %s: stdout %q, stderr %q", tc.args, got.stdout, got.stderr)
		}
		if tc.status == exitUsage && !strings.Contains(got.stderr, english.shortUsage) {
			t.Errorf("qcerr %s: no usage in %q", tc.args, got.stderr)
		}
	}
}

// TestHelp fits a terminal and names every field that --json prints.
func TestHelp(t *testing.T) {
	for _, w := range []*words{&english, &chinese} {
		fits(t, w.usage)
		for _, v := range []any{codes.Info{}, entry{}, response{}} {
			for _, field := range reflect.VisibleFields(reflect.TypeOf(v)) {
				name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
				if name != "" && !regexp.MustCompile(`\b`+name+`\b`).MatchString(w.usage) {
					t.Errorf("%s: the help does not name the field %s", w.lang, name)
				}
			}
		}
		for _, condition := range []string{always, readOnly, needSigner, idempotent} {
			contains(t, w.lang, w.usage, condition)
		}
		for scope := range w.scopes {
			contains(t, w.lang, w.usage, string(scope))
		}
	}
}

// fits makes sure that no line is wider than a terminal.
func fits(t *testing.T, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		if line = strings.TrimSuffix(line, "\n"); width(line) > lineWidth || strings.Contains(line, "\t") {
			t.Errorf("%d columns: %q", width(line), line)
		}
	}
}

func TestFlagsStandAnywhere(t *testing.T) {
	want := qcerr(t, "--json", "2002").stdout
	for _, args := range [][]string{{"-json", "2002"}, {"2002", "--json"}, {"2002", "-json", "-lang=zh"}, {"-lang", "zh", "2002", "-json"}} {
		if got := qcerr(t, args...).stdout; got != want {
			t.Errorf("qcerr %q prints\n%s\nwant\n%s", args, got, want)
		}
	}
	if a, b := qcerr(t, "list", "--json", "--retryable"), qcerr(t, "--retryable", "-json", "list"); a != b {
		t.Error("flags before list have another effect than those after it")
	}
}

func TestLanguage(t *testing.T) {
	for _, tc := range []struct {
		env  map[string]string
		args []string
		want *words
	}{
		{nil, nil, &english},
		{map[string]string{"LANG": "zh_CN.UTF-8"}, nil, &chinese},
		{map[string]string{"LANG": "C.UTF-8"}, nil, &english},
		{map[string]string{"LANG": "zh_CN", "LC_MESSAGES": "en_GB"}, nil, &english},
		{map[string]string{"LC_ALL": "zh", "LC_MESSAGES": "en_GB", "LANG": "de"}, nil, &chinese},
		{map[string]string{"LANG": "zh_CN.UTF-8"}, []string{"-lang", "en"}, &english},
		{nil, []string{"--lang=zh-Hant"}, &chinese},
	} {
		got := qcerrWith(t, "", tc.env, append(tc.args, "2002")...).stdout
		if !strings.Contains(got, tc.want.whys[classOf(t, "Domain")]) {
			t.Errorf("%v %v: not in language %s:\n%s", tc.env, tc.args, tc.want.lang, got)
		}
	}
	for args, want := range map[string]string{
		"-h -lang zh":               chinese.usage,
		"2002 -h -lang zh":          chinese.usage,
		"help --lang=zh_CN":         chinese.usage,
		"-lang zh list -h":          chinese.usage,
		"-h -lang zh -lang en":      english.usage,
		"-h -lang fr":               english.usage,
		"-h -- -lang zh":            english.usage,
		"-x -lang zh":               "没有选项 -x",
		"--nonsense=1 -lang zh":     "没有选项 -nonsense",
		"-lang zh list --class":     "选项 -class 须带取值",
		"-lang zh -lang":            "选项 -lang 须带取值",
		"--json=maybe 1 -lang zh":   "选项 -json 只能取 true 或 false",
		"-lang zh 2002 -lang fr":    "-lang 只能取 zh 或 en",
		"-lang zh 2002 -endpoint=x": "该命令不支持 -endpoint",
		"-x":                        "there is no flag -x",
		"list --class":              "the flag -class needs a value",
		"--json=maybe 1":            "the flag -json is either true or false",
		"-lang fr 2002":             "-lang is either zh or en",
		"-lang= 2002":               "-lang is either zh or en",
	} {
		got := qcerr(t, strings.Fields(args)...)
		if !strings.Contains(got.stdout+got.stderr, want) {
			t.Errorf("qcerr %s: %q is missing in\n%s%s", args, want, got.stdout, got.stderr)
		}
	}
	if got := qcerrWith(t, "", nil, "-lang", "zh", "2007").stderr; !strings.Contains(got, "未知错误码 2007") {
		t.Errorf("the error is not in Chinese: %s", got)
	}
}
