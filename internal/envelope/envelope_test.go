package envelope

import (
	"strings"
	"testing"
)

// sample is a body and what it says: a zero want means no envelope.
type sample struct {
	name, body string
	want       Envelope
}

// documented are the samples of the vendor's documents and clients.
var documented = []sample{
	{"success", `{"code":0,"message":"","codeDesc":"Success","data":[]}`,
		Envelope{Found: true, CodeDesc: "Success"}},
	{"module code", `{"code":4000,"message":"(2000)加速域名不存在","codeDesc":"InvalidParameter"}`,
		Envelope{Found: true, Code: 4000, CodeDesc: "InvalidParameter", Message: "(2000)加速域名不存在", Module: 2000, HasModule: true, Text: "加速域名不存在"}},
	{"English", `{"code":4000,"message":"(2000) Accelerated domain name does not exist","codeDesc":"InvalidParameter"}`,
		Envelope{Found: true, Code: 4000, CodeDesc: "InvalidParameter", Message: "(2000) Accelerated domain name does not exist", Module: 2000, HasModule: true, Text: "Accelerated domain name does not exist"}},
	{"certificate", `{"code":4000,"message":"(3003)证书与私钥不匹配","codeDesc":"InvalidParameter"}`,
		Envelope{Found: true, Code: 4000, CodeDesc: "InvalidParameter", Message: "(3003)证书与私钥不匹配", Module: 3003, HasModule: true, Text: "证书与私钥不匹配"}},
	{"no bracket", `{"code":4000,"message":"请求失败，参数[hostId]不能为空。","codeDesc":"InvalidParameter"}`,
		Envelope{Found: true, Code: 4000, CodeDesc: "InvalidParameter", Message: "请求失败，参数[hostId]不能为空。", Text: "请求失败，参数[hostId]不能为空。"}},
	{"authentication", `{"code":4100,"message":"鉴权失败，请参考文档中鉴权部分。","codeDesc":"AuthFailure"}`,
		Envelope{Found: true, Code: 4100, CodeDesc: "AuthFailure", Message: "鉴权失败，请参考文档中鉴权部分。", Text: "鉴权失败，请参考文档中鉴权部分。"}},
	{"quota", `{"code":4400,"message":"请求超过限额配置，请稍后重试。","codeDesc":"RequestLimitExceeded"}`,
		Envelope{Found: true, Code: 4400, CodeDesc: "RequestLimitExceeded", Message: "请求超过限额配置，请稍后重试。", Text: "请求超过限额配置，请稍后重试。"}},
	{"another product", `{"code":4000,"message":"(12003)该负载均衡在执行其他操作","codeDesc":"IncorrectStatus.LBWrongStatus"}`,
		Envelope{Found: true, Code: 4000, CodeDesc: "IncorrectStatus.LBWrongStatus", Message: "(12003)该负载均衡在执行其他操作", Module: 12003, HasModule: true, Text: "该负载均衡在执行其他操作"}},
	{"negative module", `{"code":5100,"message":"(-1)服务内部错误，请稍后重试或联系客服人员解决。","codeDesc":"ResourceOpFailed"}`,
		Envelope{Found: true, Code: 5100, CodeDesc: "ResourceOpFailed", Message: "(-1)服务内部错误，请稍后重试或联系客服人员解决。", Module: -1, HasModule: true, Text: "服务内部错误，请稍后重试或联系客服人员解决。"}},
	{"no codeDesc", `{"code":5100,"message":"(100004)projectId不正确"}`,
		Envelope{Found: true, Code: 5100, Message: "(100004)projectId不正确", Module: 100004, HasModule: true, Text: "projectId不正确"}},
	{"string code", `{"code":"5100","message":"(100004)projectId不正确"}`,
		Envelope{Found: true, Code: 5100, Message: "(100004)projectId不正确", Module: 100004, HasModule: true, Text: "projectId不正确"}},
	{"string zero", `{"code":"0","message":""}`, Envelope{Found: true}},
	{"number as requestId", `{"code":0,"message":"","codeDesc":"Success","requestId":18642}`,
		Envelope{Found: true, CodeDesc: "Success", RequestID: "18642"}},
	{"nested code", `{"code":0,"message":"success","detail":{"qcvm6a45":{"code":0,"message":"","requestId":"1231231231231"}}}`,
		Envelope{Found: true, Message: "success", Text: "success"}},
	{"negative code", `{"code":-16009,"message":"(- 514) text"}`,
		Envelope{Found: true, Code: -16009, Message: "(- 514) text", Module: -514, HasModule: true, Text: "text"}},
	{"codeDesc before message", `{"codeDesc":"InvalidParameter","message":"(-1) text","code":4000}`,
		Envelope{Found: true, Code: 4000, CodeDesc: "InvalidParameter", Message: "(-1) text", Module: -1, HasModule: true, Text: "text"}},
	{"the error page's example", "{\n    \"code\": 4000,\n    \"message\": \"(2000)加速域名不存在\",\n    \"codeDesc\": \"InvalidParameter\"\n}",
		Envelope{Found: true, Code: 4000, CodeDesc: "InvalidParameter", Message: "(2000)加速域名不存在", Module: 2000, HasModule: true, Text: "加速域名不存在"}},
	{"parts", `{"code":5400,"message":"","codeDesc":"","detail":{"a":{"code":0,"message":""},"b":{"code":5100,"message":"(2000)x"}}}`,
		Envelope{Found: true, Code: 5400}},
	{"3.0 failure", `{"Response":{"Error":{"Code":"AuthFailure.SignatureFailure","Message":"The provided credentials could not be validated."},"RequestId":"ed93f3cb-f35e-473f-b9f3-0d451b8b79c6"}}`,
		Envelope{Found: true, V3: true, CodeDesc: "AuthFailure.SignatureFailure", Message: "The provided credentials could not be validated.", Text: "The provided credentials could not be validated.", RequestID: "ed93f3cb-f35e-473f-b9f3-0d451b8b79c6"}},
	{"3.0 success", `{"Response":{"TotalCount":0,"InstanceStatusSet":[],"RequestId":"b5b41468-520d-4192-b42f-595cc34b6c1c"}}`,
		Envelope{Found: true, V3: true, RequestID: "b5b41468-520d-4192-b42f-595cc34b6c1c"}},
}

