package conformance

import (
	"context"
	"encoding/json"
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/fake"
	"github.com/rutravel/rutravel-go/internal/transport"
)

// Fake is a supplier's fake.
type Fake interface {
	http.RoundTripper
	Pending() int
}

// RecoverySuite describes what a caller does after the answer of an unsafe
// operation was lost. F is the type of the supplier's fake, C of its client.
type RecoverySuite[F Fake, C any] struct {
	// Operations is the package's table of operations.
	Operations []transport.Operation
	// GoldenDir is the directory of the golden files.
	GoldenDir string
	// NewFake returns a new fake.
	NewFake func() F
	// NewClient returns a new client of a fake.
	NewClient func(F) (C, error)
	// Inject queues a fault of a fake.
	Inject func(F, fake.Fault)
	// Arrived returns the operations of the requests that a fake has received.
	Arrived func(F) []string
	// SearchOperations lists the operations with which the cases search before they
	// book again. They may share connections.
	SearchOperations []string
	// Cases holds at least one case for each unsafe operation.
	Cases []RecoveryCase[F, C]
}

// RecoveryCase is what a caller does after one lost answer. [Recovery] makes it.
type RecoveryCase[F Fake, C any] struct {
	op, form string
	run      func(t *testing.T, s RecoverySuite[F, C], f fake.Fault, done bool)
}

// Recovery returns the case of an operation. Form tells apart several cases of
// one operation; it is "" if there is one.
//
// Prepare does what the call needs, and returns what a backend stores before the
// call. The suite keeps that as JSON only. Call makes the call with the stored
// value. LookUp gets the stored value and a new client. It uses the method that
// the doc comment names, checks that the method finds out whether the call was
// carried out, which is done, and completes the purchase.
func Recovery[F Fake, C, S any](
	op, form string,
	prepare func(*testing.T, F, C) S,
	call func(context.Context, C, S) error,
	lookUp func(t *testing.T, supplier F, client C, stored S, done bool),
) RecoveryCase[F, C] {
	return RecoveryCase[F, C]{op, form, func(t *testing.T, s RecoverySuite[F, C], f fake.Fault, done bool) {
		t.Helper()
		supplier := s.NewFake()
		newClient := func() C {
			c, err := s.NewClient(supplier)
			require.NoError(t, err)
			return c
		}
		first := newClient()
		text, err := json.Marshal(prepare(t, supplier, first))
		require.NoError(t, err)
		stored := func() (v S) {
			require.NoError(t, json.Unmarshal(text, &v))
			return v
		}
		count := func() (n int) {
			for _, arrived := range s.Arrived(supplier) {
				if arrived == op {
					n++
				}
			}
			return n
		}
		before := count()
		f.Op = op
		s.Inject(supplier, f)
		require.ErrorIs(t, call(t.Context(), first, stored()), rutravel.ErrNotConfirmed)
		require.Equal(t, before+1, count())
		arrived := len(s.Arrived(supplier))
		lookUp(t, supplier, newClient(), stored(), done)
		s.assertOwnConnections(t, s.Arrived(supplier)[arrived:])
	}}
}

// losses lists the faults that lose an answer, by whether the fake carries the
// call out.
var losses = map[bool]map[string]fake.Fault{
	true: {
		"connection breaks": {Drop: true, Processed: true},
		"gateway fails":     {Status: http.StatusBadGateway, Body: "<html>", Processed: true},
		"foreign page":      {Status: http.StatusOK, Body: "<html>", Processed: true},
		"too late":          {Delay: time.Hour},
	},
	false: {
		"connection breaks": {Drop: true},
		"foreign page":      {Status: http.StatusOK, Body: "<html>"},
		"gateway timeout":   {Status: http.StatusGatewayTimeout, Delay: 20 * time.Second},
	},
}

// Run checks that each fault finds its operation, and runs each case after each
// loss on a fake clock.
func (s RecoverySuite[F, C]) Run(t *testing.T) {
	t.Helper()
	for _, op := range s.Operations {
		assert.Equal(t, op.Safety == transport.Unsafe, slices.ContainsFunc(s.Cases, func(c RecoveryCase[F, C]) bool { return c.op == op.Key }),
			"a recovery case of %s", op.Key)
	}
	t.Run("faults", func(t *testing.T) { testFaults(t, s.Operations, s.GoldenDir, s.NewFake, s.Inject, s.Arrived) })
	for _, c := range s.Cases {
		for done, faults := range losses {
			for loss, f := range faults {
				name := c.op + c.form + ", not done, " + loss
				if done {
					name = c.op + c.form + ", done, " + loss
				}
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) { c.run(t, s, f, done) })
				})
			}
		}
	}
}

// testFaults queues one fault for each operation and sends the golden requests. Each
// request must get the fault of its own operation, and the fake must record it
// under the operation's key.
func testFaults[F Fake](t *testing.T, operations []transport.Operation, goldenDir string, newFake func() F, inject func(F, fake.Fault), arrived func(F) []string) {
	t.Helper()
	t.Parallel()
	supplier := newFake()
	want := make([]string, len(operations))
	for i, op := range operations {
		inject(supplier, fake.Fault{Op: op.Key, Status: http.StatusOK + i})
		want[i] = op.Key
	}
	assert.PanicsWithValue(t, "no such operation: pays", func() { inject(supplier, fake.Fault{Op: "pays"}) })
	for i, op := range operations {
		assert.Equal(t, len(want)-i, supplier.Pending(), "before %s", op.Key)
		answer, err := supplier.RoundTrip(goldenRequest(t, filepath.Join(goldenDir, op.Key+".request.txt")))
		require.NoError(t, err, op.Key)
		require.NoError(t, answer.Body.Close(), op.Key)
		assert.Equal(t, http.StatusOK+i, answer.StatusCode, op.Key)
	}
	assert.Zero(t, supplier.Pending())
	assert.Equal(t, want, arrived(supplier))
}

// AskAgain calls ask once a minute, for five minutes, until it returns true. It
// reports whether it did.
func AskAgain(ask func() bool) bool {
	const minutes = 5
	for range minutes {
		if ask() {
			return true
		}
		time.Sleep(time.Minute)
	}
	return ask()
}
