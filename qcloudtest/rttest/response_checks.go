package rttest

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
)

var responseChecks = []Check{
	{Name: "ResponsePassed", f: responsePassed,
		Doc: "Status, protocol, headers, lengths, TransferEncoding and Uncompressed of a response come back as they were."},
	{Name: "ResponseBody", f: responseBody,
		Doc: "A body comes back byte-identical, however it is read, and ends by io.EOF."},
	{Name: "TruncatedBody", f: truncatedBody,
		Doc: "A body that breaks off keeps its bytes and its error, or the call returns that error."},
	{Name: "Head", f: head,
		Doc: "The answer to HEAD comes back with its ContentLength and an empty Body."},
	{Name: "NoContent", f: noContent,
		Doc: "204, 304 and an empty 200 come back with an empty Body, not a nil one."},
	{Name: "StreamsResponse", f: streamsResponse,
		Doc: "The first bytes of an event stream reach the caller before the last are sent."},
	{Name: "CloseUnblocksRead", f: closeUnblocksRead,
		Doc: "A body can be closed while it is being read, and the Read then ends, as net/http's do."},
	{Name: "ReadableAfterReturn", f: readableAfterReturn,
		Doc: "The context of the attempt does not end before the response's body is closed."},
}

// ok answers by one response.
func ok(contentType, body string, change ...func(*http.Response)) func(int, *http.Request) (*http.Response, error) {
	return func(_ int, r *http.Request) (*http.Response, error) {
		resp := respond(r, http.StatusOK, contentType, body)
		for _, f := range change {
			f(resp)
		}
		return resp, nil
	}
}

func responsePassed(e *env) error {
	for _, change := range []func(*http.Response){
		func(*http.Response) {},
		func(r *http.Response) { r.Status, r.StatusCode = "201 Made", http.StatusCreated },
		func(r *http.Response) { r.Status, r.StatusCode = "206 Partial Content", http.StatusPartialContent },
		func(r *http.Response) { r.ContentLength, r.TransferEncoding = -1, []string{"chunked"} },
		func(r *http.Response) { r.ContentLength, r.Uncompressed = -1, true },
		func(r *http.Response) { r.Proto, r.ProtoMajor, r.ProtoMinor, r.Close = "HTTP/1.0", 1, 0, true },
		func(r *http.Response) { r.Header["X-Many"] = []string{"one", "two"} },
		func(r *http.Response) { r.Header["x-odd key"] = []string{""} },
	} {
		answer := ok("application/json", success, change)
		res := e.call(&base{answer: answer}, e.get())
		res.close()
		if res.broken != nil {
			return res.broken
		}
		if res.err != nil {
			return res.err
		}
		want, _ := answer(1, nil)
		got := *res.resp
		got.Body, got.Request, want.Body, want.Request = nil, nil, nil, nil
		if !reflect.DeepEqual(got, *want) {
			return fmt.Errorf("the response is %+v, base's %+v", got, *want)
		}
	}
	return nil
}

// payload is a response's body with its headers.
type payload struct{ name, contentType, encoding, body string }

func (e *env) payloads() []payload {
	large := strings.Repeat("large body ", e.cfg.Long/11)
	return []payload{
		{"success", "application/json", "", success},
		{"success, code last", "application/json", "", `{"data":{"a":[1,2,{"code":9}]},"code":0}`},
		{"API 3.0", "application/json", "", `{"Response":{"TotalCount":1,"RequestId":"r"}}`},
		{"no envelope", "application/json", "", `[1,2,3]`},
		{"BOM and space", "application/json", "", "\ufeff \r\n" + success + "\n\n"},
		{"HTML", "text/html", "", "<!doctype html><p>hello</p>"},
		{"bytes", "application/octet-stream", "", "\x00\xff{\"code\":4000}\x00"},
		{"no type", "", "", "plain"},
		{"white space", "application/json", "", strings.Repeat(" ", 10_000)},
		{"large", "text/plain", "", large},
		{"large, code first", "application/json", "", `{"code":0,"data":"` + large + `"}`},
		{"large, code last", "application/json", "", `{"data":"` + large + `","code":0}`},
		{"gzip", "application/json", "gzip", zip(success)},
		{"gzip, large", "application/json", "gzip", zip(`{"data":"` + large + `","code":0}`)},
		{"gzip, in name only", "application/json", "gzip", "no gzip at all"},
		{"unknown coding", "application/json", "br", "\x8b\x02\x80"},
	}
}

func zip(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, s)
	w.Close()
	return b.String()
}

func responseBody(e *env) error {
	for _, p := range e.payloads() {
		for name, read := range map[string]func(io.Reader) ([]byte, error){
			"io.ReadAll": io.ReadAll, "byte by byte": readBytewise, "io.Copy": readByCopy,
		} {
			res := e.call(&base{answer: ok(p.contentType, p.body, func(r *http.Response) {
				if p.encoding != "" {
					r.Header.Set("Content-Encoding", p.encoding)
				}
			})}, e.get())
			if res.broken != nil {
				return fmt.Errorf("%s: %w", p.name, res.broken)
			}
			if res.err != nil {
				return fmt.Errorf("%s: %w", p.name, res.err)
			}
			got, err := read(res.resp.Body)
			_, end := res.resp.Body.Read(make([]byte, 1))
			res.close()
			switch {
			case err != nil:
				return fmt.Errorf("%s, %s: %w", p.name, name, err)
			case string(got) != p.body:
				return fmt.Errorf("%s, %s: %d bytes came back that are not the %d sent", p.name, name, len(got), len(p.body))
			case end != io.EOF:
				return fmt.Errorf("%s, %s: the body ends by %v", p.name, name, end)
			}
		}
	}
	return nil
}

// readBytewise reads the first bytes one by one, and the others faster.
func readBytewise(r io.Reader) ([]byte, error) {
	var all []byte
	one := make([]byte, 1)
	for len(all) < 1000 {
		n, err := r.Read(one)
		all = append(all, one[:n]...)
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return all, err
		}
	}
	rest, err := io.ReadAll(r)
	return append(all, rest...), err
}

func readByCopy(r io.Reader) ([]byte, error) {
	var b bytes.Buffer
	_, err := io.Copy(struct{ io.Writer }{&b}, r)
	return b.Bytes(), err
}

func truncatedBody(e *env) error {
	for _, p := range e.payloads() {
		if p.contentType == "" {
			continue
		}
		cut := p.body[:len(p.body)/2]
		res := e.call(&base{answer: func(_ int, r *http.Request) (*http.Response, error) {
			resp := respond(r, http.StatusOK, p.contentType, p.body)
			if p.encoding != "" {
				resp.Header.Set("Content-Encoding", p.encoding)
			}
			resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(cut), brokenReader{}))
			return resp, nil
		}}, e.get())
		if res.broken != nil {
			return fmt.Errorf("%s: %w", p.name, res.broken)
		}
		err := res.err
		if err == nil {
			var got []byte
			got, err = io.ReadAll(res.resp.Body)
			res.close()
			if string(got) != cut {
				return fmt.Errorf("%s: %d bytes came back that are not the %d that arrived", p.name, len(got), len(cut))
			}
		}
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("%s: the body broke off by io.ErrUnexpectedEOF, the caller got %v", p.name, err)
		}
	}
	return nil
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
