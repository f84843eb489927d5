package qcloudtest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// A program's own test: the server stands in for the API, the program is given
// its address.
func Example() {
	srv := qcloudtest.NewServer(
		qcloudtest.WithDomain("www.example.com"),
		qcloudtest.WithEnglish(),
	)
	defer srv.Close()

	flush := func() string { // the program under test
		resp, err := srv.Client().PostForm(srv.Endpoint(), url.Values{
			"Action":  {"FlushCache"},
			"urlList": {`["http://www.example.com/logo.png"]`},
		})
		if err != nil {
			return "no answer"
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		return strings.SplitN(string(body), `,"data"`, 2)[0]
	}

	srv.Next(1, qcloudtest.Code(codes.QuotaExceeded))
	srv.Next(1, qcloudtest.Execute(), qcloudtest.Drop())
	for range 3 {
		fmt.Println(flush())
	}
	fmt.Println("executed:", srv.Executed("FlushCache"))
	// Output:
	// {"code":4400,"message":"the quota of calls is used up","codeDesc":"RequestLimitExceeded"}
	// no answer
	// {"code":0,"message":"","codeDesc":"Success"
	// executed: 2
}

// Handle makes any product's action of yours one of the API's: the script, the
// gateway and the ledgers are those of its own.
func ExampleAPI_Handle() {
	api := qcloudtest.NewAPI()
	instances := map[string]string{}
	api.Handle("RunInstances", func(r qcloudtest.Request) []qcloudtest.Step {
		if r.Params["ImageId"] == "" {
			return []qcloudtest.Step{qcloudtest.CodeText("MissingParameter", "ImageId, such as img-1")}
		}
		id := fmt.Sprintf("ins-%d", len(instances)+1)
		instances[id] = r.Params["ImageId"]
		return []qcloudtest.Step{qcloudtest.Data(map[string]any{"InstanceIdSet": []string{id}})}
	})

	run := func(body string) {
		req, err := http.NewRequest("POST", "https://cvm.tencentcloudapi.com", strings.NewReader(body))
		if err != nil {
			panic(err)
		}
		req.Header.Set("X-TC-Action", "RunInstances")
		req.Header.Set("X-TC-Version", "2017-03-12")
		resp, err := api.Client().Do(req)
		if err != nil {
			fmt.Println("no answer")
			return
		}
		defer resp.Body.Close()
		var answer struct {
			Response struct {
				InstanceIdSet []string
				Error         *struct{ Code, Message string }
			}
		}
		json.NewDecoder(resp.Body).Decode(&answer)
		fmt.Println(answer.Response.InstanceIdSet, answer.Response.Error)
	}
	run(`{}`)
	api.NextFor("RunInstances", 1, qcloudtest.Execute(), qcloudtest.Drop())
	run(`{"ImageId":"img-1","ClientToken":"one"}`)
	run(`{"ImageId":"img-1","ClientToken":"one"}`)
	fmt.Println("executed:", api.Executed("RunInstances"), instances)
	// Output:
	// [] &{MissingParameter ImageId, such as img-1}
	// no answer
	// [ins-1] <nil>
	// executed: 1 map[ins-1:img-1]
}

// ExecutedBy shows whether a call that was sent again took effect twice.
func ExampleAPI_ExecutedBy() {
	api := qcloudtest.NewAPI(qcloudtest.WithDomain("www.example.com"))
	client := api.Client()

	api.OnRequest(func(r qcloudtest.Request) []qcloudtest.Step {
		if strings.Contains(r.Params["urlList"], "/b.css") && r.Params["try"] == "1" {
			return []qcloudtest.Step{qcloudtest.Execute(), qcloudtest.Drop()}
		}
		return nil
	})
	for _, file := range []string{"a.css", "b.css"} {
		for try := 1; try <= 3; try++ { // careless: it knows nothing of Nonces
			resp, err := client.PostForm("https://dsa.api.qcloud.com/v2/index.php", url.Values{
				"Action":  {"FlushCache"},
				"urlList": {`["http://www.example.com/` + file + `"]`},
				"try":     {fmt.Sprint(try)},
			})
			if err == nil {
				resp.Body.Close()
				break
			}
		}
	}
	fmt.Println(api.ExecutedBy("FlushCache", "urlList"))
	// Output:
	// map[["http://www.example.com/a.css"]:1 ["http://www.example.com/b.css"]:2]
}

// Requests tells what a program sent and what it was answered.
func ExampleAPI_Requests() {
	srv := qcloudtest.NewServer()
	defer srv.Close()
	srv.Next(1, qcloudtest.Status(http.StatusBadGateway))

	for _, query := range []string{"Action=GetDsaHostList", "Action=GetDsaHostInfo&hostId=7"} {
		resp, err := srv.Client().Get(srv.Endpoint() + "?" + query)
		if err == nil {
			resp.Body.Close()
		}
	}
	for _, r := range srv.Requests() {
		fmt.Println(r.Method, r.Action, r.Params["hostId"], "->", r.Status, int(r.Code), int(r.Module))
	}
	// Output:
	// GET GetDsaHostList  -> 502 0 0
	// GET GetDsaHostInfo 7 -> 200 4000 2000
}

// API 3.0 has the same actions, under its own names.
func ExampleServer() {
	srv := qcloudtest.NewServer()
	defer srv.Close()

	req, err := http.NewRequest("POST", srv.URL, strings.NewReader(`{"Domain":"www.example.com"}`))
	if err != nil {
		panic(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-TC-Action", "StopEcdnDomain")
	req.Header.Set("X-TC-Version", "2019-10-12")
	resp, err := srv.Client().Do(req)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	fmt.Println(srv.Requests()[0].CodeDesc)
	// Output:
	// ResourceNotFound.EcdnDomainNotExists
}

// Code scripts a code that this library does not know.
func ExampleCode() {
	srv := qcloudtest.NewServer()
	defer srv.Close()
	srv.Next(1, qcloudtest.Code(4000, "(12003)the load balancer is busy"))

	resp, err := srv.Client().Get(srv.Endpoint() + "?Action=GetDsaHostList")
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	fmt.Println(string(body))
	// Output:
	// {"code":4000,"message":"(12003)the load balancer is busy","codeDesc":"InvalidParameter"}
}

// CodeText does the same for API 3.0.
func ExampleCodeText() {
	api := qcloudtest.NewAPI()
	api.Next(1, qcloudtest.CodeText("LimitExceeded.Purges", "no more than 500 a day"))

	req, err := http.NewRequest("POST", "https://ecdn.tencentcloudapi.com", strings.NewReader("{}"))
	if err != nil {
		panic(err)
	}
	req.Header.Set("X-TC-Action", "PurgeUrlsCache")
	req.Header.Set("X-TC-Version", "2019-10-12")
	resp, err := api.Client().Do(req)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	var answer struct {
		Response struct {
			Error struct{ Code, Message string }
		}
	}
	json.NewDecoder(resp.Body).Decode(&answer)
	fmt.Println(answer.Response.Error)
	// Output:
	// {LimitExceeded.Purges no more than 500 a day}
}

// ClearScript tells that the program gave up before the script was over.
func ExampleAPI_ClearScript() {
	srv := qcloudtest.NewServer()
	defer srv.Close()
	srv.Next(3, qcloudtest.Code(codes.InternalError))

	resp, err := srv.Client().Get(srv.Endpoint() + "?Action=GetDsaHostList") // no retry
	if err == nil {
		resp.Body.Close()
	}
	fmt.Println("not taken:", srv.ClearScript())
	// Output:
	// not taken: 2
}

// Endpoint is what a client of API 2.0 is set to.
func ExampleServer_Endpoint() {
	srv := qcloudtest.NewServer()
	defer srv.Close()
	fmt.Println(strings.TrimPrefix(srv.Endpoint(), srv.URL))
	// Output:
	// /v2/index.php
}
