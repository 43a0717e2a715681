package roster

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
)

func attemptsAt(t *testing.T, timeout time.Duration, addresses ...string) *attempts {
	t.Helper()
	endpoints, err := newEndpoints(addresses, func(string) (*grpc.ClientConn, error) { return nil, nil })
	if err != nil {
		t.Fatal(err)
	}
	return newAttempts(endpoints, timeout)
}

func unavailable(reason string) *Error { return &Error{Code: codes.Unavailable, ReasonName: reason} }

func TestOnlyWhatMayPassIsRepeated(t *testing.T) {
	for _, test := range []struct {
		failure *Error
		want    bool
	}{
		{unavailable(""), true},
		{unavailable("OUTCOME_UNKNOWN"), true},
		{unavailable("HELD_BY_DEAD_LETTER"), false},
		{&Error{Code: codes.ResourceExhausted, ReasonName: "OVERLOADED", RetryDelay: time.Second}, true},
		{&Error{Code: codes.ResourceExhausted, Message: "the message is too large"}, false},
		{&Error{Code: codes.DeadlineExceeded}, true},
		{&Error{Code: codes.AlreadyExists, ReasonName: "EMAIL_TAKEN"}, false},
		{&Error{Code: codes.Internal}, false},
	} {
		if got := isRetryable(test.failure); got != test.want {
			t.Errorf("%v %s: got %t", test.failure.Code, test.failure.ReasonName, got)
		}
	}
}

func TestEachAddressIsTriedBeforeWaiting(t *testing.T) {
	attempts := attemptsAt(t, time.Minute, "a:1", "b:1")
	if !attempts.chooseAddress(unavailable("")) || attempts.address != "b:1" {
		t.Errorf("went to %s", attempts.address)
	}
	if attempts.chooseAddress(unavailable("")) || attempts.address != "a:1" {
		t.Errorf("went to %s", attempts.address)
	}
}

func TestLeaderIsFollowedAndLeftWhenGone(t *testing.T) {
	attempts := attemptsAt(t, time.Minute, "a:1", "b:1")
	refusal := unavailable("NOT_LEADER")
	refusal.Metadata = map[string]string{"leader": "c:1"}
	attempts.chooseAddress(refusal)
	if attempts.address != "c:1" || attempts.endpoints.currentAddress() != "c:1" {
		t.Errorf("went to %s", attempts.address)
	}
	attempts.chooseAddress(unavailable(""))
	if attempts.address != "a:1" {
		t.Errorf("went to %s", attempts.address)
	}
}

func TestNoAttemptAfterTheDeadline(t *testing.T) {
	attempts := attemptsAt(t, time.Millisecond, "a:1")
	if attempts.next(context.Background(), unavailable(""), false) {
		t.Error("there is another attempt")
	}
}

func TestOneOfSeveralAddressesDoesNotGetAllTheTime(t *testing.T) {
	if timeout := attemptsAt(t, time.Minute, "a:1", "b:1").attemptTimeout(); timeout != longestAttempt {
		t.Errorf("got %v", timeout)
	}
	if timeout := attemptsAt(t, time.Minute, "a:1").attemptTimeout(); timeout < 59*time.Second {
		t.Errorf("got %v", timeout)
	}
}
