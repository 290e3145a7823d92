package redisserver_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/contrib/redis/internal/redisserver"
)

// Without redis-server the error says what is missing.
func TestMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, _, err := redisserver.Start(t.Context())
	require.ErrorIs(t, err, redisserver.ErrMissing)
	require.EqualError(t, err, "redis-server is not installed (Debian: apt-get install redis-server)")
}
