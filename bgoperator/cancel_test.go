package bgoperator_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
)

// BG-T19: the ticket stands in sum or beside it; several sums may have their
// own. Without any the answer is of no use.
func TestTickets(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]bgoperator.CancelTicket{
		"canceltour-ticket-in-tour":      {ticket, ""},
		"canceltour-two-sums":            {ticket, ticket, "b7e0542af19d4c63805b1d27e6ff930a"},
		"canceltour-two-sums-one-ticket": {ticket, "", ticket},
		"canceltour-no-ticket":           {"", ""},
	} {
		c, _ := answering(t, conformance.Awkward(t, "bgoperator", name))
		quote, err := c.QuoteCancel(t.Context(), bookingID)
		got := []bgoperator.CancelTicket{quote.Ticket}
		for _, cost := range quote.Costs {
			got = append(got, cost.Ticket)
		}
		assert.Equal(t, want, got, name)
		if quote.Ticket == "" {
			conformance.Failure(t, err, rutravel.ErrProtocol)
		} else {
			require.NoError(t, err, name)
		}
	}
	c, _ := answering(t, "<tours><tour><ticket>"+string(ticket)+"</ticket></tour></tours>")
	_, err := c.QuoteCancel(t.Context(), bookingID)
	conformance.Failure(t, err, rutravel.ErrProtocol) // nobody knows what it costs
}

// Of two costs of one cancellation nobody knows which ticket is which.
func TestTwoCancellations(t *testing.T) {
	t.Parallel()
	_, inside, _ := strings.Cut(golden(t, "canceltour"), "<tours>")
	c, _ := answering(t, "<tours>"+strings.Replace(inside, "<tour>", "<tour><x/></tour><tour>", 1))
	quote, err := c.QuoteCancel(t.Context(), bookingID)
	require.NoError(t, err, "one of them is none")
	assert.Equal(t, ticket, quote.Ticket)
	tour, _, _ := strings.Cut(inside, "</tours>")
	c, _ = answering(t, "<tours>"+tour+tour+"</tours>")
	_, err = c.QuoteCancel(t.Context(), bookingID)
	conformance.Failure(t, err, rutravel.ErrProtocol)
}

// BG-T46: only OK is OK.
func TestStatus(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"cancel-status-other", "cancel-status-empty", "cancel-status-lower-case"} {
		c, asked := answering(t, conformance.Awkward(t, "bgoperator", name))
		conformance.Failure(t, c.Cancel(t.Context(), bookingID, ticket), rutravel.ErrNotConfirmed)
		assert.Len(t, *asked, 1)
		err := c.SetContacts(t.Context(), bookingID, []bgoperator.Contact{{Tourist: "1", Phone: "2"}})
		conformance.Failure(t, err, rutravel.ErrProtocol)
		_, err = c.SetTransfers(t.Context(), transfers, chosen(t))
		conformance.Failure(t, err, rutravel.ErrProtocol)
	}
	c, _ := answering(t, conformance.Awkward(t, "bgoperator", "cancel-status-other"))
	assert.ErrorContains(t, c.Cancel(t.Context(), bookingID, ticket), "FAILED")
	c, _ = answering(t, "<status>OK<error>157</error></status>")
	conformance.Failure(t, c.Cancel(t.Context(), bookingID, ticket), rutravel.ErrNotConfirmed)
}

// BG-T05: a cancellation without a ticket is not sent, for it would look like a
// quote. What is sent has its four parameters in order.
func TestCancelNeedsATicket(t *testing.T) {
	t.Parallel()
	c, asked := answering(t, "<status>OK</status>")
	for _, none := range []bgoperator.CancelTicket{"", " ", "a b"} {
		conformance.Failure(t, c.Cancel(t.Context(), bookingID, none), rutravel.ErrInvalid)
	}
	assert.Empty(t, *asked)
	require.NoError(t, c.Cancel(t.Context(), bookingID, "a&confirm=no"))
	assert.Equal(t, "idTour=104400000842366804&action=canceltour&confirm=yes&ticket=a%26confirm%3Dno", (*asked)[0].query)
}
