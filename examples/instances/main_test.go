package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/examples/instances/redisserver"
	"github.com/rutravel/rutravel-go/examples/instances/shared"
	"github.com/rutravel/rutravel-go/multitour/multitourtest"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

// Without a Redis the program says what is missing.
func TestRunWithoutRedis(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	require.EqualError(t, run(t.Context(), io.Discard), "redis-server is not installed (Debian: apt-get install redis-server)")
}

// Help and a mistyped flag start nothing.
func TestHelp(t *testing.T) {
	t.Setenv("PATH", t.TempDir()) // where no redis-server is
	var out strings.Builder
	require.ErrorIs(t, start(t.Context(), []string{"-h"}, &out), flag.ErrHelp)
	assert.Equal(t, usage, out.String())
	require.ErrorContains(t, start(t.Context(), []string{"-x"}, io.Discard), "-x")
	require.ErrorContains(t, start(t.Context(), []string{"x"}, io.Discard), `"x" is no flag`)
	require.ErrorContains(t, start(t.Context(), nil, io.Discard), "redis-server")
}

func TestRun(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	err := run(t.Context(), &out)
	if errors.Is(err, redisserver.ErrMissing) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	require.NoError(t, err)
	const report = ": 2 settlements of departure, 3 of arrival, 2 nationalities, 5 hotels.\n"
	assert.Equal(t, "Instance 1"+report+"Instance 2"+report+
		"Regionbilet got 3 requests and Multitour 1, no more than 20 in a second each.\n", out.String())
}

// spy keeps what is sent to Redis.
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

// Redis is told nothing of what opens the accounts, and keeps nothing for ever.
func TestRedisHasNoSecrets(t *testing.T) {
	t.Parallel()
	socket, stop, err := redisserver.Start(t.Context())
	if errors.Is(err, redisserver.ErrMissing) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	require.NoError(t, err)
	defer func() { assert.NoError(t, stop()) }()
	client := shared.Open("unix", socket)
	defer client.Close()
	var told spy
	client.AddHook(&told)
	shop, err := newInstance(client, regionbilettest.New(), multitourtest.New())
	require.NoError(t, err)
	_, err = shop.report(t.Context())
	require.NoError(t, err)

	var all strings.Builder
	for _, arg := range told.sent {
		if text, ok := arg.([]byte); ok {
			arg = string(text)
		}
		fmt.Fprintln(&all, arg)
	}
	assert.Contains(t, all.String(), "rutravel:limit:multitour:")
	for _, secret := range []string{regionbilettest.User, regionbilettest.SecretKey, multitourtest.Token} {
		assert.NotContains(t, all.String(), secret)
	}
	assert.NotContains(t, all.String(), ":"+multitourtest.UserKey) // a number, which a directory may have, too

	keys, err := client.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	assert.GreaterOrEqual(t, len(keys), 4)
	for _, key := range keys {
		left, err := client.PTTL(t.Context(), key).Result()
		require.NoError(t, err)
		assert.NotEqual(t, time.Duration(-1), left, key) // without an end
	}
}
