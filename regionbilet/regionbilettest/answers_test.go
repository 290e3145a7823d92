package regionbilettest_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

// With each shape of answer that the manual leaves open, a purchase and a refund succeed.
func TestQuirks(t *testing.T) {
	t.Parallel()
	for name, q := range map[string]regionbilettest.Quirks{
		"none":              {},
		"numbers":           {Numbers: true},
		"error as a number": {Success: "0"},
		"lists for objects": {BookingList: true},
		"objects for lists": {OneCarrier: true},
		"empty as null":     {Empty: "null"},
		"empty as text":     {Empty: `""`},
		"short":             {ShortCarrier: true, NoSeat: true, RefusalResult: "[]"},
		"seats in elements": {SeatElements: true, Cancelled: "0", RefusalResult: "null"},
		"empty as object":   {Empty: "{}", Numbers: true, BookingList: true, OneCarrier: true},
		"without times":     {NoTimes: true, NotSold: `"0.00"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, fake *regionbilettest.Server, c *regionbilet.Client) {
				fake.SetQuirks(q)
				flow(t, c, today)
				trips, err := c.Trips(t.Context(), regionbilet.TripQuery{From: "463", To: "505", Date: today})
				require.NoError(t, err)
				assert.Empty(t, trips)
			})
		})
	}
	for _, success := range []string{`""`, "null", "absent"} {
		t.Run("error as "+success, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, fake *regionbilettest.Server, c *regionbilet.Client) {
				fake.SetQuirks(regionbilettest.Quirks{Success: success})
				id, _ := buy(t, c, request(search(t, c, today), "1"))
				assert.NotEmpty(t, id)
				hold, err := c.Book(t.Context(), request(search(t, c, today), "2"))
				require.NoError(t, err)
				assert.ErrorIs(t, c.Cancel(t.Context(), hold), rutravel.ErrNotConfirmed)
			})
		})
	}
}

// The quirks that change rows: WholeOrder, NoTimes, NotSold and UnreadableRow.
func TestQuirksOfRows(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *regionbilettest.Server, c *regionbilet.Client) {
		id, tickets := buy(t, c, request(search(t, c, today), "1", "2"))
		ref := regionbilet.TicketRef{Booking: id, Ticket: tickets[1].Number}
		_, err := c.Refund(t.Context(), ref)
		require.NoError(t, err)

		fake.SetQuirks(regionbilettest.Quirks{WholeOrder: true})
		_, err = c.Ticket(t.Context(), ref)
		require.ErrorIs(t, err, rutravel.ErrProtocol)

		fake.SetQuirks(regionbilettest.Quirks{NoTimes: true})
		state, err := c.Ticket(t.Context(), ref)
		require.NoError(t, err)
		assert.Equal(t, regionbilet.OptDateTime{Date: today}, state.Refunded)

		for _, nothing := range []string{`"0.00"`, "0", "null"} {
			fake.SetQuirks(regionbilettest.Quirks{NotSold: nothing})
			assert.Zero(t, trips(t, c, "124", "505", today)[1].Child, nothing)
		}

		fake.SetQuirks(regionbilettest.Quirks{UnreadableRow: true})
		states, err := c.BookingTickets(t.Context(), id)
		rows, ok := errors.AsType[*rutravel.RowsError](err)
		require.True(t, ok, err)
		require.Len(t, rows.Rows, 1)
		assert.Equal(t, string(tickets[0].Number), rows.Rows[0].ID)
		require.Len(t, states, 1)
		assert.Equal(t, regionbilet.TicketRefunded, states[0].Status)
		days := regionbilet.DateRange{From: today, To: today}
		sales, err := c.SalesReport(t.Context(), days)
		require.ErrorAs(t, err, &rows)
		assert.Len(t, sales, 1)
		assert.Len(t, trips(t, c, "124", "505", today), 1)
		nationalities, err := c.Nationalities(t.Context())
		require.NoError(t, err)
		assert.Len(t, nationalities, 1)

		fake.SetQuirks(regionbilettest.Quirks{})
		nationalities, err = c.Nationalities(t.Context())
		require.NoError(t, err)
		assert.Len(t, nationalities, 2)
	})
}
