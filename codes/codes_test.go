package codes_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

func TestErrorText(t *testing.T) {
	for c, want := range map[codes.Code]string{
		2002:          "2002 DomainNotFiled: the domain has no ICP filing",
		4400:          "4400 QuotaExceeded: the quota of calls is used up",
		777:           "code 777",
		0:             "0 Success",
		-16009:        "code -16009",
		math.MinInt:   "code " + strconv.Itoa(math.MinInt),
		codes.Code(4): "code 4",
	} {
		if got := c.Error(); got != want {
			t.Errorf("Code(%d).Error() = %q, want %q", int(c), got, want)
		}
	}
}

// A code of the gateway is judged before a module's: one too many hides what a
// module said, one too few has a call repeated by what the brackets hold.
func TestGateway(t *testing.T) {
	gateway := []codes.Code{4100, 4101, 4102, 4103, 4104, 4105, 4106, 4110, 4200, 4300, 4400, 4500, 4600, 6100, 6200}
	for _, info := range codes.All() {
		if got, want := info.Code.Gateway(), slices.Contains(gateway, info.Code); got != want {
			t.Errorf("%v: %t", info.Code, got)
		}
	}
	if codes.Code(0).Gateway() || codes.Code(777).Gateway() {
		t.Error("a number of no table is one of the gateway's")
	}
}

func TestIsDistinguishesTwins(t *testing.T) {
	err := errors.Join(errors.New("call failed"), codes.InvalidProjectID)
	if !errors.Is(err, codes.Code(2130)) {
		t.Error("2130 does not match its own number")
	}
	if errors.Is(err, codes.InvalidStatProjectID) {
		t.Error("2130 matches its twin 9002, so a program cannot tell them apart")
	}
	var c codes.Code
	if !errors.As(err, &c) || c != 2130 {
		t.Errorf("errors.As gave %d, want 2130", int(c))
	}
}

func TestLookupUnknown(t *testing.T) {
	for _, c := range []codes.Code{0, 1, -1, 999, 4107, 10110, 10111, 10114, math.MinInt, math.MaxInt} {
		if info, ok := codes.Lookup(c); ok || !reflect.DeepEqual(info, codes.Info{}) {
			t.Errorf("Lookup(%d) = %+v, %t; want nothing", int(c), info, ok)
		}
	}
}

func TestAllIsOrderedAndAgreesWithLookups(t *testing.T) {
	all := codes.All()
	for i, info := range all {
		if i > 0 && all[i-1].Code >= info.Code {
			t.Errorf("%d follows %d", int(info.Code), int(all[i-1].Code))
		}
		if got, ok := codes.Lookup(info.Code); !ok || !reflect.DeepEqual(got, info) {
			t.Errorf("Lookup(%d) = %+v, All has %+v", int(info.Code), got, info)
		}
	}
}

func TestLookupV3(t *testing.T) {
	for code, want := range map[string]string{ // the entry's code and its counterparts
		"ResourceUnavailable.EcdnDomainIsNotOnline":    "ResourceUnavailable.EcdnDomainIsNotOnline [2005 2004]",
		"UnauthorizedOperation.EcdnUserIsSuspended":    "UnauthorizedOperation.EcdnUserIsSuspended [1102 1103]",
		"RequestLimitExceeded":                         "RequestLimitExceeded [4400]",
		"RequestLimitExceeded.UinLimitExceeded":        "RequestLimitExceeded [4400]",
		"InternalError.Foo":                            "InternalError [6000]",
		"InternalError.EcdnDbError.Timeout":            "InternalError.EcdnDbError [1001]", // not its parent's
		"AuthFailure":                                  "AuthFailure []",
		"AuthFailure.Other":                            "AuthFailure []",
		"AuthFailure.InvalidSecretId.":                 "AuthFailure.InvalidSecretId []",
		"MissingParameter.Nested.More":                 "MissingParameter []",
		"ResourceUnavailable.EcdnDomainIsNotOnlineYet": "ResourceUnavailable []",
	} {
		info, ok := codes.LookupV3(code)
		if got := fmt.Sprintf("%s %d", info.Code, info.V2); !ok || got != want {
			t.Errorf("LookupV3(%q) = %s, %t; want %s", code, got, ok, want)
		}
	}
	for _, code := range []string{
		"InternalErrors", "internalerror", "Nobody.InternalError", "", ".", "..", ".InternalError", "4400",
	} {
		if info, ok := codes.LookupV3(code); ok || !reflect.DeepEqual(info, codes.InfoV3{}) {
			t.Errorf("LookupV3(%q) = %+v; want nothing", code, info)
		}
	}
}

