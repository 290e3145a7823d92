package regionbilet_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/regionbilet"
)

// RB-T30, RB-T40: a status may be a number. An unknown status is kept. "Not found" is a
// status and not an error.
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

// A status prints as the English word. It converts and marshals as the wire value.
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

// RB-T22: refund does not send an empty ticket number. RB-T23: an id with a space is not
// sent.
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

// Given fields that cannot be read, expect the status, number and seat of a ticket.
func TestStatusWithBrokenFields(t *testing.T) {
	t.Parallel()
	const broken = `{"status":"3","number_ticket":"T1","seat":"10","ticket_price":"дорого","date_refund":"00.00.0000","time_trip":"08:30:00","middle_name":false}`
	c, _ := answering(t, `{"error":"0","result":[`+broken+`,{"status":3}]}`)
	tickets, err := c.BookingTickets(t.Context(), bookingID)
	conformance.Failure(t, err, rutravel.ErrProtocol)
	assert.ErrorContains(t, err, "row 0 (id T1): result[0].ticket_price")
	assert.Equal(t, []regionbilet.Ticket{{Status: regionbilet.TicketPaid}}, tickets)

	c, _ = answering(t, `{"error":"0","result":[`+broken+`]}`)
	ticket, err := c.Ticket(t.Context(), regionbilet.TicketRef{Booking: bookingID, Ticket: "T1"})
	conformance.Failure(t, err, rutravel.ErrProtocol)
	assert.Equal(t, regionbilet.TicketPaid, ticket.Status)
	assert.Equal(t, regionbilet.TicketNumber("T1"), ticket.Number)
	assert.Equal(t, regionbilet.Seat("10"), ticket.Seat)
	assert.Zero(t, ticket.Refunded)
	assert.Zero(t, ticket.Departure, "a time without a date")
}

// Given a date without a time, expect the date.
func TestTicketDateWithoutTime(t *testing.T) {
	t.Parallel()
	for _, field := range []string{`"time_refund": "17:05"`, `"timesale": "09:41"`, `"time_trip": "08:30"`} {
		name, _, _ := strings.Cut(field, ":")
		text := goldenAnswer(t, "status_ticket")
		require.Contains(t, text, field)
		c, _ := answering(t, strings.Replace(text, field, name+`: ""`, 1))
		got, err := c.Ticket(t.Context(), ticket)
		require.NoError(t, err, field)
		for at, want := range map[*regionbilet.OptDateTime]bool{&got.Refunded: name == `"time_refund"`, &got.Sold: name == `"timesale"`, &got.Departure: name == `"time_trip"`} {
			assert.False(t, at.Date.IsZero(), field)
			assert.Equal(t, want, at.Time == nil, field)
		}
	}
}

// An answer about another ticket is ErrProtocol. An answer without a ticket number is about
// the requested ticket.
func TestAnswerAboutAnotherTicket(t *testing.T) {
	t.Parallel()
	for _, result := range []string{
		`[{"status":"3","number_ticket":"T2"}]`, `[{"status":"0","number_ticket":"T2"}]`,
		`[{"status":"3","number_ticket":"T2"},{"status":"3","number_ticket":"` + string(ticketNo) + `"}]`,
	} {
		c, _ := answering(t, `{"error":"0","result":`+result+`}`)
		state, err := c.Ticket(t.Context(), ticket)
		assert.ErrorIs(t, err, rutravel.ErrProtocol, result)
		assert.Zero(t, state, result)
	}
	for _, result := range []string{
		`[{"status":"3"}]`, `[{"status":"3","number_ticket":""}]`, `{"status":"3","number_ticket":" ` + string(ticketNo) + ` "}`,
	} {
		c, _ := answering(t, `{"error":"0","result":`+result+`}`)
		state, err := c.Ticket(t.Context(), ticket)
		require.NoError(t, err, result)
		assert.Equal(t, regionbilet.TicketPaid, state.Status, result)
	}
}

