package transport

import (
	"cmp"
	"context"
	"errors"
	"reflect"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/options"
)

// Do makes one call: it sends req as op until it succeeds, is refused, may not
// be sent again or ctx ends. read reads an answer; what it returns beside an
// error is part of an answer whose rest could not be read. It is returned to
// the caller together with ErrNotConfirmed or ErrProtocol.
func Do[T any](ctx context.Context, c *Client, op *Operation, req Request, read func(Answer) (T, error), opts ...rutravel.CallOption) (T, error) {
	var none, value T
	settings, err := c.options(op, req, opts)
	if err != nil {
		return none, err
	}
	err = c.retry(ctx, op, req, settings, func() outcome {
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
		return settings, c.Invalid(op, err)
	}
	return settings, nil
}

// retry makes attempts until one succeeds or no other may be made. The error
// is that of the last attempt, or says what kept the next one from being made.
func (c *Client) retry(ctx context.Context, op *Operation, req Request, settings options.Call, attempt func() outcome) error {
	var last *rutravel.Error // of the attempt before
	for n := 1; ; n++ {
		if err := c.admit(ctx, op, n, last); err != nil {
			return err
		}
		if err := c.prepare(ctx, req, n, last); err != nil {
			return err
		}
		start := time.Now()
		o := attempt()
		took := time.Since(start)
		if req.Release != nil {
			req.Release()
		}
		v := judge(op.Safety, o, ctx.Err() != nil)
		if _, rows := errors.AsType[*rutravel.RowsError](v.cause); rows || v.kind == "" {
			c.warn(ctx, op, o.warnings...)
		}
		if v.kind == "" {
			c.observe(ctx, op, n, took, o, nil)
			if n == 1 {
				c.budget.earn()
			}
			return nil
		}
		failed := c.failure(ctx, op, req, n, o, v)
		c.observe(ctx, op, n, took, o, failed)
		if !v.retry || o.yielded || n >= settings.MaxAttempts || failed.RetryAfter > maxWait || !c.budget.spend() {
			return failed
		}
		if !sleep(ctx, backoff(n, failed.RetryAfter)) {
			c.budget.refund() // others may need it
			return c.canceled(ctx, op, n, failed)
		}
		last = failed
	}
}

// prepare has the supplier's package prepare attempt n. The attempt before may
// have been carried out; the chain says what is known of it.
func (c *Client) prepare(ctx context.Context, req Request, n int, last *rutravel.Error) error {
	if req.Prepare == nil {
		return nil
	}
	err := req.Prepare(ctx)
	if e, ok := errors.AsType[*rutravel.Error](err); ok {
		e.Attempts = n - 1
		if last != nil {
			e.Err = causes{e.Err, last}
		}
	}
	return err
}

// admit checks that the caller still waits and has the limiter agree to
// attempt n.
func (c *Client) admit(ctx context.Context, op *Operation, n int, last *rutravel.Error) error {
	if ctx.Err() != nil {
		return c.canceled(ctx, op, n-1, last)
	}
	if c.settings.Limiter == nil {
		return nil
	}
	err := c.settings.Limiter.Wait(ctx)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return c.canceled(ctx, op, n-1, last)
	default:
		return c.between(op, rutravel.ErrRateLimited, newConcealer(c.secrets()).cause(err), n-1, last)
	}
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
