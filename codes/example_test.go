package codes_test

import (
	"errors"
	"fmt"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

func ExampleLookup() {
	info, ok := codes.Lookup(2002)
	if !ok {
		fmt.Println("unknown code")
		return
	}
	fmt.Println(info.Name, info.Scope)
	fmt.Println(info.EN)
	fmt.Println(info.ZH)
	// Output:
	// DomainNotFiled module
	// the domain has no ICP filing
	// 域名没有 ICP 备案
}

// A Code is found in an error's chain like any sentinel error.
func ExampleCode() {
	err := fmt.Errorf("adding www.example.com: %w", codes.DomainNotFiled)

	fmt.Println(err)
	fmt.Println(errors.Is(err, codes.DomainNotFiled))
	fmt.Println(errors.Is(err, codes.DomainExists))
	fmt.Println(codes.Code(777))
	// Output:
	// adding www.example.com: 2002 DomainNotFiled: the domain has no ICP filing
	// true
	// false
	// code 777
}

// A wrong project has two numbers, depending on the part of the API that finds
// it.
func ExampleInfo_twins() {
	info, _ := codes.Lookup(codes.InvalidProjectID)
	for _, twin := range info.Twins {
		fmt.Println(twin)
	}
	// Output:
	// 9002 InvalidStatProjectID: the projectId in the statistics query is not valid
}

func ExampleAll() {
	count := map[codes.Scope]int{}
	for _, info := range codes.All() {
		count[info.Scope]++
	}
	fmt.Println(count[codes.ScopeCommon], "common,", count[codes.ScopeModule], "module")
	// Output:
	// 23 common, 65 module
}

func ExampleByName() {
	info, ok := codes.ByName("replayattack")
	fmt.Printf("%d %s %t\n", info.Code, info.Name, ok)
	// Output:
	// 4500 ReplayAttack true
}

func ExampleFromV3() {
	for _, text := range []string{
		"ResourceUnavailable.CdnHostNoIcp",
		"RequestLimitExceeded.UinLimitExceeded",
		"DryRunOperation",
	} {
		fmt.Printf("%s %d\n", text, codes.FromV3(text))
	}
	// Output:
	// ResourceUnavailable.CdnHostNoIcp [2002]
	// RequestLimitExceeded.UinLimitExceeded [4400]
	// DryRunOperation []
}
