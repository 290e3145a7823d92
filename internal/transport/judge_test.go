package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
)

// How the answer was read.
const (
	unread         = "unread"           // the answer cannot be read
	refused        = "refused"          // the supplier says ErrSoldOut
	unclassified   = "unclassified"     // the supplier refuses without a classification
	undocumented   = "undocumented"     // the answer says ErrSoldOut, but not in the documented shape
	unsettled      = "unsettled"        // the supplier says ErrSoldOut, but the outcome is open
	contradicted   = "contradicted"     // the answer is a success with an error status
	repeated       = "repeated"         // the supplier says ErrSoldOut to the second of two requests
	repeatedUnread = "repeated, unread" // the answer to the second of two requests cannot be read
)

// How far the attempt came.
const (
	notSent  = "not sent"
	unheard  = "no answer"
	cut      = "a cut answer"
	answered = "an answer"
)

var (
	readings = []string{unread, refused, unclassified, undocumented, unsettled, contradicted, repeated, repeatedUnread}
	statuses = []int{0, 200, 204, 301, 304, 308, 400, 401, 403, 404, 408, 409, 422, 429, 499, 500, 502, 503, 504}
	stages   = []string{notSent, unheard, cut, answered}
)

// possible reports whether there is such an outcome. Only an answer has a status,
// and a success with a good status does not fail.
func possible(stage string, status int, reading string) bool {
	none := stage == notSent || stage == unheard
	return none == (status == 0) && (reading != contradicted || status >= 400)
}

func outcomeOf(stage string, status int, reading string) outcome {
	o := outcome{status: status, readErr: io.ErrNoProgress}
	switch stage {
	case notSent:
		o.unsent, o.sendErr = true, io.ErrUnexpectedEOF
	case unheard:
		o.sendErr = io.ErrUnexpectedEOF
	case cut:
		o.bodyErr = io.ErrUnexpectedEOF
	}
	switch reading {
	case refused:
		o.readErr = &Refusal{Kind: rutravel.ErrSoldOut}
	case unclassified:
		o.readErr = &Refusal{}
	case undocumented:
		o.readErr = &Refusal{Kind: rutravel.ErrSoldOut, Undocumented: true}
	case unsettled:
		o.readErr = &Refusal{Kind: rutravel.ErrSoldOut, Unsettled: true}
	case contradicted:
		o.readErr = nil
	case repeated:
		o.readErr, o.resent = &Refusal{Kind: rutravel.ErrSoldOut}, true
	case repeatedUnread:
		o.resent = true
	}
	return o
}

// mean is a verdict without its cause.
func mean(kind rutravel.Kind, retry bool) verdict { return verdict{kind: kind, retry: retry} }

