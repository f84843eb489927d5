package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// act is one scene of the demo. It returns when all its calls are over.
type act func(context.Context, *demo)

// play announces an act and plays it.
func (d *demo) play(ctx context.Context, i int, a act) {
	d.timeline.heading("\n" + d.words.demo.acts[i])
	a(ctx, d)
}

// parallel runs one call of work for each worker, and waits for all of them.
func parallel(workers []string, work func(worker string)) {
	var wg sync.WaitGroup
	for _, worker := range workers {
		wg.Go(func() { work(worker) })
	}
	wg.Wait()
}

// The quota of quotaAct, in calls a second, and what comes up against it.
const (
	quotaRate      = 10
	quotaBurst     = 6
	callsPerReader = 7
)

// quotaAct: a crowd of readers finds the quota by itself.
func quotaAct(ctx context.Context, d *demo) {
	readers := []string{"reader-1", "reader-2", "reader-3", "reader-4"}
	var answered atomic.Int32
	parallel(readers, func(worker string) {
		for range callsPerReader {
			if d.call(ctx, worker, "GetDsaHostList") == nil {
				answered.Add(1)
			}
		}
	})
	all, rejected := len(readers)*callsPerReader, d.count(codes.QuotaExceeded)
	d.expect(int(answered.Load()) == all && rejected > 0, d.words.demo.quotaDone, answered.Load(), all, rejected)
}

// deploymentAct: a change that has to wait for the deployment of another, and
// one that comes too soon.
func deploymentAct(ctx context.Context, d *demo) {
	const domain = "www.example.com"
	var online, flush error
	var wg sync.WaitGroup
	wg.Go(func() {
		if online = d.call(ctx, "deployer", "OfflineDsaHost", "host", domain); online == nil {
			online = d.call(ctx, "deployer", "OnlineDsaHost", "host", domain)
		}
	})
	wg.Go(func() {
		d.api.NextFor("FlushCache", 2, qcloudtest.Code(codes.TooFrequent))
		flush = d.call(ctx, "flusher", "FlushCache", "urlList", `["http://img.example.com/"]`)
	})
	wg.Go(func() { // the deployment ends a while after it was in the way
		await(ctx, func() bool { return d.count(codes.OperationInProgress) > 0 })
		pause(ctx, time.Second)
		d.timeline.note(d.words.demo.deploymentOver)
		d.api.SetDomain(qcloudtest.Domain{Name: domain, Offline: true})
	})
	wg.Wait()
	d.expect(online == nil && d.count(codes.OperationInProgress) > 0 && d.executedOnce("OnlineDsaHost", "host", domain),
		d.words.demo.deployed, d.count(codes.OperationInProgress))
	d.expect(flush == nil && d.count(codes.TooFrequent) == 2 && d.api.Executed("FlushCache") == 1,
		"%s", d.words.demo.flushed)
}

// outageAct: the API goes down for maintenance, and comes back with hiccups.
func outageAct(ctx context.Context, d *demo) {
	actions := map[string]string{"auditor": "GetDsaUserInfo", "flusher": "GetFlushLog", "monitor": "GetDsaHostInfo"}
	d.api.Maintenance(true)
	var wg sync.WaitGroup
	wg.Go(func() {
		await(ctx, func() bool { return d.count(codes.ServiceUnavailable) >= len(actions) })
		pause(ctx, 500*time.Millisecond)
		d.timeline.note(d.words.demo.backUp)
		d.api.Next(2, qcloudtest.Code(codes.InternalError))
		d.api.Maintenance(false)
	})
	var answered atomic.Int32
	parallel(slices.Sorted(maps.Keys(actions)), func(worker string) {
		if d.call(ctx, worker, actions[worker], "host", "img.example.com") == nil {
			answered.Add(1)
		}
	})
	wg.Wait()
	d.expect(int(answered.Load()) == len(actions) && d.count(codes.InternalError) == 2,
		d.words.demo.survived, answered.Load(), len(actions), d.count(codes.ServiceUnavailable), d.count(codes.InternalError))
}

