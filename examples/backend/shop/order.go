package shop

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
)

// State is where an order stands.
type State string

// The states of an order.
//
//	booking → held → paying → paid → refunded
//	   ↓        ↓ ↖    ↓
//	failed   expired ←─┘
const (
	Booking  State = "booking" // the supplier is being asked for the places
	Held     State = "held"    // the places are held until PayBefore
	Paying   State = "paying"
	Paid     State = "paid"
	Refunded State = "refunded" // all lines are
	Failed   State = "failed"   // nothing was booked
	Expired  State = "expired"  // the hold has ended unpaid
)

// LineState is where a line of an order stands.
type LineState string

// The states of a line.
const (
	Reserved  LineState = "reserved"
	Issued    LineState = "issued"
	Refunding LineState = "refunding" // the supplier is being asked to take it back
	Approving LineState = "approving" // the supplier has a request for the refund, which must be approved
	Returned  LineState = "returned"
)

// Line is a ticket or a tour of an order.
type Line struct {
	Choice string    `json:"choice,omitempty"`
	Label  string    `json:"label"`
	Price  Money     `json:"price"`
	State  LineState `json:"state"`
	Ticket string    `json:"ticket,omitempty"` // the supplier's id
	Code   string    `json:"code,omitempty"`   // what the customer shows at the door
	Back   Money     `json:"back,omitzero"`    // what was refunded
	Try    int       `json:"try,omitempty"`    // of the refund; a refused one may be tried again
	Why    string    `json:"why,omitempty"`    // the last refusal
	// Request is what the supplier wants with the refund, or with its approval.
	Request json.RawMessage `json:"request,omitempty"`
}

// Order is what a customer ordered, and what has become of it.
type Order struct {
	ID      string    `json:"id"`
	Version int64     `json:"version"` // grows with each change
	Made    time.Time `json:"made"`
	State   State     `json:"state"`
	Why     string    `json:"why,omitempty"` // the last refusal: a key of the dictionary
	// Unsure: the answer of a call is lost, and its outcome is being looked up.
	Unsure bool `json:"unsure,omitempty"`
	// Human: look-ups cannot decide what became of the calls in Cases. A person must.
	Human     bool            `json:"human,omitempty"`
	Cases     []Step          `json:"cases,omitempty"`
	Basket    Basket          `json:"basket"`
	Offer     Offer           `json:"offer"` // as it was ordered, without its choices
	Lines     []Line          `json:"lines"`
	Total     Money           `json:"total"`
	Try       int             `json:"try,omitempty"`       // of the payment
	Number    string          `json:"number,omitempty"`    // the supplier's, for people
	Reference json.RawMessage `json:"reference,omitempty"` // the supplier's, for later calls
	PayBefore time.Time       `json:"pay_before,omitzero"`
	History   []Note          `json:"history"`
}

// Note is a line of an order's history.
type Note struct {
	At   time.Time `json:"at"`
	What string    `json:"what"` // a key of the dictionary
	Line int       `json:"line,omitempty"`
}

// NewOrder makes an order whose places are to be booked.
func NewOrder(id string, b Basket, offer Offer, lines []Line, total Money, now time.Time) Order {
	offer.Choices = nil
	o := Order{ID: id, Made: now, State: Booking, Basket: b, Offer: offer, Lines: lines, Total: total}
	o.note(now, "ordered", 0)
	return o
}

func (o *Order) note(now time.Time, what string, line int) {
	o.History = append(o.History, Note{now.UTC().Truncate(time.Millisecond), what, line})
}

// Step is an unsafe call that an order needs. Its key names the effect in the journal.
type Step struct {
	Order string   `json:"order"`
	Name  StepName `json:"name"`
	Line  int      `json:"line"` // of a refund
	Try   int      `json:"try"`
}

// StepName says which call.
type StepName string

// The calls.
const (
	Book    StepName = "book"
	Pay     StepName = "pay"
	Refund  StepName = "refund"
	Approve StepName = "approve"
)

// Key is the step's key in the journal. There is one key per effect: a second try
// after a refusal has another key.
func (s Step) Key() string { return fmt.Sprintf("%s/%s/%d/%d", s.Order, s.Name, s.Line, s.Try) }

