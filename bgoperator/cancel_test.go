package bgoperator_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
)

// BG-T19: the ticket is in sum or next to it, and each sum may have its own.
// A quote without a ticket is an error.
func TestCancelTickets(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]bgoperator.CancelTicket{
		"canceltour-ticket-in-tour":      {ticket, ""},
		"canceltour-two-sums":            {ticket, ticket, "b7e0542af19d4c63805b1d27e6ff930a"},
		"canceltour-two-sums-one-ticket": {ticket, "", ticket},
		"canceltour-no-ticket":           {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, awkward(t, name))
			quote, err := c.QuoteCancel(t.Context(), bookingID)
			got := []bgoperator.CancelTicket{quote.Ticket}
			for _, cost := range quote.Costs {
				got = append(got, cost.Ticket)
			}
			assert.Equal(t, want, got)
			if quote.Ticket == "" {
				conformance.Failure(t, err, rutravel.ErrProtocol)
			} else {
				require.NoError(t, err)
			}
		})
	}
	t.Run("a ticket without a cost", func(t *testing.T) {
		t.Parallel()
		c, _ := answering(t, "<tours><tour><ticket>"+string(ticket)+"</ticket></tour></tours>")
		_, err := c.QuoteCancel(t.Context(), bookingID)
		conformance.Failure(t, err, rutravel.ErrProtocol)
	})
}

// Amounts are not negative, and an id or ticket in which bytes were replaced is
// unreadable.
func TestUnreadableCancelQuotes(t *testing.T) {
	t.Parallel()
	for name, change := range map[string][2]string{
		"negative":      {"<amount>20", "<amount>-20"},
		"in words":      {"<amount>20", "<amount>free"},
		"no amount":     {"<amount>20</amount>", ""},
		"no currency":   {"<currency>EUR</currency>", ""},
		"ticket, bytes": {"39c1cb27c6", "39c1cb27\xcf"},
		"ticket, runes": {"39c1cb27c6", "39c1cb27\ufffd"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, strings.Replace(goldenAnswer(t, "canceltour"), change[0], change[1], 1))
			quote, err := c.QuoteCancel(t.Context(), bookingID)
			conformance.Failure(t, err, rutravel.ErrProtocol)
			if strings.HasPrefix(name, "ticket") {
				assert.Empty(t, quote.Ticket)
			} else if len(quote.Costs) > 0 {
				assert.True(t, quote.Costs[0].Amount.IsZero() || quote.Costs[0].Currency == "")
			}
		})
	}
}

// Two quotes in one answer are an error: it is unknown which ticket is right.
func TestTwoCancelQuotes(t *testing.T) {
	t.Parallel()
	_, inside, _ := strings.Cut(goldenAnswer(t, "canceltour"), "<tours>")
	c, _ := answering(t, "<tours>"+strings.Replace(inside, "<tour>", "<tour><x/></tour><tour>", 1))
	quote, err := c.QuoteCancel(t.Context(), bookingID)
	require.NoError(t, err, "the first tour has no cost")
	assert.Equal(t, ticket, quote.Ticket)
	tour, _, _ := strings.Cut(inside, "</tours>")
	c, _ = answering(t, "<tours>"+tour+tour+"</tours>")
	_, err = c.QuoteCancel(t.Context(), bookingID)
	conformance.Failure(t, err, rutravel.ErrProtocol)
}

// A cost that arrived completely before the answer was cut off is returned with
// the error.
func TestCutCancelQuote(t *testing.T) {
	t.Parallel()
	text := strings.TrimSpace(goldenAnswer(t, "canceltour"))
	for n := range text {
		c, _ := answering(t, text[:n])
		quote, err := c.QuoteCancel(t.Context(), bookingID)
		require.ErrorIs(t, err, rutravel.ErrProtocol, text[:n])
		conformance.Failure(t, err, rutravel.ErrProtocol)
		if !strings.Contains(text[:n], "</sum>") {
			assert.Empty(t, quote.Costs, text[:n])
			assert.Empty(t, quote.Ticket, text[:n])
			continue
		}
		require.Len(t, quote.Costs, 1, text[:n])
		assert.Equal(t, "20", quote.Costs[0].Amount.String(), text[:n])
		assert.Equal(t, ticket, quote.Ticket, text[:n])
	}
}

