package conformance

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
)

// ending is a way in which a call can end.
type ending struct {
	name string
	// answers lists how the supplier answers the attempts, each after one second. The
	// last one answers all further attempts.
	answers  []httpmock.Responder
	limiter  func(context.Context) error // nil if there is none
	deadline time.Duration               // of the context; 0 if it has none
	options  []rutravel.CallOption

	kind     rutravel.Kind         // of the error; "" if the call succeeds
	unsafe   rutravel.Kind         // of the error of an unsafe call
	attempts [2]int                // of a call that may be retried, and of an unsafe call
	yields   bool                  // elements of a stream before its error
	waits    []rutravel.WaitReason // of a call that may be retried, for its limiter and before attempts
}

// endings lists all ways in which a call can end.
func (s Suite[C]) endings(t *testing.T, c Call[C]) []ending {
	t.Helper()
	good := s.answer(t, c)
	in := httpmock.NewStringResponder
	fail := func(err error) httpmock.Responder {
		return func(*http.Request) (*http.Response, error) { return nil, err }
	}
	later := func(err error) func(context.Context) error {
		return func(ctx context.Context) error {
			select {
			case <-time.After(5 * time.Second):
				return err
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	success := in(c.status(), good)
	refusal := in(s.refusalStatus(), s.Refusal(c.Op, "no"))
	refused := fail(&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED})
	lost := fail(&net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET})
	busy := in(http.StatusServiceUnavailable, "")
	const (
		limiter = rutravel.WaitLimiter
		backoff = rutravel.WaitBackoff
	)
	all := []ending{
		{name: "success", answers: []httpmock.Responder{success}, attempts: [2]int{1, 1}},
		{
			name: "refusal", answers: []httpmock.Responder{refusal},
			kind: s.refusalKind(), unsafe: s.refusalKind(), attempts: [2]int{1, 1},
		},
		{
			name: "invalid", answers: []httpmock.Responder{success}, options: []rutravel.CallOption{rutravel.WithMaxAttempts(0)},
			kind: rutravel.ErrInvalid, unsafe: rutravel.ErrInvalid,
		},
		{
			name: "the limiter lets the call wait", answers: []httpmock.Responder{success}, limiter: later(nil),
			attempts: [2]int{1, 1}, waits: []rutravel.WaitReason{limiter},
		},
		{
			name: "the limiter refuses", answers: []httpmock.Responder{success}, limiter: later(rutravel.ErrRateLimited),
			kind: rutravel.ErrRateLimited, unsafe: rutravel.ErrRateLimited, waits: []rutravel.WaitReason{limiter},
		},
		{
			name: "the limiter fails", answers: []httpmock.Responder{success}, limiter: later(errors.New("no route")),
			kind: rutravel.ErrUnavailable, unsafe: rutravel.ErrUnavailable, waits: []rutravel.WaitReason{limiter},
		},
		{
			name: "the deadline passes at the limiter", answers: []httpmock.Responder{success}, limiter: later(nil), deadline: time.Second,
			kind: rutravel.ErrCanceled, unsafe: rutravel.ErrCanceled, waits: []rutravel.WaitReason{limiter},
		},
		{
			name: "the context ended before", answers: []httpmock.Responder{success}, deadline: -1,
			kind: rutravel.ErrCanceled, unsafe: rutravel.ErrCanceled,
		},
		{
			name: "the deadline passes in an attempt", answers: []httpmock.Responder{success}, deadline: time.Millisecond,
			kind: rutravel.ErrCanceled, unsafe: rutravel.ErrNotConfirmed, attempts: [2]int{1, 1},
		},
		{
			name: "the deadline leaves no time for a backoff", deadline: 5 * time.Second,
			answers: []httpmock.Responder{busy.HeaderSet(http.Header{"Retry-After": {"20"}})},
			kind:    rutravel.ErrCanceled, unsafe: rutravel.ErrNotConfirmed, attempts: [2]int{1, 1},
			waits: []rutravel.WaitReason{backoff},
		},
		{
			name: "no connection", answers: []httpmock.Responder{refused},
			kind: rutravel.ErrUnavailable, unsafe: rutravel.ErrUnavailable, attempts: [2]int{attempts, attempts},
			waits: []rutravel.WaitReason{backoff, backoff},
		},
		{
			name: "a connection at the last attempt", answers: []httpmock.Responder{refused, refused, success}, limiter: later(nil),
			attempts: [2]int{attempts, attempts}, waits: []rutravel.WaitReason{limiter, backoff, limiter, backoff, limiter},
		},
		{
			name: "a lost answer", answers: []httpmock.Responder{lost},
			kind: rutravel.ErrUnavailable, unsafe: rutravel.ErrNotConfirmed, attempts: [2]int{attempts, 1},
			waits: []rutravel.WaitReason{backoff, backoff},
		},
		{
			name: "an answer at the last attempt", answers: []httpmock.Responder{lost, busy, success},
			unsafe: rutravel.ErrNotConfirmed, attempts: [2]int{attempts, 1}, waits: []rutravel.WaitReason{backoff, backoff},
		},
		{
			name: "too many requests", answers: []httpmock.Responder{in(http.StatusTooManyRequests, "").HeaderSet(http.Header{"Retry-After": {"86400"}})},
			kind: rutravel.ErrRateLimited, unsafe: rutravel.ErrRateLimited, attempts: [2]int{1, 1},
		},
		{
			name: "an unreadable answer", answers: []httpmock.Responder{in(http.StatusOK, "<html>")},
			kind: rutravel.ErrProtocol, unsafe: rutravel.ErrNotConfirmed, attempts: [2]int{1, 1},
		},
	}
	if c.Streamed {
		all = append(all, ending{
			name: "a stream that breaks off", answers: []httpmock.Responder{func(*http.Request) (*http.Response, error) {
				return unsizedResponse(io.MultiReader(strings.NewReader(good[:len(good)/2]), brokenReader{})), nil
			}},
			kind: rutravel.ErrUnavailable, attempts: [2]int{1, 1}, yields: true,
		})
	}
	return all
}

// observations ends each call in all ways. An observer sees one start and one end
// of it, with the figures of its attempts and waits.
func (s Suite[C]) observations(t *testing.T) {
	s.forEachCall(t, func(t *testing.T, c Call[C], unsafe bool) {
		for _, e := range s.endings(t, c) {
			t.Run(e.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { s.observe(t, c, unsafe, e) })
			})
		}
		t.Run("an invalid field", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { s.observeInvalidFields(t, c) })
		})
	})
	for _, list := range s.Lists {
		t.Run("pages of "+list.Call.name(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { s.observePages(t, list) })
		})
	}
}

