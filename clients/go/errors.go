package roster

import (
	"context"
	"fmt"
	"strings"
	"time"

	"example.com/roster/rosterv1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const domain = "roster.v1"

// Failures that callers tell apart, for errors.Is. For others, and for the details, take an [*Error] by errors.As.
var (
	ErrEmailTaken         = withReason(rosterv1.ErrorReason_ERROR_REASON_EMAIL_TAKEN)
	ErrUserIDTaken        = withReason(rosterv1.ErrorReason_ERROR_REASON_USER_ID_TAKEN)
	ErrUserNotFound       = withReason(rosterv1.ErrorReason_ERROR_REASON_USER_NOT_FOUND)
	ErrEtagMismatch       = withReason(rosterv1.ErrorReason_ERROR_REASON_ETAG_MISMATCH)
	ErrInvalidField       = withReason(rosterv1.ErrorReason_ERROR_REASON_INVALID_FIELD)
	ErrRequestIDReused    = withReason(rosterv1.ErrorReason_ERROR_REASON_REQUEST_ID_REUSED)
	ErrNotYetVisible      = withReason(rosterv1.ErrorReason_ERROR_REASON_NOT_YET_VISIBLE)
	ErrResumeTokenTooOld  = withReason(rosterv1.ErrorReason_ERROR_REASON_RESUME_TOKEN_TOO_OLD)
	ErrCredentialsMissing = withReason(rosterv1.ErrorReason_ERROR_REASON_CREDENTIALS_MISSING)
	ErrRoleRequired       = withReason(rosterv1.ErrorReason_ERROR_REASON_ROLE_REQUIRED)
)

func withReason(reason rosterv1.ErrorReason) error {
	name := strings.TrimPrefix(reason.String(), "ERROR_REASON_")
	return &Error{Message: "roster", Reason: reason, ReasonName: name}
}

// FieldViolation is a field of the request that is malformed, and why.
type FieldViolation struct {
	Field       string
	Description string
}

// Error is a failed call.
type Error struct {
	Code    codes.Code
	Message string
	// Reason is ERROR_REASON_UNSPECIFIED where the call reached no handler, or where this version does not know it:
	// ReasonName tells those apart.
	Reason rosterv1.ErrorReason
	// ReasonName is the reason without "ERROR_REASON_", as the service gave it.
	ReasonName string
	// Metadata says more about this failure, such as "current_etag"; which there is, ErrorReason says.
	Metadata map[string]string
	// FieldViolations has every malformed field, where the reason is INVALID_FIELD.
	FieldViolations []FieldViolation
	// RetryDelay is after which the same call may succeed; 0 where the service does not say.
	RetryDelay time.Duration

	status *status.Status
	cause  error
}

func (e *Error) Error() string {
	name := e.ReasonName
	if name == "" {
		name = e.Code.String()
	}
	return fmt.Sprintf("%s (%s)", e.Message, name)
}

// Is makes errors.Is(err, ErrEmailTaken) true of every error with that reason.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Reason != rosterv1.ErrorReason_ERROR_REASON_UNSPECIFIED && other.Reason == e.Reason
}

// Unwrap is context.Canceled or context.DeadlineExceeded where the caller's context has ended.
func (e *Error) Unwrap() error { return e.cause }

// GRPCStatus is what gRPC says of the failure; status.FromError and status.Code use it.
func (e *Error) GRPCStatus() *status.Status { return e.status }

// FromStatus is the error for a gRPC status with Roster's details: of a call made with the generated stubs, or of one
// refused row of ImportUsers (status.FromProto).
func FromStatus(s *status.Status) *Error {
	err := &Error{Code: s.Code(), Message: s.Message(), status: s}
	for _, detail := range s.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			if detail.GetDomain() != domain {
				continue
			}
			err.ReasonName = detail.GetReason()
			err.Reason = rosterv1.ErrorReason(rosterv1.ErrorReason_value["ERROR_REASON_"+detail.GetReason()])
			err.Metadata = detail.GetMetadata()
		case *errdetails.BadRequest:
			for _, violation := range detail.GetFieldViolations() {
				err.FieldViolations = append(err.FieldViolations, FieldViolation{violation.GetField(), violation.GetDescription()})
			}
		case *errdetails.RetryInfo:
			err.RetryDelay = detail.GetRetryDelay().AsDuration()
		}
	}
	return err
}

// The error of a failed call; of the caller's own context, where that has ended.
func toError(ctx context.Context, err error) *Error {
	failure := FromStatus(status.Convert(err))
	failure.cause = ctx.Err()
	return failure
}
