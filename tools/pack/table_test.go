package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTable(t *testing.T) {
	t.Parallel()
	readme := filepath.Join(t.TempDir(), "README.md")
	require.NoError(t, os.WriteFile(readme, []byte("before\n"+begin+"nothing\n"+end+"after\n"), 0o600))
	rows := []row{{"one", 1_000_000, 20, 30}, {"two", 500_000, 20, 40}}

	require.Error(t, checkTable(readme, rows), "not written yet")
	require.NoError(t, writeTable(readme, rows))
	require.NoError(t, checkTable(readme, rows))
	text, err := os.ReadFile(readme)
	require.NoError(t, err)
	assert.Equal(t, "before\n"+begin+table(rows)+end+"after\n", string(text))

	for name, c := range map[string]struct {
		rows []row
		ok   bool
	}{
		"a little more":  {[]row{{"one", 1_050_000, 21, 30}, rows[1]}, true},
		"much larger":    {[]row{{"one", 1_200_000, 20, 30}, rows[1]}, false},
		"more packages":  {[]row{rows[0], {"two", 500_000, 24, 40}}, false},
		"less of go.sum": {[]row{rows[0], {"two", 500_000, 20, 30}}, false},
		"another row":    {append(rows[:2:2], row{"three", 1, 1, 1}), false},
		"a missing row":  {rows[:1], false},
	} {
		assert.Equal(t, c.ok, checkTable(readme, c.rows) == nil, name)
	}
}
