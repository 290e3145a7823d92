package conformance

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/fake"
	"github.com/rutravel/rutravel-go/internal/transport"
)

// Fake is a supplier in memory.
type Fake interface {
	http.RoundTripper
	Pending() int
}

// WaysOut describes what a caller does after the lost answer of each unsafe
// operation. F is the supplier's fake, C its client.
type WaysOut[F Fake, C any] struct {
	Operations []transport.Operation
	New        func() F
	Client     func(F) (C, error)
	Inject     func(F, fake.Fault)
	Golden     string           // the folder of golden files
	Arrived    func(F) []string // the operations whose requests arrived
	Ways       []WayOut[F, C]   // at least one for each unsafe operation
}

// WayOut is what a caller does after one lost answer.
type WayOut[F Fake, C any] struct {
	op, form string
	run      func(t *testing.T, s WaysOut[F, C], f fake.Fault, done bool)
}

// Way makes a way out of an operation's form, "" if it has one. Before brings
// about what the call needs and returns what a backend stores before it: S is
// kept as JSON alone. With what was read back, call makes the call, and out goes
// the way that the doc comment names, on a new client: it must find out whether
// the call was carried out, which done says, and go on to the end.
func Way[F Fake, C, S any](
	op, form string,
	before func(*testing.T, F, C) S,
	call func(context.Context, C, S) error,
	out func(t *testing.T, supplier F, client C, stored S, done bool),
) WayOut[F, C] {
	return WayOut[F, C]{op, form, func(t *testing.T, s WaysOut[F, C], f fake.Fault, done bool) {
		t.Helper()
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
				if arrived == op {
					n++
				}
			}
			return n
		}
		already := count()
		f.Op = op
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

// Run checks that faults find their operations, and goes every way out after
// every loss, on a clock that need not be waited for.
func (s WaysOut[F, C]) Run(t *testing.T) {
	t.Helper()
	for _, op := range s.Operations {
		assert.Equal(t, op.Safety == transport.Unsafe, slices.ContainsFunc(s.Ways, func(w WayOut[F, C]) bool { return w.op == op.Key }),
			"a way out of %s", op.Key)
	}
	t.Run("faults", s.faults)
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

// faults checks that a fault befalls the golden request of its operation, and no
// other, that it is pending until then, and that the fake calls the request as
// errors do.
func (s WaysOut[F, C]) faults(t *testing.T) {
	t.Parallel()
	supplier := s.New()
	want := make([]string, len(s.Operations))
	for i, op := range s.Operations {
		s.Inject(supplier, fake.Fault{Op: op.Key, Status: http.StatusOK + i})
		want[i] = op.Key
	}
	assert.PanicsWithValue(t, "no such operation: pays", func() { s.Inject(supplier, fake.Fault{Op: "pays"}) })
	for i, op := range s.Operations {
		assert.Equal(t, len(want)-i, supplier.Pending())
		answer, err := supplier.RoundTrip(goldenRequest(t, filepath.Join(s.Golden, op.Key+".request.txt")))
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		assert.Equal(t, http.StatusOK+i, answer.StatusCode, op.Key)
	}
	assert.Zero(t, supplier.Pending())
	assert.Equal(t, want, s.Arrived(supplier))
}

// goldenRequest reads what render wrote.
func goldenRequest(t *testing.T, file string) *http.Request {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	head, body, _ := strings.Cut(string(text), "\n\n")
	line, headers, _ := strings.Cut(strings.TrimSpace(head), "\n")
	method, url, _ := strings.Cut(line, " ")
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	for header := range strings.Lines(headers) {
		name, value, _ := strings.Cut(strings.TrimSpace(header), ": ")
		r.Header.Set(name, value)
	}
	return r
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
