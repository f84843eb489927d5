// Package limit holds back attempts: to the pace of the API's quotas, and from
// an API that is failing.
//
// Adaptive is what a Transport uses by default. It is idle until the API first
// rejects an attempt. Each rejection's code says what its quota counts (Scope):
// an action, an account's region, an account, an address. From then on the
// calls that it covers wait in one queue, in the order in which they began, and
// a rejected call goes back to its place. What somebody tells of the quota is
// used as it was told: the rate in a rejection's message, a Retry-After, a
// documented rate (Documented, Adaptive.Quota). Else the rate is learnt:
//
//  1. A rejection closes the quota, and one attempt at a time asks for its
//     return, half as long after the last as the quota has been closed, and when
//     a second has passed; what was accepted from one opening to the next, through
//     the time between, is its rate, on 50 attempts and a second at least.
//  2. At that rate a plateau goes, of 50 attempts or a second's; then the pace
//     grows with the cube of the attempts beyond it, and the mean pace of a
//     try that was borne is believed, at most 1.25 times the measure.
//  3. A plateau that was borne doubles the next one; after a rejection before its
//     end, at a measured rate, the next is no longer than it was: somebody else
//     uses the quota too.
//  4. A quota that gives less than three quarters of what was expected is
//     another one, of which nothing is known; where less than three quarters of a
//     pace is rejected about as often, the pace is not why, and twice is tried.
//  5. A quota that stays closed for more than 5 s is a window: its allowance
//     goes at once when it opens, and its length is measured from one opening
//     to the next.
//
// What was learnt is kept for a day after the last call, and States shows it.
//
// Budget keeps retries from multiplying an outage. A *rate.Limiter is a Limiter
// too, and NewPace puts one behind a key of an Adaptive.
//
// A Transport also asks a Gate that has them for Rate(Call) float64, the rate
// that paces the call, and Estimate(Call) time.Duration, the wait to expect (0:
// it cannot tell), to say so to its Observer.
package limit

import (
	"context"
	"time"
)

// Limiter is the least a limiter does: Wait returns when the caller may go
// ahead, or ctx's error as soon as ctx ends. *rate.Limiter of
// golang.org/x/time/rate is one.
type Limiter interface {
	Wait(ctx context.Context) error
}

// Gate is a Limiter that also learns: every attempt passes Acquire before it
// is sent, and its answer is reported. A Transport uses Acquire in place of
// Wait where its Limiter has it.
type Gate interface {
	Limiter

	// Acquire waits until c's next attempt may be sent. The caller calls done
	// exactly once, with the attempt's answer; done never blocks. It reports
	// whether the attempt's rejection counts as one of the attempts that the
	// call may make. An error means that the attempt may not be sent: ctx has
	// ended, or a *WaitError says why it is no use to wait. Then done is nil.
	Acquire(ctx context.Context, c Call) (done func(Answer) (counts bool), err error)
}

// Idler is a Gate that most of the time has nothing to say.
type Idler interface {
	Gate

	// Idle reports whether Acquire would let every call through at once. Then
	// the caller may leave Acquire out and call Report for those answers that
	// are Throttled or Overloaded. It is one atomic load.
	Idle() bool

	// Report tells of an attempt that was sent without Acquire.
	Report(c Call, a Answer)
}

// Call says what a call asks for, how it waits and where it stands in the queues.
type Call struct {
	Account string // whose quota it is: a stand-in for the SecretId, "" where it is not known
	Region  string // X-TC-Region, or the region in the host's name, "" where there is none
	Service string // the API's product, or its host where the product is not known
	Host    string // the API's host, with a port where the URL has one
	Action  string // the API's action, "" where it is not known

	// Attempt is 1 for a call's first attempt.
	Attempt int

	// Begun is when the call began, which is its place in the queues. Zero
	// means now.
	Begun time.Time

	// Delay returns how long a key that has been closed by so many rejections
	// in a row stays unasked, where nothing better is known. Nil means what the
	// limiter thinks itself.
	Delay func(rejection int) time.Duration

	// Patience is how long the call waits while no call of its key is
	// accepted, and no Retry-After asks for it. Zero means without bound.
	Patience time.Duration

	// AnswerBy is when the call is over: an attempt whose answer would come later,
	// as answers of its key come of late, is not let go from a queue. Zero means
	// never.
	AnswerBy time.Time

	// History is what the limiter remembers of the call from one attempt to
	// the next. Nil means that each attempt is a call of its own.
	History *History
}

// History is a limiter's memory of one call. Its zero value is that of a call
// without an attempt. It must not be used by two attempts at once.
type History struct {
	since    time.Time // when the call was last sent to the queue's end
	rejected time.Time // when its last rejected attempt was sent from a queue; zero: it was none
	waits    int       // waits by Delay that ended with a rejection
}

// Answer is how an attempt ended.
type Answer struct {
	Outcome    Outcome
	Scope      Scope         // of a Throttled one: what the quota counts
	Told       Quota         // of a Throttled one: the quota that the API told, zero where it did not
	RetryAfter time.Duration // of a Throttled one: nobody asks before, for ten minutes at most
}

// Outcome is what an attempt's answer says to a Gate.
type Outcome uint8

const (
	// Abandoned says nothing about the API: the attempt was not sent, or the
	// caller cancelled it.
	Abandoned Outcome = iota
	// Accepted means that the API took the call, whatever came of it: every
	// answer that is neither a rejection for quota nor a sign of overload.
	Accepted
	// Throttled means that a quota was exceeded.
	Throttled
	// Overloaded means that the API failed or did not answer.
	Overloaded
)

// WaitError says why Acquire did not wait, or no longer: the attempt would
// come too late. It matches context.DeadlineExceeded where the context's
// deadline is the reason.
type WaitError struct {
	Reason WaitReason
	Until  time.Time // the earliest time at which an attempt might have gone
}

// WaitReason is why a call waits no longer.
type WaitReason uint8

const (
	// Deadline means that no attempt can go before the context's deadline.
	Deadline WaitReason = iota
	// LateAnswer means that its answer would come after Call.AnswerBy.
	LateAnswer
	// Patience means that nothing of the call's key was accepted for as long
	// as Call.Patience says.
	Patience
	// Waits means that the call was rejected after 20 waits by Call.Delay.
	Waits
)

func (e *WaitError) Error() string {
	switch e.Reason {
	case Patience:
		return "the quota accepts nothing and the call's time is up"
	case Waits:
		return "the quota accepts nothing after 20 waits"
	}
	return "the quota's next attempt would come too late for the deadline"
}

// Is reports whether the context's deadline is what e means.
func (e *WaitError) Is(target error) bool {
	return target == context.DeadlineExceeded && (e.Reason == Deadline || e.Reason == LateAnswer)
}
