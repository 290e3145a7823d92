package regionbilet_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

// RB-T02, RB-T38: in every value a space is sent as %20 and a plus as %2B.
// RB-T21: a passenger without a patronymic sends an empty one.
func TestSpacesPlusesAndEmptyPatronymic(t *testing.T) {
	t.Parallel()
	c, asked := answering(t, conformance.Awkward(t, "regionbilet", "booking-error-number"))
	b := bookRequest("10")
	b.Phone = "+7 918 755"
	_, err := c.Book(t.Context(), b)
	require.NoError(t, err)
	assert.Contains(t, (*asked)[0], "&user_phone=%2B7%20918%20755&")
	assert.Contains(t, (*asked)[0], "&middle_name1=&sex1=1&")
	assert.Contains(t, (*asked)[0], "&value_doc1=0701%20755756&")
	assert.NotContains(t, (*asked)[0], "+")
}

// RB-T20: one to four passengers are numbered from 1 without gaps.
func TestPassengersAreNumbered(t *testing.T) {
	t.Parallel()
	c, asked := answering(t, conformance.Awkward(t, "regionbilet", "booking-error-number"))
	_, err := c.Book(t.Context(), bookRequest("1", "2", "3", "4"))
	require.NoError(t, err)
	var seats []string
	for param := range strings.SplitSeq((*asked)[0], "&") {
		if strings.HasPrefix(param, "seat") {
			seats = append(seats, param)
		}
	}
	assert.Equal(t, []string{"seat1=1", "seat2=2", "seat3=3", "seat4=4"}, seats)
}

// RB-T19: a price is sent with the zeros that it has.
func TestPriceDigits(t *testing.T) {
	t.Parallel()
	for _, price := range []regionbilet.Price{"530.00", "500", "0500.10", "12345678901234567890.00"} {
		c, asked := answering(t, conformance.Awkward(t, "regionbilet", "booking-error-number"))
		b := bookRequest("10")
		b.Passengers[0].Price = price
		_, err := c.Book(t.Context(), b)
		require.NoError(t, err, price)
		assert.True(t, strings.HasSuffix((*asked)[0], "&total_ticket_price1="+string(price)), (*asked)[0])
	}
	for _, price := range []regionbilet.Price{"-530.00", "5e2", "1e-1", "."} {
		c, asked := answering(t, conformance.Awkward(t, "regionbilet", "booking-error-number"))
		b := bookRequest("10")
		b.Passengers[0].Price = price
		_, err := c.Book(t.Context(), b)
		assert.ErrorContains(t, err, "Passengers[0].Price", price)
		assert.Empty(t, *asked, price)
	}
}

// RB-T23: an id with a space is not sent.
func TestInvalidBooking(t *testing.T) {
	t.Parallel()
	book := func(change func(*regionbilet.BookRequest)) func(*regionbilet.Client) error {
		return func(c *regionbilet.Client) error {
			b := bookRequest("10", "11")
			change(&b)
			_, err := c.Book(t.Context(), b)
			return err
		}
	}
	passenger := func(change func(*regionbilet.Passenger)) func(*regionbilet.Client) error {
		return book(func(b *regionbilet.BookRequest) { change(&b.Passengers[1]) })
	}
	checkInvalid(t,
		invalidCall{"no stop", "Trip.From", book(func(b *regionbilet.BookRequest) { b.Trip.From = "" })},
		invalidCall{"month 13", "Trip.Departure.Date", book(func(b *regionbilet.BookRequest) { b.Trip.Departure.Date.Month = 13 })},
		invalidCall{"hour 24", "Trip.Departure.Time", book(func(b *regionbilet.BookRequest) { b.Trip.Departure.Time.Hour = 24 })},
		invalidCall{"blank phone", "Phone", book(func(b *regionbilet.BookRequest) { b.Phone = " " })},
		invalidCall{"no passengers", "Passengers", book(func(b *regionbilet.BookRequest) { b.Passengers = nil })},
		invalidCall{"five passengers", "Passengers", book(func(b *regionbilet.BookRequest) { *b = bookRequest("1", "2", "3", "4", "5") })},
		invalidCall{"no surname", "Passengers[1].Surname", passenger(func(p *regionbilet.Passenger) { p.Surname = "" })},
		invalidCall{"first name not UTF-8", "Passengers[1].FirstName", passenger(func(p *regionbilet.Passenger) { p.FirstName = "\xff" })},
		invalidCall{"line break in a name", "Passengers[1].MiddleName", passenger(func(p *regionbilet.Passenger) { p.MiddleName = "a\nb" })},
		invalidCall{"no sex", "Passengers[1].Sex", passenger(func(p *regionbilet.Passenger) { p.Sex = "" })},
		invalidCall{"unknown category", "Passengers[1].Category", passenger(func(p *regionbilet.Passenger) { p.Category = "3" })},
		invalidCall{"no birth date", "Passengers[1].BirthDate", passenger(func(p *regionbilet.Passenger) { p.BirthDate = civil.Date{} })},
		invalidCall{"no nationality", "Passengers[1].Nationality", passenger(func(p *regionbilet.Passenger) { p.Nationality = "" })},
		invalidCall{"no document type", "Passengers[1].DocumentType", passenger(func(p *regionbilet.Passenger) { p.DocumentType = "" })},
		invalidCall{"no document", "Passengers[1].Document", passenger(func(p *regionbilet.Passenger) { p.Document = "" })},
		invalidCall{"no seat", "Passengers[1].Seat", passenger(func(p *regionbilet.Passenger) { p.Seat = "" })},
		invalidCall{"seat with spaces around it", "Passengers[1].Seat", passenger(func(p *regionbilet.Passenger) { p.Seat = " 10" })},
		invalidCall{"one seat twice", "Passengers[1].Seat", passenger(func(p *regionbilet.Passenger) { p.Seat = "10" })},
		invalidCall{"no price", "Passengers[1].Price", passenger(func(p *regionbilet.Passenger) { p.Price = "" })},
		invalidCall{"price with a space", "Passengers[1].Price", passenger(func(p *regionbilet.Passenger) { p.Price = "517.54 " })},
		invalidCall{"price with a comma", "Passengers[1].Price", passenger(func(p *regionbilet.Passenger) { p.Price = "517,54" })},
		invalidCall{"pay without an id", "Booking", func(c *regionbilet.Client) error { _, err := c.Pay(t.Context(), regionbilet.Hold{}); return err }},
		invalidCall{"cancel an id with a space", "Booking", func(c *regionbilet.Client) error { return c.Cancel(t.Context(), regionbilet.Hold{Booking: "stv-1 2"}) }},
	)
}

