package rutravelredis_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	rutravelredis "github.com/rutravel/rutravel-go/contrib/redis"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

func coaches(t *testing.T, fake *regionbilettest.Server, transport http.RoundTripper, limiter rutravel.Limiter) *regionbilet.Client {
	t.Helper()
	client, err := regionbilet.New(fake.Config(), rutravel.WithHTTPClient(&http.Client{Transport: transport}), rutravel.WithLimiter(limiter))
	require.NoError(t, err)
	return client
}

var (
	payment = rutravel.Call{Supplier: "acme", Op: "pay", Safety: rutravel.SafetyUnsafe}
	search  = rutravel.Call{Supplier: "acme", Op: "find", Safety: rutravel.SafetySafe}
)

// clock notes when requests are sent.
type clock struct {
	http.RoundTripper
	mu   sync.Mutex
	sent []time.Time
}

func (c *clock) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	c.sent = append(c.sent, time.Now())
	c.mu.Unlock()
	return c.RoundTripper.RoundTrip(r)
}

// Two instances with many callers send no request before its turn. The interval
// between turns follows from the rate.
func TestLimiter(t *testing.T) {
	t.Parallel()
	const perSecond, callers = 200, 10
	instance := server(t)
	fake := regionbilettest.New()
	sent := &clock{RoundTripper: fake}
	began := time.Now()
	var wait sync.WaitGroup
	for range 2 {
		client := coaches(t, fake, sent, rutravelredis.NewLimiter(instance(), "limit", perSecond, 1))
		for range callers {
			wait.Go(func() {
				_, err := client.Departures(t.Context())
				assert.NoError(t, err)
			})
		}
	}
	wait.Wait()
	require.Len(t, sent.sent, 2*callers)
	slices.SortFunc(sent.sent, time.Time.Compare)
	for i, at := range sent.sent {
		// A turn is a moment of the wall clock, so a millisecond of difference is accepted.
		assert.GreaterOrEqual(t, at.Sub(began), time.Duration(i)*time.Second/perSecond-time.Millisecond, "request %d", i)
	}
}

// Two instances with a burst make no more attempts than the burst and the rate
// allow.
func TestLimiterBurst(t *testing.T) {
	t.Parallel()
	instance := server(t)
	began := time.Now()
	var wait sync.WaitGroup
	for range 2 {
		limiter := rutravelredis.NewLimiter(instance(), "limit", 20, 10)
		for range 7 {
			wait.Go(func() { assert.NoError(t, limiter.Wait(t.Context())) })
		}
	}
	wait.Wait()
	assert.GreaterOrEqual(t, time.Since(began), 4*time.Second/20-time.Millisecond, "10 at once, 4 at 20 a second")
}

// Limiters with different keys do not share their rate.
func TestLimiterKeys(t *testing.T) {
	t.Parallel()
	client := server(t)()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, key := range []string{"regionbilet:agency", "regionbilet:branch", "multitour:agency"} {
		assert.NoError(t, rutravelredis.NewLimiter(client, key, 1, 1).Wait(ctx))
		free, err := client.HGet(ctx, key, "state").Result()
		require.NoError(t, err)
		assert.NotEmpty(t, free)
	}
}

// A call whose turn is after its deadline is refused at once, and takes no turn.
func TestLimiterDeadline(t *testing.T) {
	t.Parallel()
	client := server(t)()
	limiter := rutravelredis.NewLimiter(client, "limit", 1, 1)
	require.NoError(t, limiter.Wait(t.Context()))
	before, err := client.HGet(t.Context(), "limit", "state").Result()
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 900*time.Millisecond)
	defer cancel()

	fake := regionbilettest.New()
	_, err = coaches(t, fake, fake, limiter).Departures(ctx)
	require.ErrorIs(t, err, rutravel.ErrCanceled)
	require.NoError(t, ctx.Err())
	assert.Empty(t, fake.Requests())
	after, err := client.HGet(t.Context(), "limit", "state").Result()
	require.NoError(t, err)
	assert.Equal(t, moment(before), moment(after))
}

// moment returns the first number of the field "state": the next turn.
func moment(state string) string {
	first, _, _ := strings.Cut(state, " ")
	return first
}

// A call is refused if the calls before it leave no turn before its deadline.
func TestLimiterDeadlineInQueue(t *testing.T) {
	t.Parallel()
	limiter := rutravelredis.NewLimiter(server(t)(), "limit", 1, 1)
	ctx, cancel := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	defer wait.Wait()
	defer cancel()
	for range 100 {
		wait.Go(func() { _ = limiter.Wait(ctx) })
	}
	soon, cancelSoon := context.WithTimeout(t.Context(), time.Minute)
	defer cancelSoon()
	late := make(chan error)
	for range 100 { // some of these are behind 60 others
		wait.Go(func() {
			if err := limiter.Wait(soon); err != nil {
				select {
				case late <- err:
				case <-ctx.Done():
				}
			}
		})
	}
	err := <-late
	cancelSoon()
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.ErrorContains(t, err, "context deadline") // the client recognizes these words
}

