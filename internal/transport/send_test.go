package transport

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/options"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
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

// endless is a text again and again.
type endless string

func (e endless) Read(p []byte) (int, error) { return copy(p, e), nil }

// blank says that it has filled what it is given to read into.
type blank struct{}

func (blank) Read(p []byte) (int, error) { return len(p), nil }

func zeros(n int64) io.ReadCloser { return body(io.LimitReader(blank{}, n)) }

// bodyIn returns a body to read an answer into buf.
func bodyIn(buf *bytes.Buffer) *answerBody {
	return &answerBody{client: new(Client), limit: maxAnswer, buf: buf}
}

func TestAnswerBody(t *testing.T) {
	t.Parallel()
	buf := bytes.NewBuffer(make([]byte, 0, maxAnswer+2*bytes.MinRead)) // growing it is what takes time
	for _, test := range []struct {
		status int
		length int64
		want   error
		read   int64
	}{
		{200, 0, nil, 0},
		{200, 1, nil, 1},
		{200, maxErrorAnswer + 1, nil, maxErrorAnswer + 1},
		{200, maxAnswer, nil, maxAnswer},
		{200, maxAnswer + 1, errTooLong, maxAnswer + 1},
		{302, maxAnswer + 5, errTooLong, maxAnswer + 1},
		{400, maxErrorAnswer, nil, maxErrorAnswer},
		{400, maxErrorAnswer + 5, nil, maxErrorAnswer + 1}, // the one by which the end is found
		{503, maxErrorAnswer + 5, nil, maxErrorAnswer + 1},
	} {
		for _, declared := range []int64{-1, test.length, 5} {
			buf.Reset()
			b := bodyIn(buf)
			err := b.read(&http.Response{StatusCode: test.status, ContentLength: declared, Body: zeros(test.length)})
			assert.Equal(t, test.want, err, "HTTP %d, %d bytes", test.status, test.length)
			assert.Equal(t, test.read, b.size, "HTTP %d, %d bytes", test.status, test.length)
		}
	}
}

// What a server declares is no reason to take that much memory.
func TestDeclaredLength(t *testing.T) {
	t.Parallel()
	for status, most := range map[int]int{200: 2 << 20, 503: 100_000} {
		b := bodyIn(new(bytes.Buffer))
		err := b.read(&http.Response{StatusCode: status, ContentLength: 1 << 60, Body: body(strings.NewReader("yes"))})
		require.NoError(t, err, "HTTP %d", status)
		assert.Equal(t, "yes", string(b.bytes()), "HTTP %d", status)
		assert.LessOrEqual(t, b.buf.Cap(), most, "HTTP %d", status)
	}

	// And an honest one costs about its size, be it announced or not.
	for _, length := range []int64{100_000, 12 << 20} {
		for _, declared := range []int64{length, -1} {
			b := bodyIn(new(bytes.Buffer))
			err := b.read(&http.Response{StatusCode: 200, ContentLength: declared, Body: zeros(length)})
			require.NoError(t, err, "length %d, declared %d", length, declared)
			assert.Len(t, b.bytes(), int(length), "declared %d", declared)
			assert.Less(t, b.buf.Cap(), int(length)*5/4+2*presized, "declared %d", declared)
		}
	}
}

// An answer that is too long is not put together.
func TestTooLongCosts(t *testing.T) {
	t.Parallel()
	b := bodyIn(new(bytes.Buffer))
	b.limit = 8 << 20
	err := b.read(&http.Response{StatusCode: 200, ContentLength: -1, Body: zeros(100 << 20)})
	require.ErrorIs(t, err, errTooLong)
	assert.EqualValues(t, 8<<20+1, b.size)
	assert.LessOrEqual(t, b.buf.Cap(), 4*presized)
}

// Nor is one large answer a reason to keep that much for the next.
func TestRelease(t *testing.T) {
	t.Parallel()
	var c Client
	(&answerBody{client: &c, buf: bytes.NewBuffer(make([]byte, 0, maxPooled+1))}).release()
	assert.Less(t, c.body(options.Call{}).buf.Cap(), maxPooled)
}

// compressed is a gzip file of n MiB of zeros. It is small and quickly made:
// members of a gzip file may simply follow each other.
func compressed(t *testing.T, n int) []byte {
	t.Helper()
	return bytes.Repeat(pack(t, string(make([]byte, 1<<20))), n)
}

func pack(t *testing.T, text string) []byte {
	t.Helper()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err := io.WriteString(z, text)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return packed.Bytes()
}

