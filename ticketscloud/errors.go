package ticketscloud

import (
	"bytes"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// Code is a problem's code. It is an error, to be matched with [errors.Is].
// Most refusals have only words.
type Code string

// The codes of the manual, all of them about promocodes.
const (
	CodePromocodeNotFound    Code = "promocode_not_found"
	CodePromocodeAlreadyUsed Code = "promocode_already_used"
	CodePromocodeMinTickets  Code = "promocode_limit_min_tickets" // more tickets are needed
	CodePromocodeApplyInfo   Code = "promocode_apply_info"        // it cannot be applied "by some reason"
)

// Error makes a Code usable as a target of [errors.Is].
func (c Code) Error() string { return string(c) }

// Problem is one thing that the supplier finds wrong, in its own words.
type Problem struct {
	Code    Code   // code; "" if there is none
	Message string // msg
}

// Problems is in the chain of a refusal that names several problems or one
// with a code, so that errors.Is finds the code.
type Problems []Problem

// Error says how many there are; the texts are in the [rutravel.Error].
func (p Problems) Error() string {
	if len(p) == 1 {
		return "1 problem"
	}
	return strconv.Itoa(len(p)) + " problems"
}

// Is reports whether target is the Code of one of the problems.
func (p Problems) Is(target error) bool {
	code, ok := target.(Code)
	return ok && slices.ContainsFunc(p, func(one Problem) bool { return one.Code == code })
}

// reply is what every answer may hold: data, refs, pagination and errors, or an
// error with its reason.
type reply struct {
	op       int
	status   int
	body     []byte
	bare     string // v1: data may stand alone, or under this name
	refs     refs
	page     Pagination
	problems []Problem
	fault    string // error: "HTTPBadRequest"
	reason   string
	message  string // in place of reason; not documented
}

// read reads the envelope, and data with the function given, which is told
// whether anything arrived. An error that the supplier names comes before
// anything that is wrong with the data.
func (r *reply) read(data func(*wire.Decoder) error, arrived func() bool) error {
	var found bool
	err := wire.Decode(r.body, func(d *wire.Decoder) error {
		if r.bare != "" && d.AtList() {
			found = true
			return data(d)
		}
		return d.Object(func(name []byte) error {
			switch string(name) {
			case "data":
				found = true
				return data(d)
			case "refs":
				return r.refs.decode(d)
			case "pagination":
				return r.page.decode(d)
			case "errors":
				return decodeProblems(d, &r.problems)
			case "error":
				return wire.String(d, &r.fault)
			case "reason":
				return wire.String(d, &r.reason)
			case "message":
				return wire.String(d, &r.message)
			default:
				if r.bare != "" && string(name) == r.bare {
					found = true
					return data(d)
				}
				return d.Skip()
			}
		})
	})
	r.refs.link()
	if refusal := r.refusal(err, found, arrived()); refusal != nil {
		return refusal
	}
	if err == nil && !found {
		return &wire.Error{Path: "data", Problem: "missing"}
	}
	return err
}

// refusal is what the answer says against the request, or nil. Problems beside
// data that arrived under a status of success are about promocodes and refuse
// nothing, unless they are known to say something else.
func (r *reply) refusal(err error, found, arrived bool) *transport.Refusal {
	if bad, ok := errors.AsType[*wire.Error](err); ok && bad.Malformed {
		// Half an answer is no refusal; a 409 says all by its status.
		*r = reply{op: r.op, status: r.status, refs: r.refs, page: r.page}
	}
	refused := r.status >= http.StatusBadRequest
	all, documented := slices.Clone(r.problems), len(r.problems) > 0
	switch {
	case r.reason != "":
		all = append(all, Problem{Code: Code(r.fault), Message: r.reason})
		documented = documented || r.fault != ""
	case r.message != "" && (refused || !found):
		all = append(all, Problem{Code: Code(r.fault), Message: r.message})
	case r.fault != "" && !documented:
		all = append(all, Problem{Message: r.fault})
	}
	conflict := r.status == http.StatusConflict
	applied := !refused && arrived && r.fault == "" && r.reason == "" && !slices.ContainsFunc(r.problems, r.refuses)
	if !conflict && (len(all) == 0 || applied) {
		return nil
	}
	refusal := &transport.Refusal{
		Kind:         kind(all, r.status),
		Message:      joined(all),
		Unsettled:    arrived || slices.ContainsFunc(all, r.unsettles),
		Undocumented: (!conflict || !r.changesOrder()) && (!refused || !documented),
		Again:        conflict,
	}
	if i := slices.IndexFunc(all, func(p Problem) bool { return p.Code != "" }); i >= 0 {
		refusal.Code = string(all[i].Code)
	}
	if len(all) > 1 || refusal.Code != "" {
		refusal.Detail = func(conceal func(string) string) error {
			shown := make(Problems, len(all))
			for i, p := range all {
				shown[i] = Problem{Code: Code(conceal(string(p.Code))), Message: conceal(p.Message)}
			}
			return shown
		}
	}
	return refusal
}

// changesOrder reports whether the operation is one of those that the manual
// promises a 409 for. Elsewhere that status may be a gateway's.
func (r *reply) changesOrder() bool {
	switch r.op {
	case opChange, opPromocodes, opDone, opCancel, opMosbilet:
		return true
	default:
		return false
	}
}

// unsettles reports whether a refund request may exist in spite of the problem:
// only its payments failed (manual, errors of creating a refund). Before it
// exists it has no status that could be wrong.
func (r *reply) unsettles(p Problem) bool {
	return strings.HasPrefix(p.Message, "Unexpected situation") ||
		r.op == opRefund && strings.HasPrefix(p.Message, "RefundRequest in wrong status")
}

// refuses reports whether a problem beside data is none of a promocode, which
// have codes or say so, but one that the request was refused for. A refund request
// has no promocodes.
func (r *reply) refuses(p Problem) bool {
	switch r.op {
	case opRefund, opApprove, opReject:
		return true
	default:
		return p.Code == "" && p.kind() != "" && !strings.HasPrefix(p.Message, promocodeNotFound)
	}
}

// kinds are the stable beginnings of texts that say more than the status. The
// rest of a text is never relied upon: the manual writes one in several ways.
var kinds = []struct {
	prefix, suffix string
	kind           rutravel.Kind
}{
	{"Not enough money", "", rutravel.ErrFunds},
	{"Not allow to update order in status expired", "", rutravel.ErrExpired},
	{"Not allow to update order in status", "", rutravel.ErrConflict},
	{"Allow update the only status to cancelled", "", rutravel.ErrConflict},
	{"Incorrect status", "", rutravel.ErrConflict},
	{"wrong order (id:", "", rutravel.ErrConflict},
	{"RefundRequest in wrong status", "", rutravel.ErrConflict},
	{"Failed to reject refund request", "", rutravel.ErrConflict},
	{"Some tickets already use in another refund request", "", rutravel.ErrConflict},
	{"Event ", " not found", rutravel.ErrNotFound},
	{"Order ", " not found", rutravel.ErrNotFound},
	{promocodeNotFound, "", rutravel.ErrNotFound},
}

const promocodeNotFound = "Promocode not found"

// kind is what a problem's text says, or "".
func (p Problem) kind() rutravel.Kind {
	for _, k := range kinds {
		if strings.HasPrefix(p.Message, k.prefix) && strings.HasSuffix(p.Message, k.suffix) {
			return k.kind
		}
	}
	return ""
}

func kind(problems []Problem, status int) rutravel.Kind {
	for _, p := range problems {
		if k := p.kind(); k != "" {
			return k
		}
	}
	switch status {
	case http.StatusConflict:
		return rutravel.ErrConflict
	case http.StatusNotFound:
		return rutravel.ErrNotFound
	default:
		return ""
	}
}

func joined(problems []Problem) string {
	var texts []string
	for _, p := range problems {
		if text := strings.TrimSpace(p.Message); text != "" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, "; ")
}

// decodeProblems reads errors: a list of texts or of objects with code and msg,
// or one of them in place of the list.
func decodeProblems(d *wire.Decoder, p *[]Problem) error {
	var all []Problem
	var err error
	if d.AtText() {
		all = make([]Problem, 1)
		err = all[0].decode(d)
	} else {
		err = wire.List(d, &all, (*Problem).decode)
	}
	*p = slices.DeleteFunc(all, func(one Problem) bool { return one == Problem{} })
	return err
}

func (p *Problem) decode(d *wire.Decoder) error {
	if !d.AtObject() {
		return wire.String(d, &p.Message)
	}
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "code":
			return wire.String(d, &p.Code)
		case "msg":
			return wire.String(d, &p.Message)
		default:
			return d.Skip()
		}
	})
}

// only takes the one object that data must hold. Of several none is taken: which
// of them is meant is not known.
func only[T any](all []T, p *T) error {
	switch len(all) {
	case 0:
		return &wire.Error{Path: "data", Problem: "empty"}
	case 1:
		*p = all[0]
		return nil
	default:
		return &wire.Error{Path: "data", Problem: "more than one object"}
	}
}

// readEmpty reads the answer of an operation whose success has no body.
func (r *reply) readEmpty() error {
	switch {
	case r.status == http.StatusOK && len(bytes.TrimSpace(r.body)) == 0:
		return nil
	case r.status < http.StatusBadRequest:
		return &wire.Error{Problem: "want HTTP 200 without a body"}
	}
	err := r.read((*wire.Decoder).Skip, func() bool { return false })
	if err == nil {
		err = &wire.Error{Path: "errors", Problem: "missing"}
	}
	return err
}
