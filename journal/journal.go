package journal

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
)

// Journal sends unsafe calls once per key, and looks up the outcome of calls whose
// answer was lost. It is safe for concurrent use.
type Journal struct {
	store   Store
	sealer  Sealer
	observe func(context.Context, Event)

	mu      sync.Mutex
	closed  bool
	sending sync.WaitGroup
	calls   map[string]resolver // by Operation.Name
}

// resolver is a [Call] of any types.
type resolver interface {
	resolve(ctx context.Context, e Entry) (next time.Time, err error)
	arrived(e *Entry) bool
}

// Option configures a [Journal].
type Option func(*Journal)

// WithSealer encrypts requests, results and errors before they are stored. Use it from
// the first entry on.
func WithSealer(s Sealer) Option { return func(j *Journal) { j.sealer = s } }

// WithObserver calls a function after each step of each call, for logs and metrics.
// It is called on the goroutine of the step and should return soon.
func WithObserver(observe func(context.Context, Event)) Option {
	return func(j *Journal) { j.observe = observe }
}

// Step is what happened to a call.
type Step string

// The steps.
const (
	StepStored  Step = "stored"  // the intent was stored; the call is sent next
	StepEnded   Step = "ended"   // the call returned, and how it ended was stored
	StepLooked  Step = "looked"  // a look-up was made
	StepDecided Step = "decided" // a person decided
)

// Event is a step of a call. It has no data of the request or the result.
type Event struct {
	Step      Step
	Key       string
	Operation string
	Outcome   rutravel.Outcome
	Presumed  bool
	Age       time.Duration // since the call was sent
	Err       error         // why the call or the look-up failed, or why the step was not stored
}

// New returns a journal. Give it its operations with [Add] before entries are
// resolved.
func New(store Store, opts ...Option) *Journal {
	j := &Journal{store: store, observe: func(context.Context, Event) {}, calls: map[string]resolver{}}
	for _, o := range opts {
		o(j)
	}
	return j
}

// Shutdown refuses new calls and waits until those that were sent have ended and
// are stored. If ctx ends first, it returns the context's error. The entries of calls
// that are still running are resolved after the next start.
func (j *Journal) Shutdown(ctx context.Context) error {
	j.mu.Lock()
	j.closed = true
	j.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		j.sending.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// begin counts a call that is sent, unless the journal is shut down.
func (j *Journal) begin() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return ErrShutdown
	}
	j.sending.Add(1)
	return nil
}

// unknownAgain is how long an entry waits if this program cannot resolve it.
const unknownAgain = time.Hour

// Resolve finds out what became of a call, with one look-up, and stores it.
// [Call.Result] and [Call.Do] then return it. Resolve returns when to call it again. The
// time is zero if the call needs no more look-ups: it is done, not done or undecidable.
//
// An engine calls Resolve when a call's entry is due, on any instance: River, Temporal or
// a timer. It sends nothing but look-ups, so it may be called at any time, also twice. An
// entry is due half a second after a call with a lost answer has returned. Resolve also
// looks it up earlier. A call that may still be running is not looked up before
// Entry.Fence.
//
// The error is [ErrNoEntry] if the key was not used. Other errors do not end the look-ups:
// call Resolve again at the time that is returned with them.
func (j *Journal) Resolve(ctx context.Context, key string) (next time.Time, err error) {
	e, err := j.store.Get(ctx, key)
	switch {
	case errors.Is(err, ErrNoEntry):
		return time.Time{}, fmt.Errorf("%w: %q", err, key)
	case err != nil:
		return time.Now().Add(retryStore), err
	case e.Outcome != rutravel.OutcomeOpen:
		return time.Time{}, nil
	}
	call := j.call(e.Operation)
	if call == nil {
		return time.Now().Add(unknownAgain), fmt.Errorf("%w %q of %q", ErrUnknownOperation, e.Operation, key)
	}
	return call.resolve(ctx, e)
}

// call returns the call of an operation, or nil.
func (j *Journal) call(operation string) resolver {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.calls[operation]
}

// ResolveDue resolves all entries that are due, one after the other. It returns when the
// next one is due, and zero if no entry is open. Call it from a timer if there is no
// engine that calls [Journal.Resolve].
func (j *Journal) ResolveDue(ctx context.Context) (next time.Time, err error) {
	var all []error
	for e, err := range j.entries(ctx, Query{Outcome: rutravel.OutcomeOpen}) {
		if err != nil {
			return time.Now().Add(retryStore), errors.Join(append(all, err)...)
		}
		again := e.Again
		if !again.After(time.Now()) {
			if again, err = j.Resolve(ctx, e.Key); err != nil {
				all = append(all, err)
			}
		}
		if next.IsZero() || !again.IsZero() && again.Before(next) {
			next = again
		}
	}
	return next, errors.Join(all...)
}

// Undecidable returns the entries that a person must decide, of all operations.
// Entry.Reason says what to check. Store the decision with [Call.Decide] of the Call whose
// Operation.Name is Entry.Operation.
func (j *Journal) Undecidable(ctx context.Context) ([]Entry, error) {
	return j.store.List(ctx, Query{Outcome: rutravel.OutcomeUndecidable})
}

// Erase removes requests, results and errors, which may hold passengers' data, from
// the entries that settled before a time. Keys, outcomes and claims are kept, so
// that no key is sent again. It returns how many entries it changed.
func (j *Journal) Erase(ctx context.Context, settledBefore time.Time) (int, error) {
	return j.store.Erase(ctx, settledBefore)
}
