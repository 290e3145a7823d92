package shared_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/examples/instances/redisserver"
	"github.com/rutravel/rutravel-go/examples/instances/shared"
	"github.com/rutravel/rutravel-go/multitour"
	"github.com/rutravel/rutravel-go/multitour/multitourtest"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

// server starts a Redis, of which every instance has a client of its own.
func server(t *testing.T) (instance func() *redis.Client) {
	t.Helper()
	socket, stop, err := redisserver.Start(context.Background())
	if errors.Is(err, redisserver.ErrMissing) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, stop()) })
	return func() *redis.Client { return open(t, socket) }
}

// down is a Redis that does not answer.
func down(t *testing.T) *redis.Client {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "nothing"))
}

func open(t *testing.T, socket string) *redis.Client {
	t.Helper()
	client := shared.Open("unix", socket)
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	return client
}

func coaches(t *testing.T, fake *regionbilettest.Server, transport http.RoundTripper, limiter rutravel.Limiter) *regionbilet.Client {
	t.Helper()
	client, err := regionbilet.New(fake.Config(), rutravel.WithHTTPClient(&http.Client{Transport: transport}), rutravel.WithLimiter(limiter))
	require.NoError(t, err)
	return client
}

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

// Two instances with many callers send no request before its turn, and the turns
// are as far apart as the rate says.
func TestLimiter(t *testing.T) {
	t.Parallel()
	const perSecond, callers = 200, 10
	instance := server(t)
	fake := regionbilettest.New()
	sent := &clock{RoundTripper: fake}
	began := time.Now()
	var wait sync.WaitGroup
	for range 2 {
		client := coaches(t, fake, sent, shared.NewLimiter(instance(), "limit", perSecond))
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
		// By a millisecond, because a turn is a moment of the wall clock.
		assert.GreaterOrEqual(t, at.Sub(began), time.Duration(i)*time.Second/perSecond-time.Millisecond, "request %d", i)
	}
}

// Whose turn comes too late is refused at once, and takes no turn.
func TestLimiterDeadline(t *testing.T) {
	t.Parallel()
	client := server(t)()
	limiter := shared.NewLimiter(client, "limit", 1)
	hour := time.Now().Add(time.Hour).UnixMicro()
	require.NoError(t, client.Set(t.Context(), "limit", hour, time.Hour).Err())
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()

	fake := regionbilettest.New()
	_, err := coaches(t, fake, fake, limiter).Departures(ctx)
	require.ErrorIs(t, err, rutravel.ErrRateLimited)
	require.NoError(t, ctx.Err())
	next, err := client.Get(t.Context(), "limit").Int64()
	require.NoError(t, err)
	assert.Equal(t, hour, next)
	assert.Empty(t, fake.Requests())
}

// Who waits for a turn can leave. A turn does not stay in Redis for longer than it
// matters.
func TestLimiterCancel(t *testing.T) {
	t.Parallel()
	client := server(t)()
	limiter := shared.NewLimiter(client, "limit", 1)
	hour := time.Now().Add(time.Hour).UnixMicro()
	require.NoError(t, client.Set(t.Context(), "limit", hour, 0).Err())
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error)
	go func() { gone <- limiter.Wait(ctx) }()
	for next := hour; next == hour; { // until it has taken its turn
		var err error
		next, err = client.Get(t.Context(), "limit").Int64()
		require.NoError(t, err)
	}
	left, err := client.PTTL(t.Context(), "limit").Result()
	require.NoError(t, err)
	assert.Positive(t, left)
	assert.LessOrEqual(t, left, time.Hour+2*time.Second)
	cancel()
	require.ErrorIs(t, <-gone, context.Canceled)
}

// Without Redis nothing is sent, a booking neither, and that is what the error
// says.
func TestLimiterWithoutRedis(t *testing.T) {
	t.Parallel()
	fake := regionbilettest.New()
	client := coaches(t, fake, fake, shared.NewLimiter(down(t), "limit", 1000))
	_, err := client.Pay(t.Context(), regionbilet.Hold{Booking: "stv-1"})
	require.ErrorIs(t, err, rutravel.ErrRateLimited)
	assert.NotErrorIs(t, err, rutravel.ErrNotConfirmed)
	assert.Empty(t, fake.Requests())
}

// Of two instances with many callers one fetches, and all have the same values:
// those of the supplier, with their decimals and what may be absent.
func TestDirectory(t *testing.T) {
	t.Parallel()
	instance := server(t)
	fake := multitourtest.New()
	client, err := multitour.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	require.NoError(t, err)
	fetch := func(ctx context.Context) ([]multitour.Hotel, error) {
		return client.Hotels(ctx, multitour.Area{Country: "6228"})
	}
	var wait sync.WaitGroup
	got := make(chan []multitour.Hotel, 16)
	for range 2 {
		hotels := shared.NewDirectory(instance(), "hotels", shared.Day, fetch)
		for range cap(got) / 2 {
			wait.Go(func() {
				list, err := hotels.Get(t.Context())
				assert.NoError(t, err)
				got <- list
			})
		}
	}
	wait.Wait()
	close(got)
	assert.Len(t, fake.Requests(), 1)
	want, err := fetch(t.Context())
	require.NoError(t, err)
	for list := range got {
		assert.Equal(t, want, list)
	}
}