func TestGzipBomb(t *testing.T) {
	t.Parallel()
	const gigabyte = 1 << 10
	bomb := compressed(t, gigabyte)
	require.Less(t, len(bomb), maxAnswer/16) // each Go release packs it differently
	var calls atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb) // the client hangs up
	}))
	t.Cleanup(srv.Close)
	var unpacked atomic.Int64
	c := newClient(t, srv.URL, nil, rutravel.WithHook(func(_ context.Context, a rutravel.Attempt) { unpacked.Store(a.Bytes) }))
	room := make([]byte, 0, maxAnswer+2*bytes.MinRead)
	c.buffers.New = func() any { return bytes.NewBuffer(room) } // growing it is what takes time
	for op, kind := range map[*Operation]rutravel.Kind{safeOp: rutravel.ErrProtocol, unsafeOp: rutravel.ErrNotConfirmed} {
		calls.Store(0)
		_, err := Do(t.Context(), c, op, get, text)
		e := failure(t, err)
		assert.Equal(t, kind, e.Kind, op.Key)
		assert.Equal(t, errTooLong, e.Err, op.Key)
		assert.Equal(t, http.StatusOK, e.HTTPStatus, op.Key)
		assert.EqualValues(t, 1, calls.Load(), op.Key)
		assert.EqualValues(t, maxAnswer+1, unpacked.Load(), op.Key)
	}
}

func TestGzip(t *testing.T) {
	t.Parallel()
	packed := compressed(t, 3)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "gzip", r.Header.Get("Accept-Encoding"))
		w.Header().Set("Content-Encoding", "gzip")
		n := len(packed)
		if r.URL.RawQuery == "cut" {
			n -= 100
		}
		_, _ = w.Write(packed[:n])
	}))
	t.Cleanup(srv.Close)
	c := newClient(t, srv.URL, nil)
	for _, op := range allOps {
		v, err := Do(t.Context(), c, op, get, text)
		require.NoError(t, err, op.Key)
		assert.Len(t, v, 3<<20, op.Key)

		_, err = Do(t.Context(), c, op, Request{Method: http.MethodGet, Query: "cut"}, text, rutravel.WithMaxAttempts(1))
		if op.Safety == Unsafe {
			assert.ErrorIs(t, err, rutravel.ErrNotConfirmed, op.Key)
		} else {
			assert.ErrorIs(t, err, rutravel.ErrUnavailable, op.Key)
		}
	}
}

// Of a long error page only the beginning is read, and its status still
// counts.
func TestLongErrorAnswer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status int
		kind   rutravel.Kind
		sent   int
	}{
		{400, rutravel.ErrProtocol, 1},
		{401, rutravel.ErrAuth, 1},
		{403, rutravel.ErrForbidden, 1},
		{404, rutravel.ErrProtocol, 1},
		{429, rutravel.ErrRateLimited, 3},
		{500, rutravel.ErrUnavailable, 3},
		{503, rutravel.ErrUnavailable, 3},
	} {
		bubble(t, strconv.Itoa(test.status), func(t *testing.T) {
			var raw []byte
			rt := mock(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: test.status, ContentLength: -1, Body: body(endless("<html>"))}, nil
			})
			read := func(a Answer) (string, error) {
				assert.InDelta(t, maxErrorAnswer, len(a.Body), 1)
				return text(a)
			}
			_, err := Do(t.Context(), newClient(t, testBase, rt), safeOp, get, read, rutravel.WithRawAnswer(&raw))
			assert.Equal(t, test.kind, failure(t, err).Kind)
			assert.Equal(t, test.status, failure(t, err).HTTPStatus)
			assert.Equal(t, test.sent, rt.GetTotalCallCount())
			assert.InDelta(t, maxErrorAnswer, len(raw), 1)
		})
	}
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
				// What came may be the id of a booking; it is no success for that.
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

// Buffers are used again. What was decoded from one must not change with the
// next answer, and answers must not mix.
func TestBuffersDoNotLeak(t *testing.T) {
	t.Parallel()
	const (
		callers = 16
		calls   = 50
	)
	value := func(i int) string { return strings.Repeat("<"+strconv.Itoa(i)+">", i*37%5000+1) }
	rt := mock(func(r *http.Request) (*http.Response, error) {
		i, err := strconv.Atoi(r.URL.RawQuery)
		if err != nil {
			return nil, err
		}
		return answers(200, `{"name":"`+value(i)+`"}`)(r)
	})
	c := newClient(t, testBase, rt)
	type answer struct {
		name string
		raw  []byte
	}
	read := func(a Answer) (v answer, err error) {
		return v, wire.Decode(a.Body, nil, func(d *wire.Decoder) error {
			return d.Object(func([]byte) error { return wire.String(d, &v.name) })
		})
	}
	var wg sync.WaitGroup
	for g := range callers {
		wg.Go(func() {
			got := make([]answer, calls)
			for j := range calls {
				var raw []byte
				v, err := Do(t.Context(), c, allOps[j%3], Request{Method: http.MethodGet, Query: strconv.Itoa(g*calls + j)}, read, rutravel.WithRawAnswer(&raw))
				if !assert.NoError(t, err) {
					return
				}
				got[j] = answer{v.name, raw}
			}
			for j, a := range got {
				want := value(g*calls + j)
				assert.Equal(t, want, a.name)
				assert.Equal(t, `{"name":"`+want+`"}`, string(a.raw), a.name)
			}
		})
	}
	wg.Wait()
}

