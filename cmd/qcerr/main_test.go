package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"go.uber.org/goleak"

	"github.com/qcloudhttp/qcloudhttp/codes"
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

// contains fails the test where one of the parts is missing.
func contains(t *testing.T, what, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%s: %q is missing in\n%s", what, part, text)
		}
	}
}

func TestExitStatus(t *testing.T) {
	for _, tc := range []struct {
		args   string
		status int
		stderr string // a part of it
	}{
		{"2002", exitOK, ""},
		{"2002 4400", exitOK, ""},
		{"domainnotfiled", exitOK, ""},
		{"0", exitOK, ""},
		{"list", exitOK, ""},
		{"list --class Network", exitOK, ""}, // no code has it
		{"help", exitOK, ""},
		{"help list", exitOK, ""},
		{"version", exitOK, ""},
		{"-h", exitOK, ""},
		{"list --help", exitOK, ""},
		{"2999", exitFail, "unknown code 2999"},
		{"2002 2999", exitFail, "unknown code 2999"},
		{"-16009", exitFail, "unknown code -16009"},
		{"99999999999999999999", exitFail, "unknown code 99999999999999999999"},
		{"DomainNotField", exitFail, "unknown code DomainNotField"},
		{"nothing of the kind", exitFail, "no code"},
		{"", exitFail, "nothing to explain"},
		{"-", exitFail, "nothing to explain"},
		{"--nonsense", exitUsage, "not defined: --nonsense"},
		{"--lang fr 2002", exitUsage, `invalid value "fr" for flag --lang: it is either en or zh`},
		{"--lang", exitUsage, "flag needs an argument: --lang"},
		{"--json=maybe 2002", exitUsage, "--json"},
		{"2002 --retryable", exitUsage, "--retryable"},
		{"list 2002", exitUsage, "list takes no argument but flags"},
		{"list --class nonsense", exitUsage, "there is no class nonsense"},
		{"list --class 2002", exitUsage, "there is no class 2002"},
		{"list --class", exitUsage, "--class"},
		{"demo now", exitUsage, "demo takes no argument"},
		{"demo --json", exitUsage, "--json"},
		{"version --lang zh", exitUsage, "--lang"},
		{"version 1", exitUsage, "version takes no argument"},
		{"help me", exitUsage, "help takes the name of one command"},
	} {
		got := qcerr(t, strings.Fields(tc.args)...)
		told := strings.Contains(got.stderr, tc.stderr) && (tc.stderr == "") == (got.stderr == "")
		if got.status != tc.status || !told {
			t.Errorf("qcerr %s: exit %d, want %d; stderr: %s", tc.args, got.status, tc.status, got.stderr)
		}
		if tc.status == exitOK && got.stdout == "" || tc.status == exitUsage && got.stdout != "" {
			t.Errorf("qcerr %s: stdout %q", tc.args, got.stdout)
		}
	}
}

// TestHelp has each command's own help, and the fields that --json prints.
func TestHelp(t *testing.T) {
	for name, cmd := range commands {
		got := qcerr(t, append(strings.Fields(name), "--help")...)
		if want := qcerr(t, append([]string{"help"}, strings.Fields(name)...)...); got != want {
			t.Errorf("help %s prints %q, --help %q", name, want.stdout, got.stdout)
		}
		contains(t, name, got.stdout, cmd.usage, cmd.about)
		if has := strings.Contains(got.stdout, "--class"); has != (name == "list") {
			t.Errorf("help %s names the flag --class: %t", name, has)
		}
		for line := range strings.Lines(got.stdout) {
			if utf8.RuneCountInString(line) > 90 {
				t.Errorf("help %s: a line of %d characters: %s", name, utf8.RuneCountInString(line), line)
			}
		}
	}
	help := qcerr(t, "help").stdout
	for _, word := range strings.Fields("2002 DomainNotFiled codes.DomainNotFiled ResourceUnavailable.CdnHostNoIcp " +
		"Throttled codes.ClassThrottled 502 nonce-age ErrOutcomeUnknown (2002)请求的域名尚未备案") {
		contains(t, "help", help, word)
		if got := qcerr(t, word); got.status != exitOK {
			t.Errorf("%s, which stands in the help, is not explained: %s", word, got.stderr)
		}
	}
	for name := range commands {
		contains(t, "help", help, name)
	}
	for _, v := range []any{codes.Info{}, entry{}, response{}} {
		for _, field := range reflect.VisibleFields(reflect.TypeOf(v)) {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if name != "" && !regexp.MustCompile(`\b`+name+`\b`).MatchString(help) {
				t.Errorf("the help does not name the field %s", name)
			}
		}
	}
	for condition := range conditionTexts {
		contains(t, "help", help, condition)
	}
}

