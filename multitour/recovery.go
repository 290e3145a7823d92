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

// BookPatience is the Patience of the operations of Book and BookFull. For this time after
// the end of a call, its booking may be missing from the list. If it is still missing then,
// ask the supplier. The manual has no such time: the library chose it.
const BookPatience = 10 * time.Minute

// OfferBooking has a booking request and the values of its offer that the request does not
// have. Store it, for example as JSON, before [Client.Book] or [Client.BookFull].
type OfferBooking struct {
	Request BookRequest
	CheckIn civil.Date      `json:",omitzero"` // of the [Offer]; not compared if zero
	Price   decimal.Decimal // of the [Offer]; not compared if 0
}

// BookOperation is [Client.Book] with its recovery:
//
//   - If a code arrived with the error, Look calls [Client.BookingInfo]. The call is done if
//     it returns the booking.
//   - Otherwise Look calls [Client.LostBookings], and its bookings are the candidates. Those
//     with the nearest dates are first.
//   - Without a candidate after [BookPatience], the outcome is undecidable.
//
// Without a refusal, the outcome is never "not done", because the manual does not say how
// soon a booking is listed.
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
		Timeout:       operations[opBookingSet].CallTimeout(),
		Patience:      BookPatience,
		Silence:       rutravel.OutcomeUndecidable,
		SilenceReason: askSupplier,
		ID:            BookingCode.operationID,
		Group:         func(OfferBooking) string { return bookGroup },
	}
}

// BookFullOperation is [Client.BookFull] with the recovery of [Client.BookOperation]. Each
// candidate has the answer of [Client.BookingInfo].
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
		Timeout:       operations[opBookingSetFull].CallTimeout(),
		Patience:      BookPatience,
		Silence:       rutravel.OutcomeUndecidable,
		SilenceReason: askSupplier,
		ID:            id,
		Group:         func(OfferBooking) string { return bookGroup },
	}
}

const (
	// bookGroup is the group of all bookings, because each may have made any candidate.
	bookGroup   = "multitour/book"
	askSupplier = "Ask Multitour whether it has a booking of these tourists for this check-in."
)

// operationID returns the id of a booking in [rutravel.Operation]. It does not depend on the
// case of the letters.
func (b BookingCode) operationID() string {
	if b == "" {
		return ""
	}
	return "multitour/booking/" + strings.ToUpper(string(b))
}

// wasBooked returns the resolution of a call whose code arrived, after a look-up of the
// code.
func wasBooked[V any](v V, err error) (rutravel.Resolution[V], error) {
	if err != nil {
		return rutravel.Resolution[V]{}, err
	}
	return rutravel.Resolution[V]{Outcome: rutravel.OutcomeDone, Value: v, Reason: "The supplier has the booking whose code arrived."}, nil
}

// candidates returns the codes of the bookings that the lost call may have made. The one
// with the nearest dates is first.
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

// distance returns the number of days by which a booking differs from the lost one. A date
// that is not known counts as ten days.
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

// LostBookings lists the bookings that a call of [Client.Book] or [Client.BookFull] with an
// unknown outcome may have made. It compares the values that the supplier's list has:
//
//   - The booking was made on the BookingDate of the request, or one day before or after it.
//   - The name of the main tourist is that of one of the request's tourists.
//   - The tour begins on the day of the check-in, or up to three days before or after it,
//     because a tour may begin with the journey.
//   - The price differs by less than a rouble.
//   - The number of tourists is that of the request, with or without the infants.
//
// The bookings are candidates. Each can belong to another call, because a call cannot mark
// its booking. So:
//
//   - Do not make two bookings for the same tourists at the same time.
//   - Before the look-up, wait until all bookings for these tourists have ended.
//   - Keep a unique index on [BookingCode], so that two calls never get the same booking.
//
// An empty list does not mean that there is no booking. Ask again for up to [BookPatience],
// then ask the supplier. [Client.BookOperation] does this.
//
// LostBookings returns an error if a booking that may be the lost one cannot be read, or if
// the list may be incomplete. The candidates are returned with the error. A
// [*rutravel.RowsError] in its chain has the codes of the bookings that cannot be read.
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

// mayBe reports whether a booking may be the lost one. Values that are missing or cannot be
// read count as matching.
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

// within reports whether two dates are at most this number of days apart, or one of them is
// not known.
func within(days int, a, b civil.Date) bool {
	apart := a.DaysSince(b)
	return a.IsZero() || b.IsZero() || apart <= days && apart >= -days
}
