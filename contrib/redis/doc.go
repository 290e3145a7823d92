// Package rutravelredis lets the instances of a backend share a limiter and
// directories through Redis, so that a supplier sees them as one customer.
//
// [Limiter] is for [rutravel.WithLimiter]. It limits the attempts of all instances
// together and lets money go first. [Directory] caches a supplier's directory: one
// instance fetches it, and all instances read it.
//
// # Failures of Redis
//
// A limiter that cannot count lets no attempt through, because a supplier that blocks
// the account stops all instances. The waiting calls fail with
// [rutravel.ErrUnavailable]. Nothing was sent, so the caller may retry them. A
// directory that cannot read its cache asks the supplier, so that no sale fails
// because of a cache.
//
//	| Redis              | Limiter                               | Directory                       |
//	|--------------------|---------------------------------------|---------------------------------|
//	| is down            | All waiting calls fail at once with   | Each caller asks the supplier.  |
//	|                    | ErrUnavailable. The next call tries   |                                 |
//	|                    | again.                                |                                 |
//	| does not answer    | The same after one second. A call     | The same after the timeouts of  |
//	|                    | whose context ends leaves at once.    | the client.                     |
//	| answers slowly     | The rate is kept, or is lower. If an  | Callers wait for Redis.         |
//	|                    | answer takes more than half a second, |                                 |
//	|                    | priorities count only within an       |                                 |
//	|                    | instance.                             |                                 |
//	| restarts, or fails | Turns are forgotten: up to burst      | Each directory is fetched       |
//	| over to a replica  | attempts more are made, once. While   | again. Locks are forgotten:     |
//	| that lags          | Redis is away: as when it is down.    | two instances may fetch.        |
//	| evicts the key     | As after a restart. Set               | As after a restart.             |
//	|                    | maxmemory-policy to noeviction.       |                                 |
//	| is full            | As when it is down.                   | Each caller asks the supplier.  |
//	| sets its clock     | As after a restart.                   | Directories expire early.       |
//	| forward            |                                       |                                 |
//	| sets its clock     | The next turn is at most 1/perSecond  | Directories expire late.        |
//	| back               | away.                                 |                                 |
//	| loses an answer    | A turn is lost: fewer attempts are    | The caller asks the supplier.   |
//	|                    | made, never more.                     |                                 |
//
// The clocks of the instances are not used. An instance that ends while its calls
// wait delays the others once, by at most half a second.
//
// If Redis is down, a directory asks the supplier, and the limiter of the same Redis
// refuses that request. If directories must work then, give them their own Redis and a
// client without that limiter.
//
// Redis 5 or later is required.
package rutravelredis

import (
	"time"

	"github.com/redis/go-redis/v9"
)

// Open returns a client for the Redis at an address. Its timeouts are short,
// because a customer waits for the answer. A client with other settings also
// works. Set ContextTimeoutEnabled in its options, so that the deadlines of contexts
// apply to Redis.
func Open(network, address string) *redis.Client {
	return redis.NewClient(&redis.Options{
		Network: network, Addr: address,
		ContextTimeoutEnabled: true,
		DialTimeout:           time.Second,
		DialerRetries:         1, // the number of attempts; the default is five, each with its own timeout
		ReadTimeout:           time.Second,
		WriteTimeout:          time.Second,
		MaxRetries:            1,
	})
}
