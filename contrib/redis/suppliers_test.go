package rutravelredis_test

import (
	"context"
	"fmt"
	"strings"
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
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

// shop is an instance of a backend with two suppliers.
type shop struct {
	departures    *rutravelredis.Directory[[]regionbilet.Settlement]
	arrivals      *rutravelredis.Directory[[]regionbilet.Settlement]
	nationalities *rutravelredis.Directory[[]regionbilet.Nationality]
	hotels        *rutravelredis.Directory[[]multitour.Hotel]
}

func newShop(t *testing.T, client *redis.Client, coaches *regionbilettest.Server, tours *multitourtest.Server) *shop {
	t.Helper()
	bus, err := regionbilet.New(coaches.Config(), rutravel.WithHTTPClient(coaches.HTTPClient()),
		rutravel.WithLimiter(rutravelredis.NewLimiter(client, "rutravel:limit:regionbilet:agency", 20, 1)))
	require.NoError(t, err)
	tour, err := multitour.New(tours.Config(), rutravel.WithHTTPClient(tours.HTTPClient()),
		rutravel.WithLimiter(rutravelredis.NewLimiter(client, "rutravel:limit:multitour:agency", 20, 1)))
	require.NoError(t, err)

	const prefix = "rutravel:directory:regionbilet:agency:"
	return &shop{
		departures: rutravelredis.NewDirectory(client, prefix+"from:1", rutravelredis.Day,
			func(ctx context.Context) ([]regionbilet.Settlement, error) { return bus.Departures(ctx) }),
		arrivals: rutravelredis.NewDirectory(client, prefix+"to:1", rutravelredis.Day,
			func(ctx context.Context) ([]regionbilet.Settlement, error) { return bus.Arrivals(ctx) }),
		nationalities: rutravelredis.NewDirectory(client, prefix+"nationality:1", rutravelredis.Day,
			func(ctx context.Context) ([]regionbilet.Nationality, error) { return bus.Nationalities(ctx) }),
		hotels: rutravelredis.NewDirectory(client, "rutravel:directory:multitour:agency:map.hotel:6228:1", time.Hour,
			func(ctx context.Context) ([]multitour.Hotel, error) {
				return tour.Hotels(ctx, multitour.Area{Country: "6228"})
			}),
	}
}

// check reads all directories. It uses assert, because it runs on goroutines.
func (s *shop) check(t *testing.T) {
	t.Helper()
	departures, err := s.departures.Get(t.Context())
	assert.NoError(t, err)
	assert.Len(t, departures, 2)
	arrivals, err := s.arrivals.Get(t.Context())
	assert.NoError(t, err)
	assert.Len(t, arrivals, 4)
	nationalities, err := s.nationalities.Get(t.Context())
	assert.NoError(t, err)
	assert.Len(t, nationalities, 2)
	hotels, err := s.hotels.Get(t.Context())
	assert.NoError(t, err)
	assert.Len(t, hotels, 5)
}

// Two instances read all directories at the same time. Each directory is fetched
// once.
func TestTwoInstances(t *testing.T) {
	t.Parallel()
	instance := server(t)
	coaches, tours := regionbilettest.New(), multitourtest.New()
	var wait sync.WaitGroup
	for range 2 {
		s := newShop(t, instance(), coaches, tours)
		wait.Go(func() { s.check(t) })
	}
	wait.Wait()
	assert.Len(t, coaches.Requests(), 3)
	assert.Len(t, tours.Requests(), 1)
}

// spy records the commands that are sent to Redis.
type spy struct{ sent []any }

func (s *spy) DialHook(next redis.DialHook) redis.DialHook { return next }

func (s *spy) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (s *spy) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		s.sent = append(s.sent, cmd.Args()...)
		return next(ctx, cmd)
	}
}

// Redis gets no credentials, and every key expires.
func TestRedisHasNoSecrets(t *testing.T) {
	t.Parallel()
	client := server(t)()
	var spied spy
	client.AddHook(&spied)
	newShop(t, client, regionbilettest.New(), multitourtest.New()).check(t)

	var all strings.Builder
	for _, arg := range spied.sent {
		if text, ok := arg.([]byte); ok {
			arg = string(text)
		}
		fmt.Fprintln(&all, arg)
	}
	assert.Contains(t, all.String(), "rutravel:limit:multitour:")
	for _, secret := range []string{regionbilettest.User, regionbilettest.SecretKey, multitourtest.Token} {
		assert.NotContains(t, all.String(), secret)
	}
	assert.NotContains(t, all.String(), ":"+multitourtest.UserKey) // a number, which a directory may contain

	keys, err := client.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	assert.GreaterOrEqual(t, len(keys), 4)
	for _, key := range keys {
		left, err := client.PTTL(t.Context(), key).Result()
		require.NoError(t, err)
		assert.NotEqual(t, time.Duration(-1), left, key) // the key never expires
	}
}
