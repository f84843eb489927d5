// Command purge is a nightly job: it flushes 1,000 URLs from the cache, ten in a
// call, eight calls at a time, under a quota that nobody told it.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

const id, key = "AKIDexample", "a-secret-key"

func main() { purge(os.Stdout) }

func purge(w io.Writer) {
	api := qcloudtest.NewAPI(qcloudtest.WithDomain("www.example.com"), qcloudtest.WithCredentials(id, key),
		qcloudtest.WithQuotas(qcloudtest.TokenBucket(20, 20))) // it takes 20 calls a second
	api.Next(1, qcloudtest.Code(codes.InternalError)) // one call fails at first,
	api.Next(1, qcloudtest.Drop())                    // and another is lost on its way
	warnings := slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelWarn}))
	client := &http.Client{Transport: &qcloudhttp.Transport{
		Base:     api.Transport(), // leave it out to call the real API
		Signer:   &sign.V1{Credentials: sign.Static(id, key, "")},
		Observer: qcloudhttp.LogTo(warnings), // what failed for good
	}}

	urls := make([]string, 1000)
	for i := range urls {
		urls[i] = fmt.Sprintf("https://www.example.com/news/%d.html", i)
	}
	var purged atomic.Int64
	var wg sync.WaitGroup
	slots := make(chan struct{}, 8)
	for batch := range slices.Chunk(urls, 10) {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			list, _ := json.Marshal(batch)
			form := url.Values{"Action": {"FlushCache"}, "urlList": {string(list)}}
			resp, err := client.PostForm("https://dsa.api.qcloud.com/v2/index.php", form)
			if err != nil {
				return // it is in the log
			}
			resp.Body.Close()
			purged.Add(int64(len(batch)))
		})
	}
	wg.Wait()
	fmt.Fprintf(w, "purged %d URLs of %d; %d calls were executed\n",
		purged.Load(), len(urls), api.Executed("FlushCache"))
}