func TestRawAnswer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		op      *Operation
		respond func(*http.Request) (*http.Response, error)
		want    string
		fails   bool
	}{
		"success":           {safeOp, answers(200, "yes"), "yes", false},
		"refusal":           {unsafeOp, answers(200, "no"), "no", true},
		"unreadable":        {unsafeOp, answers(204, "?"), "?", true},
		"error status":      {unsafeOp, answers(500, "<html>"), "<html>", true},
		"too many requests": {unsafeOp, answers(429, "slow"), "slow", true},
		"redirect":          {unsafeOp, answers(302, "there"), "there", true},
		"cut": {unsafeOp, func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: broken("ye")}, nil
		}, "ye", true},
		"the last":             {safeOp, answers(500, "first").Then(answers(502, "second")).Then(answers(200, "third")), "third", false},
		"the last of failures": {safeOp, answers(500, "first").Then(answers(502, "second")).Then(answers(503, "third")), "third", true},
		"empty":                {safeOp, answers(200, ""), "", false},
		"none":                 {unsafeOp, func(*http.Request) (*http.Response, error) { return nil, io.EOF }, "", true},
		"not sent":             {unsafeOp, refuseConnection, "", true},
	} {
		bubble(t, name, func(t *testing.T) {
			raw := []byte("of an earlier call")
			c := newClient(t, testBase, mock(test.respond))
			_, err := Do(t.Context(), c, test.op, get, text, rutravel.WithRawAnswer(&raw))
			assert.Equal(t, test.want, string(raw))
			assert.Equal(t, test.fails, err != nil)

			// It is the caller's own.
			for i := range raw {
				raw[i] = '!'
			}
			kept := bytes.Clone(raw)
			var next []byte
			c.shared.Transport, c.fresh.Transport = mock(answers(200, "another")), mock(answers(200, "another"))
			v, err := Do(t.Context(), c, test.op, get, text, rutravel.WithRawAnswer(&next))
			require.NoError(t, err)
			assert.Equal(t, "another", v)
			assert.Equal(t, "another", string(next))
			assert.Equal(t, kept, raw)
		})
	}
	t.Run("nil", func(t *testing.T) {
		t.Parallel()
		_, err := Do(t.Context(), newClient(t, testBase, mock(answers(200, "yes"))), safeOp, get, text, rutravel.WithRawAnswer(nil))
		assert.NoError(t, err)
	})
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
						// The caller's wish to follow them does not count.
						follow := &http.Client{Transport: rt, CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
						c, err := newAt(testBase, rutravel.WithHTTPClient(follow))
						require.NoError(t, err)
						_, err = Do(t.Context(), c, op, req, func(Answer) (string, error) {
							assert.Fail(t, "a redirect was read")
							return "", nil
						})
						e := failure(t, err)
						for _, part := range []string{"elsewhere", "example/", "login", "where.", "%zz"} {
							assert.NotContains(t, err.Error(), part)
						}
						if op.Safety == Unsafe {
							assert.Equal(t, rutravel.ErrNotConfirmed, e.Kind)
							assert.Equal(t, 1, rt.GetTotalCallCount())
							return
						}
						// net/http keeps an answer to itself whose Location it
						// cannot parse, so it counts as lost.
						if e.HTTPStatus == 0 {
							assert.Contains(t, []string{"unparsable Location", "control characters"}, locationName)
							assert.Equal(t, rutravel.ErrUnavailable, e.Kind)
							return
						}
						assert.Equal(t, rutravel.ErrProtocol, e.Kind)
						assert.Equal(t, status, e.HTTPStatus)
						assert.Equal(t, 1, rt.GetTotalCallCount())
					})
				}
			}
		}
	}
}

// Over a socket too, where a followed redirect would be a second request.
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

