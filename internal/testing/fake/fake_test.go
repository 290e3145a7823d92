package fake_test

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/internal/testing/fake"
)

const good = "booked, and paid"

// supplier is a fake behind a gateway.
type supplier struct {
	gateway   fake.Gateway
	processed atomic.Int32
	text      atomic.Value // of the last request
	answer    fake.Answer
}

func newSupplier() *supplier {
	s := &supplier{answer: fake.Answer{Body: []byte(good)}}
	s.gateway.Op = func(r fake.Request) string { return r.URL.Query().Get("op") }
	s.gateway.Ops = []string{"pay", "never"}
	s.gateway.Process = func(r fake.Request) fake.Answer {
		s.processed.Add(1)
		s.text.Store(string(r.Text))
		return s.answer
	}
	return s
}

func (s *supplier) RoundTrip(r *http.Request) (*http.Response, error) { return s.gateway.RoundTrip(r) }

func (s *supplier) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.gateway.ServeHTTP(w, r) }

// result is what a caller sees of one request.
type result struct {
	status  int
	header  http.Header
	body    string
	doErr   error // there is no answer
	readErr error // the answer is cut
}

func request(t *testing.T, h *http.Client, base, op string) (r result) {
	t.Helper()
	// POST, because net/http sends a GET again by itself.
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/?op="+op, strings.NewReader("x=1"))
	require.NoError(t, err)
	resp, err := h.Do(req)
	if err != nil {
		return result{doErr: err}
	}
	defer func() { require.NoError(t, resp.Body.Close()) }()
	text, err := io.ReadAll(resp.Body)
	return result{resp.StatusCode, resp.Header, string(text), nil, err}
}

// ways runs a test against a fresh supplier, without a socket and through one.
func ways(t *testing.T, name string, test func(t *testing.T, s *supplier, do func(op string) result)) {
	t.Helper()
	t.Run(name+", RoundTripper", func(t *testing.T) {
		t.Parallel()
		s := newSupplier()
		test(t, s, func(op string) result { return request(t, &http.Client{Transport: s}, "https://fake.example.test", op) })
	})
	t.Run(name+", Handler", func(t *testing.T) {
		t.Parallel()
		s := newSupplier()
		srv := httptest.NewUnstartedServer(s)
		srv.Config.ErrorLog = log.New(io.Discard, "", 0)
		srv.Start()
		t.Cleanup(srv.Close)
		test(t, s, func(op string) result { return request(t, srv.Client(), srv.URL, op) })
	})
}

