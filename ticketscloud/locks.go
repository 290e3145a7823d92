package ticketscloud

import (
	"context"
	"sync"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
)

// locks lets one change of an order follow another: the supplier answers 409
// to a change that arrives before the one before it is done. Other orders do
// not wait.
type locks struct {
	mu   sync.Mutex
	held map[OrderID]*lock
}

// lock is a channel and no mutex, so that who waits can stop waiting.
type lock struct {
	free  chan struct{} // holds one value while nobody holds the lock
	users int           // who hold it or wait for it
}

// acquire waits until nobody else changes the order. It returns what ends the
// change, or the error of ctx.
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

// inTurn makes a change of an order as one call, when no other change of the order
// is at work. A request that will be refused anyway does not wait.
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
