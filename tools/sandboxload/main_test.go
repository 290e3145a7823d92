package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Given a short run, expect a table without failures. A busy machine may miss the rate.
func TestRun(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := run([]string{"-rate", "100", "-for", "500ms", "-callers", "8"}, &out); !errors.Is(err, errMissed) {
		require.NoError(t, err)
	}
	assert.Contains(t, out.String(), "| failures | 0 |")
	assert.Error(t, run([]string{"-rate", "0"}, &out))
}
