// Package checkout takes orders from search to refund. The order's state in the
// database says what the customer wants. A call to a supplier is made through the
// journal, and its outcome changes the order in the transaction that stores it.
package checkout

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/examples/backend/shop"
	"github.com/rutravel/rutravel-go/examples/backend/store"
	"github.com/rutravel/rutravel-go/examples/backend/suppliers"
	"github.com/rutravel/rutravel-go/journal"
)

// Desk is the shop at work.
type Desk struct {
	Store     store.Store
	Suppliers suppliers.Set
	Log       *slog.Logger

	running sync.WaitGroup
}

// Settle is the [store.Settle] of the suppliers.
func (d *Desk) Settle(o *shop.Order, e journal.Entry) ([]shop.Entry, error) {
	step, err := shop.ParseKey(e.Key)
	if err != nil {
		return nil, err
	}
	end, err := d.Suppliers.Settlement(*o, step, e)
	if err != nil {
		return nil, err
	}
	d.Log.Info("a call has ended", "order", o.ID, "step", step.Name, "outcome", e.Outcome, "presumed", e.Presumed)
	return o.Settle(step, end, time.Now()), nil
}

// Search lists offers.
func (d *Desk) Search(ctx context.Context, kind shop.Kind, q shop.Query) ([]shop.Offer, error) {
	s := d.Suppliers[kind]
	if s == nil {
		return nil, shop.ErrNotFound
	}
	all, err := s.Search(ctx, q)
	return all, d.refuse(ctx, err)
}

// Places lists where one can go.
func (d *Desk) Places(ctx context.Context, kind shop.Kind) (from, to []shop.Place, err error) {
	s := d.Suppliers[kind]
	if s == nil {
		return nil, nil, shop.ErrNotFound
	}
	from, to, err = s.Places(ctx)
	return from, to, d.refuse(ctx, err)
}

// Offer returns an offer as it is now.
func (d *Desk) Offer(ctx context.Context, kind shop.Kind, id string) (shop.Offer, error) {
	s := d.Suppliers[kind]
	if s == nil {
		return shop.Offer{}, shop.ErrNotFound
	}
	o, err := s.Offer(ctx, id)
	return o, d.refuse(ctx, err)
}

// refuse returns the message for the customer, and logs the error.
func (d *Desk) refuse(ctx context.Context, err error) error {
	refusal := suppliers.Refuse(err)
	if refusal != err { //nolint:errorlint // Refuse returns the same value or another one
		d.Log.WarnContext(ctx, "a supplier cannot be asked", "error", err)
	}
	return refusal
}

// Order orders a basket. The same Idempotency-Key makes one order, however often it
// comes.
func (d *Desk) Order(ctx context.Context, b shop.Basket, idem string) (shop.Order, error) {
	if len(idem) < 8 || len(idem) > 100 {
		return shop.Order{}, &shop.Refusal{Reason: shop.Invalid, Field: "idempotency_key"}
	}
	trim(&b)
	switch o, err := d.Store.ByKey(ctx, idem); {
	case err == nil:
		return same(o, b)
	case !errors.Is(err, shop.ErrNotFound):
		return o, err
	}
	offer, err := d.Offer(ctx, b.Kind, b.Offer)
	if err != nil {
		return shop.Order{}, err
	}
	lines, total, err := b.Check(offer)
	if err != nil {
		return shop.Order{}, err
	}
	o, created, err := d.Store.Create(ctx, shop.NewOrder(strings.ToLower(rand.Text()), b, offer, lines, total, time.Now()), idem)
	switch {
	case err != nil:
		return o, err
	case !created:
		return same(o, b)
	}
	d.Log.InfoContext(ctx, "ordered", "order", o.ID, "kind", b.Kind)
	d.start(ctx, o.ID)
	return o, nil
}

// trim removes the spaces around what was typed.
func trim(b *shop.Basket) {
	for _, s := range []*string{&b.Buyer.Name, &b.Buyer.Email, &b.Buyer.Phone} {
		*s = strings.TrimSpace(*s)
	}
	for i := range b.Travellers {
		t := &b.Travellers[i]
		for _, s := range []*string{&t.Surname, &t.Name, &t.Patronymic, &t.Document} {
			*s = strings.TrimSpace(*s)
		}
	}
}

// same returns the order of an earlier request, which must have been for the same.
func same(o shop.Order, b shop.Basket) (shop.Order, error) {
	old := o.Basket
	if old.Kind != b.Kind || old.Offer != b.Offer || !slices.Equal(old.Choices, b.Choices) || old.Buyer != b.Buyer || !old.Seen.Equal(b.Seen) ||
		len(old.Travellers) > 0 && !slices.Equal(old.Travellers, b.Travellers) {
		return shop.Order{}, &shop.Refusal{Reason: shop.KeyReused}
	}
	return o, nil
}