// The context of a waiting call can end. Then its instance leaves no mark in Redis,
// and the rest of the key expires.
func TestLimiterCancel(t *testing.T) {
	t.Parallel()
	client := server(t)()
	limiter := rutravelredis.NewLimiter(client, "limit", 1, 1)
	require.NoError(t, limiter.Wait(t.Context()))
	fields := func(want int64) {
		t.Helper()
		for got := int64(-1); got != want; {
			var err error
			got, err = client.HLen(t.Context(), "limit").Result()
			require.NoError(t, err)
		}
	}
	fields(1)
	ctx, cancel := context.WithCancel(rutravel.ContextWithCall(t.Context(), payment))
	gone := make(chan error)
	go func() { gone <- limiter.Wait(ctx) }()
	fields(2)
	left, err := client.PTTL(t.Context(), "limit").Result()
	require.NoError(t, err)
	assert.Positive(t, left)
	assert.LessOrEqual(t, left, 3*time.Second)
	cancel()
	require.ErrorIs(t, <-gone, context.Canceled)
	fields(1)
	require.ErrorIs(t, limiter.Wait(ctx), context.Canceled, "a context that ended before")
}

// While searches of one instance wait, a payment of another instance is one of the
// next attempts.
func TestLimiterMoneyFirst(t *testing.T) {
	t.Parallel()
	instance := server(t)
	searching := rutravelredis.NewLimiter(instance(), "limit", 20, 1)
	paying := rutravelredis.NewLimiter(instance(), "limit", 20, 1)
	var searches atomic.Int64
	ctx, cancel := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	defer wait.Wait()
	defer cancel()
	first := make(chan struct{})
	for range 100 {
		wait.Go(func() {
			if searching.Wait(rutravel.ContextWithCall(ctx, search)) == nil && searches.Add(1) == 1 {
				close(first)
			}
		})
	}
	<-first
	before := searches.Load()
	require.NoError(t, paying.Wait(rutravel.ContextWithCall(t.Context(), payment)))
	assert.LessOrEqual(t, searches.Load()-before, int64(2))
}

// Without Redis nothing is sent, not even a payment. The error is ErrUnavailable.
func TestLimiterWithoutRedis(t *testing.T) {
	t.Parallel()
	fake := regionbilettest.New()
	client := coaches(t, fake, fake, rutravelredis.NewLimiter(down(t), "limit", 1000, 1))
	_, err := client.Pay(t.Context(), regionbilet.Hold{Booking: "stv-1"})
	require.ErrorIs(t, err, rutravel.ErrUnavailable)
	assert.NotErrorIs(t, err, rutravel.ErrNotConfirmed)
	assert.Empty(t, fake.Requests())
}

// If Redis does not answer, calls end when their contexts end, or after about a
// second. Then the error is that of the limiter, not of a deadline.
func TestLimiterNoAnswer(t *testing.T) {
	t.Parallel()
	p := newProxy(t)
	limiter := rutravelredis.NewLimiter(open(t, p.socket), "limit", 1000, 1)
	require.NoError(t, limiter.Wait(t.Context()))
	release := p.hold()
	defer release()

	fake := regionbilettest.New()
	client := coaches(t, fake, fake, limiter)
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := client.Departures(short)
	require.ErrorIs(t, err, rutravel.ErrCanceled)

	long, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	began := time.Now()
	_, err = client.Pay(long, regionbilet.Hold{Booking: "stv-1"})
	require.ErrorIs(t, err, rutravel.ErrUnavailable)
	assert.Less(t, time.Since(began), 30*time.Second)
	assert.Empty(t, fake.Requests())

	release()
	assert.NoError(t, limiter.Wait(t.Context()))
}

// After a restart, and after a failover to an empty replica, the limiter goes on. Only
// the burst is made once more.
func TestLimiterRestart(t *testing.T) {
	t.Parallel()
	p := newProxy(t)
	limiter := rutravelredis.NewLimiter(open(t, p.socket), "limit", 1, 2)
	loses(t, limiter, 2, func() { p.restart(t) })
}

// If Redis evicts the key, only the burst is made once more.
func TestLimiterEvicted(t *testing.T) {
	t.Parallel()
	client := server(t)()
	limiter := rutravelredis.NewLimiter(client, "limit", 1, 2)
	loses(t, limiter, 2, func() { require.NoError(t, client.Del(t.Context(), "limit").Err()) })
}

