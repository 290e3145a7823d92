package ticketscloud

import (
	"bytes"
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// Code is the code of a problem. It is an error for [errors.Is]. Most refusals have a
// text and no code.
type Code string

// The codes of the manual. All are about promocodes.
const (
	CodePromocodeNotFound    Code = "promocode_not_found"
	CodePromocodeAlreadyUsed Code = "promocode_already_used"
	CodePromocodeMinTickets  Code = "promocode_limit_min_tickets" // the order needs more tickets
	CodePromocodeApplyInfo   Code = "promocode_apply_info"        // it cannot be applied "by some reason"
)

// Error makes a Code usable as a target of [errors.Is].
func (c Code) Error() string { return string(c) }

// Problem is one error of the supplier, in the supplier's words.
type Problem struct {
	Code    Code   // code; "" if there is none
	Message string // msg
}

// Problems is a list of problems. It is in the chain of a refusal that has several
// problems or one with a code, so that errors.Is finds the code.
type Problems []Problem

// Error returns the texts of the problems, joined by semicolons. A problem without a
// text appears as its code.
func (p Problems) Error() string {
	var texts []string
	for _, one := range p {
		if text := cmp.Or(strings.TrimSpace(one.Message), string(one.Code)); text != "" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, "; ")
}

// Is reports whether target is the Code of one of the problems.
func (p Problems) Is(target error) bool {
	code, ok := target.(Code)
	return ok && slices.ContainsFunc(p, func(one Problem) bool { return one.Code == code })
}

// reply is the envelope of every answer: data, refs, pagination and errors, or error
// with reason.
type reply struct {
	op       int
	v1Name   string
	noBody   bool
	status   int
	data     bool // the answer has data; it may be null
	refs     refs
	page     Pagination
	problems Problems // errors
	errName  string   // error: "HTTPBadRequest"
	reason   string
	message  string // instead of reason; not documented
	unread   error  // why the data cannot be read
	sent     string // the path and body of the request
	warn     func(rutravel.Warning)
	clock    clock // the supplier's
}

// read reads the envelope and returns the error of the answer. result decodes the data.
//
// A documented error takes precedence over unreadable data. A truncated answer is not a
// refusal. Only the status 409 is a refusal without a documented error.
func (r *reply) read(body []byte, result func(*wire.Decoder) error) error {
	if r.noBody && r.status < http.StatusBadRequest {
		return r.readEmpty(body)
	}
	r.unread = wire.Decode(body, r.warn, func(d *wire.Decoder) error {
		if r.v1Name != "" && d.AtList() {
			r.data = true
			return result(d)
		}
		return d.Object(func(name []byte) error {
			switch string(name) {
			case "data":
				r.data = true
				return result(d)
			case "refs":
				return r.refs.decode(d)
			case "pagination":
				return d.Minor(r.page.decode)
			case "errors":
				return decodeProblems(d, &r.problems)
			case "error":
				return wire.String(d, &r.errName)
			case "reason":
				return wire.String(d, &r.reason)
			case "message":
				return wire.String(d, &r.message)
			default:
				if r.v1Name != "" && string(name) == r.v1Name {
					r.data = true
					return result(d)
				}
				return d.Skip()
			}
		})
	})
	r.refs.link()
	if bad, ok := errors.AsType[*wire.Error](r.unread); ok && bad.Malformed {
		r.problems, r.errName, r.reason, r.message, r.data = nil, "", "", "", false
	}
	switch {
	case r.unread != nil:
	case !r.data:
		r.unread = &wire.Error{Path: "data", Problem: "missing"}
	case r.noBody:
		r.unread = &wire.Error{Path: "errors", Problem: "missing"}
	}
	if refusal := r.refusal(); refusal != nil {
		return refusal
	}
	return r.unread
}

// readEmpty reads the answer of a success without a body. The answer to
// SetMosbiletBuyers with HTTP 202 is a page, whose content does not matter.
func (r *reply) readEmpty(body []byte) error {
	switch {
	case r.status == http.StatusOK && len(bytes.TrimSpace(body)) == 0:
		return nil
	case r.status == http.StatusAccepted && r.op == opMosbilet:
		return nil
	}
	return &wire.Error{Problem: "want HTTP 200 without a body"}
}

// refusal returns the refusal that the answer contains, or nil.
func (r *reply) refusal() *transport.Refusal {
	refused := r.status >= http.StatusBadRequest
	all, documented := slices.Clone(r.problems), len(r.problems) > 0
	switch {
	case r.reason != "":
		all = append(all, Problem{Code: Code(r.errName), Message: r.reason})
		documented = documented || r.errName != ""
	case r.message != "" && (refused || !r.data):
		all = append(all, Problem{Code: Code(r.errName), Message: r.message})
	case r.errName != "" && !documented:
		all = append(all, Problem{Message: r.errName})
	}
	conflict := r.status == http.StatusConflict
	if !conflict && len(all) == 0 {
		return nil
	}
	refusal := &transport.Refusal{
		Kind:         r.kind(all),
		Message:      joinMessages(all),
		Unsettled:    slices.ContainsFunc(all, r.unsettles) || slices.ContainsFunc(all, r.namesAnother),
		Undocumented: (!conflict || !r.changesOrder()) && (!refused || !documented),
		Again:        conflict,
	}
	if i := slices.IndexFunc(all, func(p Problem) bool { return p.Code != "" }); i >= 0 {
		refusal.Code = string(all[i].Code)
	}
	several, lacksBuyers := len(all) > 1 || refusal.Code != "", r.mayLackBuyers(refusal)
	if several || lacksBuyers {
		refusal.Detail = func(conceal func(string) string) error {
			if !several {
				return errMosbilet
			}
			shown := make(Problems, len(all))
			for i, p := range all {
				shown[i] = Problem{Code: Code(conceal(string(p.Code))), Message: conceal(p.Message)}
			}
			if lacksBuyers {
				return hintedProblems{errMosbilet, shown}
			}
			return shown
		}
	}
	return refusal
}

// hintedProblems is problems with a hint. Its text is the hint, because the error's message
// already has the texts of the problems.
type hintedProblems struct {
	error
	problems Problems
}

// Unwrap returns the hint and the problems.
func (h hintedProblems) Unwrap() []error { return []error{h.error, h.problems} }

var errMosbilet = errors.New("if the venue sells through Mosbilet, set the buyers before the payment: Client.SetMosbiletBuyers")

// mayLackBuyers reports whether a payment was refused with a text that is not in the
// manual. The manual does not say how the supplier asks for Mosbilet's buyers.
func (r *reply) mayLackBuyers(refusal *transport.Refusal) bool {
	return r.op == opDone && refusal.Kind == "" && !refusal.Undocumented && !strings.HasPrefix(refusal.Message, "there is no tickets in order")
}

// objectNames are the beginnings of texts in which an id of the request follows.
var objectNames = []string{"Order ", "Event ", "wrong order (id: ", "Cant reject refund request ", "Failed to reject refund request "}

// namesAnother reports whether a problem names an object that is not in the request. Such
// a problem says nothing about the request.
func (r *reply) namesAnother(p Problem) bool {
	return slices.ContainsFunc(objectNames, func(name string) bool {
		rest, found := strings.CutPrefix(p.Message, name)
		end := strings.IndexFunc(rest, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
		if end >= 0 {
			rest = rest[:end]
		}
		const length = 24 // of an id (manual, ObjectId)
		return found && len(rest) == length && !strings.Contains(r.sent, rest)
	})
}

// checkArrived returns the error of an answer, given whether the call's order or refund
// request arrived. With a status of success, problems next to it are about promocodes
// and are not a refusal, except known texts that mean something else. After a refusal
// next to it, the outcome is unknown.
func (r *reply) checkArrived(err error, arrived bool) error {
	refusal, refused := errors.AsType[*transport.Refusal](err)
	switch {
	case !refused || !arrived:
		return err
	case r.status < http.StatusBadRequest && r.errName == "" && r.reason == "" && !slices.ContainsFunc(r.problems, r.refuses):
		return r.unread
	}
	refusal.Unsettled = true
	return err
}

// changesOrder reports whether the manual documents 409 for the operation. For other
// operations a gateway may have answered 409.
func (r *reply) changesOrder() bool {
	switch r.op {
	case opChange, opPromocodes, opDone, opCancel, opMosbilet:
		return true
	default:
		return false
	}
}

// unsettles reports whether a refund request may exist although the answer has the
// problem: only its payments failed (manual, errors of creating a refund). Before a
// refund request exists, its status cannot be wrong.
func (r *reply) unsettles(p Problem) bool {
	return strings.HasPrefix(p.Message, "Unexpected situation") ||
		r.op == opRefund && strings.HasPrefix(p.Message, "RefundRequest in wrong status")
}

// refuses reports whether a problem next to data is a refusal. Problems of promocodes
// are not refusals; they have a code or a known text. Refund requests have no
// promocodes.
func (r *reply) refuses(p Problem) bool {
	switch r.op {
	case opRefund, opApprove, opReject:
		return true
	default:
		return p.Code == "" && p.kind() != "" && !strings.HasPrefix(p.Message, promocodeNotFound)
	}
}

// kinds are the stable beginnings of texts that say more than the status. The rest of a
// text is ignored, because the manual writes the same text in several ways.
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
	{"Cant reject refund request", "", rutravel.ErrConflict},
	{"Some tickets already use in another refund request", "", rutravel.ErrConflict},
	{"Event ", " not found", rutravel.ErrNotFound},
	{"Order ", " not found", rutravel.ErrNotFound},
	{"Order ", " is not cancellable", rutravel.ErrConflict},
	{promocodeNotFound, "", rutravel.ErrNotFound},
}

const promocodeNotFound = "Promocode not found"

// kind returns the kind of a problem's text, or "".
func (p Problem) kind() rutravel.Kind {
	for _, k := range kinds {
		if strings.HasPrefix(p.Message, k.prefix) && strings.HasSuffix(p.Message, k.suffix) {
			return k.kind
		}
	}
	return ""
}

// kind returns the kind of a refusal. Only a list that was read completely proves that an
// object does not exist. A gateway's 404 would seem to say that an order was never paid.
func (r *reply) kind(problems Problems) rutravel.Kind {
	var kind rutravel.Kind
	switch r.status {
	case http.StatusConflict:
		kind = rutravel.ErrConflict
	case http.StatusNotFound:
		kind = rutravel.ErrNotFound
	}
	for _, p := range problems {
		if k := p.kind(); k != "" {
			kind = k
			break
		}
	}
	if kind == rutravel.ErrNotFound && r.lists() {
		return rutravel.ErrProtocol
	}
	return kind
}

// lists reports whether the operation reads a list.
func (r *reply) lists() bool { return r.op == opOrders || r.op == opRefunds || r.op == opEvents }

func joinMessages(problems Problems) string {
	var texts []string
	for _, p := range problems {
		if text := strings.TrimSpace(p.Message); text != "" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, "; ")
}

// decodeProblems reads errors: a list of texts or of objects with code and msg, or one
// element instead of the list.
func decodeProblems(d *wire.Decoder, p *Problems) error {
	var all Problems
	var err error
	if d.AtText() {
		all = make([]Problem, 1)
		err = all[0].decode(d)
	} else {
		err = wire.List(d, (*[]Problem)(&all), (*Problem).decode)
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
