package envelope

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestUsualSuccess(t *testing.T) {
	long := strings.Repeat(`{"host":"www.example.com","note":"a \"}]\" c"},`, 20) + `{}`
	for body, want := range map[string]bool{
		`{"code":0,"message":""}`:                              true,
		`{"code":0,"data":[` + long + `]}`:                     true,
		`{"code":0,"data":[` + long:                            true, // the rest streams
		`{"data":[` + long + `],"message":"","code":0}`:        true,
		`{"data":[` + long + `],"message":"","code":0}` + "\n": true,
		`{"data":1,"code":4000,"code":0}`:                      true, // the last one wins
		documentedStart + `"data":[],"cod\u0065":4000}`:        true, // see usualSuccess
		documentedStart + `"data":[],"code":4000}`:             false,
		`{"code":0}`: true,

		// These are left to the scanner.
		`{"code":0,"code":4000}`:                          false,
		`{"code":0,"cod\u0065":4000}`:                     false,
		` {"code":0,"a":1}`:                               false,
		`{"detail":{"a":{"code":0}`:                       false,
		`{"detail":{"a":{"code":0}},"code":5100}`:         false,
		`{"detail":{"note":"}}","a":{"code":0}`:           false,
		`{"detail":["]","[",{"code":0}`:                   false,
		`{"code":4000}{"a":1,"code":0}`:                   false,
		`{"code":4000},{"a":1,"code":0}`:                  false,
		`{"message":"a \"code":0}`:                        false,
		`{"message":"a","x\"code":0}`:                     false,
		`{"data":[` + long + `],"message":"x\\\"code":0}`: false,
		`[{"a":1,"code":0}`:                               false,
		`"code":0}`:                                       false,
		``:                                                false,
	} {
		if got := usualSuccess([]byte(body), false); got != want {
			t.Errorf("%s: %t", body, got)
		}
	}
}

func TestUsualSuccessOfWhole(t *testing.T) {
	for body, want := range map[string]bool{
		`{"data":{"a":[1,{"note":"{}[]"}]},"code":0}`:                true,
		`{"detail":{"a":{"code":0}`:                                  false,
		`{"code":4000}{"a":1,"code":0}`:                              false,
		`{"Response":{"Error":{"Code":"X"}}}{"a":1,"code":0}`:        false,
		`{"Response":{"Error":{"Code":"X"},"a":"}"},"b":1,"code":0}`: true, // v2's code wins
	} {
		if got := usualSuccess([]byte(body), true); got != want {
			t.Errorf("%s: %t", body, got)
		}
	}
}

// A body may be cut anywhere, also behind a nested code: only what settles it
// is recognised.
func TestUsualSuccessOfPrefixes(t *testing.T) {
	recognised := map[bool]int{}
	for seed := range uint64(4000) {
		a := &author{Rand: rand.New(rand.NewPCG(seed, 7))}
		if seed%2 == 0 {
			a.WriteString(usualStart + `"data":`)
			a.value(4)
			a.WriteString("}")
		} else {
			a.WriteString(`{"data":`)
			a.value(4)
			a.WriteString(`,"Response":{"Error":{"Code":"X","code":0}},` + usualEnd)
		}
		body := a.String()
		want, accepted := reference([]byte(body))
		if !accepted {
			t.Fatalf("not JSON: %s", body)
		}
		for end := range len(body) + 1 {
			settled := end == len(body) || strings.HasPrefix(body, usualStart)
			if got := usualSuccess([]byte(body[:end]), end == len(body)); got && (!settled || outcomeOf(want) != Success) {
				t.Fatalf("%s: taken for a success of %+v", body[:end], want)
			} else if end == len(body) {
				recognised[got]++
			}
		}
	}
	if recognised[true] < 3000 || recognised[false] < 100 {
		t.Errorf("the bodies are too much alike: %v", recognised)
	}
}
