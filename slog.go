package qcloudhttp

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"time"

	"github.com/qcloudhttp/qcloudhttp/internal/redact"
	"github.com/qcloudhttp/qcloudhttp/internal/words"
)

// LogTo returns an Observer that logs to logger, with the request's context.
// Nil means slog.Default() as it is when an event happens.
//
//	DEBUG  attempt succeeded
//	DEBUG  attempt failed
//	INFO   waiting to retry          before a retry, or after a second in line for it
//	INFO   waiting for its turn      after a second in line for the first attempt
//	INFO   response of unknown code  passed on as a success, see EventUnread
//	DEBUG  call succeeded
//	WARN   call failed               for good: the failure is permanent
//	WARN   gave up                   retrying ended, see GiveUpError
//
// A call that failed is logged at INFO where that may be all in order: its own
// caller cancelled it, or the answer is of class NotFound or Conflict.
//
// The keys, each left out where there is nothing to say:
//
//	action, host       what was called
//	attempt            the attempt, from 1; of a wait, the one it precedes
//	attempts           how many were made, 0 included, when the call is over
//	status             the HTTP status
//	code, module       the API's codes, as integers
//	code_desc          v2's codeDesc, or API 3.0's Code
//	class              what the failure means: Throttled, NotFound...
//	request_id         the API's own
//	cause              what is waited for: backoff, retry-after, limiter, budget
//	wait, until        how long, and when that ends
//	rate               the learnt rate in attempts a second
//	duration           how long the attempt took
//	queued             how long it waited in line before it
//	elapsed            since the call began
//	reason             why retrying ended: attempts, elapsed, deadline...
//	executed           whether a failed call had an effect: no, unknown, partial
//	own_work           true where an earlier attempt may have caused the failure
//	error              the failure: in short, and with advice when the call is over
//
// Levels and keys stay as they are within a major version; others may be
// added. No value holds a credential or a query string. Nothing is put
// together, and nothing allocated, for a level that is off.
func LogTo(logger *slog.Logger) Observer { return logObserver{logger} }

type logObserver struct{ logger *slog.Logger }

func (o logObserver) to() *slog.Logger {
	if o.logger != nil {
		return o.logger
	}
	return slog.Default()
}

// Enabled reports whether logger logs at the event's level.
func (o logObserver) Enabled(ctx context.Context, kind EventKind, err error) bool {
	return o.to().Enabled(ctx, levelOf(kind, err))
}

// Observe logs e.
func (o logObserver) Observe(ctx context.Context, e Event) {
	logger, level := o.to(), levelOf(e.Kind, e.Err)
	if logger.Enabled(ctx, level) {
		logger.LogAttrs(ctx, level, messageOf(&e), attrsOf(&e)...)
	}
}

func levelOf(kind EventKind, err error) slog.Level {
	switch {
	case kind == EventAttempt, kind == EventEnd && err == nil:
		return slog.LevelDebug
	case kind == EventEnd && !routine(err):
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// routine reports whether a call may end with err while all is in order.
func routine(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, ErrNotFound) || errors.Is(err, ErrConflict)
}

func messageOf(e *Event) string {
	switch e.Kind {
	case EventAttempt:
		if e.Err != nil {
			return "attempt failed"
		}
		return "attempt succeeded"
	case EventWait:
		if e.Attempt <= 1 {
			return "waiting for its turn"
		}
		return "waiting to retry"
	case EventUnread:
		return "response of unknown code"
	case EventEnd:
		var gaveUp *GiveUpError
		switch {
		case e.Err == nil:
			return "call succeeded"
		case errors.As(e.Err, &gaveUp):
			return "gave up"
		}
		return "call failed"
	}
	return e.Kind.String()
}

// attrs are put together in the order in which they read well.
type attrs []slog.Attr

func attrsOf(e *Event) []slog.Attr {
	a := make(attrs, 0, 20)
	a.text("action", e.Action)
	a.text("host", e.Host)
	if e.Kind == EventEnd {
		a = append(a, slog.Int("attempts", e.Attempt)) // 0: none was sent
	} else {
		a.number("attempt", e.Attempt)
	}
	a.wait(e)
	a.number("status", e.StatusCode)
	a.took("duration", e.Duration)
	a.took("queued", e.Queued)
	a.took("elapsed", e.Elapsed)
	if e.Rate > 0 {
		a = append(a, slog.Float64("rate", math.Round(e.Rate*100)/100))
	}
	a.failure(e)
	return a
}

func (a *attrs) wait(e *Event) {
	a.text("cause", string(e.Cause))
	a.took("wait", e.Wait)
	if !e.Until.IsZero() {
		*a = append(*a, slog.Time("until", e.Until))
	}
}

// failure adds what e.Err tells.
func (a *attrs) failure(e *Event) {
	if e.Err == nil {
		return
	}
	short := e.Kind != EventEnd
	var gaveUp *GiveUpError
	if errors.As(e.Err, &gaveUp) {
		a.text("reason", string(gaveUp.Reason))
		a.text("executed", gaveUp.Executed.String())
	}
	var fail *Error
	if errors.As(e.Err, &fail) {
		if gaveUp == nil && !short {
			a.text("executed", fail.Executed.String())
		}
		a.answer(fail)
	}
	if short && fail != nil {
		a.text("error", inShort(fail))
		return
	}
	a.text("error", Redact(e.Err).Error())
}

// inShort is what was said, without the codes, which have keys of their own,
// and the advice.
func inShort(fail *Error) string {
	if said := fail.said(); said != "" {
		return redact.Scrub(said)
	}
	return fail.what(words.For("en"))
}

// answer adds the parts of what the API answered.
func (a *attrs) answer(fail *Error) {
	a.number("code", int(fail.Code))
	a.number("module", int(fail.Module))
	a.text("code_desc", redact.Scrub(fail.CodeDesc))
	a.text("class", fail.Class.String())
	a.text("request_id", redact.Scrub(fail.RequestID))
	if fail.OwnWork {
		*a = append(*a, slog.Bool("own_work", true))
	}
}

func (a *attrs) text(key, value string) {
	if value != "" {
		*a = append(*a, slog.String(key, value))
	}
}

func (a *attrs) number(key string, value int) {
	if value != 0 {
		*a = append(*a, slog.Int(key, value))
	}
}

// took adds a duration, without the digits that nobody reads.
func (a *attrs) took(key string, d time.Duration) {
	if d <= 0 {
		return
	}
	unit := time.Millisecond
	if d < 10*unit {
		unit = time.Microsecond
	}
	*a = append(*a, slog.Duration(key, d.Round(unit)))
}
