package journal_test

import (
	"bytes"
	"context"
	"errors"
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

var trip = purchase{Event: "e1", Name: "A"}

func TestDo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s supplier
		store := newFaulty()
		c := journal.Add(journal.New(store), s.operation())
		for range 3 {
			o, err := c.Do(t.Context(), "order 17, book", trip)
			require.NoError(t, err)
			assert.Equal(t, order{"o1", "A"}, o)
		}
		assert.Equal(t, 1, s.arrived)
		assert.Equal(t, 1, store.updates)
		e, err := store.Get(t.Context(), "order 17, book")
		require.NoError(t, err)
		assert.Equal(t, rutravel.OutcomeDone, e.Outcome)
		assert.Equal(t, "acme/order/o1", e.Claim)
		o, err := c.Result(t.Context(), "order 17, book")
		require.NoError(t, err)
		assert.Equal(t, "o1", o.ID)
		_, err = c.Result(t.Context(), "order 18, book")
		assert.ErrorIs(t, err, journal.ErrNoEntry)
	})
}

// Two calls with one key at a time send once and get the same result.
func TestDoJoins(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := supplier{answer: func(_ int, o order) (order, error) {
			time.Sleep(10 * time.Second)
			return o, nil
		}}
		c := journal.Add(journal.New(journal.NewMemory()), s.operation())
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				o, err := c.Do(t.Context(), "k", trip)
				assert.NoError(t, err)
				assert.Equal(t, "o1", o.ID)
			})
		}
		synctest.Wait()
		_, err := c.Do(t.Context(), "k", purchase{Name: "B"})
		assert.ErrorIs(t, err, journal.ErrReused)
		all.Wait()
		assert.Equal(t, 1, s.arrived)
	})
}

func TestKeys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s supplier
		j := journal.New(journal.NewMemory())
		c := journal.Add(j, s.operation())
		other := s.operation()
		other.Name = "acme.other"
		another := journal.Add(j, other)
		_, err := c.Do(t.Context(), "k", trip)
		require.NoError(t, err)
		for name, try := range map[string]func() error{
			"another request":   func() error { _, err := c.Do(t.Context(), "k", purchase{Name: "B"}); return err },
			"another operation": func() error { _, err := another.Do(t.Context(), "k", trip); return err },
			"another's result":  func() error { _, err := another.Result(t.Context(), "k"); return err },
		} {
			assert.ErrorIs(t, try(), journal.ErrReused, name)
		}
		for _, key := range []string{"", string(make([]byte, 3)), string(bytes.Repeat([]byte("k"), 201))} {
			_, err := c.Do(t.Context(), key, trip)
			assert.Error(t, err)
		}
		assert.Equal(t, 1, s.arrived)
		assert.Panics(t, func() { journal.Add(j, other) })
		assert.Panics(t, func() { journal.Add(j, rutravel.Operation[int, int]{Name: "acme.third"}) })
	})
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := supplier{answer: refuse}
		c := journal.Add(journal.New(journal.NewMemory()), s.operation())
		for range 2 {
			_, err := c.Do(t.Context(), "k", trip)
			assert.Equal(t, rutravel.OutcomeNotDone, outcome(t, err).Outcome)
			assert.ErrorIs(t, err, rutravel.ErrSoldOut)
			failure, _ := errors.AsType[*rutravel.Error](err)
			assert.Equal(t, "17", failure.Code)
		}
		assert.Equal(t, 1, s.arrived)
	})
}

// A refusal that settles nothing is looked up. The error is not the refusal's kind.
func TestUnsureRefusal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := supplier{answer: refuse}
		op := s.operation()
		op.Unsure = func(e *rutravel.Error) bool { return e.Kind == rutravel.ErrSoldOut }
		j := journal.New(journal.NewMemory())
		c := journal.Add(j, op)
		_, err := c.Do(t.Context(), "k", trip)
		assert.Equal(t, rutravel.OutcomeOpen, outcome(t, err).Outcome)
		require.ErrorIs(t, err, rutravel.ErrNotConfirmed)
		require.NotErrorIs(t, err, rutravel.ErrSoldOut)
		resolved(t, j)
		o, err := c.Result(t.Context(), "k")
		require.NoError(t, err)
		assert.Equal(t, "o1", o.ID)
	})
}

