package envelope

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

// sample is a body and what it says.
type sample struct {
	name, body string
	outcome    Outcome
	want       Envelope // of a failure, and of a success what parseAll reads
}

const requestID3 = "ed93f3cb-f35e-473f-b9f3-0d451b8b79c6"

// v2 is the envelope of an API 2.0 body that has a message.
func v2(code int, desc, message string) Envelope {
	e := Envelope{Code: code, CodeDesc: desc, Message: message, HasMessage: true, HasCodeDesc: desc != ""}
	e.Module, _ = ParseMessage(message)
	return e
}

func v3(code, message, id string) Envelope {
	return Envelope{V3: true, CodeDesc: code, Message: message, RequestID: id, HasCodeDesc: code != "", HasMessage: message != ""}
}

var (
	lone4000 = Envelope{Code: 4000, Alone: true}
	of4000   = Envelope{Code: 4000}
)

// documented are the samples of the vendor's documents and clients.
var documented = []sample{
	{"success", `{"code":0,"message":"","codeDesc":"Success","data":[]}`, Success, v2(0, "Success", "")},
	{"module code", `{"code":4000,"message":"(2000)加速域名不存在","codeDesc":"InvalidParameter"}`,
		Failure, v2(4000, "InvalidParameter", "(2000)加速域名不存在")},
	{"English", `{"code":4000,"message":"(2000) Accelerated domain name does not exist","codeDesc":"InvalidParameter"}`,
		Failure, v2(4000, "InvalidParameter", "(2000) Accelerated domain name does not exist")},
	{"no bracket", `{"code":4000,"message":"请求失败，参数[hostId]不能为空。","codeDesc":"InvalidParameter"}`,
		Failure, v2(4000, "InvalidParameter", "请求失败，参数[hostId]不能为空。")},
	{"authentication", `{"code":4100,"message":"鉴权失败，请参考文档中鉴权部分。","codeDesc":"AuthFailure"}`,
		Failure, v2(4100, "AuthFailure", "鉴权失败，请参考文档中鉴权部分。")},
	{"another product", `{"code":4000,"message":"(12003)该负载均衡在执行其他操作","codeDesc":"IncorrectStatus.LBWrongStatus"}`,
		Failure, v2(4000, "IncorrectStatus.LBWrongStatus", "(12003)该负载均衡在执行其他操作")},
	{"negative module", `{"code":5100,"message":"(-1)服务内部错误，请稍后重试或联系客服人员解决。","codeDesc":"ResourceOpFailed"}`,
		Failure, v2(5100, "ResourceOpFailed", "(-1)服务内部错误，请稍后重试或联系客服人员解决。")},
	{"no codeDesc", `{"code":5100,"message":"(100004)projectId不正确"}`, Failure, v2(5100, "", "(100004)projectId不正确")},
	{"string code", `{"code":"5100","message":"(100004)projectId不正确"}`, Failure, v2(5100, "", "(100004)projectId不正确")},
	{"string zero", `{"code":"0","message":""}`, Success, v2(0, "", "")},
	{"number as requestId", `{"code":0,"message":"","codeDesc":"Success","requestId":18642}`,
		Success, Envelope{CodeDesc: "Success", RequestID: "18642", HasMessage: true, HasCodeDesc: true}},
	{"nested code", `{"code":0,"message":"success","detail":{"qcvm6a45":{"code":0,"message":"","requestId":"1231231231231"}}}`,
		Success, v2(0, "", "success")},
	{"negative code", `{"code":-16009,"message":"(- 514) text"}`, Failure, v2(-16009, "", "(- 514) text")},
	{"codeDesc before message", `{"codeDesc":"InvalidParameter","message":"(-1) text","code":4000}`,
		Failure, v2(4000, "InvalidParameter", "(-1) text")},
	{"the error page's example", "{\n    \"code\": 4000,\n    \"message\": \"(2000)加速域名不存在\",\n    \"codeDesc\": \"InvalidParameter\"\n}",
		Failure, v2(4000, "InvalidParameter", "(2000)加速域名不存在")},
	{"parts", `{"code":5400,"message":"","codeDesc":"","detail":{"a":{"code":0,"message":""},"b":{"code":5100,"message":"(2000)x"}}}`,
		Failure, Envelope{Code: 5400, HasMessage: true, HasCodeDesc: true}},
	{"3.0 failure", `{"Response":{"Error":{"Code":"AuthFailure.SignatureFailure","Message":"denied"},"RequestId":"` + requestID3 + `"}}`,
		Failure, v3("AuthFailure.SignatureFailure", "denied", requestID3)},
	{"3.0 success", `{"Response":{"TotalCount":0,"InstanceStatusSet":[],"RequestId":"` + requestID3 + `"}}`, Success, v3("", "", requestID3)},
}

