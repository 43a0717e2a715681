package roster

import (
	"context"
	"time"

	"example.com/roster/rosterv1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// A unary method of a generated stub.
type method[Stub, Request, Response any] func(Stub, context.Context, *Request, ...grpc.CallOption) (*Response, error)

func command[Request, Response any](ctx context.Context, c *Client,
	method method[rosterv1.UserCommandServiceClient, Request, Response], request *Request) (*Response, error) {
	return call(ctx, c.commands, c.options.Timeout, func(ctx context.Context, connection *grpc.ClientConn) (*Response, error) {
		return method(rosterv1.NewUserCommandServiceClient(connection), ctx, request)
	})
}

func query[Request, Response any](ctx context.Context, c *Client,
	method method[rosterv1.UserQueryServiceClient, Request, Response], request *Request) (*Response, error) {
	return call(ctx, c.queries, c.options.Timeout, func(ctx context.Context, connection *grpc.ClientConn) (*Response, error) {
		return method(rosterv1.NewUserQueryServiceClient(connection), ctx, request)
	})
}

// Makes one call with its repeats. It must be safe to repeat: a query, or a command with a request_id.
func call[Response any](ctx context.Context, endpoints *endpoints, timeout time.Duration,
	attempt func(context.Context, *grpc.ClientConn) (*Response, error)) (*Response, error) {
	if deadline, ok := ctx.Deadline(); ok {
		timeout = time.Until(deadline)
	}
	attempts := newAttempts(endpoints, timeout)
	for {
		response, err := callOnce(ctx, attempts, attempt)
		if err == nil {
			return response, nil
		}
		failure := toError(ctx, err)
		if !attempts.next(ctx, failure, false) {
			return nil, failure
		}
	}
}

func callOnce[Response any](ctx context.Context, attempts *attempts,
	attempt func(context.Context, *grpc.ClientConn) (*Response, error)) (*Response, error) {
	connection, err := attempts.endpoints.connection(attempts.address)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, attempts.attemptTimeout())
	defer cancel()
	return attempt(ctx, connection)
}

// The command, or a copy with a request_id of its own: so it can be repeated, and takes effect once.
func withRequestID[Command interface {
	proto.Message
	GetRequestId() string
}](command Command) Command {
	if command.GetRequestId() != "" {
		return command
	}
	command = proto.Clone(command).(Command)
	fields := command.ProtoReflect().Descriptor().Fields()
	command.ProtoReflect().Set(fields.ByName("request_id"), protoreflect.ValueOfString(NewRequestID()))
	return command
}
