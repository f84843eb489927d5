package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

// tally counts what happened in a demo. Its zero value is ready to use.
type tally struct {
	mu       sync.Mutex
	calls    int // that are over
	failed   int // of them, with an error
	attempts int
	waited   time.Duration // of all workers together
	classes  map[qcloudhttp.Class]int
	codes    map[codes.Code]int
}

func (t *tally) add(e qcloudhttp.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch e.Kind {
	case qcloudhttp.EventAttempt:
		t.attempts++
		t.waited += e.Queued
		if e.Err != nil {
			t.reject(apiError(e.Err))
		}
	case qcloudhttp.EventWait:
		if e.Cause != qcloudhttp.WaitLimiter && e.Cause != qcloudhttp.WaitBudget { // they are in Queued
			t.waited += e.Wait
		}
	case qcloudhttp.EventEnd:
		t.calls++
		if e.Err != nil {
			t.failed++
		}
	}
}

func (t *tally) reject(e *qcloudhttp.Error) {
	if t.classes == nil {
		t.classes, t.codes = map[qcloudhttp.Class]int{}, map[codes.Code]int{}
	}
	t.classes[e.Class]++
	if info, ok := e.Info(); ok {
		t.codes[info.Code]++
	}
}

// met is how many attempts met a code.
func (t *tally) met(code codes.Code) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.codes[code]
}

// summary prints the totals.
func (d *demo) summary() {
	t := &d.timeline.tally
	t.mu.Lock()
	defer t.mu.Unlock()
	var classes []string
	rejected := 0
	for _, class := range slices.Sorted(maps.Keys(t.classes)) {
		classes = append(classes, fmt.Sprintf("%s %d", class, t.classes[class]))
		rejected += t.classes[class]
	}
	w := d.words.demo
	d.print("\n%s\n", d.timeline.paint(bold, w.summary))
	rows := [][]string{
		{"  " + w.calls, fmt.Sprint(t.calls), fmt.Sprintf(w.ofCalls, t.calls-t.failed, t.failed)},
		{"  " + w.attempts, fmt.Sprint(t.attempts), fmt.Sprintf(w.ofAttempts, rejected)},
	}
	label := w.byClass
	for _, line := range wrap(strings.Join(classes, ", "), lineWidth-20) {
		rows, label = append(rows, []string{"  " + label, "", line}), ""
	}
	rows = append(rows,
		[]string{"  " + w.waited, seconds(t.waited), w.together},
		[]string{"  " + w.time, seconds(time.Since(d.timeline.start)), ""})
	d.print("%s", align(rows))
}
