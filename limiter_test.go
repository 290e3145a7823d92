package rutravel_test

import (
	"context"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
)

var (
	payment = rutravel.Call{Supplier: "acme", Op: "pay", Safety: rutravel.SafetyUnsafe}
	status  = rutravel.Call{Supplier: "acme", Op: "status", Safety: rutravel.SafetySafe, Decides: true}
	search  = rutravel.Call{Supplier: "acme", Op: "find", Safety: rutravel.SafetySafe}
)

// queue makes n calls wait, and returns a function that reads how many of them
// were let through.
func queue(t *testing.T, l rutravel.Limiter, c rutravel.Call, n int, note func(name string, waited time.Duration)) {
	t.Helper()
	for range n {
		begun := time.Now()
		go func() {
			if l.Wait(rutravel.ContextWithCall(t.Context(), c)) == nil {
				note(c.Op, time.Since(begun))
			}
		}()
	}
	synctest.Wait()
}

// notes keeps in which order calls were let through, and how long they waited.
type notes struct {
	mu     sync.Mutex
	order  []string
	waited map[string][]time.Duration
}

func (n *notes) note(name string, waited time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.order = append(n.order, name)
	if n.waited == nil {
		n.waited = map[string][]time.Duration{}
	}
	n.waited[name] = append(n.waited[name], waited)
}

// Behind 100 searches at 20 a second, a payment waits less than 100 ms.
func TestPriorityLimiterMoneyFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := rutravel.NewPriorityLimiter(20, 1)
		var n notes
		queue(t, l, search, 100, n.note)
		time.Sleep(time.Second + 10*time.Millisecond)
		queue(t, l, status, 1, n.note)
		queue(t, l, payment, 1, n.note)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		require.Len(t, n.order, 102)
		assert.Less(t, n.waited["pay"][0], 100*time.Millisecond)
		assert.Less(t, n.waited["status"][0], 150*time.Millisecond)
	})
}

// While payments keep coming, a search waits no longer than a second, and the rate
// is kept.
func TestPriorityLimiterStarvesNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := rutravel.NewPriorityLimiter(20, 1)
		var n notes
		queue(t, l, payment, 200, n.note)
		queue(t, l, status, 20, n.note)
		queue(t, l, search, 1, n.note)
		time.Sleep(20 * time.Second)
		synctest.Wait()
		require.Len(t, n.order, 221)
		assert.LessOrEqual(t, n.waited["find"][0], time.Second)
	})
}

func TestPriorityLimiterRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := rutravel.NewPriorityLimiter(10, 5)
		begun := time.Now()
		for range 25 {
			require.NoError(t, l.Wait(t.Context()))
		}
		assert.Equal(t, 2*time.Second, time.Since(begun), "5 at once, 20 at 10 a second")
		time.Sleep(time.Hour)
		begun = time.Now()
		for range 6 {
			require.NoError(t, l.Wait(t.Context()))
		}
		assert.Equal(t, 100*time.Millisecond, time.Since(begun), "no more than 5 at once after a pause")
	})
}

func TestPriorityLimiterHugeBurst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := rutravel.NewPriorityLimiter(1, math.MaxInt)
		begun := time.Now()
		for range 10 {
			require.NoError(t, l.Wait(t.Context()))
		}
		assert.Zero(t, time.Since(begun))
	})
}

// A call that no longer waits takes nobody's turn.
func TestPriorityLimiterCancel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := rutravel.NewPriorityLimiter(1, 1)
		require.NoError(t, l.Wait(t.Context()))
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		begun := time.Now()
		assert.ErrorIs(t, l.Wait(rutravel.ContextWithCall(ctx, payment)), context.DeadlineExceeded)
		assert.Equal(t, 100*time.Millisecond, time.Since(begun))
		require.NoError(t, l.Wait(t.Context()))
		assert.Equal(t, time.Second, time.Since(begun))

		assert.ErrorIs(t, l.Wait(ctx), context.DeadlineExceeded, "a context that ended before")
	})
}

// Calls of one priority are let through in their order.
func TestPriorityLimiterFair(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := rutravel.NewPriorityLimiter(10, 1)
		var n notes
		for _, name := range []string{"a", "b", "c", "d"} {
			queue(t, l, rutravel.Call{Op: name}, 1, n.note)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		assert.Equal(t, []string{"a", "b", "c", "d"}, n.order)
	})
}
