package roster_test

import (
	"context"
	"net"
	"sync/atomic"
	"testing"

	"example.com/roster"
	"example.com/roster/internal/deployment"
	"example.com/roster/rosterv1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// A command service that stands by, and names the leader.
type fakeStandby struct {
	rosterv1.UnimplementedUserCommandServiceServer
	leader string
	calls  atomic.Int32
}

func (s *fakeStandby) SignUpUser(context.Context, *rosterv1.SignUpUserRequest) (*rosterv1.SignUpUserResponse, error) {
	s.calls.Add(1)
	refusal, err := status.New(codes.Unavailable, "stands by").WithDetails(&errdetails.ErrorInfo{
		Reason: "NOT_LEADER", Domain: "roster.v1", Metadata: map[string]string{"leader": s.leader}})
	if err != nil {
		return nil, err
	}
	return nil, refusal.Err()
}

func TestStandbyLeadsToTheLeader(t *testing.T) {
	services := deployment.Start(t)
	standby := &fakeStandby{leader: services.CommandService}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	rosterv1.RegisterUserCommandServiceServer(server, standby)
	go server.Serve(listener)
	defer server.Stop()

	// From here on the leader is ready: else it would be left for the standby again.
	signUp(t, newClient(t, services), "ready")
	client := newClientWith(t, roster.Options{CommandService: []string{listener.Addr().String()}})
	signUp(t, client, "led-1")
	signUp(t, client, "led-2")
	if calls := standby.calls.Load(); calls != 1 {
		t.Errorf("the standby was called %d times", calls)
	}
}
