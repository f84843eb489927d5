package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

const (
	demoQuota = 10                      // calls a second of each action
	demoID    = "AKIDqcerrDemo00000000" // made up, as is its key
	demoKey   = "qcerr-demo-key"
)

// demoDelay replaces default delays of seconds, so that the demo ends soon.
var demoDelay = qcloudhttp.Delay{Initial: 300 * time.Millisecond, Max: 600 * time.Millisecond}

// demo is one run: the API, the client under demonstration and what it prints.
type demo struct {
	api      *qcloudtest.API
	client   *http.Client
	endpoint string
	began    time.Time
	unmet    int

	mu  sync.Mutex // one line at a time
	cli *cli
}

// demo runs the command qcerr demo, against an API on loopback.
func (c *cli) demo([]string) error {
	server := qcloudtest.NewServer(demoAPI()...)
	defer server.Close()
	return c.playDemo(server.API, server.Endpoint(), server.Server.Client().Transport)
}

func demoAPI() []qcloudtest.Option {
	return []qcloudtest.Option{
		qcloudtest.WithCredentials(demoID, demoKey), qcloudtest.WithQuota(demoQuota, time.Second),
	}
}

// playDemo plays all scenes against an API that is reached by base.
func (c *cli) playDemo(api *qcloudtest.API, endpoint string, base http.RoundTripper) error {
	d := &demo{api: api, endpoint: endpoint, began: time.Now(), cli: c}
	d.client = &http.Client{Timeout: 30 * time.Second, Transport: &qcloudhttp.Transport{
		Base:     base,
		Signer:   &sign.V1{Credentials: sign.Static(demoID, demoKey, ""), Method: sign.HmacSHA256},
		Observer: qcloudhttp.ObserverFunc(d.observe),
		Policy: &qcloudhttp.Policy{Delays: map[codes.Class]qcloudhttp.Delay{
			codes.ClassBusy: demoDelay, codes.ClassUnavailable: demoDelay,
		}},
	}}
	d.print(`A DSA API runs on %s. It answers HTTP 200 to everything:
its failures are in the bodies. A client with a qcloudhttp.Transport calls it. The delays
after 1014 and 6200 begin at %v here; by default they are seconds.`, endpoint, demoDelay.Initial)
	d.quota()
	d.passing()
	d.lostAnswers()
	d.permanent()
	if d.unmet > 0 {
		return fmt.Errorf("%d of the demo's expectations were not met", d.unmet)
	}
	d.print("\nAll came out as it should, in %.1f s.", time.Since(d.began).Seconds())
	return nil
}

func (d *demo) quota() {
	errs := make([]error, demoQuota+3)
	d.print("\n1. %d calls at once, and a quota of %d a second that nobody told the client (4400).", len(errs), demoQuota)
	d.print("   The first in the queue asks for all; what the quota rejects counts to no limit of attempts.")
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { errs[i] = d.call("GetDsaHostList", "") })
	}
	wg.Wait()
	d.expect(errors.Join(errs...) == nil, "all %d calls were answered", len(errs))
}

func (d *demo) passing() {
	d.print("\n2. What passes: an earlier deployment (1014), maintenance (6200), an error in the server (6000)")
	for _, code := range []codes.Code{codes.OperationInProgress, codes.ServiceUnavailable, codes.InternalError} {
		d.api.NextFor("CreateDsaHost", 1, qcloudtest.Code(code))
	}
	d.expect(d.call("CreateDsaHost", "www.example.com") == nil && d.created() == 1, "the domain was created, once")
}

func (d *demo) lostAnswers() {
	d.print("\n3. Two changes lose their answer and are resent with the same Nonce, which is executed once")
	before := d.created()
	d.api.NextFor("CreateDsaHost", 1, qcloudtest.Drop())
	err := d.call("CreateDsaHost", "before.example.com")
	d.expect(err == nil && d.created() == before+1, "cut off before its execution: the second attempt was executed")

	d.api.NextFor("CreateDsaHost", 1, qcloudtest.Execute(), qcloudtest.Drop())
	err = d.call("CreateDsaHost", "after.example.com")
	d.expect(errors.Is(err, qcloudhttp.ErrOutcomeUnknown) && d.created() == before+2,
		"cut off after its execution: no second one, and errors.Is(err, qcloudhttp.ErrOutcomeUnknown)")
	err = d.call("GetDsaHostInfo", "after.example.com")
	d.expect(err == nil, "so the program looks at the state: the domain is there")
}

func (d *demo) permanent() {
	d.print("\n4. What no retry can help comes back at once, as a typed error (2002)")
	d.api.NextFor("CreateDsaHost", 1, qcloudtest.Code(codes.DomainNotFiled))
	err := d.call("CreateDsaHost", "shop.example.com")
	var gaveUp *qcloudhttp.GiveUpError
	d.expect(errors.Is(err, codes.DomainNotFiled) && !errors.As(err, &gaveUp), "errors.Is(err, codes.DomainNotFiled)")
}

func (d *demo) created() int { return d.api.Executed("CreateDsaHost") }

// call makes one call of an action for a domain.
func (d *demo) call(action, host string) error {
	resp, err := d.client.PostForm(d.endpoint, url.Values{
		"Action": {action}, "host": {host}, "origin": {"origin.example.com:80"},
	})
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// observe prints what becomes of a call that does not succeed at once.
func (d *demo) observe(_ context.Context, e qcloudhttp.Event) {
	var fail *qcloudhttp.Error
	text := ""
	switch errors.As(e.Err, &fail); {
	case e.Kind == qcloudhttp.EventAttempt && fail != nil:
		text = "failed: " + fail.Class.Text().EN
		if info, ok := fail.Info(); ok {
			text = "failed: " + info.Code.Error()
		}
		if fail.Class == codes.ClassThrottled {
			text += "; it follows as soon as the quota is open"
		}
	case e.Kind == qcloudhttp.EventWait && e.Cause == qcloudhttp.WaitBackoff:
		text = fmt.Sprintf("follows in %.1f s", e.Wait.Seconds())
	case e.Kind == qcloudhttp.EventEnd && e.Err == nil && e.Attempt > 1:
		text = "done"
	}
	if text != "" {
		d.print("  %5.2f s  %-14s  attempt %d %s", time.Since(d.began).Seconds(), e.Action, e.Attempt, text)
	}
}

// expect prints what should be so, and counts it where it is not.
func (d *demo) expect(met bool, format string, args ...any) {
	mark := "✓"
	if !met {
		mark = "✗"
		d.unmet++
	}
	d.print("  %s %s", mark, fmt.Sprintf(format, args...))
}

// print shows a line at once.
func (d *demo) print(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	fmt.Fprintf(d.cli.stdout, format+"\n", args...)
	_ = d.cli.stdout.Flush() // run reports the error, which stays
}