func TestJudge(t *testing.T) {
	t.Parallel()
	const (
		alive  = 1
		ended  = 2
		either = alive | ended
	)
	var (
		anyStatus    = []int(nil)
		notBusy      = slices.DeleteFunc(slices.Clone(statuses), func(s int) bool { return s == 429 })
		anyReading   = []string(nil)
		open         = []string{unsettled, contradicted, repeated, repeatedUnread}
		closed       = []string{unread, refused, unclassified, undocumented}
		yes          = []string{unread, contradicted, repeatedUnread} // or at least not a refusal
		unavailable  = mean(rutravel.ErrUnavailable, true)
		canceled     = mean(rutravel.ErrCanceled, false)
		notConfirmed = mean(rutravel.ErrNotConfirmed, false)
		unreadable   = mean(rutravel.ErrProtocol, false)
		soldOut      = mean(rutravel.ErrSoldOut, false)
		rejected     = mean(rutravel.ErrRejected, false)
		auth         = mean(rutravel.ErrAuth, false)
		forbidden    = mean(rutravel.ErrForbidden, false)
	)
	rows := []struct {
		stage      string
		statuses   []int
		readings   []string
		caller     int
		unsafe     verdict
		repeatable verdict // keyed or safe
	}{
		{notSent, anyStatus, anyReading, alive, unavailable, unavailable},
		{notSent, anyStatus, anyReading, ended, canceled, canceled},

		{unheard, anyStatus, anyReading, alive, notConfirmed, unavailable},
		{unheard, anyStatus, anyReading, ended, notConfirmed, canceled},

		// A cut answer says nothing except its status.
		{cut, notBusy, anyReading, alive, notConfirmed, unavailable},
		{cut, notBusy, anyReading, ended, notConfirmed, canceled},
		{cut, []int{429}, []string{unread, refused, unclassified, undocumented, unsettled, contradicted}, either, mean(rutravel.ErrRateLimited, false), mean(rutravel.ErrRateLimited, true)},
		{cut, []int{429}, []string{repeated, repeatedUnread}, either, notConfirmed, mean(rutravel.ErrRateLimited, true)},

		{answered, []int{200, 204, 301, 304, 308, 400, 404, 409, 422}, yes, either, notConfirmed, unreadable},
		{answered, []int{200, 204, 301, 304, 308, 400, 404, 409, 422}, []string{unclassified}, either, rejected, rejected},
		{answered, []int{200, 204, 301, 304, 308, 400, 401, 403, 404, 409, 422}, []string{refused}, either, soldOut, soldOut},
		{answered, []int{200, 204, 301, 304, 308, 400, 401, 403, 404, 409, 422}, []string{undocumented, unsettled, repeated}, either, notConfirmed, soldOut},
		{answered, []int{401}, yes, either, notConfirmed, auth},
		{answered, []int{401}, []string{unclassified}, either, auth, auth},
		{answered, []int{403}, yes, either, notConfirmed, forbidden},
		{answered, []int{403}, []string{unclassified}, either, forbidden, forbidden},
		{answered, []int{429}, closed, either, mean(rutravel.ErrRateLimited, false), mean(rutravel.ErrRateLimited, true)},
		{answered, []int{429}, open, either, notConfirmed, mean(rutravel.ErrRateLimited, true)},
		// A status of a failing server is not a refusal, whatever the answer
		// says.
		{answered, []int{408, 499, 500, 502, 503, 504}, anyReading, either, notConfirmed, unavailable},
	}
	var combinations int
	for _, st := range stages {
		for _, status := range statuses {
			for _, reading := range readings {
				if !possible(st, status, reading) {
					continue
				}
				for _, caller := range []int{alive, ended} {
					name := fmt.Sprintf("%s, HTTP %d, %s, ended %t", st, status, reading, caller == ended)
					var matched int
					for _, r := range rows {
						if r.stage != st || r.caller&caller == 0 ||
							r.statuses != nil && !slices.Contains(r.statuses, status) ||
							r.readings != nil && !slices.Contains(r.readings, reading) {
							continue
						}
						matched++
						for safety, want := range map[Safety]verdict{Unsafe: r.unsafe, Keyed: r.repeatable, Safe: r.repeatable} {
							got := judge(safety, outcomeOf(st, status, reading), caller == ended)
							assert.Error(t, got.cause, name)
							assert.Equal(t, want, mean(got.kind, got.retry), "%s, safety %d", name, safety)
							combinations++
						}
					}
					require.Equal(t, 1, matched, name)
				}
			}
		}
	}
	answers, failures := len(statuses)-1, 13
	withStatus := answers*(len(readings)-1) + failures // contradicted exists only with an error status
	assert.Equal(t, (2*(len(readings)-1)+2*withStatus)*2*3, combinations)
}

// An unsafe call is never sent again unless it is proven that it was not sent,
// and has one of four outcomes. This test does not use the table.
func TestJudgeUnsafe(t *testing.T) {
	t.Parallel()
	for _, st := range stages {
		for _, status := range statuses {
			for _, reading := range readings {
				for _, ended := range []bool{false, true} {
					name := fmt.Sprintf("%s, HTTP %d, %s, ended %t", st, status, reading, ended)
					if !possible(st, status, reading) {
						continue
					}
					got := judge(Unsafe, outcomeOf(st, status, reading), ended)
					if got.retry {
						assert.Equal(t, notSent, st, name)
						assert.False(t, ended, name)
					}
					refusal := st == answered && status < 499 && status != 408 && (reading == refused || reading == unclassified)
					busy := status == 429 && reading != repeated && reading != repeatedUnread &&
						(st == cut || reading != unsettled && reading != contradicted)
					if st != notSent && !busy && !refusal {
						assert.Equal(t, rutravel.ErrNotConfirmed, got.kind, name)
					} else {
						assert.NotEqual(t, rutravel.ErrNotConfirmed, got.kind, name)
					}
				}
			}
		}
	}
}

// A success does not fail. An answer that the caller stopped reading does not
// fail either.
func TestJudgeSuccess(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]outcome{
		"success": {status: 200},
		"stopped": {status: 200, stopped: true, readErr: io.ErrNoProgress, bodyErr: io.ErrUnexpectedEOF},
	} {
		for _, safety := range []Safety{Unsafe, Keyed, Safe} {
			for _, ended := range []bool{false, true} {
				assert.Equal(t, verdict{}, judge(safety, o, ended), name)
			}
		}
	}
}

