package main

import (
	"errors"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/internal/envelope"
)

// textLimit is how much of a text or a line is searched, in bytes.
const textLimit = 64 << 10

// find explains a whole text: a number or a name, a response, or what has one
// of these in it.
func find(input string) (entry, bool) {
	status, body := cutHeader(withoutBOM(input))
	body = withoutBOM(body)
	line := strings.TrimSpace(body[:min(len(body), textLimit)])
	for _, look := range []func() (entry, bool){
		func() (entry, bool) { return lookUp(input) },
		func() (entry, bool) { return inRecord(line) },
		func() (entry, bool) { return inResponse(status, body) },
		func() (entry, bool) { return inText(line) },
		func() (entry, bool) { return inPhrase(line) },
	} {
		if e, ok := look(); ok {
			return e, true
		}
	}
	return entry{}, false
}

func withoutBOM(s string) string { return strings.TrimPrefix(strings.TrimLeft(s, " \t\r\n"), "\uFEFF") }

// field matches what LogTo logs, as text or as JSON, also within a JSON string.
var field = regexp.MustCompile(
	`\b(attempts?|class|code|code_desc|error|host|module|reason|status)["\\]*\s*[=:]\s*["\\]*([^\s"\\,}]*)`)

// hasAny spares most lines of a log the slower search for a pattern.
func hasAny(line string, hints ...string) bool {
	return slices.ContainsFunc(hints, func(hint string) bool { return strings.Contains(line, hint) })
}

// inRecord reads a line that LogTo has logged: the class and the codes of a
// failure, or the reason of a call that ended without one.
func inRecord(line string) (entry, bool) {
	if !hasAny(line, "class", "code_desc", "module", "reason") {
		return entry{}, false
	}
	fields := make(map[string]string)
	for _, m := range field.FindAllStringSubmatch(line, -1) {
		if fields[m[1]] == "" {
			fields[m[1]] = m[2]
		}
	}
	f := qcloudhttp.Failure{
		Code: toCode(fields["code"]), Module: toCode(fields["module"]),
		CodeDesc: strings.Clone(fields["code_desc"]), Host: strings.Clone(fields["host"]),
	}
	class, isClass := classNamed(fields["class"])
	status := int(toCode(fields["status"]))
	switch {
	case !isClass && f.CodeDesc == "" && (f.Module == 0 || strings.Contains(line, "message")): // not ours
		e, ok := explainReason(fields["reason"])
		return e, ok && fields["attempts"] != ""
	case len(fields) < 2:
		return entry{}, false
	case f.Code == 0 && f.CodeDesc == "" && status >= 400:
		f = qcloudhttp.Failure{StatusCode: status}
	case f.Code == 0 && f.CodeDesc == "":
		return explainClass(class), isClass
	case f.Module == 0:
		f.Module = moduleIn(line)
	}
	return explainFailure(f), true
}

var (
	// (2002) and (- 514), in half-width or full-width brackets
	bracketed = regexp.MustCompile(`[(（]\s*(-?\s*\d+)\s*[)）]`)
	// "code":4000, Code=InvalidParameter, error 4400, 错误码：2010, 错误码2010
	labelled = regexp.MustCompile(`(?i)(?:\berror\s+code|\bcode|\berror|错误码|状态码)["'\\]*` +
		`(?:\s*[=:：]\s*|\s+|)["'\\]*([a-z]\w*(?:\.\w+)*|-?\d+)`)
)

// clues are how a text names a code, the surest first. A pattern's second group
// is the name that goes with the number in the first.
var clues = []struct {
	pattern *regexp.Regexp
	hints   []string // one is in every match
}{
	{regexp.MustCompile(`\b(\d+)(?: \(\d+\))? ([A-Z]\w+)`), codeNames()}, // 4400 QuotaExceeded, as our errors have it
	{labelled, []string{"ode", "ODE", "rror", "RROR", "码"}},
	{bracketed, []string{"(", "（"}},
	{regexp.MustCompile(`\b([A-Z][A-Za-z]+(?:\.[A-Z]\w+)+)`), []string{"."}}, // ResourceUnavailable.CdnHostNoIcp
	// "GET / HTTP/1.1" 502
	{regexp.MustCompile(`\b((?i:HTTP)(?:/[\d.]+)?["']? +[45]\d\d)\b`), []string{"HTTP", "http"}},
}

func codeNames() (names []string) {
	for _, info := range codes.All() {
		names = append(names, info.Name)
	}
	return names
}

// inText looks for a code in a message, a log line or a part of a response.
func inText(line string) (entry, bool) {
	if i := strings.IndexByte(line, '{'); i >= 0 && hasAny(line[i:], "ode", "Response") { // code, Code
		if e, ok := inResponse(0, line[i:]); ok && !e.unknown() {
			return e, true
		}
	}
	for _, clue := range clues {
		if !hasAny(line, clue.hints...) {
			continue
		}
		for _, m := range clue.pattern.FindAllStringSubmatch(line, -1) {
			if e, ok := named(line, m[1:]...); ok {
				return e, true
			}
		}
	}
	return entry{}, false
}

// named explains the code that a clue's groups name in a line.
func named(line string, clue ...string) (entry, bool) {
	e, ok := lookUp(clue[0])
	n := toCode(clue[0]) // 0 for a name or HTTP 502
	isCode := e.Code != 0 || e.Scope == "v3" || e.Scope == "http" && n == 0
	if !ok || !isCode || e.unknown() || len(clue) > 1 && e.Name != clue[1] {
		return entry{}, false
	}
	if n != 0 && e.Scope == "common" {
		e = explainFailure(qcloudhttp.Failure{Code: n, Module: moduleIn(line)})
	}
	e.message = line
	return e, true
}

