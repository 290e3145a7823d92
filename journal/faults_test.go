package journal_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/journal"
)

// Do joins a call of Do that then sends nothing, because the key was used or the store
// failed.
func TestDoJoinsWhatIsNotSent(t *testing.T) {
	t.Parallel()
	for name, prepared := range map[string]bool{"used before": true, "store fails": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, store := &supplier{}, newFaulty()
				if prepared {
					_, err := journal.Add(journal.New(store), s.operation()).Do(t.Context(), "order 1", purchase{"e", "A"})
					require.NoError(t, err)
				}
				failed := false
				store.insert = func() error {
					time.Sleep(time.Second)
					if !prepared && !failed {
						failed = true
						return errStore
					}
					return nil
				}
				call := journal.Add(journal.New(store), s.operation())
				go func() { _, _ = call.Do(t.Context(), "order 1", purchase{"e", "A"}) }()
				synctest.Wait()
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				o, err := call.Do(ctx, "order 1", purchase{"e", "A"})
				require.NoError(t, err)
				require.Equal(t, "o1", o.ID)
			})
		})
	}
}

// A panic before the call is sent keeps neither the key nor Shutdown busy.
func TestPanicBeforeTheCall(t *testing.T) {
	t.Parallel()
	for _, where := range []string{"store", "observer", "group"} {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, store := &supplier{}, newFaulty()
				bad := true
				store.insert = func() error {
					if bad && where == "store" {
						panic("store")
					}
					return nil
				}
				j := journal.New(store, journal.WithObserver(func(context.Context, journal.Event) {
					if bad && where == "observer" {
						panic("observer")
					}
				}))
				op := s.operation()
				group := op.Group
				op.Group = func(p purchase) string {
					if bad && where == "group" {
						panic("group")
					}
					return group(p)
				}
				call := journal.Add(j, op)
				require.Panics(t, func() { _, _ = call.Do(t.Context(), "order 1", purchase{"e", "A"}) })
				bad = false
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				start := time.Now()
				_, err := call.Do(ctx, "order 1", purchase{"e", "A"})
				if where == "observer" {
					require.Equal(t, rutravel.OutcomeOpen, outcome(t, err).Outcome, "the intent was stored")
				} else {
					require.NoError(t, err)
				}
				require.Zero(t, time.Since(start))
				require.NoError(t, j.Shutdown(ctx))
			})
		})
	}
}

// The id of an order arrived with the error of a call that is open. A call whose answer
// was lost does not take the order.
func TestCandidateOfACallWithID(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, store := &supplier{}, journal.NewMemory()
		s.answer = func(n int, o order) (order, error) {
			if n == 1 {
				return order{ID: o.ID}, errLost // the id arrives
			}
			return order{}, errLost
		}
		s.skip = func(n int) bool { return n == 2 }
		op := s.operation()
		look := op.Look
		slow := true
		op.Look = func(ctx context.Context, in rutravel.Intent[purchase, order]) (rutravel.Resolution[order], error) {
			if in.Value.ID != "" {
				if slow {
					return rutravel.Resolution[order]{Outcome: rutravel.OutcomeOpen, Pending: true}, nil
				}
				return rutravel.Resolution[order]{Outcome: rutravel.OutcomeDone, Value: in.Value}, nil
			}
			return look(ctx, in)
		}
		j := journal.New(store)
		call := journal.Add(j, op)
		_, err := call.Do(t.Context(), "a", purchase{"e", "X"})
		require.Error(t, err)
		_, err = call.Do(t.Context(), "b", purchase{"e", "X"})
		require.Error(t, err)
		for range 20 {
			time.Sleep(time.Second)
			_, err = j.ResolveDue(t.Context())
			require.NoError(t, err)
		}
		slow = false
		resolved(t, j)
		o, err := call.Result(t.Context(), "a")
		require.NoError(t, err)
		require.Equal(t, "o1", o.ID)
		_, err = call.Result(t.Context(), "b")
		require.Equal(t, rutravel.OutcomeNotDone, outcome(t, err).Outcome)
	})
}

