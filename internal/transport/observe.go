package transport

import (
	"context"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
)

// call is what observers are told about one call. A nil call tells nothing.
type call struct {
	observers []*rutravel.Observer
	info      rutravel.Call
	begun     time.Time
	attempts  int
	bytes     int64
	elements  int
}

// ofCall is the key of the call of [Once] in the contexts that its requests get. It
// holds nil in those that observers, limiters and transports get: calls that they
// make are their own.
type ofCall struct{}

// observe begins a call, or takes part in the one that ctx belongs to, which end
// does not end then.
func (c *Client) observe(ctx context.Context, op *Operation) (context.Context, *call, func(error)) {
	if len(c.observers) == 0 && c.settings.Limiter == nil {
		return ctx, nil, ended
	}
	if outer, _ := ctx.Value(ofCall{}).(*call); outer != nil {
		return context.WithValue(ctx, ofCall{}, nil), outer, ended
	}
	o := &call{observers: c.observers, info: op.call(c.supplier), begun: time.Now()}
	ctx = rutravel.ContextWithCall(ctx, o.info)
	for _, each := range o.observers {
		if each.CallStart != nil {
			ctx = each.CallStart(ctx, o.info) //nolint:fatcontext // one for each observer
		}
	}
	return ctx, o, func(err error) { o.end(ctx, err) }
}

func ended(error) {}

// Once makes several requests one call to observers: do gets the context for them.
func Once[T any](ctx context.Context, c *Client, op *Operation, do func(context.Context) (T, error)) (T, error) {
	ctx, seen, end := c.observe(ctx, op)
	if seen != nil {
		ctx = context.WithValue(ctx, ofCall{}, seen)
	}
	v, err := do(ctx)
	end(err)
	return v, err
}

// Wait waits before a request of [Once], whose context ctx is, and tells observers
// how long. The error of wait is an [*rutravel.Error].
func Wait(ctx context.Context, reason rutravel.WaitReason, wait func() error) error {
	seen, _ := ctx.Value(ofCall{}).(*call)
	if seen == nil {
		return wait()
	}
	begun := time.Now()
	err := wait()
	seen.waited(context.WithValue(ctx, ofCall{}, nil), reason, begun, err)
	return err
}

// call describes the operation to observers.
func (op *Operation) call(supplier string) rutravel.Call {
	safety := rutravel.SafetyUnsafe
	switch op.Safety {
	case Keyed:
		safety = rutravel.SafetyKeyed
	case Safe:
		safety = rutravel.SafetySafe
	case Unsafe:
	}
	return rutravel.Call{Supplier: supplier, Op: op.Key, Safety: safety, Decides: op.Decides}
}

// waited tells of a wait, if there was one.
func (o *call) waited(ctx context.Context, reason rutravel.WaitReason, begun time.Time, err error) {
	if o == nil {
		return
	}
	w := rutravel.Wait{Call: o.info, Reason: reason, Duration: time.Since(begun), Err: err}
	if w.Duration == 0 && err == nil {
		return
	}
	for _, each := range o.observers {
		if each.Waited != nil {
			each.Waited(ctx, w)
		}
	}
}

// attempt tells that an attempt begins.
func (o *call) attempt(ctx context.Context) context.Context {
	if o == nil {
		return ctx
	}
	o.attempts++
	for _, each := range o.observers {
		if each.AttemptStart != nil {
			ctx = each.AttemptStart(ctx, o.info, o.attempts) //nolint:fatcontext // one for each observer
		}
	}
	return ctx
}

// attempted tells how an attempt ended.
func (o *call) attempted(ctx context.Context, took time.Duration, out outcome, failed *rutravel.Error) {
	if o == nil {
		return
	}
	o.bytes += out.bytes
	a := rutravel.Attempt{Call: o.info, Number: o.attempts, Status: out.status, Bytes: out.bytes, Duration: took}
	if failed != nil {
		a.Err = failed
	}
	for _, each := range o.observers {
		if each.AttemptEnd != nil {
			each.AttemptEnd(ctx, a)
		}
	}
}

// warn tells what could not be read in an answer that succeeded. It names the
// field and the supplier's id of the row, never the value.
func (c *Client) warn(ctx context.Context, seen *call, req Request, warnings ...rutravel.Warning) {
	if seen == nil || len(warnings) == 0 {
		return
	}
	private := c.concealerFor(req)
	for _, w := range warnings {
		w.Supplier, w.Op = seen.info.Supplier, seen.info.Op
		w.Path, w.ID, w.Problem = private.message(w.Path), private.message(w.ID), private.message(w.Problem)
		for _, each := range seen.observers {
			if each.Warned != nil {
				each.Warned(ctx, w)
			}
		}
	}
}

// yielded counts an element of a stream.
func (o *call) yielded() {
	if o != nil {
		o.elements++
	}
}

// end tells how the call ended.
func (o *call) end(ctx context.Context, err error) {
	r := rutravel.Result{
		Call: o.info, Duration: time.Since(o.begun), Attempts: o.attempts, Bytes: o.bytes, Elements: o.elements, Err: err,
	}
	for _, each := range o.observers {
		if each.CallEnd != nil {
			each.CallEnd(ctx, r)
		}
	}
}
