package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"slices"
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
)

func TestBackoff(t *testing.T) {
	t.Parallel()
	const samples = 500
	for _, test := range []struct {
		n    int
		span time.Duration
	}{
		{1, 200 * time.Millisecond},
		{2, 400 * time.Millisecond},
		{3, 800 * time.Millisecond},
		{4, 1600 * time.Millisecond},
		{5, 3200 * time.Millisecond},
		{6, 5 * time.Second},
		{15, 5 * time.Second},
		{16, 5 * time.Second},
		{64, 5 * time.Second}, // a shift by so much would be zero
		{math.MaxInt, 5 * time.Second},
	} {
		var lowest, highest time.Duration = math.MaxInt64, 0
		for range samples {
			d := backoff(test.n, 0)
			lowest, highest = min(lowest, d), max(highest, d)
		}
		// The wait is a random part of the whole span, and never longer.
		assert.GreaterOrEqual(t, lowest, time.Duration(0), test.n)
		assert.Less(t, lowest, test.span/10, test.n)
		assert.Greater(t, highest, test.span*9/10, test.n)
		assert.Less(t, highest, test.span, test.n)
	}
	// The wait is never shorter than Retry-After.
	for range samples {
		assert.GreaterOrEqual(t, backoff(6, time.Second), time.Second)
		assert.Less(t, backoff(6, time.Second), 5*time.Second)
		assert.Equal(t, 20*time.Second, backoff(6, 20*time.Second))
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	const year = 365 * 24 * time.Hour
	now := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		header string
		want   time.Duration
	}{
		{"", 0},
		{"0", 0},
		{"1", time.Second},
		{"120", 2 * time.Minute},
		{"86400", 24 * time.Hour},
		{"4294967295", year},
		{"4294967296", year},
		{"99999999999999999999999999", year}, // never wait less than the supplier asked for
		{"-1", 0},
		{"-99999999999999999999999999", 0},
		{"1.5", 2 * time.Second},
		{"2.5", 3 * time.Second},
		{"2.0", 2 * time.Second},
		{"2.", 2 * time.Second},
		{"1s", time.Second},
		{"2s", 2 * time.Second},
		{"1.5s", 2 * time.Second},
		{"500ms", time.Second},
		{"1m30s", 90 * time.Second},
		{"-5s", 0},
		{" 1", time.Second},
		{"5, 5", 5 * time.Second},
		{"5,7", 7 * time.Second},
		{"soon, 3", 3 * time.Second},
		{"1e3", 0},
		{"1.x", 0},
		{"soon", 0},
		{"Sun, 01 Mar 2026 12:00:07 GMT", 7 * time.Second},
		{"Sunday, 01-Mar-26 12:01:00 GMT", time.Minute},
		{"Sun Mar  1 12:00:01 2026", time.Second},
		{"Mon, 02 Mar 2026 12:00:00 GMT", 24 * time.Hour},
		{"Fri, 31 Dec 9999 23:59:59 GMT", year},
		{"Sun, 01 Mar 2026 12:00:00 GMT", 0},
		{"Sun, 01 Mar 2026 11:59:59 GMT", 0},
		{"Thu, 01 Jan 1970 00:00:00 GMT", 0},
		{"Sun, 31 Feb 2026 12:00:00 GMT", 0},
	} {
		h := http.Header{}
		if test.header != "" {
			h.Set("Retry-After", test.header)
		}
		assert.Equal(t, test.want, retryAfter(h, now), test.header)
	}
	for name, test := range map[string]struct {
		headers []string
		want    time.Duration
	}{
		"the longer is the second": {[]string{"1", "5"}, 5 * time.Second},
		"the longer is the first":  {[]string{"5", "1"}, 5 * time.Second},
		"junk before a good one":   {[]string{"soon", "5"}, 5 * time.Second},
		"a date and a number":      {[]string{"Sun, 01 Mar 2026 12:00:07 GMT", "5"}, 7 * time.Second},
	} {
		assert.Equal(t, test.want, retryAfter(http.Header{"Retry-After": test.headers}, now), name)
	}

	// The answer's own Date counts, whatever this machine's clock says.
	for _, skew := range []time.Duration{-time.Hour, 0, time.Hour} {
		h := http.Header{"Date": {"Sun, 01 Mar 2026 12:00:00 GMT"}, "Retry-After": {"Sun, 01 Mar 2026 12:00:05 GMT"}}
		assert.Equal(t, 5*time.Second, retryAfter(h, now.Add(skew)), "skew %v", skew)
	}
}

