// Package journaltest tests implementations of journal.Store.
package journaltest

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/journal"
)

// TestStore checks that a store does what [journal.Store] says. Open returns an
// empty store; two stores that it returns at a time must not share entries. Reopen, if
// not nil, returns a store with the entries of another, as after a restart of the
// application.
func TestStore(t *testing.T, open func(t *testing.T) journal.Store, reopen func(t *testing.T, s journal.Store) journal.Store) {
	t.Helper()
	if reopen == nil {
		reopen = func(_ *testing.T, s journal.Store) journal.Store { return s }
	}
	for _, test := range []struct {
		name string
		run  func(*suite)
	}{
		{"an entry comes back as it was stored", (*suite).roundTrip},
		{"an entry without optional fields", (*suite).empty},
		{"a key is inserted once", (*suite).insertOnce},
		{"an update needs the version before", (*suite).versions},
		{"a claim has one owner", (*suite).claims},
		{"a claim that was given up is free", (*suite).claimGivenUp},
		{"an update that fails changes nothing", (*suite).failedUpdate},
		{"a list is ordered, selected and limited", (*suite).list},
		{"Erase empties what settled before", (*suite).erase},
		{"of concurrent inserts of a key one succeeds", (*suite).concurrentInserts},
		{"of concurrent inserts of a claim one succeeds", (*suite).concurrentClaims},
		{"of concurrent updates of a version one succeeds", (*suite).concurrentUpdates},
		{"a canceled context stores nothing", (*suite).canceled},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.run(&suite{t, open(t), reopen})
		})
	}
}

type suite struct {
	*testing.T
	journal.Store
	reopen func(*testing.T, journal.Store) journal.Store
}

// at returns a time of a given second, as entries have them.
func at(second int) time.Time {
	return time.Date(2026, 3, 1, 12, 0, second, 123456000, time.UTC)
}

func entry(key string) journal.Entry {
	return journal.Entry{
		Key: key, Operation: "acme.pay", Group: "acme/pay", Version: 1, Outcome: rutravel.OutcomeOpen,
		Sent: at(0), Deadline: at(30), Fence: at(40), Again: at(40),
		Request: []byte(`{"Order":17}`), Reason: "The call may still be running.",
	}
}

func (s *suite) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *suite) want(err, want error) {
	s.Helper()
	if !errors.Is(err, want) {
		s.Errorf("error %v, want %v", err, want)
	}
}

func (s *suite) stored(want journal.Entry) {
	s.Helper()
	got, err := s.reopen(s.T, s.Store).Get(s.Context(), want.Key)
	s.must(err)
	if !reflect.DeepEqual(got, want) {
		s.Errorf("stored %+v, want %+v", got, want)
	}
}

func (s *suite) roundTrip() {
	e := entry("order 17, pay — \"Ж\" % _ '")
	e.Claim = "acme/pay/17 'x'"
	s.must(s.Insert(s.Context(), e))
	s.stored(e)
	e.Version++
	e.Claim, e.Group = "acme/order/5", "acme/order"
	e.Outcome, e.Kind, e.Presumed = rutravel.OutcomeNotDone, rutravel.ErrExpired, true
	e.Ended, e.Again, e.Settled = at(3), time.Time{}, at(50)
	e.Value, e.Failure = []byte{0, 1, 0xff, '"'}, []byte(`{"Kind":"x"}`) // sealed bytes may be any
	e.Seen = map[string]time.Time{"acme/order/5": at(45), "acme/order/\u2028": at(46)}
	s.must(s.Update(s.Context(), e))
	s.stored(e)
	_, err := s.Get(s.Context(), "order 17")
	s.want(err, journal.ErrNoEntry)
}

func (s *suite) empty() {
	e := journal.Entry{Key: "k", Operation: "o", Group: "o", Version: 1, Outcome: rutravel.OutcomeOpen, Sent: at(0), Deadline: at(1), Fence: at(2)}
	s.must(s.Insert(s.Context(), e))
	s.stored(e)
}

func (s *suite) insertOnce() {
	e := entry("k")
	s.must(s.Insert(s.Context(), e))
	other := entry("k")
	other.Operation, other.Claim = "acme.book", "c"
	s.want(s.Insert(s.Context(), other), journal.ErrExists)
	s.stored(e)
	free := entry("l")
	free.Claim = "c" // what failed has not claimed it
	s.must(s.Insert(s.Context(), free))
}

func (s *suite) versions() {
	e := entry("k")
	s.must(s.Insert(s.Context(), e))
	for _, version := range []int64{0, 1, 3, 4} {
		changed := e
		changed.Version, changed.Reason = version, "changed"
		s.want(s.Update(s.Context(), changed), journal.ErrChanged)
	}
	s.stored(e)
	absent := entry("l")
	absent.Version = 2
	s.want(s.Update(s.Context(), absent), journal.ErrChanged)
}

func (s *suite) claims() {
	a, b, c := entry("a"), entry("b"), entry("c")
	a.Claim = "x"
	s.must(s.Insert(s.Context(), a))
	s.must(s.Insert(s.Context(), c)) // entries without a claim do not collide
	b.Claim = "x"
	s.want(s.Insert(s.Context(), b), journal.ErrClaimed)
	b.Claim = "y"
	s.must(s.Insert(s.Context(), b))
	b.Version, b.Claim = 2, "x"
	s.want(s.Update(s.Context(), b), journal.ErrClaimed)
	a.Version, a.Reason = 2, "keeps its claim"
	s.must(s.Update(s.Context(), a))
	taken, err := s.Claimed(s.Context(), []string{"z", "y", "x", ""})
	s.must(err)
	slices.Sort(taken)
	if !slices.Equal(taken, []string{"x", "y"}) {
		s.Errorf("claimed %q", taken)
	}
	none, err := s.Claimed(s.Context(), nil)
	s.must(err)
	if len(none) != 0 {
		s.Errorf("claimed %q", none)
	}
}

