package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Given a short run, expect a table without failures.
func TestRun(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, run([]string{"-rate", "200", "-for", "500ms", "-callers", "8"}, &out))
	assert.Contains(t, out.String(), "| failures | 0 |")
	assert.Error(t, run([]string{"-rate", "0"}, &out))
}
