package conformance

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/fake"
	"github.com/rutravel/rutravel-go/internal/transport"
)

// WaysOut describes what a caller does after the lost answer of each unsafe
// operation. F is the supplier's fake, C its client.
type WaysOut[F, C any] struct {
	Operations []transport.Operation
	New        func() F
	Client     func(F) (C, error)
	Inject     func(F, fake.Fault)
	Op         func(op string) string // what the fake calls an operation; nil: as the table does
	Arrived    func(F) []string       // the fake's operations whose requests arrived
	Ways       []WayOut[F, C]         // at least one for each unsafe operation
}

// WayOut is what a caller does after one lost answer.
type WayOut[F, C any] struct {
	op, form string
	run      func(t *testing.T, s WaysOut[F, C], f fake.Fault, done bool)
}

// Way makes a way out of an operation's form, "" if it has one. Before brings
// about what the call needs and returns what a backend stores before it: S is
// kept as JSON alone. With what was read back, call makes the call, and out goes
// the way that the doc comment names, on a new client: it must find out whether
// the call was carried out, which done says, and go on to the end.
func Way[F, C, S any](
	op, form string,
	before func(*testing.T, F, C) S,
	call func(context.Context, C, S) error,
	out func(t *testing.T, supplier F, client C, stored S, done bool),
) WayOut[F, C] {
	return WayOut[F, C]{op, form, func(t *testing.T, s WaysOut[F, C], f fake.Fault, done bool) {
		t.Helper()
		name := op
		if s.Op != nil {
			name = s.Op(op)
		}
		supplier := s.New()
		client := func() C {
			c, err := s.Client(supplier)
			require.NoError(t, err)
			return c
		}
		first := client()
		text, err := json.Marshal(before(t, supplier, first))
		require.NoError(t, err)
		stored := func() (v S) {
			require.NoError(t, json.Unmarshal(text, &v))
			return v
		}
		count := func() (n int) {
			for _, arrived := range s.Arrived(supplier) {
				if arrived == name {
					n++
				}
			}
			return n
		}
		already := count()
		f.Op = name
		s.Inject(supplier, f)
		require.ErrorIs(t, call(t.Context(), first, stored()), rutravel.ErrNotConfirmed)
		require.Equal(t, already+1, count())
		out(t, supplier, client(), stored(), done)
	}}
}

// losses are the ways in which an answer is lost, before the call was carried
// out and after it.
var losses = map[bool]map[string]fake.Fault{
	true: {
		"the line breaks": {Drop: true, Processed: true},
		"a gateway fails": {Status: http.StatusBadGateway, Body: "<html>", Processed: true},
		"a foreign page":  {Status: http.StatusOK, Body: "<html>", Processed: true},
		"too late":        {Delay: time.Hour},
	},
	false: {
		"the line breaks":  {Drop: true},
		"a foreign page":   {Status: http.StatusOK, Body: "<html>"},
		"a gateway's wait": {Status: http.StatusGatewayTimeout, Delay: 20 * time.Second},
	},
}

// Run goes every way out after every loss, on a clock that need not be waited
// for.
func (s WaysOut[F, C]) Run(t *testing.T) {
	t.Helper()
	for _, op := range s.Operations {
		assert.Equal(t, op.Safety == transport.Unsafe, slices.ContainsFunc(s.Ways, func(w WayOut[F, C]) bool { return w.op == op.Key }),
			"a way out of %s", op.Key)
	}
	for _, w := range s.Ways {
		for done, faults := range losses {
			for loss, f := range faults {
				name := w.op + w.form + ", not done, " + loss
				if done {
					name = w.op + w.form + ", done, " + loss
				}
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) { w.run(t, s, f, done) })
				})
			}
		}
	}
}

// AskAgain asks, as doc comments say, for some minutes until there is an answer
// to go by, and reports whether there was one.
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
