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

// ErrorDetails are the texts of an error next to its message: error.data. Get them
// with [errors.AsType].
type ErrorDetails []string

// Error returns the texts on one line.
func (d ErrorDetails) Error() string { return strings.Join(d, "; ") }

// reply is the envelope of every answer.
type reply struct {
	op     int
	sentID string
	body   []byte    // the whole answer
	stream io.Reader // in place of body: the answer while it arrives
	warn   func(rutravel.Warning)

	// accepts reports whether an answer with another id is accepted too; nil: none is.
	accepts func(id string) bool

	id        string // "" if it is null or missing
	nullID    bool
	hasResult bool // true for a result of null too
	hasValue  bool // the result is not null
	hasError  bool // the error is not null
	code      string
	message   string
	details   []string
}

// read reads the envelope and judges it. The function decodes the result.
//
// The members may stand in any order; "jsonrpc" says nothing that the others do
// not. An error that the supplier names comes before anything that is wrong with
// the result. Text that is not JSON to its end is not a refusal.
func (r *reply) read(result func(*wire.Decoder) error) error {
	envelope := func(d *wire.Decoder) error {
		return d.Object(func(name []byte) error {
			switch string(name) {
			case "id": // the number as a text is accepted
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
	case r.isOther():
		return errOtherID
	case r.id != r.sentID:
		r.warn(rutravel.Warning{Path: "id", Problem: "not the request's, as in the manual's samples of this method"})
	}
	return err
}

// isOther reports whether the id is that of another request.
func (r *reply) isOther() bool {
	return r.id != r.sentID && (r.id == "" || r.accepts == nil || !r.accepts(r.id))
}

// ofRows reports whether an error is about rows of a list alone.
func ofRows(err error) bool {
	_, ok := errors.AsType[*rutravel.RowsError](err)
	return ok
}

// ofRow reports whether an error is about one row of an iteration.
func ofRow(err error) bool {
	_, ok := errors.AsType[*rutravel.RowError](err)
	return ok
}

// malformed reports whether an answer is not JSON to its end.
func malformed(err error) bool {
	bad, ok := errors.AsType[*wire.Error](err)
	return ok && bad.Malformed
}

var errOtherID = &wire.Error{Path: "id", Problem: "not the request's: this may be the answer to another"}

// decodeError reads {code, data, message, name}. Anything else is a text.
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
		default: // name is "Error" for all that is known
			return d.Skip()
		}
	})
}

// refusal makes an error of the error member. Without an id or a code it may be a
// gateway's. Next to a result it does not say what was done.
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

// parseCode reads a code, which may be written as 401, 401.0 or "401"; it is 0,
// which says nothing, if it is none or no whole one.
func parseCode(code string) int64 {
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

// notExamined reports whether a code says that the supplier did not read the
// request. The id is not known then, and null.
func notExamined(code int64) bool {
	return code == noJSON || code == noRequest || code == http.StatusUnauthorized
}

// kindOf classifies the codes. 401 is the only one that the manual shows, and it
// is HTTP's; those below zero are JSON-RPC's. undecided: the code does not say
// that nothing was done. Only codes for the caller's own errors say so. 408 and
// 409 do not: the conflict may be with the call itself.
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

// failure is what three methods answer in place of a result: {"error": "…",
// "success": false}, or a word.
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

// member decodes a member of a failure and skips others.
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

const incomplete = "may be incomplete: a failure stands next to it"

// refusal makes an error of a failure. Where the manual does not document one, it
// may be another program's.
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

// failureInResult looks for a failure in a result that could not be decoded. It
// returns err if there is none. Three methods document the failure; with others
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
