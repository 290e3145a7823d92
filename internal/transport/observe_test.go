package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
)

// records keeps what is logged.
type records struct {
	mu  sync.Mutex
	all []record
}

type record struct {
	Level   slog.Level
	Message string
	Attrs   []slog.Attr
}

func (*records) Enabled(context.Context, slog.Level) bool { return true }
func (r *records) WithAttrs([]slog.Attr) slog.Handler     { return r }
func (r *records) WithGroup(string) slog.Handler          { return r }

func (r *records) Handle(_ context.Context, rec slog.Record) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var attrs []slog.Attr
	rec.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	r.all = append(r.all, record{rec.Level, rec.Message, attrs})
	return nil
}

// slowly answers after a second.
func slowly(respond func(*http.Request) (*http.Response, error)) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		time.Sleep(time.Second)
		return respond(r)
	}
}

// seen keeps what an observer is told.
type seen struct {
	starts   []rutravel.Call
	waits    []rutravel.Wait
	begun    int
	attempts []rutravel.Attempt
	warnings []rutravel.Warning
	ends     []rutravel.Result
}

type spanKey struct{}

// observer returns an observer that keeps what it is told, and checks that each
// function gets the context of the one before.
func (s *seen) observer(t *testing.T) rutravel.Option {
	inCall := func(ctx context.Context) {
		assert.Equal(t, "call", ctx.Value(spanKey{}))
		c, ok := rutravel.CallFrom(ctx)
		assert.True(t, ok)
		assert.Equal(t, s.starts[len(s.starts)-1], c)
	}
	return rutravel.WithObserver(rutravel.Observer{
		CallStart: func(ctx context.Context, c rutravel.Call) context.Context {
			s.starts = append(s.starts, c)
			return context.WithValue(ctx, spanKey{}, "call")
		},
		Waited: func(ctx context.Context, w rutravel.Wait) {
			inCall(ctx)
			s.waits = append(s.waits, w)
		},
		AttemptStart: func(ctx context.Context, _ rutravel.Call, number int) context.Context {
			inCall(ctx)
			s.begun++
			assert.Equal(t, s.begun, number)
			return context.WithValue(ctx, spanKey{}, "attempt")
		},
		AttemptEnd: func(ctx context.Context, a rutravel.Attempt) {
			assert.Equal(t, "attempt", ctx.Value(spanKey{}))
			s.attempts = append(s.attempts, a)
		},
		Warned:  func(_ context.Context, w rutravel.Warning) { s.warnings = append(s.warnings, w) },
		CallEnd: func(ctx context.Context, r rutravel.Result) { inCall(ctx); s.ends = append(s.ends, r) },
	})
}

