package envelope

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

// flushed compresses the parts, with a flush after each.
func flushed(t testing.TB, parts ...string) (raw []string) {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Name, z.Comment, z.Extra = "answer.json", "comment", []byte("extra")
	for _, part := range parts {
		if _, err := io.WriteString(z, part); err != nil {
			t.Fatal(err)
		}
		if err := z.Flush(); err != nil {
			t.Fatal(err)
		}
		raw = append(raw, b.String())
		b.Reset()
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	raw[len(raw)-1] += b.String()
	return raw
}

func zip(t testing.TB, text string) string {
	t.Helper()
	return flushed(t, text)[0]
}

// A body that begins as gzip does is gzip, whether its header says so or not.
func TestGzip(t *testing.T) {
	for _, s := range append(append(complete(), lenient...), notJSON...) {
		raw := zip(t, s.body)
		for _, coding := range []string{"", "gzip", " X-GZIP ", "identity, gzip", "binary"} {
			for _, src := range []io.Reader{
				strings.NewReader(raw), iotest.OneByteReader(strings.NewReader(raw)), iotest.DataErrReader(strings.NewReader(raw)),
			} {
				resp := respond(src)
				resp.Header.Set("Content-Encoding", coding)
				resp.ContentLength = int64(len(raw))
				a := Peek(resp)
				a.ReadRest(t.Context(), 0)
				if a.Outcome != s.outcome || a.Outcome == Failure && a.Envelope() != s.want || a.Err != nil {
					t.Errorf("%s, %s: %v, %v, %+v", coding, s.name, a.Outcome, a.Err, a.Envelope())
				}
				if !strings.HasPrefix(raw, string(a.Body(Window))) || a.Outcome == Failure && len(a.Body(Window)) == 0 {
					t.Errorf("%s: Body %.50q", s.name, a.Body(Window))
				}
				whole(t, resp, raw, nil)
				if resp.Header.Get("Content-Encoding") != coding || resp.ContentLength != int64(len(raw)) {
					t.Errorf("the response has become %+v", resp)
				}
			}
			if len(s.body) > 1000 {
				break
			}
		}
	}
}

// Where the server flushes, the answer is known before the rest has come.
func TestGzipStreams(t *testing.T) {
	raw := flushed(t, `{"code":0,"data":[`, `1]}`)
	resp := respond(io.MultiReader(strings.NewReader(raw[0]), iotest.ErrReader(errors.New("read too far"))))
	if a := Peek(resp); a.Outcome != Success {
		t.Errorf("%v, %v", a.Outcome, a.Err)
	}
}

// A gzip body that ends in order before its code is whole, and not understood;
// one whose connection breaks there is Broken; and later neither matters.
func TestGzipCut(t *testing.T) {
	reset := errors.New("connection reset")
	raw := zip(t, `{"code":4000,"message":"(2000)加速域名不存在","codeDesc":"InvalidParameter"}`)
	decided := false
	for i := 1; i < len(raw); i++ {
		resp := respond(strings.NewReader(raw[:i]))
		ended := Peek(resp)
		whole(t, resp, raw[:i], nil)
		resp = respond(io.MultiReader(strings.NewReader(raw[:i]), iotest.ErrReader(reset)))
		broken := Peek(resp)
		whole(t, resp, raw[:i], reset)
		decided = decided || ended.Outcome == Failure
		switch {
		case decided && ended.Outcome == Failure && broken.Outcome == Failure:
		case !decided && ended.Outcome == Unread && ended.Err == nil && broken.Outcome == Broken && broken.Err == reset:
		default:
			t.Fatalf("cut at %d of %d: %v, %v; %v, %v", i, len(raw), ended.Outcome, ended.Err, broken.Outcome, broken.Err)
		}
	}
	if !decided {
		t.Error("never known for a failure")
	}
}

func TestGzipCorrupt(t *testing.T) {
	short := zip(t, `{"code":4`)
	parts := strings.Join(flushed(t, `{"data":1,`, `"code":4000}`), "")
	for name, raw := range map[string]string{
		"header":   "\x1F\x8B\x09" + short,
		"checksum": short[:len(short)-8] + "\x00\x00\x00\x00" + short[len(short)-4:],
		"block":    parts[:len(parts)-25] + "\xff\xff\xff\xff" + parts[len(parts)-21:],
	} {
		resp := respond(strings.NewReader(raw))
		if a := Peek(resp); a.Outcome != Unread || a.Err != nil {
			t.Errorf("%s: %v, %v", name, a.Outcome, a.Err)
		}
		whole(t, resp, raw, nil)
	}
}

func TestGzipMembersAndGarbage(t *testing.T) {
	for _, raw := range []string{
		zip(t, `{"code":4000}`) + "garbage",
		zip(t, `{"code":4000}`) + strings.Repeat("\x00", 600),
		zip(t, `{"code":`) + zip(t, "") + zip(t, `4000}`),
	} {
		resp := respond(strings.NewReader(raw))
		a := Peek(resp)
		if a.ReadRest(t.Context(), 0); a.Outcome != Failure || a.Envelope() != lone4000 {
			t.Errorf("%q: %v, %+v", raw, a.Outcome, a.Envelope())
		}
		whole(t, resp, raw, nil)
	}
}

// A bomb is read no further than the window, before and after decompression, and
// so is what does not shrink.
func TestGzipWindow(t *testing.T) {
	const window = 16 << 10
	comment := strings.Repeat("c", window)
	var header bytes.Buffer
	z := gzip.NewWriter(&header)
	z.Comment = comment
	z.Write([]byte(`{"code":4000}`))
	z.Close()
	var stored bytes.Buffer
	z, _ = gzip.NewWriterLevel(&stored, gzip.NoCompression)
	z.Write(codeLast(window))
	z.Close()
	for name, c := range map[string]struct {
		raw  string
		want Outcome
	}{
		"bomb":          {zip(t, `{"data":"`+strings.Repeat("0", 1<<20)), Unread},
		"known failure": {zip(t, `{"code":4000,"data":"`+strings.Repeat("0", 1<<20)), Failure},
		"header":        {header.String(), Unread},
		"stored":        {stored.String(), Unread},
	} {
		read := 0
		src := strings.NewReader(c.raw)
		resp := respond(readerFunc(func(p []byte) (int, error) {
			n, err := src.Read(p)
			read += n
			return n, err
		}))
		a := peek(resp, window)
		a.ReadRest(t.Context(), 0)
		if a.Outcome != c.want || read > window || len(a.text.head) > window {
			t.Errorf("%s: %v after %d bytes", name, a.Outcome, read)
		}
		whole(t, resp, c.raw, nil)
	}
}

// A compressed answer that pauses before its message is read on to it, although
// the time for its rest was up meanwhile.
func TestGzipPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		parts := flushed(t, `{"code":4000,`, `"message":"(2001)exists"}`)
		reader, writer := io.Pipe()
		go func() {
			io.WriteString(writer, parts[0])
			time.Sleep(time.Second)
			io.WriteString(writer, parts[1])
			writer.Close()
		}()
		resp := respond(reader)
		a := Peek(resp)
		soon, cancel := context.WithTimeout(t.Context(), 250*time.Millisecond)
		defer cancel()
		if a.ReadRest(soon, Window); a.Outcome != Failure || a.Envelope().HasMessage {
			t.Fatalf("%v, %+v", a.Outcome, a.Envelope())
		}
		if a.ReadMessage(t.Context()); a.Envelope().Module != 2001 {
			t.Errorf("%+v", a.Envelope())
		}
		whole(t, resp, parts[0]+parts[1], nil)
	})
}
