package regionbilettest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

func TestDepartedTripsAreNotSold(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *regionbilettest.Server, c *regionbilet.Client) {
		trip := search(t, c, today)
		fake.Advance(5*time.Hour + 30*time.Minute)
		trips, err := c.Trips(t.Context(), regionbilet.TripQuery{From: "124", To: "463", Date: today})
		require.NoError(t, err)
		assert.Empty(t, trips)
		_, err = c.Book(t.Context(), request(trip, "1"))
		assert.ErrorIs(t, err, rutravel.ErrRejected)
		_, err = c.FreeSeats(t.Context(), trip.Key())
		assert.ErrorIs(t, err, rutravel.ErrRejected)
	})
}
