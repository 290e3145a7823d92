// Package shared holds what several instances of a backend must have in common
// to be one customer of a supplier: how often it is asked, and what it has
// already answered. Both are kept in Redis.
//
// When Redis does not answer, the two differ on purpose. A [Limiter] refuses: an
// instance that cannot count does not send, because a supplier that blocks the
// account stops all instances, and for longer than Redis is away. Nothing was sent
// then, and the call may be made again. A [Directory] asks the supplier, within
// the client's limiter: a cache must not be what a sale fails by.
package shared

import (
	"time"

	"github.com/redis/go-redis/v9"
)

// Open returns a client for the Redis at an address, whose waits are short: what
// is asked of it is one step of a call that a customer waits for.
func Open(network, address string) *redis.Client {
	return redis.NewClient(&redis.Options{
		Network: network, Addr: address,
		ContextTimeoutEnabled: true, // a caller's deadline holds for Redis, too
		DialTimeout:           time.Second,
		DialerRetries:         1, // in all; five by default, each with a time-out of its own
		ReadTimeout:           time.Second,
		WriteTimeout:          time.Second,
		MaxRetries:            1,
	})
}
