package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
)

func TestRequest(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		req   Request
		agent []rutravel.Option
		url   string
		head  http.Header
	}{
		{
			Request{Method: http.MethodGet, Query: "b=%20&a=1"}, nil,
			testBase + "?b=%20&a=1",
			http.Header{"Accept-Encoding": {"gzip"}, "User-Agent": {"rutravel-go/" + rutravel.Version}},
		},
		{
			Request{Method: http.MethodPost, ContentType: "application/json", Body: []byte(`{}`)},
			[]rutravel.Option{rutravel.WithUserAgent("shop/1.4")},
			testBase,
			http.Header{"Accept-Encoding": {"gzip"}, "User-Agent": {"shop/1.4 rutravel-go/" + rutravel.Version}, "Content-Type": {"application/json"}},
		},
		{
			Request{Method: http.MethodGet},
			[]rutravel.Option{rutravel.WithUserAgent("")},
			testBase,
			http.Header{"Accept-Encoding": {"gzip"}, "User-Agent": {"rutravel-go/" + rutravel.Version}},
		},
	} {
		for _, op := range allOps {
			rt := mock(func(r *http.Request) (*http.Response, error) {
				assert.Equal(t, test.req.Method, r.Method, "%v, %v", test.url, op.Key)
				assert.Equal(t, test.url, r.URL.String(), "%v, %v", test.url, op.Key)
				assert.Equal(t, test.head, r.Header, "%v, %v", test.url, op.Key)
				text, err := io.ReadAll(r.Body)
				assert.NoError(t, err, "%v, %v", test.url, op.Key)
				assert.Equal(t, string(test.req.Body), string(text), "%v, %v", test.url, op.Key)
				return answers(200, "yes")(r)
			})
			_, err := Do(t.Context(), newClient(t, testBase, rt, test.agent...), op, test.req, text)
			assert.NoError(t, err, "%v, %v", test.url, op.Key)
		}
	}
}

// Every attempt sends the whole body.
func TestRequestBodyOfRetries(t *testing.T) {
	t.Parallel()
	bubble(t, "retries", func(t *testing.T) {
		var calls int
		rt := mock(func(r *http.Request) (*http.Response, error) {
			calls++
			text, err := io.ReadAll(r.Body)
			assert.NoError(t, err)
			assert.Equal(t, `{"book":1}`, string(text))
			return answers(502, "")(r)
		})
		_, err := Do(t.Context(), newClient(t, testBase, rt), keyedOp, requests["POST"], text)
		require.Error(t, err)
		assert.Equal(t, 3, calls)
	})
}

func TestAnswerBreaksOff(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 302, 400, 401} {
		for _, op := range allOps {
			bubble(t, fmt.Sprintf("HTTP %d, %s", status, op.Key), func(t *testing.T) {
				rt := mock(func(*http.Request) (*http.Response, error) {
					return &http.Response{StatusCode: status, Body: broken("stv-1")}, nil
				})
				value, err := Do(t.Context(), newClient(t, testBase, rt), op, get, func(a Answer) (string, error) {
					assert.Equal(t, Unsafe, op.Safety, "half an answer was read")
					return string(a.Body), nil
				})
				// The part may have the id of a booking, but the call does not
				// succeed.
				assert.Equal(t, op.Safety == Unsafe, value == "stv-1")
				e := failure(t, err)
				assert.Equal(t, status, e.HTTPStatus)
				assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
				if op.Safety == Unsafe {
					assert.Equal(t, rutravel.ErrNotConfirmed, e.Kind)
					assert.Equal(t, 1, e.Attempts)
				} else {
					assert.Equal(t, rutravel.ErrUnavailable, e.Kind)
					assert.Equal(t, 3, e.Attempts)
				}
			})
		}
	}
}

