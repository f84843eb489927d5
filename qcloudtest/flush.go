package qcloudtest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

// maxFlushes bounds the flushed URLs that are remembered for GetFlushLog, and
// maxFlushURLs those of one call.
const (
	maxFlushes   = 10000
	maxFlushURLs = 1000
)

// flush is the flushing of one URL.
type flush struct {
	taskID string
	url    string
	kind   int // 0 a URL, 1 a directory's changed files, 2 all of a directory
	at     time.Time
	doneAt time.Time
}

// The states of a flush in API 2.0. Nothing fails here, so that -1 is not used.
const (
	flushRunning = 1
	flushDone    = 2
)

func (f flush) status(now time.Time) int {
	if now.Before(f.doneAt) {
		return flushRunning
	}
	return flushDone
}

// flush starts the flushing of urls and returns the task's ID. Either all of
// them are accepted or none.
func (m *module) flush(now time.Time, urls []string, kind int) (string, *failure) {
	for _, u := range urls {
		if f := m.flushable(u, now); f != nil {
			return "", f
		}
	}
	m.flushCount++
	taskID := fmt.Sprintf("%d%09d", now.Unix(), m.flushCount)
	for _, u := range urls {
		m.flushes = append(m.flushes, flush{
			taskID: taskID, url: u, kind: kind,
			at: now, doneAt: now.Add(m.cfg.deployTime),
		})
	}
	if over := len(m.flushes) - 2*maxFlushes; over > 0 {
		m.flushes = slices.Delete(m.flushes, 0, over+maxFlushes)
	}
	return taskID, nil
}

func (m *module) flushable(rawURL string, now time.Time) *failure {
	u, err := url.Parse(rawURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" {
		return malformed("url")
	}
	d, ok := m.named(u.Hostname())
	switch {
	case !ok:
		return failureOf(codes.DomainNotFound)
	case d.Banned:
		return failureOf(codes.DomainBanned)
	case d.Locked:
		return failureOf(codes.DomainLocked)
	case d.Offline:
		return failureOf(codes.DomainOffline)
	case d.neverOnline(now):
		return failureOf(codes.DomainNotOnline)
	}
	return nil
}

// flushQuery selects flushes; zero fields select all.
type flushQuery struct {
	kind            *int // 0: URLs, 1: directories
	taskID, keyword string
	status          int
	from, to        time.Time
}

// flushLog returns the flushes that q selects, the newest first.
func (m *module) flushLog(now time.Time, q flushQuery) []flush {
	var found []flush
	for _, f := range slices.Backward(m.flushes) {
		if q.selects(f, now) && len(found) < maxFlushes {
			found = append(found, f)
		}
	}
	return found
}

func (q flushQuery) selects(f flush, now time.Time) bool {
	switch {
	case q.kind != nil && (*q.kind != 0) != (f.kind != 0),
		q.taskID != "" && q.taskID != f.taskID,
		!strings.Contains(f.url, q.keyword),
		q.status != 0 && q.status != f.status(now),
		!q.from.IsZero() && f.at.Before(q.from),
		!q.to.IsZero() && !f.at.Before(q.to):
		return false
	}
	return true
}

// pageOf returns the part of all that offset and limit select.
func pageOf[T any](all []T, offset, limit int) []T {
	start := min(max(offset, 0), len(all))
	return all[start:min(start+max(limit, 0), len(all))]
}
