// Package conformance is the suite that every supplier's package must pass: it
// puts each of its operations through the ways in which a call can end.
//
// A supplier's test gives one [Suite] and calls [Suite.Run]; what is particular
// to the supplier is tested beside it.
package conformance

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
)

// Suite describes a supplier's package to the tests. C is its client.
type Suite[C any] struct {
	Supplier   string
	Operations []transport.Operation
	Calls      []Call[C] // at least one for each operation
	Further    []Call[C] // of other methods, or with other texts, which injection tries too
	Unsent     []string  // fields of requests, as "OrderKey.ID", that are compared with answers and never sent

	New     func(baseURL string, opts ...rutravel.Option) (C, error) // with the credentials of the golden requests
	BaseURL string                                                   // the documented address, which the golden requests show

	Config  any                                                  // holds Secrets
	Client  func(config any, opts ...rutravel.Option) (C, error) // a client of a config like it
	Logins  []string                                             // names that errors and logs may not show
	Secrets []string                                             // credentials that nothing may show

	Format  Format                      // of the answers; the zero value is JSON
	Golden  string                      // the folder of golden files
	Ignored []string                    // paths in answers that no value depends on; all below one that ends in "."
	Tables  []string                    // paths of lists in answers of which values use what they refer to
	Refusal func(message string) string // a documented refusal
	Refused int                         // the HTTP status of a refusal; 0 is 200
	DocLine func(op string) string      // the last line of the doc comment of an operation's methods

	// Follow, if calls of one client are numbered, returns the golden request that
	// a request is but for its number, and its golden answer with that number.
	Follow func(sent string) (golden string, numbered func(answer string) string)

	// Gate makes what stands before a supplier with sessions; nil if it has none.
	// A gate is asked about every request that reaches one client's supplier, by
	// any goroutine. It answers those that are no call of an operation, a login,
	// and those that it refuses. Of the others it hears when they have arrived;
	// the headers that it returns are added to their answers.
	Gate func(*testing.T) Gate
	// SessionEnds: HTTP 401, whatever it looks like, is a refusal.
	SessionEnds bool
}

// Gate stands before a supplier with sessions.
type Gate func(*http.Request) (answer *http.Response, arrived func() http.Header)

// Call is one call of an operation, with the arguments of its golden request.
type Call[C any] struct {
	Op   string
	File string // of the golden files, without suffixes; "" if it is Op
	Want any    // what the golden answer means

	args any // of the method, which send calls
	send func(ctx context.Context, c C, args any, opts ...rutravel.CallOption) (any, error)

	// IDs returns what must reach the caller of an unsafe operation whatever
	// else in the answer is broken; nil if its answer holds nothing such.
	IDs func(value any) []string
	// Private is passengers' data in the request.
	Private []string
	// Streamed: the first half of the answer has elements, which are handed out
	// before the rest has arrived.
	Streamed bool

	Status int    // the HTTP status of the golden answer; 0 is 200
	Text   string // the answer, in place of a golden one
	NoBody bool   // the golden answer is empty, and its file ends in .answer.txt
	Empty  string // an answer that is an empty list: "[]"
}

// kinds are all kinds of failure.
var kinds = []rutravel.Kind{
	rutravel.ErrInvalid, rutravel.ErrAuth, rutravel.ErrForbidden, rutravel.ErrNotFound, rutravel.ErrSoldOut,
	rutravel.ErrExpired, rutravel.ErrConflict, rutravel.ErrFunds, rutravel.ErrRejected, rutravel.ErrRateLimited,
	rutravel.ErrUnavailable, rutravel.ErrCanceled, rutravel.ErrProtocol, rutravel.ErrNotConfirmed,
}

// Main is a supplier's TestMain. It turns decimal's process-wide switches when
// it runs in the process that [Suite.Run] starts for that.
func Main(m *testing.M) {
	if os.Getenv(switched) != "" {
		decimal.DivisionPrecision = 1
		decimal.MarshalJSONWithoutQuotes = true
		decimal.TrimTrailingZeros = false
		decimal.UseScientificNotation = true
		decimal.MaxDecodeExponent = 4
		decimal.PowPrecisionNegativeExponent = 1
		decimal.ExpMaxIterations = 1
	}
	os.Exit(m.Run())
}

