package regionbilet_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/regionbilet"
)

// Given a limit of 20 requests a second and 100 waiting searches, expect a payment to wait
// less than 100 ms. Given a stream of payments, expect at least one search a second.
func TestMoneyFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen conformance.Observed
		_, c := newFake(t, seen.Option(), rutravel.WithLimiter(rutravel.NewPriorityLimiter(20, 1)))
		hold, err := c.Book(t.Context(), fakeRequest(t, c, 1))
		require.NoError(t, err)
		begun := time.Now()
		var mu sync.Mutex
		var searches []time.Duration // when each was answered
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				_, err := c.Trips(t.Context(), regionbilet.TripQuery{From: "124", To: "463", Date: regionbilet.Today().AddDays(2)})
				assert.NoError(t, err)
				mu.Lock()
				defer mu.Unlock()
				searches = append(searches, time.Since(begun))
			})
		}
		synctest.Wait()
		_, err = c.Pay(t.Context(), hold)
		require.NoError(t, err)
		pay := seen.Calls("pay")
		require.Len(t, pay, 1)
		require.Len(t, pay[0].Waits, 1)
		assert.Less(t, pay[0].Waits[0].Duration, 100*time.Millisecond)

		for range 4 { // more calls than the limiter allows
			wg.Go(func() {
				for range 50 {
					_, _ = c.Pay(t.Context(), hold) // refused, because the hold is paid
				}
			})
		}
		wg.Wait()
		seen.Check(t)
		require.Len(t, searches, 100)
		last := time.Duration(0)
		for _, at := range searches {
			assert.LessOrEqual(t, at-last, time.Second)
			last = at
		}
		assert.Greater(t, last, 5*time.Second, "payments go first")
	})
}
