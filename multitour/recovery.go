package multitour

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// How long the look-up after a lost call may still find nothing although the call
// is carried out, from the end of the call.
const (
	// BookPatience applies to Book and BookFull. It is chosen: the manual names no
	// time. After it, finding nothing is still no proof; ask the supplier.
	BookPatience = 10 * time.Minute
)

// OfferBooking is what is booked: the request, and what the request does not say. Store
// it, as JSON for example, before [Client.Book] or [Client.BookFull] is called.
type OfferBooking struct {
	Request BookRequest
	CheckIn civil.Date      `json:",omitzero"` // of the [Offer]; zero: not compared
	Price   decimal.Decimal // of the [Offer]; 0: not compared
}

// callTimeout is the Timeout of an operation: longer than one attempt.
func callTimeout(op int) time.Duration { return operations[op].Timeout + 30*time.Second }

// BookOperation is [Client.Book] with its recovery. If a code arrived with the error,
// the call is done if [Client.BookingInfo] returns the booking. Otherwise the bookings
// of [Client.LostBookings] are candidates. Those with the nearest dates are first.
//
// The outcome is undecidable if there is none after [BookPatience]. It is never
// not done without a refusal: the manual does not say how soon a booking is listed.
func (c *Client) BookOperation() rutravel.Operation[OfferBooking, BookingCode] {
	return rutravel.Operation[OfferBooking, BookingCode]{
		Name: "multitour.book",
		Send: func(ctx context.Context, b OfferBooking) (BookingCode, error) { return c.Book(ctx, b.Request) },
		Look: func(ctx context.Context, in rutravel.Intent[OfferBooking, BookingCode]) (rutravel.Resolution[BookingCode], error) {
			if in.Value != "" {
				_, err := c.BookingInfo(ctx, in.Value)
				return wasBooked(in.Value, err)
			}
			codes, err := c.candidates(ctx, in.Request)
			if err != nil {
				return rutravel.Resolution[BookingCode]{}, err
			}
			return rutravel.CandidatesOf(codes, BookingCode.operationID), nil
		},
		Timeout:       callTimeout(opBookingSet),
		Patience:      BookPatience,
		Silence:       rutravel.OutcomeUndecidable,
		SilenceReason: askSupplier,
		ID:            BookingCode.operationID,
		Group:         func(OfferBooking) string { return bookGroup },
	}
}

// BookFullOperation is [Client.BookFull] with its recovery, which is that of
// [Client.BookOperation]. Each candidate has the answer of [Client.BookingInfo].
func (c *Client) BookFullOperation() rutravel.Operation[OfferBooking, Booking] {
	id := func(b Booking) string { return b.Code.operationID() }
	return rutravel.Operation[OfferBooking, Booking]{
		Name: "multitour.book_full",
		Send: func(ctx context.Context, b OfferBooking) (Booking, error) { return c.BookFull(ctx, b.Request) },
		Look: func(ctx context.Context, in rutravel.Intent[OfferBooking, Booking]) (rutravel.Resolution[Booking], error) {
			if in.Value.Code != "" {
				return wasBooked(c.BookingInfo(ctx, in.Value.Code))
			}
			codes, err := c.candidates(ctx, in.Request)
			var all []Booking
			for i := 0; i < len(codes) && err == nil; i++ {
				var b Booking
				b, err = c.BookingInfo(ctx, codes[i])
				all = append(all, b)
			}
			if err != nil {
				return rutravel.Resolution[Booking]{}, err
			}
			return rutravel.CandidatesOf(all, id), nil
		},
		Timeout:       callTimeout(opBookingSetFull),
		Patience:      BookPatience,
		Silence:       rutravel.OutcomeUndecidable,
		SilenceReason: askSupplier,
		ID:            id,
		Group:         func(OfferBooking) string { return bookGroup },
	}
}

const (
	// bookGroup is the group of all calls that book: each may have made any candidate.
	bookGroup   = "multitour/book"
	askSupplier = "Ask Multitour whether it has a booking of these tourists for this check-in."
)

// operationID is the id of a booking in [rutravel.Operation]. Letters of both cases
// mean the same.
func (b BookingCode) operationID() string {
	if b == "" {
		return ""
	}
	return "multitour/booking/" + strings.ToUpper(string(b))
}

// wasBooked is the resolution of a call whose code arrived, after a look-up of it.
func wasBooked[V any](v V, err error) (rutravel.Resolution[V], error) {
	if err != nil {
		return rutravel.Resolution[V]{}, err
	}
	return rutravel.Resolution[V]{Outcome: rutravel.OutcomeDone, Value: v, Reason: "The supplier has the booking whose code arrived."}, nil
}

