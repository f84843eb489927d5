package rttest

import (
	"bytes"
	"context"
	"fmt"
	"runtime/pprof"
	"strings"
	"sync/atomic"
)

// Goroutines inherit the profiler's labels from the one that starts them. So
// the ones that a call leaves behind can be told from all others, whatever
// else the test binary does at the same time.
const labelKey = "rttest"

var labels atomic.Int64

// leaves runs f and returns the stacks of the goroutines that it leaves
// behind, or "".
func (e *env) leaves(f func()) string {
	label := fmt.Sprintf("run-%d-", labels.Add(1))
	done := make(chan struct{})
	go pprof.Do(e.ctx, pprof.Labels(labelKey, label), func(context.Context) {
		defer close(done)
		f()
	})
	<-done
	if e.soon(func() bool { return labelled(label) == "" }) {
		return ""
	}
	return labelled(label)
}

// labelled returns the part of the goroutine profile with that label.
func labelled(label string) string {
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		return err.Error()
	}
	var found []string
	for _, group := range strings.Split(profile.String(), "\n\n") {
		if strings.Contains(group, label) {
			found = append(found, group)
		}
	}
	return strings.Join(found, "\n\n")
}
