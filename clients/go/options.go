package roster

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
)

const (
	defaultTimeout = 10 * time.Second
	// A page holds at most 1000 users, each below 64 KiB.
	maxReceiveBytes = 64 << 20
)

// Options say where the services are and how to call them. The zero value means those of ./dev run.
type Options struct {
	// CommandService and QueryService are the addresses, HOST:PORT, at which each may answer.
	CommandService []string
	QueryService   []string
	// TLS says how the servers are known, and may have the client's own certificate. nil: in plain text.
	TLS *tls.Config
	// Token gives the bearer token, and is called for every call; nil: none. In plain text it is sent on the loopback
	// only: else NewClient fails.
	Token func(context.Context) (string, error)
	// Timeout is for a call with all its repeats, where its context has no deadline; for a stream, the longest time
	// without a message at which it is still taken up again. A watch that has begun is taken up for ever. 0: 10 s.
	Timeout time.Duration
}

func (o Options) withDefaults() Options {
	if len(o.CommandService) == 0 {
		o.CommandService = []string{"127.0.0.1:50051"}
	}
	if len(o.QueryService) == 0 {
		o.QueryService = []string{"127.0.0.1:50052"}
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	return o
}

func (o Options) connect(address string) (*grpc.ClientConn, error) {
	transport := insecure.NewCredentials()
	if o.TLS != nil {
		transport = credentials.NewTLS(o.TLS)
	}
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(transport),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxReceiveBytes)),
		// A server that is gone without a word is noticed within 15 s. Roster's servers allow a ping every 5 s.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 10 * time.Second, Timeout: 5 * time.Second}),
		// gRPC's own default of 1 s and more would wait long after a server is there again.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 2 * time.Second},
			MinConnectTimeout: 2 * time.Second,
		}),
		// Whether and where a call is repeated is for the client to say, not for gRPC.
		grpc.WithDisableRetry(),
	}
	if o.Token != nil {
		if o.TLS == nil && !isLoopback(address) {
			return nil, fmt.Errorf("roster: the bearer token would go to %s in plain text: set TLS too", address)
		}
		options = append(options, grpc.WithPerRPCCredentials(bearer(o.Token)))
	}
	return grpc.NewClient("passthrough:///"+address, options...)
}

func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}

type bearer func(context.Context) (string, error)

func (b bearer) GetRequestMetadata(ctx context.Context, _ ...string) (map[string]string, error) {
	token, err := b(ctx)
	if err != nil {
		return nil, err
	}
	return map[string]string{"authorization": "Bearer " + token}, nil
}

// connect has seen to that.
func (bearer) RequireTransportSecurity() bool { return false }