// A well-formed answer under an error status is not a success.
func TestSuccessUnderErrorStatus(t *testing.T) {
	t.Parallel()
	for status, kind := range map[int]rutravel.Kind{
		400: rutravel.ErrProtocol, 401: rutravel.ErrAuth, 404: rutravel.ErrProtocol, 429: rutravel.ErrRateLimited, 500: rutravel.ErrUnavailable,
	} {
		rt := mock(answers(status, "yes"))
		_, err := Do(t.Context(), newClient(t, testBase, rt), safeOp, get, func(Answer) (string, error) { return "yes", nil }, rutravel.WithMaxAttempts(1))
		assert.Equal(t, kind, failure(t, err).Kind, status)
		v, err := Do(t.Context(), newClient(t, testBase, rt), unsafeOp, get, func(Answer) (string, error) { return "yes", nil })
		assert.Equal(t, rutravel.ErrNotConfirmed, failure(t, err).Kind, status)
		assert.Equal(t, "yes", v, "HTTP %d", status)
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	for _, status := range []int{300, 301, 302, 303, 304, 307, 308, 399} {
		for locationName, location := range map[string]string{
			"without Location":    "",
			"to another host":     "https://elsewhere.example/path?x=1",
			"to plain HTTP":       "http://api.example.test/v1",
			"within the host":     "/login",
			"unparsable Location": "https://elsewhere.example/%zz",
			"control characters":  "https://else\x7fwhere.example/",
		} {
			for _, op := range allOps {
				for method, req := range requests {
					bubble(t, fmt.Sprintf("%d %s, %s by %s", status, locationName, op.Key, method), func(t *testing.T) {
						rt := mock(func(r *http.Request) (*http.Response, error) {
							assert.Equal(t, "api.example.test", r.URL.Host)
							assert.Equal(t, "/v1", r.URL.Path)
							resp, err := answers(status, "yes")(r)
							if location != "" {
								resp.Header.Set("Location", location)
							}
							return resp, err
						})
						// The caller's setting to follow redirects is ignored.
						follow := &http.Client{Transport: rt, CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
						c, err := newAt(testBase, rutravel.WithHTTPClient(follow))
						require.NoError(t, err)
						var raw []byte
						_, err = Do(t.Context(), c, op, req, func(Answer) (string, error) {
							assert.Fail(t, "a redirect was read")
							return "", nil
						}, rutravel.WithRawAnswer(&raw))
						e := failure(t, err)
						assert.Equal(t, "yes", string(raw))
						assert.Equal(t, status, e.HTTPStatus)
						assert.Equal(t, 1, rt.GetTotalCallCount())
						for _, part := range []string{"elsewhere", "example/", "login", "where.", "%zz"} {
							assert.NotContains(t, err.Error(), part)
						}
						if op.Safety == Unsafe {
							assert.Equal(t, rutravel.ErrNotConfirmed, e.Kind)
							return
						}
						assert.Equal(t, rutravel.ErrProtocol, e.Kind)
					})
				}
			}
		}
	}
}

// Over a socket, a followed redirect would be a second request.
func TestRedirectsOverSocket(t *testing.T) {
	t.Parallel()
	var followed atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed.Add(1) }))
	t.Cleanup(other.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		srv := httptest.NewServer(http.RedirectHandler(other.URL, status))
		t.Cleanup(srv.Close)
		for name, rt := range map[string]http.RoundTripper{"own": nil, "caller's": &http.Transport{}, "wrapped": wrapped{&http.Transport{}}} {
			for _, op := range allOps {
				for _, req := range requests {
					_, err := Do(t.Context(), newClient(t, srv.URL, rt), op, req, text)
					assert.Equal(t, status, failure(t, err).HTTPStatus, "%s, %s", name, op.Key)
					assert.NotContains(t, err.Error(), other.URL, "%d, %s, %s", status, name, op.Key)
				}
			}
		}
	}
	assert.Zero(t, followed.Load())
}

// closing records whether a body was closed.
type closing struct {
	io.Reader
	closed atomic.Bool
}

func (c *closing) Close() error {
	c.closed.Store(true)
	return nil
}

// A body that is not closed keeps its connection forever.
func TestBodiesAreClosed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 302, 404, 503} {
		for _, reader := range []io.Reader{strings.NewReader("yes"), broken("no")} {
			b := &closing{Reader: reader}
			rt := mock(func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: status, Body: b}, nil })
			_, _ = Do(t.Context(), newClient(t, testBase, rt), safeOp, get, text, rutravel.WithMaxAttempts(1))
			assert.True(t, b.closed.Load(), status)
		}
	}
}

