package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

// demoTimeout ends a demo that hangs.
const demoTimeout = 14 * time.Second

// The key of the demo's API, which is made up.
const (
	demoSecretID  = "AKIDqcerrDemo00000000"
	demoSecretKey = "qcerr-demo-key"
)

var demoDelay = qcloudhttp.Delay{Initial: 300 * time.Millisecond, Max: 600 * time.Millisecond}

// demoPolicy is the default policy with delays that suit a spectator. The
// attempts are more than the default so that a slow machine gets through.
func demoPolicy() *qcloudhttp.Policy {
	return &qcloudhttp.Policy{
		MaxAttempts: 20,
		Delays: map[qcloudhttp.Class]qcloudhttp.Delay{
			qcloudhttp.Busy:        demoDelay,
			qcloudhttp.Unavailable: demoDelay,
		},
	}
}

// demo is one run: the API, the client under demonstration and the spectator.
type demo struct {
	words    *words
	out      io.Writer
	timeline *timeline
	api      *qcloudtest.API // nil: a real API
	base     http.RoundTripper
	endpoint string
	client   *http.Client

	met   int      // how many expectations were met
	unmet []string // those that were not
}

// demo runs the command qcerr demo.
func (c *cli) demo(opts options, args []string) error {
	if err := opts.only("endpoint"); err != nil {
		return err
	}
	if len(args) > 0 {
		return wrongUsage(func(w *words) string { return w.noArgument })
	}
	if slices.Contains(opts.set, "endpoint") {
		return c.remoteDemo(opts.endpoint)
	}
	return c.localDemo()
}

// localDemo plays the acts against an API on loopback.
func (c *cli) localDemo() error {
	server := qcloudtest.NewServer(demoAPI(c.words)...)
	handleUserInfo(server.API)
	defer server.Close()
	return c.playDemo(server.API, server.Endpoint(), server.Server.Client().Transport)
}

// playDemo plays the acts against api, which is reached by base.
func (c *cli) playDemo(api *qcloudtest.API, endpoint string, base http.RoundTripper) error {
	ctx, cancel := context.WithTimeout(context.Background(), demoTimeout)
	defer cancel()
	d := c.newDemo(endpoint, base, demoPolicy(), demoKey(demoSecretKey))
	d.api = api

	d.introduce()
	for i, act := range []act{quotaAct, deploymentAct, outageAct, brokenConnectionAct, permanentAct} {
		d.play(ctx, i, act)
	}
	d.summary()
	return d.verdict()
}

// verdict is an error where an expectation was not met.
func (d *demo) verdict() error {
	if len(d.unmet) == 0 {
		d.timeline.expectation(true, fmt.Sprintf(d.words.demo.allMet, d.met))
		return nil
	}
	return fmt.Errorf(d.words.demo.failed, len(d.unmet), strings.Join(d.unmet, d.words.sep))
}

// introduce says what is to be seen, and in what it is not the default.
func (d *demo) introduce() {
	busy, unavailable := qcloudhttp.DefaultDelay(qcloudhttp.Busy), qcloudhttp.DefaultDelay(qcloudhttp.Unavailable)
	d.print(d.words.demo.intro, strings.TrimSuffix(d.endpoint, "/v2/index.php"),
		short(demoDelay.Initial), short(demoDelay.Max),
		short(busy.Initial), short(busy.Max), short(unavailable.Initial), short(unavailable.Max),
		demoPolicy().MaxAttempts, qcloudhttp.DefaultPolicy().MaxAttempts)
}

// handleUserInfo has the API answer an action that qcloudtest has no model of.
func handleUserInfo(api *qcloudtest.API) {
	api.Handle("GetDsaUserInfo", func(qcloudtest.Request) []qcloudtest.Step { return nil })
}

// demoAPI sets the API up: a quota for one action, a deployment that does not
// end before the demo ends it, and domains without an ICP filing.
func demoAPI(w *words) []qcloudtest.Option {
	listQuota := qcloudtest.TokenBucket(quotaRate, quotaBurst)
	listQuota.Actions = []string{"GetDsaHostList"}
	opts := []qcloudtest.Option{
		qcloudtest.WithCredentials(demoSecretID, demoSecretKey),
		qcloudtest.WithDomain("www.example.com", "img.example.com"),
		qcloudtest.WithUnfiled("*.unfiled.example"),
		qcloudtest.WithDeployTime(time.Hour),
		qcloudtest.WithQuotas(listQuota),
	}
	if w == &english {
		opts = append(opts, qcloudtest.WithEnglish())
	}
	return opts
}

func demoKey(secretKey string) *sign.V1 {
	return &sign.V1{SecretID: demoSecretID, SecretKey: secretKey, Method: sign.HmacSHA256}
}

func (c *cli) newDemo(endpoint string, base http.RoundTripper, p *qcloudhttp.Policy, signer qcloudhttp.Signer) *demo {
	d := &demo{words: c.words, out: c.stdout, endpoint: endpoint, base: base}
	d.timeline = newTimeline(c.stdout, c.words, c.colours())
	d.client = d.newClient(base, p, signer)
	return d
}

// newClient is what the demo is about: a plain http.Client over the Transport.
func (d *demo) newClient(base http.RoundTripper, p *qcloudhttp.Policy, signer qcloudhttp.Signer) *http.Client {
	return &http.Client{
		Transport: &qcloudhttp.Transport{
			Base:     base,
			Policy:   p, // nil: the default
			Signer:   signer,
			Observer: d.timeline,
		},
		// The next host would be sent a signed request, too.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// call makes one call of an action in the name of a worker.
func (d *demo) call(ctx context.Context, worker, action string, params ...string) error {
	return d.callBy(ctx, d.client, worker, action, params...)
}

func (d *demo) callBy(ctx context.Context, client *http.Client, worker, action string, params ...string) error {
	form := url.Values{"Action": {action}}
	for i := 0; i+1 < len(params); i += 2 {
		form.Set(params[i], params[i+1])
	}
	req, err := http.NewRequestWithContext(withWorker(ctx, worker), http.MethodPost, d.endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return answer(resp)
}

// expect prints what should be so, and remembers it where it is not.
func (d *demo) expect(met bool, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	d.timeline.expectation(met, text)
	if met {
		d.met++
	} else {
		d.unmet = append(d.unmet, text)
	}
}

func (d *demo) print(format string, args ...any) { fmt.Fprintf(d.out, format, args...) }

// await blocks until cond holds or ctx ends.
func await(ctx context.Context, cond func() bool) {
	for !cond() {
		select {
		case <-ctx.Done():
			return
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// apiError is the *qcloudhttp.Error in err, or an empty one.
func apiError(err error) *qcloudhttp.Error {
	var e *qcloudhttp.Error
	if !errors.As(err, &e) {
		return &qcloudhttp.Error{}
	}
	return e
}

// count is how many attempts met a code so far.
func (d *demo) count(code codes.Code) int { return d.timeline.tally.met(code) }
