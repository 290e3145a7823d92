package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestModules(t *testing.T) {
	t.Parallel()
	sums := packed.Path + " v0.0.0-packed h1:a=\n" +
		"example.com/b v1.0.0 h1:a=\nexample.com/b v1.0.0/go.mod h1:a=\nexample.com/a v1.0.0/go.mod h1:a=\n"
	assert.Equal(t, []string{"example.com/a", "example.com/b"}, modules(sums))

	rows := []row{{name: "one", modules: modules(sums)}, {name: "two"}}
	list := filepath.Join(t.TempDir(), "modules.txt")
	require.NoError(t, os.WriteFile(list, []byte(moduleList(rows)), 0o600))
	require.NoError(t, checkModules(list, rows))
	rows[1].modules = []string{"example.com/a"}
	require.Error(t, checkModules(list, rows), "two needs another module")
}
