package journal

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
)

const (
	retryLook  = 500 * time.Millisecond // from a lost answer to the first look-up
	retryStore = 2 * time.Second        // from a failure of the store to the next look-up
)

// resolve makes one look-up for an open entry, and stores what it found.
func (c *Call[R, V]) resolve(ctx context.Context, e Entry) (time.Time, error) {
	in, err := c.read(&e)
	if err != nil {
		return time.Now().Add(unknownAgain), err
	}
	if e.running(time.Now()) {
		return e.Fence, nil
	}
	r, lookErr := c.op.Resolve(ctx, in, c.journal.store.Claimed)
	if ctx.Err() != nil {
		return time.Now().Add(retryStore), ctx.Err()
	}
	chosen := r.Outcome == rutravel.OutcomeCandidates
	if chosen {
		if r, err = c.choose(ctx, &e, r); err != nil {
			return time.Now().Add(retryStore), err
		}
	}
	if r.Outcome == rutravel.OutcomeDone {
		if e.Value, err = c.marshal(e.Key, r.Value); err != nil {
			return time.Now().Add(unknownAgain), err
		}
	}
	before := e
	c.apply(&e, r)
	err = c.journal.store.Update(ctx, e)
	if errors.Is(err, ErrClaimed) && !chosen {
		reason := "The look-up found " + e.Claim + ", which is the result of another key."
		e = before
		c.apply(&e, rutravel.Resolution[V]{Outcome: rutravel.OutcomeUndecidable, Reason: reason})
		err = c.journal.store.Update(ctx, e)
	}
	switch {
	case errors.Is(err, ErrChanged), errors.Is(err, ErrClaimed):
		// Another look-up was faster, for this entry or for this candidate.
		return time.Now().Add(retryStore), lookErr
	case err != nil:
		return time.Now().Add(retryStore), errors.Join(lookErr, err)
	}
	c.note(ctx, StepLooked, &e, lookErr)
	return e.Again, lookErr
}

// choose takes the first candidate that cannot be the result of a call that is still
// running, or of a call that is looked up by what arrived of its result. The other calls
// of a group cannot be distinguished, so each of them may have any candidate. The call
// that made a candidate has sent before the candidate was first seen.
func (c *Call[R, V]) choose(ctx context.Context, e *Entry, r rutravel.Resolution[V]) (rutravel.Resolution[V], error) {
	at := now()
	seen := make(map[string]time.Time, len(r.Candidates))
	for _, candidate := range r.Candidates {
		seen[candidate.ID] = at
		if first, ok := e.Seen[candidate.ID]; ok {
			seen[candidate.ID] = first
		}
	}
	e.Seen = seen
	arrived := c.arrived(e) // such calls do not wait for each other
	var first []Entry       // the calls that this one waits for
	for other, err := range c.journal.entries(ctx, Query{Outcome: rutravel.OutcomeOpen, Group: e.Group}) {
		if err != nil {
			return r, err
		}
		call := c.journal.call(other.Operation)
		if other.Key != e.Key && (other.running(at) || !arrived && call != nil && call.arrived(&other)) {
			first = append(first, other)
		}
	}
	soon := at.Add(retryLook)
	var free time.Time // when a candidate may be free
	for _, candidate := range r.Candidates {
		var until time.Time
		for _, other := range first {
			grace := other.Fence.Sub(other.Deadline)
			if other.Sent.After(seen[candidate.ID].Add(grace)) {
				continue
			}
			end := soon // a running call may end soon
			if !other.running(at) && other.Again.After(soon) {
				end = other.Again
			}
			if end.After(until) {
				until = end
			}
		}
		if until.IsZero() {
			return rutravel.Resolution[V]{Outcome: rutravel.OutcomeDone, Value: candidate.Value, Reason: "The look-up found it."}, nil
		}
		if free.IsZero() || until.Before(free) {
			free = until
		}
	}
	return rutravel.Resolution[V]{Outcome: rutravel.OutcomeOpen, Again: free, Reason: "What was found may be the result of another call, whose outcome is not known yet."}, nil
}