func TestGateway(t *testing.T) {
	t.Parallel()
	// succeeds checks that a fault applied to one request only.
	succeeds := func(t *testing.T, s *supplier, do func(string) result) {
		t.Helper()
		before := s.processed.Load()
		r := do("pay")
		require.NoError(t, r.doErr)
		require.NoError(t, r.readErr)
		assert.Equal(t, http.StatusOK, r.status)
		assert.Equal(t, good, r.body)
		assert.Equal(t, before+1, s.processed.Load())
		assert.Equal(t, "x=1", s.text.Load())
	}
	ways(t, "no fault", succeeds)
	ways(t, "the supplier's own answer", func(t *testing.T, s *supplier, do func(string) result) {
		s.answer = fake.Answer{Status: http.StatusTeapot, Header: http.Header{"Content-Type": {"text/x"}, "X-Two": {"1", "2"}}, Body: []byte("no")}
		r := do("pay")
		require.NoError(t, r.readErr)
		assert.Equal(t, http.StatusTeapot, r.status)
		assert.Equal(t, []string{"text/x"}, r.header["Content-Type"])
		assert.Equal(t, []string{"1", "2"}, r.header["X-Two"])
		assert.Equal(t, "no", r.body)
	})
	ways(t, "an empty answer", func(t *testing.T, s *supplier, do func(string) result) {
		s.answer = fake.Answer{}
		r := do("pay")
		require.NoError(t, r.readErr)
		assert.Equal(t, http.StatusOK, r.status)
		assert.Empty(t, r.body)
	})
	ways(t, "refuse", func(t *testing.T, s *supplier, do func(string) result) {
		s.gateway.Inject(fake.Fault{Refuse: true, Processed: true})
		r := do("pay")
		require.Error(t, r.doErr)
		assert.Zero(t, s.processed.Load(), "a refused request is not carried out")
		succeeds(t, s, do)
	})
	ways(t, "drop", func(t *testing.T, s *supplier, do func(string) result) {
		s.gateway.Inject(fake.Fault{Drop: true})
		r := do("pay")
		require.Error(t, r.doErr)
		assert.Zero(t, s.processed.Load())
		succeeds(t, s, do)
	})
	ways(t, "drop, processed", func(t *testing.T, s *supplier, do func(string) result) {
		s.gateway.Inject(fake.Fault{Drop: true, Processed: true})
		r := do("pay")
		require.Error(t, r.doErr)
		assert.EqualValues(t, 1, s.processed.Load())
		succeeds(t, s, do)
	})
	ways(t, "drop instead of a given answer", func(t *testing.T, s *supplier, do func(string) result) {
		s.gateway.Inject(fake.Fault{Drop: true, Status: 500, Body: "x"})
		require.Error(t, do("pay").doErr)
		assert.Zero(t, s.processed.Load())
	})
	for _, processed := range []bool{false, true} {
		name, want := "", int32(0)
		if processed {
			name, want = ", processed", 1
		}
		ways(t, "status"+name, func(t *testing.T, s *supplier, do func(string) result) {
			s.gateway.Inject(fake.Fault{Status: http.StatusBadGateway, Processed: processed})
			r := do("pay")
			require.NoError(t, r.readErr)
			assert.Equal(t, http.StatusBadGateway, r.status)
			assert.Empty(t, r.body)
			assert.Equal(t, want, s.processed.Load())
			succeeds(t, s, do)
		})
		ways(t, "body"+name, func(t *testing.T, s *supplier, do func(string) result) {
			s.gateway.Inject(fake.Fault{Body: "<html>", Processed: processed})
			r := do("pay")
			require.NoError(t, r.readErr)
			assert.Equal(t, http.StatusOK, r.status)
			assert.Equal(t, "<html>", r.body)
			assert.Equal(t, want, s.processed.Load())
			succeeds(t, s, do)
		})
		ways(t, "status, header and body"+name, func(t *testing.T, s *supplier, do func(string) result) {
			s.gateway.Inject(fake.Fault{Status: 429, Header: http.Header{"Retry-After": {"7"}}, Body: "slow", Processed: processed})
			r := do("pay")
			require.NoError(t, r.readErr)
			assert.Equal(t, http.StatusTooManyRequests, r.status)
			assert.Equal(t, "7", r.header.Get("Retry-After"))
			assert.Equal(t, "slow", r.body)
			assert.Equal(t, want, s.processed.Load())
			succeeds(t, s, do)
		})
	}
	for _, cut := range []int{1, 5, len(good) - 1} {
		ways(t, "cut", func(t *testing.T, s *supplier, do func(string) result) {
			s.gateway.Inject(fake.Fault{Cut: cut})
			r := do("pay")
			require.NoError(t, r.doErr, "the answer begins")
			assert.Equal(t, http.StatusOK, r.status)
			assert.Equal(t, good[:cut], r.body)
			assert.ErrorIs(t, r.readErr, io.ErrUnexpectedEOF)
			assert.EqualValues(t, 1, s.processed.Load())
			succeeds(t, s, do)
		})
	}
	ways(t, "cut of a long answer", func(t *testing.T, s *supplier, do func(string) result) {
		s.answer.Body = []byte(strings.Repeat("x", 100_000))
		s.gateway.Inject(fake.Fault{Cut: 50_000})
		r := do("pay")
		require.NoError(t, r.doErr)
		assert.Len(t, r.body, 50_000)
		assert.ErrorIs(t, r.readErr, io.ErrUnexpectedEOF)
	})
	ways(t, "cut of a given answer", func(t *testing.T, s *supplier, do func(string) result) {
		s.gateway.Inject(fake.Fault{Status: 500, Body: "<html>", Cut: 3})
		r := do("pay")
		require.NoError(t, r.doErr)
		assert.Equal(t, 500, r.status)
		assert.Equal(t, "<ht", r.body)
		assert.Error(t, r.readErr)
		assert.Zero(t, s.processed.Load())
	})
	for _, cut := range []int{len(good), len(good) + 1} {
		ways(t, "cut at the end or after it", func(t *testing.T, s *supplier, do func(string) result) {
			s.gateway.Inject(fake.Fault{Cut: cut})
			r := do("pay")
			require.NoError(t, r.doErr)
			assert.Equal(t, good, r.body)
			assert.ErrorIs(t, r.readErr, io.ErrUnexpectedEOF)
		})
	}
	ways(t, "by operation and in order", func(t *testing.T, s *supplier, do func(string) result) {
		s.gateway.Inject(fake.Fault{Op: "pay", Status: 501}, fake.Fault{Status: 502}, fake.Fault{Op: "pay", Status: 503})
		s.gateway.Inject(fake.Fault{Op: "never", Status: 504})
		assert.Equal(t, 4, s.gateway.Pending())
		var got []int
		for _, op := range []string{"from", "from", "pay", "pay", "pay", ""} {
			got = append(got, do(op).status)
		}
		assert.Equal(t, []int{502, 200, 501, 503, 200, 200}, got)
		assert.Equal(t, 1, s.gateway.Pending())
		s.gateway.Reset()
		assert.Zero(t, s.gateway.Pending())
	})
	ways(t, "empty fault", func(t *testing.T, s *supplier, do func(string) result) {
		s.gateway.Inject(fake.Fault{}, fake.Fault{Status: 500})
		succeeds(t, s, do)
		assert.Equal(t, 500, do("pay").status)
	})
}

