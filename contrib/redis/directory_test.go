package rutravelredis_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	rutravelredis "github.com/rutravel/rutravel-go/contrib/redis"
	"github.com/rutravel/rutravel-go/multitour"
	"github.com/rutravel/rutravel-go/multitour/multitourtest"
)

// Two instances with many callers make one request. All callers get the supplier's
// values, with their decimals and absent fields.
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
		hotels := rutravelredis.NewDirectory(instance(), "hotels", rutravelredis.Day, fetch)
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

// A directory expires a day after its request. A stored value that cannot be read
// is fetched again.
func TestDirectoryEnds(t *testing.T) {
	t.Parallel()
	client := server(t)()
	var fetches int
	var failure error
	directory := rutravelredis.NewDirectory(client, "numbers", rutravelredis.Day, counted(&fetches, &failure))
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

// A failure is not stored, and the next caller does not wait for the lock.
func TestDirectoryFails(t *testing.T) {
	t.Parallel()
	client := server(t)()
	var fetches int
	failure := error(rutravel.ErrUnavailable)
	directory := rutravelredis.NewDirectory(client, "numbers", rutravelredis.Day, counted(&fetches, &failure))
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

// The context of a caller that waits for another's fetch can end. The other caller
// keeps the lock.
func TestDirectoryCancel(t *testing.T) {
	t.Parallel()
	client := server(t)()
	require.NoError(t, client.Set(t.Context(), "numbers:lock", "another's", time.Hour).Err())
	var fetches int
	var failure error
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan error)
	go func() {
		_, err := rutravelredis.NewDirectory(client, "numbers", rutravelredis.Day, counted(&fetches, &failure)).Get(ctx)
		left <- err
	}()
	cancel()
	require.ErrorIs(t, <-left, context.Canceled)
	assert.Zero(t, fetches)
	owner, err := client.Get(t.Context(), "numbers:lock").Result()
	require.NoError(t, err)
	assert.Equal(t, "another's", owner)
}

// A directory whose fetch took longer than it may be kept is not stored.
func TestDirectorySlow(t *testing.T) {
	t.Parallel()
	client := server(t)()
	var fetches int
	var failure error
	got, err := rutravelredis.NewDirectory(client, "numbers", time.Nanosecond, counted(&fetches, &failure)).Get(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, got)
	keys, err := client.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	assert.Empty(t, keys)
}

// hook runs a function instead of each command.
type hook func(ctx context.Context, cmd redis.Cmder, next redis.ProcessHook) error

func (h hook) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h hook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (h hook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error { return h(ctx, cmd, next) }
}

// A caller that asks for the lock again because the answer was lost gets it.
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
	got, err := rutravelredis.NewDirectory(client, "numbers", rutravelredis.Day, counted(&fetches, &failure)).Get(ctx)
	require.NoError(t, err)
	assert.Equal(t, 1, got)
}

// A caller whose context ends while Redis grants the lock leaves no lock.
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
	_, err := rutravelredis.NewDirectory(client, "numbers", rutravelredis.Day, counted(&fetches, &failure)).Get(ctx)
	require.ErrorIs(t, err, context.Canceled)
	assert.Zero(t, fetches)
	keys, err := client.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	assert.Empty(t, keys)
}

// Without Redis each caller asks the supplier.
func TestDirectoryWithoutRedis(t *testing.T) {
	t.Parallel()
	var fetches int
	var failure error
	directory := rutravelredis.NewDirectory(down(t), "numbers", rutravelredis.Day, counted(&fetches, &failure))
	for want := range 2 {
		got, err := directory.Get(t.Context())
		require.NoError(t, err)
		assert.Equal(t, want+1, got)
	}
}

// If Redis is full, the supplier's answer is returned and not stored.
func TestDirectoryFull(t *testing.T) {
	t.Parallel()
	client := server(t)()
	require.NoError(t, client.ConfigSet(t.Context(), "maxmemory", "1").Err())
	var fetches int
	var failure error
	directory := rutravelredis.NewDirectory(client, "numbers", rutravelredis.Day, counted(&fetches, &failure))
	for want := range 2 {
		got, err := directory.Get(t.Context())
		require.NoError(t, err)
		assert.Equal(t, want+1, got)
	}
}

// After Redis was restarted, or has evicted the directory, it is fetched again.
func TestDirectoryLost(t *testing.T) {
	t.Parallel()
	p := newProxy(t)
	client := open(t, p.socket)
	var fetches int
	var failure error
	directory := rutravelredis.NewDirectory(client, "numbers", rutravelredis.Day, counted(&fetches, &failure))
	get := func(want int) {
		t.Helper()
		got, err := directory.Get(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	get(1)
	p.restart(t)
	get(2)
	require.NoError(t, client.Del(t.Context(), "numbers").Err())
	get(3)
	get(3)
}

// If Redis does not answer, the caller asks the supplier after the timeouts of the
// client.
func TestDirectoryNoAnswer(t *testing.T) {
	t.Parallel()
	p := newProxy(t)
	client := open(t, p.socket)
	require.NoError(t, client.Ping(t.Context()).Err())
	release := p.hold()
	defer release()
	var fetches int
	var failure error
	began := time.Now()
	got, err := rutravelredis.NewDirectory(client, "numbers", rutravelredis.Day, counted(&fetches, &failure)).Get(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, got)
	assert.Less(t, time.Since(began), 30*time.Second)
}
