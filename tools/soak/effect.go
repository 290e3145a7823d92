package main

import (
	"context"
	"errors"
	"slices"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
)

// effect is a call that books, pays, cancels or refunds, with its recovery.
type effect[R, V any] struct {
	rutravel.Operation[R, V]
	what string
	// object returns what was booked, paid, cancelled or refunded.
	object func(V) string
	// runsOn is how long the supplier processes the call after the request.
	runsOn time.Duration
	// person returns what a person finds if the look-ups found nothing. It is nil if
	// nothing was made in this case.
	person func() (V, verdict)
}

// of returns an effect on an object that exists before the call.
func of[R, V any](o rutravel.Operation[R, V], what, object string) effect[R, V] {
	return effect[R, V]{Operation: o, what: what, object: func(V) string { return object }}
}

// commit makes the call. If its outcome is unknown, it resolves the call.
func (e effect[R, V]) commit(c *caller, who customer, r R) (V, verdict) {
	a := c.ledger.begin(c.shop, who.surname, e.what)
	ctx, done := c.patience(c.ctx)
	ctx, k := c.begin(ctx, a)
	in := e.NewIntent(r)
	v, err := e.Send(ctx, r)
	in.Ended, in.Value = time.Now(), v
	in.Err, _ = errors.AsType[*rutravel.Error](err)
	a.waited, a.err = ctx.Err() == nil && in.Ended.Sub(in.Sent) < c.timeout, err
	c.check(ctx, k, err)
	done()
	switch {
	case err == nil:
		a.reported, a.object = made, e.object(v)
		return e.finish(c, in)
	case in.Err == nil || e.Refused(in.Err):
		a.reported = notMade
		return v, notMade
	}
	a.reported = unconfirmed
	a.settle(c.ctx, c.ledger)
	in.Ended, e.Patience = time.Now(), e.runsOn
	v, a.found = e.resolve(c, in)
	if a.found == made || a.found == shared {
		a.object = e.object(v)
	}
	return v, a.found
}

// tries is how often a caller makes one call that was not carried out.
const tries = 4

// persist commits until the thing is made.
func (e effect[R, V]) persist(c *caller, who customer, r R) (v V, found verdict) {
	for range tries {
		if v, found = e.commit(c, who, r); found != notMade || c.ctx.Err() != nil {
			break
		}
	}
	return v, found
}

// finish waits for the result of a call that was sent.
func (e effect[R, V]) finish(c *caller, in rutravel.Intent[R, V]) (V, verdict) {
	if e.Finish == nil {
		return in.Value, e.claim(c, in.Value)
	}
	ctx, done := c.patience(c.ctx)
	defer done()
	ctx, k := c.begin(ctx, nil)
	v, err := e.Finish(ctx, in.Request, in.Value)
	c.check(ctx, k, err)
	if err == nil {
		return v, e.claim(c, v)
	}
	in.Err, _ = errors.AsType[*rutravel.Error](err)
	return e.resolve(c, in)
}

// claim records that a value is the result of a call. It must not be the result of another
// call.
func (e effect[R, V]) claim(c *caller, v V) verdict {
	if e.ID != nil && e.ID(v) != "" && !c.shop.claim(e.ID(v)) {
		c.ledger.problem(c.shop.name, rowOdd, "%s is the result of two calls", e.ID(v))
	}
	return made
}

// resolve looks the call up until its outcome is known, or the run is over.
func (e effect[R, V]) resolve(c *caller, in rutravel.Intent[R, V]) (none V, _ verdict) {
	const pause, longest = 30 * time.Millisecond, 20 * time.Second
	for c.ctx.Err() == nil {
		ctx, cancel := context.WithTimeout(c.ctx, longest)
		ctx, k := c.begin(ctx, nil)
		r, err := e.Resolve(ctx, in, c.shop.taken)
		if err != nil || k.attempts.Load() > 0 {
			c.check(ctx, k, err)
		}
		cancel()
		switch r.Outcome {
		case rutravel.OutcomeDone:
			return r.Value, e.claim(c, r.Value)
		case rutravel.OutcomeCandidates:
			for _, candidate := range r.Candidates {
				if c.shop.claim(candidate.ID) {
					return candidate.Value, made
				}
			}
		case rutravel.OutcomeNotDone, rutravel.OutcomeUndecidable:
			if e.person != nil && (r.Presumed || r.Outcome == rutravel.OutcomeUndecidable) {
				return e.person()
			}
			return none, notMade
		default:
			time.Sleep(time.Duration(c.rng.Int64N(int64(pause)))) // does not wait until Again
		}
	}
	return none, unresolved
}

// claim records that an id is the result of a call. It returns false if the id is the
// result of another call.
func (s *shop) claim(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.claims == nil {
		s.claims = map[string]bool{}
	}
	first := !s.claims[id]
	s.claims[id] = true
	return first
}

// taken returns the ids that are results of calls.
func (s *shop) taken(_ context.Context, ids []string) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !s.claims[id] }), nil
}
