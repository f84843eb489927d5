package envelope_test

import (
	"context"
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
	answer := envelope.Peek(resp)
	answer.ReadRest(context.Background())
	e := answer.Envelope()
	fmt.Println(answer.Outcome, e.Code, e.CodeDesc, e.Module)

	body, err := io.ReadAll(resp.Body)
	fmt.Printf("%s %v\n", body, err)
	// Output:
	// failure 4000 InvalidParameter 2000
	// {"code":4000,"message":"(2000)no such domain","codeDesc":"InvalidParameter"} <nil>
}

func ExampleParse() {
	e, ok := envelope.Parse([]byte(`{"Response":{"Error":{"Code":"AuthFailure","Message":"denied"},"RequestId":"ed93f3cb"}}`))
	fmt.Println(ok, e.Failed(), e.V3, e.CodeDesc, e.RequestID)
	// Output: true true true AuthFailure ed93f3cb
}
