package transport

import (
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/options"
)

// Stream is [Do] for an answer of any length, whose elements are yielded while it
// arrives: read passes each to yield, and returns when the answer ends, or at once
// when yield returns false. Every range is a new call. The operation's Timeout, or
// that of [rutravel.WithAttemptTimeout], bounds the time without an element, and
// MaxElement the bytes between two elements. Neither the whole time nor the whole
// length is bounded, except by ctx. Once an element was yielded, the call is not
// retried.
//
// Nothing is yielded from an answer with an error status. The body of a stream is
// not kept for [rutravel.WithRawAnswer].
func Stream[T any](ctx context.Context, c *Client, op *Operation, req Request, read func(body io.Reader, warn func(rutravel.Warning), yield func(T) bool) error, opts ...rutravel.CallOption) iter.Seq2[T, error] {
	return elements(ctx, c, op, req, opts, func(ctx context.Context, seen *call, settings options.Call, yield func(T) bool) outcome {
		return c.receive(ctx, op, req, settings, func(body *bounded, arrived *counted, status int) error {
			return read(body, func(w rutravel.Warning) { c.warn(ctx, seen, req, w) }, func(v T) bool {
				if status >= http.StatusBadRequest {
					return true
				}
				body.left = bound(settings, MaxElement)
				return arrived.pause(func() bool { return yield(v) })
			})
		})
	})
}

// elements yields what the attempts of a call yield.
func elements[T any](ctx context.Context, c *Client, op *Operation, req Request, opts []rutravel.CallOption, attempt func(ctx context.Context, seen *call, settings options.Call, yield func(T) bool) outcome) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		ctx, seen, end := c.observe(ctx, op) //nolint:govet // every range is its own call
		var err error
		defer func() { end(err) }()
		settings, err := c.options(op, req, opts)
		if err != nil {
			yield(none, err)
			return
		}
		err = c.retry(ctx, seen, op, req, settings, func(ctx context.Context) outcome {
			var yielded, stopped bool
			o := attempt(ctx, seen, settings, func(v T) bool {
				if !stopped {
					seen.yielded()
					yielded = true
					stopped = !yield(v, nil)
				}
				return !stopped
			})
			o.yielded, o.stopped = yielded, stopped
			return o
		})
		if err != nil {
			yield(none, err)
		}
	}
}

// receive makes one attempt of a stream.
func (c *Client) receive(ctx context.Context, op *Operation, req Request, settings options.Call, read func(body *bounded, arrived *counted, status int) error) outcome {
	attempt, e := c.begin(ctx, settings.AttemptTimeout)
	defer e.end()
	arrived := e.count()
	defer arrived.end.Stop()
	client := *c.sender(op)
	client.Timeout = 0 // the caller's would bound the whole
	resp, o := c.exchange(attempt, e, &client, op, req)
	if resp == nil {
		o.timeout = e.expired(ctx, attempt)
		return o
	}
	defer func() { _ = resp.Body.Close() }()
	if redirects(op, resp) {
		o.headErr = errRedirect
		return o
	}
	arrived.from = resp.Body
	body := &bounded{from: unpack(arrived), left: bound(settings, MaxElement)}
	if resp.StatusCode >= http.StatusBadRequest {
		body.left = min(body.left, maxErrorAnswer)
	}
	o.readErr = read(body, arrived, resp.StatusCode)
	o.bytes = arrived.bytes
	if o.readErr != nil { // otherwise what was read is whole, whatever broke off behind it
		o.bodyErr = body.broken(arrived)
		o.timeout = e.expired(ctx, attempt)
	}
	return o
}

// count returns a body that ends the attempt when no element comes in time.
func (e *evidence) count() *counted {
	return &counted{timeout: e.timeout, end: time.AfterFunc(e.timeout, e.end)}
}

// counted is a body as it arrives.
type counted struct {
	from    io.Reader
	end     *time.Timer   // of the attempt
	timeout time.Duration // without an element
	bytes   int64
	err     error // why it broke off
}

// pause yields an element. The time that the caller takes for it does not count.
func (c *counted) pause(yield func() bool) bool {
	c.end.Stop()
	defer c.end.Reset(c.timeout)
	return yield()
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.bytes += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return n, err
}

// MaxElement bounds the bytes of an element of a stream, unpacked.
const MaxElement = 16 << 20

// bounded is a body that ends when too much arrives before left is renewed.
type bounded struct {
	from io.Reader
	left int64 // negative when it has ended
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.from.Read(p[:min(int64(len(p)), max(b.left, 0)+1)])
	if b.left -= int64(n); b.left < 0 {
		return 0, errTooLong
	}
	return n, err
}

// broken returns why a body did not arrive whole; nil if it did.
func (b *bounded) broken(arrived *counted) error {
	if b.left < 0 {
		return errTooLong
	}
	return arrived.err
}
