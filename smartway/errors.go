package smartway

import (
	"errors"
	"net/http"
	"strings"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// Details are what an error says beside its message (error.data), text by text,
// if it says anything. They are reached with [errors.AsType].
type Details []string

// Error returns the texts on one line.
func (d Details) Error() string { return strings.Join(d, "; ") }

// reply is the envelope of every answer.
type reply struct {
	op    int
	asked string // the request's id

	id      string // "" if it is null or missing
	null    bool   // the id is null
	result  bool   // there is a result, if only null
	payload bool   // there is one that is not null
	failed  bool   // there is an error that is not null
	code    string
	message string
	details []string
}

// read reads an answer, and its result with the function given.
func (r *reply) read(body []byte, result func(*wire.Decoder) error) error {
	err := wire.Decode(body, func(d *wire.Decoder) error { return r.decode(d, result) })
	return r.verdict(err, body)
}

// decode reads the envelope, whose members may stand in any order. Its "jsonrpc"
// says nothing that the other members do not.
func (r *reply) decode(d *wire.Decoder, result func(*wire.Decoder) error) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "id": // the manual shows 1 answered by "777"; a text of the number will do
			r.null = d.Null()
			return wire.String(d, &r.id)
		case "result":
			r.result, r.payload = true, !d.Null()
			return result(d)
		case "error":
			if d.Null() {
				return d.Skip()
			}
			r.failed = true
			return r.readError(d)
		default:
			return d.Skip()
		}
	})
}

// readError reads {code, data, message, name}. Anything else is a text.
func (r *reply) readError(d *wire.Decoder) error {
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
		default: // name is "Error" for all that is known
			return d.Skip()
		}
	})
}

// verdict says what an answer is whose reading ended with err. An error that the
// supplier names comes before anything that is wrong with the result. It counts
// only if the text is JSON to its end: half an answer is not a refusal.
func (r *reply) verdict(err error, body []byte) error {
	switch {
	case malformed(err):
		return err
	case r.failed:
		return r.refusal()
	case err != nil:
		return r.hidden(body, err)
	case !r.result:
		return &wire.Error{Path: "result", Problem: "missing"}
	case r.id != r.asked:
		return errOtherID
	}
	return nil
}

var errOtherID = &wire.Error{Path: "id", Problem: "not the request's: this may be the answer to another"}

// malformed reports whether an answer is not JSON to its end.
func malformed(err error) bool {
	bad, ok := errors.AsType[*wire.Error](err)
	return ok && bad.Malformed
}

// refusal makes an error of the error section. Without an id, or without a
// code, it may be a gateway's; beside a result it settles nothing.
func (r *reply) refusal() *transport.Refusal {
	code := number(r.code)
	kind, open := kindOf(code)
	refusal := &transport.Refusal{
		Kind: kind, Code: r.code, Message: r.message,
		Unsettled:    open || r.payload,
		Undocumented: r.code == "" || r.id != r.asked && (!r.null || !unread(code)),
	}
	if len(r.details) > 0 {
		all := r.details
		refusal.Detail = func(conceal func(string) string) error {
			shown := make(Details, len(all))
			for i, text := range all {
				shown[i] = conceal(text)
			}
			return shown
		}
	}
	return refusal
}

// number reads a code, which may be written as 401, 401.0 or "401"; it is 0,
// which says nothing, if it is none or no whole one.
func number(code string) int64 {
	n, ok := wire.ParseDecimal(strings.TrimSpace(code))
	if !ok || !n.IsInteger() || !n.BigInt().IsInt64() {
		return 0
	}
	return n.IntPart()
}

// The codes of JSON-RPC that say that a method was not carried out.
const (
	noJSON    = -32700
	noRequest = -32600
	noMethod  = -32601
	noParams  = -32602
)

// unread reports whether a code says that the request was not looked into. Its
// id is not known then, and null.
func unread(code int64) bool {
	return code == noJSON || code == noRequest || code == http.StatusUnauthorized
}

// kindOf classifies the codes: 401 is the only one that the manual shows, and
// it is HTTP's; those below zero are JSON-RPC's. open: it does not say that
// nothing was done. That is said by the caller's own errors alone, without the
// time-out and the conflict, which may be one with the call itself.
func kindOf(code int64) (kind rutravel.Kind, open bool) {
	switch code {
	case http.StatusUnauthorized:
		return rutravel.ErrAuth, false
	case http.StatusForbidden:
		return rutravel.ErrForbidden, false
	case http.StatusNotFound:
		return rutravel.ErrNotFound, false
	case http.StatusTooManyRequests:
		return rutravel.ErrRateLimited, false
	case http.StatusBadRequest, http.StatusUnprocessableEntity, noParams, noRequest, noJSON:
		return rutravel.ErrInvalid, false
	case noMethod:
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

// failure is what stands in the place of a result: {"error": "…", "success":
// false}, or a word.
type failure struct {
	said []string
	no   bool // success is false
}

const notFound = "not_found"

func (f *failure) decode(d *wire.Decoder) error {
	if !d.Nested() {
		var word string
		err := wire.String(d, &word)
		if word == notFound {
			f.said, f.no = []string{word}, true
		}
		return err
	}
	return d.Map(func(name []byte) error { return f.member(d, name) })
}

// member reads a member of a failure, and passes over others.
func (f *failure) member(d *wire.Decoder, name []byte) error {
	switch string(name) {
	case "error":
		return d.Texts(&f.said)
	case "success":
		success := true
		err := d.OptFlag(&success)
		f.no = !success
		return err
	default:
		return d.Skip()
	}
}

// there reports whether there is a failure: what stands beside it may not be all
// that there is.
func (f *failure) there() bool { return f.no || len(f.said) > 0 }

const besideFailure = "there beside a failure"

// refusal makes an error of a failure. Where the manual does not show one, it may
// be another's.
func (f failure) refusal(documented bool) *transport.Refusal {
	message := Details(f.said).Error()
	switch {
	case message == notFound:
		return &transport.Refusal{Kind: rutravel.ErrNotFound, Code: notFound, Undocumented: !documented}
	case strings.HasPrefix(strings.ToLower(message), "employee with "): // id = 159, email …, id=”e2” not found
		return &transport.Refusal{Kind: rutravel.ErrNotFound, Message: message, Undocumented: !documented}
	default:
		return &transport.Refusal{Message: message, Undocumented: !documented}
	}
}

// hidden looks in a result that could not be read for the failure that three
// methods document there; err is returned if there is none. Where the manual does
// not show it, success must be false.
func (r *reply) hidden(body []byte, err error) error {
	documented := r.op == opTravelPolicyApply || r.op == opAuthGUID ||
		r.op == opVerificationCodeAdd || r.op == opVerificationCodeAddSuper
	var f failure
	again := reply{op: r.op, asked: r.asked}
	_ = wire.Decode(body, func(d *wire.Decoder) error { return again.decode(d, f.decode) })
	if !f.no && (!documented || len(f.said) == 0) {
		return err
	}
	return f.refusal(documented && r.id == r.asked)
}
