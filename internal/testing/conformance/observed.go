package conformance

import (
	"bytes"
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
)

// Observed records what an observer sees. It is safe for concurrent use.
type Observed struct {
	mu      sync.Mutex
	calls   []*ObservedCall
	strays  int // events whose context belongs to no call
	printed bytes.Buffer
}

// ObservedCall is a call that an observer has seen.
type ObservedCall struct {
	rutravel.Call
	Waits    []rutravel.Wait
	Begun    []int // the numbers of the attempts that were started
	Attempts []rutravel.Attempt
	Warnings []rutravel.Warning
	Ends     []rutravel.Result
}

type observedKey struct{}

// Option returns the option that records the calls of a client.
func (o *Observed) Option() rutravel.Option {
	return rutravel.WithObserver(rutravel.Observer{
		CallStart: func(ctx context.Context, c rutravel.Call) context.Context {
			one := &ObservedCall{Call: c}
			ctx = context.WithValue(ctx, observedKey{}, one)
			o.note(ctx, c, func(*ObservedCall) { o.calls = append(o.calls, one) })
			return ctx
		},
		Waited: func(ctx context.Context, w rutravel.Wait) {
			o.note(ctx, w, func(one *ObservedCall) { one.Waits = append(one.Waits, w) }, w.Err)
		},
		AttemptStart: func(ctx context.Context, c rutravel.Call, number int) context.Context {
			o.note(ctx, c, func(one *ObservedCall) { one.Begun = append(one.Begun, number) })
			return ctx
		},
		AttemptEnd: func(ctx context.Context, a rutravel.Attempt) {
			o.note(ctx, a, func(one *ObservedCall) { one.Attempts = append(one.Attempts, a) }, a.Err)
		},
		Warned: func(ctx context.Context, w rutravel.Warning) {
			o.note(ctx, w, func(one *ObservedCall) { one.Warnings = append(one.Warnings, w) })
		},
		CallEnd: func(ctx context.Context, r rutravel.Result) {
			o.note(ctx, r, func(one *ObservedCall) { one.Ends = append(one.Ends, r) }, r.Err)
		},
	})
}

// note records an event of the call that ctx belongs to, and prints it.
func (o *Observed) note(ctx context.Context, event any, add func(*ObservedCall), errs ...error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	printAll(&o.printed, event)
	for _, err := range errs {
		printChain(&o.printed, err)
	}
	if one, ok := ctx.Value(observedKey{}).(*ObservedCall); ok {
		add(one)
	} else {
		o.strays++
	}
}

// Calls returns the calls of an operation so far; all if it is "".
func (o *Observed) Calls(op string) (calls []*ObservedCall) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, one := range o.calls {
		if op == "" || one.Op == op {
			calls = append(calls, one)
		}
	}
	return calls
}

// Printed returns all events so far, as a program may print them.
func (o *Observed) Printed() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.printed.String()
}

// Check checks each call. It has one start and one end. The figures of its end are
// those of its attempts, and its waits and attempts add up to its duration, which
// is exact in a synctest bubble.
func (o *Observed) Check(t testing.TB) {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	assert.Zero(t, o.strays, "events without a call")
	for _, one := range o.calls {
		require.Len(t, one.Ends, 1, "ends of %s", one.Op)
		end := one.Ends[0]
		assert.Equal(t, one.Call, end.Call)
		require.Len(t, one.Attempts, end.Attempts, one.Op)
		require.Len(t, one.Begun, end.Attempts, one.Op)
		var sum time.Duration
		var size int64
		for i, a := range one.Attempts {
			assert.Equal(t, one.Call, a.Call)
			assert.Equal(t, i+1, a.Number, one.Op)
			assert.Equal(t, i+1, one.Begun[i], one.Op)
			sum += a.Duration
			size += a.Bytes
		}
		for _, w := range one.Waits {
			assert.Equal(t, one.Call, w.Call)
			sum += w.Duration
		}
		assert.Equal(t, end.Duration, sum, "%s: %+v %+v", one.Op, one.Waits, one.Attempts)
		assert.Equal(t, end.Bytes, size, one.Op)
		for _, w := range one.Warnings {
			assert.Equal(t, one.Supplier+" "+one.Op, w.Supplier+" "+w.Op)
		}
	}
}
