package ticketscloud

import (
	"context"
	"sync"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
)

// locks makes changes of one order wait for each other. The supplier answers 409 to a
// change that arrives before the previous one has finished. Changes of different orders
// do not wait.
type locks struct {
	mu   sync.Mutex
	held map[OrderID]*lock
}

// lock is a mutex that a waiting caller can give up on.
type lock struct {
	free  chan struct{} // has one value while the lock is free
	users int           // callers that hold the lock or wait for it
}

// acquire waits until no other caller changes the order. It returns the function that
// ends the change, or the error of ctx.
func (l *locks) acquire(ctx context.Context, id OrderID) (release func(), err error) {
	l.mu.Lock()
	one := l.held[id]
	if one == nil {
		one = &lock{free: make(chan struct{}, 1)}
		one.free <- struct{}{}
		l.held[id] = one
	}
	one.users++
	l.mu.Unlock()

	leave := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if one.users--; one.users == 0 {
			delete(l.held, id)
		}
	}
	select {
	case <-one.free:
		return func() {
			one.free <- struct{}{}
			leave()
		}, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}

// inTurn makes a change of an order as one call, when no other change of the order is
// running. It does not wait if the request is invalid.
func inTurn[T any](ctx context.Context, c *Client, r *request, id OrderID, change func(context.Context) (T, error)) (T, error) {
	return transport.Once(ctx, c.engine, &operations[r.op], func(ctx context.Context) (none T, err error) {
		if r.Err() != nil {
			return change(ctx)
		}
		var release func()
		err = transport.Wait(ctx, rutravel.WaitTurn, func() (err error) {
			if release, err = c.locks.acquire(ctx, id); err != nil {
				err = c.engine.Conclude(&operations[r.op], rutravel.ErrCanceled, err)
			}
			return err
		})
		if err != nil {
			return none, err
		}
		defer release()
		return change(ctx)
	})
}