func TestBudget(t *testing.T) {
	t.Parallel()
	spends := func(b budget) (n int) {
		for b.spend() {
			n++
		}
		return n
	}
	t.Run("spend", func(t *testing.T) {
		t.Parallel()
		for _, full := range []int{0, 1, 2, 100} {
			assert.Equal(t, full, spends(newBudget(full)), full)
		}
	})
	t.Run("earn", func(t *testing.T) {
		t.Parallel()
		b := newBudget(2)
		assert.Equal(t, 2, spends(b))
		for range 9 {
			b.earn()
		}
		assert.False(t, b.spend())
		b.earn()
		assert.True(t, b.spend())
		assert.False(t, b.spend())
	})
	t.Run("never above full", func(t *testing.T) {
		t.Parallel()
		b := newBudget(2)
		for range 1000 {
			b.earn()
		}
		assert.Equal(t, b.full, b.left.Load())
		assert.Equal(t, 2, spends(b))
		for range 1000 {
			b.earn()
		}
		assert.Equal(t, 2, spends(b))
	})
	t.Run("zero earns nothing", func(t *testing.T) {
		t.Parallel()
		b := newBudget(0)
		for range 1000 {
			b.earn()
		}
		assert.False(t, b.spend())
	})
	t.Run("the largest budget", func(t *testing.T) {
		t.Parallel()
		b := newBudget(math.MaxInt)
		for range 1000 {
			assert.True(t, b.spend())
		}
	})
	t.Run("from many goroutines", func(t *testing.T) {
		t.Parallel()
		b := newBudget(100)
		var spent atomic.Int64
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				for range 20 {
					b.earn()
					if b.spend() {
						spent.Add(1)
					}
				}
			})
		}
		wg.Wait()
		// The budget has 100 at the start and earns at most 1000 tenths.
		assert.GreaterOrEqual(t, spent.Load(), int64(100))
		assert.LessOrEqual(t, spent.Load(), int64(200))
		assert.GreaterOrEqual(t, b.left.Load(), int64(0))
	})
}

// step is an attempt: the answer, the decision, and the wait.
type step struct {
	meets       httpmock.Responder
	out         rutravel.Kind // again, success, or the kind of the call's error
	least, most time.Duration // the wait before the next attempt
}

const (
	again   rutravel.Kind = "again"
	success rutravel.Kind = ""
)

// first and second are the steps of a call's first and second attempt, if the
// supplier names no wait.
func first(meets httpmock.Responder) step  { return step{meets, again, 0, 200 * time.Millisecond} }
func second(meets httpmock.Responder) step { return step{meets, again, 0, 400 * time.Millisecond} }

func ends(meets httpmock.Responder, out rutravel.Kind) step { return step{meets: meets, out: out} }

// asked is a step whose answer asks for a wait.
func asked(status int, seconds string, d time.Duration) step {
	return step{retryLater(status, seconds), again, d, d}
}

