package regionbilettest_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

// Recorded requests have no credentials.
func TestRequests(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *regionbilettest.Server, c *regionbilet.Client) {
		_, err := c.Trips(t.Context(), regionbilet.TripQuery{From: "124", To: "463", Date: today})
		require.NoError(t, err)
		assert.Equal(t, []regionbilettest.Request{{
			Op:     "trip",
			Params: url.Values{"id_from": {"124"}, "id_to": {"463"}, "date_trip": {"01.01.2000"}},
		}}, fake.Requests())
	})
}

func TestOverSocket(t *testing.T) {
	t.Parallel()
	flow(t, overSocket(t, regionbilettest.New()), civil.DateOf(time.Now().UTC()))
}

// Each fault does what its field says, without a socket and through one.
func TestFaults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault regionbilettest.Fault
		kind  rutravel.Kind // of the booking's error; "" means success
		done  bool          // the booking was carried out
	}{
		"none":             {regionbilettest.Fault{}, "", true},
		"another command":  {regionbilettest.Fault{Op: "pay", Drop: true}, "", true},
		"delay":            {regionbilettest.Fault{Delay: time.Millisecond}, "", true},
		"drop":             {regionbilettest.Fault{Drop: true}, rutravel.ErrNotConfirmed, false},
		"process and drop": {regionbilettest.Fault{Drop: true, Processed: true}, rutravel.ErrNotConfirmed, true},
		"status":           {regionbilettest.Fault{Status: http.StatusBadGateway}, rutravel.ErrNotConfirmed, false},
		"body":             {regionbilettest.Fault{Body: "<html>", Processed: true}, rutravel.ErrNotConfirmed, true},
		"cut":              {regionbilettest.Fault{Cut: 10}, rutravel.ErrNotConfirmed, true},
		"too many": {regionbilettest.Fault{
			Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"60"}},
		}, rutravel.ErrRateLimited, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check := func(t *testing.T, fake *regionbilettest.Server, c *regionbilet.Client) {
				t.Helper()
				trip := search(t, c, civil.DateOf(time.Now().UTC()).AddDays(2))
				fake.Inject(test.fault)
				if test.fault.Op != "" {
					fake.Inject(regionbilettest.Fault{})
				}
				_, err := c.Book(context.WithoutCancel(t.Context()), request(trip, "1"))
				if test.kind == "" {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, test.kind)
				}
				free, err := c.FreeSeats(t.Context(), trip.Key())
				require.NoError(t, err)
				assert.Equal(t, test.done, !slices.Contains(free, "1"))
			}
			fake := regionbilettest.New()
			c, err := regionbilet.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
			require.NoError(t, err)
			check(t, fake, c)

			fake = regionbilettest.New()
			check(t, fake, overSocket(t, fake))
		})
	}
}
