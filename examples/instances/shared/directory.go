package shared

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
)

// Day is how long Regionbilet's manual lets its directories be kept.
const Day = 24 * time.Hour

// fetchTime is how long an instance may take to fetch a directory before another
// one tries.
const fetchTime = 2 * time.Minute

// retry is how often an instance looks whether another one has fetched.
const retry = 20 * time.Millisecond

// Directory is a directory of a supplier: plain values, kept as JSON, that one
// instance fetches for all of them.
type Directory[T any] struct {
	redis *redis.Client
	key   string
	keep  time.Duration
	fetch func(context.Context) (T, error)
}

// NewDirectory makes a directory of fetch, a client's method. It is kept for as
// long as the supplier allows. The key names supplier, account, operation and a
// version, "rutravel:directory:regionbilet:agency:from:1": the account by a word of
// the backend's own, because keys are shown in Redis' logs, and the version changes
// when the values' type does, with the library, so that no instance reads what
// another release has written.
func NewDirectory[T any](client *redis.Client, key string, keep time.Duration, fetch func(context.Context) (T, error)) *Directory[T] {
	return &Directory[T]{client, key, keep, fetch}
}

// Get returns the directory, fetched no longer ago than it may be kept. Of all
// who need it at the same time one fetches it, and the others wait. When Redis does
// not answer, everybody fetches. What fails is not kept.
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

// fill fetches the directory for everybody.
func (d *Directory[T]) fill(ctx context.Context, token string) (T, error) {
	defer d.unlock(ctx, token)
	if kept, state := d.load(ctx); state == found { // by who had the lock before
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
	// Its age counts from the request. Where it cannot be kept, it can be used. To
	// Redis, no time left would mean for ever.
	if left := d.keep - time.Since(began); left > 0 {
		_ = d.redis.Set(ctx, d.key, text, left).Err()
	}
	return value, nil
}

// lock reports whether it is this caller who fetches.
func (d *Directory[T]) lock(ctx context.Context, token string) (bool, error) {
	locked, err := lock.Run(ctx, d.redis, []string{d.key + ":lock"}, token, fetchTime.Milliseconds()).Bool()
	if err = errors.Join(err, ctx.Err()); err != nil {
		d.unlock(ctx, token) // Redis may have given it before something went wrong
		return false, err
	}
	return locked, nil
}

// unlock gives the lock back, also when the caller leaves.
func (d *Directory[T]) unlock(ctx context.Context, token string) {
	_ = unlock.Run(context.WithoutCancel(ctx), d.redis, []string{d.key + ":lock"}, token).Err()
}

// lock takes a lock that is nobody's. It is asked for again when the answer is
// lost: then it is the caller's already.
var lock = redis.NewScript(`
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) or redis.call('GET', KEYS[1]) == ARGV[1] then
	return 1
end
return 0
`)

// unlock gives a lock back, unless it is another's by now.
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

// load reads what is kept. What cannot be read is as good as absent.
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