// moduleIn is the first module code in brackets.
func moduleIn(line string) codes.Code {
	for _, m := range bracketed.FindAllStringSubmatch(line, -1) {
		if info, ok := codes.Lookup(toCode(m[1])); ok && info.Product != "" {
			return info.Code
		}
	}
	return 0
}

// plainWord is what may be repeated in an error: a name or a number, not a key
// that was pasted by mistake for one.
var plainWord = regexp.MustCompile(`^(-?\d{1,20}|[A-Za-z_.]{1,64})$`)

// unknownIn is the name or the number that a text consists of.
func unknownIn(text string) string {
	if text = strings.TrimSpace(text); plainWord.MatchString(text) && printable(text) == text {
		return text
	}
	return ""
}

// phrases are the words by which the API's messages tell a failure, for texts
// that have lost their code. The first that fits decides.
var phrases = []struct {
	words *regexp.Regexp
	code  codes.Code
}{
	{regexp.MustCompile(`频率上限|frequency limit|超过.*[限配]额|请求.*频繁`), codes.QuotaExceeded},
	{regexp.MustCompile(`(?:签名|请求).*过期`), codes.RequestExpired},
	{regexp.MustCompile(`SecretId.*不存在`), codes.SecretIDNotFound},
	{regexp.MustCompile(`签名|鉴权`), codes.AuthFailure},
	{regexp.MustCompile(`频繁`), codes.TooFrequent},
	{regexp.MustCompile(`次数.*(?:上限|限制)`), codes.OperationLimitExceeded},
	{regexp.MustCompile(`(?:正在|还在|尚在).*(?:执行|进行|部署)|部署中`), codes.OperationInProgress},
	{regexp.MustCompile(`欠费`), codes.UserInArrears},
	{regexp.MustCompile(`备案`), codes.DomainNotFiled},
	{regexp.MustCompile(`域名.*锁定`), codes.DomainLocked},
	{regexp.MustCompile(`域名.*[未没].*上线`), codes.DomainNotOnline},
	{regexp.MustCompile(`域名.*下线`), codes.DomainOffline},
	{regexp.MustCompile(`域名.*封禁`), codes.DomainBanned},
	{regexp.MustCompile(`域名.*不存在`), codes.DomainNotFound},
	{regexp.MustCompile(`域名.*存在`), codes.DomainExists},
	{regexp.MustCompile(`证书.*即将过期`), codes.CertificateExpiring},
	{regexp.MustCompile(`证书.*过期`), codes.CertificateExpired},
	{regexp.MustCompile(`证书.*私钥`), codes.CertificateKeyMismatch},
	{regexp.MustCompile(`证书.*域名`), codes.CertificateDomainMismatch},
	{regexp.MustCompile(`没有.*权限`), codes.PermissionDenied},
	{regexp.MustCompile(`停服|维护`), codes.ServiceUnavailable},
	{regexp.MustCompile(`内部.*错误`), codes.InternalError},
	{regexp.MustCompile(`参数`), codes.InvalidParameter},
}

// phraseLimit is the length in bytes of the longest text that is judged by its
// words alone: a longer one is no message.
const phraseLimit = 600

// inPhrase finds the code whose words a text has.
func inPhrase(line string) (entry, bool) {
	for _, p := range phrases {
		if info, ok := codes.Lookup(p.code); ok && len(line) <= phraseLimit && p.words.MatchString(line) {
			e := explainCode(info)
			e.message, e.guessed = line, true
			return e, true
		}
	}
	return entry{}, false
}

// response is what a response says, as --json prints it.
type response struct {
	StatusCode int        `json:"status_code,omitempty"`
	Code       codes.Code `json:"code"`
	Module     codes.Code `json:"module,omitempty"`
	CodeDesc   string     `json:"code_desc,omitempty"`
	Message    string     `json:"message,omitempty"`
	RequestID  string     `json:"request_id,omitempty"`
}

// inResponse returns what a response says, and false for one that is not the
// API's and no failure of HTTP either. Status 0 is for a body alone.
func inResponse(status int, body string) (entry, bool) {
	// The API's own host makes any code in the body a failure of the API.
	req, _ := http.NewRequest(http.MethodPost, "https://dsa.api.qcloud.com/v2/index.php", nil)
	resp := &http.Response{
		StatusCode: max(status, 200), Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: req,
	}
	said := response{StatusCode: status}
	var fail *qcloudhttp.Error
	err := qcloudhttp.CheckResponse(resp)
	e, told := explainSuccess(), err == nil && envelope.Peek(resp).Outcome == envelope.Success
	if errors.As(err, &fail) {
		f := qcloudhttp.Failure{StatusCode: status, Code: fail.Code, Module: fail.Module, CodeDesc: fail.CodeDesc}
		e, told = explainFailure(f), f.Code != 0 || f.CodeDesc != "" || status >= 400
		said = response{status, f.Code, f.Module, printable(f.CodeDesc), printable(fail.Message), ""}
		said.RequestID = printable(fail.RequestID)
	}
	e.Response, e.message = &said, said.Message
	return e, told
}

var header = regexp.MustCompile(`^HTTP/[\d.]+ +([1-9]\d\d)\b[^\n]*(?:\n[\w-]+:[^\n]*)*(?:\n\r?\n|\s*$)`)

// cutHeader splits what curl -i prints into the status of the last header, 0
// for none, and the body.
func cutHeader(input string) (status int, body string) {
	for {
		m := header.FindStringSubmatch(input)
		if m == nil {
			return status, input
		}
		status, _ = strconv.Atoi(m[1])
		input = input[len(m[0]):]
	}
}
