package envelope

import (
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
		a.WriteString(pick(a, "0", "-0", "4000", "-16009", "1.5", "1e3", "0.0", "44.0e2", "18642", "99999999999999999999", "true", "false", "null"))
	case 1:
		a.string(pick(a, "", "0", "5100", "-1", "007", " 1 ", "4.4e3", "AuthFailure", "(2000)加速域名不存在", "(- 514) text", `a"}]\`, `{"code":4000}`, `\\`, "😀"))
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
			a.WriteString(pick(a, "0", "4000", ` "5100" `, `"-1"`, "-16009 ", "4400.0", `"0"`))
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
		a.object(4, "code", "message", "codeDesc", "requestId", "data", "Response", "Code")
		a.space()
		body := []byte(a.String())
		o, e, accepted := reference(body)
		if !accepted {
			t.Fatalf("not JSON: %s", body)
		}
		if got, ok := parseAll(body); ok && got != e || ok != (o == Success || o == Failure) {
			t.Fatalf("seed %d: %s\n got %+v, %t\nwant %+v, %v", seed, body, got, ok, e, o)
		}
		counts[o]++
		fuzzPeek(t, body, Window, a.Rand)
		fuzzPeek(t, body, 1+a.IntN(len(body)), a.Rand)
		damaged := append([]byte(nil), body...)
		damaged[a.IntN(len(body))] = `{}[]",:\x`[a.IntN(9)]
		fuzzPeek(t, damaged, Window, a.Rand)
	}
	for _, o := range []Outcome{None, Success, Failure, Unread} {
		if counts[o] < 300 {
			t.Errorf("the bodies are too much alike: %v", counts)
		}
	}
}
