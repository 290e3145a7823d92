package main

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/examples/instances/redisserver"
)

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
