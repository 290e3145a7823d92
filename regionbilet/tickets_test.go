package regionbilet_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/regionbilet"
)

// RB-T30, RB-T40: a status may be a number. An unknown status is kept. "Not
// found" is a status and not an error.
func TestStatuses(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]regionbilet.TicketStatus{
		"not-found": regionbilet.TicketNotFound, "status-number": regionbilet.TicketPaid, "status-unknown": "9",
	} {
		c, _ := answering(t, conformance.Awkward(t, "regionbilet", "status_ticket-"+name))
		state, err := c.Ticket(t.Context(), regionbilet.TicketRef{Booking: bookingID, Ticket: "T1610201812495866917-815"})
		require.NoError(t, err, name)
		assert.Equal(t, want, state.Status, name)
	}
	c, _ := answering(t, conformance.Awkward(t, "regionbilet", "status_ticket-not-found"))
	state, err := c.Ticket(t.Context(), ticket)
	require.NoError(t, err)
	assert.Equal(t, regionbilet.Ticket{Status: regionbilet.TicketNotFound}, state)

	for _, result := range []string{`[]`, `[{"status":"3"},{"status":"4"}]`, `[{"STATUS":"3"}]`} {
		c, _ = answering(t, `{"error":"0","result":`+result+`}`)
		_, err = c.Ticket(t.Context(), ticket)
		assert.ErrorIs(t, err, rutravel.ErrProtocol, result)
	}
}

// A status prints the English word, and converts and marshals as the wire
// value.
func TestTicketStatusString(t *testing.T) {
	t.Parallel()
	for status, want := range map[regionbilet.TicketStatus]string{
		regionbilet.TicketNotFound: "not found", regionbilet.TicketBooked: "booked", regionbilet.TicketExpired: "expired",
		regionbilet.TicketPaid: "paid", regionbilet.TicketRefunded: "refunded", "9": "9",
	} {
		assert.Equal(t, want, status.String())
		stored, err := json.Marshal(status)
		require.NoError(t, err, want)
		assert.Equal(t, `"`+string(status)+`"`, string(stored), want)
	}
}

// RB-T22: refund must not send an empty ticket number. RB-T23: an id with a
// space is not sent.
func TestInvalidTicket(t *testing.T) {
	t.Parallel()
	checkInvalid(t,
		invalidCall{"no booking", "id", func(c *regionbilet.Client) error {
			_, err := c.BookingTickets(t.Context(), "")
			return err
		}},
		invalidCall{"no ticket", "Ticket", func(c *regionbilet.Client) error {
			_, err := c.Ticket(t.Context(), regionbilet.TicketRef{Booking: bookingID})
			return err
		}},
		invalidCall{"refund without a ticket", "Ticket", func(c *regionbilet.Client) error {
			_, err := c.Refund(t.Context(), regionbilet.TicketRef{Booking: bookingID})
			return err
		}},
		invalidCall{"refund an id with a space", "Booking", func(c *regionbilet.Client) error {
			_, err := c.Refund(t.Context(), regionbilet.TicketRef{Booking: " " + bookingID, Ticket: ticketNo})
			return err
		}},
	)
}

// Fields that cannot be read do not hide the status, number and seat of a
// ticket.
func TestStatusWithBrokenFields(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, `{"error":"0","result":[
		{"status":"3","number_ticket":"T1","seat":"10","ticket_price":"дорого","date_refund":"00.00.0000","time_trip":"08:30:00","middle_name":false},
		{"status":3}]}`)
	tickets, err := c.BookingTickets(t.Context(), bookingID)
	conformance.Failure(t, err, rutravel.ErrProtocol)
	assert.ErrorContains(t, err, "result[0].ticket_price")
	require.Len(t, tickets, 2)
	assert.Equal(t, regionbilet.TicketPaid, tickets[0].Status)
	assert.Equal(t, regionbilet.TicketNumber("T1"), tickets[0].Number)
	assert.Zero(t, tickets[0].Refunded)
	assert.Zero(t, tickets[0].Departure, "a time without a date")
	assert.Equal(t, regionbilet.Ticket{Status: regionbilet.TicketPaid}, tickets[1])
}

// A list without a ticket does not say that the booking has no tickets.
func TestBookingWithoutTickets(t *testing.T) {
	t.Parallel()
	for _, result := range []string{`null`, `""`, `[]`, `{}`} {
		t.Run(result, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, `{"error":"0","error_description":"Нет ошибок","result":`+result+`}`)
			_, err := c.BookingTickets(t.Context(), bookingID)
			conformance.Failure(t, err, rutravel.ErrProtocol)
		})
	}
}
