package qcloudhttp

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/internal/redact"
)

// LogTo returns an Observer that logs to logger, with the request's context.
// Nil means slog.Default() as it is when an event happens.
//
//	DEBUG  attempt succeeded    INFO and "response not understood" where Event.Unread is set
//	DEBUG  attempt failed
//	INFO   waiting to retry     at once; after a second where a queue decides when
//	INFO   waiting in a queue   before the first attempt, after a second
//	DEBUG  call succeeded       INFO where it took more than one attempt
//	WARN   call failed          for good: the failure is permanent
//	WARN   gave up              retrying ended, see GiveUpError
//
// A call that its caller cancelled, or that failed with NotFound or Conflict, is
// logged at INFO. The keys, each left out where empty:
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
//	rate               the rate in attempts a second that paces the call
//	duration, queued   how long the attempt took, and waited in queues before it
//	elapsed            since the call began
//	reason             why retrying ended: attempts, elapsed, deadline...
//	executed           whether a failed call had an effect: no, unknown, partial
//	maybe_done         true where an earlier attempt may have caused the failure
//	error              what the API, or the way to it, said
//
// Levels and keys stay as they are within a major version; others may be added.
// *Error and *GiveUpError are slog.LogValuers with the same keys.
func LogTo(logger *slog.Logger) Observer { return logObserver{logger} }

type logObserver struct{ logger *slog.Logger }

// Observe logs e.
func (o logObserver) Observe(ctx context.Context, e Event) {
	logger := o.logger
	if logger == nil {
		logger = slog.Default()
	}
	if level, message := headOf(&e); logger.Enabled(ctx, level) {
		logger.LogAttrs(ctx, level, message, attrsOf(&e)...)
	}
}

// headOf has the rows of LogTo's first table.
func headOf(e *Event) (level slog.Level, message string) {
	switch {
	case e.Kind == EventAttempt && e.Unread:
		return slog.LevelInfo, "response not understood"
	case e.Kind == EventAttempt && e.Err == nil:
		return slog.LevelDebug, "attempt succeeded"
	case e.Kind == EventAttempt:
		return slog.LevelDebug, "attempt failed"
	case e.Kind == EventWait && e.Err == nil:
		return slog.LevelInfo, "waiting in a queue"
	case e.Kind == EventWait:
		return slog.LevelInfo, "waiting to retry"
	case e.Err == nil && e.Attempt <= 1:
		return slog.LevelDebug, "call succeeded"
	case e.Err == nil:
		return slog.LevelInfo, "call succeeded"
	}
	level, message = slog.LevelWarn, "call failed"
	for _, ordinary := range []error{context.Canceled, codes.ClassNotFound, codes.ClassConflict} {
		if errors.Is(e.Err, ordinary) {
			level = slog.LevelInfo
		}
	}
	var gaveUp *GiveUpError
	if errors.As(e.Err, &gaveUp) {
		message = "gave up"
	}
	return level, message
}

// attrs are in the order in which they read well.
type attrs []slog.Attr

func attrsOf(e *Event) []slog.Attr {
	a := make(attrs, 0, 20)
	a.add("action", e.Action)
	a.add("host", e.Host)
	if e.Kind == EventEnd {
		a = append(a, slog.Int("attempts", e.Attempt)) // 0: none was sent
	} else {
		a.add("attempt", e.Attempt)
	}
	a.add("cause", string(e.Cause))
	a.add("wait", short(e.Wait))
	a.add("until", e.Until)
	a.add("status", e.StatusCode)
	a.add("duration", short(e.Duration))
	a.add("queued", short(e.Queued))
	a.add("elapsed", short(e.Elapsed))
	a.add("rate", math.Round(e.Rate*100)/100)
	a.failure(e.Err, e.Kind == EventEnd)
	return a
}

// add adds what says something.
func (a *attrs) add(key string, value any) {
	switch value {
	case "", 0, 0.0, false, time.Duration(0), time.Time{}:
		return
	}
	*a = append(*a, slog.Any(key, value))
}

// short is d without the digits that nobody reads.
func short(d time.Duration) time.Duration {
	if d < 10*time.Millisecond {
		return max(d, 0).Round(time.Microsecond)
	}
	return d.Round(time.Millisecond)
}

// failure adds what err tells, and where the call is over what it did.
func (a *attrs) failure(err error, over bool) {
	if err == nil {
		return
	}
	var gaveUp *GiveUpError
	if errors.As(err, &gaveUp) {
		a.add("reason", string(gaveUp.Reason))
	}
	var fail *Error
	if !errors.As(err, &fail) {
		if gaveUp != nil {
			a.add("executed", NotExecuted.String())
		}
		a.add("error", redact.Line(err.Error()))
		return
	}
	if over {
		a.add("executed", fail.Executed.String())
	}
	a.add("code", int(fail.Code))
	a.add("module", int(fail.Module))
	a.add("code_desc", redact.Line(fail.CodeDesc))
	a.add("class", fail.Class.String())
	a.add("request_id", redact.Line(fail.RequestID))
	a.add("maybe_done", fail.MaybeDone)
	a.add("error", cmp.Or(fail.said(), fail.what()))
}

// LogValue is the failure with the keys of [LogTo].
func (e *Error) LogValue() slog.Value {
	a := make(attrs, 0, 12)
	a.add("action", e.Action)
	a.add("host", e.Host)
	a.add("attempt", e.Attempt)
	a.add("status", e.StatusCode)
	a.failure(e, true)
	return slog.GroupValue(a...)
}

// LogValue is the end of the call with the keys of [LogTo].
func (e *GiveUpError) LogValue() slog.Value {
	a := make(attrs, 0, 12)
	a.add("action", e.Action)
	a = append(a, slog.Int("attempts", e.Attempts))
	a.add("elapsed", short(e.Elapsed))
	a.failure(e, true)
	return slog.GroupValue(a...)
}