// forms are complete JSON objects that are harder to read.
var forms = []sample{
	{"alone", `{"code":2002}`, Failure, Envelope{Code: 2002, Alone: true}},
	{"not alone", `{"data":[],"code":2002}`, Failure, Envelope{Code: 2002}},
	{"values of other types", `{"code":4000,"message":{"code":1},"codeDesc":[1],"requestId":true}`,
		Failure, Envelope{Code: 4000, HasMessage: true, HasCodeDesc: true}},
	{"requestId as a string", `{"code":4000,"requestId":"a-1"}`, Failure, Envelope{Code: 4000, RequestID: "a-1"}},
	{"byte order mark", "\xEF\xBB\xBF" + `{"code":4000}`, Failure, lone4000},
	{"byte order mark, space", "\xEF\xBB\xBF \n" + `{"code":4000}`, Failure, lone4000},
	{"space everywhere", " \t\r\n{ \"code\" :\t4000 ,\r\n\"message\" : \"m\" } ", Failure, v2(4000, "", "m")},
	{"escaped name", `{"\u0063\u006Fd\u0065":4000}`, Failure, lone4000},
	{"escaped value", `{"code":"\u0034000","mess\u0061ge":"\u52a0\n\/"}`, Failure, v2(4000, "", "加\n/")},
	{"surrogates", `{"code":4000,"message":"\ud83d\ude00\ud83d"}`, Failure, v2(4000, "", "😀\uFFFD")},
	{"invalid UTF-8", "{\"code\":4000,\"message\":\"a\xff\xfeb\"}", Failure, v2(4000, "", "a\uFFFD\uFFFDb")},
	{"quotes and backslashes", `{"a":"\\","b":"\\\"","c":["\\\\\""],"message":"\"\\","code":4000}`, Failure, v2(4000, "", `"\`)},
	{"brackets in strings", `{"data":{"a":"}]\"}","b":["{"],"c":"]"},"code":4000}`, Failure, of4000},
	{"a code's name as a value", `{"data":"code","a":["code",5],"code":4000}`, Failure, of4000},
	{"nested codes around", `{"data":{"code":1},"code":4000,"detail":[{"code":2,"message":"n"}]}`, Failure, of4000},
	{"a success inside", `{"data":[{"code":0,"a":1}],"code":4000}`, Failure, of4000},
	{"data other than an object", `{"Response":5,"code":4000}`, Failure, of4000},

	{"the first code", `{"code":4000,"code":0}`, Failure, of4000},
	{"the first code is 0", `{"code":0,"c\u006fde":4000}`, Success, Envelope{}},
	{"the first code is none", `{"code":null,"code":4000}`, Unread, Envelope{}},
	{"the first message", `{"code":4000,"message":"m","message":"n"}`, Failure, v2(4000, "", "m")},
	{"the first message is none", `{"message":5,"code":4000,"message":"n"}`, Failure, Envelope{Code: 4000, HasMessage: true}},
	{"code before Response", `{"code":4000,"Response":{"Error":{"Code":"X"},"RequestId":"r"}}`, Failure, of4000},
	{"0 before Response", `{"code":0,"Response":{"Error":{"Code":"X"}}}`, Success, Envelope{}},
	{"Response before code", `{"Response":{"RequestId":"r"},"code":4000,"message":"m"}`, Success, v3("", "", "r")},
	{"a message before Response", `{"message":"n","Response":{"Error":{"Code":"X"}},"message":"n","requestId":"n"}`, Failure, v3("X", "", "")},

	{"fraction of 0", `{"code":4400.0}`, Failure, Envelope{Code: 4400, Alone: true}},
	{"exponent", `{"code":4.4e3}`, Failure, Envelope{Code: 4400, Alone: true}},
	{"0 with an exponent", `{"code":0.0e5}`, Success, Envelope{Alone: true}},
	{"minus zero", `{"code":-0}`, Success, Envelope{Alone: true}},
	{"fraction in a string", `{"code":"4400.0"}`, Failure, Envelope{Code: 4400, Alone: true}},
	{"space in the string", `{"code":" 4100\t"}`, Failure, Envelope{Code: 4100, Alone: true}},
	{"leading zeros in a string", `{"code":"04000"}`, Unread, Envelope{}},
	{"fraction", `{"code":4000.5}`, Unread, Envelope{}},
	{"true", `{"code":true}`, Unread, Envelope{}},
	{"object", `{"code":{"code":4000}}`, Unread, Envelope{}},
	{"array", `{"code":[4000]}`, Unread, Envelope{}},
	{"huge", `{"code":99999999999999999999}`, Unread, Envelope{}},
	{"infinite", `{"code":1e999}`, Unread, Envelope{}},
	{"words", `{"code":"InvalidParameter"}`, Unread, Envelope{}},
	{"hexadecimal", `{"code":"0x10"}`, Unread, Envelope{}},
	{"quotes in quotes", `{"code":"\"4000\""}`, Unread, Envelope{}},
	{"empty string", `{"code":""}`, Unread, Envelope{}},
	{"only a minus", `{"code":"-"}`, Unread, Envelope{}},
	{"plus", `{"code":"+4000"}`, Unread, Envelope{}},

	{"no members", `{}`, None, Envelope{}},
	{"no code", `{"message":"m","data":{"code":4000}}`, None, Envelope{}},
	{"other case", `{"Code":4000,"CODE":1}`, None, Envelope{}},
	{"3.0: no object", `{"Response":[{"Error":{"Code":"X"}}]}`, None, Envelope{}},
	{"Error at the top", `{"Error":{"Code":"X"}}`, None, Envelope{}},

	{"3.0: RequestId first", `{"Response":{"RequestId":"r","Error":{"Message":"m","Code":"X"}}}`, Failure, v3("X", "m", "r")},
	{"3.0: RequestId twice", `{"Response":{"RequestId":"r","RequestId":"s","Error":{"Message":"m","Code":"X"}}}`, Failure, v3("X", "m", "r")},
	{"3.0: space and others", ` { "a" : 1 , "Response" : { "Error" : { "Code" : "X" , "Message" : "m" } } , "b" : [] } `, Failure, v3("X", "m", "")},
	{"3.0: escaped names", `{"Respons\u0065":{"Erro\u0072":{"Cod\u0065":"X","Messag\u0065":"m"},"Request\u0049d":"r"}}`, Failure, v3("X", "m", "r")},
	{"3.0: only RequestId", `{"Response":{"RequestId":"r"}}`, Success, v3("", "", "r")},
	{"3.0: empty", `{"Response":{}}`, Success, v3("", "", "")},
	{"3.0: null Error", `{"Response":{"Error":null,"RequestId":"r"}}`, Success, v3("", "", "r")},
	{"3.0: Error in data", `{"Response":{"A":{"Error":{"Code":"X"}},"RequestId":"r"}}`, Success, v3("", "", "r")},
	{"3.0: Error after data", `{"Response":{"A":1,"Error":{"Code":"X","Message":"m"}}}`, Success, v3("", "", "")},
	{"3.0: the first Error", `{"Response":{"Error":{"Code":"X","Message":"m"},"Error":{"Code":"Y","Message":"n"}}}`, Failure, v3("X", "m", "")},
	{"3.0: the first Code", `{"Response":{"Error":{"Code":"X","Code":"Y"}}}`, Failure, v3("X", "", "")},
	{"3.0: Error without Code", `{"Response":{"Error":{"Message":"m"},"RequestId":"r"}}`, Unread, Envelope{}},
	{"3.0: an empty Code", `{"Response":{"Error":{"Code":""},"RequestId":"r"}}`, Unread, Envelope{}},
	{"3.0: a number as Code", `{"Response":{"Error":{"Code":4000},"RequestId":"r"}}`, Unread, Envelope{}},
	{"3.0: Error is a text", `{"Response":{"Error":"null","RequestId":"r"}}`, Unread, Envelope{}},
	{"3.0: Error is a list", `{"Response":{"Error":[{"Code":"X"}]}}`, Unread, Envelope{}},

	{"deep", `{"data":` + nested(9999) + `,"code":4000}`, Failure, of4000},
	{"deep in Response", `{"Response":{"Error":{"a":` + nested(9997) + `,"Code":"X","Message":"m"}}}`, Failure, v3("X", "m", "")},
}

func nested(depth int) string {
	return strings.Repeat("[", depth) + strings.Repeat("]", depth)
}

// lenient are bodies that are no JSON, or not the whole of it, and tell of a
// failure all the same.
var lenient = []sample{
	{"trailing text", `{"code":4000} trailing`, Failure, lone4000},
	{"two objects", `{"code":4000}{"code":0}`, Failure, lone4000},
	{"a raw line break", "{\"code\":4000,\"message\":\"one\ntwo\"}", Failure, v2(4000, "", "one\ntwo")},
	{"an unknown escape", "{\"code\":4000,\"message\":\"\\q \xff\xff end\"}", Failure, v2(4000, "", "\\q \uFFFD end")},
	{"GBK that ends in a backslash", "{\"code\":4000,\"message\":\"(2002)\xd5\x5c\",\"codeDesc\":\"InvalidParameter\"}",
		Failure, v2(4000, "", "(2002)\uFFFD\",")},
	{"NaN after the code", `{"code":4000,"message":"(2002)x","ratio":NaN}`, Failure, v2(4000, "", "(2002)x")},
	{"Infinity before the code", `{"ratio":-Infinity,"code":4000,"message":"m"}`, Failure, v2(4000, "", "m")},
	{"undefined", `{"code":4000,"message":"(2002)x","data":undefined}`, Failure, v2(4000, "", "(2002)x")},
	{"no comma", `{"code":4000 "message":"m"}`, Failure, of4000},
	{"a comma too many", `{"code":4000,"message":"m",}`, Failure, v2(4000, "", "m")},
	{"two commas", `{"code":4000,,"message":"m"}`, Failure, of4000},
	{"escaped twice, before the code", `{"a":[\"x\",[\]]],"code":4000}`, Failure, of4000},
	{"ends early", `{"code":4000,"data":[1,2`, Failure, of4000},
	{"ends in the message", `{"code":4000,"message":"(2002)domain is`, Failure, Envelope{Code: 4000, Message: "(2002)domain is", Module: 2002}},
	{"3.0: ends early", `{"Response":{"Error":{"Code":"X","Message":"m"`, Failure, v3("X", "m", "")},
	{"a success that ends early", `{"code":0,"data":[1,2`, Success, Envelope{}},
}

func complete() []sample { return append(append([]sample(nil), documented...), forms...) }

func failed(e Envelope) bool { return e.Code != 0 || e.V3 && e.CodeDesc != "" }

// parseAll reads a body to its end, also where it is a success.
func parseAll(body []byte) (Envelope, bool) {
	a := Peek(respond(bytes.NewReader(body)))
	a.ReadRest(context.Background(), Window)
	return a.Envelope(), a.Outcome == Success || a.Outcome == Failure
}

func TestParse(t *testing.T) {
	for _, s := range append(complete(), lenient...) {
		got, ok := parseAll([]byte(s.body))
		known := s.outcome == Success || s.outcome == Failure
		if ok != known || known && got != s.want || failed(got) != (s.outcome == Failure) {
			t.Errorf("%s: %.200s\n got %+v, %t\nwant %+v, %v", s.name, s.body, got, ok, s.want, s.outcome)
		}
	}
	for _, s := range notJSON {
		if got, ok := parseAll([]byte(s.body)); ok || failed(got) {
			t.Errorf("%s: got %+v, %t", s.name, got, ok)
		}
	}
}

// notJSON are bodies that are no JSON before a code has come.
var notJSON = []sample{
	{"empty", "", NoObject, Envelope{}},
	{"space", " \r\n\t ", NoObject, Envelope{}},
	{"HTML", "<html><body>502 Bad Gateway {\"code\":4000}</body></html>", NoObject, Envelope{}},
	{"array", `[{"code":4000}]`, NoObject, Envelope{}},
	{"string", `"code"`, NoObject, Envelope{}},
	{"number", `4000`, NoObject, Envelope{}},
	{"null", `null`, NoObject, Envelope{}},
	{"JSONP", `cb({"code":4000})`, NoObject, Envelope{}},
	{"a part of a BOM", "\xEF\xBB" + `{"code":4000}`, NoObject, Envelope{}},
	{"BOM after space", " \xEF\xBB\xBF" + `{"code":4000}`, NoObject, Envelope{}},
	{"space in the BOM", "\xEF \xBB\xBF" + `{"code":4000}`, NoObject, Envelope{}},
	{"two BOMs", "\xEF\xBB\xBF\xEF\xBB\xBF" + `{"code":4000}`, NoObject, Envelope{}},
	{"UTF-16", "\xFF\xFE{\x00\"\x00", NoObject, Envelope{}},
	{"only a BOM", "\xEF\xBB\xBF", NoObject, Envelope{}},
	{"style sheet", `{ margin: 0 } {"code":4000}`, Unread, Envelope{}},
	{"template", `{{"code":4000}}`, Unread, Envelope{}},
	{"no colon", `{"code" 4000}`, Unread, Envelope{}},
	{"comma first", `{,"code":4000}`, Unread, Envelope{}},
	{"comma twice", `{"a":1,,"code":4000}`, Unread, Envelope{}},
	{"no comma", `{"a":1 "code":4000}`, Unread, Envelope{}},
	{"no name", `{4000}`, Unread, Envelope{}},
	{"no value", `{"a":,"code":4000}`, Unread, Envelope{}},
	{"no code", `{"code":,"a":1}`, Unread, Envelope{}},
	{"single quotes", `{'code':4000}`, Unread, Envelope{}},
	{"plus", `{"code":+4000}`, Unread, Envelope{}},
	{"leading zero", `{"code":04000}`, Unread, Envelope{}},
	{"no digits after the point", `{"code":4000.}`, Unread, Envelope{}},
	{"control", "{\"code\":\x014000}", Unread, Envelope{}},
	{"ends early", `{"data":[1,2`, Unread, Envelope{}},
	{"ends in the code", `{"code":4000`, Unread, Envelope{}},
	{"ends in a string code", `{"code":"4000`, Unread, Envelope{}},
	{"too deep", `{"data":` + nested(10000) + `,"code":4000}`, Unread, Envelope{}},
	{"too deep in 3.0", `{"Response":{"Error":{"a":` + nested(9998) + `,"Code":"X"}}}`, Unread, Envelope{}},
	{"very deep", `{"data":` + strings.Repeat("[", 1<<20), Unread, Envelope{}},
	{"deep objects", `{"data":` + strings.Repeat(`{"a":`, 1<<18), Unread, Envelope{}},
}

func TestParseMessage(t *testing.T) {
	for _, c := range []struct {
		msg    string
		module int
		ok     bool
	}{
		{"(2000)加速域名不存在", 2000, true},
		{"(2000) Accelerated domain name does not exist", 2000, true},
		{"(-1)服务内部错误", -1, true},
		{"(- 514) text", -514, true},
		{"( 2000 )text", 2000, true},
		{" \t(2000)text", 2000, true},
		{"（2000）文本", 2000, true},
		{"（-1）　文本", -1, true},
		{"(2000）text", 2000, true},
		{"(2000)（3000）text", 2000, true},
		{"(2000))text", 2000, true},
		{"(0)", 0, true},
		{"(0012)text", 12, true},
		{"(2147483647)text", 2147483647, true},

		{"", 0, false},
		{"text", 0, false},
		{"text (2000)", 0, false},
		{"(see docs) text", 0, false},
		{"()text", 0, false},
		{"(", 0, false},
		{"(2000", 0, false},
		{"(-)text", 0, false},
		{"(--1)text", 0, false},
		{"(+1)text", 0, false},
		{"(-+1)text", 0, false},
		{"(20 00)text", 0, false},
		{"(2,000)text", 0, false},
		{"(2000a)text", 0, false},
		{"(1_000)text", 0, false},
		{"(0x10)text", 0, false},
		{"(2147483648)text", 0, false},
		{"(99999999999999999999)text", 0, false},
		{"((2000))text", 0, false},
		{"[2000]text", 0, false},
		{"(２)", 0, false},
	} {
		if module, ok := ParseMessage(c.msg); ok != c.ok || module != c.module {
			t.Errorf("%q: got %d, %t, want %d, %t", c.msg, module, ok, c.module, c.ok)
		}
	}
}