// observe ends a call in one way.
func (s Suite[C]) observe(t *testing.T, c Call[C], unsafe bool, e ending) {
	t.Helper()
	ctx := t.Context()
	if e.deadline != 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, e.deadline)
		defer cancel()
	}
	var seen Observed
	client, sent := s.observed(t, &seen, e)
	begun := time.Now()
	value, err := c.Do(ctx, client, e.options...)
	took := time.Since(begun)
	kind, made := e.kind, e.attempts[0]
	if unsafe {
		kind, made = e.unsafe, e.attempts[1]
	}
	require.Equal(t, kind, rutravel.KindOf(err), "%v", err)

	seen.Check(t)
	calls := seen.Calls(c.Op)
	require.Len(t, calls, 1)
	one := calls[0]
	end := one.Ends[0]
	assert.Equal(t, s.described(t, c), one.Call)
	assert.Equal(t, took, end.Duration)
	assert.Equal(t, made, end.Attempts)
	assert.Equal(t, made, *sent)
	assert.Equal(t, kind, rutravel.KindOf(end.Err), "%v", end.Err)
	if failed, ok := errors.AsType[*rutravel.Error](err); ok {
		assert.Equal(t, made, failed.Attempts)
	}
	for i, a := range one.Attempts {
		assert.Equal(t, i == made-1 && kind == "", a.Err == nil, "%v", a.Err)
	}
	var reasons []rutravel.WaitReason
	for _, w := range one.Waits {
		assert.Equal(t, rutravel.KindOf(w.Err) != "", w.Err != nil)
		if w.Reason == rutravel.WaitLimiter || w.Reason == rutravel.WaitBackoff {
			reasons = append(reasons, w.Reason)
		}
	}
	if made == e.attempts[0] && kind == e.kind {
		assert.Equal(t, e.waits, reasons)
	}
	if kind == "" && s.Renumber == nil {
		assert.GreaterOrEqual(t, end.Bytes, int64(len(s.answer(t, c))))
	}
	switch {
	case c.Streamed && (kind == "" || e.yields):
		assert.Positive(t, end.Elements, "%v", value)
	case kind != "":
		assert.Zero(t, end.Elements)
	}
}

