package envelope

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
)

// compressor is a writer of one of the codings.
type compressor interface {
	io.WriteCloser
	Flush() error
}

var codings = []struct {
	name, header string
	compress     func(io.Writer) compressor
}{
	{"gzip", "gzip", func(w io.Writer) compressor { return gzip.NewWriter(w) }},
	{"x-gzip", " X-GZIP ", func(w io.Writer) compressor { return gzip.NewWriter(w) }},
	{"gzip with a header", "gzip", func(w io.Writer) compressor {
		z := gzip.NewWriter(w)
		z.Name, z.Comment, z.Extra = "answer.json", "comment", []byte("extra")
		return z
	}},
	{"zlib", "deflate", func(w io.Writer) compressor { return zlib.NewWriter(w) }},
	{"bare deflate", "deflate", bare(flate.DefaultCompression)},
	{"bare deflate, stored", "Deflate", bare(flate.NoCompression)},
}

func bare(level int) func(io.Writer) compressor {
	return func(w io.Writer) compressor {
		z, err := flate.NewWriter(w, level)
		if err != nil {
			panic(err)
		}
		return z
	}
}

// compressed compresses the parts, with a flush between.
func compressed(t testing.TB, compress func(io.Writer) compressor, parts ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := compress(&b)
	for i, part := range parts {
		if i > 0 {
			if err := z.Flush(); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := io.WriteString(z, part); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// peekCoded is peek for a body with a Content-Encoding.
func peekCoded(t testing.TB, header, raw string, src io.Reader, window int) Result {
	t.Helper()
	resp := respond(src)
	resp.Header.Set("Content-Encoding", header)
	resp.ContentLength = int64(len(raw))
	res := *Peek(resp, window)
	got, err := io.ReadAll(resp.Body)
	if err != nil || string(got) != raw {
		t.Errorf("the body came as %.100q, %v, want %.100q", got, err, raw)
	}
	if resp.Header.Get("Content-Encoding") != header || resp.ContentLength != int64(len(raw)) {
		t.Errorf("the response has become %+v", resp)
	}
	return res
}

func TestCodings(t *testing.T) {
	for _, c := range codings {
		for _, s := range complete() {
			raw := compressed(t, c.compress, s.body)
			for _, src := range []io.Reader{strings.NewReader(raw), iotest.OneByteReader(strings.NewReader(raw)), iotest.DataErrReader(strings.NewReader(raw))} {
				res := peekCoded(t, c.header, raw, src, 0)
				if res.Outcome == Failure && (!strings.HasPrefix(raw, string(res.Body)) || len(res.Body) == 0) {
					t.Errorf("%s: %s: Body %.50q", c.name, s.name, res.Body)
				}
				res.Body = nil
				check(t, c.name+": "+s.name, res, s)
			}
		}
		for name, body := range notJSON {
			raw := compressed(t, c.compress, body)
			if res := peekCoded(t, c.header, raw, strings.NewReader(raw), 0); res.Outcome == Success || res.Outcome == Failure {
				t.Errorf("%s: %s: %v", c.name, name, res.Outcome)
			}
		}
	}
}

// Where the server flushes, the answer is known before the rest has come.
func TestCodingsStream(t *testing.T) {
	for _, c := range codings {
		raw := compressed(t, c.compress, `{"code":0,"data":[`, `1]}`)
		flushed := raw[:len(compressed(t, c.compress, `{"code":0,"data":[`, ""))]
		cut := strings.LastIndex(flushed, "\x00\x00\xff\xff") + 4
		src := io.MultiReader(strings.NewReader(raw[:cut]), iotest.ErrReader(errors.New("read too far")))
		resp := respond(src)
		resp.Header.Set("Content-Encoding", c.header)
		if res := Peek(resp, 0); res.Outcome != Success {
			t.Errorf("%s: %v, %v", c.name, res.Outcome, res.Err)
		}
	}
}

// A coded body that ends too early or breaks is Broken, and one whose answer
// was complete before is not.
func TestCodingsCut(t *testing.T) {
	reset := errors.New("connection reset")
	body := `{"code":4000,"message":"(2000)加速域名不存在","codeDesc":"InvalidParameter"}`
	for _, c := range codings {
		raw := compressed(t, c.compress, body)
		decided := false
		for i := 1; i < len(raw); i++ {
			ended := peekCoded(t, c.header, raw[:i], strings.NewReader(raw[:i]), 0)
			resp := respond(io.MultiReader(strings.NewReader(raw[:i]), iotest.ErrReader(reset)))
			resp.Header.Set("Content-Encoding", c.header)
			broken := Peek(resp, 0)
			if got, err := io.ReadAll(resp.Body); string(got) != raw[:i] || err != reset {
				t.Fatalf("%s, reset: came as %q, %v", c.name, got, err)
			}
			decided = decided || ended.Outcome == Failure
			if decided {
				if ended.Outcome != Failure || broken.Outcome != Failure {
					t.Fatalf("%s, cut at %d of %d: %v, %v", c.name, i, len(raw), ended.Outcome, broken.Outcome)
				}
				continue
			}
			if ended.Outcome != Broken || ended.Err != io.ErrUnexpectedEOF || broken.Outcome != Broken || broken.Err != reset {
				t.Fatalf("%s, cut at %d of %d: %v, %v; %v, %v", c.name, i, len(raw), ended.Outcome, ended.Err, broken.Outcome, broken.Err)
			}
		}
	}
}

// The coding is right and the text in it is not, or the text is not coded.
func TestCodingsCorrupt(t *testing.T) {
	for _, c := range codings {
		text := `{"data":"` + strings.Repeat("abc", 500)
		raw := compressed(t, c.compress, text)
		if res := peekCoded(t, c.header, raw, strings.NewReader(raw), 0); res.Outcome != Broken || res.Err != io.ErrUnexpectedEOF {
			t.Errorf("%s, text ends: %v, %v", c.name, res.Outcome, res.Err)
		}
		for _, raw := range []string{`{"code":4000}`, "", "\x78\xbb" + raw, "\x88\x1c" + raw, "\x1f\x8b\x09" + raw, "\x06"} {
			if res := peekCoded(t, c.header, raw, strings.NewReader(raw), 0); res.Outcome != None && res.Outcome != Broken {
				t.Errorf("%s, %.20q: %v, %v", c.name, raw, res.Outcome, res.Err)
			}
		}
	}
	short := compressed(t, codings[0].compress, `{"code":4`)
	whole := compressed(t, codings[0].compress, `{"data":1,`, `"code":4000}`)
	for name, raw := range map[string]string{
		"gzip header":   `{"code":4000}`,
		"gzip checksum": short[:len(short)-8] + "\x00\x00\x00\x00" + short[len(short)-4:],
		"gzip block":    whole[:25] + "\xff\xff\xff\xff" + whole[29:],
	} {
		if res := peekCoded(t, "gzip", raw, strings.NewReader(raw), 0); res.Outcome != None || res.Err != nil {
			t.Errorf("%s: %v, %v", name, res.Outcome, res.Err)
		}
	}
	for name, raw := range map[string]string{
		"preset dictionary": "\x78\xbb\x00\x00\x00\x00",
		"zlib check":        "\x78\x9d\x00",
		"zlib window":       "\x88\x1c\x00",
		"block type":        "\x07",
	} {
		if res := peekCoded(t, "deflate", raw, strings.NewReader(raw), 0); res.Outcome != None || res.Err != nil {
			t.Errorf("%s: %v, %v", name, res.Outcome, res.Err)
		}
	}
}

func TestCodedTrailingGarbage(t *testing.T) {
	for _, c := range codings {
		raw := compressed(t, c.compress, `{"code":4000}`) + "garbage"
		if res := peekCoded(t, c.header, raw, strings.NewReader(raw), 0); res.Outcome != Failure {
			t.Errorf("%s: %v, %v", c.name, res.Outcome, res.Err)
		}
	}
	gz := codings[0].compress
	raw := compressed(t, gz, `{"code":`) + compressed(t, gz, "") + compressed(t, gz, `4000}`)
	if res := peekCoded(t, "gzip", raw, strings.NewReader(raw), 0); res.Outcome != Failure || res.Envelope != code4000("") {
		t.Errorf("several members: %v, %+v", res.Outcome, res.Envelope)
	}
}

// A bomb is read no further than the window, before and after decompression.
func TestBombs(t *testing.T) {
	const window = 16 << 10
	text := `{"data":"` + strings.Repeat("0", 1<<20)
	for _, c := range codings {
		if c.name == "bare deflate, stored" {
			continue
		}
		raw := compressed(t, c.compress, text)
		read := 0
		src := strings.NewReader(raw)
		resp := respond(readerFunc(func(p []byte) (int, error) {
			n, err := src.Read(p)
			read += n
			return n, err
		}))
		resp.Header.Set("Content-Encoding", c.header)
		res := Peek(resp, window)
		if res.Outcome != TooLarge || read > window {
			t.Errorf("%s: %v after %d bytes", c.name, res.Outcome, read)
		}
		if got, err := io.ReadAll(resp.Body); string(got) != raw || err != nil {
			t.Errorf("%s: came otherwise: %v", c.name, err)
		}
	}
}

// What does not shrink is bounded as well: by the raw bytes.
func TestCodedWindow(t *testing.T) {
	body := string(codeLast(8 << 10))
	raw := compressed(t, bare(flate.NoCompression), body)
	if res := peekCoded(t, "deflate", raw, strings.NewReader(raw), len(body)); res.Outcome != TooLarge {
		t.Errorf("raw bytes over the window: %v", res.Outcome)
	}
	if res := peekCoded(t, "deflate", raw, strings.NewReader(raw), len(raw)); res.Outcome != Success {
		t.Errorf("within the window: %v", res.Outcome)
	}
	header := compressed(t, func(w io.Writer) compressor {
		z := gzip.NewWriter(w)
		z.Comment = strings.Repeat("c", 1<<10)
		return z
	}, `{"code":4000}`)
	if res := peekCoded(t, "gzip", header, strings.NewReader(header), 100); res.Outcome != TooLarge {
		t.Errorf("header over the window: %v", res.Outcome)
	}
	failure := `{"code":4000,"data":"` + strings.Repeat("0", 8<<10) + `"}`
	raw = compressed(t, codings[0].compress, failure)
	res := peekCoded(t, "gzip", raw, strings.NewReader(raw), 1<<10)
	if res.Outcome != Failure || res.Envelope != code4000("") {
		t.Errorf("known failure: %v, %+v", res.Outcome, res.Envelope)
	}
}

// net/http's own decompression leaves nothing to see through.
func TestUncompressedByTransport(t *testing.T) {
	resp := respond(strings.NewReader(`{"code":4000}`))
	resp.Uncompressed = true
	if res := Peek(resp, 0); res.Outcome != Failure || !resp.Uncompressed {
		t.Errorf("%v, %t", res.Outcome, resp.Uncompressed)
	}
	if codingOf(http.Header{"Content-Encoding": {""}}) != identity {
		t.Error("an empty Content-Encoding is a coding")
	}
}
