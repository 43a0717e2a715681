package roster

import (
	"context"
	"errors"
	"io"
	"iter"

	"example.com/roster/rosterv1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// What is left of a stream once some of its messages were taken: what to ask for after a cut.
type resume[Request, Response any] interface {
	request() *Request
	// Whether the stream goes on for ever, so that its end is a cut and it is always taken up again.
	follows() bool
	// Whether the server is to wait for read_after: it must then know for how long.
	waits() bool
	// The caller is done with the message. Returns whether nothing is left.
	taken(*Response) bool
}

type listResume struct {
	rest    *rosterv1.ListUsersRequest
	limited bool
}

func newListResume(request *rosterv1.ListUsersRequest) *listResume {
	return &listResume{proto.Clone(request).(*rosterv1.ListUsersRequest), request.GetLimit() > 0}
}

func (r *listResume) request() *rosterv1.ListUsersRequest { return r.rest }
func (r *listResume) follows() bool                       { return false }
func (r *listResume) waits() bool                         { return r.rest.GetReadAfter() != "" && r.rest.GetPageToken() == "" }
func (r *listResume) taken(page *rosterv1.ListUsersResponse) bool {
	r.rest.PageToken = page.GetNextPageToken()
	if r.limited {
		r.rest.Limit -= int64(len(page.GetUsers()))
	}
	// A limit of 0 would mean none: what is cut after its last row is not asked to go on.
	return page.GetNextPageToken() == "" || r.limited && r.rest.GetLimit() <= 0
}

type watchResume struct{ rest *rosterv1.WatchUsersRequest }

func newWatchResume(request *rosterv1.WatchUsersRequest) *watchResume {
	return &watchResume{proto.Clone(request).(*rosterv1.WatchUsersRequest)}
}

func (r *watchResume) request() *rosterv1.WatchUsersRequest { return r.rest }
func (r *watchResume) follows() bool                        { return true }
func (r *watchResume) waits() bool                          { return r.rest.GetReadAfter() != "" }
func (r *watchResume) taken(message *rosterv1.WatchUsersResponse) bool {
	r.rest.ResumeToken, r.rest.ReadAfter = message.GetResumeToken(), ""
	return false
}

// A streaming method of the generated stub.
type streamMethod[Request, Response any] func(rosterv1.UserQueryServiceClient, context.Context, *Request,
	...grpc.CallOption) (grpc.ServerStreamingClient[Response], error)

var errStopped = errors.New("the caller left the loop")

// The messages of a stream that is opened again where it is cut. Each loop over it is a stream of its own.
func read[Request, Response any](ctx context.Context, c *Client, method streamMethod[Request, Response],
	newResume func() resume[Request, Response]) iter.Seq2[*Response, error] {
	return func(yield func(*Response, error) bool) {
		attempts := newAttempts(c.queries, c.options.Timeout)
		resume := newResume()
		for {
			err := readOnce(ctx, attempts, method, resume, yield)
			if err == nil || err == errStopped {
				return
			}
			failure := toError(ctx, err)
			if !attempts.next(ctx, failure, true) {
				yield(nil, failure)
				return
			}
		}
	}
}

// Returns nil once nothing is left.
func readOnce[Request, Response any](ctx context.Context, attempts *attempts, method streamMethod[Request, Response],
	resume resume[Request, Response], yield func(*Response, error) bool) error {
	connection, err := attempts.endpoints.connection(attempts.address)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if resume.waits() {
		ctx, cancel = context.WithTimeout(ctx, attempts.attemptTimeout())
		defer cancel()
	}
	stream, err := method(rosterv1.NewUserQueryServiceClient(connection), ctx, resume.request())
	if err != nil {
		return err
	}
	for {
		message, err := stream.Recv()
		if err == io.EOF && !resume.follows() {
			return nil
		}
		if err == io.EOF {
			return status.Error(codes.Unavailable, "the watch ended")
		}
		if err != nil {
			return err
		}
		attempts.progress(resume.follows())
		if !yield(message, nil) {
			return errStopped
		}
		if resume.taken(message) {
			return nil
		}
	}
}
