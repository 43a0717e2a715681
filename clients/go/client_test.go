package roster_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/roster"
	"example.com/roster/internal/deployment"
	"example.com/roster/rosterv1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

func newClient(t *testing.T, services *deployment.Deployment) *roster.Client {
	t.Helper()
	return newClientWith(t, roster.Options{
		CommandService: []string{services.CommandService, services.AnotherCommandService},
		QueryService:   []string{services.QueryService},
		Timeout:        time.Minute,
	})
}

func newClientWith(t *testing.T, options roster.Options) *roster.Client {
	t.Helper()
	client, err := roster.NewClient(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	return client
}

func signUp(t *testing.T, client *roster.Client, name string) *rosterv1.SignUpUserResponse {
	t.Helper()
	answer, err := client.SignUpUser(t.Context(), &rosterv1.SignUpUserRequest{UserId: name, Email: name + "@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func byID(name string) *rosterv1.GetUserRequest_UserId {
	return &rosterv1.GetUserRequest_UserId{UserId: name}
}

func expectEqual(t *testing.T, got, want proto.Message) {
	t.Helper()
	if !proto.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestClient(t *testing.T) {
	client := newClient(t, deployment.Start(t))

	t.Run("RepeatedRequestIDReturnsTheFirstAnswer", func(t *testing.T) {
		request := &rosterv1.SignUpUserRequest{Email: "repeat@example.com", RequestId: "repeat-1"}
		first, err := client.SignUpUser(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		again, err := client.SignUpUser(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		expectEqual(t, again, first)
	})

	t.Run("RequestGivenIsNotChanged", func(t *testing.T) {
		request := &rosterv1.SignUpUserRequest{Email: "untouched@example.com"}
		if _, err := client.SignUpUser(t.Context(), request); err != nil {
			t.Fatal(err)
		}
		if request.GetRequestId() != "" {
			t.Error("the request has got a request_id")
		}
	})

	t.Run("ReadsOwnWrite", func(t *testing.T) {
		for i := range 20 {
			written := signUp(t, client, fmt.Sprintf("own-write-%d", i))
			read, err := client.GetUser(t.Context(), &rosterv1.GetUserRequest{
				Key: byID(written.GetUser().GetUserId()), ReadAfter: written.GetConsistencyToken()})
			if err != nil {
				t.Fatal(err)
			}
			expectEqual(t, read.GetUser(), written.GetUser())
		}
	})

	t.Run("TakenAddressIsATypedError", func(t *testing.T) {
		signUp(t, client, "taken")
		_, err := client.SignUpUser(t.Context(), &rosterv1.SignUpUserRequest{Email: "Taken@example.com"})
		if !errors.Is(err, roster.ErrEmailTaken) || errors.Is(err, roster.ErrUserIDTaken) {
			t.Errorf("got %v", err)
		}
		if status.Code(err) != codes.AlreadyExists {
			t.Errorf("gRPC's own code is %v", status.Code(err))
		}
	})

	t.Run("EtagMismatchHasTheCurrentEtag", func(t *testing.T) {
		user := signUp(t, client, "etag").GetUser()
		_, err := client.DeleteUser(t.Context(), &rosterv1.DeleteUserRequest{UserId: "etag", Etag: "1-0"})
		var failure *roster.Error
		if !errors.Is(err, roster.ErrEtagMismatch) || !errors.As(err, &failure) {
			t.Fatalf("got %v", err)
		}
		if failure.Metadata["current_etag"] != user.GetEtag() {
			t.Errorf("got %v", failure.Metadata)
		}
	})

	t.Run("MalformedFieldsAreAllNamed", func(t *testing.T) {
		_, err := client.SignUpUser(t.Context(), &rosterv1.SignUpUserRequest{Email: "none", UserId: "a b"})
		var failure *roster.Error
		if !errors.Is(err, roster.ErrInvalidField) || !errors.As(err, &failure) || len(failure.FieldViolations) != 2 {
			t.Errorf("got %v", err)
		}
	})

	t.Run("ListsEveryUserOnce", func(t *testing.T) {
		var want []string
		var token string
		for i := range 25 {
			answer := signUp(t, client, fmt.Sprintf("list-%02d", i))
			want = append(want, answer.GetUser().GetUserId())
			token = answer.GetConsistencyToken()
		}
		var got []string
		for page, err := range client.ListUsers(t.Context(), &rosterv1.ListUsersRequest{
			Filter:  &rosterv1.ListUsersFilter{EmailPrefix: "list-"},
			OrderBy: "email", PageSize: 4, ReadAfter: token,
		}) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, ids(page.GetUsers())...)
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %v", got)
		}
	})

	t.Run("InvalidResumeTokenEndsAWatch", func(t *testing.T) {
		for _, err := range client.WatchUsers(t.Context(), &rosterv1.WatchUsersRequest{ResumeToken: "none"}) {
			var failure *roster.Error
			if !errors.As(err, &failure) || failure.Reason != rosterv1.ErrorReason_ERROR_REASON_INVALID_TOKEN {
				t.Errorf("got %v", err)
			}
		}
	})

	t.Run("WatchEndsWithItsContext", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var last error
		for _, err := range client.WatchUsers(ctx, &rosterv1.WatchUsersRequest{}) {
			cancel()
			last = err
		}
		if !errors.Is(last, context.Canceled) {
			t.Errorf("got %v", last)
		}
	})
}

func ids(users []*rosterv1.User) []string {
	var ids []string
	for _, user := range users {
		ids = append(ids, user.GetUserId())
	}
	return ids
}

func TestWatchThatWasCutMissesNoChange(t *testing.T) {
	services := deployment.Start(t)
	client := newClient(t, services)
	var want, got []string
	signUpSome := func(name string) {
		for i := range 5 {
			want = append(want, signUp(t, client, fmt.Sprintf("%s-%d", name, i)).GetUser().GetUserId())
		}
	}
	signUpSome("watch")
	next, stop := iter.Pull2(client.WatchUsers(t.Context(), &rosterv1.WatchUsersRequest{}))
	defer stop()
	watchUntil := func(count int) {
		for len(got) < count {
			message, err, _ := next()
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, ids(message.GetUsers())...)
		}
	}
	watchUntil(5)
	services.Kill("query-service")
	signUpSome("meanwhile")
	services.Start("query-service")
	watchUntil(10)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestListThatWasCutGoesOnAfterTheLastPage(t *testing.T) {
	services := deployment.Start(t)
	client := newClient(t, services)
	var want, got []string
	var token string
	for i := range 10 {
		answer := signUp(t, client, fmt.Sprintf("cut-%d", i))
		want, token = append(want, answer.GetUser().GetUserId()), answer.GetConsistencyToken()
	}
	for page, err := range client.ListUsers(t.Context(), &rosterv1.ListUsersRequest{PageSize: 2, Limit: 9, ReadAfter: token}) {
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 0 {
			services.Kill("query-service")
			services.Start("query-service")
		}
		got = append(got, ids(page.GetUsers())...)
	}
	if !slices.Equal(got, want[:9]) {
		t.Errorf("got %v", got)
	}
}

func TestCommandSurvivesTheDeathOfTheLeader(t *testing.T) {
	services := deployment.Start(t)
	client := newClient(t, services)
	request := &rosterv1.SignUpUserRequest{Email: "survivor@example.com", RequestId: "survivor-1"}
	first, err := client.SignUpUser(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	services.Kill("command-service")
	started := make(chan struct{})
	go func() {
		services.Start("another-command-service")
		close(started)
	}()
	// Nobody serves when this begins.
	again, err := client.SignUpUser(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	expectEqual(t, again, first)
	<-started
}

func TestTLSAndToken(t *testing.T) {
	services := deployment.Start(t, "--secure")
	ca, err := os.ReadFile(services.CA)
	if err != nil {
		t.Fatal(err)
	}
	authorities := x509.NewCertPool()
	authorities.AppendCertsFromPEM(ca)
	options := roster.Options{
		CommandService: []string{services.CommandService},
		QueryService:   []string{services.QueryService},
		TLS:            &tls.Config{RootCAs: authorities},
		Timeout:        time.Minute,
	}
	_, err = newClientWith(t, options).SignUpUser(t.Context(), &rosterv1.SignUpUserRequest{Email: "nobody@example.com"})
	if !errors.Is(err, roster.ErrCredentialsMissing) {
		t.Errorf("got %v", err)
	}
	options.Token = func(context.Context) (string, error) {
		token, err := os.ReadFile(services.Token)
		return strings.TrimSpace(string(token)), err
	}
	client := newClientWith(t, options)
	written := signUp(t, client, "secure")
	read, err := client.GetUser(t.Context(), &rosterv1.GetUserRequest{Key: byID("secure"), ReadAfter: written.GetConsistencyToken()})
	if err != nil {
		t.Fatal(err)
	}
	expectEqual(t, read.GetUser(), written.GetUser())
}

func TestTokenIsNotSentInPlainTextBeyondTheLoopback(t *testing.T) {
	_, err := roster.NewClient(roster.Options{
		CommandService: []string{"roster.example.com:50051"},
		Token:          func(context.Context) (string, error) { return "secret", nil },
	})
	if err == nil || !strings.Contains(err.Error(), "plain text") {
		t.Errorf("got %v", err)
	}
}

func TestUnreachableServiceSaysSoWithinTheTimeout(t *testing.T) {
	client := newClientWith(t, roster.Options{CommandService: []string{"127.0.0.1:1"}, Timeout: 200 * time.Millisecond})
	_, err := client.SignUpUser(t.Context(), &rosterv1.SignUpUserRequest{Email: "ann@example.com"})
	if status.Code(err) != codes.Unavailable {
		t.Errorf("got %v", err)
	}
}
