package shared

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/redis/go-redis/v9"
)

// Limiter spaces the requests of all instances that use the same key evenly, so
// that together they make no more than so many in a second. It is a
// [github.com/rutravel/rutravel-go.Limiter], for WithLimiter.
type Limiter struct {
	redis    *redis.Client
	key      string
	interval time.Duration
}

// NewLimiter makes a limiter of perSecond requests, at least 1. The key says what
// the supplier counts by, its name and the account: "rutravel:limit:regionbilet:agency".
// The account is a word of the backend's own and no credential, because keys are
// shown in Redis' logs. Limiters of one key must be of one rate.
func NewLimiter(client *redis.Client, key string, perSecond int) *Limiter {
	n := time.Duration(max(perSecond, 1))
	return &Limiter{client, key, (time.Second + n - 1) / n}
}

// reserve takes the next free moment, by the clock of Redis, for the instances'
// own differ; all is in microseconds. It returns the time until then, or takes
// none and returns -1 if that would be too late for the caller. Were the clock of
// Redis set back, callers would wait for it to catch up.
var reserve = redis.NewScript(`
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local moment = math.max(now, tonumber(redis.call('GET', KEYS[1]) or 0))
local interval, patience = tonumber(ARGV[1]), tonumber(ARGV[2])
if moment - now > patience then
	return -1
end
local free = moment + interval
redis.call('SET', KEYS[1], string.format('%.0f', free), 'PX', math.ceil((free - now) / 1000) + 1)
return moment - now
`)

// Wait returns when a request may be sent. It fails at once, and takes no turn, if
// ctx ends before the next one, and if Redis does not answer. A turn whose caller
// leaves while waiting is lost: fewer requests are sent, never more.
func (l *Limiter) Wait(ctx context.Context) error {
	wait, err := l.reserve(ctx)
	if err != nil {
		return err
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// reserve takes a turn and returns how long it is until then.
func (l *Limiter) reserve(ctx context.Context) (time.Duration, error) {
	patience := int64(math.MaxInt32) * 1000 // weeks
	if deadline, ok := ctx.Deadline(); ok {
		patience = min(patience, time.Until(deadline).Microseconds())
	}
	wait, err := reserve.Run(ctx, l.redis, []string{l.key}, (l.interval + time.Microsecond - 1).Microseconds(), patience).Int64()
	switch {
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case err != nil:
		return 0, fmt.Errorf("limiter: %w", err)
	case wait < 0:
		return 0, fmt.Errorf("limiter: the next turn is after the deadline: %w", context.DeadlineExceeded)
	}
	return time.Duration(wait) * time.Microsecond, nil
}