// RB-T09: booking's result is an object in the sample and a list in the text.
func TestBookingResultAsList(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, conformance.Awkward(t, "regionbilet", "booking-result-array"))
	hold, err := c.Book(t.Context(), bookRequest("10"))
	require.NoError(t, err)
	assert.Equal(t, bookingID, hold.Booking)
}

// RB-T36: the answer to booking has no deadline. PayBefore is counted from the time before
// the request, and can be stored as JSON.
func TestHoldDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t)
		start := time.Now()
		fake.Inject(regionbilettest.Fault{Op: "booking", Delay: 10 * time.Second})
		hold, err := c.Book(t.Context(), fakeRequest(t, c, 1))
		require.NoError(t, err)
		assert.True(t, hold.PayBefore.Equal(start.Add(20*time.Minute)))
		stored, err := json.Marshal(hold)
		require.NoError(t, err)
		var read regionbilet.Hold
		require.NoError(t, json.Unmarshal(stored, &read))
		assert.True(t, hold.PayBefore.Equal(read.PayBefore))
	})
}

// Given a refused connection, expect Book to try again, because nothing was sent.
func TestRefusedConnectionIsRetried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t)
		b := fakeRequest(t, c, 2)
		fake.Inject(regionbilettest.Fault{Op: "booking", Refuse: true}, regionbilettest.Fault{Op: "booking", Refuse: true})
		hold, err := c.Book(t.Context(), b)
		require.NoError(t, err)
		assert.NotEmpty(t, hold.Booking)
	})
}

// Given a context that is canceled after the request was sent, expect ErrNotConfirmed.
func TestCanceledAfterSending(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t)
		b := fakeRequest(t, c, 1)
		fake.Inject(regionbilettest.Fault{Op: "booking", Delay: time.Minute})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := c.Book(ctx, b)
		require.ErrorIs(t, err, rutravel.ErrNotConfirmed)
		assert.ErrorIs(t, err, context.Canceled)
		assert.NotErrorIs(t, err, rutravel.ErrCanceled)
	})
}

// An id with a space, or "0", does not confirm a booking.
func TestUnusableBookingID(t *testing.T) {
	t.Parallel()
	for _, id := range []string{`"0"`, `0`, `"stv 1"`, `" "`, `"stv-\n1"`, `1.234567e+06`, `-1`, "\"stv-\xc0\""} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, `{"error":"0","error_description":"","result":{"id_booking":`+id+`}}`)
			hold, err := c.Book(t.Context(), bookRequest("10"))
			conformance.Failure(t, err, rutravel.ErrNotConfirmed)
			assert.Zero(t, hold)
		})
	}
}

