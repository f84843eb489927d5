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
	answer.ReadRest(context.Background(), 0)
	e := answer.Envelope()
	fmt.Println(answer.Outcome == envelope.Failure, e.Code, e.CodeDesc, e.Module)

	body, err := io.ReadAll(resp.Body)
	fmt.Printf("%s %v\n", body, err)
	// Output:
	// true 4000 InvalidParameter 2000
	// {"code":4000,"message":"(2000)no such domain","codeDesc":"InvalidParameter"} <nil>
}
