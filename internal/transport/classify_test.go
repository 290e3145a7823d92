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
	unread         = "unread"           // the answer is no refusal
	refused        = "refused"          // the supplier says ErrSoldOut
	unclassified   = "unclassified"     // the supplier says no, no more
	undocumented   = "undocumented"     // somebody says ErrSoldOut, but not as the supplier does
	unsettled      = "unsettled"        // the supplier says ErrSoldOut, but who knows
	contradicted   = "contradicted"     // the supplier says yes, and the status no
	repeated       = "repeated"         // the supplier says ErrSoldOut to the second of two
	repeatedUnread = "repeated, unread" // the second of two, and no refusal
)

var (
	readings = []string{unread, refused, unclassified, undocumented, unsettled, contradicted, repeated, repeatedUnread}
	statuses = []int{0, 200, 204, 301, 304, 308, 400, 401, 403, 404, 408, 409, 422, 429, 499, 500, 502, 503, 504}
	stages   = []stage{notSent, lost, answered}
)

func outcomeOf(s stage, status int, reading string) outcome {
	o := outcome{stage: s, status: status, err: io.ErrUnexpectedEOF}
	switch reading {
	case refused:
		o.err = &Refusal{Kind: rutravel.ErrSoldOut}
	case unclassified:
		o.err = &Refusal{}
	case undocumented:
		o.err = &Refusal{Kind: rutravel.ErrSoldOut, Undocumented: true}
	case unsettled:
		o.err = &Refusal{Kind: rutravel.ErrSoldOut, Unsettled: true}
	case contradicted:
		o.err = errContradiction
	case repeated:
		o.err, o.repeated = &Refusal{Kind: rutravel.ErrSoldOut}, true
	case repeatedUnread:
		o.repeated = true
	}
	return o
}

// verdict is a kind and whether the call may be sent again.
type verdict struct {
	kind  rutravel.Kind
	again bool
}

func TestClassify(t *testing.T) {
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
		yes          = []string{unread, contradicted, repeatedUnread} // or at least not no
		unavailable  = verdict{rutravel.ErrUnavailable, true}
		canceled     = verdict{rutravel.ErrCanceled, false}
		notConfirmed = verdict{rutravel.ErrNotConfirmed, false}
		unreadable   = verdict{rutravel.ErrProtocol, false}
		soldOut      = verdict{rutravel.ErrSoldOut, false}
		rejected     = verdict{rutravel.ErrRejected, false}
		auth         = verdict{rutravel.ErrAuth, false}
		forbidden    = verdict{rutravel.ErrForbidden, false}
	)
	rows := []struct {
		stage      stage
		statuses   []int
		readings   []string
		caller     int
		unsafe     verdict
		repeatable verdict // keyed or safe
	}{
		{notSent, anyStatus, anyReading, alive, unavailable, unavailable},
		{notSent, anyStatus, anyReading, ended, canceled, canceled},

		{lost, notBusy, anyReading, alive, notConfirmed, unavailable},
		{lost, notBusy, anyReading, ended, notConfirmed, canceled},
		{lost, []int{429}, closed, either, verdict{rutravel.ErrRateLimited, false}, verdict{rutravel.ErrRateLimited, true}},
		{lost, []int{429}, open, either, notConfirmed, verdict{rutravel.ErrRateLimited, true}},

		{answered, []int{200, 204, 301, 304, 308, 400, 404, 409, 422}, yes, either, notConfirmed, unreadable},
		{answered, []int{200, 204, 301, 304, 308, 400, 404, 409, 422}, []string{unclassified}, either, rejected, rejected},
		{answered, []int{200, 204, 301, 304, 308, 400, 401, 403, 404, 409, 422}, []string{refused}, either, soldOut, soldOut},
		{answered, []int{200, 204, 301, 304, 308, 400, 401, 403, 404, 409, 422}, []string{undocumented, unsettled, repeated}, either, notConfirmed, soldOut},
		{answered, []int{401}, yes, either, notConfirmed, auth},
		{answered, []int{401}, []string{unclassified}, either, auth, auth},
		{answered, []int{403}, yes, either, notConfirmed, forbidden},
		{answered, []int{403}, []string{unclassified}, either, forbidden, forbidden},
		{answered, []int{429}, closed, either, verdict{rutravel.ErrRateLimited, false}, verdict{rutravel.ErrRateLimited, true}},
		{answered, []int{429}, open, either, notConfirmed, verdict{rutravel.ErrRateLimited, true}},
		// A server that is out of order does not refuse, whatever it says.
		{answered, []int{408, 499, 500, 502, 503, 504}, anyReading, either, notConfirmed, unavailable},
	}
	var combinations int
	for _, st := range stages {
		for _, status := range statuses {
			if st == answered && status == 0 {
				continue // an answer has a status
			}
			for _, reading := range readings {
				for _, caller := range []int{alive, ended} {
					name := fmt.Sprintf("stage %d, HTTP %d, %s, ended %t", st, status, reading, caller == ended)
					var matched int
					for _, r := range rows {
						if r.stage != st || r.caller&caller == 0 ||
							r.statuses != nil && !slices.Contains(r.statuses, status) ||
							r.readings != nil && !slices.Contains(r.readings, reading) {
							continue
						}
						matched++
						for safety, want := range map[Safety]verdict{Unsafe: r.unsafe, Keyed: r.repeatable, Safe: r.repeatable} {
							kind, again := classify(safety, outcomeOf(st, status, reading), caller == ended)
							assert.Equal(t, want, verdict{kind, again}, "%s, safety %d", name, safety)
							combinations++
						}
					}
					require.Equal(t, 1, matched, name)
				}
			}
		}
	}
	assert.Equal(t, (3*len(statuses)-1)*len(readings)*2*3, combinations)
}

