package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
)

// outcome is what is known about one attempt when it has ended. The functions
// that make attempts record facts; judge alone decides what they mean.
type outcome struct {
	status     int           // of the answer; 0 if none began
	bytes      int64         // of the answer
	retryAfter time.Duration // what the answer asks for
	timeout    time.Duration // the attempt's own time, if it is over

	unsent  bool // proven: nothing left this machine
	resent  bool // the RoundTripper sent more than once; the answer is that to the last
	arrived bool // something was read of what the answer is about
	yielded bool // the caller has had elements of the answer
	stopped bool // the caller wants no more elements

	warnings []rutravel.Warning // about the answer

	// At most one of the first three is set. readErr counts only if none is.
	sendErr error // no answer began
	headErr error // the head of the answer is not accepted
	bodyErr error // the answer did not arrive whole
	readErr error // of the supplier's package: a *Refusal, or what is wrong with the answer
}

// verdict is what an attempt's outcome means for its call.
type verdict struct {
	kind  rutravel.Kind // "" is success
	retry bool          // the call may be sent again
	cause error
}

var (
	errRedirect      = errors.New("the answer is a redirect, which is not followed")
	errContradiction = errors.New("the answer is a success under an error status")
	errUnsettled     = errors.New("the supplier refused in a way that leaves open what was done")
)

// judge decides what an outcome means. ended is whether the caller's context has
// ended.
//
// An unsafe call has exactly one of four outcomes: success, a refusal, proven
// not sent, and for everything else ErrNotConfirmed.
func judge(safety Safety, o outcome, ended bool) verdict {
	cause := o.cause()
	if cause == nil {
		return verdict{}
	}
	whole := o.sendErr == nil && (o.bodyErr == nil || errors.Is(o.bodyErr, errTooLong) || errors.Is(o.bodyErr, errPacked))
	unsafe := safety == Unsafe
	refusal, refused := errors.AsType[*Refusal](cause)
	// open: the answer does not say whether something was done.
	open := unsafe && (o.resent || errors.Is(cause, errContradiction) || refused && refusal.Unsettled)
	switch {
	case o.unsent && ended:
		return verdict{rutravel.ErrCanceled, false, cause}
	case o.unsent:
		return verdict{rutravel.ErrUnavailable, !permanent(cause), cause}
	case o.status == http.StatusTooManyRequests && !open && (!unsafe || !o.arrived):
		return verdict{rutravel.ErrRateLimited, !unsafe, cause}
	case refused && !open && !gaveUp(o.status) && (!unsafe || !refusal.Undocumented):
		return verdict{refusalKind(refusal, o.status), refusal.Again && !unsafe, cause}
	case unsafe:
		return verdict{rutravel.ErrNotConfirmed, false, cause}
	case !whole && ended:
		return verdict{rutravel.ErrCanceled, false, cause}
	case !whole, gaveUp(o.status):
		return verdict{rutravel.ErrUnavailable, !permanent(cause), cause}
	case o.status >= http.StatusBadRequest:
		return verdict{statusKind(o.status, rutravel.ErrProtocol), false, cause}
	default:
		return verdict{rutravel.ErrProtocol, false, cause}
	}
}

// cause is why an attempt failed; nil if it succeeded.
func (o outcome) cause() error {
	switch {
	case o.stopped:
		return nil
	case o.sendErr != nil:
		return o.timedOut(o.sendErr)
	case o.headErr != nil:
		return o.headErr
	case o.bodyErr != nil:
		return o.timedOut(o.bodyErr)
	case o.status >= http.StatusBadRequest && (o.readErr == nil || ofRows(o.readErr)):
		return errContradiction
	default:
		return o.readErr
	}
}

// timedOut words the end of an attempt's own time, which looks like the end of
// the caller's.
func (o outcome) timedOut(err error) error {
	if o.timeout == 0 || errors.Is(err, errTooLong) {
		return err
	}
	return fmt.Errorf("no answer within %v: %w", o.timeout, context.DeadlineExceeded)
}

// gaveUp reports whether a status is that of a server, or of a gateway before
// it, that did not finish: the supplier may have acted all the same.
func gaveUp(status int) bool {
	const clientClosedRequest = 499 // nginx
	return status >= http.StatusInternalServerError || status == http.StatusRequestTimeout || status == clientClosedRequest
}

// refusalKind is the supplier's own classification or, without one, that of
// the HTTP status.
func refusalKind(r *Refusal, status int) rutravel.Kind {
	if r.Kind != "" {
		return r.Kind
	}
	return statusKind(status, rutravel.ErrRejected)
}

// statusKind is what an HTTP status says beyond doubt.
func statusKind(status int, otherwise rutravel.Kind) rutravel.Kind {
	switch status {
	case http.StatusUnauthorized:
		return rutravel.ErrAuth
	case http.StatusForbidden:
		return rutravel.ErrForbidden
	default:
		return otherwise
	}
}

// failure makes the error of attempt n, which failed.
func (c *Client) failure(ctx context.Context, op *Operation, req Request, n int, o outcome, v verdict) *rutravel.Error {
	private := c.concealerFor(req)
	e := &rutravel.Error{
		Supplier: c.supplier, Op: op.Key, Kind: v.kind,
		HTTPStatus: o.status, RetryAfter: o.retryAfter, Attempts: n,
	}
	if v.kind == rutravel.ErrNotConfirmed {
		e.LookUp = op.LookUp
	}
	if r, ok := errors.AsType[*Refusal](v.cause); ok {
		e.Code, e.Message = private.code(r.Code), private.message(r.Message)
		e.RetryAfter = max(e.RetryAfter, r.RetryAfter)
		if r.Detail != nil {
			e.Err = r.Detail(private.detail)
		}
		if e.Err == nil && e.Kind == rutravel.ErrNotConfirmed {
			e.Err = errUnsettled
		}
		return e
	}
	if rows, ok := errors.AsType[*rutravel.RowsError](v.cause); ok {
		e.Err = private.rows(rows)
	} else if o.sendErr != nil || o.bodyErr != nil {
		e.Err = private.cause(v.cause)
	} else {
		e.Err = private.hide(v.cause)
	}
	if end := ctx.Err(); end != nil && !errors.Is(e.Err, end) {
		e.Err = causes{end, e.Err}
	}
	return e
}

// concealerFor hides what is private in a request and its answer.
func (c *Client) concealerFor(req Request) concealer {
	var hidden []string
	if req.Hidden != nil {
		hidden = req.Hidden()
	}
	return newConcealer(slices.Concat([]string{c.address(req)}, req.Private, hidden, c.secrets()))
}

// causes is two causes on one line.
type causes []error

func (c causes) Error() string {
	var texts []string
	for _, err := range c {
		texts = append(texts, err.Error())
	}
	return strings.Join(texts, "; ")
}

func (c causes) Unwrap() []error { return c }
