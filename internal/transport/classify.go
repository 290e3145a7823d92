package transport

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	rutravel "github.com/rutravel/rutravel-go"
)

// classify says what an attempt's failure is and whether the call may be sent
// again. ended is whether the caller's context has ended.
//
// An unsafe call has exactly one of four outcomes: success, a refusal, proven
// not sent, and for everything else ErrNotConfirmed.
func classify(safety Safety, o outcome, ended bool) (kind rutravel.Kind, again bool) {
	refusal, refused := errors.AsType[*Refusal](o.err)
	// open: what the answer says leaves open whether something was done.
	open := safety == Unsafe && (o.repeated || errors.Is(o.err, errContradiction) || refused && refusal.Unsettled)
	switch {
	case o.stage == notSent && ended:
		return rutravel.ErrCanceled, false
	case o.stage == notSent:
		return rutravel.ErrUnavailable, true
	case o.status == http.StatusTooManyRequests && !open && (safety != Unsafe || !o.arrived):
		return rutravel.ErrRateLimited, safety != Unsafe
	case o.stage == answered && refused && !open && !gaveUp(o.status) && (safety != Unsafe || !refusal.Undocumented):
		return refusalKind(refusal, o.status), refusal.Again && safety != Unsafe
	case safety == Unsafe:
		return rutravel.ErrNotConfirmed, false
	case o.stage == lost && ended:
		return rutravel.ErrCanceled, false
	case o.stage == lost, gaveUp(o.status):
		return rutravel.ErrUnavailable, true
	case o.status >= http.StatusBadRequest:
		return statusKind(o.status, rutravel.ErrProtocol), false
	default:
		return rutravel.ErrProtocol, false
	}
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

// fail makes the error of a failed attempt, the n-th.
func (c *Client) fail(ctx context.Context, op *Operation, req Request, n int, o outcome) (failed *rutravel.Error, again bool) {
	var hidden []string
	if req.Hidden != nil {
		hidden = req.Hidden()
	}
	private := conceals(slices.Concat([]string{c.address(req)}, req.Private, hidden, c.secrets()))
	e := &rutravel.Error{
		Supplier: c.supplier, Op: op.Key,
		HTTPStatus: o.status, RetryAfter: o.retryAfter, Attempts: n,
	}
	e.Kind, again = classify(op.Safety, o, ctx.Err() != nil)
	if r, ok := errors.AsType[*Refusal](o.err); ok {
		e.Code, e.Message = private.code(r.Code), private.message(r.Message)
		if r.Detail != nil {
			e.Err = r.Detail(private.detail)
		}
		if e.Err == nil && e.Kind == rutravel.ErrNotConfirmed {
			e.Err = errUnsettled
		}
		return e, again
	}
	if o.stage == answered {
		e.Err = private.hide(o.err)
	} else {
		e.Err = private.cause(o.err)
	}
	if end := ctx.Err(); end != nil && !errors.Is(e.Err, end) {
		e.Err = causes{end, e.Err}
	}
	return e, again
}

var errUnsettled = errors.New("the supplier refused in a way that leaves open what was done")

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