// An unsafe call is never sent again unless it is proven that it was not sent,
// and has one of four outcomes. This says it without the table.
func TestClassifyUnsafe(t *testing.T) {
	t.Parallel()
	for _, st := range stages {
		for _, status := range statuses {
			for _, reading := range readings {
				for _, ended := range []bool{false, true} {
					name := fmt.Sprintf("stage %d, HTTP %d, %s, ended %t", st, status, reading, ended)
					kind, again := classify(Unsafe, outcomeOf(st, status, reading), ended)
					if again {
						assert.Equal(t, notSent, st, name)
						assert.False(t, ended, name)
					}
					refusal := st == answered && status < 499 && status != 408 && (reading == refused || reading == unclassified)
					busy := status == 429 && (reading == unread || reading == refused || reading == unclassified || reading == undocumented)
					if st != notSent && !busy && !refusal {
						assert.Equal(t, rutravel.ErrNotConfirmed, kind, name)
					} else {
						assert.NotEqual(t, rutravel.ErrNotConfirmed, kind, name)
					}
				}
			}
		}
	}
}

// The zero Safety must be the cautious one.
func TestSafetyZero(t *testing.T) {
	t.Parallel()
	assert.Equal(t, Unsafe, Operation{}.Safety)
}

func TestFail(t *testing.T) {
	t.Parallel()
	c := newClient(t, testBase, nil)
	req := Request{Query: "phone=79001234567", Private: []string{"79001234567"}}
	ended, cancel := context.WithCancel(t.Context())
	cancel()

	t.Run("a refusal", func(t *testing.T) {
		t.Parallel()
		own := errors.New("the supplier's own")
		o := outcome{stage: answered, status: 200, retryAfter: 3, err: &Refusal{
			Kind: rutravel.ErrConflict, Code: "E 12", Message: "wrong key " + testSecret + " for 79001234567",
			Detail: func(conceal func(string) string) error {
				assert.Equal(t, "call […]", conceal("call 79001234567"))
				return own
			},
		}}
		e, again := c.fail(t.Context(), unsafeOp, req, 2, o)
		assert.False(t, again)
		assert.Equal(t, &rutravel.Error{
			Supplier: "acme", Op: "book", Kind: rutravel.ErrConflict, Code: "E 12",
			Message: "wrong key […] for […]", HTTPStatus: 200, RetryAfter: 3, Attempts: 2, Err: own,
		}, e)
	})
	t.Run("an unsettled refusal keeps its words", func(t *testing.T) {
		t.Parallel()
		o := outcome{stage: answered, status: 200, err: &Refusal{Kind: rutravel.ErrConflict, Code: "500", Message: "general error", Unsettled: true}}
		e, _ := c.fail(t.Context(), unsafeOp, req, 1, o)
		assert.ErrorIs(t, e, rutravel.ErrNotConfirmed)
		assert.NotErrorIs(t, e, rutravel.ErrConflict)
		assert.Equal(t, "500", e.Code)
		assert.Equal(t, "general error", e.Message)
	})
	t.Run("a cause", func(t *testing.T) {
		t.Parallel()
		e, again := c.fail(t.Context(), safeOp, req, 1, outcome{stage: lost, err: io.EOF})
		assert.True(t, again)
		assert.Equal(t, io.EOF, e.Err)
	})
	t.Run("a cause and the caller's end", func(t *testing.T) {
		t.Parallel()
		e, again := c.fail(ended, safeOp, req, 1, outcome{stage: lost, err: io.EOF})
		assert.False(t, again)
		assert.ErrorIs(t, e, context.Canceled)
		assert.ErrorIs(t, e, io.EOF)
		assert.Equal(t, "context canceled; EOF", e.Err.Error())
	})
	t.Run("a cause that is the caller's end", func(t *testing.T) {
		t.Parallel()
		e, _ := c.fail(ended, safeOp, req, 1, outcome{stage: lost, err: context.Canceled})
		assert.Equal(t, context.Canceled, e.Err)
	})
	t.Run("a cause that shows the address", func(t *testing.T) {
		t.Parallel()
		// Some RoundTrippers name the address in their errors, without quotes.
		cause := fmt.Errorf("GET %s giving up after 5 attempts: %w", testBase+"?phone=79001234567", io.EOF)
		e, _ := c.fail(t.Context(), safeOp, req, 1, outcome{stage: lost, err: cause})
		assert.Equal(t, "GET […] giving up after 5 attempts: EOF", e.Err.Error())
		assert.ErrorIs(t, e, io.EOF)
	})
	t.Run("a cause of several lines", func(t *testing.T) {
		t.Parallel()
		e, _ := c.fail(t.Context(), safeOp, req, 1, outcome{stage: lost, err: errors.Join(io.EOF, io.ErrClosedPipe)})
		assert.False(t, strings.ContainsAny(e.Error(), "\r\n"), e.Error())
		assert.ErrorIs(t, e, io.ErrClosedPipe)
	})
}