// loses makes burst attempts, makes Redis forget the limiter and makes burst attempts
// again. The next attempt waits. The limiter must allow one attempt a second.
func loses(t *testing.T, limiter *rutravelredis.Limiter, burst int, forget func()) {
	t.Helper()
	for range burst {
		require.NoError(t, limiter.Wait(t.Context()))
	}
	forget()
	began := time.Now()
	for range burst + 1 {
		require.NoError(t, limiter.Wait(t.Context()))
	}
	assert.GreaterOrEqual(t, time.Since(began), time.Second-time.Millisecond)
	assert.Less(t, time.Since(began), 30*time.Second)
}

// If the clock of Redis is set forward, the burst is made once more. If it is set
// back, the next turn is at most one interval away, and marks from the future do not
// count.
func TestLimiterClock(t *testing.T) {
	t.Parallel()
	client := server(t)()
	limiter := rutravelredis.NewLimiter(client, "limit", 1, 2)
	in := func(d time.Duration) int64 { return time.Now().Add(d).UnixMicro() }
	loses(t, limiter, 2, func() {
		require.NoError(t, client.HSet(t.Context(), "limit", "state", fmt.Sprint(in(-time.Hour), " 0 0 0")).Err())
	})
	began := time.Now()
	require.NoError(t, client.HSet(t.Context(), "limit", "state", fmt.Sprint(in(time.Hour), " 0 0 0"),
		"ANOTHER", fmt.Sprint(in(time.Hour), " 1 0 0")).Err())
	require.NoError(t, limiter.Wait(t.Context()))
	assert.GreaterOrEqual(t, time.Since(began), time.Second-time.Millisecond)
	assert.Less(t, time.Since(began), 30*time.Second)
}

// If Redis is full, or the key has another type, no attempt is let through.
func TestLimiterRefusedByRedis(t *testing.T) {
	t.Parallel()
	client := server(t)()
	require.NoError(t, client.Set(t.Context(), "other", "text", 0).Err())
	require.ErrorContains(t, rutravelredis.NewLimiter(client, "other", 1000, 1).Wait(t.Context()), "WRONGTYPE")
	require.NoError(t, client.ConfigSet(t.Context(), "maxmemory", "1").Err())
	require.ErrorContains(t, rutravelredis.NewLimiter(client, "limit", 1000, 1).Wait(t.Context()), "OOM")
}

// dials counts attempts to connect.
type dials struct{ tried int }

func (d *dials) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		d.tried++
		return next(ctx, network, address)
	}
}

func (d *dials) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (d *dials) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// A client of Open tries to connect twice to a Redis that is down.
func TestOpenGivesUp(t *testing.T) {
	t.Parallel()
	client := down(t)
	var connections dials
	client.AddHook(&connections)
	require.Error(t, rutravelredis.NewLimiter(client, "limit", 1, 1).Wait(t.Context()))
	assert.Equal(t, 2, connections.tried)
}

// If Redis answers slowly, the rate is kept, and no call fails.
func TestLimiterSlowRedis(t *testing.T) {
	t.Parallel()
	client := server(t)()
	client.AddHook(hook(func(ctx context.Context, cmd redis.Cmder, next redis.ProcessHook) error {
		time.Sleep(100 * time.Millisecond)
		return next(ctx, cmd)
	}))
	limiter := rutravelredis.NewLimiter(client, "limit", 20, 1)
	began := time.Now()
	var wait sync.WaitGroup
	for range 5 {
		wait.Go(func() { assert.NoError(t, limiter.Wait(t.Context())) })
	}
	wait.Wait()
	assert.GreaterOrEqual(t, time.Since(began), 4*50*time.Millisecond-time.Millisecond)
}

// If an answer of Redis is lost, the call fails and its turn is lost: the next call
// waits for the turn after it.
func TestLimiterLosesAnswer(t *testing.T) {
	t.Parallel()
	client := server(t)()
	var lose atomic.Bool
	client.AddHook(hook(func(ctx context.Context, cmd redis.Cmder, next redis.ProcessHook) error {
		if err := next(ctx, cmd); err != nil || !lose.CompareAndSwap(true, false) {
			return err
		}
		cmd.SetErr(io.ErrUnexpectedEOF)
		return io.ErrUnexpectedEOF
	}))
	limiter := rutravelredis.NewLimiter(client, "limit", 2, 2)
	require.NoError(t, limiter.Wait(t.Context()))
	lose.Store(true)
	require.ErrorIs(t, limiter.Wait(t.Context()), io.ErrUnexpectedEOF)
	began := time.Now()
	require.NoError(t, limiter.Wait(t.Context()))
	assert.GreaterOrEqual(t, time.Since(began), 200*time.Millisecond, "the turn that is not lost would be there at once")
}
