// Command certificates is a check that runs every day: it lists the account's
// certificates, page by page, and tells which expire within 30 days.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

const id, key = "AKIDexample", "a-secret-key"

func main() {
	api := qcloudtest.NewAPI(qcloudtest.WithCredentials(id, key))
	script(api)
	client := &http.Client{Transport: &qcloudhttp.Transport{
		Base:   api.Transport(), // leave it out to call the real API
		Signer: &sign.TC3{Credentials: sign.Static(id, key, "")},
	}}
	if err := check(os.Stdout, client); err != nil {
		log.Fatal(qcloudhttp.Redact(err))
	}
}

type certificate struct{ Domain, CertEndTime string }

// check lists ten certificates at a time. What the API refuses for a moment, and
// a connection that breaks, it never sees.
func check(w io.Writer, client *http.Client) error {
	for offset, total := 0, 1; offset < total; offset += 10 {
		body := fmt.Sprintf(`{"Offset":%d,"Limit":10}`, offset)
		req, err := http.NewRequest(http.MethodPost, "https://ssl.tencentcloudapi.com", strings.NewReader(body))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("X-TC-Action", "DescribeCertificates")
		req.Header.Set("X-TC-Version", "2019-12-05")
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		var answer struct {
			Response struct {
				TotalCount   int
				Certificates []certificate
			}
		}
		err = json.NewDecoder(resp.Body).Decode(&answer)
		resp.Body.Close()
		if err != nil {
			return err
		}
		total = answer.Response.TotalCount
		for _, c := range answer.Response.Certificates {
			if end, err := time.Parse(time.DateTime, c.CertEndTime); err != nil || time.Until(end) < 30*24*time.Hour {
				fmt.Fprintf(w, "%s: renew the certificate\n", c.Domain)
			}
		}
	}
	return nil
}

// script has the embedded API list 25 certificates, of which three expire soon, and
// fail now and then.
func script(api *qcloudtest.API) {
	api.Handle("DescribeCertificates", func(r qcloudtest.Request) []qcloudtest.Step {
		var offset int
		fmt.Sscan(r.Params["Offset"], &offset)
		var page []certificate
		for i := offset; i < min(offset+10, 25); i++ {
			end := time.Now().UTC().AddDate(0, 0, 20+i%12*20)
			page = append(page, certificate{fmt.Sprintf("www%d.example.com", i), end.Format(time.DateTime)})
		}
		return []qcloudtest.Step{qcloudtest.Data(map[string]any{"TotalCount": 25, "Certificates": page})}
	})
	api.Next(1, qcloudtest.Drop())
	api.Next(1, qcloudtest.Code(codes.InternalError))
}
