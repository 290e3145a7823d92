package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
)

var errRefused = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}

func refuseConnection(*http.Request) (*http.Response, error) { return nil, errRefused }

// silent never answers.
func silent(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// A value that was read beside an error is the caller's when the answer could
// not be read to its end.
func TestDoPartialValue(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		op      *Operation
		respond func(*http.Request) (*http.Response, error)
		err     error
		want    string
	}{
		{"unsafe, unreadable", unsafeOp, answers(200, "id"), errors.New("bad date"), "id"},
		{"unsafe, refused", unsafeOp, answers(200, "id"), &Refusal{}, ""},
		{"unsafe, too many requests", unsafeOp, answers(429, ""), errors.New("empty"), ""},
		{"unsafe, too many requests beside an id", unsafeOp, answers(429, "id"), errors.New("bad date"), "id"},
		{"safe, unreadable", safeOp, answers(200, "id"), errors.New("bad date"), "id"},
		{"keyed, unreadable", keyedOp, answers(200, "id"), errors.New("bad date"), "id"},
		{"safe, out of order", safeOp, answers(500, "id"), errors.New("bad date"), ""},
		{"safe, refused", safeOp, answers(200, "id"), &Refusal{}, ""},
	} {
		bubble(t, test.name, func(t *testing.T) {
			v, err := Do(t.Context(), newClient(t, testBase, mock(test.respond)), test.op, get, func(a Answer) (string, error) {
				return string(a.Body), test.err
			})
			require.Error(t, err)
			assert.Equal(t, test.want, v)
		})
	}
	bubble(t, "not of the attempt before", func(t *testing.T) {
		rt := mock(answers(500, "old").Then(func(*http.Request) (*http.Response, error) { return nil, io.EOF }))
		v, err := Do(t.Context(), newClient(t, testBase, rt), safeOp, get, func(a Answer) (string, error) {
			return string(a.Body), nil
		}, rutravel.WithMaxAttempts(2))
		require.Error(t, err)
		assert.Empty(t, v)
	})
}

func TestDoMaxAttempts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		client []rutravel.Option
		call   []rutravel.CallOption
		want   int
	}{
		{"default", nil, nil, 3},
		{"client's", []rutravel.Option{rutravel.WithMaxAttempts(5)}, nil, 5},
		{"call's", nil, []rutravel.CallOption{rutravel.WithMaxAttempts(2)}, 2},
		{"call's over the client's", []rutravel.Option{rutravel.WithMaxAttempts(5)}, []rutravel.CallOption{rutravel.WithMaxAttempts(1)}, 1},
		{"the last one", nil, []rutravel.CallOption{rutravel.WithMaxAttempts(1), nil, rutravel.WithMaxAttempts(4)}, 4},
	} {
		bubble(t, test.name, func(t *testing.T) {
			rt := mock(answers(502, ""))
			c := newClient(t, testBase, rt, test.client...)
			_, err := Do(t.Context(), c, safeOp, get, text, test.call...)
			assert.Equal(t, test.want, failure(t, err).Attempts)
			assert.Equal(t, test.want, rt.GetTotalCallCount())

			// A call's option does not stay.
			_, err = Do(t.Context(), c, safeOp, get, text)
			if len(test.client) == 0 {
				assert.Equal(t, 3, failure(t, err).Attempts)
			} else {
				assert.Equal(t, 5, failure(t, err).Attempts)
			}
		})
	}
}