// brokenConnectionAct: two mutations lose their connection, one before and one
// after it was executed. The Nonce keeps both from being executed twice.
func brokenConnectionAct(ctx context.Context, d *demo) {
	const action, before, after = "CreateDsaHost", "before.example.com", "after.example.com"
	create := func(domain string) error {
		return d.call(ctx, "creator", action, "host", domain, "origin", "origin.example.com:80")
	}
	d.api.NextFor(action, 1, qcloudtest.Drop())
	err := create(before)
	d.expect(err == nil && d.sameNonce(before) && d.executedOnce(action, "host", before), d.words.demo.cutBefore, before)

	d.api.NextFor(action, 1, qcloudtest.Execute(), qcloudtest.Drop())
	err = create(after)
	d.expect(errors.Is(err, qcloudhttp.ErrOutcomeUnknown) && d.sameNonce(after) && d.executedOnce(action, "host", after),
		d.words.demo.cutAfter, after)
	err = d.call(ctx, "creator", "GetDsaHostInfo", "host", after)
	d.expect(err == nil, d.words.demo.checked, after)
}

// executedOnce reports whether the API executed an action once for a value of
// a parameter.
func (d *demo) executedOnce(action, param, value string) bool {
	return d.api.ExecutedBy(action, param)[value] == 1
}

// sameNonce reports whether a domain's requests were several, and the same to
// the last byte: the Nonce, too.
func (d *demo) sameNonce(domain string) bool {
	sent, digests, nonces := 0, map[string]bool{}, map[string]bool{}
	for _, r := range d.api.Requests() {
		if r.Action == "CreateDsaHost" && r.Params["host"] == domain {
			sent++
			digests[r.Digest], nonces[r.Params["Nonce"]] = true, true
		}
	}
	return sent > 1 && len(digests) == 1 && len(nonces) == 1
}

// permanentAct: failures that no retry helps come back at once, typed.
func permanentAct(ctx context.Context, d *demo) {
	unfiled := d.call(ctx, "creator", "CreateDsaHost", "host", "shop.unfiled.example", "origin", "origin.example.com:80")
	stranger := d.newClient(d.base, demoPolicy(), demoKey("another-key"))
	wrongKey := d.callBy(ctx, stranger, "stranger", "GetDsaUserInfo")

	d.showError(unfiled, 2002, qcloudhttp.ErrDomain, "codes.DomainNotFiled", "qcloudhttp.ErrDomain")
	d.showError(wrongKey, 4100, qcloudhttp.ErrAuth, "codes.AuthFailure", "qcloudhttp.ErrAuth")
}

// showError prints what a program learns from an error, and expects it to be
// one of a code and a class.
func (d *demo) showError(err error, code codes.Code, class error, codeName, className string) {
	e := apiError(err)
	var as *qcloudhttp.Error
	rows := [][]string{
		{"errors.As(err, &apiErr)", fmt.Sprint(errors.As(err, &as))},
		{"apiErr", fmt.Sprintf("Code: %d, Module: %d, Class: %s", e.Code, e.Module, e.Class)},
		{"errors.Is(err, " + codeName + ")", fmt.Sprint(errors.Is(err, code))},
		{"errors.Is(err, " + className + ")", fmt.Sprint(errors.Is(err, class))},
		{"errors.Is(err, qcloudhttp.ErrThrottled)", fmt.Sprint(errors.Is(err, qcloudhttp.ErrThrottled))},
	}
	d.timeline.errorRows(rows, e.Text(d.words.lang))
	d.expect(errors.Is(err, code) && errors.Is(err, class) && !errors.Is(err, qcloudhttp.ErrThrottled) && e.Attempt == 1,
		d.words.demo.typed, int(code))
}
