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
	fmt.Println(info.Name, info.Product, info.Class)
	fmt.Println(info.EN)
	fmt.Println(info.ZH)
	// Output:
	// DomainNotFiled dsa DomainState
	// the domain has no ICP filing
	// 域名没有 ICP 备案
}

// A Code is found in an error's chain like any sentinel error, and so is a
// Class.
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
	// 9002 InvalidStatProjectID: a project ID in the statistics query is not valid
}

func ExampleText_In() {
	info, _ := codes.Lookup(codes.QuotaExceeded)
	meaning, remedy := info.In("zh_CN.UTF-8")
	fmt.Println(meaning)
	fmt.Println(remedy)
	// Output:
	// 调用次数超出配额
	// 等待一段时间后再调用，并用限流器把请求摊开。长期不够用时申请提高配额。
}

func ExampleLookupV3() {
	for _, code := range []string{
		"ResourceUnavailable.CdnHostNoIcp",
		"RequestLimitExceeded.UinLimitExceeded",
		"DryRunOperation",
	} {
		info, _ := codes.LookupV3(code)
		fmt.Printf("%s %v %d: %s\n", info.Code, info.Class, info.V2, info.EN)
	}
	// Output:
	// ResourceUnavailable.CdnHostNoIcp DomainState [2002]: the domain has no ICP filing
	// RequestLimitExceeded Throttled [4400]: the quota of calls is used up
	// DryRunOperation Invalid []: a dry run: the request would succeed, and nothing was executed
}
