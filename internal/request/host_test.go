package request_test

import (
	"testing"

	"github.com/qcloudhttp/qcloudhttp/internal/request"
)

func TestHost(t *testing.T) {
	for host, want := range map[string]struct{ product, region string }{
		"dsa.api.qcloud.com": {"dsa", ""}, "ecdn.tencentcloudapi.com": {"ecdn", ""}, "dsa.example.com": {},
		"cdn.ap-guangzhou.tencentcloudapi.com:443": {"cdn", "ap-guangzhou"}, "CVM.API.QCLOUD.COM": {"cvm", ""},
		"127.0.0.1:80": {}, "proxy.example.com": {}, "": {}, "api.qcloud.com.example.com": {}, "[::1]:80": {},
		"cvm.api.qcloud.com.": {"cvm", ""}, "cvm.api.qcloud.com.:443": {"cvm", ""},
		"cvm.tencentcloudapi.com:8443": {"cvm", ""}, "cvm.internal.tencentcloudapi.com": {"cvm", ""},
		"cvm.intl.tencentcloudapi.com": {"cvm", ""}, "cvm.tencentcloudapi.cn": {"cvm", ""},
		"cvm.ap-guangzhou.internal.tencentcloudapi.com.cn": {"cvm", "ap-guangzhou"},
		"cmq-queue-gz.api.tencentyun.com":                  {"cmq-queue-gz", ""},
		"vod2.qcloud.com":                                  {"vod", ""}, "tencentcloudapi.com": {}, "eviltencentcloudapi.com": {},
	} {
		if product, region := request.Host(host); product != want.product || region != want.region {
			t.Errorf("%q: got %q, %q", host, product, region)
		}
	}
}

func TestCanonical(t *testing.T) {
	for host, want := range map[string]string{
		"CVM.tencentcloudapi.com.:443": "cvm.tencentcloudapi.com", "cvm.tencentcloudapi.com.": "cvm.tencentcloudapi.com",
		"h:80": "h", "h:8080": "h:8080", "h.:8080": "h:8080", "[::1]:8080": "[::1]:8080", "": "",
	} {
		if got := request.Canonical(host); got != want {
			t.Errorf("%q: got %q", host, got)
		}
	}
}
