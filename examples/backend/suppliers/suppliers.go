// Package suppliers fits the library's clients to the shop: what can be ordered, and
// the unsafe calls of an order, all of which go through the journal.
package suppliers

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/examples/backend/shop"
	"github.com/rutravel/rutravel-go/journal"
)

// catalogue is what a supplier sells.
type catalogue interface {
	// Places returns where one can leave from and go to. Both may be empty.
	Places(ctx context.Context) (from, to []shop.Place, err error)
	// Search returns offers without choices.
	Search(ctx context.Context, q shop.Query) ([]shop.Offer, error)
	// Offer returns an offer as it is now, with its choices.
	Offer(ctx context.Context, id string) (shop.Offer, error)
	// QuoteRefund returns what giving a line back brings.
	QuoteRefund(ctx context.Context, o shop.Order, line int) (shop.RefundQuote, error)
}

// Supplier is a supplier as the shop sees it.
type Supplier struct {
	catalogue
	steps map[shop.StepName]step
}

// Set is the suppliers of all kinds.
type Set map[shop.Kind]*Supplier

// Pays reports whether the supplier is paid by a call.
func (s *Supplier) Pays() bool { return s.steps[shop.Pay] != nil }

// Do makes the call of a step, once. If the step was made before, it returns how it
// ended. An [*journal.Error] says that it was not done, or that this is not known yet.
func (s Set) Do(ctx context.Context, o shop.Order, st shop.Step) error {
	call, err := s.step(o, st)
	if err != nil {
		return err
	}
	return call.do(ctx, o, st)
}

// Settlement reads how the call of a step ended.
func (s Set) Settlement(o shop.Order, st shop.Step, e journal.Entry) (end shop.Settlement, err error) {
	end = shop.Settlement{Outcome: e.Outcome, Kind: e.Kind, Presumed: e.Presumed}
	if e.Outcome != rutravel.OutcomeDone {
		return end, nil
	}
	call, err := s.step(o, st)
	if err == nil {
		end.Result, err = call.result(o, st, e)
	}
	return end, err
}

// Decide stores what a person found out about a step that look-ups cannot decide. For
// a step that was done, number is what the supplier's cabinet shows.
func (s Set) Decide(ctx context.Context, o shop.Order, st shop.Step, done bool, number, who string) error {
	call, err := s.step(o, st)
	if err != nil {
		return err
	}
	return call.decide(ctx, o, st, done, number, who)
}

func (s Set) step(o shop.Order, st shop.Step) (step, error) {
	supplier := s[o.Basket.Kind]
	if supplier == nil || supplier.steps[st.Name] == nil {
		return nil, fmt.Errorf("%s has no step %s", o.Basket.Kind, st.Name)
	}
	return supplier.steps[st.Name], nil
}

// step is a [call] of any types.
type step interface {
	do(ctx context.Context, o shop.Order, st shop.Step) error
	result(o shop.Order, st shop.Step, e journal.Entry) (shop.Result, error)
	decide(ctx context.Context, o shop.Order, st shop.Step, done bool, number, who string) error
}

// call fits an operation of the library to orders.
type call[R, V any] struct {
	*journal.Call[R, V]
	// request makes the request. It is called again only if it was not stored.
	request func(ctx context.Context, o shop.Order, line int) (R, error)
	// value fits what the call returned.
	value func(o shop.Order, line int, v V) shop.Result
	// found makes what a call that a person found done should have returned.
	found func(ctx context.Context, o shop.Order, line int, number string) (V, error)
}

func (c call[R, V]) do(ctx context.Context, o shop.Order, st shop.Step) error {
	key := st.Key()
	if _, err := c.Result(ctx, key); !errors.Is(err, journal.ErrNoEntry) {
		return err
	}
	r, err := c.request(ctx, o, st.Line)
	if err != nil {
		return unsent(o, st, err)
	}
	if _, err = c.Do(ctx, key, r); errors.Is(err, journal.ErrReused) {
		_, err = c.Result(ctx, key) // another instance was faster
	}
	return err
}