// Each way in which a call can end has one start and one end. Its attempts and
// waits add up to its duration.
func TestObserve(t *testing.T) {
	t.Parallel()
	in := func(status int, body string) func(*http.Request) (*http.Response, error) {
		return slowly(answers(status, body))
	}
	later := func(d time.Duration, err error) rutravel.Option {
		return rutravel.WithLimiter(limiter(func(ctx context.Context) error {
			select {
			case <-time.After(d):
				return err
			case <-ctx.Done():
				return ctx.Err()
			}
		}))
	}
	for _, test := range []struct {
		name     string
		respond  func(*http.Request) (*http.Response, error)
		opts     []rutravel.Option
		call     []rutravel.CallOption
		deadline time.Duration
		prepare  func(context.Context) error
		kind     rutravel.Kind // of a read
		unsafe   rutravel.Kind // of an unsafe call
		attempts int           // of a read
		sent     int           // attempts of an unsafe call
		waits    []rutravel.WaitReason
	}{
		{name: "success", respond: in(200, "yes"), attempts: 1, sent: 1},
		{name: "refusal", respond: in(200, "no"), kind: rutravel.ErrRejected, unsafe: rutravel.ErrRejected, attempts: 1, sent: 1},
		{
			name: "unreadable answer", respond: in(204, "?"), kind: rutravel.ErrProtocol, unsafe: rutravel.ErrNotConfirmed,
			attempts: 1, sent: 1,
		},
		{
			name: "out of order", respond: in(503, ""), kind: rutravel.ErrUnavailable, unsafe: rutravel.ErrNotConfirmed,
			attempts: 3, sent: 1, waits: []rutravel.WaitReason{rutravel.WaitBackoff, rutravel.WaitBackoff},
		},
		{
			name: "no connection", respond: slowly(refuseConnection), kind: rutravel.ErrUnavailable, unsafe: rutravel.ErrUnavailable,
			attempts: 3, sent: 3, waits: []rutravel.WaitReason{rutravel.WaitBackoff, rutravel.WaitBackoff},
		},
		{
			name: "invalid", respond: in(200, "yes"), call: []rutravel.CallOption{rutravel.WithMaxAttempts(0)},
			kind: rutravel.ErrInvalid, unsafe: rutravel.ErrInvalid,
		},
		{
			name: "the caller left before", respond: in(200, "yes"), deadline: -1,
			kind: rutravel.ErrCanceled, unsafe: rutravel.ErrCanceled,
		},
		{
			name: "the deadline passes at the limiter", respond: in(200, "yes"), deadline: time.Second, opts: []rutravel.Option{later(time.Hour, nil)},
			kind: rutravel.ErrCanceled, unsafe: rutravel.ErrCanceled,
		},
		{
			name: "the limiter lets it wait", respond: in(200, "yes"), opts: []rutravel.Option{later(5*time.Second, nil)},
			attempts: 1, sent: 1, waits: []rutravel.WaitReason{rutravel.WaitLimiter},
		},
		{
			name: "the limiter refuses", respond: in(200, "yes"), opts: []rutravel.Option{later(0, rutravel.ErrRateLimited)},
			kind: rutravel.ErrRateLimited, unsafe: rutravel.ErrRateLimited, waits: []rutravel.WaitReason{rutravel.WaitLimiter},
		},
		{
			name: "the limiter fails", respond: in(200, "yes"), opts: []rutravel.Option{later(0, errors.New("down"))},
			kind: rutravel.ErrUnavailable, unsafe: rutravel.ErrUnavailable, waits: []rutravel.WaitReason{rutravel.WaitLimiter},
		},
		{
			name: "a session is waited for", respond: in(200, "yes"), prepare: func(context.Context) error { time.Sleep(time.Second); return nil },
			attempts: 1, sent: 1, waits: []rutravel.WaitReason{rutravel.WaitSession},
		},
		{
			name: "no session", respond: in(200, "yes"), prepare: func(context.Context) error {
				return &rutravel.Error{Kind: rutravel.ErrAuth}
			},
			kind: rutravel.ErrAuth, unsafe: rutravel.ErrAuth, waits: []rutravel.WaitReason{rutravel.WaitSession},
		},
		{
			name: "the deadline leaves no time for the backoff", respond: slowly(retryLater(503, "10")), deadline: 3 * time.Second,
			kind: rutravel.ErrCanceled, unsafe: rutravel.ErrNotConfirmed, attempts: 1, sent: 1, waits: []rutravel.WaitReason{rutravel.WaitBackoff},
		},
	} {
		for _, op := range allOps {
			bubble(t, test.name+", "+op.Key, func(t *testing.T) {
				ctx := t.Context()
				if test.deadline != 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, test.deadline)
					defer cancel()
				}
				kind, attempts := test.kind, test.attempts
				if op.Safety == Unsafe {
					kind, attempts = test.unsafe, test.sent
				}
				var s seen
				c := newClient(t, testBase, mock(test.respond), append(test.opts, s.observer(t))...)
				req := get
				req.Prepare = test.prepare
				begun := time.Now()
				_, err := Do(ctx, c, op, req, text, test.call...)
				assert.Equal(t, kind, rutravel.KindOf(err), "%v", err)

				require.Len(t, s.starts, 1)
				assert.Equal(t, op.call("acme"), s.starts[0])
				require.Len(t, s.ends, 1)
				end := s.ends[0]
				assert.Equal(t, err, end.Err)
				assert.Equal(t, attempts, end.Attempts)
				assert.Equal(t, attempts, s.begun)
				require.Len(t, s.attempts, attempts)
				assert.Equal(t, time.Since(begun), end.Duration)
				var sum time.Duration
				var bytes int64
				for i, a := range s.attempts {
					assert.Equal(t, i+1, a.Number)
					sum += a.Duration
					bytes += a.Bytes
				}
				var reasons []rutravel.WaitReason
				for _, w := range s.waits {
					sum += w.Duration
					reasons = append(reasons, w.Reason)
				}
				assert.Equal(t, end.Duration, sum)
				assert.Equal(t, end.Bytes, bytes)
				if attempts == test.attempts && kind == test.kind {
					assert.Subset(t, reasons, test.waits)
				}
			})
		}
	}
}

