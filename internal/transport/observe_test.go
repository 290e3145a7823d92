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

func TestObserve(t *testing.T) {
	t.Parallel()
	bubble(t, "attempts", func(t *testing.T) {
		type key struct{}
		ctx := context.WithValue(t.Context(), key{}, "the call's")
		logged := new(records)
		var hooked []rutravel.Attempt
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
		c := newClient(t, testBase, rt, rutravel.WithLogger(slog.New(logged)), rutravel.WithHook(func(ctx context.Context, a rutravel.Attempt) {
			assert.Equal(t, "the call's", ctx.Value(key{}))
			hooked = append(hooked, a)
		}))
		_, err := Do(ctx, c, safeOp, get, text)
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
			{slog.LevelWarn, "supplier call", attrs(1, 0, 0, "supplier unavailable")},
			{slog.LevelWarn, "supplier call", attrs(2, 503, 0, "supplier unavailable")},
			{slog.LevelDebug, "supplier call", attrs(3, 200, 3, "")},
		}, logged.all)

		require.Len(t, hooked, 3)
		for i, want := range []rutravel.Attempt{
			{Supplier: "acme", Op: "find", Number: 1, Duration: time.Second},
			{Supplier: "acme", Op: "find", Number: 2, Status: 503, Duration: time.Second},
			{Supplier: "acme", Op: "find", Number: 3, Status: 200, Bytes: 3, Duration: time.Second},
		} {
			got := hooked[i]
			if i < 2 {
				e := failure(t, got.Err)
				assert.Equal(t, rutravel.ErrUnavailable, e.Kind, "attempt %d", i+1)
				assert.Equal(t, i+1, e.Attempts, "attempt %d", i+1)
				got.Err = nil
			}
			assert.Equal(t, want, got, "attempt %d", i+1) // Err is nil, not a nil *Error
		}
	})
	bubble(t, "the hook's error is the call's", func(t *testing.T) {
		var hooked error
		c := newClient(t, testBase, mock(answers(200, "no")), rutravel.WithHook(func(_ context.Context, a rutravel.Attempt) { hooked = a.Err }))
		_, err := Do(t.Context(), c, unsafeOp, get, text)
		assert.Same(t, failure(t, err), failure(t, hooked))
	})
	bubble(t, "nothing for what was not attempted", func(t *testing.T) {
		logged := new(records)
		c := newClient(t, testBase, mock(answers(200, "yes")), rutravel.WithLogger(slog.New(logged)), rutravel.WithHook(func(context.Context, rutravel.Attempt) {
			assert.Fail(t, "no attempt")
		}))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := Do(ctx, c, safeOp, get, text)
		require.Error(t, err)
		_, err = Do(t.Context(), c, safeOp, get, text, rutravel.WithMaxAttempts(0))
		require.Error(t, err)
		assert.Empty(t, logged.all)
	})
	bubble(t, "none is wanted", func(t *testing.T) {
		c := newClient(t, testBase, mock(answers(200, "yes")), rutravel.WithLogger(nil), rutravel.WithHook(nil), rutravel.WithLimiter(nil))
		_, err := Do(t.Context(), c, safeOp, get, text)
		assert.NoError(t, err)
	})
	bubble(t, "bytes are unpacked and counted although unreadable", func(t *testing.T) {
		var hooked rutravel.Attempt
		c := newClient(t, testBase, mock(answers(500, strings.Repeat("x", 1000))), rutravel.WithMaxAttempts(1),
			rutravel.WithHook(func(_ context.Context, a rutravel.Attempt) { hooked = a }))
		_, err := Do(t.Context(), c, safeOp, get, text)
		require.Error(t, err)
		assert.EqualValues(t, 1000, hooked.Bytes)
	})
}

// Records and what hooks get hold no address, no private value, no secret, and
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

				c.settings.Logger = nil
				hook := rutravel.WithHook(func(_ context.Context, a rutravel.Attempt) { fmt.Fprintf(&shown, "%+v %v", a, a.Err) })
				hook.ApplyToClient(&c.settings)
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