// TestRetries makes calls of one client, one after the other, until all steps are
// used.
func TestRetries(t *testing.T) {
	t.Parallel()
	const (
		down         = rutravel.ErrUnavailable
		notConfirmed = rutravel.ErrNotConfirmed
	)
	var (
		busy    = answers(503, "")
		yes     = answers(200, "yes")
		refuses = httpmock.Responder(refuseConnection)
		lost    = httpmock.NewErrorResponder(io.EOF)
		reset   = httpmock.NewErrorResponder(syscall.ECONNRESET)
		cut     = httpmock.Responder(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: broken("ye")}, nil
		})
		repeatable = []*Operation{safeOp, keyedOp}
		unsafe     = []*Operation{unsafeOp}
		// These ten calls earn one retry.
		ten = slices.Repeat([]step{ends(yes, success)}, 10)
	)
	for _, test := range []struct {
		name    string
		ops     []*Operation
		options []rutravel.Option
		steps   []step
	}{
		{"succeeds at the third", repeatable, nil, []step{first(busy), second(busy), ends(yes, success)}},
		{"gives up after the third", repeatable, nil, []step{first(busy), second(busy), ends(busy, down)}},
		{"out of order in other ways", repeatable, nil, []step{
			first(answers(500, "yes")), second(answers(502, "<html>")), ends(answers(504, ""), down),
			first(answers(408, "")), second(answers(499, "")), ends(answers(599, ""), down),
		}},
		{"no answer, or not all of it", repeatable, nil, []step{
			first(lost), second(reset), ends(cut, down),
			first(silent), second(silent), ends(silent, down),
		}},
		{"too many requests", repeatable, nil, []step{first(answers(429, "")), second(answers(429, "")), ends(answers(429, ""), rutravel.ErrRateLimited)}},
		{"what will not change", repeatable, nil, []step{
			ends(answers(200, "no"), rutravel.ErrRejected), ends(answers(204, ""), rutravel.ErrProtocol), ends(answers(302, ""), rutravel.ErrProtocol),
			ends(answers(400, "x"), rutravel.ErrProtocol), ends(answers(401, ""), rutravel.ErrAuth), ends(answers(403, ""), rutravel.ErrForbidden),
			ends(answers(404, ""), rutravel.ErrProtocol),
		}},
		{"after a retry, too", repeatable, nil, []step{first(busy), ends(answers(200, "no"), rutravel.ErrRejected), first(lost), ends(answers(401, ""), rutravel.ErrAuth)}},

		{"the supplier names the wait", repeatable, nil, []step{
			asked(429, "7", 7*time.Second), asked(503, "30", 30*time.Second), ends(retryLater(503, "11"), down),
		}},
		{"the supplier's wait is too long", repeatable, nil, []step{
			ends(retryLater(503, "31"), down), ends(retryLater(429, "31"), rutravel.ErrRateLimited), ends(retryLater(429, "99999999999999999999"), rutravel.ErrRateLimited),
		}},
		{"no wait is named", repeatable, nil, []step{first(retryLater(503, "0")), second(retryLater(503, "soon")), ends(busy, down)}},

		{"spans double up to five seconds", repeatable, []rutravel.Option{rutravel.WithMaxAttempts(8)}, []step{
			first(busy), second(busy), {busy, again, 0, 800 * time.Millisecond}, {busy, again, 0, 1600 * time.Millisecond},
			{busy, again, 0, 3200 * time.Millisecond}, {busy, again, 0, 5 * time.Second}, {busy, again, 0, 5 * time.Second}, ends(busy, down),
		}},
		{"one attempt", repeatable, []rutravel.Option{rutravel.WithMaxAttempts(1)}, []step{ends(busy, down), ends(lost, down), ends(refuses, down)}},

		{"never sent", allOps, nil, []step{first(refuses), second(refuses), ends(refuses, down)}},
		{"not sent at first", allOps, nil, []step{first(refuses), second(refuses), ends(yes, success)}},
		{"unsafe is lost after it was not sent", unsafe, nil, []step{first(refuses), ends(lost, notConfirmed)}},
		{"unsafe is sent once", unsafe, nil, []step{
			ends(busy, notConfirmed), ends(answers(500, "yes"), notConfirmed), ends(answers(502, ""), notConfirmed), ends(answers(408, ""), notConfirmed),
			ends(answers(400, ""), notConfirmed), ends(answers(401, ""), notConfirmed), ends(retryLater(503, "1"), notConfirmed),
			ends(lost, notConfirmed), ends(reset, notConfirmed), ends(cut, notConfirmed), ends(silent, notConfirmed),
			ends(answers(429, ""), rutravel.ErrRateLimited), ends(retryLater(429, "7"), rutravel.ErrRateLimited), ends(answers(200, "no"), rutravel.ErrRejected),
		}},

		{"the budget is the client's", repeatable, []rutravel.Option{rutravel.WithRetryBudget(3)}, []step{
			first(busy), second(busy), ends(busy, down), first(busy), ends(busy, down), ends(busy, down), ends(lost, down),
		}},
		{"no budget", repeatable, []rutravel.Option{rutravel.WithRetryBudget(0)}, slices.Concat([]step{ends(busy, down)}, ten, []step{ends(busy, down)})},
		{"a spent budget bounds what was not sent", allOps, []rutravel.Option{rutravel.WithRetryBudget(1)}, []step{first(refuses), ends(refuses, down), ends(refuses, down)}},
		{"ten successes earn a retry", repeatable, []rutravel.Option{rutravel.WithRetryBudget(1)}, slices.Concat(
			[]step{first(busy), ends(busy, down), ends(busy, down)}, ten, []step{first(busy), ends(busy, down), ends(busy, down)},
			ten[:9], []step{ends(busy, down)}, ten[:1], []step{first(busy), ends(busy, down)},
		)},
		{"no more is earned than there was", repeatable, []rutravel.Option{rutravel.WithRetryBudget(1)}, slices.Concat(ten, ten, []step{first(busy), ends(busy, down), ends(busy, down)})},
		{"a success at the second earns nothing", repeatable, []rutravel.Option{rutravel.WithRetryBudget(10)}, slices.Concat(
			slices.Repeat([]step{first(busy), ends(yes, success)}, 10), []step{ends(busy, down)},
		)},
		{"what is not repeated costs nothing", repeatable, []rutravel.Option{rutravel.WithRetryBudget(2)}, slices.Concat(
			slices.Repeat([]step{ends(answers(400, ""), rutravel.ErrProtocol), ends(retryLater(503, "31"), down)}, 10),
			[]step{first(busy), second(busy), ends(busy, down), ends(busy, down)},
		)},
	} {
		for _, op := range test.ops {
			bubble(t, test.name+", "+op.Key, func(t *testing.T) { retries(t, op, test.options, test.steps) })
		}
	}
}