// A fault of an unknown operation is a mistake in the test. Inject queues none of its
// faults.
func TestNoSuchOperation(t *testing.T) {
	t.Parallel()
	s := newSupplier()
	assert.PanicsWithValue(t, "no such operation: pays", func() { s.gateway.Inject(fake.Fault{Op: "pay"}, fake.Fault{Op: "pays"}) })
	assert.Zero(t, s.gateway.Pending())
}

// Without a socket, the faults are the errors that a connection returns.
func TestRoundTripErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		fault fake.Fault
		op    string
		errno syscall.Errno
	}{
		{fake.Fault{Refuse: true}, "dial", syscall.ECONNREFUSED},
		{fake.Fault{Drop: true}, "read", syscall.ECONNRESET},
	} {
		s := newSupplier()
		s.gateway.Inject(test.fault)
		r := request(t, &http.Client{Transport: s}, "https://fake.example.test", "")
		var op *net.OpError
		require.ErrorAs(t, r.doErr, &op, test.op)
		assert.Equal(t, test.op, op.Op, test.op)
		assert.ErrorIs(t, r.doErr, test.errno, test.op)
	}
}

// RoundTrip closes the request's body and answers like a connection.
func TestRoundTripContract(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]fake.Fault{
		"none": {}, "refuse": {Refuse: true}, "drop": {Drop: true}, "status": {Status: 500}, "cut": {Cut: 1},
	} {
		s := newSupplier()
		s.gateway.Inject(fault)
		sent := &tracked{Reader: strings.NewReader("x=1")}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://fake.example.test/", sent)
		require.NoError(t, err, name)
		resp, err := s.RoundTrip(req)
		assert.True(t, sent.closed, name)
		if err != nil {
			continue
		}
		assert.Same(t, req, resp.Request, name)
		assert.NotNil(t, resp.Header, name)
		assert.NotEmpty(t, resp.Status, name)
		require.NoError(t, resp.Body.Close(), name)
	}
	t.Run("the caller has left", func(t *testing.T) {
		t.Parallel()
		s := newSupplier()
		s.gateway.Inject(fake.Fault{Status: 500})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://fake.example.test/", nil)
		require.NoError(t, err)
		_, err = s.RoundTrip(req)
		assert.Equal(t, context.Canceled, err)
		assert.Zero(t, s.processed.Load())
		assert.Equal(t, 500, request(t, &http.Client{Transport: s}, "https://fake.example.test", "").status, "the fault must still be queued")
	})
}

type tracked struct {
	io.Reader
	closed bool
}

func (b *tracked) Close() error {
	b.closed = true
	return nil
}

func TestDelay(t *testing.T) {
	t.Parallel()
	get := func(t *testing.T, timeout time.Duration) *http.Request {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), timeout)
		t.Cleanup(cancel)
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://fake.example.test/", nil)
		require.NoError(t, err)
		return req
	}
	in := func(name string, test func(*testing.T, *supplier)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newSupplier()
				s.gateway.Inject(fake.Fault{Delay: time.Minute})
				test(t, s)
				assert.EqualValues(t, 1, s.processed.Load(), "the request is processed, the answer is late")
			})
		})
	}
	in("RoundTripper", func(t *testing.T, s *supplier) {
		start := time.Now()
		resp, err := s.RoundTrip(get(t, time.Hour))
		require.NoError(t, err)
		assert.Equal(t, 200, resp.StatusCode)
		assert.Equal(t, time.Minute, time.Since(start))
	})
	in("RoundTripper, the caller leaves", func(t *testing.T, s *supplier) {
		start := time.Now()
		_, err := s.RoundTrip(get(t, time.Second))
		assert.Equal(t, context.DeadlineExceeded, err)
		assert.Equal(t, time.Second, time.Since(start))
	})
	in("Handler", func(t *testing.T, s *supplier) {
		start := time.Now()
		w := httptest.NewRecorder()
		s.ServeHTTP(w, get(t, time.Hour))
		assert.Equal(t, good, w.Body.String())
		assert.Equal(t, time.Minute, time.Since(start))
	})
	in("Handler, the caller leaves", func(t *testing.T, s *supplier) {
		start := time.Now()
		assert.PanicsWithValue(t, http.ErrAbortHandler, func() { s.ServeHTTP(httptest.NewRecorder(), get(t, time.Second)) })
		assert.Equal(t, time.Second, time.Since(start))
	})
}

// Each fault applies to one request, even if many arrive at once.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	const (
		callers = 50
		faults  = 20
	)
	s := newSupplier()
	var failed atomic.Int32
	var wg sync.WaitGroup
	for range faults {
		s.gateway.Inject(fake.Fault{Status: 500})
	}
	for range callers {
		wg.Go(func() {
			if request(t, &http.Client{Transport: s}, "https://fake.example.test", "").status == 500 {
				failed.Add(1)
			}
		})
	}
	wg.Wait()
	assert.EqualValues(t, faults, failed.Load())
	assert.EqualValues(t, callers-faults, s.processed.Load())
}