func TestFlagsStandAnywhere(t *testing.T) {
	want := qcerr(t, "--json", "2002").stdout
	for _, args := range [][]string{{"-json", "2002"}, {"2002", "--json"}, {"2002", "--json", "--lang=zh"}} {
		if got := qcerr(t, args...).stdout; got != want {
			t.Errorf("qcerr %q prints\n%s\nwant\n%s", args, got, want)
		}
	}
}

func TestLanguage(t *testing.T) {
	const en, zh = "What to do", "处理办法"
	for _, tc := range []struct {
		env  map[string]string
		args string
		want string
	}{
		{nil, "2002", en},
		{map[string]string{"LANG": "zh_CN.UTF-8"}, "2002", zh},
		{map[string]string{"LANG": "C.UTF-8"}, "2002", en},
		{map[string]string{"LANG": "zhuang"}, "2002", en},
		{map[string]string{"LANG": "zh_CN", "LC_MESSAGES": "en_GB"}, "2002", en},
		{map[string]string{"LC_ALL": "zh", "LC_MESSAGES": "en_GB", "LANG": "de"}, "2002", zh},
		{map[string]string{"LANG": "zh_CN.UTF-8"}, "--lang en 2002", en},
		{nil, "2002 --lang=zh-Hant", zh},
		{nil, "2999 --lang zh", "未知错误码 2999"},
	} {
		got := qcerrWith(t, "", tc.env, strings.Fields(tc.args)...)
		contains(t, tc.args, got.stdout+got.stderr, tc.want)
	}
}

func TestVersion(t *testing.T) {
	got := qcerr(t, "version").stdout
	if !strings.HasPrefix(got, "qcerr ") || !strings.Contains(got, runtime.Version()) {
		t.Errorf("the version is %q", got)
	}
}

// fullDisk takes some bytes and then nothing.
type fullDisk struct{ left int }

func (d *fullDisk) Write(p []byte) (int, error) {
	if len(p) > d.left {
		return d.left, errors.New("no space left on device")
	}
	d.left -= len(p)
	return len(p), nil
}

func TestFullDisk(t *testing.T) {
	for _, args := range []string{"2002", "list", "list --json", "2002 --json", "help", "version"} {
		var stderr bytes.Buffer
		status := run(strings.Fields(args), strings.NewReader(""), &fullDisk{5}, &stderr, os.Getenv)
		if status != exitFail || !strings.Contains(stderr.String(), "cannot write the output: no space") {
			t.Errorf("qcerr %s: exit %d, stderr %q", args, status, stderr.String())
		}
	}
}

// FuzzExplain feeds any bytes to the command, on stdin and as its argument. It
// must end with one of its exit statuses, print valid JSON where that is asked
// for, no control character but line feeds, and no credential that stands in the
// input by its name.
func FuzzExplain(f *testing.F) {
	for _, sample := range samples {
		f.Add(sample.body)
		f.Add("HTTP/1.1 200 OK\r\n\r\n" + sample.body)
	}
	for _, seed := range []string{
		"2002", "-16009", "DomainNotFiled", "ResourceUnavailable.CdnHostNoIcp", "(2002)请求的域名尚未备案", "（- 514）x",
		"HTTP/2 502 \n\n<html>",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1", "error code=4400", "4000 (2002) DomainNotFiled: x",
		`{"code":-16009,"message":"x"}`, "HTTP 502", "ClassThrottled", "nonce-age", "codes.DomainNotFiled", "-", "--",
		"\x00\xff\xfe", "{\"code\":\"\\u001b[2J\"}", "code: 99999999999999999999",
		record + "\nx\n" + record, "code: 0\n(0)",
	} {
		f.Add(seed)
	}
	const secret = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"
	const credential = "&SecretKey=" + secret + "&Signature=" + secret + "&"
	f.Fuzz(func(t *testing.T, input string) {
		if strings.Contains(input, secret) {
			t.Skip()
		}
		for _, text := range []string{input, input + credential} {
			check(t, qcerrWith(t, text, nil, "--lang=zh"), false, secret)
			check(t, qcerrWith(t, text, nil, "--json"), true, secret)
			check(t, qcerr(t, "--json", text+" "), !strings.HasPrefix(text, "-"), secret)
		}
	})
}

func check(t *testing.T, got result, isJSON bool, secret string) {
	t.Helper()
	if (got.status == exitOK) != (got.stderr == "") || got.stdout == "" && got.status == exitOK {
		t.Fatalf("exit status %d with stdout %q and stderr %q", got.status, got.stdout, got.stderr)
	}
	printed := got.stdout + got.stderr
	if strings.Contains(printed, secret) {
		t.Fatalf("the secret is printed: %q", printed)
	}
	isControl := func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f || r >= 0x80 && r < 0xa0 }
	if !utf8.ValidString(printed) || strings.ContainsFunc(printed, isControl) {
		t.Fatalf("invalid or control characters in %q", printed)
	}
	if isJSON && got.stdout != "" && !json.Valid([]byte(got.stdout)) {
		t.Fatalf("no JSON: %s", got.stdout)
	}
}
