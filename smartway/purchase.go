package smartway

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// Purchase is how far a purchase has come.
type Purchase struct {
	Status PurchaseStatus // status
	Trip   TripID         // trip_id: what was bought, if it is done; "" otherwise
	Error  string         // error: why it failed, in the supplier's words; "" otherwise
}

// PurchaseStatus is how far a purchase has come.
type PurchaseStatus string

// The statuses.
const (
	PurchaseDone    PurchaseStatus = "done"
	PurchasePending PurchaseStatus = "pending"
	PurchaseFailed  PurchaseStatus = "failed"
)

// Result says how far a purchase has come; [AirlineService.Wait] asks until it is
// done or has failed. A purchase that has failed is not an error here.
//
// Smartway: POST airline.result
func (s AirlineService) Result(ctx context.Context, id BookingID, opts ...rutravel.CallOption) (Purchase, error) {
	var v valid.Check
	v.ID("id", string(id))
	return call(ctx, s.e, opAirlineResult, string(id), nil, v, func(d *wire.Decoder, p *Purchase) error {
		return p.decode(d)
	}, opts)
}

func (p *Purchase) decode(d *wire.Decoder) error {
	var said []string
	err := d.Object(func(name []byte) error {
		switch string(name) {
		case "status":
			err := wire.ID(d, &p.Status)
			p.Status = PurchaseStatus(strings.ToLower(string(p.Status)))
			return err
		case "trip_id": // null unless it is done
			return wire.String(d, &p.Trip)
		case "error": // null unless it has failed
			return d.Texts(&said)
		default:
			return d.Skip()
		}
	}, "status")
	p.Error = strings.Join(said, "; ")
	if p.Trip = TripID(strings.TrimSpace(string(p.Trip))); p.Trip == "0" { // in place of null
		p.Trip = ""
	}
	var number valid.Check
	number.Number("", string(p.Trip))
	switch {
	case p.Trip != "" && number.Err() != nil:
		d.Fail("trip_id", "want a whole number above 0")
	case p.Status == PurchaseDone && p.Trip == "":
		d.Fail("trip_id", "missing, although it is done")
	case p.Status == PurchaseFailed && p.Trip != "":
		d.Fail("trip_id", "there, although it has failed")
	}
	return err
}

// PurchasePendingError is in the chain of the error of [AirlineService.Wait] that
// ended before the purchase did. The purchase runs on: ask again.
type PurchasePendingError struct {
	Booking BookingID // what to ask about
	Err     error     // why the wait ended
}

// Error returns the booking and why the wait ended.
func (p *PurchasePendingError) Error() string {
	return "purchase " + string(p.Booking) + " is pending: " + p.Err.Error()
}

// Unwrap returns why the wait ended.
func (p *PurchasePendingError) Unwrap() error { return p.Err }

// PurchaseFailedError is in the chain of the error of [AirlineService.Wait] when
// the purchase has failed: nothing was bought. No other error of it says so.
type PurchaseFailedError struct {
	Booking BookingID // what was asked about
	Reason  string    // why, in the supplier's words
}

// Error returns the booking.
func (f *PurchaseFailedError) Error() string { return "purchase " + string(f.Booking) + " has failed" }

const (
	// longestWait bounds a wait whose context has no deadline.
	longestWait = 15 * time.Minute
	firstLook   = time.Second // after the one at once
	rarestLook  = 15 * time.Second
)

