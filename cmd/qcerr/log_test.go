package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

const record = `{"time":"2026-11-28T10:00:00Z","level":"WARN","msg":"gave up","action":"FlushCache",` +
	`"host":"dsa.api.qcloud.com",` +
	`"attempts":5,"status":200,"elapsed":1000,"reason":"attempts","executed":"no",` +
	`"code":4000,"module":2010,"code_desc":"InvalidParameter","class":"Throttled",` +
	`"request_id":"x","error":"(2010)..."}`

func TestRecord(t *testing.T) {
	quoted, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ want, line string }{
		{"2010 TooFrequent", record},
		{"2010 TooFrequent", `{"log":` + string(quoted) + `,"stream":"stderr"}`}, // docker's
		{"2002 DomainNotFiled", `level=WARN msg=x code=4000 module=2002 code_desc=InvalidParameter class=Domain`},
		{"2002 DomainNotFiled", `msg=x api.code=4000 api.module=2002 api.class=Domain`},
		{"2002 DomainNotFiled", `code=4000 code_desc=InvalidParameter class=Domain error="(2002)请求的域名尚未备案"`},
		{"2010 TooFrequent", `module=2010 code=4000`},
		{"4400 QuotaExceeded", `code=4400 code_desc=RequestLimitExceeded class=Throttled error="x"`},
		{"1014 OperationInProgress", `status=200 code_desc=ResourceInUse.EcdnOpInProgress class=Busy`},
		{"HTTP 502 Bad Gateway", `status=502 class=Unavailable error="HTTP 502 Bad Gateway"`},
		{"Network", `attempt=1 class=Network error="EOF"`},
		{"Network", `status=200 class=Network error="unexpected EOF"`},
		{"limiter", `attempts=0 reason=limiter error="the limiter refused"`},
		// 2001 of another product is not DSA's.
		{"4000 InvalidParameter", `host=cvm.api.qcloud.com code=4000 module=2001 class=Invalid error="(2001)x"`},
		{"4000 InvalidParameter", `{"level":"INFO","msg":"x","status":200,"code":4000,"class":"Invalid","error":"no host"}`},
	} {
		e, ok := inRecord(tc.line)
		if !ok || !strings.HasSuffix(e.title, tc.want) {
			t.Errorf("%s: explained as %q, %t, want %q", tc.line, e.title, ok, tc.want)
		}
		if e, ok := find(tc.line); !ok || !strings.HasSuffix(e.title, tc.want) {
			t.Errorf("%s as a text: explained as %q, %t, want %q", tc.line, e.title, ok, tc.want)
		}
	}
	for _, line := range []string{
		"class=Network", "class=first code=7", "reason=limiter error=x", "reason=weather attempts=3",
		"status=200 path=/ module=x",
	} {
		if e, ok := inRecord(line); ok {
			t.Errorf("%s: explained as %q", line, e.title)
		}
	}
}

// TestOwnLog reads what LogTo logs of failing calls.
func TestOwnLog(t *testing.T) {
	for name, handler := range map[string]func(io.Writer) slog.Handler{
		"text": func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) },
		"JSON": func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) },
	} {
		var log bytes.Buffer
		api := qcloudtest.NewAPI()
		api.NextFor("CreateDsaHost", 1, qcloudtest.Code(codes.DomainNotFiled))
		api.NextFor("GetDsaHostList", 1, qcloudtest.Code(codes.AuthFailure))
		client := &http.Client{Transport: &qcloudhttp.Transport{
			Base: api.Transport(), Observer: qcloudhttp.LogTo(slog.New(handler(&log))),
		}}
		for _, action := range []string{"CreateDsaHost", "GetDsaHostList"} {
			_, err := client.Get("http://dsa.api.qcloud.com/v2/index.php?Action=" + action)
			if !errors.Is(err, codes.DomainNotFiled) && !errors.Is(err, codes.AuthFailure) {
				t.Fatal(err)
			}
		}
		got := qcerrWith(t, log.String(), nil)
		contains(t, name+" of\n"+log.String(), got.stdout, "2002 DomainNotFiled: ", "Seen: 1 × (lines 1 to 1)",
			"4100 AuthFailure: ", "Seen: 1 × (lines 2 to 2)")
	}
}

