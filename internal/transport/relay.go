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
// exchange makes it send one request through client, which adds the headers of
// req, and passes what arrives to yield; it returns when the answer has ended as
// the protocol wants it, or when yield returns false. Its error is a [*Refusal],
// or says what is wrong with the answer; one that is [io.ErrUnexpectedEOF] says
// that the answer was cut.
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
		<-ctx.Done() // it may have been told to the supplier, who has seen it first
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

// complete reports whether an exchange that ended with err had all of its
// answer: the protocol says so at its end.
func complete(err error) bool {
	_, refused := errors.AsType[*Refusal](err)
	return err == nil || refused
}

// frame is the bound of an element with the head that gRPC puts before each.
func frame(settings options.Call) int64 { return bound(settings, MaxElement) + 5 }

// HTTPClient sends the one request of an attempt of [Relay].
type HTTPClient struct {
	client   *Client
	seen     *call
	through  *route // nil if the RoundTripper is foreign
	req      Request
	evidence *evidence
	arrived  *counted
	body     bounded
	frame    int64 // the bound of an element
	outcome  outcome
}

// Warn logs a value that could not be read and that the caller can do without.
func (h *HTTPClient) Warn(ctx context.Context, w rutravel.Warning) {
	h.client.warn(ctx, h.seen, h.req, w)
}

// Address is where the request goes.
func (h *HTTPClient) Address() string { return h.client.address(h.req) }

// Do sends a request. Redirects are errors.
func (h *HTTPClient) Do(r *http.Request) (*http.Response, error) {
	for name, values := range h.req.Header {
		r.Header[name] = values
	}
	r.Header.Set("User-Agent", h.client.userAgent)
	client := *h.client.shared
	client.Timeout = 0 // the caller's would bound the whole
	if h.through = h.client.http2.Load(); h.through != nil {
		client.Transport = h.through.wrapped
	}
	resp, o := h.client.do(h.evidence, &client, h.req, r)
	switch {
	case o.sendErr != nil:
	case h.through != nil && resp.ProtoMajor != 2: // by TLS that has agreed on nothing
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
	h.body = bounded{from: unpack(h.arrived), left: h.frame} // no frame of gRPC begins like gzip
	resp.Body = &relayed{from: &h.body, body: resp.Body}
	return resp, nil
}

var errNotHTTP2 = errors.New("the supplier has answered by HTTP/1.1, not HTTP/2")

// abandonConnection has later attempts connect anew. An attempt whose own time was over, or
// that nothing had come for when the caller's was, may have waited on a
// connection that carries nothing any more, and net/http would send all others
// through it, too. What else is under way there goes on.
func (h *HTTPClient) abandonConnection() {
	p := h.through
	if p == nil || h.client.http2.Load() != p {
		return // others have left it
	}
	if h.client.http2.CompareAndSwap(p, h.client.route(p.transport.Clone())) {
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

// relayed is the body that the other package reads. What it reads after it has
// closed the body says nothing about the connection.
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