// BG-T43: an answer without tours is not a quote and does not confirm a
// cancellation.
func TestEmptyCancelAnswers(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, awkward(t, "createtour-empty"))
	_, err := c.QuoteCancel(t.Context(), bookingID)
	conformance.Failure(t, err, rutravel.ErrProtocol)
	conformance.Failure(t, c.Cancel(t.Context(), bookingID, ticket), rutravel.ErrNotConfirmed)
}

// BG-T46: only the status OK is a success.
func TestStatus(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"cancel-status-other", "cancel-status-empty", "cancel-status-lower-case"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, asked := answering(t, awkward(t, name))
			conformance.Failure(t, c.Cancel(t.Context(), bookingID, ticket), rutravel.ErrNotConfirmed)
			assert.Len(t, *asked, 1)
			err := c.SetContacts(t.Context(), bookingID, []bgoperator.Contact{{Tourist: "1", Phone: "2"}})
			conformance.Failure(t, err, rutravel.ErrProtocol)
			_, err = c.SetTransfers(t.Context(), transfersBooking, chosen(t))
			conformance.Failure(t, err, rutravel.ErrProtocol)
		})
	}
	t.Run("named in the error", func(t *testing.T) {
		t.Parallel()
		c, _ := answering(t, awkward(t, "cancel-status-other"))
		err := c.Cancel(t.Context(), bookingID, ticket)
		assert.ErrorContains(t, err, "FAILED")
		assert.ErrorContains(t, err, "look up with Client.QuoteCancel")
	})
	t.Run("with an error inside", func(t *testing.T) {
		t.Parallel()
		c, _ := answering(t, "<status>OK<error>157</error></status>")
		conformance.Failure(t, c.Cancel(t.Context(), bookingID, ticket), rutravel.ErrNotConfirmed)
	})
	t.Run("in spaces", func(t *testing.T) { // BG-T10
		t.Parallel()
		c, _ := answering(t, awkward(t, "cancel-status-spaces"))
		assert.NoError(t, c.Cancel(t.Context(), bookingID, ticket))
	})
}

// BG-T05: a cancellation without a ticket would look like a quote and is not
// sent. A cancellation sends its four parameters in the manual's order.
func TestCancelNeedsATicket(t *testing.T) {
	t.Parallel()
	cancel := func(b bgoperator.BookingID, ticket bgoperator.CancelTicket) func(*bgoperator.Client) error {
		return func(c *bgoperator.Client) error { return c.Cancel(t.Context(), b, ticket) }
	}
	checkInvalid(
		t,
		invalidCall{"no ticket", "ticket", cancel(bookingID, "")},
		invalidCall{"a space as ticket", "ticket", cancel(bookingID, " ")},
		invalidCall{"a ticket with a space", "ticket", cancel(bookingID, "a b")},
		invalidCall{"a space as booking", "booking", cancel(" ", ticket)},
		invalidCall{"quote without a booking", "booking", func(c *bgoperator.Client) error {
			_, err := c.QuoteCancel(t.Context(), "")
			return err
		}},
	)
	c, asked := answering(t, "<status>OK</status>")
	require.NoError(t, c.Cancel(t.Context(), bookingID, "a&confirm=no"))
	assert.Equal(t, "idTour=104400000842366804&action=canceltour&confirm=yes&ticket=a%26confirm%3Dno", (*asked)[0].query)
}

// BG-T38: only a refusal of the quote or of the cancellation shows that a booking
// cannot be cancelled.
func TestCancelRefused(t *testing.T) {
	t.Parallel()
	for code, kind := range map[bgoperator.Code]rutravel.Kind{
		bgoperator.CodeCannotCancel: rutravel.ErrConflict, bgoperator.CodeAlreadyCancelled: rutravel.ErrConflict,
		bgoperator.CodeBookingNotFound: rutravel.ErrNotFound,
	} {
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, "<errors><error>"+string(code)+"</error></errors>")
			for name, do := range map[string]func(context.Context) error{
				"QuoteCancel": func(ctx context.Context) error { _, err := c.QuoteCancel(ctx, bookingID); return err },
				"Cancel":      func(ctx context.Context) error { return c.Cancel(ctx, bookingID, ticket) },
			} {
				err := do(t.Context())
				conformance.Failure(t, err, kind)
				assert.ErrorIs(t, err, code, name)
			}
		})
	}
}
