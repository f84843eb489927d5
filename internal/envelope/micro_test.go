package envelope

import (
	"net/http"
	"testing"
)

func BenchmarkMicro(b *testing.B) {
	first, last := codeFirst(300), codeLast(300)
	b.Run("feedfirst", func(b *testing.B) {
		for b.Loop() {
			s := scanner{stopEarly: true}
			s.feed(first)
		}
	})
	b.Run("feedlast", func(b *testing.B) {
		for b.Loop() {
			s := scanner{stopEarly: true}
			s.feed(last)
		}
	})
	b.Run("nested", func(b *testing.B) {
		for b.Loop() {
			s := scanner{state: inNested, depth: 1}
			s.skipNested(last[9:], 0)
		}
	})
	b.Run("maychange", func(b *testing.B) {
		for b.Loop() {
			s := scanner{stopEarly: true}
			s.mayChange(first[10:])
		}
	})
	tail := []byte(`{"data":1,"message":"","codeDesc":"Success","code":0}`)
	b.Run("tail", func(b *testing.B) {
		for b.Loop() {
			s := scanner{stopEarly: true}
			s.feed(tail)
		}
	})
	resp := &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}}
	resp.Body = new(memory)
	b.Run("eligible", func(b *testing.B) {
		for b.Loop() {
			if codingOf(resp.Header) == opaque || !eligible(resp) {
				b.Fatal()
			}
		}
	})
	b.Run("body", func(b *testing.B) {
		r := &recorder{}
		for b.Loop() {
			sink = newBody(resp.Body, r)
		}
	})
	b.Run("pool", func(b *testing.B) {
		for b.Loop() {
			r := recorder{window: 1000}
			r.room()
			releaseAll(r.first)
		}
	})
	b.Run("calib", func(b *testing.B) {
		for b.Loop() {
			for range 100 {
				x = x*6364136223846793005 + 1442695040888963407
			}
		}
	})
}

var x uint64

var sink any
