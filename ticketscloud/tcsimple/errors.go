package tcsimple

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
)

// Code is the gRPC status of a failed call, as in an error's Code. It is an error for
// [errors.Is]. A status that gRPC does not define is its number.
type Code string

// The statuses of gRPC.
const (
	CodeCanceled           Code = "CANCELLED"
	CodeUnknown            Code = "UNKNOWN"
	CodeInvalidArgument    Code = "INVALID_ARGUMENT"
	CodeDeadlineExceeded   Code = "DEADLINE_EXCEEDED"
	CodeNotFound           Code = "NOT_FOUND"
	CodeAlreadyExists      Code = "ALREADY_EXISTS"
	CodePermissionDenied   Code = "PERMISSION_DENIED"
	CodeResourceExhausted  Code = "RESOURCE_EXHAUSTED"
	CodeFailedPrecondition Code = "FAILED_PRECONDITION"
	CodeAborted            Code = "ABORTED"
	CodeOutOfRange         Code = "OUT_OF_RANGE"
	CodeUnimplemented      Code = "UNIMPLEMENTED"
	CodeInternal           Code = "INTERNAL"
	CodeUnavailable        Code = "UNAVAILABLE"
	CodeDataLoss           Code = "DATA_LOSS"
	CodeUnauthenticated    Code = "UNAUTHENTICATED"
)

// Error makes a Code usable as a target of [errors.Is].
func (c Code) Error() string { return string(c) }

// statuses has the codes by their numbers: the name, the kind, and whether a retry may
// succeed.
var statuses = [...]struct {
	code  Code
	kind  rutravel.Kind
	again bool
}{
	1:  {CodeCanceled, rutravel.ErrUnavailable, true}, // from the supplier; a caller who cancels does not retry
	2:  {CodeUnknown, rutravel.ErrUnavailable, true},
	3:  {CodeInvalidArgument, rutravel.ErrInvalid, false},
	4:  {CodeDeadlineExceeded, rutravel.ErrUnavailable, true},
	5:  {CodeNotFound, rutravel.ErrNotFound, false},
	6:  {CodeAlreadyExists, rutravel.ErrConflict, false},
	7:  {CodePermissionDenied, rutravel.ErrForbidden, false},
	8:  {CodeResourceExhausted, rutravel.ErrRateLimited, true},
	9:  {CodeFailedPrecondition, rutravel.ErrConflict, false},
	10: {CodeAborted, rutravel.ErrConflict, true},
	11: {CodeOutOfRange, rutravel.ErrInvalid, false},
	12: {CodeUnimplemented, rutravel.ErrProtocol, false},
	13: {CodeInternal, rutravel.ErrUnavailable, true},
	14: {CodeUnavailable, rutravel.ErrUnavailable, true},
	15: {CodeDataLoss, rutravel.ErrUnavailable, true},
	16: {CodeUnauthenticated, rutravel.ErrAuth, false},
}

// failure returns the error that ended a stream: the supplier's status, or an error of the
// answer.
func failure(ctx context.Context, err error) error {
	failed, ok := errors.AsType[*connect.Error](err)
	switch {
	case err == nil:
		return nil
	case !ok:
		return err
	case !connect.IsWireError(failed):
		// Leave out connect's own type, which has the answer's metadata.
		if cause := failed.Unwrap(); cause != nil {
			return cause
		}
		return errors.New(failed.Message())
	}
	if failed.Code() == connect.CodeDeadlineExceeded && expires(ctx) {
		return ctx.Err()
	}
	refusal := &transport.Refusal{Kind: rutravel.ErrRejected, Message: failed.Message()}
	code := Code(strconv.FormatUint(uint64(failed.Code()), 10))
	if n := int(failed.Code()); n > 0 && n < len(statuses) {
		status := statuses[n]
		code, refusal.Kind, refusal.Again = status.code, status.kind, status.again
	}
	refusal.Code = string(code)
	refusal.RetryAfter = retryAfter(failed)
	refusal.Detail = func(func(string) string) error { return code }
	return refusal
}

// retryAfter returns how long the supplier asks to wait: the longest google.rpc.RetryInfo in
// the details of the status. Its first field is a google.protobuf.Duration.
func retryAfter(failed *connect.Error) (longest time.Duration) {
	const retryDelay = 1
	for _, detail := range failed.Details() {
		if detail.Type() != "google.rpc.RetryInfo" {
			continue
		}
		for text := detail.Bytes(); len(text) > 0; {
			number, kind, size := protowire.ConsumeField(text)
			if size < 0 {
				break
			}
			_, _, head := protowire.ConsumeTag(text)
			if value, n := protowire.ConsumeBytes(text[head:size]); number == retryDelay && kind == protowire.BytesType && n > 0 {
				var d durationpb.Duration
				if proto.Unmarshal(value, &d) == nil && d.CheckValid() == nil {
					longest = max(longest, d.AsDuration())
				}
			}
			text = text[size:]
		}
	}
	return longest
}

// escapingClient sends requests and corrects the escapes in the text of a status. With an
// invalid escape, connect would lose the status.
type escapingClient struct{ *transport.HTTPClient }

// Do sends a request.
func (c escapingClient) Do(r *http.Request) (*http.Response, error) {
	resp, err := c.HTTPClient.Do(r)
	if err == nil {
		escapeWords(resp.Header)
		resp.Body = &trailerBody{resp.Body, resp}
	}
	return resp, err
}

// trailerBody is a body that is followed by a trailer with the status.
type trailerBody struct {
	io.ReadCloser
	of *http.Response
}

func (t *trailerBody) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	if err != nil {
		escapeWords(t.of.Trailer)
	}
	return n, err
}

// escapeWords escapes the percent signs of a text with an invalid escape.
func escapeWords(h http.Header) {
	const name = "Grpc-Message"
	words := h.Get(name)
	if _, err := url.PathUnescape(words); err != nil {
		h.Set(name, strings.ReplaceAll(words, "%", "%25"))
	}
}

// expires waits for the caller's deadline if it is less than a second away, and reports
// whether it has passed. The supplier knows the deadline and may reach it slightly earlier.
func expires(ctx context.Context) bool {
	const moment = time.Second
	deadline, ok := ctx.Deadline()
	if !ok || time.Until(deadline) > moment {
		return false
	}
	<-ctx.Done()
	return true
}

// unimplemented reports whether a call failed because the service does not exist. A gRPC
// server returns a status, and a gateway returns HTTP 404.
func unimplemented(err error) bool {
	e, ok := errors.AsType[*rutravel.Error](err)
	return ok && (e.Code == string(CodeUnimplemented) || e.HTTPStatus == http.StatusNotFound)
}
