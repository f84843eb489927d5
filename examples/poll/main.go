// Command poll starts a task and asks for its state until it has ended: it
// flushes URLs from the cache and waits until the edge has none of them.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

func main() {
	api := qcloudtest.NewAPI(qcloudtest.WithDomain("www.example.com"), qcloudtest.WithDeployTime(2*time.Second))
	api.NextFor("GetFlushLog", 1, qcloudtest.Code(codes.InternalError)) // the task goes on; nobody notices

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	transport := &qcloudhttp.Transport{Base: api.Transport()} // without Base it calls the real API
	c := client{http.Client{Transport: transport}}
	if err := c.flush(ctx, "http://www.example.com/a.css", "http://www.example.com/b.css"); err != nil {
		log.Fatal(qcloudhttp.Redact(err))
	}
	fmt.Println("flushed everywhere")
}

type client struct{ http.Client }

// flush returns when the URLs are flushed, or ctx ends.
func (c *client) flush(ctx context.Context, urls ...string) error {
	list, _ := json.Marshal(urls)
	var task struct {
		ID string `json:"task_id"`
	}
	if err := c.call(ctx, url.Values{"Action": {"FlushCache"}, "urlList": {string(list)}}, &task); err != nil {
		return err
	}
	for ticks := time.NewTicker(500 * time.Millisecond); ; {
		var state struct{ Logs []struct{ Status int } }
		if err := c.call(ctx, url.Values{"Action": {"GetFlushLog"}, "taskId": {task.ID}}, &state); err != nil {
			return err
		}
		done := 0
		for _, l := range state.Logs {
			if l.Status == 2 {
				done++
			}
		}
		if done == len(urls) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("task %s: %d of %d URLs are flushed: %w", task.ID, done, len(urls), ctx.Err())
		case <-ticks.C:
		}
	}
}

// call makes one call and decodes its data.
func (c *client) call(ctx context.Context, form url.Values, data any) error {
	const endpoint = "https://dsa.api.qcloud.com/v2/index.php"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(&struct{ Data any }{data})
}