func TestDoAttemptTimeout(t *testing.T) {
	t.Parallel()
	brief := &Operation{Key: "find", Safety: Safe, Timeout: 2 * time.Second}
	for _, test := range []struct {
		name   string
		client []rutravel.Option
		call   []rutravel.CallOption
		want   time.Duration
	}{
		{"operation's", nil, nil, 2 * time.Second},
		{"client's", []rutravel.Option{rutravel.WithAttemptTimeout(3 * time.Second)}, nil, 3 * time.Second},
		{"call's", []rutravel.Option{rutravel.WithAttemptTimeout(3 * time.Second)}, []rutravel.CallOption{rutravel.WithAttemptTimeout(time.Second)}, time.Second},
	} {
		bubble(t, test.name, func(t *testing.T) {
			rt := mock(silent)
			start := time.Now()
			_, err := Do(t.Context(), newClient(t, testBase, rt, test.client...), brief, get, text, test.call...)
			took := time.Since(start)
			e := failure(t, err)
			assert.Equal(t, rutravel.ErrUnavailable, e.Kind)
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			assert.NotErrorIs(t, err, rutravel.ErrCanceled)
			assert.Contains(t, err.Error(), "no answer within "+test.want.String())
			assert.Equal(t, 3, rt.GetTotalCallCount())
			assert.GreaterOrEqual(t, took, 3*test.want)
			assert.Less(t, took, 3*test.want+600*time.Millisecond)
		})
	}
	bubble(t, "in the middle of the answer", func(t *testing.T) {
		rt := mock(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: body(stuck{r.Context()})}, nil
		})
		_, err := Do(t.Context(), newClient(t, testBase, rt), brief, get, text, rutravel.WithMaxAttempts(1))
		assert.Equal(t, rutravel.ErrUnavailable, failure(t, err).Kind)
		assert.Equal(t, http.StatusOK, failure(t, err).HTTPStatus)
		assert.Contains(t, err.Error(), "no answer within 2s")
		assert.ErrorIs(t, err, context.DeadlineExceeded)
	})
	bubble(t, "unsafe", func(t *testing.T) {
		rt := mock(silent)
		start := time.Now()
		_, err := Do(t.Context(), newClient(t, testBase, rt), unsafeOp, get, text, rutravel.WithAttemptTimeout(time.Second))
		assert.Equal(t, rutravel.ErrNotConfirmed, failure(t, err).Kind)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Contains(t, err.Error(), "no answer within 1s")
		assert.Equal(t, time.Second, time.Since(start))
		assert.Equal(t, 1, rt.GetTotalCallCount())
	})
	bubble(t, "does not cover the waits between", func(t *testing.T) {
		rt := mock(retryLater(503, "10").Then(answers(200, "yes")))
		_, err := Do(t.Context(), newClient(t, testBase, rt), safeOp, get, text, rutravel.WithAttemptTimeout(time.Second))
		assert.NoError(t, err)
	})
	bubble(t, "http.Client's own", func(t *testing.T) {
		rt := mock(silent)
		c, err := newAt(testBase, rutravel.WithHTTPClient(&http.Client{Transport: rt, Timeout: time.Second}))
		require.NoError(t, err)
		_, err = Do(t.Context(), c, unsafeOp, get, text)
		assert.Equal(t, rutravel.ErrNotConfirmed, failure(t, err).Kind)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

// stuck is a body that does not come.
type stuck struct{ ctx context.Context }

func (s stuck) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

func TestDoCanceled(t *testing.T) {
	t.Parallel()
	bubble(t, "before the call", func(t *testing.T) {
		for _, op := range allOps {
			rt := mock(answers(200, "yes"))
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err := Do(ctx, newClient(t, testBase, rt), op, get, text)
			e := failure(t, err)
			assert.Equal(t, rutravel.ErrCanceled, e.Kind, op.Key)
			assert.Equal(t, context.Canceled, e.Err, op.Key)
			assert.Zero(t, e.Attempts, op.Key)
			assert.Zero(t, rt.GetTotalCallCount(), op.Key)
		}
	})
	for _, op := range allOps {
		bubble(t, op.Key+" during an attempt", func(t *testing.T) {
			rt := mock(silent)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			start := time.Now()
			_, err := Do(ctx, newClient(t, testBase, rt), op, get, text)
			e := failure(t, err)
			if op.Safety == Unsafe {
				assert.Equal(t, rutravel.ErrNotConfirmed, e.Kind)
			} else {
				assert.Equal(t, rutravel.ErrCanceled, e.Kind)
			}
			assert.ErrorIs(t, err, context.Canceled)
			assert.Equal(t, 1, e.Attempts)
			assert.Equal(t, time.Second, time.Since(start))
			assert.NotContains(t, err.Error(), "no answer within")
		})
	}
	bubble(t, "during a wait", func(t *testing.T) {
		rt := mock(retryLater(503, "10"))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		_, err := Do(ctx, newClient(t, testBase, rt), safeOp, get, text)
		e := failure(t, err)
		assert.Equal(t, rutravel.ErrCanceled, e.Kind)
		assert.ErrorIs(t, err, rutravel.ErrCanceled)
		assert.ErrorIs(t, err, context.Canceled)
		assert.ErrorIs(t, err, rutravel.ErrUnavailable)
		assert.Equal(t, 1, e.Attempts)
		assert.Equal(t, 503, e.HTTPStatus)
		assert.Equal(t, 10*time.Second, e.RetryAfter)
		assert.Equal(t, time.Second, time.Since(start))
		assert.Equal(t, 1, rt.GetTotalCallCount())
	})
	bubble(t, "unsafe during a wait, not sent", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		rt := mock(func(r *http.Request) (*http.Response, error) {
			time.AfterFunc(0, cancel)
			return refuseConnection(r)
		})
		_, err := Do(ctx, newClient(t, testBase, rt), unsafeOp, get, text)
		assert.Equal(t, rutravel.ErrCanceled, failure(t, err).Kind)
		assert.ErrorIs(t, err, context.Canceled)
		assert.ErrorIs(t, err, syscall.ECONNREFUSED)
		assert.NotErrorIs(t, err, rutravel.ErrNotConfirmed)
	})
	bubble(t, "the deadline leaves no time for the wait", func(t *testing.T) {
		rt := mock(retryLater(503, "10"))
		ctx, cancel := context.WithTimeout(t.Context(), 9*time.Second)
		defer cancel()
		start := time.Now()
		_, err := Do(ctx, newClient(t, testBase, rt), safeOp, get, text)
		e := failure(t, err)
		assert.Equal(t, rutravel.ErrCanceled, e.Kind)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.ErrorIs(t, err, rutravel.ErrUnavailable)
		assert.Equal(t, 503, e.HTTPStatus)
		assert.Equal(t, 1, e.Attempts)
		assert.Zero(t, time.Since(start))
		assert.NoError(t, ctx.Err())
	})
	bubble(t, "the deadline leaves time for the wait", func(t *testing.T) {
		rt := mock(retryLater(503, "10").Then(answers(200, "yes")))
		ctx, cancel := context.WithTimeout(t.Context(), 11*time.Second)
		defer cancel()
		_, err := Do(ctx, newClient(t, testBase, rt), safeOp, get, text)
		assert.NoError(t, err)
	})
}

// limiter is a rutravel.Limiter.
type limiter func(context.Context) error

func (l limiter) Wait(ctx context.Context) error { return l(ctx) }

func TestDoLimiter(t *testing.T) {
	t.Parallel()
	bubble(t, "is asked before every attempt", func(t *testing.T) {
		var asked int
		rt := mock(answers(503, ""))
		c := newClient(t, testBase, rt, rutravel.WithLimiter(limiter(func(context.Context) error {
			assert.Equal(t, asked, rt.GetTotalCallCount())
			asked++
			time.Sleep(time.Minute) // longer than an attempt may take
			return nil
		})))
		_, err := Do(t.Context(), c, safeOp, get, text, rutravel.WithAttemptTimeout(time.Second))
		assert.Equal(t, 503, failure(t, err).HTTPStatus)
		assert.Equal(t, 3, asked)
	})
	for name, test := range map[string]struct {
		err     error
		bounded bool // the call has a deadline
		want    rutravel.Kind
	}{
		"refuses":                    {fmt.Errorf("enough: %w", rutravel.ErrRateLimited), false, rutravel.ErrRateLimited},
		"fails":                      {errors.New("redis: connection refused"), false, rutravel.ErrUnavailable},
		"fails before the deadline":  {errors.New("redis: connection refused"), true, rutravel.ErrUnavailable},
		"sees the deadline":          {errors.New("rate: Wait(n=1) would exceed context deadline"), true, rutravel.ErrCanceled},
		"speaks of another deadline": {errors.New("redis: context deadline exceeded"), false, rutravel.ErrUnavailable},
	} {
		bubble(t, name, func(t *testing.T) {
			ctx := t.Context()
			if test.bounded {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, time.Hour)
				defer cancel()
			}
			for _, op := range allOps {
				rt := mock(answers(200, "yes"))
				c := newClient(t, testBase, rt, rutravel.WithLimiter(limiter(func(context.Context) error { return test.err })))
				_, err := Do(ctx, c, op, get, text)
				e := failure(t, err)
				assert.Equal(t, test.want, e.Kind, op.Key)
				assert.Zero(t, e.Attempts, op.Key)
				assert.Zero(t, rt.GetTotalCallCount(), op.Key)
			}
		})
	}
	bubble(t, "knows the call", func(t *testing.T) {
		var seen []rutravel.Call
		c := newClient(t, testBase, mock(answers(200, "yes")), rutravel.WithLimiter(limiter(func(ctx context.Context) error {
			call, ok := rutravel.CallFrom(ctx)
			assert.True(t, ok)
			seen = append(seen, call)
			return nil
		})))
		for _, op := range allOps {
			_, err := Do(t.Context(), c, op, get, text)
			require.NoError(t, err)
		}
		assert.Equal(t, []rutravel.Call{
			{Supplier: "acme", Op: "find", Safety: rutravel.SafetySafe},
			{Supplier: "acme", Op: "put", Safety: rutravel.SafetyKeyed},
			{Supplier: "acme", Op: "book", Safety: rutravel.SafetyUnsafe},
			{Supplier: "acme", Op: "status", Safety: rutravel.SafetySafe, Decides: true},
		}, seen)
	})
	bubble(t, "refuses the second attempt", func(t *testing.T) {
		over := rutravel.ErrRateLimited
		var asked int
		rt := mock(answers(503, ""))
		c := newClient(t, testBase, rt, rutravel.WithLimiter(limiter(func(context.Context) error {
			if asked++; asked > 1 {
				return over
			}
			return nil
		})))
		_, err := Do(t.Context(), c, safeOp, get, text)
		assert.Equal(t, rutravel.ErrRateLimited, failure(t, err).Kind)
		assert.Equal(t, 1, failure(t, err).Attempts)
		assert.Equal(t, 1, rt.GetTotalCallCount())
	})
	bubble(t, "waits, and the caller does not", func(t *testing.T) {
		rt := mock(answers(200, "yes"))
		c := newClient(t, testBase, rt, rutravel.WithLimiter(limiter(func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		})))
		for _, op := range allOps {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			start := time.Now()
			_, err := Do(ctx, c, op, get, text)
			cancel()
			e := failure(t, err)
			assert.Equal(t, rutravel.ErrCanceled, e.Kind, op.Key)
			assert.ErrorIs(t, err, context.DeadlineExceeded, op.Key)
			assert.Zero(t, e.Attempts, op.Key)
			assert.Equal(t, time.Second, time.Since(start), op.Key)
		}
		assert.Zero(t, rt.GetTotalCallCount())
	})
	bubble(t, "the caller leaves before the second attempt", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var asked int
		rt := mock(answers(503, ""))
		c := newClient(t, testBase, rt, rutravel.WithLimiter(limiter(func(ctx context.Context) error {
			if asked++; asked > 1 {
				cancel()
				return ctx.Err()
			}
			return nil
		})))
		_, err := Do(ctx, c, safeOp, get, text)
		e := failure(t, err)
		assert.Equal(t, rutravel.ErrCanceled, e.Kind)
		assert.ErrorIs(t, err, rutravel.ErrUnavailable)
		assert.Equal(t, 1, e.Attempts)
	})
	bubble(t, "its words are concealed too", func(t *testing.T) {
		c := newClient(t, testBase, mock(answers(200, "yes")), rutravel.WithLimiter(limiter(func(context.Context) error {
			return errors.New("limiter of " + testSecret)
		})))
		_, err := Do(t.Context(), c, safeOp, get, text)
		assert.NotContains(t, err.Error(), testSecret)
	})
}

