package regionbilettest

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/rutravel/rutravel-go/regionbilet"
)

// status is a ticket's, as status_ticket names it.
type status string

const (
	notFound  status = "0"
	booked    status = "1"
	cancelled status = "2" // by itself; the manual has no other word for an order that was cancelled on demand
	paid      status = "3"
	refunded  status = "4"
)

// order is one to four tickets of one trip.
type order struct {
	id      string
	user    string
	trip    Trip
	day     time.Time // midnight in Moscow
	made    time.Time
	tickets []*ticket

	onDemand bool // cancelled by the caller
}

type ticket struct {
	status                         status
	seat                           string
	category                       string
	surname, firstName, middleName string
	fare                           Fare
	number                         string
	sold, returned                 time.Time
	withheldPercent                int64
	refund                         decimal.Decimal
}

// expire cancels the orders that were not paid in time.
func (s *Server) expire(now time.Time) {
	for _, o := range s.orders {
		if now.Sub(o.made) >= regionbilet.HoldTime && o.is(booked) {
			o.set(cancelled)
		}
	}
}

// is reports whether all tickets have a status.
func (o *order) is(want status) bool {
	return !slices.ContainsFunc(o.tickets, func(t *ticket) bool { return t.status != want })
}

func (o *order) set(to status) {
	for _, t := range o.tickets {
		t.status = to
	}
}

// newOrder books seats; its id looks like the manual's.
func (s *Server) newOrder(t Trip, day, now time.Time, tickets []*ticket) *order {
	o := &order{
		id:   fmt.Sprintf("stv-%s-%032x", now.Format("02012006150405"), len(s.orders)+1),
		user: s.user, trip: t, day: day, made: now, tickets: tickets,
	}
	s.orders = append(s.orders, o)
	return o
}

func (s *Server) findOrder(id string) *order {
	for _, o := range s.orders {
		if o.id == id && o.user == s.user {
			return o
		}
	}
	return nil
}

func (o *order) find(number string) *ticket {
	for _, t := range o.tickets {
		if t.number == number && number != "" {
			return t
		}
	}
	return nil
}

// issue sells an order's tickets.
func (s *Server) issue(o *order, now time.Time) {
	for _, t := range o.tickets {
		s.issued++
		t.status, t.sold = paid, now
		t.number = fmt.Sprintf("T%s%06d-815", now.Format("020120061504"), s.issued)
	}
}

// withheldPercent is the percentage of the fare that is kept when a ticket is given
// back, by the manual's chapter 13; ok is false when nothing is refunded.
func withheldPercent(departs, now time.Time) (percent int64, ok bool) {
	switch left := departs.Sub(now); {
	case left > 2*time.Hour:
		return 5, true
	case left > 0:
		return 15, true
	case left >= -3*time.Hour:
		return 25, true
	default:
		return 0, false
	}
}

func (t *ticket) giveBack(percent int64, now time.Time) {
	const all = 100
	t.status, t.returned, t.withheldPercent = refunded, now, percent
	t.refund = t.fare.Base.Mul(decimal.NewFromInt(all - percent)).Shift(-2).Round(2)
}

// state is a ticket as status_ticket shows it.
func (o *order) state(t *ticket) object {
	var sold, soldAt, returned, returnedAt, percent, refund string
	if !t.sold.IsZero() {
		sold, soldAt = t.sold.Format(dateLayout), t.sold.Format(timeLayout)
	}
	if !t.returned.IsZero() {
		returned, returnedAt = t.returned.Format(dateLayout), t.returned.Format(timeLayout)
		percent, refund = strconv.FormatInt(t.withheldPercent, 10), money(t.refund)
	}
	departs := o.trip.on(o.day)
	return object{
		{"status", string(t.status)},
		{"datesale", sold},
		{"timesale", soldAt},
		{"number_ticket", t.number},
		{"date_trip", departs.Format(dateLayout)},
		{"time_trip", departs.Format(timeLayout)},
		{"seat", t.seat},
		{"id_trip", string(o.trip.ID)},
		{"surname", t.surname},
		{"first_name", t.firstName},
		{"middle_name", t.middleName},
		{"ticket_price", money(t.fare.Base)},
		{"markup_ticket_price", money(t.fare.Fee)},
		{"date_refund", returned},
		{"time_refund", returnedAt},
		{"proc_refund", percent},
		{"sum_refund_ticket", refund},
	}
}

// unknown is a ticket that status_ticket does not find.
func unknown() object {
	o := (&order{}).state(&ticket{status: notFound})
	for i := range o {
		if o[i].name != "status" {
			o[i].value = ""
		}
	}
	return o
}

// saleRecord is a row of report_sale.
func (o *order) saleRecord(t *ticket) object {
	return o.record(t, object{
		{"ticket_price", money(t.fare.Base)},
		{"markup_price", money(t.fare.Fee)},
	})
}

// refundRecord is a row of report_refund.
func (o *order) refundRecord(t *ticket) object {
	return o.record(t, object{
		{"ticket_refund_price", money(t.refund)},
		{"ticket_refund_percent", strconv.FormatInt(t.withheldPercent, 10)},
		{"date_refund", t.returned.Format(dateLayout)},
		{"time_refund", t.returned.Format(timeLayout)},
	})
}

// record is what both reports say of a ticket, with what one says alone.
func (o *order) record(t *ticket, own object) object {
	departs := o.trip.on(o.day)
	return slices.Concat(object{
		{"date_booking", o.made.Format(dateLayout)},
		{"time_booking", o.made.Format(timeLayout)},
		{"id_booking", o.id},
		{"number_ticket", t.number},
		{"seat", t.seat},
		{"category", t.category},
	}, own, object{
		{"date_trip", departs.Format(dateLayout)},
		{"time_trip", departs.Format(timeLayout)},
		{"name_trip", o.trip.Name},
		{"name_from", o.trip.From.Name},
		{"name_to", o.trip.To.Name},
	})
}
