package rutravel_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every Go snippet of the README stands, but for its indentation, in a file
// that the tests compile.
func TestReadmeSnippets(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	files, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	for _, pattern := range []string{"*/*_test.go", "*/*/*_test.go"} {
		more, err := filepath.Glob(pattern)
		require.NoError(t, err, pattern)
		files = append(files, more...)
	}
	var compiled strings.Builder
	for _, name := range files {
		text, err := os.ReadFile(name)
		require.NoError(t, err, name)
		compiled.WriteString(flatten(string(text)))
	}
	var snippets int
	for i, block := range strings.Split(string(readme), "```") {
		code, isGo := strings.CutPrefix(block, "go\n")
		if i%2 == 0 || !isGo {
			continue
		}
		snippets++
		assert.True(t, strings.Contains(compiled.String(), flatten(code)), "not compiled: %s", code) //nolint:testifylint // the haystack is all tests
	}
	assert.Positive(t, snippets)
}

// flatten takes the indentation away.
func flatten(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimLeft(line, "\t "))
	}
	return b.String()
}