func TestLostAnswer(t *testing.T) {
	t.Parallel()
	for name, skip := range map[string]func(int) bool{"carried out": nil, "not carried out": func(int) bool { return true }} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := supplier{answer: lose, skip: skip}
				j := journal.New(journal.NewMemory())
				c := journal.Add(j, s.operation())
				_, err := c.Do(t.Context(), "k", trip)
				e := outcome(t, err)
				assert.Equal(t, rutravel.OutcomeOpen, e.Outcome)
				assert.WithinDuration(t, time.Now().Add(500*time.Millisecond), e.Again, time.Millisecond)
				require.ErrorIs(t, err, rutravel.ErrNotConfirmed)
				begun := time.Now()
				resolved(t, j)
				o, err := c.Do(t.Context(), "k", trip)
				if skip == nil {
					require.NoError(t, err)
					assert.Equal(t, "o1", o.ID)
					assert.Less(t, time.Since(begun), 5*time.Second)
				} else {
					e := outcome(t, err)
					assert.Equal(t, rutravel.OutcomeNotDone, e.Outcome)
					assert.True(t, e.Presumed)
					assert.ErrorIs(t, err, rutravel.ErrUnavailable)
					assert.InDelta(t, 10*time.Minute, time.Since(begun), float64(time.Second))
				}
				assert.Equal(t, 1, s.arrived)
			})
		})
	}
}

// After a crash nothing is looked up before the call's deadline and the difference of clocks
// have passed, because a process that was paused may still send.
func TestCrash(t *testing.T) {
	t.Parallel()
	for name, made := range map[string]bool{"carried out": true, "not carried out": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var s supplier
				store := journal.NewMemory()
				key := crashed(t, store, "k", s.operation(), trip)
				if made {
					_, _ = s.book(t.Context(), trip)
				}
				begun := time.Now()
				j := journal.New(store)
				c := journal.Add(j, s.operation())
				_, err := c.Do(t.Context(), key, trip)
				assert.Equal(t, rutravel.OutcomeOpen, outcome(t, err).Outcome)
				for time.Since(begun) < 35*time.Second {
					next, err := j.Resolve(t.Context(), key)
					require.NoError(t, err)
					assert.WithinDuration(t, begun.Add(35*time.Second), next, time.Millisecond)
					time.Sleep(5 * time.Second)
				}
				assert.Zero(t, s.looks)
				resolved(t, j)
				_, err = c.Result(t.Context(), key)
				if made {
					assert.NoError(t, err)
				} else {
					assert.True(t, outcome(t, err).Presumed)
				}
			})
		})
	}
}

// A caller whose context ends gets an error that says so. The call continues.
func TestCallerLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := supplier{answer: func(_ int, o order) (order, error) {
			time.Sleep(10 * time.Second)
			return o, nil
		}}
		c := journal.Add(journal.New(journal.NewMemory()), s.operation())
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Do(ctx, "k", trip)
		assert.Equal(t, rutravel.OutcomeOpen, outcome(t, err).Outcome)
		require.ErrorIs(t, err, rutravel.ErrNotConfirmed)
		require.NotErrorIs(t, err, context.DeadlineExceeded)
		time.Sleep(10 * time.Second)
		o, err := c.Result(t.Context(), "k")
		require.NoError(t, err)
		assert.Equal(t, "o1", o.ID)
	})
}

// The context of a call ends at its deadline, whatever its caller's context says.
func TestDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		op := payment(func(ctx context.Context, o order) (order, error) {
			<-ctx.Done()
			return o, ctx.Err()
		}, nil)
		begun := time.Now()
		_, err := journal.Add(journal.New(journal.NewMemory()), op).Do(t.Context(), "k", order{ID: "1"})
		assert.Equal(t, rutravel.OutcomeOpen, outcome(t, err).Outcome)
		assert.Equal(t, 30*time.Second, time.Since(begun))
	})
}

func TestStoreFailsBeforeTheCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s supplier
		store := newFaulty()
		store.insert = func() error { return errStore }
		c := journal.Add(journal.New(store), s.operation())
		_, err := c.Do(t.Context(), "k", trip)
		require.ErrorIs(t, err, errStore)
		assert.Zero(t, s.arrived)
		store.insert = nil
		_, err = c.Do(t.Context(), "k", trip)
		require.NoError(t, err)
	})
}

