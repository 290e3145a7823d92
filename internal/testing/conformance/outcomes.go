package conformance

import (
	"context"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
)

// attempts is how often a call is sent by default when it may be repeated.
const attempts = 3

// responding makes a transport of one function.
func responding(f httpmock.Responder) *httpmock.MockTransport {
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(f)
	return m
}

// contexts ends the caller's context before, while and between attempts.
func (s Suite[C]) contexts(t *testing.T) {
	s.each(t, func(t *testing.T, c Call[C], unsafe bool) {
		in := func(name string, f func(*testing.T)) {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, f)
			})
		}
		silent := func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		unavailable := httpmock.NewStringResponder(http.StatusServiceUnavailable, "")

		in("before", func(t *testing.T) {
			rt := responding(unavailable)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err := c.Do(ctx, s.client(t, rt))
			e := s.failure(t, c, err)
			assert.Equal(t, rutravel.ErrCanceled, e.Kind)
			assert.ErrorIs(t, err, context.Canceled)
			assert.Zero(t, e.Attempts)
			assert.Zero(t, rt.GetTotalCallCount())
		})
		in("while it is under way", func(t *testing.T) {
			rt := responding(silent)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := c.Do(ctx, s.client(t, rt))
			if unsafe {
				s.notConfirmed(t, c, err)
			} else {
				assert.ErrorIs(t, err, rutravel.ErrCanceled)
			}
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, 1, rt.GetTotalCallCount())
		})
		in("the attempt's own time", func(t *testing.T) {
			rt := responding(silent)
			start := time.Now()
			_, err := c.Do(t.Context(), s.client(t, rt), rutravel.WithMaxAttempts(1))
			assert.Equal(t, s.operation(t, c).Timeout, time.Since(start))
			assert.ErrorIs(t, err, context.DeadlineExceeded)

			rt = responding(silent)
			_, err = c.Do(t.Context(), s.client(t, rt), rutravel.WithAttemptTimeout(time.Second))
			if unsafe {
				s.notConfirmed(t, c, err)
				assert.Equal(t, 1, rt.GetTotalCallCount())
			} else {
				assert.ErrorIs(t, err, rutravel.ErrUnavailable)
				assert.Equal(t, attempts, rt.GetTotalCallCount())
			}
			assert.ErrorIs(t, err, context.DeadlineExceeded)
		})
		if unsafe {
			return
		}
		in("deadline during a wait", func(t *testing.T) {
			rt := responding(unavailable)
			ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
			defer cancel()
			_, err := c.Do(ctx, s.client(t, rt))
			e := s.failure(t, c, err)
			assert.Equal(t, rutravel.ErrCanceled, e.Kind)
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			assert.ErrorIs(t, err, rutravel.ErrUnavailable)
			assert.Equal(t, http.StatusServiceUnavailable, e.HTTPStatus)
		})
		in("cancelled during a wait", func(t *testing.T) {
			rt := responding(httpmock.NewStringResponder(http.StatusServiceUnavailable, "").
				HeaderSet(http.Header{"Retry-After": {"10"}}))
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			_, err := c.Do(ctx, s.client(t, rt))
			assert.Equal(t, rutravel.ErrCanceled, s.failure(t, c, err).Kind)
			assert.ErrorIs(t, err, context.Canceled)
			assert.ErrorIs(t, err, rutravel.ErrUnavailable)
			assert.Equal(t, 1, rt.GetTotalCallCount())
		})
	})
}

// bodies names the odd answers that say nothing of an operation whose success
// has no body.
var bodies = []string{"nothing", "spaces", "half the text", "all but the last byte", "two answers"}

// odd is a way in which an exchange can end that is neither success nor
// refusal.
type odd struct {
	name string
	// respond makes the answer; good is the operation's golden answer.
	respond func(good string) (*http.Response, error)
	kind    rutravel.Kind // of an operation that may be repeated
	retried bool
}

func status(code int, body string) (*http.Response, error) {
	return httpmock.NewStringResponse(code, body), nil
}

const breaksHalfway = "the line breaks in the answer"

