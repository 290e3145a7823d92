package rutravel_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every Go snippet of README.md and docs is, except for its indentation, in a file that
// go test or go vet compiles.
func TestReadmeSnippets(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	for _, pattern := range []string{"*/*_test.go", "*/*/*_test.go", "examples/*/main.go"} {
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
	pages, err := filepath.Glob("docs/*.md")
	require.NoError(t, err)
	snippets := 0
	for _, page := range append(pages, "README.md") {
		for _, code := range blocks(t, page) {
			code, isGo := strings.CutPrefix(code, "go\n")
			if isGo {
				snippets++
				assert.True(t, strings.Contains(compiled.String(), flatten(code)), "%s: not compiled: %s", page, code) //nolint:testifylint // the haystack is all tests
			}
		}
	}
	assert.Positive(t, snippets)
}

// README.ru.md has the code blocks of README.md.
func TestRussianReadme(t *testing.T) {
	t.Parallel()
	assert.Equal(t, blocks(t, "README.md"), blocks(t, "README.ru.md"))
}

// blocks returns the code blocks of a page.
func blocks(t *testing.T, page string) (all []string) {
	t.Helper()
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	for i, block := range strings.Split(string(text), "```") {
		if i%2 == 1 {
			all = append(all, block)
		}
	}
	return all
}

// flatten removes the indentation.
func flatten(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimLeft(line, "\t "))
	}
	return b.String()
}
