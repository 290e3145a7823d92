package rutravelotel_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The program in the README equals the example.
func TestReadme(t *testing.T) {
	t.Parallel()
	_, rest, ok := strings.Cut(read(t, "README.md"), "```go\n")
	require.True(t, ok)
	program, _, _ := strings.Cut(rest, "```")
	assert.Contains(t, strings.ReplaceAll(read(t, "example_test.go"), "\n\t", "\n"), program)
	readme := read(t, "README.md")
	for _, name := range alerts(t) {
		assert.Contains(t, readme, "| `"+name+"` |")
	}
}
