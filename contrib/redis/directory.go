package rutravelredis

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
)

// Day is how long Regionbilet's manual allows its directories to be kept.
const Day = 24 * time.Hour

// fetchTime is how long one instance may take to fetch a directory. After it, another
// instance tries.
const fetchTime = 2 * time.Minute

// retry is the pause between two checks whether another instance has fetched.
const retry = 20 * time.Millisecond

// Directory caches a directory of a supplier in Redis, as JSON. One instance fetches
// it for all. Use it for values that the supplier allows to keep, never for prices,
// offers and seats.
type Directory[T any] struct {
	redis *redis.Client
	key   string
	keep  time.Duration
	fetch func(context.Context) (T, error)
}

// NewDirectory returns a directory that calls fetch, usually a client's method. The
// value is kept for keep, counted from the request.
//
// The key names the supplier, the account, the operation and a version, for example
// "rutravel:directory:regionbilet:agency:from:1". Choose a name for the account.
// Never use a credential, because keys appear in the logs of Redis. Change the version
// when the type of the values changes, for example with a new release of this
// library. Then no instance reads values that another release has written.
func NewDirectory[T any](client *redis.Client, key string, keep time.Duration, fetch func(context.Context) (T, error)) *Directory[T] {
	return &Directory[T]{client, key, keep, fetch}
}

// Get returns the directory. If several callers need it at the same time, one of
// them fetches it, and the others wait. If Redis does not answer, each of them
// fetches it. Errors are not kept.
func (d *Directory[T]) Get(ctx context.Context) (T, error) {
	token := rand.Text()
	for {
		kept, state := d.load(ctx)
		if state == found {
			return kept, nil
		}
		var locked bool
		var err error
		if state == absent {
			locked, err = d.lock(ctx, token)
		}
		switch {
		case locked:
			return d.fill(ctx, token)
		case ctx.Err() != nil:
			var none T
			return none, ctx.Err()
		case state == unknown || err != nil:
			return d.fetch(ctx)
		}
		select {
		case <-time.After(retry):
		case <-ctx.Done():
		}
	}
}

// fill fetches the directory and stores it.
func (d *Directory[T]) fill(ctx context.Context, token string) (T, error) {
	defer d.unlock(ctx, token)
	if kept, state := d.load(ctx); state == found { // by the previous owner of the lock
		return kept, nil
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	began := time.Now()
	value, err := d.fetch(ctx)
	if err != nil {
		return value, err
	}
	text, err := json.Marshal(value)
	if err != nil {
		return value, err
	}
	// The age counts from the request. A failure to store the value is not an error
	// of the call. Redis would keep a value without a positive time for ever.
	if left := d.keep - time.Since(began); left > 0 {
		_ = d.redis.Set(ctx, d.key, text, left).Err()
	}
	return value, nil
}

// lock reports whether this caller fetches.
func (d *Directory[T]) lock(ctx context.Context, token string) (bool, error) {
	locked, err := lock.Run(ctx, d.redis, []string{d.key + ":lock"}, token, fetchTime.Milliseconds()).Bool()
	if err = errors.Join(err, ctx.Err()); err != nil {
		d.unlock(ctx, token) // Redis may have granted it before the error
		return false, err
	}
	return locked, nil
}

// unlock releases the lock, even if ctx has ended.
func (d *Directory[T]) unlock(ctx context.Context, token string) {
	_ = unlock.Run(context.WithoutCancel(ctx), d.redis, []string{d.key + ":lock"}, token).Err()
}

// lock takes the lock if it is free. It succeeds again for the same token, because
// the command is retried if its answer is lost.
var lock = redis.NewScript(`
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) or redis.call('GET', KEYS[1]) == ARGV[1] then
	return 1
end
return 0
`)

// unlock releases the lock, unless another caller has it by now.
var unlock = redis.NewScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then
	return redis.call('DEL', KEYS[1])
end
return 0
`)

type state int

const (
	found state = iota
	absent
	unknown // Redis does not answer
)

// load reads the stored value. A value that cannot be decoded counts as absent.
func (d *Directory[T]) load(ctx context.Context) (T, state) {
	var value, none T
	text, err := d.redis.Get(ctx, d.key).Bytes()
	switch {
	case errors.Is(err, redis.Nil):
		return none, absent
	case err != nil:
		return none, unknown
	case json.Unmarshal(text, &value) != nil:
		return none, absent
	}
	return value, found
}