// retries makes calls until all steps are used.
func retries(t *testing.T, op *Operation, options []rutravel.Option, steps []step) {
	t.Helper()
	type attempt struct {
		began, ended time.Time
		status       int
		retryAfter   time.Duration
		err          error
	}
	var made []attempt
	c := newClient(t, testBase, middleware(func(r *http.Request) (*http.Response, error) {
		require.Less(t, len(made), len(steps), "an attempt too many")
		a := attempt{began: time.Now()}
		resp, err := steps[len(made)].meets(r)
		if err == nil {
			a.status, a.retryAfter = resp.StatusCode, retryAfter(resp.Header, time.Now())
		}
		a.ended, a.err = time.Now(), err
		made = append(made, a)
		return resp, err
	}), options...)
	for len(made) < len(steps) {
		begin := len(made)
		value, err := Do(t.Context(), c, op, get, text)
		last := made[len(made)-1]
		assert.Equal(t, last.ended, time.Now(), "waited for nothing")
		for i := begin; i < len(made)-1; i++ {
			assert.Equal(t, again, steps[i].out, "step %d", i)
			wait := made[i+1].began.Sub(made[i].ended)
			assert.GreaterOrEqual(t, wait, steps[i].least, "step %d", i)
			assert.LessOrEqual(t, wait, steps[i].most, "step %d", i)
		}
		out := steps[len(made)-1].out
		if err == nil {
			assert.Equal(t, success, out, "step %d", len(made)-1)
			assert.Equal(t, "yes", value)
			continue
		}
		e := failure(t, err)
		assert.Equal(t, out, e.Kind, "step %d", len(made)-1)
		assert.Equal(t, len(made)-begin, e.Attempts)
		assert.Equal(t, last.status, e.HTTPStatus)
		assert.Equal(t, last.retryAfter, e.RetryAfter)
		if out != rutravel.ErrNotConfirmed { // see TestDoPartialValue
			assert.Empty(t, value)
		}
		if errors.Is(last.err, syscall.ECONNREFUSED) {
			assert.ErrorIs(t, err, syscall.ECONNREFUSED)
		}
	}
}