func TestStoreFailsAfterTheCall(t *testing.T) {
	t.Parallel()
	t.Run("for a while", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var s supplier
			store := newFaulty()
			store.update = func() error {
				if store.updates < 5 {
					return errStore
				}
				return nil
			}
			c := journal.Add(journal.New(store), s.operation())
			o, err := c.Do(t.Context(), "k", trip)
			require.NoError(t, err)
			assert.Equal(t, "o1", o.ID)
			_, err = c.Result(t.Context(), "k")
			require.NoError(t, err)
		})
	})
	t.Run("after it has stored", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var s supplier
			store := newFaulty()
			store.after = errStore
			_, err := journal.Add(journal.New(store), s.operation()).Do(t.Context(), "k", trip)
			require.NoError(t, err)
		})
	})
	t.Run("for ever", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var s supplier
			store := newFaulty()
			store.update = func() error { return errStore }
			j := journal.New(store)
			c := journal.Add(j, s.operation())
			o, err := c.Do(t.Context(), "k", trip)
			assert.Equal(t, "o1", o.ID)
			assert.Equal(t, rutravel.OutcomeOpen, outcome(t, err).Outcome)
			require.ErrorIs(t, err, errStore)
			store.update = nil
			time.Sleep(time.Minute)
			resolved(t, j)
			o, err = c.Do(t.Context(), "k", trip)
			require.NoError(t, err)
			assert.Equal(t, "o1", o.ID)
			assert.Equal(t, 1, s.arrived)
		})
	})
}

// A look-up that fails decides nothing; in the end a person must.
func TestLookUpFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := supplier{answer: lose, lookErr: errors.New("down")}
		j := journal.New(journal.NewMemory())
		c := journal.Add(j, s.operation())
		_, _ = c.Do(t.Context(), "k", trip)
		for range 24*60 + 9 {
			time.Sleep(time.Minute)
			next, err := j.Resolve(t.Context(), "k")
			require.ErrorIs(t, err, s.lookErr)
			require.False(t, next.IsZero())
		}
		time.Sleep(2 * time.Minute)
		next, err := j.Resolve(t.Context(), "k")
		assert.True(t, next.IsZero(), "%v", err)
		_, err = c.Result(t.Context(), "k")
		assert.Equal(t, rutravel.OutcomeUndecidable, outcome(t, err).Outcome)
		assert.ErrorIs(t, err, rutravel.ErrNotConfirmed)
		all, err := j.Undecidable(t.Context())
		require.NoError(t, err)
		require.Len(t, all, 1)
		assert.Contains(t, all[0].Reason, "look-ups failed")
	})
}

func TestUnknownOperation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s supplier
		store := journal.NewMemory()
		crashed(t, store, "k", s.operation(), trip)
		time.Sleep(time.Hour)
		next, err := journal.New(store).Resolve(t.Context(), "k")
		require.ErrorIs(t, err, journal.ErrUnknownOperation)
		assert.Equal(t, time.Now().Add(time.Hour), next)
		e, _ := store.Get(t.Context(), "k")
		assert.Equal(t, rutravel.OutcomeOpen, e.Outcome)
	})
}

func TestCorruptEntry(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(*journal.Entry){
		"no request":       func(e *journal.Entry) { e.Request = nil },
		"unreadable":       func(e *journal.Entry) { e.Request = []byte(`{"Name": "P4ssenger`) },
		"another type":     func(e *journal.Entry) { e.Request = []byte(`["P4ssenger"]`) },
		"unreadable value": func(e *journal.Entry) { e.Value = []byte(`P4ssenger`) },
		"unreadable error": func(e *journal.Entry) { e.Failure = []byte(`P4ssenger`) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var s supplier
				store := journal.NewMemory()
				crashed(t, store, "k", s.operation(), trip)
				e, _ := store.Get(t.Context(), "k")
				e.Version++
				damage(&e)
				require.NoError(t, store.Update(t.Context(), e))
				time.Sleep(time.Hour)
				j := journal.New(store)
				c := journal.Add(j, s.operation())
				_, err := c.Do(t.Context(), "k", trip)
				require.ErrorIs(t, err, journal.ErrCorrupt)
				assert.NotContains(t, err.Error(), "P4ssenger")
				next, err := j.Resolve(t.Context(), "k")
				require.ErrorIs(t, err, journal.ErrCorrupt)
				assert.NotContains(t, err.Error(), "P4ssenger")
				assert.False(t, next.IsZero())
				assert.Zero(t, s.arrived+s.looks)
			})
		})
	}
}

