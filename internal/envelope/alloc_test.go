package envelope

import (
	"io"
	"net/http"
	"testing"
)

// A success costs one allocation, the body with its first buffer, and one more
// where its code comes after the first 400 bytes.
func TestAllocs(t *testing.T) {
	for _, c := range []struct {
		name string
		body []byte
		want float64
	}{
		{"300 B, code first", codeFirst(300), 1},
		{"300 B, code last", codeLast(300), 1},
		{"1 MiB, code first", codeFirst(1 << 20), 1},
		{"1 MiB, code last", codeLast(1 << 20), 2},
		{"4 KiB of 3.0", answer(4<<10, `{"Response":{"RequestId":"r","Data":`, `}}`), 1},
	} {
		src := new(memory)
		resp := &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}}
		buf := make([]byte, 8<<10)
		allocs := testing.AllocsPerRun(100, func() {
			src.Reset(c.body)
			resp.ContentLength = int64(len(c.body))
			resp.Body = src
			if res := Peek(resp); res.Outcome != Success {
				t.Fatal(res.Outcome)
			}
			for {
				if _, err := resp.Body.Read(buf); err == io.EOF {
					break
				}
			}
			resp.Body.Close()
		})
		if allocs > c.want {
			t.Errorf("%s: %v allocations", c.name, allocs)
		}
	}
}