func TestDoOptions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		option rutravel.CallOption
		field  string
	}{
		{rutravel.WithMaxAttempts(0), "WithMaxAttempts"},
		{rutravel.WithMaxAttempts(-1), "WithMaxAttempts"},
		{rutravel.WithAttemptTimeout(0), "WithAttemptTimeout"},
		{rutravel.WithAttemptTimeout(-time.Second), "WithAttemptTimeout"},
	} {
		rt := mock(answers(200, "yes"))
		c := newClient(t, testBase, rt)
		_, err := Do(t.Context(), c, unsafeOp, get, text, test.option)
		e := failure(t, err)
		assert.Equal(t, rutravel.ErrInvalid, e.Kind, test.field)
		assert.Equal(t, "book", e.Op, test.field)
		assert.Zero(t, e.Attempts, test.field)
		f, ok := errors.AsType[*rutravel.FieldError](err)
		require.True(t, ok, test.field)
		assert.Equal(t, test.field, f.Field, test.field)
		assert.Zero(t, rt.GetTotalCallCount(), test.field)

		// It was of that call alone.
		_, err = Do(t.Context(), c, unsafeOp, get, text, nil)
		assert.NoError(t, err, test.field)
	}
}

// A supplier that is busy with another change is asked again, unless the call
// is unsafe.
func TestDoAgain(t *testing.T) {
	t.Parallel()
	busy := func(a Answer) (string, error) {
		if a.Status == http.StatusConflict {
			return "", &Refusal{Kind: rutravel.ErrConflict, Again: true}
		}
		return text(a)
	}
	for _, op := range allOps {
		bubble(t, op.Key, func(t *testing.T) {
			rt := mock(answers(http.StatusConflict, "").Then(answers(200, "yes")))
			v, err := Do(t.Context(), newClient(t, testBase, rt), op, get, busy)
			if op.Safety == Unsafe {
				assert.Equal(t, rutravel.ErrConflict, failure(t, err).Kind)
				assert.Equal(t, 1, rt.GetTotalCallCount())
				return
			}
			require.NoError(t, err)
			assert.Equal(t, "yes", v)
		})
	}
}

func TestErrorsWithoutAttempts(t *testing.T) {
	t.Parallel()
	c := newClient(t, testBase, nil)
	err := c.Conclude(unsafeOp, rutravel.ErrCanceled, context.Canceled)
	assert.Equal(t, &rutravel.Error{Supplier: "acme", Op: "book", Kind: rutravel.ErrCanceled, Err: context.Canceled}, err)
	err = c.Conclude(safeOp, rutravel.ErrNotFound, errNotListed)
	assert.Equal(t, &rutravel.Error{Supplier: "acme", Op: "find", Kind: rutravel.ErrNotFound, Err: errNotListed}, err)

	err = c.Conclude(unsafeOp, rutravel.ErrUnavailable, errors.New("login as "+testSecret))
	assert.NotContains(t, err.Error(), testSecret)
	login := &rutravel.Error{Supplier: "acme", Op: "login", Kind: rutravel.ErrAuth, Message: `"denied"`}
	err = c.Conclude(unsafeOp, rutravel.ErrAuth, login)
	assert.Same(t, login, errors.Unwrap(err))
}