// Given another number of issued tickets than booked ones, expect ErrNotConfirmed and the
// tickets that arrived.
func TestNumberOfIssuedTickets(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, `{"error":"0","result":[{"seat":"10","number_ticket":"T1"},{"seat":"11","number_ticket":"T2"}]}`)
	for booked, confirmed := range map[int]bool{0: true, 1: false, 2: true, 3: false} {
		tickets, err := c.Pay(t.Context(), regionbilet.Hold{Booking: bookingID, Tickets: booked})
		assert.Len(t, tickets, 2, booked)
		assert.Equal(t, confirmed, err == nil, booked)
		assert.Equal(t, !confirmed, errors.Is(err, rutravel.ErrNotConfirmed), booked)
	}
	hold, err := c.Book(t.Context(), bookRequest("10", "11"))
	require.Error(t, err)
	assert.Zero(t, hold)
	c, _ = answering(t, conformance.Awkward(t, "regionbilet", "booking-error-number"))
	hold, err = c.Book(t.Context(), bookRequest("10", "11"))
	require.NoError(t, err)
	assert.Equal(t, 2, hold.Tickets)
}

// Spaces around names, documents and the phone are not sent. The caller's request does not
// change.
func TestTextsAreTrimmed(t *testing.T) {
	t.Parallel()
	c, asked := answering(t, conformance.Awkward(t, "regionbilet", "booking-error-number"))
	b := bookRequest("10")
	b.Phone = " 9187557788 "
	p := &b.Passengers[0]
	p.Surname, p.FirstName, p.MiddleName, p.Document = " ИВАНОВ", "ИВАН\u00a0", "  ", " 0701 755756 "
	before := *p
	_, err := c.Book(t.Context(), b)
	require.NoError(t, err)
	plain := bookRequest("10")
	_, err = c.Book(t.Context(), plain)
	require.NoError(t, err)
	assert.Equal(t, (*asked)[1], (*asked)[0])
	assert.Equal(t, before, b.Passengers[0])
}

// Two tickets with the same number or the same seat do not confirm a payment.
func TestIssuedTicketTwice(t *testing.T) {
	t.Parallel()
	for name, second := range map[string]string{
		"number": `{"seat":"11","number_ticket":"T1"}`,
		"seat":   `{"seat":"10","number_ticket":"T2"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, `{"error":"0","result":[{"seat":"10","number_ticket":"T1"},`+second+`]}`)
			tickets, err := c.Pay(t.Context(), unpaid)
			conformance.Failure(t, err, rutravel.ErrNotConfirmed)
			assert.Len(t, tickets, 2)
		})
	}
}

// RB-T42: seats and ticket numbers may be numbers, or strings with spaces around them. A
// list may be an object: PHP writes a list with a removed element so.
func TestPaySeats(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, `{"error":"0","result":{"1":{"seat":10,"number_ticket":" T1 "},"2":{"seat":" 11 ","number_ticket":2}}}`)
	tickets, err := c.Pay(t.Context(), unpaid)
	require.NoError(t, err)
	assert.Equal(t, []regionbilet.IssuedTicket{{Seat: "10", Number: "T1"}, {Seat: "11", Number: "2"}}, tickets)
}

// Given a payment that is carried out after the caller's timeout, expect the ticket to be
// booked right after the timeout and paid a minute later.
func TestLatePayment(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t)
		hold, err := c.Book(t.Context(), fakeRequest(t, c, 1))
		require.NoError(t, err)
		fake.Inject(regionbilettest.Fault{Op: "pay", Delay: 90 * time.Second, Late: true})
		_, err = c.Pay(t.Context(), hold)
		require.ErrorIs(t, err, rutravel.ErrNotConfirmed)
		status := func() regionbilet.TicketStatus {
			tickets, err := c.BookingTickets(t.Context(), hold.Booking)
			require.NoError(t, err)
			return tickets[0].Status
		}
		assert.Equal(t, regionbilet.TicketBooked, status())
		time.Sleep(time.Minute)
		assert.Equal(t, regionbilet.TicketPaid, status())
	})
}

// RB-T06, RB-T07, RB-T10: cancel has no result, so only the documented code is a success.
// The description decides nothing.
func TestCancelNeedsTheDocumentedCode(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"error":"0","error_description":"что угодно"}`,
		`{"error":0,"error_description":""}`,
		`{"error":" 0 ","error_description":" Нет ошибок","result":[]}`,
	} {
		c, _ := answering(t, body)
		assert.NoError(t, c.Cancel(t.Context(), unpaid), body)
	}
	for _, body := range []string{
		conformance.Awkward(t, "regionbilet", "cancel-error-empty"),
		`{"error":null,"error_description":"Нет ошибок"}`,
		`{"error_description":"Нет ошибок"}`,
		`{"error":false}`,
	} {
		c, asked := answering(t, body)
		assert.ErrorIs(t, c.Cancel(t.Context(), unpaid), rutravel.ErrNotConfirmed, body)
		assert.Len(t, *asked, 1, body)
	}
}

func TestSexString(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "male", regionbilet.Male.String())
	assert.Equal(t, "female", regionbilet.Female.String())
	assert.Equal(t, "9", regionbilet.Sex("9").String())
}