func code4000(message string) Envelope {
	return Envelope{Found: true, Code: 4000, Message: message, Text: message}
}

func v3Failure(requestID string) Envelope {
	return Envelope{Found: true, V3: true, CodeDesc: "X", Message: "m", Text: "m", RequestID: requestID}
}

// forms are complete JSON objects that are harder to read.
var forms = []sample{
	{"byte order mark", "\xEF\xBB\xBF" + `{"code":4000}`, code4000("")},
	{"byte order mark, space", "\xEF\xBB\xBF \n" + `{"code":4000}`, code4000("")},
	{"space everywhere", " \t\r\n{ \"code\" :\t4000 ,\r\n\"message\" : \"m\" } ", code4000("m")},
	{"escaped name", `{"\u0063\u006Fd\u0065":4000}`, code4000("")},
	{"escaped name after a plain one", `{"code":0,"c\u006fde":4000}`, code4000("")},
	{"escaped value", `{"code":"\u0034000","mess\u0061ge":"\u52a0\n\/"}`, code4000("加\n/")},
	{"surrogates", `{"code":4000,"message":"\ud83d\ude00\ud83d"}`, code4000("😀\uFFFD")},
	{"invalid UTF-8", "{\"code\":4000,\"message\":\"a\xff\xfeb\"}", code4000("a\uFFFD\uFFFDb")},
	{"quotes and backslashes", `{"a":"\\","b":"\\\"","c":["\\\\\""],"message":"\"\\","code":4000}`, code4000(`"\`)},
	{"brackets in strings", `{"data":{"a":"}]\"}","b":["{"],"c":"]"},"code":4000}`, code4000("")},
	{"a code's name as a value", `{"data":"code","a":["code",5],"code":4000}`, code4000("")},
	{"nested codes around", `{"data":{"code":1},"code":4000,"detail":[{"code":2,"message":"n"}]}`, code4000("")},
	{"a usual start inside", `{"data":[{"code":0,"a":1}],"code":4000}`, code4000("")},
	{"the last code wins", `{"code":1,"code":0,"code":4000}`, code4000("")},
	{"the last code is 0", `{"code":4000,"code":0}`, Envelope{Found: true}},
	{"the last code is none", `{"code":4000,"code":null}`, Envelope{}},
	{"the last message is none", `{"code":4000,"message":"m","message":5}`, code4000("")},
	{"values of other types", `{"code":4000,"message":{"code":1},"codeDesc":[1],"requestId":true}`, code4000("")},
	{"requestId as a string", `{"code":4000,"requestId":"a-1"}`, Envelope{Found: true, Code: 4000, RequestID: "a-1"}},
	{"leading zeros in a string", `{"code":"04000"}`, code4000("")},
	{"minus zero", `{"code":-0}`, Envelope{Found: true}},

	{"no members", `{}`, Envelope{}},
	{"no code", `{"message":"m","data":{"code":4000}}`, Envelope{}},
	{"other case", `{"Code":4000,"CODE":1}`, Envelope{}},
	{"null", `{"code":null}`, Envelope{}},
	{"true", `{"code":true}`, Envelope{}},
	{"fraction", `{"code":4000.0}`, Envelope{}},
	{"exponent", `{"code":4e3}`, Envelope{}},
	{"object", `{"code":{"code":4000}}`, Envelope{}},
	{"array", `{"code":[4000]}`, Envelope{}},
	{"huge", `{"code":99999999999999999999}`, Envelope{}},
	{"words", `{"code":"InvalidParameter"}`, Envelope{}},
	{"empty string", `{"code":""}`, Envelope{}},
	{"only a minus", `{"code":"-"}`, Envelope{}},
	{"plus", `{"code":"+4000"}`, Envelope{}},
	{"space in the string", `{"code":" 4000"}`, Envelope{}},

	{"3.0: RequestId first", `{"Response":{"RequestId":"r","Error":{"Message":"m","Code":"X"}}}`, v3Failure("r")},
	{"3.0: space and other members", ` { "a" : 1 , "Response" : { "Error" : { "Code" : "X" , "Message" : "m" } } , "b" : [] } `, v3Failure("")},
	{"3.0: escaped names", `{"Respons\u0065":{"Erro\u0072":{"Cod\u0065":"X","Messag\u0065":"m"},"Request\u0049d":"r"}}`, v3Failure("r")},
	{"3.0: only RequestId", `{"Response":{"RequestId":"r"}}`, Envelope{Found: true, V3: true, RequestID: "r"}},
	{"3.0: empty", `{"Response":{}}`, Envelope{Found: true, V3: true}},
	{"3.0: null Error", `{"Response":{"Error":null,"RequestId":"r"}}`, Envelope{Found: true, V3: true, RequestID: "r"}},
	{"3.0: Error without Code", `{"Response":{"Error":{"Message":"m"},"RequestId":"r"}}`, Envelope{Found: true, V3: true, RequestID: "r"}},
	{"3.0: Error as data", `{"Response":{"Error":"none","RequestId":"r"}}`, Envelope{Found: true, V3: true, RequestID: "r"}},
	{"3.0: Error as list", `{"Response":{"Error":[{"Code":"X"}]}}`, Envelope{Found: true, V3: true}},
	{"3.0: Error in data", `{"Response":{"A":{"Error":{"Code":"X"}},"RequestId":"r"}}`, Envelope{Found: true, V3: true, RequestID: "r"}},
	{"3.0: Error after data", `{"Response":{"A":1,"Error":{"Code":"X","Message":"m"}}}`, v3Failure("")},
	{"3.0: the last Response wins", `{"Response":{"A":1},"Response":{"Error":{"Code":"X","Message":"m"}}}`, v3Failure("")},
	{"3.0: the last Response is none", `{"Response":{"A":1},"Response":5}`, Envelope{}},
	{"3.0: the last Error wins", `{"Response":{"Error":{"Code":"Y"},"Error":{"Code":"X","Message":"m"}}}`, v3Failure("")},
	{"3.0: the last Error wins, after data", `{"Response":{"Error":{"Code":"Y"},"A":1,"Error":{"Message":"m","Code":"X"}}}`, v3Failure("")},
	{"3.0: the last Error is null", `{"Response":{"Error":{"Code":"Y"},"Error":null}}`, Envelope{Found: true, V3: true}},
	{"3.0: no object", `{"Response":[{"Error":{"Code":"X"}}]}`, Envelope{}},
	{"both: v2 wins", `{"Response":{"Error":{"Code":"X"}},"code":4000}`, code4000("")},
	{"both: v2's 0 wins", `{"code":0,"Response":{"Error":{"Code":"X"}}}`, Envelope{Found: true}},
	{"both: v2 is none", `{"code":"no","Response":{"Error":{"Code":"X","Message":"m"}}}`, v3Failure("")},

	{"deep", `{"data":` + nested(9999) + `,"code":4000}`, code4000("")},
	{"deep in Response", `{"Response":{"Error":{"a":` + nested(9997) + `,"Code":"X","Message":"m"}}}`, v3Failure("")},
}

func nested(depth int) string {
	return strings.Repeat("[", depth) + strings.Repeat("]", depth)
}

func complete() []sample {
	return append(append([]sample(nil), documented...), forms...)
}

func TestParse(t *testing.T) {
	for _, s := range complete() {
		got, ok := Parse([]byte(s.body))
		if got != s.want || ok != s.want.Found {
			t.Errorf("%s: %.200s\n got %+v, %t\nwant %+v", s.name, s.body, got, ok, s.want)
		}
	}
}

// What follows the object does not count, and a raw line break in a message,
// which JSON forbids, does not lose the failure.
func TestParseLenient(t *testing.T) {
	for _, body := range []string{
		`{"code":4000} trailing`, `{"code":4000}}`, `{"code":4000}{"code":0}`, "{\"code\":4000}\x00",
	} {
		if got, ok := Parse([]byte(body)); !ok || got != code4000("") {
			t.Errorf("%s: got %+v, %t", body, got, ok)
		}
	}
	for body, message := range map[string]string{
		"{\"code\":4000,\"message\":\"one\ntwo\"}":         "one\ntwo",
		`{"code":4000,"message":"C:\qcloud"}`:              `C:\qcloud`,
		"{\"code\":4000,\"message\":\"\\q \xff\xff end\"}": "\\q \uFFFD end",
	} {
		if got, ok := Parse([]byte(body)); !ok || got != code4000(message) {
			t.Errorf("%s: got %+v, %t", body, got, ok)
		}
	}
}

// notJSON are bodies that are no JSON objects, whatever code they seem to hold.
var notJSON = map[string]string{
	"empty":               "",
	"space":               " \r\n\t ",
	"HTML":                "<html><body>502 Bad Gateway {\"code\":4000}</body></html>",
	"array":               `[{"code":4000}]`,
	"string":              `"code"`,
	"number":              `4000`,
	"null":                `null`,
	"JSONP":               `cb({"code":4000})`,
	"style sheet":         `{ margin: 0 } {"code":4000}`,
	"template":            `{{"code":4000}}`,
	"half a BOM":          "\xEF\xBB" + `{"code":4000}`,
	"half a BOM, success": "\xEF\xBB" + `{"code":0,"a":1}`,
	"BOM after space":     " \xEF\xBB\xBF" + `{"code":4000}`,
	"space in the BOM":    "\xEF \xBB\xBF" + `{"code":4000}`,
	"two BOMs":            "\xEF\xBB\xBF\xEF\xBB\xBF" + `{"code":4000}`,
	"UTF-16":              "\xFF\xFE{\x00\"\x00",
	"no colon":            `{"code" 4000}`,
	"no comma":            `{"code":4000 "a":1}`,
	"two commas":          `{"code":4000,,"a":1}`,
	"comma first":         `{,"code":4000}`,
	"comma last":          `{"code":4000,}`,
	"bracket":             `{"code":4000]`,
	"no name":             `{4000}`,
	"no value":            `{"code":,"a":1}`,
	"single quotes":       `{'code':4000}`,
	"value's start":       `{"code":+4000}`,
	"scalar":              `{"code":4000"}`,
	"leading zero":        `{"code":04000}`,
	"control":             "{\"code\":\x014000}",
	"too deep":            `{"data":` + nested(10000) + `,"code":4000}`,
	"too deep in 3.0":     `{"Response":{"Error":{"a":` + nested(9998) + `,"Code":"X"}}}`,
	"very deep":           `{"data":` + strings.Repeat("[", 1<<20),
	"deep objects":        `{"data":` + strings.Repeat(`{"a":`, 1<<18),
}

func TestParseNotJSON(t *testing.T) {
	for name, body := range notJSON {
		if got, ok := Parse([]byte(body)); ok || got != (Envelope{}) {
			t.Errorf("%s: got %+v, %t", name, got, ok)
		}
	}
}

func TestParseIncomplete(t *testing.T) {
	const body = `{"code":4000,"message":"(2000)m","data":{"a":[1,"\u0061"]}}`
	for i := range len(body) {
		if got, ok := Parse([]byte(body[:i])); ok || got != (Envelope{}) {
			t.Errorf("%s: got %+v, %t", body[:i], got, ok)
		}
	}
}

func TestFailed(t *testing.T) {
	for e, want := range map[Envelope]bool{
		{}:                                 false,
		{Found: true, CodeDesc: "Success"}: false,
		{Found: true, Code: -1}:            true,
		{Found: true, V3: true}:            false,
		{Found: true, V3: true, CodeDesc: "Internal"}: true,
	} {
		if e.Failed() != want {
			t.Errorf("%+v: Failed is not %t", e, want)
		}
	}
}
