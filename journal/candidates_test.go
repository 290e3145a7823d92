package journal_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/journal"
)

// Two instances make 30 identical calls. The supplier carries 20 of them out, and no
// answer arrives. A stranger has an identical order. No result is given twice, and none is lost.
func TestRaceOfCandidates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := supplier{answer: lose, skip: func(n int) bool { return n%3 == 0 }}
		s.orders = append(s.orders, order{"stranger", "A"})
		store := journal.NewMemory()
		var js [2]*journal.Journal
		var calls [2]*journal.Call[purchase, order]
		for i := range js {
			js[i] = journal.New(store)
			calls[i] = journal.Add(js[i], s.operation())
		}
		var all sync.WaitGroup
		for i := range 30 {
			all.Go(func() { _, _ = calls[i%2].Do(t.Context(), fmt.Sprint("k", i), trip) })
		}
		all.Wait()
		for _, j := range js {
			all.Go(func() { resolved(t, j) })
		}
		all.Wait()
		given := map[string]bool{}
		notDone := 0
		for i := range 30 {
			o, err := calls[0].Result(t.Context(), fmt.Sprint("k", i))
			if err != nil {
				assert.True(t, outcome(t, err).Presumed)
				notDone++
				continue
			}
			assert.False(t, given[o.ID], "%s was given twice", o.ID)
			given[o.ID] = true
		}
		assert.Len(t, given, 21)
		assert.Equal(t, 9, notDone)
		assert.Equal(t, 30, s.arrived)
	})
}

// A look-up does not take the result of a call that is still waiting for its answer.
func TestCandidateOfARunningCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := supplier{skip: func(n int) bool { return n == 1 }}
		s.answer = func(n int, o order) (order, error) {
			if n == 1 {
				return order{}, errLost
			}
			time.Sleep(20 * time.Second)
			return o, nil
		}
		j := journal.New(journal.NewMemory())
		c := journal.Add(j, s.operation())
		_, err := c.Do(t.Context(), "lost", trip)
		require.Error(t, err)
		var slow sync.WaitGroup
		slow.Go(func() {
			o, err := c.Do(t.Context(), "slow", trip)
			assert.NoError(t, err)
			assert.Equal(t, "o2", o.ID)
		})
		synctest.Wait()
		time.Sleep(2 * time.Second)
		_, err = j.Resolve(t.Context(), "lost") // sees o2
		require.NoError(t, err)
		_, err = c.Result(t.Context(), "lost")
		assert.Equal(t, rutravel.OutcomeOpen, outcome(t, err).Outcome)
		slow.Wait()
		resolved(t, j)
		_, err = c.Result(t.Context(), "lost")
		assert.Equal(t, rutravel.OutcomeNotDone, outcome(t, err).Outcome)
	})
}

// A call that begins after a candidate was seen does not delay another call that takes
// it. On a busy event some call is always running.
func TestCandidateOnABusyEvent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s supplier
		s.answer = func(n int, o order) (order, error) {
			if n == 1 {
				return order{}, errLost
			}
			time.Sleep(20 * time.Second)
			return o, nil
		}
		j := journal.New(journal.NewMemory())
		c := journal.Add(j, s.operation())
		_, err := c.Do(t.Context(), "lost", trip)
		require.Error(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for i := 0; ctx.Err() == nil; i++ {
			all.Go(func() { _, _ = c.Do(t.Context(), fmt.Sprint("k", i), purchase{trip.Event, "another"}) })
			time.Sleep(time.Second)
			if i > 2 {
				_, _ = j.Resolve(t.Context(), "lost")
			}
			if _, err := c.Result(t.Context(), "lost"); err == nil || i > 100 {
				cancel()
				assert.NoError(t, err)
				assert.Less(t, i, 60)
			}
		}
		cancel()
		all.Wait()
	})
}

// A process was stopped for longer than its deadline, and another call took what it
// had made. When the process continues, the result is not given twice.
func TestStoppedProcess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s supplier
		s.answer = func(n int, o order) (order, error) {
			if n == 2 {
				return order{}, errLost
			}
			time.Sleep(5 * time.Minute) // longer than the deadline
			return o, nil
		}
		s.skip = func(n int) bool { return n == 2 }
		store := journal.NewMemory()
		stopped := journal.Add(journal.New(store), s.operation())
		other := journal.New(store)
		c := journal.Add(other, s.operation())
		var all sync.WaitGroup
		var first order
		var firstErr error
		all.Go(func() { first, firstErr = stopped.Do(t.Context(), "stopped", trip) })
		synctest.Wait()
		_, err := c.Do(t.Context(), "lost", trip)
		require.Error(t, err)
		time.Sleep(time.Minute)
		_, err = other.Resolve(t.Context(), "lost")
		require.NoError(t, err)
		second, err := c.Result(t.Context(), "lost")
		require.NoError(t, err)
		assert.Equal(t, "o1", second.ID)
		all.Wait()
		assert.Equal(t, rutravel.OutcomeOpen, outcome(t, firstErr).Outcome)
		assert.Empty(t, first.ID)
		resolved(t, other)
		_, err = c.Result(t.Context(), "stopped")
		assert.Equal(t, rutravel.OutcomeNotDone, outcome(t, err).Outcome)
	})
}

// A process was stopped, and its call was presumed not to be done. Its answer corrects
// the entry.
func TestStoppedProcessIsRight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := journal.NewMemory()
		op := payment(func(_ context.Context, o order) (order, error) {
			time.Sleep(time.Hour)
			return o, nil
		}, nil)
		op.Silence = rutravel.OutcomeNotDone
		stopped, other := journal.New(store), journal.New(store)
		c, d := journal.Add(stopped, op), journal.Add(other, op)
		var all sync.WaitGroup
		all.Go(func() {
			o, err := c.Do(t.Context(), "k", order{ID: "7"})
			assert.NoError(t, err)
			assert.Equal(t, "7", o.ID)
		})
		synctest.Wait()
		resolved(t, other)
		_, err := d.Result(t.Context(), "k")
		require.True(t, outcome(t, err).Presumed)
		all.Wait()
		_, err = d.Result(t.Context(), "k")
		require.NoError(t, err)
	})
}

// A look-up that returns the result of another key is not believed.
func TestLookUpOfAnothersResult(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := supplier{}
		op := s.operation()
		op.Look = func(context.Context, rutravel.Intent[purchase, order]) (rutravel.Resolution[order], error) {
			return rutravel.Resolution[order]{Outcome: rutravel.OutcomeDone, Value: order{ID: "o1"}}, nil
		}
		j := journal.New(journal.NewMemory())
		c := journal.Add(j, op)
		_, err := c.Do(t.Context(), "1", trip)
		require.NoError(t, err)
		s.answer = lose
		_, err = c.Do(t.Context(), "2", trip)
		require.Error(t, err)
		resolved(t, j)
		_, err = c.Result(t.Context(), "2")
		assert.Equal(t, rutravel.OutcomeUndecidable, outcome(t, err).Outcome)
	})
}
