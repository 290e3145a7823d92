package smartway

import (
	"errors"
	"io"
	"net/http"
	"strings"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// ErrorDetails has the texts next to the message of an error: error.data. Get it with
// [errors.AsType].
type ErrorDetails []string

// Error returns the texts on one line.
func (d ErrorDetails) Error() string { return strings.Join(d, "; ") }

// reply is the envelope of every answer.
type reply struct {
	op     int
	sentID string
	body   []byte    // the whole answer
	stream io.Reader // replaces body if the answer is read while it arrives
	warn   func(rutravel.Warning)

	// accepts reports whether an answer with another id is accepted. If it is nil, no
	// other id is accepted.
	accepts func(id string) bool

	id        string // "" if it is null or missing
	nullID    bool
	hasResult bool // also true for null
	hasValue  bool // the result is not null
	hasError  bool // the error is not null
	code      string
	message   string
	details   []string
}

// read reads and checks the envelope. result decodes the result.
//
// The members may have any order, and "jsonrpc" is ignored. The supplier's error has
// priority over a result that cannot be decoded. An answer that is not complete JSON is
// not a refusal.
func (r *reply) read(result func(*wire.Decoder) error) error {
	envelope := func(d *wire.Decoder) error {
		return d.Object(func(name []byte) error {
			switch string(name) {
			case "id": // a number, or the same number as a text
				r.nullID = d.Null()
				return wire.String(d, &r.id)
			case "result":
				r.hasResult, r.hasValue = true, !d.Null()
				return result(d)
			case "error":
				if d.Null() {
					return d.Skip()
				}
				r.hasError = true
				return r.decodeError(d)
			default:
				return d.Skip()
			}
		})
	}
	var err error
	if r.stream != nil {
		err = wire.DecodeStream(r.stream, r.warn, envelope)
	} else {
		err = wire.Decode(r.body, r.warn, envelope)
	}
	switch {
	case malformed(err):
		return err
	case r.hasError:
		return r.refusal()
	}
	if err != nil {
		if err = r.failureInResult(err); !ofRows(err) {
			return err
		}
	}
	switch {
	case !r.hasResult:
		return &wire.Error{Path: "result", Problem: "missing"}
	case r.hasOtherID():
		return errOtherID
	case r.id != r.sentID:
		r.warn(rutravel.Warning{Path: "id", Problem: "not the request's, as in the manual's samples of this method"})
	}
	return err
}

// hasOtherID reports whether the id belongs to another request.
func (r *reply) hasOtherID() bool {
	return r.id != r.sentID && (r.id == "" || r.accepts == nil || !r.accepts(r.id))
}

// ofRows reports whether an error is only about rows of a list.
func ofRows(err error) bool {
	_, ok := errors.AsType[*rutravel.RowsError](err)
	return ok
}

// ofRow reports whether an error is about one row of an iteration.
func ofRow(err error) bool {
	_, ok := errors.AsType[*rutravel.RowError](err)
	return ok
}

// malformed reports whether an answer is not complete JSON.
func malformed(err error) bool {
	bad, ok := errors.AsType[*wire.Error](err)
	return ok && bad.Malformed
}

var errOtherID = &wire.Error{Path: "id", Problem: "not the request's: this may be the answer to another request"}

// decodeError reads {code, data, message, name} or a text.
func (r *reply) decodeError(d *wire.Decoder) error {
	if !d.Nested() {
		return wire.String(d, &r.message)
	}
	return d.Map(func(name []byte) error {
		switch string(name) {
		case "code":
			return wire.String(d, &r.code)
		case "message":
			return wire.String(d, &r.message)
		case "data":
			return d.Texts(&r.details)
		default: // name is always "Error" in the manual
			return d.Skip()
		}
	})
}

// refusal returns the error for the error member. An error without an id or a code may come
// from a gateway. An error next to a result does not show what was done.
func (r *reply) refusal() *transport.Refusal {
	code := parseCode(r.code)
	kind, undecided := kindOf(code)
	refusal := &transport.Refusal{
		Kind: kind, Code: r.code, Message: r.message,
		Unsettled:    undecided || r.hasValue,
		Undocumented: r.code == "" || r.id != r.sentID && (!r.nullID || !notExamined(code)),
	}
	if len(r.details) > 0 {
		all := r.details
		refusal.Detail = func(conceal func(string) string) error {
			shown := make(ErrorDetails, len(all))
			for i, text := range all {
				shown[i] = conceal(text)
			}
			return shown
		}
	}
	return refusal
}

// parseCode reads a code: 401, 401.0 or "401". It returns 0 if the code is not a whole
// number.
func parseCode(code string) int64 {
	n, ok := wire.ParseDecimal(strings.TrimSpace(code))
	if !ok || !n.IsInteger() || !n.BigInt().IsInt64() {
		return 0
	}
	return n.IntPart()
}

// Codes of JSON-RPC for a method that was not carried out.
const (
	invalidJSON    = -32700
	invalidRequest = -32600
	unknownMethod  = -32601
	invalidParams  = -32602
)

// notExamined reports whether a code means that the supplier did not read the request.
// Such an answer has no id.
func notExamined(code int64) bool {
	return code == invalidJSON || code == invalidRequest || code == http.StatusUnauthorized
}

// kindOf returns the kind of a code. The manual shows only 401, which is HTTP's; codes
// below zero are JSON-RPC's. undecided means that the request may have been carried out.
// Only codes for errors of the caller exclude this. 408 and 409 do not: a conflict may be
// with the first attempt of the same call.
func kindOf(code int64) (kind rutravel.Kind, undecided bool) {
	switch code {
	case http.StatusUnauthorized:
		return rutravel.ErrAuth, false
	case http.StatusForbidden:
		return rutravel.ErrForbidden, false
	case http.StatusNotFound:
		return rutravel.ErrNotFound, false
	case http.StatusTooManyRequests:
		return rutravel.ErrRateLimited, false
	case http.StatusBadRequest, http.StatusUnprocessableEntity, invalidParams, invalidRequest, invalidJSON:
		return rutravel.ErrInvalid, false
	case unknownMethod:
		return "", false
	case http.StatusConflict:
		return rutravel.ErrConflict, true
	case http.StatusRequestTimeout, -32603:
		return rutravel.ErrUnavailable, true
	}
	if code >= 500 && code < 600 {
		return rutravel.ErrUnavailable, true
	}
	return "", code < 400 || code >= 500
}

// failure is an answer of three methods in place of a result: {"error": "…", "success":
// false}, or a word.
type failure struct {
	texts        []string
	unsuccessful bool // success is false
}

const notFound = "not_found"

func (f *failure) decode(d *wire.Decoder) error {
	if !d.Nested() {
		var word string
		err := wire.String(d, &word)
		if word == notFound {
			f.texts, f.unsuccessful = []string{word}, true
		}
		return err
	}
	return d.Map(func(name []byte) error { return f.member(d, name) })
}

// member decodes a member of a failure and skips other members.
func (f *failure) member(d *wire.Decoder, name []byte) error {
	switch string(name) {
	case "error":
		return d.Texts(&f.texts)
	case "success":
		success := true
		err := d.OptFlag(&success)
		f.unsuccessful = !success
		return err
	default:
		return d.Skip()
	}
}

// found reports whether there is a failure. A list next to it may be incomplete.
func (f *failure) found() bool { return f.unsuccessful || len(f.texts) > 0 }

const incomplete = "may be incomplete: the answer also has a failure"

// refusal returns the error for a failure. A failure that the manual does not document for
// this method may come from another program.
func (f failure) refusal(documented bool) *transport.Refusal {
	message := ErrorDetails(f.texts).Error()
	switch {
	case message == notFound:
		return &transport.Refusal{Kind: rutravel.ErrNotFound, Code: notFound, Undocumented: !documented}
	case strings.HasPrefix(strings.ToLower(message), "employee with "): // id = 159, email …, id=”e2” not found
		return &transport.Refusal{Kind: rutravel.ErrNotFound, Message: message, Undocumented: !documented}
	default:
		return &transport.Refusal{Message: message, Undocumented: !documented}
	}
}

// failureInResult looks for a failure in a result that could not be decoded. It returns
// err if there is none. The manual documents the failure for three methods. For others
// it counts only if success is false.
func (r *reply) failureInResult(err error) error {
	if r.body == nil {
		return err
	}
	documented := r.op == opTravelPolicyApply || r.op == opAuthGUID ||
		r.op == opVerificationCodeAdd || r.op == opVerificationCodeAddSuper
	var f failure
	_ = wire.Decode(r.body, nil, func(d *wire.Decoder) error {
		return d.Object(func(name []byte) error {
			if string(name) == "result" {
				return f.decode(d)
			}
			return d.Skip()
		})
	})
	if !f.unsuccessful && (!documented || len(f.texts) == 0) {
		return err
	}
	return f.refusal(documented && r.id == r.sentID)
}
