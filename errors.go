package rutravel

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kind says why a call failed. It has the same meaning at every supplier. A Kind is an
// error itself, to be matched with [errors.Is].
type Kind string

// The kinds of failure.
const (
	// ErrInvalid: the request is wrong. If Attempts is 0, this library refused it and
	// nothing was sent; the chain then has a [*FieldError].
	ErrInvalid Kind = "invalid request"
	// ErrAuth: the credentials were not accepted.
	ErrAuth Kind = "authentication failed"
	// ErrForbidden: the account may not do this.
	ErrForbidden Kind = "not allowed"
	// ErrNotFound: what was asked for does not exist.
	ErrNotFound Kind = "not found"
	// ErrSoldOut: the places, seats or rooms are gone.
	ErrSoldOut Kind = "sold out"
	// ErrExpired: the hold, offer or session has run out.
	ErrExpired Kind = "expired"
	// ErrConflict: the request does not fit the present state, or another change
	// has not finished.
	ErrConflict Kind = "conflict"
	// ErrFunds: the account's balance or credit does not suffice.
	ErrFunds Kind = "insufficient funds"
	// ErrRejected: the supplier refused for a reason that it did not classify. Code
	// and Message hold its words.
	ErrRejected Kind = "rejected by the supplier"
	// ErrRateLimited: too many requests, for the supplier or for the client's Limiter.
	// RetryAfter says how long to wait, if the supplier named it.
	ErrRateLimited Kind = "too many requests"
	// ErrUnavailable: the supplier could not be reached, or answered that it is out of
	// order, in all attempts. The call was not sent, or may be made again without harm.
	ErrUnavailable Kind = "supplier unavailable"
	// ErrCanceled: the context ended before the answer arrived, or its deadline leaves
	// no time for another attempt. The call was not sent, or may be made again without
	// harm.
	ErrCanceled Kind = "canceled by the caller"
	// ErrProtocol: the supplier's answer is not what its manual promises. The call may
	// be made again without harm. Values that could be read are returned with the
	// error.
	ErrProtocol Kind = "unreadable answer"
	// ErrNotConfirmed: a booking, payment, cancellation, refund or the like was sent,
	// and its outcome is not known. It may have been carried out. Do not make the call
	// again; look it up. Error.LookUp and the method's doc comment name the look-up.
	// An error of this kind matches no other kind.
	ErrNotConfirmed Kind = "outcome not confirmed"
)

// Error makes a Kind usable as a target of [errors.Is].
func (k Kind) Error() string { return string(k) }

// Error is the error of every failed call of every supplier. It holds no credentials,
// no URL and no passengers' data of the request. Code and Message are the supplier's
// words and may hold data of passengers whom the request did not name.
type Error struct {
	Supplier string // the supplier's package: "regionbilet"
	Op       string // the operation, as the supplier's package names it: "pay"; if an operation has several forms, "+" and the form follow: "orders.change+done"
	Kind     Kind   // why
	Code     string // the supplier's own code, verbatim; "" if it has none
	Message  string // the supplier's own words, cut to a few hundred characters

	HTTPStatus int           // 0 when no answer arrived
	RetryAfter time.Duration // how long the supplier asks to wait; 0 if it does not say
	Attempts   int           // attempts made; 0 when the call was refused locally

	// LookUp names the method that finds out what became of a call with
	// ErrNotConfirmed: "Client.FindOrder". It is "" if the supplier offers none.
	LookUp string

	// Err is the cause, if there is one beyond the fields above: a
	// [*FieldError], a context's or connection's error, or the supplier
	// package's own type.
	Err error
}

// Error returns one line: supplier, operation, kind, the supplier's code and
// words, HTTP status, attempts and cause, whichever are known.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s: %s", e.Supplier, e.Op, e.Kind)
	if e.LookUp != "" {
		fmt.Fprintf(&b, ", look up with %s", e.LookUp)
	}
	if e.Code != "" {
		fmt.Fprintf(&b, ": code %q", e.Code)
	}
	if e.Message != "" {
		fmt.Fprintf(&b, ": %q", e.Message)
	}
	if e.HTTPStatus != 0 {
		fmt.Fprintf(&b, " (HTTP %d)", e.HTTPStatus)
	}
	if e.Attempts > 1 {
		fmt.Fprintf(&b, " after %d attempts", e.Attempts)
	}
	if e.Err != nil && !e.repeats(e.Err.Error()) {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

// repeats reports whether the text of the cause is already in Code or Message, which
// may be cut.
func (e *Error) repeats(cause string) bool {
	return cause == e.Code || e.Message != "" && strings.HasPrefix(cause, strings.TrimSuffix(e.Message, "…"))
}

// MarshalJSON writes the fields, and the cause as text.
func (e Error) MarshalJSON() ([]byte, error) {
	type fields Error // without this method
	var cause string
	if e.Err != nil {
		cause = e.Err.Error()
	}
	return json.Marshal(struct {
		fields
		Err string
	}{fields(e), cause})
}

// UnmarshalJSON reads what [Error.MarshalJSON] wrote. The cause becomes an error
// that has only its text: [errors.Is] and errors.AsType do not find the original
// types in it.
func (e *Error) UnmarshalJSON(text []byte) error {
	type fields Error // without this method
	var read struct {
		fields
		Err string
	}
	if err := json.Unmarshal(text, &read); err != nil {
		return err
	}
	*e = Error(read.fields)
	e.Err = nil
	if read.Err != "" {
		e.Err = errors.New(read.Err)
	}
	return nil
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is the error's Kind.
func (e *Error) Is(target error) bool {
	k, ok := target.(Kind)
	return ok && k == e.Kind
}

// FieldError names the field of a request or Config that was refused before
// anything was sent. The field's value is left out: it may be a passenger's.
type FieldError struct {
	Field   string // as written in Go: "Passengers[1].Seat"
	Problem string // what is wrong with it
}

// Error returns the field and the problem.
func (e *FieldError) Error() string { return e.Field + " " + e.Problem }