// bookWithin is how long a booking is tried whose request cannot be made. A customer
// does not want places any more that are booked hours later.
const bookWithin = 5 * time.Minute

// unsent is how a step ends whose request cannot be made: a booking is refused, and
// other steps are tried again.
func unsent(o shop.Order, st shop.Step, err error) error {
	if st.Name != shop.Book {
		return err
	}
	if refusal, ok := errors.AsType[*shop.Refusal](Refuse(err)); ok && refusal.Reason != shop.Busy {
		return refusal
	}
	if time.Since(o.Made) > bookWithin {
		return &shop.Refusal{Reason: shop.Busy}
	}
	return err
}

func (c call[R, V]) result(o shop.Order, st shop.Step, e journal.Entry) (shop.Result, error) {
	in, err := c.Read(e)
	if err != nil {
		return shop.Result{}, err
	}
	return c.value(o, st.Line, in.Value), nil
}

func (c call[R, V]) decide(ctx context.Context, o shop.Order, st shop.Step, done bool, number, who string) error {
	r := rutravel.Resolution[V]{Outcome: rutravel.OutcomeNotDone, Kind: rutravel.ErrUnavailable, Reason: "Decided by " + who + "."}
	if done {
		var err error
		r.Outcome = rutravel.OutcomeDone
		if r.Value, err = c.found(ctx, o, st.Line, number); err != nil {
			return err
		}
	}
	return c.Call.Decide(ctx, st.Key(), r)
}

// Tuning changes the times of all operations. Zero fields change nothing. It is for
// tests, which cannot wait for minutes.
type Tuning struct{ Timeout, Grace, Patience time.Duration }

// add gives an operation to the journal.
func add[R, V any](j *journal.Journal, t Tuning, op rutravel.Operation[R, V]) *journal.Call[R, V] {
	if t.Timeout > 0 {
		op.Timeout = t.Timeout
	}
	if t.Grace > 0 {
		op.Grace = t.Grace
	}
	if t.Patience > 0 && (op.Silence == rutravel.OutcomeNotDone || op.Subject == nil) { // a payment is decided by the end of its hold
		op.Patience = min(op.Patience, t.Patience)
	}
	return journal.Add(j, op)
}

// Refuse returns the message for the customer about an error of a safe call. Other errors stay
// as they are.
func Refuse(err error) error {
	var refusal *shop.Refusal
	switch kind := rutravel.Kind(""); {
	case err == nil || errors.As(err, &refusal):
		return err
	case !errors.As(err, &kind):
		return err
	case kind == rutravel.ErrSoldOut, kind == rutravel.ErrNotFound, kind == rutravel.ErrExpired:
		return &shop.Refusal{Reason: shop.Gone}
	case kind.Party() == rutravel.PartyUser && kind != rutravel.ErrCanceled:
		return &shop.Refusal{Reason: shop.Invalid, Field: "search"}
	default:
		return &shop.Refusal{Reason: shop.Busy}
	}
}

// token writes what names an offer into a path segment of a URL.
func token(v any) string {
	text, _ := json.Marshal(v) //nolint:errchkjson // the values are structs of texts and numbers
	return base64.RawURLEncoding.EncodeToString(text)
}

// fromToken reads a token.
func fromToken(id string, v any) error {
	text, err := base64.RawURLEncoding.DecodeString(id)
	if err == nil {
		err = json.Unmarshal(text, v)
	}
	if err != nil {
		return &shop.Refusal{Reason: shop.Gone}
	}
	return nil
}

// reference writes what later calls need of a booking.
func reference(v any) json.RawMessage {
	text, _ := json.Marshal(v) //nolint:errchkjson // the values are the library's, which can be stored as JSON
	return text
}

// stored reads what [reference] wrote.
func stored[T any](text json.RawMessage) (v T, err error) {
	err = json.Unmarshal(text, &v)
	return v, err
}

// directory is what may be kept for a day.
type directory[T any] func(context.Context) (T, error)