func (s *suite) claimGivenUp() {
	a := entry("a")
	a.Claim = "x"
	s.must(s.Insert(s.Context(), a))
	a.Version, a.Claim = 2, ""
	s.must(s.Update(s.Context(), a))
	b := entry("b")
	b.Claim = "x"
	s.must(s.Insert(s.Context(), b))
}

func (s *suite) failedUpdate() {
	a, b := entry("a"), entry("b")
	a.Claim = "x"
	s.must(s.Insert(s.Context(), a))
	s.must(s.Insert(s.Context(), b))
	changed := b
	changed.Version, changed.Claim, changed.Outcome, changed.Settled = 2, "x", rutravel.OutcomeDone, at(9)
	s.want(s.Update(s.Context(), changed), journal.ErrClaimed)
	s.stored(b)
}

func (s *suite) list() {
	for i, key := range []string{"b", "a", "d", "c", "Z", "é"} {
		e := entry(key)
		e.Again = at(i)
		if key == "d" {
			e.Group = "other"
		}
		if key == "c" {
			e.Outcome, e.Again, e.Settled = rutravel.OutcomeDone, time.Time{}, at(5)
		}
		s.must(s.Insert(s.Context(), e))
	}
	for _, test := range []struct {
		query journal.Query
		want  []string
	}{
		{journal.Query{}, []string{"Z", "a", "b", "c", "d", "é"}},
		{journal.Query{Outcome: rutravel.OutcomeOpen}, []string{"Z", "a", "b", "d", "é"}},
		{journal.Query{Outcome: rutravel.OutcomeDone}, []string{"c"}},
		{journal.Query{Group: "acme/pay", Outcome: rutravel.OutcomeOpen}, []string{"Z", "a", "b", "é"}},
		{journal.Query{DueBefore: at(2)}, []string{"a", "b"}},
		{journal.Query{After: "a"}, []string{"b", "c", "d", "é"}},
		{journal.Query{After: "a", Limit: 2}, []string{"b", "c"}},
		{journal.Query{Limit: 1}, []string{"Z"}},
		{journal.Query{Group: "none"}, nil},
	} {
		all, err := s.List(s.Context(), test.query)
		s.must(err)
		var keys []string
		for _, e := range all {
			keys = append(keys, e.Key)
			if string(e.Request) != `{"Order":17}` {
				s.Errorf("%+v: %q has the request %q", test.query, e.Key, e.Request)
			}
		}
		if !slices.Equal(keys, test.want) {
			s.Errorf("%+v: %q, want %q", test.query, keys, test.want)
		}
	}
}

func (s *suite) erase() {
	settle := func(key string, outcome rutravel.Outcome, settled time.Time) journal.Entry {
		e := entry(key)
		e.Claim = "claim of " + key
		e.Outcome, e.Settled, e.Value, e.Failure = outcome, settled, []byte("v"), []byte("f")
		s.must(s.Insert(s.Context(), e))
		return e
	}
	done := settle("done", rutravel.OutcomeDone, at(1))
	notDone := settle("not done", rutravel.OutcomeNotDone, at(1))
	late := settle("late", rutravel.OutcomeDone, at(2))
	open := settle("open", rutravel.OutcomeOpen, time.Time{})
	human := settle("human", rutravel.OutcomeUndecidable, time.Time{})
	for _, want := range []int{2, 0} {
		n, err := s.Erase(s.Context(), at(2))
		s.must(err)
		if n != want {
			s.Errorf("erased %d, want %d", n, want)
		}
	}
	for _, e := range []*journal.Entry{&done, &notDone} {
		e.Request, e.Value, e.Failure, e.Erased, e.Version = nil, nil, nil, true, 2
		s.stored(*e)
	}
	for _, e := range []journal.Entry{late, open, human} {
		s.stored(e)
	}
}

// compete runs n functions at a time, and checks that one returns nil and all others
// want.
func (s *suite) compete(n int, want error, f func(i int) error) {
	s.Helper()
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { errs[i] = f(i) })
	}
	all.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else {
			s.want(err, want)
		}
	}
	if won != 1 {
		s.Errorf("%d of %d succeeded: %v", won, n, errs)
	}
}

const rivals = 16

func (s *suite) concurrentInserts() {
	s.compete(rivals, journal.ErrExists, func(int) error { return s.Insert(s.Context(), entry("k")) })
}

func (s *suite) concurrentClaims() {
	s.compete(rivals, journal.ErrClaimed, func(i int) error {
		e := entry(strconv.Itoa(i))
		e.Claim = "x"
		return s.Insert(s.Context(), e)
	})
}

func (s *suite) concurrentUpdates() {
	s.must(s.Insert(s.Context(), entry("k")))
	s.compete(rivals, journal.ErrChanged, func(i int) error {
		e := entry("k")
		e.Version, e.Reason = 2, strconv.Itoa(i)
		return s.Update(s.Context(), e)
	})
}

func (s *suite) canceled() {
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	if s.Insert(ctx, entry("k")) == nil {
		s.Error("Insert succeeded")
	}
	_, err := s.Get(s.Context(), "k")
	s.want(err, journal.ErrNoEntry)
	s.must(s.Insert(s.Context(), entry("k")))
	changed := entry("k")
	changed.Version, changed.Reason = 2, "changed"
	if s.Update(ctx, changed) == nil {
		s.Error("Update succeeded")
	}
	s.stored(entry("k"))
}