func TestEvidence(t *testing.T) {
	t.Parallel()
	// Without a connection, nothing was sent. A foreign RoundTripper may have had
	// one without telling.
	var none evidence
	for name, err := range map[string]error{
		"EOF": io.EOF, "canceled": context.Canceled, "text": errors.New("dial tcp: looks like it"),
	} {
		assert.True(t, none.notSent(err, false), name)
		assert.False(t, none.notSent(err, true), name)
	}
	for _, foreign := range []bool{false, true} {
		assert.True(t, none.notSent(errRefused, foreign), "foreign: %v", foreign)
		assert.True(t, none.notSent(fmt.Errorf("foreign: %w", errRefused), foreign), "foreign: %v", foreign)
	}

	proxy := &net.OpError{Op: "proxyconnect", Net: "tcp", Err: errRefused}
	assert.True(t, none.notSent(proxy, true))

	// A foreign RoundTripper may have asked for a connection to another place.
	var asked evidence
	asked.trace().GetConn("")
	assert.True(t, asked.notSent(io.EOF, false))
	assert.False(t, asked.notSent(io.EOF, true))

	// Whatever the error says: once there was a connection, nobody knows.
	var got evidence
	got.trace().GetConn("")
	got.trace().GotConn(httptrace.GotConnInfo{})
	assert.False(t, got.notSent(errRefused, false))
	assert.False(t, got.notSent(errRefused, true))
}

// closing tells whether a body was closed.
type closing struct {
	io.Reader
	closed atomic.Bool
}

func (c *closing) Close() error {
	c.closed.Store(true)
	return nil
}

// A body that is not closed holds its connection for ever.
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

// What a request adds to the client's address and headers.
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
		assert.Len(t, req.Header, 1, "the caller's header is its own")
	}
}

// A session signs every attempt and hears of every answer, whatever its status.
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

// A session is told of a request that may have arrived and has no answer, and
// not of one that was not sent.
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

// A request is prepared before every attempt, and not if it is refused here.
// What goes wrong then ends the call before it is sent.
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
			req.Prepare = func(context.Context) error { return c.NotSent(op, rutravel.ErrAuth, errors.New("no session")) }
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
				return c.NotSent(safeOp, rutravel.ErrUnavailable, errors.New("no session"))
			}
			return nil
		}
		_, err := Do(t.Context(), c, safeOp, req, text)
		e := failure(t, err)
		assert.Equal(t, 1, e.Attempts)
		assert.ErrorContains(t, e, "no session; acme: find: supplier unavailable (HTTP 503)", "what is known of the attempt")
	})
}

// What a session only learns from an answer is kept out of errors, too.
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

// A supplier's package that keeps its cookies itself is not disturbed by the
// caller's jar, which stays as it was.
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

// A body that is missing is no broken one, whatever it is packed as.
func TestPackedNothing(t *testing.T) {
	t.Parallel()
	rt := mock(answers(http.StatusUnauthorized, "").HeaderSet(http.Header{"Content-Encoding": {"gzip"}}))
	for _, op := range allOps {
		_, err := Do(t.Context(), newClient(t, testBase, rt), op, get, func(a Answer) (string, error) {
			assert.Equal(t, http.StatusUnauthorized, a.Status, op.Key)
			return "", &Refusal{}
		})
		assert.Equal(t, rutravel.ErrAuth, failure(t, err).Kind, op.Key)
	}
}

// An answer is unpacked if it is packed, whatever its label says.
func TestOwnGzip(t *testing.T) {
	t.Parallel()
	packed := compressed(t, 1)
	req := Request{Method: http.MethodGet, Header: http.Header{"Accept-Encoding": {"gzip"}}}
	for name, want := range map[string]int{"whole": 1 << 20, "cut": 0, "not gzip": len("yes")} {
		rt := mock(func(r *http.Request) (*http.Response, error) {
			assert.Equal(t, "gzip", r.Header.Get("Accept-Encoding"), name)
			sent := map[string][]byte{"whole": packed, "cut": packed[:len(packed)-9], "not gzip": []byte("yes")}[name]
			resp := httpmock.NewBytesResponse(http.StatusOK, sent)
			resp.Header.Set("Content-Encoding", map[string]string{"whole": "GZip", "cut": "x-gzip", "not gzip": "gzip"}[name])
			return resp, nil
		})
		v, err := Do(t.Context(), newClient(t, testBase, rt), safeOp, req, text, rutravel.WithMaxAttempts(1))
		assert.Len(t, v, want, name)
		assert.Equal(t, want == 0, err != nil, name)
		_, err = Do(t.Context(), newClient(t, testBase, rt), unsafeOp, req, text)
		assert.Equal(t, want == 0, errors.Is(err, rutravel.ErrNotConfirmed), name)
	}
}

// A login may answer with a redirect; it is read and not followed.
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
