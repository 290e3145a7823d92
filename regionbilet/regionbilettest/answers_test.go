package regionbilettest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

// A purchase and a refund succeed with each shape of answer that the manual leaves
// open.
func TestQuirks(t *testing.T) {
	t.Parallel()
	for name, q := range map[string]regionbilettest.Quirks{
		"as the tables say": {},
		"numbers":           {Numbers: true},
		"error as a number": {Success: "0"},
		"lists for objects": {BookingList: true},
		"objects for lists": {OneCarrier: true},
		"empty as null":     {Empty: "null"},
		"empty as text":     {Empty: `""`},
		"short":             {ShortCarrier: true, NoSeat: true, RefusalResult: "[]"},
		"seats in elements": {SeatElements: true, Cancelled: "0", RefusalResult: "null"},
		"empty as object":   {Empty: "{}", Numbers: true, BookingList: true, OneCarrier: true},
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