const switched = "RUTRAVEL_DECIMAL_SWITCHES"

// Run runs the suite.
func (s Suite[C]) Run(t *testing.T) {
	if !raced {
		t.Run("hostile answers", s.hostile)
	}
	t.Run("operations", s.operations)
	t.Run("doc lines", s.docLines)
	t.Run("query structs", s.queryStructs)
	t.Run("fuzzed", s.fuzzed)
	t.Run("golden", s.golden)
	t.Run("decimal switches", s.decimalSwitches)
	t.Run("contexts", s.contexts)
	t.Run("odd answers", s.oddAnswers)
	t.Run("endless answer", s.endlessAnswer)
	t.Run("leniencies", s.leniencies)
	t.Run("rate limits", s.rateLimits)
	t.Run("refusal", s.refusal)
	t.Run("broken fields", s.brokenFields)
	t.Run("lost line", s.lostLine)
	t.Run("not sent", s.notSent)
	t.Run("secrets", s.secrets)
	t.Run("injection", s.injection)
	t.Run("injection by config", s.injectionByConfig)
	t.Run("concurrency", s.concurrency)
}

// operations checks that the calls cover the table.
func (s Suite[C]) operations(t *testing.T) {
	t.Parallel()
	for _, op := range s.Operations {
		assert.Positive(t, op.Timeout, op.Key)
		assert.True(t, slices.ContainsFunc(s.Calls, func(c Call[C]) bool { return c.Op == op.Key }), "no call of %s", op.Key)
	}
}

// operation looks a call up in the table.
func (s Suite[C]) operation(t *testing.T, c Call[C]) transport.Operation {
	t.Helper()
	i := slices.IndexFunc(s.Operations, func(op transport.Operation) bool { return op.Key == c.Op })
	require.GreaterOrEqual(t, i, 0, "%s is no operation", c.Op)
	return s.Operations[i]
}

func (s Suite[C]) unsafe(t *testing.T, c Call[C]) bool {
	t.Helper()
	return s.operation(t, c).Safety == transport.Unsafe
}

// each runs a subtest for every call.
func (s Suite[C]) each(t *testing.T, f func(t *testing.T, c Call[C], unsafe bool)) {
	t.Helper()
	t.Parallel()
	for _, c := range s.Calls {
		t.Run(c.name(), func(t *testing.T) { f(t, c, s.unsafe(t, c)) })
	}
}

// client returns a client of the documented address that sends through rt.
func (s Suite[C]) client(t *testing.T, rt http.RoundTripper) C {
	t.Helper()
	c, err := s.New(s.BaseURL, s.through(t, rt))
	require.NoError(t, err)
	return c
}

// through makes a client send through rt, with the supplier's gate before it.
func (s Suite[C]) through(t *testing.T, rt http.RoundTripper) rutravel.Option {
	if s.Gate != nil {
		rt = gated{gate: s.Gate(t), behind: rt}
	}
	return rutravel.WithHTTPClient(&http.Client{Transport: rt})
}

// gated is a supplier with a gate before it.
type gated struct {
	gate   Gate
	behind http.RoundTripper
}

func (g gated) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, arrived := g.gate(r)
	if answer != nil {
		return answer, nil
	}
	answer, err := g.behind.RoundTrip(r)
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return nil, err
	}
	add := arrived()
	if err != nil {
		return nil, err
	}
	maps.Copy(answer.Header, add)
	return answer, nil
}

// failure returns the error of a failed call, which must name the call.
func (s Suite[C]) failure(t *testing.T, c Call[C], err error) *rutravel.Error {
	t.Helper()
	e, ok := errors.AsType[*rutravel.Error](err)
	require.True(t, ok, "not a *rutravel.Error: %v", err)
	assert.Equal(t, s.Supplier, e.Supplier)
	assert.Equal(t, c.Op, e.Op)
	return e
}

// notConfirmed checks that an unsafe call's outcome is open, and nothing else.
func (s Suite[C]) notConfirmed(t *testing.T, c Call[C], err error) {
	t.Helper()
	s.failure(t, c, err)
	for _, k := range kinds {
		assert.Equal(t, k == rutravel.ErrNotConfirmed, errors.Is(err, k), "%v: %v", k, err)
	}
}

