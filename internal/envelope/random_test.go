package envelope

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// author writes random JSON in which the names of an envelope are frequent.
type author struct {
	*rand.Rand
	strings.Builder
}

func pick[T any](a *author, from ...T) T { return from[a.IntN(len(from))] }

func (a *author) space() {
	for a.IntN(8) == 0 {
		a.WriteString(pick(a, " ", "\n", "\t", "\r\n", "          "))
	}
}

// string writes s, or something like it, with random escapes.
func (a *author) string(s string) {
	a.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			a.WriteString(`\` + string(r))
		case r < 0x10000 && a.IntN(30) == 0:
			fmt.Fprintf(a, pick(a, `\u%04x`, `\u%04X`), r)
		default:
			a.WriteRune(r)
		}
	}
	a.WriteByte('"')
}

func (a *author) scalar() {
	switch a.IntN(3) {
	case 0:
		a.WriteString(pick(a, "0", "-0", "4000", "-16009", "1.5", "1e3", "18642", "99999999999999999999", "true", "false", "null"))
	case 1:
		a.string(pick(a, "", "0", "5100", "-1", "007", " 1", "AuthFailure", "(2000)加速域名不存在", "(- 514) text", `a"}]\`, `{"code":4000}`, `\\`, "😀"))
	default:
		a.string(strings.Repeat(pick(a, "x", `\`, `"`, "域", "[", "}"), a.IntN(40)))
	}
}

func (a *author) value(depth int) {
	a.space()
	switch n := a.IntN(4); {
	case depth <= 0 || n < 2:
		a.scalar()
	case n == 2:
		a.object(depth-1, "code", "message", "Error", "a", "b")
	default:
		a.WriteByte('[')
		for i := range a.IntN(4) {
			if i > 0 {
				a.WriteByte(',')
			}
			a.value(depth - 1)
		}
		a.WriteByte(']')
	}
	a.space()
}

// object writes an object with members of these names.
func (a *author) object(depth int, names ...string) {
	a.WriteByte('{')
	a.space()
	for i := range a.IntN(7) {
		if i > 0 {
			a.WriteByte(',')
		}
		a.space()
		name := pick(a, names...)
		a.string(name)
		a.space()
		a.WriteByte(':')
		switch {
		case name == "code" && a.IntN(3) > 0:
			a.WriteString(pick(a, "0", "4000", ` "5100" `, `"-1"`, "-16009 "))
		case name == "Response" && a.IntN(4) > 0:
			a.space()
			a.object(depth-1, "Error", "RequestId", "RequestId", "Data")
		case name == "Error" && depth > 0 && a.IntN(4) > 0:
			a.space()
			a.object(depth-1, "Code", "Message", "code", "other")
		default:
			a.value(depth)
		}
	}
	a.WriteByte('}')
}

// Wherever encoding/json accepts a body, we agree with it.
func TestRandomJSON(t *testing.T) {
	counts := map[Outcome]int{}
	for seed := range uint64(4000) {
		a := &author{Rand: rand.New(rand.NewPCG(seed, 2))}
		a.space()
		a.object(4, "code", "code", "message", "codeDesc", "requestId", "data", "Response", "Code")
		a.space()
		body := a.String()
		want, accepted := reference([]byte(body))
		if !accepted || !json.Valid([]byte(body)) {
			t.Fatalf("not JSON: %s", body)
		}
		if got, ok := Parse([]byte(body)); got != want || ok != want.Found {
			t.Fatalf("seed %d: %s\n got %+v, %t\nwant %+v", seed, body, got, ok, want)
		}
		counts[outcomeOf(want)]++
		fuzzPlain(t, []byte(body), want, DefaultWindow, a.Rand)
		fuzzPlain(t, []byte(body), want, 1+a.IntN(len(body)), a.Rand)
	}
	if counts[None] < 400 || counts[Success] < 400 || counts[Failure] < 400 {
		t.Errorf("the bodies are too much alike: %v", counts)
	}
}

// A piece is scanned in blocks where it is long enough, and byte by byte where
// it is not: on any text, JSON or not, both come to the same.
func TestBlocksAgree(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	alphabets := []string{`"\{}[]a`, `"{}[],:x`, `""\\域{}`, `aaaaaaaa"}{`, "\"\\\x5b\x7b\xdb\xfb\x22\xa2\x5c\xdc\x00"}
	ends := map[state]int{}
	for range 20000 {
		alphabet := []byte(alphabets[random.IntN(len(alphabets))])
		text := []byte(`{"a":` + strings.Repeat("[", 1+random.IntN(4)))
		for range random.IntN(120) {
			text = append(text, alphabet[random.IntN(len(alphabet))])
		}
		var whole, cut scanner
		whole.feed(text)
		for i := range text {
			cut.feed(text[i : i+1])
		}
		if whole.state != cut.state || whole.state == inNested &&
			(whole.depth != cut.depth || whole.quoted != cut.quoted || whole.escaped != cut.escaped) {
			t.Fatalf("%q\nwhole: %+v\n  cut: %+v", text, whole, cut)
		}
		ends[whole.state]++
	}
	if ends[inNested] < 1000 || len(ends) < 3 {
		t.Errorf("the texts are too much alike: %v", ends)
	}
}

func TestContains(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 20000 {
		text := make([]byte, random.IntN(12))
		for i := range text {
			text[i] = "ab"[random.IntN(2)]
		}
		name := []string{"a", "ab", "aab", "bab", "abba"}[random.IntN(5)]
		rare := random.IntN(len(name))
		if got, want := contains(text, name, rare), strings.Contains(string(text), name); got != want {
			t.Fatalf("%q in %q, by byte %d: %t", name, text, rare, got)
		}
	}
}

// At the limit of depth as well.
func TestBlocksAgreeOnDepth(t *testing.T) {
	for extra := range 40 {
		for _, tail := range []string{"", "]]]]", "[[[[", `"[["`, "[]][", "[ ]"} {
			text := []byte(`{"a":` + strings.Repeat("[", maxDepth-20+extra) + tail)
			var whole, cut scanner
			whole.feed(text)
			for i := range text {
				cut.feed(text[i : i+1])
			}
			if whole.state != cut.state || whole.state == inNested && whole.depth != cut.depth {
				t.Fatalf("%d and %q: %d, depth %d; cut %d, depth %d", extra, tail, whole.state, whole.depth, cut.state, cut.depth)
			}
		}
	}
}
