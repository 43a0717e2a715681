package roster

import (
	"context"
	"errors"
	"iter"

	"example.com/roster/rosterv1"
	"github.com/google/uuid"
)

// Client sends commands and queries. Commands go to the command service that leads: where another one answers, its word
// is followed. Safe for concurrent use.
type Client struct {
	options  Options
	commands *endpoints
	queries  *endpoints
}

// NewClient makes a client, which connects when first called. Close it when it is no longer used.
func NewClient(options Options) (*Client, error) {
	options = options.withDefaults()
	commands, err := newEndpoints(options.CommandService, options.connect)
	if err != nil {
		return nil, err
	}
	queries, err := newEndpoints(options.QueryService, options.connect)
	if err != nil {
		return nil, errors.Join(err, commands.close())
	}
	return &Client{options, commands, queries}, nil
}

// Close ends the calls under way.
func (c *Client) Close() error { return errors.Join(c.commands.close(), c.queries.close()) }

// NewRequestID makes a UUIDv7: unique, and in the order of time, which suits the service's indexes.
func NewRequestID() string { return uuid.Must(uuid.NewV7()).String() }

// SignUpUser signs a user up. ErrEmailTaken, ErrUserIDTaken, ErrInvalidField.
func (c *Client) SignUpUser(ctx context.Context, request *rosterv1.SignUpUserRequest) (*rosterv1.SignUpUserResponse, error) {
	return command(ctx, c, rosterv1.UserCommandServiceClient.SignUpUser, withRequestID(request))
}

// UpdateUser changes the fields that the mask names. ErrUserNotFound, ErrEtagMismatch, ErrEmailTaken.
func (c *Client) UpdateUser(ctx context.Context, request *rosterv1.UpdateUserRequest) (*rosterv1.UpdateUserResponse, error) {
	return command(ctx, c, rosterv1.UserCommandServiceClient.UpdateUser, withRequestID(request))
}

// DeleteUser deletes a user. ErrUserNotFound, ErrEtagMismatch.
func (c *Client) DeleteUser(ctx context.Context, request *rosterv1.DeleteUserRequest) (*rosterv1.DeleteUserResponse, error) {
	return command(ctx, c, rosterv1.UserCommandServiceClient.DeleteUser, withRequestID(request))
}

// GetUser finds one user, by id or by address. ErrUserNotFound; ErrNotYetVisible with ReadAfter.
func (c *Client) GetUser(ctx context.Context, request *rosterv1.GetUserRequest) (*rosterv1.GetUserResponse, error) {
	return query(ctx, c, rosterv1.UserQueryServiceClient.GetUser, request)
}

// BatchGetUsers finds many users by id.
func (c *Client) BatchGetUsers(ctx context.Context, request *rosterv1.BatchGetUsersRequest) (*rosterv1.BatchGetUsersResponse, error) {
	return query(ctx, c, rosterv1.UserQueryServiceClient.BatchGetUsers, request)
}

// GetReadModelStatus says how far the read model is, and what is in it.
func (c *Client) GetReadModelStatus(ctx context.Context) (*rosterv1.GetReadModelStatusResponse, error) {
	return query(ctx, c, rosterv1.UserQueryServiceClient.GetReadModelStatus, &rosterv1.GetReadModelStatusRequest{})
}

// ListUsers gives the users that match, page by page. A stream that is cut goes on after the last page, so each user
// comes once. An error comes last, and alone.
func (c *Client) ListUsers(ctx context.Context, request *rosterv1.ListUsersRequest) iter.Seq2[*rosterv1.ListUsersResponse, error] {
	return read(ctx, c, rosterv1.UserQueryServiceClient.ListUsers, func() resume[rosterv1.ListUsersRequest, rosterv1.ListUsersResponse] {
		return newListResume(request)
	})
}

// WatchUsers gives the present users, then every change as it comes, until ctx ends. A cut is followed by watching on from
// the last message taken, so nothing is missed. To go on in another process, keep ResumeToken once a message is dealt
// with. An error comes last, and alone; ErrResumeTokenTooOld: watch again without a token.
func (c *Client) WatchUsers(ctx context.Context, request *rosterv1.WatchUsersRequest) iter.Seq2[*rosterv1.WatchUsersResponse, error] {
	return read(ctx, c, rosterv1.UserQueryServiceClient.WatchUsers, func() resume[rosterv1.WatchUsersRequest, rosterv1.WatchUsersResponse] {
		return newWatchResume(request)
	})
}
