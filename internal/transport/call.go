package transport

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/options"
)

// Do makes one call: it sends req as op until it succeeds, is refused, may not
// be sent again or ctx ends. read reads an answer; what it returns beside an
// error is part of an answer whose rest could not be read. It is returned to
// the caller together with ErrNotConfirmed or ErrProtocol.
func Do[T any](ctx context.Context, c *Client, op *Operation, req Request, read func(Answer) (T, error), opts ...rutravel.CallOption) (T, error) {
	ctx, seen, end := c.observe(ctx, op)
	value, err := do(ctx, c, seen, op, req, read, opts)
	end(err)
	return value, err
}

func do[T any](ctx context.Context, c *Client, seen *call, op *Operation, req Request, read func(Answer) (T, error), opts []rutravel.CallOption) (T, error) {
	var none, value T
	settings, err := c.options(op, req, opts)
	if err != nil {
		return none, err
	}
	err = c.retry(ctx, seen, op, req, settings, func(ctx context.Context) outcome {
		value = none
		o := c.send(ctx, op, req, settings, func(a Answer) (err error) {
			value, err = read(a)
			return err
		})
		o.arrived = !reflect.ValueOf(&value).Elem().IsZero()
		return o
	})
	if err == nil || errors.Is(err, rutravel.ErrNotConfirmed) || errors.Is(err, rutravel.ErrProtocol) {
		return value, err
	}
	return none, err
}

// options applies the options of a call, and refuses what must not be sent.
func (c *Client) options(op *Operation, req Request, opts []rutravel.CallOption) (options.Call, error) {
	settings := c.settings.Call
	for _, o := range opts {
		if o != nil {
			o.ApplyToCall(&settings)
		}
	}
	if settings.RawAnswer != nil {
		*settings.RawAnswer = nil // an earlier call's answer is no evidence of this one
	}
	if settings.AttemptTimeout <= 0 {
		settings.AttemptTimeout = op.Timeout
	}
	if err := cmp.Or(settings.Err, req.Invalid); err != nil {
		return settings, c.invalid(op.Key, err)
	}
	return settings, nil
}

// retry makes attempts until one succeeds or no other may be made. The error
// is that of the last attempt, or says what kept the next one from being made.
func (c *Client) retry(ctx context.Context, seen *call, op *Operation, req Request, settings options.Call, attempt func(context.Context) outcome) error {
	var last *rutravel.Error // of the attempt before
	for n := 1; ; n++ {
		if err := c.admit(ctx, seen, op, n, last); err != nil {
			return err
		}
		if err := c.prepare(ctx, seen, req, n, last); err != nil {
			return err
		}
		in := seen.attempt(ctx)
		start := time.Now()
		o := attempt(in)
		took := time.Since(start)
		if req.Release != nil {
			released := time.Now()
			req.Release()
			seen.waited(ctx, rutravel.WaitSession, released, nil) // for the store
		}
		v := judge(op.Safety, o, ctx.Err() != nil)
		if _, rows := errors.AsType[*rutravel.RowsError](v.cause); rows || v.kind == "" {
			c.warn(ctx, seen, req, o.warnings...)
		}
		if v.kind == "" {
			seen.attempted(in, took, o, nil)
			if n == 1 {
				c.budget.earn()
			}
			return nil
		}
		failed := c.failure(ctx, op, req, n, o, v)
		seen.attempted(in, took, o, failed)
		if !v.retry || o.yielded || n >= settings.MaxAttempts || failed.RetryAfter > maxWait || !c.budget.spend() {
			return failed
		}
		start = time.Now()
		if !sleep(ctx, backoff(n, failed.RetryAfter)) {
			c.budget.refund() // others may need it
			err := c.canceled(ctx, op, n, failed)
			seen.waited(ctx, rutravel.WaitBackoff, start, err)
			return err
		}
		seen.waited(ctx, rutravel.WaitBackoff, start, nil)
		last = failed
	}
}

// prepare has the supplier's package prepare attempt n. The attempt before may
// have been carried out; the chain says what is known of it.
func (c *Client) prepare(ctx context.Context, seen *call, req Request, n int, last *rutravel.Error) error {
	if req.Prepare == nil {
		return nil
	}
	start := time.Now()
	err := req.Prepare(ctx)
	seen.waited(ctx, rutravel.WaitSession, start, err)
	if e, ok := errors.AsType[*rutravel.Error](err); ok {
		e.Attempts = n - 1
		if last != nil {
			e.Err = causes{e.Err, last}
		}
	}
	return err
}

// admit checks the context and waits for the limiter before attempt n.
func (c *Client) admit(ctx context.Context, seen *call, op *Operation, n int, last *rutravel.Error) error {
	if ctx.Err() != nil {
		return c.canceled(ctx, op, n-1, last)
	}
	if c.settings.Limiter == nil {
		return nil
	}
	start := time.Now()
	err := c.limited(ctx, op, n-1, last, c.settings.Limiter.Wait(ctx))
	seen.waited(ctx, rutravel.WaitLimiter, start, err)
	return err
}

// limited is the error of a call that its limiter ended by err; nil if err is.
func (c *Client) limited(ctx context.Context, op *Operation, made int, last *rutravel.Error, err error) error {
	if err == nil {
		return nil
	}
	_, bounded := ctx.Deadline()
	if ctx.Err() != nil || bounded && strings.Contains(err.Error(), "context deadline") { // of package rate, which has no error for it
		return c.canceled(ctx, op, made, last)
	}
	kind := rutravel.ErrUnavailable
	if errors.Is(err, rutravel.ErrRateLimited) {
		kind = rutravel.ErrRateLimited
	}
	return c.between(op, kind, fmt.Errorf("the limiter: %w", c.concealer().cause(err)), made, last)
}

// canceled is the error of a call whose context ended between attempts, or
// leaves no time for the wait.
func (c *Client) canceled(ctx context.Context, op *Operation, made int, last *rutravel.Error) error {
	end := ctx.Err()
	if end == nil {
		end = context.DeadlineExceeded
	}
	return c.between(op, rutravel.ErrCanceled, end, made, last)
}

// between is the error of a call that ended between attempts, none of which had
// an effect; last is that of the one before, if there was one.
func (c *Client) between(op *Operation, kind rutravel.Kind, err error, made int, last *rutravel.Error) error {
	e := &rutravel.Error{Supplier: c.supplier, Op: op.Key, Kind: kind, Attempts: made, Err: err}
	if last != nil {
		e.HTTPStatus, e.RetryAfter = last.HTTPStatus, last.RetryAfter
		e.Err = causes{err, last}
	}
	return e
}
