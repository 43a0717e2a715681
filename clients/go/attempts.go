package roster

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"google.golang.org/grpc/codes"
)

const (
	firstDelay = 50 * time.Millisecond
	maxDelay   = 2 * time.Second
	// With several addresses, so that one which swallows calls does not keep the others from being tried.
	shortestAttempt = time.Second
	longestAttempt  = 5 * time.Second
)

// Reasons that are about the address rather than the call: another one may do better. "": it reached no handler.
var aboutAddress = []string{"", "NOT_LEADER", "NOT_READY", "SHUTTING_DOWN"}

// isRetryable says whether the same call may succeed later. A command needs its request_id for that.
func isRetryable(err *Error) bool {
	switch err.Code {
	case codes.Unavailable:
		// Only an operator can end that one.
		return err.ReasonName != "HELD_BY_DEAD_LETTER"
	case codes.ResourceExhausted:
		// Too busy says when to come back; too large a message does not.
		return err.RetryDelay > 0
	case codes.DeadlineExceeded:
		return true
	case codes.Canceled:
		// Not by a handler, nor by the caller, who waits: a server that ended with the call under way.
		return err.ReasonName == ""
	default:
		return false
	}
}

// isCut says whether a stream was cut, by a proxy perhaps, which may say so with other codes.
func isCut(err *Error) bool {
	odd := err.Code == codes.Internal || err.Code == codes.Unknown
	return isRetryable(err) || odd && err.ReasonName == ""
}

// The attempts of one call. An address that does not answer is left for the next one at once, and NOT_LEADER leads to the
// one that it names; once each was tried, the next attempt waits, longer each time.
type attempts struct {
	endpoints *endpoints
	timeout   time.Duration
	// Zero: there is no last attempt.
	deadline time.Time
	delay    time.Duration
	address  string
	// Since the last wait.
	tried []string
}

func newAttempts(endpoints *endpoints, timeout time.Duration) *attempts {
	a := &attempts{endpoints: endpoints, timeout: timeout, address: endpoints.currentAddress()}
	a.progress(false)
	return a
}

// A stream got on: what follows has the whole timeout again, or any time.
func (a *attempts) progress(forEver bool) {
	a.deadline = time.Time{}
	if !forEver {
		a.deadline = time.Now().Add(a.timeout)
	}
	a.delay = firstDelay
	a.tried = []string{a.address}
}

// For the attempt about to be made.
func (a *attempts) attemptTimeout() time.Duration {
	if a.deadline.IsZero() {
		return longestAttempt
	}
	left := time.Until(a.deadline)
	if len(a.endpoints.addresses) == 1 {
		return left
	}
	return min(left, max(shortestAttempt, min(left/2, longestAttempt)))
}

// next waits as long as it takes until there is another attempt; false where there is none.
func (a *attempts) next(ctx context.Context, err *Error, stream bool) bool {
	if ctx.Err() != nil || !isRetryable(err) && !(stream && isCut(err)) {
		return false
	}
	if a.chooseAddress(err) {
		return a.deadline.IsZero() || time.Now().Before(a.deadline)
	}
	// Those who were refused together do not come back together.
	delay := max(time.Duration(float64(a.delay)*(0.75+rand.Float64()/4)), err.RetryDelay)
	a.delay = min(a.delay*2, maxDelay)
	a.tried = []string{a.address}
	if !a.deadline.IsZero() && !time.Now().Add(delay).Before(a.deadline) {
		return false
	}
	select {
	case <-time.After(delay):
		return true
	case <-ctx.Done():
		return false
	}
}

// Returns whether the address chosen was not tried since the last wait.
func (a *attempts) chooseAddress(err *Error) bool {
	if !slices.Contains(aboutAddress, err.ReasonName) {
		return false
	}
	leader := ""
	if err.ReasonName == "NOT_LEADER" {
		leader = err.Metadata["leader"]
	}
	if leader != "" && leader != a.address {
		a.endpoints.follow(leader)
	} else {
		a.endpoints.moveOn(a.address)
	}
	a.address = a.endpoints.currentAddress()
	untried := !slices.Contains(a.tried, a.address)
	a.tried = append(a.tried, a.address)
	return untried
}