// counted fetches a number that counts the fetches, or fails.
func counted(fetches *int, err *error) func(context.Context) (int, error) {
	return func(context.Context) (int, error) {
		*fetches++
		return *fetches, *err
	}
}

// What is kept ends a day after it was asked for; what cannot be read is fetched
// anew.
func TestDirectoryEnds(t *testing.T) {
	t.Parallel()
	client := server(t)()
	var fetches int
	var failure error
	directory := shared.NewDirectory(client, "numbers", shared.Day, counted(&fetches, &failure))
	get := func(want int) {
		t.Helper()
		got, err := directory.Get(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	get(1)
	get(1)
	left, err := client.PTTL(t.Context(), "numbers").Result()
	require.NoError(t, err)
	assert.Positive(t, left)
	assert.LessOrEqual(t, left, 24*time.Hour)

	require.NoError(t, client.PExpire(t.Context(), "numbers", -time.Millisecond).Err())
	get(2)
	require.NoError(t, client.Set(t.Context(), "numbers", "{", 0).Err())
	get(3)
	get(3)
}

// A failure is not kept, and the next one need not wait for the lock.
func TestDirectoryFails(t *testing.T) {
	t.Parallel()
	client := server(t)()
	var fetches int
	failure := error(rutravel.ErrUnavailable)
	directory := shared.NewDirectory(client, "numbers", shared.Day, counted(&fetches, &failure))
	_, err := directory.Get(t.Context())
	require.ErrorIs(t, err, rutravel.ErrUnavailable)
	keys, err := client.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	assert.Empty(t, keys)

	failure = nil
	got, err := directory.Get(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 2, got)
}

// Who waits for another's fetch can leave; the lock stays the other's.
func TestDirectoryCancel(t *testing.T) {
	t.Parallel()
	client := server(t)()
	require.NoError(t, client.Set(t.Context(), "numbers:lock", "another's", time.Hour).Err())
	var fetches int
	var failure error
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan error)
	go func() {
		_, err := shared.NewDirectory(client, "numbers", shared.Day, counted(&fetches, &failure)).Get(ctx)
		left <- err
	}()
	cancel()
	require.ErrorIs(t, <-left, context.Canceled)
	assert.Zero(t, fetches)
	owner, err := client.Get(t.Context(), "numbers:lock").Result()
	require.NoError(t, err)
	assert.Equal(t, "another's", owner)
}

// What took longer to fetch than it may be kept is not kept, least of all for ever.
func TestDirectorySlow(t *testing.T) {
	t.Parallel()
	client := server(t)()
	var fetches int
	var failure error
	got, err := shared.NewDirectory(client, "numbers", time.Nanosecond, counted(&fetches, &failure)).Get(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, got)
	keys, err := client.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	assert.Empty(t, keys)
}

// hook does what is asked of Redis in its own way.
type hook func(ctx context.Context, cmd redis.Cmder, next redis.ProcessHook) error

func (h hook) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h hook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (h hook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error { return h(ctx, cmd, next) }
}

// Who asks again because an answer was lost does not wait for itself.
func TestDirectoryAsksAgain(t *testing.T) {
	t.Parallel()
	client := server(t)()
	client.AddHook(hook(func(ctx context.Context, cmd redis.Cmder, next redis.ProcessHook) error {
		_ = next(ctx, cmd)
		return next(ctx, cmd)
	}))
	var fetches int
	var failure error
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // the lock lasts longer
	defer cancel()
	got, err := shared.NewDirectory(client, "numbers", shared.Day, counted(&fetches, &failure)).Get(ctx)
	require.NoError(t, err)
	assert.Equal(t, 1, got)
}

// Who leaves while Redis gives the lock leaves no lock.
func TestDirectoryLeavesNoLock(t *testing.T) {
	t.Parallel()
	client := server(t)()
	ctx, cancel := context.WithCancel(t.Context())
	client.AddHook(hook(func(ctx context.Context, cmd redis.Cmder, next redis.ProcessHook) error {
		err := next(ctx, cmd)
		if err == nil && slices.Contains(cmd.Args(), any("numbers:lock")) {
			cancel()
		}
		return err
	}))
	var fetches int
	var failure error
	_, err := shared.NewDirectory(client, "numbers", shared.Day, counted(&fetches, &failure)).Get(ctx)
	require.ErrorIs(t, err, context.Canceled)
	assert.Zero(t, fetches)
	keys, err := client.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	assert.Empty(t, keys)
}

// dials counts connections that are tried.
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

// A Redis that is away is tried twice, and what is asked of the supplier does not
// wait for more.
func TestOpenGivesUp(t *testing.T) {
	t.Parallel()
	client := down(t)
	var connections dials
	client.AddHook(&connections)
	require.Error(t, shared.NewLimiter(client, "limit", 1).Wait(t.Context()))
	assert.Equal(t, 2, connections.tried)
}

// Without Redis directories are read from the supplier.
func TestDirectoryWithoutRedis(t *testing.T) {
	t.Parallel()
	var fetches int
	var failure error
	directory := shared.NewDirectory(down(t), "numbers", shared.Day, counted(&fetches, &failure))
	for want := range 2 {
		got, err := directory.Get(t.Context())
		require.NoError(t, err)
		assert.Equal(t, want+1, got)
	}
}
