package multitour

import (
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

// LostBooking is what [Client.LostBookings] compares bookings with. Store it, as
// JSON for example, before [Client.Book] or [Client.BookFull] is called.
type LostBooking struct {
	Request BookRequest     // of the call
	CheckIn civil.Date      `json:",omitzero"` // of the [Offer]; zero: not compared
	Price   decimal.Decimal // of the [Offer]; 0: not compared
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
// supplier after that. If a booking that may be it cannot be read, or if the list may
// be incomplete, the error says so; the candidates that were found are returned with
// it. A [*rutravel.RowsError] in its chain has the codes of bookings that could not
// be read.
//
// Multitour: POST booking_list
func (c *Client) LostBookings(ctx context.Context, lost LostBooking, opts ...rutravel.CallOption) ([]BookingSummary, error) {
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

func (l LostBooking) check(v *valid.Check) {
	var request valid.Check
	l.Request.check(&request)
	if bad, ok := errors.AsType[*rutravel.FieldError](request.Err()); ok {
		v.That(false, "Request."+bad.Field, bad.Problem)
	}
	if !l.CheckIn.IsZero() {
		v.Date("CheckIn", l.CheckIn)
	}
	v.That(!l.Price.IsNegative(), "Price", "must not be negative")
}

// mayBe reports whether a booking may be the one that was lost. What the list does
// not have, or has in a form that cannot be read, fits.
func (l LostBooking) mayBe(s BookingSummary) bool {
	const (
		created = 1 // days
		begin   = 3 // days
		rouble  = 1
	)
	tourists := l.Request.Tourists
	infants := 0
	for _, t := range tourists {
		if t.Sex == MaleInfant || t.Sex == FemaleInfant {
			infants++
		}
	}
	switch {
	case !within(created, s.Created, l.Request.BookingDate),
		!within(begin, s.TourDate, l.CheckIn),
		s.Price.Valid && !l.Price.IsZero() && !s.Price.Decimal.Sub(l.Price).Abs().LessThan(decimal.NewFromInt(rouble)),
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