// A stream is one call, with its elements.
func TestObserveStream(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		stop     int // after so many elements; 0 is never
		elements int
	}{
		{"read to its end", 0, 3},
		{"stopped by the caller", 2, 2},
	} {
		bubble(t, test.name, func(t *testing.T) {
			var s seen
			c := newClient(t, testBase, mock(answers(200, "a\nb\nc\n.\n")), s.observer(t))
			n := 0
			for _, err := range Stream(t.Context(), c, safeOp, get, lines) {
				require.NoError(t, err)
				if n++; n == test.stop {
					break
				}
			}
			require.Len(t, s.starts, 1)
			require.Len(t, s.ends, 1)
			assert.Equal(t, test.elements, s.ends[0].Elements)
			assert.Equal(t, 1, s.ends[0].Attempts)
			assert.NoError(t, s.ends[0].Err)
			assert.Positive(t, s.ends[0].Bytes)
		})
	}
}

// Several requests may be one call.
func TestOnce(t *testing.T) {
	t.Parallel()
	var s seen
	c := newClient(t, testBase, mock(answers(200, "no")), s.observer(t))
	_, err := Once(t.Context(), c, safeOp, func(ctx context.Context) (string, error) {
		_, _ = Do(ctx, c, safeOp, get, text)
		return Do(ctx, c, safeOp, get, text)
	})
	assert.ErrorIs(t, err, rutravel.ErrRejected)
	assert.Len(t, s.starts, 1)
	require.Len(t, s.ends, 1)
	assert.Equal(t, 2, s.ends[0].Attempts)
	assert.Equal(t, err, s.ends[0].Err)
	require.Len(t, s.attempts, 2)
	assert.Equal(t, 2, s.attempts[1].Number)
}

// What a limiter calls with the context that it gets are calls of their own, by
// whatever client.
func TestCallsOfLimiters(t *testing.T) {
	t.Parallel()
	var inner, outer seen
	directory := newClient(t, testBase, mock(answers(200, "yes")), inner.observer(t))
	c := newClient(t, testBase, mock(answers(200, "yes")), outer.observer(t), rutravel.WithLimiter(limiter(func(ctx context.Context) error {
		_, err := Do(ctx, directory, safeOp, get, text)
		return err
	})))
	_, err := Once(t.Context(), c, safeOp, func(ctx context.Context) (string, error) { return Do(ctx, c, safeOp, get, text) })
	require.NoError(t, err)
	require.Len(t, outer.ends, 1)
	assert.Equal(t, 1, outer.ends[0].Attempts)
	require.Len(t, inner.ends, 1)
	assert.Equal(t, 1, inner.ends[0].Attempts)
}