// described is how observers see a call.
func (s Suite[C]) described(t *testing.T, c Call[C]) rutravel.Call {
	t.Helper()
	op := s.operation(t, c)
	safety := map[transport.Safety]rutravel.Safety{
		transport.Unsafe: rutravel.SafetyUnsafe, transport.Keyed: rutravel.SafetyKeyed, transport.Safe: rutravel.SafetySafe,
	}
	return rutravel.Call{Supplier: s.Supplier, Op: c.Op, Safety: safety[op.Safety], Decides: op.Decides}
}

// observed returns a client whose calls end in one way, and the number of requests
// that were sent in sessions.
func (s Suite[C]) observed(t *testing.T, seen *Observed, e ending) (client C, sent *int) {
	t.Helper()
	sent = new(int)
	rt := respondWith(func(r *http.Request) (*http.Response, error) {
		answer := e.answers[min(*sent, len(e.answers)-1)]
		*sent++
		select {
		case <-time.After(time.Second):
			return answer(r)
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	})
	opts := []rutravel.Option{s.withTransport(t, rt), seen.Option()}
	if e.limiter != nil {
		opts = append(opts, rutravel.WithLimiter(limiterFunc(e.limiter)))
	}
	client, err := s.New(s.BaseURL, opts...)
	require.NoError(t, err)
	return client, sent
}

type limiterFunc func(context.Context) error

func (l limiterFunc) Wait(ctx context.Context) error { return l(ctx) }

// observeInvalidFields makes a call with each of its texts set to one that is not
// valid. If nothing is sent, an observer sees one call that ends in that error.
func (s Suite[C]) observeInvalidFields(t *testing.T, c Call[C]) {
	t.Helper()
	args := reflect.New(reflect.TypeOf(c.args)).Elem()
	args.Set(clone(reflect.ValueOf(c.args)))
	walk(args, "", nameOf(args.Type()), func(l text) {
		golden := l.get()
		defer l.set(golden)
		l.set("\x00")
		var seen Observed
		client, sent := s.observed(t, &seen, ending{answers: []httpmock.Responder{httpmock.NewStringResponder(c.status(), s.answer(t, c))}})
		_, err := c.send(t.Context(), client, args.Interface())
		seen.Check(t)
		calls := seen.Calls("")
		if *sent == 0 {
			require.Len(t, calls, 1, l.path)
			assert.Equal(t, rutravel.ErrInvalid, rutravel.KindOf(err), "%s: %v", l.path, err)
			assert.Same(t, err, calls[0].Ends[0].Err, l.path)
		}
	})
}

// observePages reads a list of several pages. Each request is one call.
func (s Suite[C]) observePages(t *testing.T, list List[C]) {
	t.Helper()
	e := ending{}
	for _, text := range append([]string{s.twoRows(t, list)}, list.Further...) {
		e.answers = append(e.answers, httpmock.NewStringResponder(list.Call.status(), text))
	}
	var seen Observed
	client, sent := s.observed(t, &seen, e)
	_, err := list.Call.Do(t.Context(), client)
	require.NoError(t, err)
	seen.Check(t)
	calls := seen.Calls(list.Call.Op)
	require.Len(t, calls, *sent)
	assert.Greater(t, len(calls), len(list.Further)-1)
	for _, one := range calls {
		assert.Equal(t, s.described(t, list.Call), one.Call)
		assert.Equal(t, 1, one.Ends[0].Attempts)
		assert.NoError(t, one.Ends[0].Err)
	}
}