// A list with unreadable rows and an error status is an error without rows. It
// must not be a RowsError.
func TestJudgeRowsUnderErrorStatus(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]rutravel.Kind{200: rutravel.ErrProtocol, 401: rutravel.ErrAuth, 404: rutravel.ErrProtocol, 500: rutravel.ErrUnavailable} {
		got := judge(Safe, outcome{status: status, readErr: &rutravel.RowsError{Rows: []rutravel.RowError{{}}}}, false)
		assert.Equal(t, want, got.kind, status)
		assert.Equal(t, status == 200, ofRows(got.cause), status)
	}
}

// The zero Safety must be the most careful one.
func TestSafetyZero(t *testing.T) {
	t.Parallel()
	assert.Equal(t, Unsafe, Operation{}.Safety)
}

func TestFailure(t *testing.T) {
	t.Parallel()
	c := newClient(t, testBase, nil)
	req := Request{Query: "phone=79001234567", Private: []string{"79001234567"}}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	fail := func(ctx context.Context, op *Operation, n int, o outcome) (*rutravel.Error, bool) {
		v := judge(op.Safety, o, ctx.Err() != nil)
		return c.failure(ctx, op, req, n, o, v), v.retry
	}

	t.Run("a refusal", func(t *testing.T) {
		t.Parallel()
		own := errors.New("the supplier's own")
		o := outcome{status: 200, retryAfter: 3, readErr: &Refusal{
			Kind: rutravel.ErrConflict, Code: "E 12", Message: "wrong key " + testSecret + " for 79001234567",
			Detail: func(conceal func(string) string) error {
				assert.Equal(t, "call […]", conceal("call 79001234567"))
				return own
			},
		}}
		e, again := fail(t.Context(), unsafeOp, 2, o)
		assert.False(t, again)
		assert.Equal(t, &rutravel.Error{
			Supplier: "acme", Op: "book", Kind: rutravel.ErrConflict, Code: "E 12",
			Message: "wrong key […] for […]", HTTPStatus: 200, RetryAfter: 3, Attempts: 2, Err: own,
		}, e)
	})
	t.Run("an unsettled refusal keeps its code and message", func(t *testing.T) {
		t.Parallel()
		o := outcome{status: 200, readErr: &Refusal{Kind: rutravel.ErrConflict, Code: "500", Message: "general error", Unsettled: true}}
		e, _ := fail(t.Context(), unsafeOp, 1, o)
		assert.ErrorIs(t, e, rutravel.ErrNotConfirmed)
		assert.NotErrorIs(t, e, rutravel.ErrConflict)
		assert.Equal(t, "500", e.Code)
		assert.Equal(t, "general error", e.Message)
	})
	t.Run("a cause", func(t *testing.T) {
		t.Parallel()
		e, again := fail(t.Context(), safeOp, 1, outcome{sendErr: io.EOF})
		assert.True(t, again)
		assert.Equal(t, io.EOF, e.Err)
	})
	t.Run("a cause and the caller's end", func(t *testing.T) {
		t.Parallel()
		e, again := fail(ended, safeOp, 1, outcome{sendErr: io.EOF})
		assert.False(t, again)
		assert.ErrorIs(t, e, context.Canceled)
		assert.ErrorIs(t, e, io.EOF)
		assert.Equal(t, "context canceled; EOF", e.Err.Error())
	})
	t.Run("a cause that is the caller's end", func(t *testing.T) {
		t.Parallel()
		e, _ := fail(ended, safeOp, 1, outcome{sendErr: context.Canceled})
		assert.Equal(t, context.Canceled, e.Err)
	})
	t.Run("a cause that shows the address", func(t *testing.T) {
		t.Parallel()
		// Some RoundTrippers add the address to their errors, without quotes.
		cause := fmt.Errorf("GET %s giving up after 5 attempts: %w", testBase+"?phone=79001234567", io.EOF)
		e, _ := fail(t.Context(), safeOp, 1, outcome{sendErr: cause})
		assert.Equal(t, "GET […] giving up after 5 attempts: EOF", e.Err.Error())
		assert.ErrorIs(t, e, io.EOF)
	})
	t.Run("a cause of several lines", func(t *testing.T) {
		t.Parallel()
		e, _ := fail(t.Context(), safeOp, 1, outcome{sendErr: errors.Join(io.EOF, io.ErrClosedPipe)})
		assert.False(t, strings.ContainsAny(e.Error(), "\r\n"), e.Error())
		assert.ErrorIs(t, e, io.ErrClosedPipe)
	})
}
