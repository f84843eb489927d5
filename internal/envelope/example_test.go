package envelope_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/qcloudhttp/qcloudhttp/internal/envelope"
)

func ExamplePeek() {
	resp := &http.Response{
		StatusCode: http.StatusOK,
		Body:       io.NopCloser(strings.NewReader(`{"code":4000,"message":"(2000)no such domain","codeDesc":"InvalidParameter"}`)),
	}
	res := envelope.Peek(resp, 0)
	fmt.Println(res.Outcome, res.Envelope.Code, res.Envelope.CodeDesc)
	fmt.Println(res.Envelope.Module, res.Envelope.Text)

	body, err := io.ReadAll(resp.Body)
	fmt.Printf("%s %v\n", body, err)
	// Output:
	// failure 4000 InvalidParameter
	// 2000 no such domain
	// {"code":4000,"message":"(2000)no such domain","codeDesc":"InvalidParameter"} <nil>
}

func ExampleParse() {
	e, ok := envelope.Parse([]byte(`{"Response":{"Error":{"Code":"AuthFailure","Message":"denied"},"RequestId":"ed93f3cb"}}`))
	fmt.Println(ok, e.Failed(), e.V3, e.CodeDesc, e.RequestID)
	// Output: true true true AuthFailure ed93f3cb
}
