//go:build !race

package envelope

import (
	"io"
	"net/http"
	"testing"
)

// A success costs one allocation, the small body that replays what was read:
// buffers are pooled. (Under the race detector pools drop things at random.)
func TestAllocs(t *testing.T) {
	for name, body := range map[string][]byte{
		"300 B, code first": codeFirst(300),
		"300 B, code last":  codeLast(300),
		"1 MiB, code first": codeFirst(1 << 20),
	} {
		src := new(memory)
		resp := &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}}
		buf := make([]byte, 8<<10)
		allocs := testing.AllocsPerRun(100, func() {
			src.Reset(body)
			resp.Body = src
			if res := Peek(resp, 0); res.Outcome != Success {
				t.Fatal(res.Outcome)
			}
			for {
				if _, err := resp.Body.Read(buf); err == io.EOF {
					break
				}
			}
			resp.Body.Close()
		})
		if allocs > 1 {
			t.Errorf("%s: %v allocations", name, allocs)
		}
	}
}