func TestLogger(t *testing.T) {
	t.Parallel()
	bubble(t, "attempts", func(t *testing.T) {
		logged := new(records)
		calls := 0
		rt := mock(slowly(func(r *http.Request) (*http.Response, error) {
			switch calls++; calls {
			case 1:
				return refuseConnection(r)
			case 2:
				return retryLater(503, "10")(r)
			default:
				return answers(200, "yes")(r)
			}
		}))
		c := newClient(t, testBase, rt, rutravel.WithLogger(slog.New(logged)))
		_, err := Do(t.Context(), c, safeOp, get, text)
		require.NoError(t, err)

		attrs := func(attempt, status, size int, kind string) []slog.Attr {
			all := []slog.Attr{
				slog.String("supplier", "acme"),
				slog.String("operation", "find"),
				slog.Int("attempt", attempt),
				slog.Int("status", status),
				slog.Duration("duration", time.Second), // without the waits
				slog.Int64("bytes", int64(size)),
			}
			if kind != "" {
				all = append(all, slog.String("error", kind))
			}
			return all
		}
		assert.Equal(t, []record{
			{slog.LevelWarn, "supplier attempt", attrs(1, 0, 0, "unavailable")},
			{slog.LevelWarn, "supplier attempt", attrs(2, 503, 0, "unavailable")},
			{slog.LevelDebug, "supplier attempt", attrs(3, 200, 3, "")},
		}, logged.all)
	})
	bubble(t, "a call that was not sent", func(t *testing.T) {
		logged := new(records)
		c := newClient(t, testBase, mock(answers(200, "yes")), rutravel.WithLogger(slog.New(logged)))
		_, err := Do(t.Context(), c, safeOp, get, text, rutravel.WithMaxAttempts(0))
		require.Error(t, err)
		assert.Equal(t, []record{{slog.LevelWarn, "supplier call not sent", []slog.Attr{
			slog.String("supplier", "acme"), slog.String("operation", "find"), slog.Duration("duration", 0), slog.String("error", "invalid"),
		}}}, logged.all)
	})
	bubble(t, "none is wanted", func(t *testing.T) {
		c := newClient(t, testBase, mock(answers(200, "yes")), rutravel.WithLogger(nil), rutravel.WithObserver(rutravel.Observer{}), rutravel.WithLimiter(nil))
		_, err := Do(t.Context(), c, safeOp, get, text)
		assert.NoError(t, err)
	})
}

// The library adds nothing to a call that nobody observes.
func BenchmarkUnobserved(b *testing.B) {
	c, err := newAt(testBase)
	if err != nil {
		b.Fatal(err)
	}
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		ctx, seen, end := c.observe(ctx, safeOp)
		in := seen.attempt(ctx)
		seen.attempted(in, 0, outcome{}, nil)
		seen.waited(ctx, rutravel.WaitBackoff, time.Time{}, nil)
		c.warn(ctx, seen, get)
		seen.yielded()
		end(nil)
	}
}

func TestUnobservedAllocatesNothing(t *testing.T) { //nolint:paralleltest // it measures
	c := newClient(t, testBase, nil)
	ctx := t.Context()
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		ctx, seen, end := c.observe(ctx, safeOp)
		seen.attempted(seen.attempt(ctx), 0, outcome{}, nil)
		seen.waited(ctx, rutravel.WaitBackoff, time.Time{}, nil)
		c.warn(ctx, seen, get)
		end(nil)
	}))
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		_, _ = Once(ctx, c, safeOp, func(ctx context.Context) (int, error) {
			return 0, Wait(ctx, rutravel.WaitTurn, func() error { return nil })
		})
	}))
}