// A request adds a path and headers to the client's.
func TestRequestPathAndHeader(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		testBase:           testBase + "/orders/a%2Fb/tickets?x=1",
		testBase + "/":     testBase + "/orders/a%2Fb/tickets?x=1",
		"https://h.test":   "https://h.test/orders/a%2Fb/tickets?x=1",
		"https://h.test/?": "https://h.test/orders/a%2Fb/tickets?x=1",
	} {
		rt := mock(func(r *http.Request) (*http.Response, error) {
			assert.Equal(t, want, r.URL.String(), base)
			assert.Equal(t, "key 1", r.Header.Get("Authorization"), base)
			return answers(200, "yes")(r)
		})
		req := Request{Method: http.MethodPatch, Path: "/orders/a%2Fb/tickets", Query: "x=1", Header: http.Header{"Authorization": {"key 1"}}}
		_, err := Do(t.Context(), newClient(t, base, rt), keyedOp, req, text)
		require.NoError(t, err, base)
		assert.Len(t, req.Header, 1, "the caller's header does not change")
	}
}

// A session signs every attempt and receives the headers of every answer,
// whatever its status.
func TestRequestSigned(t *testing.T) {
	t.Parallel()
	bubble(t, "session", func(t *testing.T) {
		cookie := 0
		rt := mock(func(r *http.Request) (*http.Response, error) {
			assert.Equal(t, strconv.Itoa(cookie), r.Header.Get("Cookie"))
			status := http.StatusBadGateway
			if cookie == 2 {
				status = http.StatusOK
			}
			return answers(status, "yes").HeaderSet(http.Header{"Set-Cookie": {strconv.Itoa(cookie + 1)}})(r)
		})
		req := get
		req.Sign = func(h http.Header) { h.Set("Cookie", strconv.Itoa(cookie)) }
		req.Signed = func(h http.Header) {
			var err error
			cookie, err = strconv.Atoi(h.Get("Set-Cookie"))
			assert.NoError(t, err)
		}
		_, err := Do(t.Context(), newClient(t, testBase, rt), safeOp, req, text)
		require.NoError(t, err)
		assert.Equal(t, 3, cookie)
	})
}

// A session receives nil for a request that may have arrived and has no answer.
// It receives nothing for a request that was not sent.
func TestRequestSignedLost(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  error
		told []http.Header
	}{
		"reset":   {&net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}, []http.Header{nil}},
		"refused": {&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}, nil},
	} {
		var told []http.Header
		req := get
		req.Signed = func(h http.Header) { told = append(told, h) }
		rt := mock(func(*http.Request) (*http.Response, error) { return nil, test.err })
		_, err := Do(t.Context(), newClient(t, testBase, rt), unsafeOp, req, text, rutravel.WithMaxAttempts(1))
		require.Error(t, err, name)
		assert.Equal(t, test.told, told, name)
	}
}

// A request is prepared before every attempt, but not if the engine refuses it.
// An error of Prepare ends the call before it is sent.
func TestRequestPrepare(t *testing.T) {
	t.Parallel()
	bubble(t, "every attempt", func(t *testing.T) {
		rt := mock(answers(503, "").Then(answers(503, "")).Then(answers(200, "yes")))
		var prepared int
		req := get
		req.Prepare = func(context.Context) error { prepared++; return nil }
		_, err := Do(t.Context(), newClient(t, testBase, rt), safeOp, req, text)
		require.NoError(t, err)
		assert.Equal(t, 3, prepared)
	})
	bubble(t, "not what is refused here", func(t *testing.T) {
		req := get
		req.Prepare = func(context.Context) error { t.Error("prepared"); return nil }
		_, err := Do(t.Context(), newClient(t, testBase, mock(answers(200, "yes"))), unsafeOp, req, text, rutravel.WithMaxAttempts(0))
		assert.ErrorIs(t, err, rutravel.ErrInvalid)
	})
	for _, op := range allOps {
		bubble(t, "failure of "+op.Key, func(t *testing.T) {
			rt := mock(answers(200, "yes"))
			c := newClient(t, testBase, rt)
			req := get
			req.Prepare = func(context.Context) error {
				return c.Conclude(op, rutravel.ErrAuth, errors.New("no session"))
			}
			raw := []byte("of an earlier call")
			_, err := Do(t.Context(), c, op, req, text, rutravel.WithRawAnswer(&raw))
			e := failure(t, err)
			assert.Equal(t, rutravel.ErrAuth, e.Kind)
			assert.Zero(t, e.Attempts)
			assert.Nil(t, raw)
			assert.Zero(t, rt.GetTotalCallCount())
		})
	}
	bubble(t, "failure after an attempt", func(t *testing.T) {
		c := newClient(t, testBase, mock(answers(503, "")))
		var prepared int
		req := get
		req.Prepare = func(context.Context) error {
			if prepared++; prepared > 1 {
				return c.Conclude(safeOp, rutravel.ErrUnavailable, errors.New("no session"))
			}
			return nil
		}
		_, err := Do(t.Context(), c, safeOp, req, text)
		e := failure(t, err)
		assert.Equal(t, 1, e.Attempts)
		assert.ErrorContains(t, e, "no session; acme: find: supplier unavailable (HTTP 503)", "what is known of the attempt")
	})
}