func TestLog(t *testing.T) {
	log := strings.Join([]string{
		"INFO started code: 0",
		record,
		"ERROR code=4400",
		`INFO body: {"code":0,"message":""}`,
		"签名 without a code counts in no log",
		"WARN LimitExceeded.EcdnDomainOpTooOften",
		strings.Repeat("long ", 1<<20) + "code=6000 is beyond what is searched",
		`body: {"code":4000,"message":"(2010)x"}`,
		"ERROR code=4400 again\r",
		strings.Repeat("long ", textLimit/5) + "code=6000 is beyond, too",
	}, "\n")
	want := `2010 TooFrequent: %s
  Seen: 3 × (lines 2 to 8)
  What to do: %s
  Class: Throttled: %s
  Retried: yes
  Executed: %s

4400 QuotaExceeded: %s
  Seen: 2 × (lines 3 to 9)
  What to do: %s
  Class: Throttled: %[3]s
  Retried: yes
  Executed: %[4]s
`
	first, _ := codes.Lookup(2010)
	second, _ := codes.Lookup(4400)
	want = fmt.Sprintf(want, first.EN, first.RemedyEN, codes.ClassThrottled.Text().EN, executedTexts["no"].en,
		second.EN, second.RemedyEN)
	got := qcerrWith(t, log, nil)
	if got.stdout != want || got.stderr != "" || got.status != exitOK {
		t.Errorf("exit %d, %s, got\n%s\nwant\n%s", got.status, got.stderr, got.stdout, want)
	}
	var all []entry
	if err := json.Unmarshal([]byte(qcerrWith(t, log+"\n", nil, "--json").stdout), &all); err != nil || len(all) != 2 {
		t.Fatalf("%v in %v", err, all)
	}
	if e := all[0]; e.Code != 2010 || e.Count != 3 || e.First != 2 || e.Last != 8 {
		t.Errorf("the first is %+v", e)
	}
	if got := qcerrWith(t, "one\ntwo\n", nil); got.status != exitFail || !strings.Contains(got.stderr, "no code") {
		t.Errorf("a log without a code: exit %d, %s", got.status, got.stderr)
	}
}

// endless is a log of so many lines that takes no memory, and time for each.
type endless struct {
	lines int
	each  time.Duration
	line  func(i int) string
	at    int
	rest  string
}

func (l *endless) Read(p []byte) (int, error) {
	if l.rest == "" && l.at == l.lines {
		return 0, io.EOF
	}
	if l.rest == "" {
		time.Sleep(l.each)
		l.rest = l.line(l.at) + "\n"
		l.at++
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

func TestLogOfAnyLength(t *testing.T) {
	blank := strings.Repeat(" ", 100<<10)
	log := &endless{lines: 300, line: func(i int) string { // 30 MB
		if i%10 == 9 {
			return "code=4400"
		}
		return blank
	}}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var stdout, stderr bytes.Buffer
	if status := run(nil, log, &stdout, &stderr, func(string) string { return "" }); status != exitOK {
		t.Fatalf("exit %d: %s", status, stderr.String())
	}
	contains(t, "30 MB", stdout.String(), "Seen: 30 × (lines 10 to 300)")
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 8<<20 {
		t.Errorf("%d bytes are held", grown)
	}
}

// TestManyCodes keeps the number of codes that are told apart.
func TestManyCodes(t *testing.T) {
	log := &endless{lines: codesLimit + 7, line: func(i int) string { return fmt.Sprintf("FailedOperation.X%d", i) }}
	var stdout, stderr bytes.Buffer
	run([]string{"--json"}, log, &stdout, &stderr, func(string) string { return "" })
	var all []entry
	if err := json.Unmarshal(stdout.Bytes(), &all); err != nil || len(all) != codesLimit {
		t.Errorf("%d codes, %v", len(all), err)
	}
	contains(t, "stderr", stderr.String(), "7 more lines have other codes than the first 1000")
}

// TestProgress is on stderr after a second, where that is a terminal.
func TestProgress(t *testing.T) {
	for _, tc := range []struct {
		terminal bool
		each     time.Duration
		want     string
	}{
		{true, 100 * time.Millisecond, "\r11 lines\r21 lines\n"},
		{true, 10 * time.Millisecond, ""},
		{false, time.Second, ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			c := &cli{stdout: bufio.NewWriter(&stdout), stderr: &stderr, progress: tc.terminal}
			log := &endless{lines: 25, each: tc.each, line: func(int) string { return "code=4400" }}
			if err := c.explainLog(bufio.NewReader(log)); err != nil || stderr.String() != tc.want {
				t.Errorf("%+v: %v, stderr %q", tc, err, stderr.String())
			}
		})
	}
}

// TestBrokenInput reports a read error wherever it comes.
func TestBrokenInput(t *testing.T) {
	for _, n := range []int{0, 2 * wholeLimit} {
		stdin := io.MultiReader(strings.NewReader(strings.Repeat(strings.Repeat("x", 999)+"\n", n/1000)), broken{})
		var stdout, stderr bytes.Buffer
		status := run(nil, stdin, &stdout, &stderr, func(string) string { return "" })
		if status != exitFail || stdout.Len() > 0 || !strings.Contains(stderr.String(), context.Canceled.Error()) {
			t.Errorf("after %d bytes: exit %d, %q", n, status, stderr.String())
		}
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, context.Canceled }

// TestTerminal takes the null device for one, which is a character device, too.
func TestTerminal(t *testing.T) {
	device, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	var stdout, stderr bytes.Buffer
	status := run(nil, device, &stdout, &stderr, func(string) string { return "" })
	if status != exitUsage || !strings.Contains(stderr.String(), "nothing to explain") {
		t.Errorf("without an argument and a pipe: exit %d, %q", status, stderr.String())
	}
	if !isTerminal(device) || isTerminal(&stderr) {
		t.Errorf("a device is a terminal: %t, a buffer is one: %t", isTerminal(device), isTerminal(&stderr))
	}
}
