package transport

import (
	"cmp"
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/options"
)

// Relay is [Stream] for a protocol over HTTP that another package speaks:
// exchange makes it send one request through the line, of whose Request the
// headers are added, and passes what arrives to yield; it returns when the
// answer has ended as the protocol wants it, or when yield returns false. Its
// error is a [*Refusal], or says what is wrong with the answer; one that is
// [io.ErrUnexpectedEOF] says that the answer was cut.
func Relay[T any](ctx context.Context, c *Client, op *Operation, req Request, exchange func(ctx context.Context, line *Line, yield func(T) bool) error, opts ...rutravel.CallOption) iter.Seq2[T, error] {
	return elements(ctx, c, op, req, opts, func(call options.Call, yield func(T) bool) outcome {
		return c.relay(ctx, req, call, func(attempt context.Context, line *Line) error {
			return exchange(attempt, line, func(v T) bool {
				if line.outcome.status >= http.StatusBadRequest {
					return true
				}
				line.body.left = maxFrame
				return yield(v)
			})
		})
	})
}

// relay makes one attempt.
func (c *Client) relay(ctx context.Context, req Request, call options.Call, exchange func(context.Context, *Line) error) outcome {
	attempt, cancel := context.WithCancel(ctx)
	defer cancel()
	line := &Line{client: c, req: req, arrived: counted{longest: call.AttemptTimeout}}
	line.arrived.silence = time.AfterFunc(call.AttemptTimeout, cancel)
	defer line.arrived.silence.Stop()
	err := exchange(attempt, line)
	o := line.outcome
	o.bytes = line.arrived.bytes
	_, refused := errors.AsType[*Refusal](err)
	if deadline, ok := ctx.Deadline(); ok && err != nil && !time.Now().Before(deadline) {
		<-ctx.Done() // it may have been told to the supplier, who has seen it first
	}
	broken := cmp.Or(line.arrived.err, attempt.Err())
	switch {
	case o.err != nil:
		if o.stage != answered {
			o.err = timedOut(ctx, attempt, call.AttemptTimeout, o.err)
		}
	case err == nil && o.status >= http.StatusBadRequest:
		o.err = errContradiction
	case err == nil || refused:
		o.err = err
	case line.body.left < 0:
		o.err = errTooLong
	case broken != nil:
		o.stage, o.err = lost, timedOut(ctx, attempt, call.AttemptTimeout, broken)
	case errors.Is(err, io.ErrUnexpectedEOF):
		o.stage, o.err = lost, err
	default:
		o.err = err
	}
	if o.err != nil && attempt.Err() != nil && (ctx.Err() == nil || o.bytes == 0) {
		line.leave()
	}
	return o
}

// maxFrame is an element with the head that gRPC puts before each.
const maxFrame = MaxElement + 5

// Line is what the one request of an attempt is sent through.
type Line struct {
	client  *Client
	through *route // nil if the RoundTripper is foreign
	req     Request
	arrived counted
	body    bounded
	outcome outcome
}

// Address is where the request goes.
func (l *Line) Address() string { return l.client.address(l.req) }

// Do sends a request. Redirects are errors.
func (l *Line) Do(r *http.Request) (*http.Response, error) {
	for name, values := range l.req.Header {
		r.Header[name] = values
	}
	r.Header.Set("User-Agent", l.client.userAgent)
	client := *l.client.shared
	client.Timeout = 0 // the caller's would bound the whole
	if l.through = l.client.http2.Load(); l.through != nil {
		client.Transport = l.through.wrapped
	}
	resp, o := l.client.do(&client, l.req, r)
	switch {
	case o.err != nil:
	case l.through != nil && resp.ProtoMajor != 2: // by TLS that has agreed on nothing
		o.err = errNotHTTP2
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		o.err = errRedirect
	}
	l.outcome = o
	if o.err != nil {
		if resp != nil {
			_ = resp.Body.Close()
		}
		return nil, o.err
	}
	l.arrived.from = resp.Body
	l.body = bounded{from: &l.arrived, left: maxFrame}
	resp.Body = &relayed{line: l, body: resp.Body}
	return resp, nil
}

var errNotHTTP2 = errors.New("the supplier has answered by HTTP/1.1, not HTTP/2")

// leave has later attempts connect anew. An attempt whose own time was over, or
// that nothing had come for when the caller's was, may have waited on a
// connection that carries nothing any more, and net/http would send all others
// through it, too. What else is under way there goes on.
func (l *Line) leave() {
	p := l.through
	if p == nil || l.client.http2.Load() != p {
		return // others have left it
	}
	if l.client.http2.CompareAndSwap(p, l.client.route(p.transport.Clone())) {
		p.transport.CloseIdleConnections()
	}
}

// route is a transport, and what the caller has made of it by an option.
type route struct {
	transport *http.Transport
	wrapped   http.RoundTripper
}

func (c *Client) route(t *http.Transport) *route {
	r := &route{t, t}
	if wrap := c.settings.Wrap; wrap != nil {
		if w := wrap(t); w != nil { // a client without a transport takes http.DefaultTransport
			r.wrapped = w
		}
	}
	return r
}

// relayed is a body that is read through a Line. What is read of it after it was
// closed says nothing about the line.
type relayed struct {
	line   *Line
	body   io.Closer
	closed bool
}

func (r *relayed) Read(p []byte) (int, error) {
	if r.closed {
		return 0, http.ErrBodyReadAfterClose
	}
	return r.line.body.Read(p)
}

func (r *relayed) Close() error {
	r.closed = true
	return r.body.Close()
}