// Wait asks how far a purchase has come, more and more rarely, until it is done,
// and returns the trip that was bought, for [TripService.Info].
//
// If the purchase has failed, the error has [*PurchaseFailedError] in its chain,
// and its kind is [rutravel.ErrFunds] or [rutravel.ErrForbidden] for the texts that
// the manual shows, [rutravel.ErrRejected] for others: nothing was bought. If ctx
// ends before, the error is [rutravel.ErrCanceled], and if 15 minutes pass,
// [rutravel.ErrUnavailable], with [*PurchasePendingError] in its chain: tickets may
// be bought yet. Any other error is about the question alone, and says nothing
// about the purchase. A supplier that cannot be reached for a while does not end
// the wait.
//
// Smartway: POST airline.result
func (s AirlineService) Wait(ctx context.Context, id BookingID, opts ...rutravel.CallOption) (TripID, error) {
	var v valid.Check
	v.ID("id", string(id))
	bounded, cancel := context.WithTimeout(ctx, longestWait)
	defer cancel()
	var (
		looks int
		last  error // what kept the look before from telling
	)
	for pause := firstLook; ; pause = min(2*pause, rarestLook) {
		trip, err := s.look(bounded, id, v, opts)
		var wait time.Duration
		e, failed := errors.AsType[*rutravel.Error](err)
		if !failed || e.Attempts > 0 {
			looks++
		}
		switch {
		case err == nil && trip != "":
			return trip, nil
		case err == nil:
			last = nil
		case errors.Is(err, rutravel.ErrCanceled) && e.Attempts == 0 && bounded.Err() != nil: // before this look
			return "", s.pending(ctx, id, looks, last)
		case errors.Is(err, rutravel.ErrUnavailable), errors.Is(err, rutravel.ErrRateLimited):
			last, wait = err, e.RetryAfter
		case errors.Is(err, rutravel.ErrCanceled):
			return "", s.pending(ctx, id, looks, err)
		default:
			return trip, err
		}
		t := time.NewTimer(max(pause, wait))
		select {
		case <-t.C:
		case <-bounded.Done():
			t.Stop()
			return "", s.pending(ctx, id, looks, last)
		}
	}
}

var errWaited = errors.New("it has not ended in 15 minutes")

// pending is the error of a wait that has ended after a number of looks. Its own
// end is not the caller's, whatever it looked like to the last of them.
func (s AirlineService) pending(ctx context.Context, id BookingID, looks int, last error) error {
	kind, why := rutravel.ErrCanceled, ctx.Err()
	if why == nil {
		kind, why = rutravel.ErrUnavailable, errWaited
		if errors.Is(last, rutravel.ErrCanceled) {
			last = nil
		}
	}
	switch {
	case last == nil:
	case errors.Is(last, why):
		why = last
	default:
		why = fmt.Errorf("%w; %w", why, last)
	}
	err := s.e.line.NotSent(&operations[opAirlineResult], kind, &PurchasePendingError{Booking: id, Err: why})
	if e, ok := errors.AsType[*rutravel.Error](err); ok {
		e.Attempts = looks
	}
	return err
}

// look asks once; a failed purchase is a refusal. The trip is "" while it is
// pending.
func (s AirlineService) look(ctx context.Context, id BookingID, v valid.Check, opts []rutravel.CallOption) (TripID, error) {
	p, err := judged(ctx, s.e, opAirlineResult, string(id), nil, v, func(d *wire.Decoder, p *Purchase) error {
		return p.decode(d)
	}, func(p Purchase) error {
		if p.Status != PurchaseFailed {
			return nil
		}
		return &transport.Refusal{
			Kind: kindOfFailure(p.Error), Code: string(PurchaseFailed), Message: p.Error,
			Detail: func(conceal func(string) string) error {
				return &PurchaseFailedError{Booking: id, Reason: conceal(p.Error)}
			},
		}
	}, opts)
	if err == nil && p.Status != PurchaseDone {
		return "", nil
	}
	return p.Trip, err
}

// kindOfFailure classifies the texts that the manual shows.
func kindOfFailure(text string) rutravel.Kind {
	switch {
	case strings.Contains(text, "Доступно:"), strings.Contains(text, "Задолженность:"): // Стоимость: {0}. Доступно: {1}
		return rutravel.ErrFunds
	case strings.Contains(text, "Доступ запрещен"), strings.Contains(text, "Превышен лимит бронирований"):
		return rutravel.ErrForbidden
	default:
		return rutravel.ErrRejected
	}
}