// One order is not paid for under two keys, unless the first payment was not made.
func TestSubject(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var fail error
		sent := 0
		c := journal.Add(journal.New(journal.NewMemory()), payment(func(_ context.Context, o order) (order, error) {
			sent++
			return o, fail
		}, nil))
		fail = errSoldOut
		_, err := c.Do(t.Context(), "1", order{ID: "7"})
		require.Error(t, err)
		fail = errLost
		_, err = c.Do(t.Context(), "2", order{ID: "7"})
		require.Equal(t, rutravel.OutcomeOpen, outcome(t, err).Outcome)
		fail = nil
		_, err = c.Do(t.Context(), "3", order{ID: "7"})
		require.ErrorIs(t, err, journal.ErrClaimed)
		_, err = c.Do(t.Context(), "3", order{ID: "8"}) // the key was not used
		require.NoError(t, err)
		assert.Equal(t, 3, sent)
	})
}

// Without a look-up, a person decides.
func TestDecide(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := journal.New(journal.NewMemory())
		c := journal.Add(j, payment(func(context.Context, order) (order, error) { return order{}, errLost }, nil))
		for _, key := range []string{"1", "2", "3"} {
			_, _ = c.Do(t.Context(), key, order{ID: key})
		}
		done := rutravel.Resolution[order]{Outcome: rutravel.OutcomeDone, Value: order{ID: "1", Name: "paid"}, Reason: "The bank says so."}
		require.NoError(t, c.Decide(t.Context(), "1", done)) // before look-ups have ended
		resolved(t, j)
		all, err := j.Undecidable(t.Context())
		require.NoError(t, err)
		require.Len(t, all, 2)
		assert.Equal(t, "Ask the supplier.", all[0].Reason)
		require.NoError(t, c.Decide(t.Context(), "2", rutravel.Resolution[order]{Outcome: rutravel.OutcomeNotDone}))
		o, err := c.Do(t.Context(), "1", order{ID: "1"})
		require.NoError(t, err)
		assert.Equal(t, "paid", o.Name)
		_, err = c.Do(t.Context(), "2", order{ID: "2"})
		assert.Equal(t, rutravel.OutcomeNotDone, outcome(t, err).Outcome)
		assert.ErrorIs(t, err, rutravel.ErrUnavailable)

		require.Error(t, c.Decide(t.Context(), "1", done), "decided before")
		require.Error(t, c.Decide(t.Context(), "3", rutravel.Resolution[order]{Outcome: rutravel.OutcomeOpen}))
		require.ErrorIs(t, c.Decide(t.Context(), "4", done), journal.ErrNoEntry)
	})
}

func TestDecideWhileRunning(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s supplier
		store := journal.NewMemory()
		crashed(t, store, "k", s.operation(), trip)
		c := journal.Add(journal.New(store), s.operation())
		done := rutravel.Resolution[order]{Outcome: rutravel.OutcomeDone, Value: order{ID: "o1"}}
		require.ErrorIs(t, c.Decide(t.Context(), "k", done), journal.ErrRunning)
		_, err := c.Do(t.Context(), "l", trip)
		require.NoError(t, err)
		time.Sleep(time.Minute)
		require.ErrorIs(t, c.Decide(t.Context(), "k", done), journal.ErrClaimed)
	})
}