// A secret that a session learns from an answer must not appear in errors either.
func TestRequestHidden(t *testing.T) {
	t.Parallel()
	var cookie string
	req := get
	req.Signed = func(h http.Header) { cookie = h.Get("Set-Cookie") }
	req.Hidden = func() []string { return []string{cookie} }
	rt := mock(answers(200, "").HeaderSet(http.Header{"Set-Cookie": {"Z1=rotated"}}))
	_, err := Do(t.Context(), newClient(t, testBase, rt), safeOp, req, func(Answer) (string, error) {
		return "", &Refusal{Message: "unknown Z1=rotated"}
	})
	assert.Equal(t, "unknown […]", failure(t, err).Message)
}

// If a supplier's package keeps cookies itself, the caller's jar is not used and
// does not change.
func TestOwnCookies(t *testing.T) {
	t.Parallel()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	u, err := url.Parse(testBase)
	require.NoError(t, err)
	jar.SetCookies(u, []*http.Cookie{{Name: "Z1", Value: "theirs"}})
	rt := mock(func(r *http.Request) (*http.Response, error) {
		assert.Equal(t, "Z1=ours", r.Header.Get("Cookie"))
		return answers(200, "yes").HeaderSet(http.Header{"Set-Cookie": {"Z1=next"}})(r)
	})
	h := &http.Client{Transport: rt, Jar: jar}
	c, err := New(Config{
		Supplier: "acme", BaseURL: testBase, OwnCookies: true, Check: func(*valid.Check) {},
	}, []rutravel.Option{rutravel.WithHTTPClient(h)})
	require.NoError(t, err)
	req := get
	req.Sign = func(h http.Header) { h.Set("Cookie", "Z1=ours") }
	for _, op := range allOps {
		_, err = Do(t.Context(), c, op, req, text)
		require.NoError(t, err, op.Key)
	}
	assert.Equal(t, "theirs", jar.Cookies(u)[0].Value)
	assert.Same(t, jar, h.Jar)
}

// A login may answer with a redirect, which is read and not followed.
func TestRedirected(t *testing.T) {
	t.Parallel()
	op := &Operation{Key: "login", Safety: Keyed, Timeout: time.Minute, Redirected: true}
	rt := mock(answers(http.StatusFound, "yes").HeaderSet(http.Header{"Location": {"/home"}, "Set-Cookie": {"L=1"}}))
	v, err := Do(t.Context(), newClient(t, testBase, rt), op, get, func(a Answer) (string, error) {
		assert.Equal(t, http.StatusFound, a.Status)
		return a.Header.Get("Set-Cookie"), nil
	})
	require.NoError(t, err)
	assert.Equal(t, "L=1", v)
	assert.Equal(t, 1, rt.GetTotalCallCount())
}

// An answer has the server's clock if it has a Date.
func TestAnswerDate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Time{
		"Sun, 06 Nov 1994 08:49:37 GMT": time.Date(1994, time.November, 6, 8, 49, 37, 0, time.UTC),
		"":                              {},
		"now":                           {},
	} {
		for _, op := range allOps {
			rt := mock(answers(200, "yes").HeaderSet(http.Header{"Date": {text}}))
			got, err := Do(t.Context(), newClient(t, testBase, rt), op, get, func(a Answer) (time.Time, error) { return a.Date, nil })
			require.NoError(t, err)
			assert.Equal(t, want, got, text)
		}
	}
}
