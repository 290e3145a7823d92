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

// Stream is [Do] for an answer of any length, whose elements are handed out
// while it arrives: read passes each to yield, and returns when the answer ends,
// or at once when yield returns false. Every range is a call of its own. The
// operation's Timeout, or that of [rutravel.WithAttemptTimeout], bounds each
// silence of the supplier, and MaxElement what arrives between two elements;
// neither the whole nor its length is bounded. Once an element was handed out,
// the call is not repeated.
//
// Of an answer with an error status nothing is handed out. The body of a stream
// is not kept for [rutravel.WithRawAnswer].
func Stream[T any](ctx context.Context, c *Client, op *Operation, req Request, read func(body io.Reader, yield func(T) bool) error, opts ...rutravel.CallOption) iter.Seq2[T, error] {
	return elements(ctx, c, op, req, opts, func(call options.Call, yield func(T) bool) outcome {
		return c.receive(ctx, op, req, call, func(body *bounded, status int) error {
			return read(body, func(v T) bool {
				if status >= http.StatusBadRequest {
					return true
				}
				body.left = MaxElement
				return yield(v)
			})
		})
	})
}

// elements hands out what the attempts of a call yield.
func elements[T any](ctx context.Context, c *Client, op *Operation, req Request, opts []rutravel.CallOption, attempt func(call options.Call, yield func(T) bool) outcome) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		call, err := c.options(op, req, opts)
		if err != nil {
			yield(none, err)
			return
		}
		err = c.repeat(ctx, op, req, call, func() outcome {
			var handedOut, broken bool // off, by the caller
			o := attempt(call, func(v T) bool {
				if !broken {
					handedOut = true
					broken = !yield(v, nil)
				}
				return !broken
			})
			if broken {
				o.err = nil
			}
			o.handedOut = handedOut
			return o
		})
		if err != nil {
			yield(none, err)
		}
	}
}

// receive makes one attempt of a stream.
func (c *Client) receive(ctx context.Context, op *Operation, req Request, call options.Call, read func(body *bounded, status int) error) outcome {
	attempt, cancel := context.WithCancel(ctx)
	defer cancel()
	silence := time.AfterFunc(call.AttemptTimeout, cancel)
	defer silence.Stop()
	client := *c.shared
	client.Timeout = 0 // the caller's would bound the whole
	resp, o := c.exchange(attempt, &client, op, req)
	if o.err != nil {
		o.err = timedOut(ctx, attempt, call.AttemptTimeout, o.err)
		return o
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= 300 && resp.StatusCode < 400 && !op.Redirected {
		o.err = errRedirect
		return o
	}
	line := &counted{from: resp.Body, silence: silence, longest: call.AttemptTimeout}
	from, err := unpacked(resp, line)
	body := &bounded{from: from, left: MaxElement}
	if resp.StatusCode >= http.StatusBadRequest {
		body.left = maxErrorAnswer
	}
	if err == nil {
		err = read(body, resp.StatusCode)
	}
	o.bytes = line.bytes
	switch {
	case body.left < 0:
		o.err = errTooLong
	case line.err != nil && err != nil: // whatever was made of what did arrive
		o.stage, o.err = lost, timedOut(ctx, attempt, call.AttemptTimeout, line.err)
	case err != nil:
		o.err = err
	case resp.StatusCode >= http.StatusBadRequest:
		o.err = errContradiction
	}
	return o
}

// counted is a body as it arrives. The time that the caller takes between two
// reads does not count as silence.
type counted struct {
	from    io.Reader
	silence *time.Timer
	longest time.Duration
	bytes   int64
	err     error // why it broke off
}

func (c *counted) Read(p []byte) (int, error) {
	c.silence.Reset(c.longest)
	n, err := c.from.Read(p)
	c.silence.Stop()
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