func (s Suite[C]) odds() []odd {
	format := s.Format.orJSON()
	const html = "<html><body><h1>Service Unavailable</h1></body></html>"
	all := []odd{
		{"HTTP 502 with HTML", func(string) (*http.Response, error) { return status(502, html) }, rutravel.ErrUnavailable, true},
		{"HTTP 500 with a good answer", func(good string) (*http.Response, error) { return status(500, good) }, rutravel.ErrUnavailable, true},
		{"HTTP 504 without a body", func(string) (*http.Response, error) { return status(504, "") }, rutravel.ErrUnavailable, true},
		{"HTTP 408", func(string) (*http.Response, error) { return status(408, "") }, rutravel.ErrUnavailable, true},
		{"HTTP 400 with a good answer", func(good string) (*http.Response, error) { return status(400, good) }, rutravel.ErrProtocol, false},
		{"HTTP 401 with HTML", func(string) (*http.Response, error) { return status(401, html) }, rutravel.ErrAuth, false},
		{"HTTP 403 with HTML", func(string) (*http.Response, error) { return status(403, html) }, rutravel.ErrForbidden, false},
		{"HTTP 404 with HTML", func(string) (*http.Response, error) { return status(404, html) }, rutravel.ErrProtocol, false},
		{"HTTP 204", func(string) (*http.Response, error) { return status(204, "") }, rutravel.ErrProtocol, false},
		{"HTML", func(string) (*http.Response, error) { return status(200, html) }, rutravel.ErrProtocol, false},
		{"nothing", func(string) (*http.Response, error) { return status(200, "") }, rutravel.ErrProtocol, false},
		{"spaces", func(string) (*http.Response, error) { return status(200, " \r\n ") }, rutravel.ErrProtocol, false},
		{"half the text", func(good string) (*http.Response, error) { return status(200, good[:len(good)/2]) }, rutravel.ErrProtocol, false},
		{"all but the last byte", func(good string) (*http.Response, error) {
			good = strings.TrimSpace(good)
			return status(200, good[:len(good)-1])
		}, rutravel.ErrProtocol, false},
		{"text after the answer", func(good string) (*http.Response, error) { return status(200, good+format.behind) }, rutravel.ErrProtocol, false},
		{"two answers", func(good string) (*http.Response, error) { return status(200, good+good) }, rutravel.ErrProtocol, false},
		{breaksHalfway, func(good string) (*http.Response, error) {
			r, err := status(200, "")
			r.Body = io.NopCloser(io.MultiReader(strings.NewReader(good[:len(good)/2]), broken{}))
			return r, err
		}, rutravel.ErrUnavailable, true},
		{"the line breaks before the answer", func(string) (*http.Response, error) { return nil, io.EOF }, rutravel.ErrUnavailable, true},
		{"the connection is reset", func(string) (*http.Response, error) {
			return nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
		}, rutravel.ErrUnavailable, true},
	}
	for _, text := range format.odd {
		all = append(all, odd{"the answer is " + text, func(string) (*http.Response, error) { return status(200, text) }, rutravel.ErrProtocol, false})
	}
	for _, code := range []int{301, 302, 303, 307, 308} {
		all = append(all, odd{"HTTP " + strconv.Itoa(code) + " to another host", func(string) (*http.Response, error) {
			r, err := status(code, "")
			r.Header.Set("Location", "https://elsewhere.example/")
			return r, err
		}, rutravel.ErrProtocol, false})
	}
	if s.SessionEnds {
		all = slices.DeleteFunc(all, func(o odd) bool { return o.name == "HTTP 401 with HTML" })
	}
	return all
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// oddAnswers puts every operation through every odd end of an exchange.
func (s Suite[C]) oddAnswers(t *testing.T) {
	s.each(t, func(t *testing.T, c Call[C], unsafe bool) {
		good := s.answer(t, c)
		for _, o := range s.odds() {
			if c.NoBody && slices.Contains(bodies, o.name) || c.Empty != "" && o.name == "the answer is "+c.Empty {
				continue
			}
			t.Run(o.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					rt := responding(func(*http.Request) (*http.Response, error) { return o.respond(good) })
					_, err := c.Do(t.Context(), s.client(t, rt))
					s.outcome(t, c, err, o.kind, unsafe)
					want := 1
					if o.retried && !unsafe && (!c.Streamed || o.name != breaksHalfway) {
						want = attempts
					}
					assert.Equal(t, want, rt.GetTotalCallCount())
				})
			})
		}
	})
}

// outcome checks an error that is ErrNotConfirmed if the call was unsafe.
func (s Suite[C]) outcome(t *testing.T, c Call[C], err error, kind rutravel.Kind, unsafe bool) {
	t.Helper()
	if unsafe {
		s.notConfirmed(t, c, err)
		return
	}
	assert.Equal(t, kind, s.failure(t, c, err).Kind, "%v", err)
}

// endlessAnswer answers without end: every unsafe operation, in its first form,
// and one other. One after another, for each costs the memory of the limit.
func (s Suite[C]) endlessAnswer(t *testing.T) {
	t.Parallel()
	calls := []Call[C]{s.safeCall(t)}
	for _, c := range s.Calls {
		first := !slices.ContainsFunc(calls, func(o Call[C]) bool { return o.Op == c.Op })
		if first && s.unsafe(t, c) {
			calls = append(calls, c)
		}
	}
	for _, c := range calls {
		rt := responding(func(*http.Request) (*http.Response, error) {
			r, err := status(200, "")
			r.Body = io.NopCloser(endless(strings.Repeat(" ", 64<<10)))
			return r, err
		})
		_, err := c.Do(t.Context(), s.client(t, rt))
		s.outcome(t, c, err, rutravel.ErrProtocol, s.unsafe(t, c))
		assert.Equal(t, 1, rt.GetTotalCallCount())
	}
}

