package transport

import (
	"context"
	"math"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
)

func TestBackoff(t *testing.T) {
	t.Parallel()
	const samples = 500
	for _, test := range []struct {
		n    int
		span time.Duration
	}{
		{1, 200 * time.Millisecond},
		{2, 400 * time.Millisecond},
		{3, 800 * time.Millisecond},
		{4, 1600 * time.Millisecond},
		{5, 3200 * time.Millisecond},
		{6, 5 * time.Second},
		{15, 5 * time.Second},
		{16, 5 * time.Second},
		{64, 5 * time.Second}, // a shift by so much would be zero
		{math.MaxInt, 5 * time.Second},
	} {
		var lowest, highest time.Duration = math.MaxInt64, 0
		for range samples {
			d := backoff(test.n, 0)
			lowest, highest = min(lowest, d), max(highest, d)
		}
		// Full jitter: the whole span, and nothing outside of it.
		assert.GreaterOrEqual(t, lowest, time.Duration(0), test.n)
		assert.Less(t, lowest, test.span/10, test.n)
		assert.Greater(t, highest, test.span*9/10, test.n)
		assert.Less(t, highest, test.span, test.n)
	}
	// Retry-After is the floor, whatever the dice say.
	for range samples {
		assert.GreaterOrEqual(t, backoff(6, time.Second), time.Second)
		assert.Less(t, backoff(6, time.Second), 5*time.Second)
		assert.Equal(t, 20*time.Second, backoff(6, 20*time.Second))
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	const year = 365 * 24 * time.Hour
	now := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		header string
		want   time.Duration
	}{
		{"", 0},
		{"0", 0},
		{"1", time.Second},
		{"120", 2 * time.Minute},
		{"86400", 24 * time.Hour},
		{"4294967295", year},
		{"4294967296", year},
		{"99999999999999999999999999", year}, // never wait for less than was asked
		{"-1", 0},
		{"-99999999999999999999999999", 0},
		{"1.5", 0},
		{"1s", 0},
		{" 1", 0},
		{"soon", 0},
		{"Sun, 01 Mar 2026 12:00:07 GMT", 7 * time.Second},
		{"Sunday, 01-Mar-26 12:01:00 GMT", time.Minute},
		{"Sun Mar  1 12:00:01 2026", time.Second},
		{"Mon, 02 Mar 2026 12:00:00 GMT", 24 * time.Hour},
		{"Fri, 31 Dec 9999 23:59:59 GMT", year},
		{"Sun, 01 Mar 2026 12:00:00 GMT", 0},
		{"Sun, 01 Mar 2026 11:59:59 GMT", 0},
		{"Thu, 01 Jan 1970 00:00:00 GMT", 0},
		{"Sun, 31 Feb 2026 12:00:00 GMT", 0},
	} {
		h := http.Header{}
		if test.header != "" {
			h.Set("Retry-After", test.header)
		}
		assert.Equal(t, test.want, retryAfter(h, now), test.header)
	}
	assert.Equal(t, time.Second, retryAfter(http.Header{"Retry-After": {"1", "5"}}, now))
}

func TestBudget(t *testing.T) {
	t.Parallel()
	spends := func(b budget) (n int) {
		for b.spend() {
			n++
		}
		return n
	}
	t.Run("spend", func(t *testing.T) {
		t.Parallel()
		for _, full := range []int{0, 1, 2, 100} {
			assert.Equal(t, full, spends(newBudget(full)), full)
		}
	})
	t.Run("earn", func(t *testing.T) {
		t.Parallel()
		b := newBudget(2)
		assert.Equal(t, 2, spends(b))
		for range 9 {
			b.earn()
		}
		assert.False(t, b.spend())
		b.earn()
		assert.True(t, b.spend())
		assert.False(t, b.spend())
	})
	t.Run("never above full", func(t *testing.T) {
		t.Parallel()
		b := newBudget(2)
		for range 1000 {
			b.earn()
		}
		assert.Equal(t, b.full, b.left.Load())
		assert.Equal(t, 2, spends(b))
		for range 1000 {
			b.earn()
		}
		assert.Equal(t, 2, spends(b))
	})
	t.Run("zero earns nothing", func(t *testing.T) {
		t.Parallel()
		b := newBudget(0)
		for range 1000 {
			b.earn()
		}
		assert.False(t, b.spend())
	})
	t.Run("as much as one likes", func(t *testing.T) {
		t.Parallel()
		b := newBudget(math.MaxInt)
		for range 1000 {
			assert.True(t, b.spend())
		}
	})
	t.Run("from many goroutines", func(t *testing.T) {
		t.Parallel()
		b := newBudget(100)
		var spent atomic.Int64
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				for range 20 {
					b.earn()
					if b.spend() {
						spent.Add(1)
					}
				}
			})
		}
		wg.Wait()
		// 100 at the start, and at most 1000 tenths earned.
		assert.GreaterOrEqual(t, spent.Load(), int64(100))
		assert.LessOrEqual(t, spent.Load(), int64(200))
		assert.GreaterOrEqual(t, b.left.Load(), int64(0))
	})
}

// Callers who have no time for a retry do not use up the others'.
func TestBudgetOfRetriesNotMade(t *testing.T) {
	t.Parallel()
	bubble(t, "deadline", func(t *testing.T) {
		c, err := newAt(testBase, rutravel.WithRetryBudget(1),
			rutravel.WithHTTPClient(&http.Client{Transport: mock(answers(http.StatusServiceUnavailable, ""))}))
		require.NoError(t, err)
		for range 5 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
			_, err := Do(ctx, c, safeOp, get, text)
			cancel()
			assert.Equal(t, rutravel.ErrCanceled, failure(t, err).Kind)
		}
		_, err = Do(t.Context(), c, safeOp, get, text)
		assert.Equal(t, 2, failure(t, err).Attempts)
		_, err = Do(t.Context(), c, safeOp, get, text)
		assert.Equal(t, 1, failure(t, err).Attempts)
	})
}
