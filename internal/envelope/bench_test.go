package envelope

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// answer builds a body of exactly size bytes with data between head and tail.
func answer(size int, head, tail string) []byte {
	var b strings.Builder
	b.WriteString(head)
	b.WriteString(`{"totalCount":12345,"hosts":[`)
	end := size - len(tail) - len("]}")
	for i := 0; ; i++ {
		host := fmt.Sprintf(`{"hostId":%d,"host":"www%d.example.com","status":5,"origin":["192.0.2.%d"],"fee":true}`, 1000+i, i, i%255)
		if i > 0 {
			host = "," + host
		}
		if b.Len()+len(host) > end {
			break
		}
		b.WriteString(host)
	}
	b.WriteString(strings.Repeat(" ", end-b.Len()))
	b.WriteString("]}")
	b.WriteString(tail)
	return []byte(b.String())
}

func codeFirst(size int) []byte {
	return answer(size, `{"code":0,"message":"","codeDesc":"Success","data":`, `}`)
}

func codeLast(size int) []byte {
	return answer(size, `{"data":`, `,"message":"","codeDesc":"Success","code":0}`)
}

// memory is a body in memory that can be used again.
type memory struct{ bytes.Reader }

func (*memory) Close() error { return nil }

// BenchmarkPeek measures what Peek adds to reading a body to its end: compare
// the rows of one body.
func BenchmarkPeek(b *testing.B) {
	bodies := []struct {
		name string
		body []byte
	}{
		{"300B/first", codeFirst(300)},
		{"300B/last", codeLast(300)},
		{"1MiB/first", codeFirst(1 << 20)},
		{"1MiB/last", codeLast(1 << 20)},
	}
	buf := make([]byte, 8<<10)
	for _, bb := range bodies {
		for _, peek := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/peek=%t", bb.name, peek), func(b *testing.B) {
				src := new(memory)
				resp := &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}}
				b.ReportAllocs()
				for b.Loop() {
					src.Reset(bb.body)
					resp.Body = src
					if peek {
						if r := Peek(resp); r.Outcome != Success {
							b.Fatal(r)
						}
					}
					for {
						if _, err := resp.Body.Read(buf); err == io.EOF {
							break
						}
					}
					resp.Body.Close()
				}
			})
		}
	}
}