// A 3.0 code without a counterpart means what its own row says and is treated as
// its class.
func TestTextsOfV3(t *testing.T) {
	info, _ := codes.LookupV3("MissingParameter")
	meaning, remedy := info.In("en")
	if meaning != "a required parameter is missing" || remedy != codes.ClassInvalid.Text().RemedyEN {
		t.Errorf("%q, %q", meaning, remedy)
	}
	info, _ = codes.LookupV3("ResourceUnavailable.CdnHostNoIcp")
	if v2, _ := codes.Lookup(codes.DomainNotFiled); info.Text != v2.Text {
		t.Errorf("%+v, want the texts of 2002", info.Text)
	}
}

func TestIn(t *testing.T) {
	text := codes.Text{ZH: "义", RemedyZH: "法", EN: "meaning", RemedyEN: "remedy"}
	for lang, chinese := range map[string]bool{
		"zh": true, "zh-CN": true, "zh_CN.UTF-8": true, "ZH": true, "zh.UTF-8": true, "zh@x": true,
		"": false, "en": false, "en-GB": false, "C.UTF-8": false, "zhuang": false, "-zh": false,
	} {
		want := [2]string{"meaning", "remedy"}
		if chinese {
			want = [2]string{"义", "法"}
		}
		if meaning, remedy := text.In(lang); [2]string{meaning, remedy} != want {
			t.Errorf("%q: %q, %q", lang, meaning, remedy)
		}
	}
}

func TestClass(t *testing.T) {
	if codes.Class(0) != codes.ClassUnknown {
		t.Error("the zero Class is no ClassUnknown")
	}
	err := errors.Join(errors.New("call failed"), codes.ClassThrottled)
	if !errors.Is(err, codes.ClassThrottled) || errors.Is(err, codes.ClassBusy) {
		t.Error("errors.Is does not tell classes apart")
	}
	if got := codes.ClassOK + 1; got.String() != "Unknown" || got.Text() != codes.ClassUnknown.Text() {
		t.Errorf("a number of no class: %v %v", got, got.Text())
	}
	for c := range codes.ClassOK + 1 {
		text, err := json.Marshal(c)
		if err != nil || string(text) != `"`+c.Error()+`"` {
			t.Errorf("%v: JSON is %s, %v", c, text, err)
		}
		back := codes.ClassOK
		if err := json.Unmarshal(text, &back); err != nil || back != c {
			t.Errorf("%v: read back as %v, %v", c, back, err)
		}
	}
	c := codes.ClassBusy
	if err := c.UnmarshalText([]byte("throttled")); err != nil || c != codes.ClassThrottled {
		t.Errorf("throttled: %v, %v", c, err)
	}
	for _, name := range []string{"", "ClassBusy", "Stale", "Busy "} {
		if err := c.UnmarshalText([]byte(name)); err == nil || c != codes.ClassThrottled {
			t.Errorf("%q: %v, %v", name, c, err)
		}
	}
}

// What callers get is theirs: a change to it does not reach the next caller, nor
// one at the same time.
func TestResultsAreCopies(t *testing.T) {
	want := codes.All()
	wantV3, _ := codes.LookupV3("RequestLimitExceeded")
	spoil := func(in codes.Info, _ bool) {
		for i := range in.Twins {
			in.Twins[i] = -1
		}
		for i := range in.V3 {
			in.V3[i] = "spoiled"
		}
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for _, info := range codes.All() {
				spoil(codes.Lookup(info.Code))
				spoil(info, true)
			}
			v3, _ := codes.LookupV3(wantV3.Code)
			v3.V2[0] = -1
		})
	}
	wg.Wait()
	v3, _ := codes.LookupV3(wantV3.Code)
	if !reflect.DeepEqual(codes.All(), want) || !reflect.DeepEqual(v3, wantV3) {
		t.Error("a change to a result reached the table")
	}
}

func TestInfoJSON(t *testing.T) {
	info, _ := codes.Lookup(codes.DomainOffline)
	text, err := json.Marshal(info)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"code": 2005.0, "name": "DomainOffline", "class": "DomainState",
		"zh": info.ZH, "en": info.EN, "remedy_zh": info.RemedyZH, "remedy_en": info.RemedyEN,
		"twins": []any{2004.0, 10104.0},
		"v3":    []any{"ResourceUnavailable.EcdnDomainIsNotOnline", "ResourceUnavailable.CdnHostIsNotOnline"},
	}
	if !reflect.DeepEqual(fields, want) {
		t.Errorf("JSON is %s", text)
	}
}

// The counterparts of a code in API 3.0 mean what it means.
func TestCounterpartsHaveOneClass(t *testing.T) {
	for _, info := range codes.All() {
		for _, text := range info.V3 {
			if got := codes.ClassifyV3(text, "").Class; got != info.Class {
				t.Errorf("%s is %v, and its counterpart %d %v", text, got, info.Code, info.Class)
			}
		}
	}
}
