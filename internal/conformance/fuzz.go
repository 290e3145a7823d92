package conformance

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Seeds gives add every file that one of the patterns matches, the recorded
// answers of a supplier, for a fuzz target to begin with.
func Seeds(f *testing.F, add func(text []byte), patterns ...string) {
	f.Helper()
	for _, pattern := range patterns {
		names, err := filepath.Glob(pattern)
		require.NoError(f, err)
		require.NotEmpty(f, names, pattern)
		for _, name := range names {
			text, err := os.ReadFile(name)
			require.NoError(f, err)
			add(text)
		}
	}
}