// Pay pays an order. It does so once, however often it is called.
func (d *Desk) Pay(ctx context.Context, id string) (shop.Order, error) {
	var refusal error
	o, err := d.Store.Update(ctx, id, func(o *shop.Order) (entries []shop.Entry, err error) {
		entries, refusal = o.StartPayment(d.Suppliers[o.Basket.Kind].Pays(), time.Now())
		return entries, nil // a hold that has expired is stored
	})
	if err == nil {
		err = refusal
	}
	if err == nil {
		d.start(ctx, id)
	}
	return o, err
}

// Refund gives a line of an order back, once.
func (d *Desk) Refund(ctx context.Context, id string, line int) (shop.Order, error) {
	o, err := d.Store.Get(ctx, id)
	if err != nil {
		return o, err
	}
	var q shop.RefundQuote
	if line >= 0 && line < len(o.Lines) && o.Lines[line].State == shop.Issued {
		if q, err = d.Suppliers[o.Basket.Kind].QuoteRefund(ctx, o, line); err != nil {
			return o, d.refuse(ctx, err)
		}
	}
	o, err = d.Store.Update(ctx, id, func(o *shop.Order) ([]shop.Entry, error) {
		return nil, o.StartRefund(line, q, time.Now())
	})
	if err == nil {
		d.start(ctx, id)
	}
	return o, err
}

// start makes the calls of an order now. If this process dies, a job makes them.
func (d *Desk) start(ctx context.Context, id string) {
	ctx = context.WithoutCancel(ctx)
	d.running.Go(func() {
		if err := d.Drive(ctx, id); err != nil {
			d.Log.WarnContext(ctx, "an order could not be taken further", "order", id, "error", err)
		}
	})
}

// Wait waits for the calls that were started, at shutdown.
func (d *Desk) Wait() { d.running.Wait() }

// Drive makes the calls that an order waits for, or ends its hold. It may be called at
// any time and by several instances, because the journal makes each call once. It
// returns nil if nothing is to be done, or if look-ups of the journal go on with it.
func (d *Desk) Drive(ctx context.Context, id string) error {
	for range 5 { // steps one after the other
		o, err := d.Store.Update(ctx, id, func(o *shop.Order) ([]shop.Entry, error) {
			o.ExpireHold(time.Now())
			return nil, nil
		})
		if err != nil {
			return err
		}
		var open bool
		var failures []error
		steps := o.Due()
		for _, step := range steps {
			err = d.Suppliers.Do(ctx, o, step)
			failure, settled := errors.AsType[*journal.Error](err)
			refusal, refused := errors.AsType[*shop.Refusal](err)
			switch {
			case err == nil:
			case settled && failure.Outcome == rutravel.OutcomeOpen:
				open = true
				err = d.unsure(ctx, step)
			case settled: // the transaction that stored it has changed the order
				err = nil
			case refused: // nothing was sent
				err = d.refused(ctx, step, refusal)
			}
			failures = append(failures, err)
		}
		if err = errors.Join(failures...); err != nil || open || len(steps) == 0 {
			return err
		}
	}
	return errors.New("the order does not get any further")
}

// unsure notes that the answer to a call is lost.
func (d *Desk) unsure(ctx context.Context, step shop.Step) error {
	_, err := d.Store.Update(ctx, step.Order, func(o *shop.Order) ([]shop.Entry, error) {
		if slices.Contains(o.Due(), step) {
			o.Unsure = true
		}
		return nil, nil
	})
	return err
}

// refused ends a step that was not sent, because what was ordered is not on sale any
// more.
func (d *Desk) refused(ctx context.Context, step shop.Step, refusal *shop.Refusal) error {
	_, err := d.Store.Update(ctx, step.Order, func(o *shop.Order) ([]shop.Entry, error) {
		if !o.Waits(step) {
			return nil, nil
		}
		entries := o.Settle(step, shop.Settlement{Outcome: rutravel.OutcomeNotDone}, time.Now())
		if step.Name == shop.Book {
			o.Why = refusal.Reason
		}
		return entries, nil
	})
	return err
}

// Decide stores what a person found out about the calls of an order that look-ups
// cannot decide.
func (d *Desk) Decide(ctx context.Context, id string, done bool, number, who string) error {
	o, err := d.Store.Get(ctx, id)
	if err != nil {
		return err
	}
	for _, step := range o.Cases {
		if done && number == "" && step.Name == shop.Book {
			return &shop.Refusal{Reason: shop.Invalid, Field: "number"} // without it nobody could pay or find the booking
		}
		if err = d.Suppliers.Decide(ctx, o, step, done, number, who); err != nil {
			return err
		}
	}
	d.Log.InfoContext(ctx, "a person has decided", "order", id, "done", done, "who", who)
	return nil
}