// Records and what observers get hold no address, no private value, no secret, and
// records no message either.
func TestObserveShowsNothing(t *testing.T) {
	t.Parallel()
	const passenger = "Ivanov-Petrov"
	req := Request{Method: http.MethodGet, Query: "surname=" + passenger, Private: []string{passenger}}
	words := "denied to " + passenger + " with " + testSecret
	for name, respond := range map[string]func(*http.Request) (*http.Response, error){
		"refusal": answers(200, words),
		"error":   func(r *http.Request) (*http.Response, error) { return nil, fmt.Errorf("GET %s: %s", r.URL, words) },
		"status":  answers(500, words),
	} {
		for _, op := range allOps {
			bubble(t, name+", "+op.Key, func(t *testing.T) {
				var shown bytes.Buffer
				c := newClient(t, testBase, mock(respond),
					rutravel.WithLogger(slog.New(slog.NewTextHandler(&shown, &slog.HandlerOptions{Level: slog.LevelDebug}))))
				_, err := Do(t.Context(), c, op, req, func(a Answer) (string, error) {
					if a.Status != 200 {
						return "", errors.New(string(a.Body))
					}
					return "", &Refusal{Message: string(a.Body)}
				})
				require.Error(t, err)
				require.NotEmpty(t, shown.String())
				assert.NotContains(t, shown.String(), "denied")

				shown.Reset()
				c = newClient(t, testBase, mock(respond), rutravel.WithObserver(rutravel.Observer{
					AttemptEnd: func(_ context.Context, a rutravel.Attempt) { fmt.Fprintf(&shown, "%+v %v", a, a.Err) },
					CallEnd:    func(_ context.Context, r rutravel.Result) { fmt.Fprintf(&shown, "%+v %v", r, r.Err) },
				}))
				_, err = Do(t.Context(), c, op, req, func(a Answer) (string, error) { return "", &Refusal{Message: string(a.Body)} })
				require.Error(t, err)
				for _, private := range []string{passenger, testSecret, testBase, "api.example.test", "surname"} {
					assert.NotContains(t, shown.String(), private)
				}
			})
		}
	}
}

// Warnings about an answer that is returned are logged, without secrets.
func TestWarnings(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		err    error
		logged bool
	}{
		{"a success", nil, true},
		{"a list with a bad row", &rutravel.RowsError{Rows: []rutravel.RowError{{Index: 1, ID: testSecret, Problem: "id"}}}, true},
		{"an answer that fails", errors.New("not a success"), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var log strings.Builder
			logger := slog.New(slog.NewTextHandler(&log, nil))
			c := newClient(t, testBase, mock(answers(200, "yes")), rutravel.WithLogger(logger))
			v, err := Do(t.Context(), c, safeOp, get, func(a Answer) (string, error) {
				a.Warn(rutravel.Warning{Path: "result[0].phone", ID: testSecret, Problem: "want a text"})
				return "read", test.err
			})
			assert.Equal(t, test.err == nil, err == nil)
			assert.Equal(t, "read", v)
			assert.Equal(t, test.logged, strings.Contains(log.String(), `operation=find path=result[0].phone id=[…] problem="want a text"`), log.String())
			assert.NotContains(t, log.String(), testSecret)
			if rows, ok := errors.AsType[*rutravel.RowsError](err); ok {
				assert.Equal(t, "row 1 (id […]): id", rows.Error())
			}
		})
	}
}

// A call that its package refuses before the engine is observed as well.
func TestObserveUnsent(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]func(context.Context, *Client) error{
		"invalid": func(ctx context.Context, c *Client) error {
			return c.Invalid(ctx, safeOp, &rutravel.FieldError{Field: "Day"})
		},
		"no turn": func(ctx context.Context, c *Client) error {
			_, err := Once(ctx, c, safeOp, func(ctx context.Context) (string, error) {
				return "", Wait(ctx, rutravel.WaitTurn, func() error { return c.Conclude(safeOp, rutravel.ErrCanceled, context.Canceled) })
			})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s seen
			c := newClient(t, testBase, nil, s.observer(t))
			err := refuse(t.Context(), c)
			require.Error(t, err)
			require.Len(t, s.starts, 1)
			require.Len(t, s.ends, 1)
			assert.Equal(t, err, s.ends[0].Err)
			assert.Zero(t, s.ends[0].Attempts)
		})
	}
}
