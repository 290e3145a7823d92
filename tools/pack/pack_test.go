package main

import (
	"archive/zip"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The packed module has the files that git tracks or would track, without nested
// modules.
func TestPack(t *testing.T) {
	t.Parallel()
	root, proxy := t.TempDir(), t.TempDir()
	git := exec.CommandContext(t.Context(), "git", "init", "-q")
	git.Dir = root
	require.NoError(t, git.Run())
	for name, text := range map[string]string{
		"go.mod": "module github.com/rutravel/rutravel-go\n", "a.go": "package a", "sub/b.go": "package sub",
		"nested/go.mod": "module nested", "nested/c.go": "package c", ".gitignore": "/bin/", "bin/tool": "binary",
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o750))
		require.NoError(t, os.WriteFile(filepath.Join(root, name), []byte(text), 0o600))
	}
	require.NoError(t, pack(t.Context(), root, proxy))

	archive, err := zip.OpenReader(filepath.Join(proxy, "github.com/rutravel/rutravel-go/@v/v0.0.0-packed.zip"))
	require.NoError(t, err)
	defer archive.Close()
	var names []string
	for _, f := range archive.File {
		names = append(names, f.Name)
	}
	const prefix = "github.com/rutravel/rutravel-go@v0.0.0-packed/"
	assert.ElementsMatch(t, []string{prefix + ".gitignore", prefix + "a.go", prefix + "go.mod", prefix + "sub/b.go"}, names)
}
