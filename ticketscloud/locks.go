package ticketscloud

import (
	"context"
	"sync"

	rutravel "github.com/rutravel/rutravel-go"
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

// lockFor waits until no other change of the order is at work, unless the
// request will be refused anyway.
func (c *Client) lockFor(ctx context.Context, r *request, id OrderID) (release func(), err error) {
	release = func() {}
	if r.Err() == nil {
		if release, err = c.locks.acquire(ctx, id); err != nil {
			err = c.engine.NotSent(ctx, &operations[r.op], rutravel.ErrCanceled, err)
		}
	}
	return release, err
}