// apply makes the next version of an entry from a resolution.
func (c *Call[R, V]) apply(e *Entry, r rutravel.Resolution[V]) {
	e.Version++
	e.Outcome, e.Reason, e.Kind, e.Presumed = r.Outcome, r.Reason, r.Kind, r.Presumed
	e.Again, e.Settled = time.Time{}, time.Time{}
	switch r.Outcome {
	case rutravel.OutcomeOpen:
		e.Again = r.Again.UTC().Truncate(time.Microsecond)
		return
	case rutravel.OutcomeDone:
		e.Settled = now()
		if c.op.ID != nil {
			e.Claim = c.op.ID(r.Value)
		}
	case rutravel.OutcomeNotDone:
		e.Settled, e.Claim = now(), ""
	case rutravel.OutcomeUndecidable, rutravel.OutcomeCandidates: // candidates are chosen from before
	}
	e.Seen = nil
}

// Decide stores what a person found out about a call that is open or undecidable: the
// outcome done with the value, or not_done. Reason may say who decided and why. The error
// is [ErrRunning] if the call may still be running, [ErrClaimed] if the value is the
// result of another key, and [ErrReused] if the key belongs to another operation. A call
// that is done or not done cannot be decided again.
//
// Set the id in the value, because Operation.ID makes the claim from it.
func (c *Call[R, V]) Decide(ctx context.Context, key string, r rutravel.Resolution[V]) error {
	if r.Outcome != rutravel.OutcomeDone && r.Outcome != rutravel.OutcomeNotDone {
		return errors.New("journal: a person decides done or not_done")
	}
	e, err := c.journal.store.Get(ctx, key)
	switch {
	case err != nil:
		return err
	case e.Operation != c.op.Name:
		return fmt.Errorf("%w: %q, %s", ErrReused, key, e.Operation)
	case e.settled():
		return fmt.Errorf("journal: %q is %s", key, strings.ReplaceAll(string(e.Outcome), "_", " "))
	case e.running(time.Now()):
		return fmt.Errorf("%w: %q, until %s", ErrRunning, key, e.Fence.Format(time.RFC3339))
	}
	if r.Outcome == rutravel.OutcomeDone {
		if e.Value, err = c.marshal(key, r.Value); err != nil {
			return err
		}
	}
	c.apply(&e, r)
	if err := c.journal.store.Update(ctx, e); err != nil {
		return err
	}
	c.note(ctx, StepDecided, &e, nil)
	return nil
}

// entries iterates over the entries of a query.
func (j *Journal) entries(ctx context.Context, q Query) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for q.Limit = 500; ; {
			page, err := j.store.List(ctx, q)
			if err != nil {
				yield(Entry{}, err)
				return
			}
			for _, e := range page {
				if !yield(e, nil) {
					return
				}
			}
			if len(page) < q.Limit {
				return
			}
			q.After = page[len(page)-1].Key
		}
	}
}

// update stores an entry after its call was sent. It tries again until a time,
// because the result exists nowhere else.
func (j *Journal) update(ctx context.Context, e Entry, until time.Time) error {
	const first, last = 50 * time.Millisecond, 2 * time.Second
	ctx = context.WithoutCancel(ctx)
	for wait := first; ; wait = min(2*wait, last) {
		err := j.tryUpdate(ctx, e)
		if err == nil || errors.Is(err, ErrChanged) || errors.Is(err, ErrClaimed) || time.Now().Add(wait).After(until) {
			return err
		}
		time.Sleep(wait)
	}
}

// tryUpdate is one try of an update.
func (j *Journal) tryUpdate(ctx context.Context, e Entry) error {
	const limit = 10 * time.Second
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := j.store.Update(ctx, e)
	if !errors.Is(err, ErrChanged) {
		return err
	}
	// A try before this one may have been stored although its answer was lost.
	stored, getErr := j.store.Get(ctx, e.Key)
	if getErr == nil && stored.Version == e.Version && stored.Outcome == e.Outcome && stored.Ended.Equal(e.Ended) {
		return nil
	}
	return err
}
