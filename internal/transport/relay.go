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

// Relay is [Stream] for a protocol over HTTP that another package implements.
// exchange makes that package send one request through client, which adds the
// headers of req. exchange passes each element to yield. It returns when the
// answer has ended as the protocol requires, or when yield returns false.
//
// The error of exchange is a [*Refusal], or says what is wrong with the answer.
// If it is [io.ErrUnexpectedEOF], the answer was cut.
func Relay[T any](ctx context.Context, c *Client, op *Operation, req Request, exchange func(ctx context.Context, client *HTTPClient, yield func(T) bool) error, opts ...rutravel.CallOption) iter.Seq2[T, error] {
	return elements(ctx, c, op, req, opts, func(ctx context.Context, seen *call, settings options.Call, yield func(T) bool) outcome {
		return c.relay(ctx, seen, req, settings, func(attempt context.Context, h *HTTPClient) error {
			return exchange(attempt, h, func(v T) bool {
				if h.outcome.status >= http.StatusBadRequest {
					return true
				}
				h.body.left = h.frame
				return h.arrived.pause(func() bool { return yield(v) })
			})
		})
	})
}

// relay makes one attempt.
func (c *Client) relay(ctx context.Context, seen *call, req Request, settings options.Call, exchange func(context.Context, *HTTPClient) error) outcome {
	attempt, e := c.begin(ctx, settings.AttemptTimeout)
	defer e.end()
	h := &HTTPClient{client: c, seen: seen, req: req, evidence: e, arrived: e.count(), frame: frame(settings)}
	defer h.arrived.end.Stop()
	err := exchange(attempt, h)
	o := h.outcome
	o.bytes = h.arrived.bytes
	if deadline, ok := ctx.Deadline(); ok && err != nil && !time.Now().Before(deadline) {
		<-ctx.Done() // the supplier may know the deadline, and may have ended the call a moment earlier
	}
	o.readErr = err
	if o.sendErr == nil && o.headErr == nil && !complete(err) {
		o.bodyErr = cmp.Or(h.body.broken(h.arrived), attempt.Err())
		if o.bodyErr == nil && errors.Is(err, io.ErrUnexpectedEOF) {
			o.bodyErr = err
		}
	}
	o.timeout = e.expired(ctx, attempt)
	if err != nil && attempt.Err() != nil && (ctx.Err() == nil || o.bytes == 0) {
		h.abandonConnection()
	}
	return o
}

// complete reports whether an exchange that ended with err received its whole
// answer. The protocol marks the end of an answer.
func complete(err error) bool {
	_, refused := errors.AsType[*Refusal](err)
	return err == nil || refused
}

// frame returns the limit of an element with the header that gRPC puts before
// each.
func frame(settings options.Call) int64 { return bound(settings, MaxElement) + 5 }

// HTTPClient sends the single request of an attempt of [Relay].
type HTTPClient struct {
	client   *Client
	seen     *call
	through  *route // nil if the RoundTripper is foreign
	req      Request
	evidence *evidence
	arrived  *counted
	body     bounded
	frame    int64 // the limit of an element
	outcome  outcome
}

// Warn reports a value that could not be read and that the caller can do without.
func (h *HTTPClient) Warn(ctx context.Context, w rutravel.Warning) {
	h.client.warn(ctx, h.seen, h.req, w)
}

// Address returns the URL of the request.
func (h *HTTPClient) Address() string { return h.client.address(h.req) }

// Do sends a request. Redirects are errors.
func (h *HTTPClient) Do(r *http.Request) (*http.Response, error) {
	for name, values := range h.req.Header {
		r.Header[name] = values
	}
	r.Header.Set("User-Agent", h.client.userAgent)
	client := *h.client.shared
	client.Timeout = 0 // the caller's timeout would limit the whole stream
	if h.through = h.client.http2.Load(); h.through != nil {
		client.Transport = h.through.wrapped
	}
	resp, o := h.client.do(h.evidence, &client, h.req, r.WithContext(h.evidence.traced(r.Context())))
	switch {
	case o.sendErr != nil:
	case h.through != nil && resp.ProtoMajor != 2: // TLS has not negotiated a protocol
		o.headErr = errNotHTTP2
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		o.headErr = errRedirect
	}
	h.outcome = o
	if err := cmp.Or(o.sendErr, o.headErr); err != nil {
		if resp != nil {
			_ = resp.Body.Close()
		}
		return nil, err
	}
	h.arrived.from = resp.Body
	h.body = bounded{from: unpack(h.arrived), left: h.frame} // a frame of gRPC never begins like gzip
	resp.Body = &relayed{from: &h.body, body: resp.Body}
	return resp, nil
}

var errNotHTTP2 = errors.New("the supplier has answered by HTTP/1.1, not HTTP/2")

// abandonConnection makes later attempts open a new connection. It is for an
// attempt that timed out, or that received nothing before the caller's deadline.
// Such an attempt may have waited on a dead connection, and net/http would send
// all other requests through it as well. Other requests on that connection
// continue.
func (h *HTTPClient) abandonConnection() {
	p := h.through
	if p == nil || h.client.http2.Load() != p {
		return // another attempt has left it
	}
	if h.client.http2.CompareAndSwap(p, h.client.route(p.transport.Clone())) {
		p.transport.CloseIdleConnections()
	}
}

// route is a transport, and the RoundTripper that the caller's option has wrapped
// around it.
type route struct {
	transport *http.Transport
	wrapped   http.RoundTripper
}

func (c *Client) route(t *http.Transport) *route {
	r := &route{t, t}
	if wrap := c.settings.Wrap; wrap != nil {
		if w := wrap(t); w != nil { // with a nil transport, http.Client would use http.DefaultTransport
			r.wrapped = w
		}
	}
	return r
}

// relayed is the body that the other package reads. Reads after Close return an
// error and do not reach the connection.
type relayed struct {
	from   io.Reader
	body   io.Closer
	closed bool
}

func (r *relayed) Read(p []byte) (int, error) {
	if r.closed {
		return 0, http.ErrBodyReadAfterClose
	}
	return r.from.Read(p)
}

func (r *relayed) Close() error {
	r.closed = true
	return r.body.Close()
}