// A store that cannot store an outcome still keeps how the call ended.
func TestStoreRefusesOutcomes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, store := &supplier{}, &settling{Memory: journal.NewMemory(), fail: true}
		op := s.operation()
		op.Look = func(context.Context, rutravel.Intent[purchase, order]) (rutravel.Resolution[order], error) {
			return rutravel.Resolution[order]{Outcome: rutravel.OutcomeOpen}, nil
		}
		j := journal.New(store)
		call := journal.Add(j, op)
		o, err := call.Do(t.Context(), "a", purchase{"e", "X"})
		require.Equal(t, "o1", o.ID)
		require.Equal(t, rutravel.OutcomeOpen, outcome(t, err).Outcome)
		store.fail = false
		resolved(t, j)
		o, err = call.Result(t.Context(), "a")
		require.NoError(t, err)
		require.Equal(t, "o1", o.ID)
	})
}

// settling refuses outcomes.
type settling struct {
	*journal.Memory
	fail bool
}

func (s *settling) Update(ctx context.Context, e journal.Entry) error {
	if s.fail && e.Outcome != rutravel.OutcomeOpen {
		return errStore
	}
	return s.Memory.Update(ctx, e)
}

// A request is refused that could be stored but not be read.
func TestUnreadableRequest(t *testing.T) {
	t.Parallel()
	type stay struct{ CheckIn civil.Date }
	call := journal.Add(journal.New(newFaulty()), rutravel.Operation[stay, order]{
		Name: "acme.stay", Silence: rutravel.OutcomeNotDone,
		Send: func(context.Context, stay) (order, error) { return order{}, nil },
	})
	_, err := call.Do(t.Context(), "order 1", stay{})
	require.ErrorContains(t, err, `journal: the request of "order 1" cannot be read back`)
	_, err = call.Result(t.Context(), "order 1")
	assert.ErrorIs(t, err, journal.ErrNoEntry)
}

// A process was stopped for longer than its call may take. The id that then arrives with
// the error is kept if the entry is still open.
func TestStoppedProcessHasID(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, store := &supplier{}, journal.NewMemory()
		s.answer = func(_ int, o order) (order, error) {
			time.Sleep(time.Minute)
			return order{ID: o.ID}, errLost
		}
		op := s.operation()
		op.Look = func(_ context.Context, in rutravel.Intent[purchase, order]) (rutravel.Resolution[order], error) {
			if in.Value.ID == "" {
				return rutravel.Resolution[order]{Outcome: rutravel.OutcomeOpen}, nil
			}
			return rutravel.Resolution[order]{Outcome: rutravel.OutcomeDone, Value: in.Value}, nil
		}
		call := journal.Add(journal.New(store), op)
		other := journal.New(store)
		journal.Add(other, op)
		go func() { _, _ = call.Do(context.Background(), "order 1", purchase{"e", "A"}) }()
		time.Sleep(50 * time.Second)
		_, err := other.ResolveDue(t.Context())
		require.NoError(t, err)
		time.Sleep(time.Minute)
		resolved(t, other)
		o, err := call.Result(t.Context(), "order 1")
		require.NoError(t, err)
		require.Equal(t, "o1", o.ID)
	})
}

// The error of an entry whose result was erased has the kind that Error promises.
func TestErasedKind(t *testing.T) {
	t.Parallel()
	s := &supplier{answer: func(n int, o order) (order, error) {
		if n == 1 {
			return o, nil
		}
		return refuse(n, o)
	}}
	j := journal.New(journal.NewMemory())
	call := journal.Add(j, s.operation())
	_, err := call.Do(t.Context(), "order 1", purchase{"e", "A"})
	require.NoError(t, err)
	_, err = call.Do(t.Context(), "order 2", purchase{"e", "A"})
	require.ErrorIs(t, err, rutravel.ErrSoldOut)
	_, err = j.Erase(t.Context(), time.Now().Add(time.Hour))
	require.NoError(t, err)
	_, err = call.Result(t.Context(), "order 1")
	assert.ErrorIs(t, err, rutravel.ErrNotConfirmed)
	_, err = call.Result(t.Context(), "order 2")
	assert.ErrorIs(t, err, rutravel.ErrSoldOut)
}

// After Do has returned, another Do with the key returns what a look-up has stored since,
// and not the result of the first one.
func TestDoAfterLookUp(t *testing.T) {
	t.Parallel()
	s := supplier{answer: lose}
	j := journal.New(journal.NewMemory())
	c := journal.Add(j, s.operation())
	for i := range 300 {
		key := fmt.Sprint("k", i)
		_, err := c.Do(t.Context(), key, trip)
		require.Equal(t, rutravel.OutcomeOpen, outcome(t, err).Outcome)
		_, err = j.Resolve(t.Context(), key)
		require.NoError(t, err)
		_, err = c.Do(t.Context(), key, trip)
		require.NoError(t, err)
	}
}