// candidates returns the codes of the bookings that may be the one that was lost. The
// one with the nearest dates is first.
func (c *Client) candidates(ctx context.Context, b OfferBooking) (codes []BookingCode, err error) {
	found, err := c.LostBookings(ctx, b)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(found, func(x, y BookingSummary) int { return cmp.Compare(b.distance(x), b.distance(y)) })
	for _, s := range found {
		codes = append(codes, s.Code)
	}
	return codes, nil
}

// distance is by how many days a booking differs from the one that was lost. A date
// that is not known is far.
func (b OfferBooking) distance(s BookingSummary) (days int) {
	const unknown = 10
	for _, pair := range [][2]civil.Date{{s.Created, b.Request.BookingDate}, {s.TourDate, b.CheckIn}} {
		if pair[0].IsZero() || pair[1].IsZero() {
			days += unknown
		} else {
			apart := pair[0].DaysSince(pair[1])
			days += max(apart, -apart)
		}
	}
	return days
}

// LostBookings lists the bookings that a [Client.Book] or [Client.BookFull] may
// have made whose answer was lost. These must fit, as far as the supplier's list
// has them:
//
//   - the day of booking: the request's, the day before it or the day after it,
//   - the name of the main tourist: that of one of the request's tourists,
//   - the begin of the tour: the check-in, or up to three days before or after it,
//     because a tour may begin with the journey,
//   - the price, to the rouble,
//   - the number of tourists, with or without the infants.
//
// The bookings are candidates. Even a single one may be that of another call: the
// supplier returns nothing by which a caller can mark a call. So do not book the
// same tourists twice at a time, wait until such calls have ended, and keep a unique
// index on [BookingCode], so that two calls never take the same booking.
//
// Finding nothing proves nothing: ask again for up to [BookPatience], and the
// supplier after that. [Client.BookOperation] does so. If a booking that may be it cannot be read, or if the list may
// be incomplete, the error says so; the candidates that were found are returned with
// it. A [*rutravel.RowsError] in its chain has the codes of bookings that could not
// be read.
//
// Multitour: POST booking_list
func (c *Client) LostBookings(ctx context.Context, lost OfferBooking, opts ...rutravel.CallOption) ([]BookingSummary, error) {
	r := c.userRequest(opBookingList)
	lost.check(&r.Check)
	if err := r.Err(); err != nil {
		return nil, c.engine.Invalid(ctx, &operations[r.op], err)
	}
	day := lost.Request.BookingDate
	query := BookingQuery{CreatedFrom: day.AddDays(-1), CreatedTo: day.AddDays(1)}
	var found []BookingSummary
	var unread []rutravel.RowError
	var unreadable rutravel.Error
	for s, err := range c.bookings(ctx, query, true, opts) {
		row, ofRow := errors.AsType[*rutravel.RowError](err)
		switch {
		case err != nil && !ofRow:
			return found, err
		case !lost.mayBe(s):
		case ofRow:
			if e, ok := errors.AsType[*rutravel.Error](err); ok {
				unreadable = *e
			}
			unread = append(unread, *row)
		default:
			found = append(found, s)
		}
	}
	if unread != nil {
		unreadable.Err = &rutravel.RowsError{Rows: unread}
		return found, &unreadable
	}
	return found, nil
}

func (b OfferBooking) check(v *valid.Check) {
	var request valid.Check
	b.Request.check(&request)
	if bad, ok := errors.AsType[*rutravel.FieldError](request.Err()); ok {
		v.That(false, "Request."+bad.Field, bad.Problem)
	}
	if !b.CheckIn.IsZero() {
		v.Date("CheckIn", b.CheckIn)
	}
	v.That(!b.Price.IsNegative(), "Price", "must not be negative")
}

// mayBe reports whether a booking may be the one that was lost. What the list does
// not have, or has in a form that cannot be read, fits.
func (b OfferBooking) mayBe(s BookingSummary) bool {
	const (
		created = 1 // days
		begin   = 3 // days
		rouble  = 1
	)
	tourists := b.Request.Tourists
	infants := 0
	for _, t := range tourists {
		if t.Sex == MaleInfant || t.Sex == FemaleInfant {
			infants++
		}
	}
	switch {
	case !within(created, s.Created, b.Request.BookingDate),
		!within(begin, s.TourDate, b.CheckIn),
		s.Price.Valid && !b.Price.IsZero() && !s.Price.Decimal.Sub(b.Price).Abs().LessThan(decimal.NewFromInt(rouble)),
		s.TouristCount != nil && (*s.TouristCount > len(tourists) || *s.TouristCount < len(tourists)-infants):
		return false
	}
	return slices.ContainsFunc(tourists, func(t Tourist) bool {
		return wire.SamePerson(s.MainTourist, strings.Join([]string{t.Surname, t.FirstName, t.MiddleName}, " "))
	})
}

// within reports whether two dates are no more than some days apart, or one of them
// is not known.
func within(days int, a, b civil.Date) bool {
	apart := a.DaysSince(b)
	return a.IsZero() || b.IsZero() || apart <= days && apart >= -days
}