// endless is a text again and again.
type endless string

func (e endless) Read(p []byte) (int, error) { return copy(p, e), nil }

// rateLimits answers HTTP 429. It is a refusal: nothing was done.
func (s Suite[C]) rateLimits(t *testing.T) {
	s.each(t, func(t *testing.T, c Call[C], unsafe bool) {
		good := s.answer(t, c)
		for _, test := range []struct {
			header string
			wait   time.Duration
			retry  bool
		}{
			{"", 0, true},
			{"2", 2 * time.Second, true},
			{"86400", 24 * time.Hour, false},
		} {
			t.Run("Retry-After "+test.header, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					start := time.Now()
					var calls atomic.Int32
					rt := responding(func(*http.Request) (*http.Response, error) {
						if calls.Add(1) > 1 {
							return status(c.status(), good)
						}
						r, err := status(http.StatusTooManyRequests, "")
						if test.header != "" {
							r.Header.Set("Retry-After", test.header)
						}
						return r, err
					})
					value, err := c.Do(t.Context(), s.client(t, rt))
					if test.retry && !unsafe {
						require.NoError(t, err)
						assert.Equal(t, c.Want, value)
						assert.EqualValues(t, 2, calls.Load())
						assert.GreaterOrEqual(t, time.Since(start), test.wait)
						return
					}
					e := s.failure(t, c, err)
					assert.Equal(t, rutravel.ErrRateLimited, e.Kind)
					assert.Equal(t, test.wait, e.RetryAfter)
					assert.EqualValues(t, 1, calls.Load())
					assert.Zero(t, time.Since(start))
				})
			})
		}
	})
}

// refusal answers a documented refusal.
func (s Suite[C]) refusal(t *testing.T) {
	s.each(t, func(t *testing.T, c Call[C], unsafe bool) {
		t.Parallel()
		const words = "Отказано"
		text, sent := s.Refusal(words), ""
		_, err := c.Do(t.Context(), s.client(t, answering(s.refused(), &text, &sent)))
		e := s.failure(t, c, err)
		assert.Equal(t, words, e.Message)
		assert.Equal(t, s.refused(), e.HTTPStatus)
		assert.NotErrorIs(t, err, rutravel.ErrNotConfirmed)
		assert.NotErrorIs(t, err, rutravel.ErrProtocol)
		assert.Equal(t, 1, e.Attempts)

		if unsafe {
			// A server that is out of order does not refuse, whatever it says.
			rt := responding(httpmock.NewStringResponder(http.StatusInternalServerError, text))
			_, err = c.Do(t.Context(), s.client(t, rt))
			s.notConfirmed(t, c, err)
		}
	})
}

// brokenFields breaks each field of a money answer in turn, but for the ids:
// they still reach the caller, with the error.
func (s Suite[C]) brokenFields(t *testing.T) {
	s.each(t, func(t *testing.T, c Call[C], unsafe bool) {
		t.Parallel()
		if c.IDs == nil {
			return
		}
		require.True(t, unsafe)
		ids := c.IDs(c.Want)
		require.NotEmpty(t, ids)
		var broken int
		for _, l := range s.Format.orJSON().leaves(t, s.answer(t, c)) {
			if slices.Contains(ids, l.text) || s.ignored(l) {
				continue
			}
			broken++
			text, sent := l.replace(l.broken), ""
			value, err := c.Do(t.Context(), s.client(t, answering(c.status(), &text, &sent)))
			s.notConfirmed(t, c, err)
			assert.Equal(t, ids, c.IDs(value), l.path)
		}
		assert.Positive(t, broken)
	})
}

// notSent refuses connections: nothing has left this machine, so every
// operation is tried again, and its outcome is not open.
func (s Suite[C]) notSent(t *testing.T) {
	s.each(t, func(t *testing.T, c Call[C], _ bool) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
			rt := responding(func(*http.Request) (*http.Response, error) { return nil, refused })
			_, err := c.Do(t.Context(), s.client(t, rt))
			assert.Equal(t, rutravel.ErrUnavailable, s.failure(t, c, err).Kind)
			assert.ErrorIs(t, err, syscall.ECONNREFUSED)
			assert.NotErrorIs(t, err, rutravel.ErrNotConfirmed)
			assert.Equal(t, attempts, rt.GetTotalCallCount())

			// A call that gets through in the end succeeds.
			good := s.answer(t, c)
			var calls atomic.Int32
			rt = responding(func(*http.Request) (*http.Response, error) {
				if calls.Add(1) < attempts {
					return nil, refused
				}
				return status(c.status(), good)
			})
			value, err := c.Do(t.Context(), s.client(t, rt))
			require.NoError(t, err)
			assert.Equal(t, c.Want, value)
		})
	})
}