// ParseKey reads a key.
func ParseKey(key string) (s Step, err error) {
	parts := strings.Split(key, "/")
	if len(parts) != 4 {
		return s, fmt.Errorf("%q is not a step of an order", key)
	}
	s.Order, s.Name = parts[0], StepName(parts[1])
	if s.Line, err = strconv.Atoi(parts[2]); err == nil {
		s.Try, err = strconv.Atoi(parts[3])
	}
	return s, err
}

// Pending returns the calls that the order waits for.
func (o *Order) Pending() (all []Step) {
	switch o.State {
	case Booking:
		return []Step{{o.ID, Book, 0, 0}}
	case Paying:
		return []Step{{o.ID, Pay, 0, o.Try}}
	case Held, Paid, Refunded, Failed, Expired:
	}
	for i, l := range o.Lines {
		switch l.State {
		case Refunding:
			all = append(all, Step{o.ID, Refund, i, l.Try})
		case Approving:
			all = append(all, Step{o.ID, Approve, i, l.Try})
		case Reserved, Issued, Returned:
		}
	}
	return all
}

// Waits reports whether the order waits for a step.
func (o *Order) Waits(s Step) bool { return slices.Contains(o.Pending(), s) }

// Due returns the pending calls that need no person.
func (o *Order) Due() []Step {
	return slices.DeleteFunc(o.Pending(), func(s Step) bool { return slices.Contains(o.Cases, s) })
}

// StartPayment is the customer's wish to pay. It changes nothing if the order is being
// paid or is paid. The supplier of a tour is not paid by a call: such an order is paid
// at once.
//
// A shop authorizes the customer's card here. It captures the amount where the books
// get their entry, and releases it where the payment is not done.
func (o *Order) StartPayment(bySupplier bool, now time.Time) ([]Entry, error) {
	switch o.State {
	case Paying, Paid, Refunded:
		return nil, nil
	case Held:
	case Expired:
		return nil, &Refusal{Reason: HoldExpired}
	case Booking, Failed:
		return nil, &Refusal{Reason: NotPayable}
	}
	if o.ExpireHold(now) {
		return nil, &Refusal{Reason: HoldExpired}
	}
	o.Why = ""
	o.note(now, "pay", 0)
	if bySupplier {
		o.State = Paying
		return nil, nil
	}
	return o.paid(Step{o.ID, Pay, 0, 0}, Result{}, now), nil
}

// RefundQuote is what giving a line back brings, as far as the supplier says it before.
type RefundQuote struct {
	Back    Money           // zero if it is not known before
	Request json.RawMessage // for the call
}

// StartRefund is the customer's wish to give a line back.
func (o *Order) StartRefund(line int, q RefundQuote, now time.Time) error {
	if line < 0 || line >= len(o.Lines) || o.State != Paid && o.State != Refunded {
		return &Refusal{Reason: NotGivenBack}
	}
	l := &o.Lines[line]
	switch l.State {
	case Refunding, Approving, Returned:
		return nil
	case Reserved:
		return &Refusal{Reason: NotGivenBack}
	case Issued:
	}
	l.State, l.Why, l.Back, l.Request = Refunding, "", q.Back, q.Request
	o.note(now, "refund", line)
	return nil
}

// ExpireHold ends a hold whose time is over. It reports whether it did.
func (o *Order) ExpireHold(now time.Time) bool {
	if o.State != Held || o.PayBefore.IsZero() || now.Before(o.PayBefore) {
		return false
	}
	o.State, o.Why = Expired, HoldExpired
	o.note(now, "expired", 0)
	return true
}

// Result is what a call returned that was done.
type Result struct {
	Number    string
	Reference json.RawMessage
	PayBefore time.Time
	Tickets   []Ticket        // of a payment, in the order of the lines
	Refused   string          // of a booking: why the customer does not want it, for example SoldOut
	Request   json.RawMessage // of a refund that must be approved
	Back      Money           // of a refund
}

// Ticket is an issued ticket.
type Ticket struct{ ID, Code string }

// Settlement is how a call has ended.
type Settlement struct {
	Outcome  rutravel.Outcome
	Kind     rutravel.Kind // of a refusal
	Presumed bool
	Result   Result // with OutcomeDone
}

// Entry is an entry of the books. A key is entered once.
type Entry struct {
	Key   string
	Order string
	Kind  Kind
	Money Money // positive: received from the customer
}

