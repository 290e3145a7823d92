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
	rows := []row{{name: "one", bytes: 1_000_000, packages: 20, sums: 30}, {name: "two", bytes: 500_000, packages: 20, sums: 40}}

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
		"a little more":  {[]row{{name: "one", bytes: 1_050_000, packages: 21, sums: 30}, rows[1]}, true},
		"much larger":    {[]row{{name: "one", bytes: 1_200_000, packages: 20, sums: 30}, rows[1]}, false},
		"more packages":  {[]row{rows[0], {name: "two", bytes: 500_000, packages: 24, sums: 40}}, false},
		"less of go.sum": {[]row{rows[0], {name: "two", bytes: 500_000, packages: 20, sums: 30}}, false},
		"another row":    {append(rows[:2:2], row{name: "three", bytes: 1, packages: 1, sums: 1}), false},
		"a row less":     {rows[:1], false},
	} {
		assert.Equal(t, c.ok, checkTable(readme, c.rows) == nil, name)
	}
}