// Client makes a package's New one for a Suite.
func Client[Config, C any](create func(Config, ...rutravel.Option) (C, error)) func(any, ...rutravel.Option) (C, error) {
	return func(config any, opts ...rutravel.Option) (C, error) {
		return create(config.(Config), opts...)
	}
}

// Do makes the call with the arguments of its golden request.
func (c Call[C]) Do(ctx context.Context, client C, opts ...rutravel.CallOption) (any, error) {
	return c.send(ctx, client, c.args, opts...)
}

// Call0 makes a golden call of a method that takes no request.
func Call0[C, T any](op string, do func(C, context.Context, ...rutravel.CallOption) (T, error), want T) Call[C] {
	return Call1(op, func(c C, ctx context.Context, _ struct{}, opts ...rutravel.CallOption) (T, error) {
		return do(c, ctx, opts...)
	}, struct{}{}, want)
}

// Call1 makes a golden call of a method that takes a request.
func Call1[C, R, T any](op string, do func(C, context.Context, R, ...rutravel.CallOption) (T, error), req R, want T) Call[C] {
	return Call[C]{
		Op: op, Want: want, args: req,
		send: func(ctx context.Context, c C, args any, opts ...rutravel.CallOption) (any, error) {
			return do(c, ctx, args.(R), opts...)
		},
	}
}

// Call2 makes a golden call of a method that takes two arguments.
func Call2[C, A, B, T any](op string, do func(C, context.Context, A, B, ...rutravel.CallOption) (T, error), a A, b B, want T) Call[C] {
	return Call1(op, func(c C, ctx context.Context, p pair[A, B], opts ...rutravel.CallOption) (T, error) {
		return do(c, ctx, p.First, p.Second, opts...)
	}, pair[A, B]{a, b}, want)
}

type pair[A, B any] struct {
	First  A
	Second B
}

// Done makes a method that returns nothing one that does.
func Done[C, R any](do func(C, context.Context, R, ...rutravel.CallOption) error) func(C, context.Context, R, ...rutravel.CallOption) (any, error) {
	return func(c C, ctx context.Context, req R, opts ...rutravel.CallOption) (any, error) {
		return nil, do(c, ctx, req, opts...)
	}
}

// Done2 does so with a method that takes two arguments.
func Done2[C, A, B any](do func(C, context.Context, A, B, ...rutravel.CallOption) error) func(C, context.Context, A, B, ...rutravel.CallOption) (any, error) {
	return func(c C, ctx context.Context, a A, b B, opts ...rutravel.CallOption) (any, error) {
		return nil, do(c, ctx, a, b, opts...)
	}
}

func (c Call[C]) name() string { return cmp.Or(c.File, c.Op) }

// file reads a golden file of a call.
func (s Suite[C]) file(t *testing.T, c Call[C], suffix string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.Golden, c.name()+suffix))
	require.NoError(t, err)
	return string(text)
}

func (s Suite[C]) answer(t *testing.T, c Call[C]) string {
	t.Helper()
	if c.Text != "" {
		return c.Text
	}
	if c.NoBody {
		text := s.file(t, c, ".answer.txt")
		require.Empty(t, text)
		return text
	}
	return s.file(t, c, ".answer."+s.Format.orJSON().suffix)
}

// status is that of the golden answer.
func (c Call[C]) status() int { return cmp.Or(c.Status, http.StatusOK) }

// refused is the HTTP status of a refusal.
func (s Suite[C]) refused() int { return cmp.Or(s.Refused, http.StatusOK) }

// render writes a request as the golden files show it: the request line with
// the whole address, the headers that a supplier sets, the body.
func render(r *http.Request) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", r.Method, r.URL)
	for _, name := range []string{"Authorization", "Content-Type"} {
		if v := r.Header.Get(name); v != "" {
			fmt.Fprintf(&b, "%s: %s\n", name, v)
		}
	}
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return "", err
		}
		if len(body) > 0 {
			fmt.Fprintf(&b, "\n%s\n", body)
		}
	}
	return b.String(), nil
}