// Settle changes an order by the outcome of a step, and returns what is entered in the
// books. It runs in the transaction that stores the outcome.
func (o *Order) Settle(s Step, end Settlement, now time.Time) []Entry {
	if s.Line < 0 || s.Line >= len(o.Lines) {
		return nil
	}
	if o.Waits(s) {
		o.Unsure = false
	}
	o.Cases = slices.DeleteFunc(o.Cases, func(c Step) bool { return c == s })
	o.Human = len(o.Cases) > 0
	if end.Outcome == rutravel.OutcomeUndecidable {
		o.Cases, o.Human = append(o.Cases, s), true
		o.note(now, "human", s.Line)
		return nil
	}
	done := end.Outcome == rutravel.OutcomeDone
	switch s.Name {
	case Book:
		o.booked(done, end, now)
	case Pay:
		if done {
			return o.paid(s, end.Result, now)
		}
		o.notPaid(s, end, now)
	case Refund, Approve:
		return o.refunded(s, done, end, now)
	}
	return nil
}

func (o *Order) booked(done bool, end Settlement, now time.Time) {
	switch {
	case done && end.Result.Refused != "": // what it holds expires unpaid
		if o.State == Booking {
			o.State, o.Why = Failed, end.Result.Refused
			o.note(now, "failed", 0)
		}
	case done && (o.State == Booking || o.State == Failed): // a late answer corrects a presumption
		o.State, o.Why = Held, ""
		o.Number, o.Reference, o.PayBefore = end.Result.Number, end.Result.Reference, end.Result.PayBefore
		o.note(now, "held", 0)
	case !done && o.State == Booking:
		o.State, o.Why = Failed, o.why(end)
		o.note(now, "failed", 0)
	}
}

func (o *Order) paid(s Step, r Result, now time.Time) []Entry {
	if o.State == Paid || o.State == Refunded {
		return nil
	}
	o.State, o.Why = Paid, ""
	for i := range o.Lines {
		o.Lines[i].State = Issued
		if i < len(r.Tickets) {
			o.Lines[i].Ticket, o.Lines[i].Code = r.Tickets[i].ID, r.Tickets[i].Code
		}
	}
	o.note(now, "paid", 0)
	return []Entry{{s.Key(), o.ID, o.Basket.Kind, o.Total}}
}

func (o *Order) notPaid(s Step, end Settlement, now time.Time) {
	if !o.Waits(s) {
		return
	}
	o.Try++
	o.State, o.Why = Held, "pay_refused"
	if end.Kind == rutravel.ErrExpired {
		o.State, o.Why = Expired, HoldExpired
	}
	o.note(now, "not_paid", 0)
	o.ExpireHold(now)
}

func (o *Order) refunded(s Step, done bool, end Settlement, now time.Time) []Entry {
	l := &o.Lines[s.Line]
	switch {
	case !done && o.Waits(s):
		l.State, l.Why, l.Back = Issued, "refund_refused", Money{}
		l.Try++
		o.note(now, "not_refunded", s.Line)
	case !done || l.State == Returned:
	case s.Name == Refund && end.Result.Request != nil:
		l.State, l.Request = Approving, end.Result.Request
		o.note(now, "refund_requested", s.Line)
	default:
		l.State, l.Why = Returned, ""
		if end.Result.Back.Currency != "" {
			l.Back = end.Result.Back
		}
		l.Back = l.Back.within(l.Price)
		o.note(now, "refunded", s.Line)
		o.State = Refunded
		for _, other := range o.Lines {
			if other.State != Returned {
				o.State = Paid
			}
		}
		return []Entry{{s.Key(), o.ID, o.Basket.Kind, l.Back.Neg()}}
	}
	return nil
}

// why is the message for the customer about a booking that was not made.
func (o *Order) why(end Settlement) string {
	switch {
	case end.Presumed:
		return "book_presumed"
	case end.Kind == rutravel.ErrConflict && o.Basket.Kind == Package:
		return "duplicate" // Biblio-Globus compares the travellers
	case end.Kind == rutravel.ErrSoldOut || end.Kind == rutravel.ErrConflict:
		return SoldOut
	case end.Kind == rutravel.ErrUnavailable || end.Kind == rutravel.ErrRateLimited || end.Kind == rutravel.ErrCanceled:
		return Busy
	default:
		return "book_refused"
	}
}