// The supplier carries a purchase out after it has answered. Its id is stored first.
func TestFinish(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := journal.NewMemory()
		var stored journal.Entry
		op := payment(func(_ context.Context, o order) (order, error) { return order{ID: o.ID}, nil },
			func(_ context.Context, in rutravel.Intent[order, order]) (rutravel.Resolution[order], error) {
				assert.Equal(t, "7", in.Value.ID)
				return rutravel.Resolution[order]{Outcome: rutravel.OutcomeDone, Value: order{ID: in.Value.ID, Name: "ticket"}}, nil
			})
		op.Finish = func(ctx context.Context, _, begun order) (order, error) {
			stored, _ = store.Get(ctx, "k")
			return begun, errLost
		}
		j := journal.New(store)
		c := journal.Add(j, op)
		o, err := c.Do(t.Context(), "k", order{ID: "7"})
		assert.Equal(t, rutravel.OutcomeOpen, outcome(t, err).Outcome)
		assert.Equal(t, "7", o.ID)
		assert.JSONEq(t, `{"ID": "7", "Name": ""}`, string(stored.Value))
		assert.Zero(t, stored.Ended)
		resolved(t, j)
		o, err = c.Result(t.Context(), "k")
		require.NoError(t, err)
		assert.Equal(t, "ticket", o.Name)
	})
}

func TestErase(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s supplier
		store := journal.NewMemory()
		j := journal.New(store)
		c := journal.Add(j, s.operation())
		_, err := c.Do(t.Context(), "k", trip)
		require.NoError(t, err)
		time.Sleep(time.Hour)
		n, err := j.Erase(t.Context(), time.Now())
		require.NoError(t, err)
		assert.Equal(t, 1, n)
		_, err = c.Do(t.Context(), "k", trip)
		assert.Equal(t, rutravel.OutcomeDone, outcome(t, err).Outcome)
		assert.Equal(t, 1, s.arrived)
		taken, err := store.Claimed(t.Context(), []string{"acme/order/o1"})
		require.NoError(t, err)
		assert.Len(t, taken, 1)
	})
}

func TestShutdown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := supplier{answer: func(_ int, o order) (order, error) {
			time.Sleep(10 * time.Second)
			return o, nil
		}}
		j := journal.New(journal.NewMemory())
		c := journal.Add(j, s.operation())
		go func() { _, _ = c.Do(t.Context(), "k", trip) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, j.Shutdown(ctx), context.DeadlineExceeded)
		require.NoError(t, j.Shutdown(t.Context()))
		_, err := c.Result(t.Context(), "k")
		require.NoError(t, err)
		_, err = c.Do(t.Context(), "l", trip)
		require.ErrorIs(t, err, journal.ErrShutdown)
		assert.Equal(t, 1, s.arrived)
	})
}

func TestObserver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := supplier{answer: lose}
		var steps []string
		j := journal.New(journal.NewMemory(), journal.WithObserver(func(_ context.Context, e journal.Event) {
			steps = append(steps, fmt.Sprint(e.Step, " ", e.Operation, " ", e.Key, " ", e.Outcome))
		}))
		_, _ = journal.Add(j, s.operation()).Do(t.Context(), "k", trip)
		resolved(t, j)
		assert.Equal(t, []string{"stored acme.book k open", "ended acme.book k open", "looked acme.book k done"}, steps)
	})
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	err := &journal.Error{
		Key: "order 17, pay", Outcome: rutravel.OutcomeOpen, Again: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		Reason: "The booking is still held.", Err: errLost,
	}
	assert.EqualError(t, err, `journal: "order 17, pay" is open, look-up at 2026-03-01T12:00:00Z: The booking is still held: acme: book: outcome not confirmed`)
}

// A store that fails does not end the look-ups.
func TestStoreFailsDuringLookUps(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := supplier{answer: lose}
		store := newFaulty()
		j := journal.New(store)
		c := journal.Add(j, s.operation())
		_, err := c.Do(t.Context(), "k", trip)
		require.Error(t, err)
		store.update = func() error { return errStore }
		time.Sleep(time.Minute)
		next, err := j.ResolveDue(t.Context())
		require.ErrorIs(t, err, errStore)
		assert.False(t, next.IsZero())
		store.update = nil
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		next, err = j.ResolveDue(ctx)
		require.ErrorIs(t, err, context.Canceled)
		assert.False(t, next.IsZero())
		resolved(t, j)
		_, err = c.Result(t.Context(), "k")
		require.NoError(t, err)
		_, err = j.Resolve(t.Context(), "another")
		require.ErrorIs(t, err, journal.ErrNoEntry)
		next, err = j.Resolve(t.Context(), "k")
		require.NoError(t, err)
		assert.True(t, next.IsZero())
	})
}
