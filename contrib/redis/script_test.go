package rutravelredis

import (
	"context"
	"errors"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/contrib/redis/internal/redisserver"
)

// instances returns limiters of one key, with many turns at once.
func instances(t *testing.T, n int, grace time.Duration) []*Limiter {
	t.Helper()
	socket, stop, err := redisserver.Start(context.Background())
	if errors.Is(err, redisserver.ErrMissing) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, stop()) })
	all := make([]*Limiter, n)
	for i := range all {
		client := Open("unix", socket)
		t.Cleanup(func() { assert.NoError(t, client.Close()) })
		all[i] = NewLimiter(client, "limit", 1, 1000)
		all[i].grace = grace
	}
	return all
}

// asked asks Redis for a turn and returns the priority that was let through.
func asked(t *testing.T, l *Limiter, waiting [priorities]int) int {
	t.Helper()
	a, err := l.ask(waiting)
	require.NoError(t, err)
	return a.priority
}

// Three instances, each with calls of one priority, are let through in the same
// order as the calls of one PriorityLimiter.
func TestSameRule(t *testing.T) {
	t.Parallel()
	for name, waiting := range map[string][priorities]int{
		"all":              {40, 12, 4},
		"money and others": {12, 0, 5},
		"more others":      {5, 3, 30},
		"no money":         {0, 10, 10},
		"one each":         {1, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := priorityOrder(t, waiting)
			all := instances(t, priorities, time.Hour)
			left := waiting
			own := func(p int) (n [priorities]int) {
				n[p] = left[p]
				return n
			}
			// All marks are made before the first turn is there.
			l := NewLimiter(all[0].redis, "limit", 1, 1)
			require.Equal(t, othersLast, asked(t, l, [priorities]int{othersLast: 1}))
			for p, l := range all {
				l.burst = 1
				require.Equal(t, priorities, asked(t, l, own(p)))
				l.burst = 1000
			}
			require.NoError(t, all[0].redis.HSet(t.Context(), "limit", "state", "0 10 0 0").Err())
			var got []int
			for len(got) < len(want) {
				before := len(got)
				for p, l := range all {
					if a := asked(t, l, own(p)); a < priorities {
						require.Equal(t, p, a)
						got = append(got, p)
						left[p]--
					}
				}
				require.Greater(t, len(got), before, "no instance has the turn")
			}
			assert.Equal(t, want, got)
		})
	}
}

// priorityOrder returns the order in which a PriorityLimiter lets through calls that
// wait at the same time.
func priorityOrder(t *testing.T, waiting [priorities]int) (order []int) {
	t.Helper()
	calls := [priorities]rutravel.Call{{Safety: rutravel.SafetyUnsafe}, {Safety: rutravel.SafetyKeyed}, {Safety: rutravel.SafetySafe}}
	synctest.Test(t, func(t *testing.T) {
		l := rutravel.NewPriorityLimiter(1, 1)
		require.NoError(t, l.Wait(t.Context()))
		var mu sync.Mutex
		var wait sync.WaitGroup
		for p, c := range calls {
			for range waiting[p] {
				wait.Go(func() {
					if l.Wait(rutravel.ContextWithCall(t.Context(), c)) == nil {
						mu.Lock()
						defer mu.Unlock()
						order = append(order, p)
					}
				})
			}
		}
		wait.Wait()
	})
	return order
}

// Instances whose calls have the same priority take turns, however many wait.
func TestInstancesTakeTurns(t *testing.T) {
	t.Parallel()
	all := instances(t, 2, time.Hour)
	many, one := [priorities]int{othersLast: 50}, [priorities]int{othersLast: 1}
	require.Equal(t, othersLast, asked(t, all[0], many))
	require.Equal(t, priorities, asked(t, all[1], one), "the first has waited for longer")
	require.Equal(t, othersLast, asked(t, all[0], many))
	require.Equal(t, priorities, asked(t, all[0], many), "the second has its turn")
	require.Equal(t, othersLast, asked(t, all[1], one))
	require.Equal(t, othersLast, asked(t, all[0], many))
}

// An instance ends while its payments wait. It delays the others only until its mark
// expires.
func TestInstanceEnds(t *testing.T) {
	t.Parallel()
	all := instances(t, 2, 50*time.Millisecond)
	payments, searches := [priorities]int{moneyFirst: 2}, [priorities]int{othersLast: 1}
	require.Equal(t, moneyFirst, asked(t, all[0], payments))
	began := time.Now()
	for asked(t, all[1], searches) == priorities {
		require.Less(t, time.Since(began), time.Minute)
	}
	fields, err := all[1].redis.HKeys(t.Context(), "limit").Result()
	require.NoError(t, err)
	assert.Equal(t, []string{"state"}, fields)
}

// Calls have the same priorities as in PriorityLimiter.
func TestPriority(t *testing.T) {
	t.Parallel()
	for want, calls := range [priorities][]rutravel.Call{
		moneyFirst:  {{Safety: rutravel.SafetyUnsafe}, {Safety: rutravel.SafetyUnsafe, Decides: true}},
		decidesNext: {{Safety: rutravel.SafetyKeyed}, {Safety: rutravel.SafetySafe, Decides: true}},
		othersLast:  {{Safety: rutravel.SafetySafe}, {}},
	} {
		for _, c := range calls {
			assert.Equal(t, want, priority(rutravel.ContextWithCall(t.Context(), c)), "%+v", c)
		}
	}
	assert.Equal(t, othersLast, priority(t.Context()))
}
