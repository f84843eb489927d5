package request

import "strings"

// zones are the vendor's domains of API hosts. A product's host stands below
// one of them, with a region, "internal" or "intl" between the two where there
// is one: cvm.ap-guangzhou.tencentcloudapi.com.
var zones = []string{
	".api.qcloud.com", ".api.tencentyun.com",
	".tencentcloudapi.com", ".tencentcloudapi.cn", ".tencentcloudapi.com.cn",
}

// Host returns the product that a host of the vendor's serves, and the region
// that its name holds, where it holds one. The product of every other host,
// such as a test server or a proxy, is "".
func Host(host string) (product, region string) {
	host, _, _ = strings.Cut(Canonical(host), ":")
	if host == "vod2.qcloud.com" {
		return "vod", ""
	}
	for _, zone := range zones {
		if labels, ok := strings.CutSuffix(host, zone); ok {
			product, rest, _ := strings.Cut(labels, ".")
			for label := range strings.SplitSeq(rest, ".") {
				if strings.Contains(label, "-") {
					region = label
				}
			}
			return product, region
		}
	}
	return "", ""
}

// Canonical is one spelling of a host: in lower case, without the dot that ends
// a fully qualified name, and without the port 443 or 80.
func Canonical(host string) string {
	host = strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(host), ":443"), ":80")
	if name, port, found := strings.Cut(host, ".:"); found {
		return name + ":" + port
	}
	return strings.TrimSuffix(host, ".")
}