// Spaces around ids and seats are removed, so that they can be sent and compared with
// those of Pay.
func TestTicketIDsAreTrimmed(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, `{"error":"0","result":[{"status":" 3 ","number_ticket":" T1 ","seat":" 10 ","id_trip":" 7 "}]}`)
	tickets, err := c.BookingTickets(t.Context(), bookingID)
	require.NoError(t, err)
	assert.Equal(t, []regionbilet.Ticket{{Status: regionbilet.TicketPaid, Number: "T1", Seat: "10", Trip: "7"}}, tickets)
	_, err = c.Refund(t.Context(), regionbilet.TicketRef{Booking: bookingID, Ticket: tickets[0].Number})
	assert.NotErrorIs(t, err, rutravel.ErrInvalid)
}

// Given a ticket that cannot be read completely, expect the others. Seats, ids and amounts
// are not repaired.
func TestUnreadableTicket(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		`"status":"3","ticket_price":"-1"`, `"status":"3","sum_refund_ticket":"-491.66"`, `"status":"3","proc_refund":"150"`,
		`"status":"3","markup_ticket_price":{"a":1}`, `"status":"3","seat":"1` + "\xc0" + `"`, `"status":true`, `"seat":"1"`,
	} {
		c, _ := answering(t, `{"error":"0","result":[{"number_ticket":"T1",`+bad+`},{"number_ticket":"T2","status":"1"}]}`)
		tickets, err := c.BookingTickets(t.Context(), bookingID)
		rows, ok := errors.AsType[*rutravel.RowsError](err)
		require.True(t, ok, "%s: %v", bad, err)
		require.Len(t, rows.Rows, 1, bad)
		assert.Equal(t, "T1", rows.Rows[0].ID, bad)
		assert.Equal(t, []regionbilet.Ticket{{Number: "T2", Status: regionbilet.TicketBooked}}, tickets, bad)

		c, _ = answering(t, `{"error":"0","result":[{"number_ticket":"T1",`+bad+`}]}`)
		ticket, err := c.Ticket(t.Context(), regionbilet.TicketRef{Booking: bookingID, Ticket: "T1"})
		assert.ErrorIs(t, err, rutravel.ErrProtocol, bad)
		assert.Equal(t, regionbilet.TicketNumber("T1"), ticket.Number, bad)
		assert.False(t, ticket.Base.Valid || ticket.RefundAmount.Valid || ticket.WithheldPercent.Valid, bad)
		assert.NotContains(t, string(ticket.Seat), "\ufffd", bad)
	}
	c, paths := warned(t, `{"error":"0","result":[{"number_ticket":"T1","status":"3","surname":[1],"datesale":"31.02.2021","id_trip":"1`+"\xc0"+`"}]}`)
	tickets, err := c.BookingTickets(t.Context(), bookingID)
	require.NoError(t, err)
	assert.Equal(t, []regionbilet.Ticket{{Number: "T1", Status: regionbilet.TicketPaid}}, tickets)
	assert.Equal(t, []string{"result[0].surname", "result[0].datesale", "result[0].id_trip"}, paths())
}

// A refund of a negative amount or of more than 100 per cent is not confirmed.
func TestImpossibleRefund(t *testing.T) {
	t.Parallel()
	for _, refund := range []string{
		`"proc_refund":"5","sum_refund_ticket":"-491.66"`, `"proc_refund":"150","sum_refund_ticket":"468.16"`, `"proc_refund":"-5","sum_refund_ticket":"468.16"`,
	} {
		c, _ := answering(t, `{"error":"0","result":[{"number_ticket":"`+string(ticketNo)+`",`+refund+`}]}`)
		got, err := c.Refund(t.Context(), ticket)
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		assert.Equal(t, ticketNo, got.Ticket, refund)
		assert.False(t, got.Amount.IsNegative(), refund)
	}
}

// A list without a ticket is ErrProtocol. It does not mean that the booking has no tickets.
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