// TestOutage counts the requests that reach a supplier in an outage of ten
// minutes, while a backend makes ten calls a second. [rutravel.WithRetryBudget]
// states some of these figures.
func TestOutage(t *testing.T) {
	t.Parallel()
	const (
		outage = 10 * time.Minute
		every  = 100 * time.Millisecond
		calls  = int(outage / every)
	)
	source, err := os.ReadFile("../../options.go")
	require.NoError(t, err)
	doc := strings.ReplaceAll(string(source), "\n// ", " ")
	busy := answers(503, "")
	for _, test := range []struct {
		name     string
		op       *Operation
		meets    httpmock.Responder
		options  []rutravel.Option
		requests int
		says     string // what the documentation says; "" is nothing
	}{
		{"default", safeOp, busy, nil, calls + 100, "%d requests by default"},
		{"no retries", safeOp, busy, []rutravel.Option{rutravel.WithRetryBudget(0)}, calls, "%d with a budget of 0"},
		{"no bound", safeOp, busy, []rutravel.Option{rutravel.WithRetryBudget(math.MaxInt)}, 3 * calls, "%d without a budget"},
		{"ten retries", safeOp, busy, []rutravel.Option{rutravel.WithRetryBudget(10)}, calls + 10, ""},
		{"ten attempts", safeOp, busy, []rutravel.Option{rutravel.WithMaxAttempts(10)}, calls + 100, ""},
		{"one attempt", safeOp, busy, []rutravel.Option{rutravel.WithMaxAttempts(1)}, calls, ""},
		{"asks for ten seconds", safeOp, retryLater(503, "10"), nil, calls + 100, ""},
		{"asks for a minute", safeOp, retryLater(503, "60"), nil, calls, ""},
		{"silent", safeOp, silent, nil, calls + 100, ""},
		{"unsafe", unsafeOp, busy, nil, calls, ""},
		{"unsafe, refused connections", unsafeOp, refuseConnection, nil, calls + 100, ""},
	} {
		bubble(t, test.name, func(t *testing.T) {
			var (
				back     atomic.Bool
				requests atomic.Int64
			)
			c := newClient(t, testBase, middleware(func(r *http.Request) (*http.Response, error) {
				if back.Load() {
					return answers(200, "yes")(r)
				}
				requests.Add(1)
				return test.meets(r)
			}), test.options...)
			var wg sync.WaitGroup
			for range calls {
				wg.Go(func() {
					_, err := Do(t.Context(), c, test.op, get, text)
					assert.Error(t, err)
				})
				time.Sleep(every)
			}
			wg.Wait()
			assert.EqualValues(t, test.requests, requests.Load())
			if test.says != "" {
				assert.Contains(t, doc, fmt.Sprintf(test.says, requests.Load()))
			}

			// After the outage calls succeed as before.
			back.Store(true)
			_, err := Do(t.Context(), c, test.op, get, text)
			assert.NoError(t, err)
		})
	}
}

// Callers without time for a retry do not use up the retries of others.
func TestBudgetOfRetriesNotMade(t *testing.T) {
	t.Parallel()
	bubble(t, "deadline", func(t *testing.T) {
		c, err := newAt(testBase, rutravel.WithRetryBudget(1),
			rutravel.WithHTTPClient(&http.Client{Transport: mock(answers(http.StatusServiceUnavailable, ""))}))
		require.NoError(t, err)
		for range 5 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
			_, err := Do(ctx, c, safeOp, get, text)
			cancel()
			assert.Equal(t, rutravel.ErrCanceled, failure(t, err).Kind)
		}
		_, err = Do(t.Context(), c, safeOp, get, text)
		assert.Equal(t, 2, failure(t, err).Attempts)
		_, err = Do(t.Context(), c, safeOp, get, text)
		assert.Equal(t, 1, failure(t, err).Attempts)
	})
}
