package conformance

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Fuzzed is what one fuzz target does with a text.
type Fuzzed struct {
	Seeds   [][]byte
	Numbers []int // that go with every seed; none is 0 alone
	// Check is given any text, and a number for its own use: an HTTP status.
	Check func(t *testing.T, number int, text []byte)
}

// Fuzz makes a package's decoders one fuzz target, for programs run a target at
// a time: the first value chooses.
func Fuzz(f *testing.F, all ...Fuzzed) {
	f.Helper()
	for i, one := range all {
		if one.Numbers == nil {
			one.Numbers = []int{0}
		}
		for _, text := range one.Seeds {
			for _, number := range one.Numbers {
				f.Add(byte(i), number, text)
			}
		}
	}
	f.Fuzz(func(t *testing.T, which byte, number int, text []byte) {
		all[int(which)%len(all)].Check(t, number, text)
	})
}

// Seeds reads every file that one of the patterns matches, the recorded answers
// of a supplier, for a fuzz target to begin with.
func Seeds(f *testing.F, patterns ...string) (all [][]byte) {
	f.Helper()
	for _, pattern := range patterns {
		names, err := filepath.Glob(pattern)
		require.NoError(f, err)
		require.NotEmpty(f, names, pattern)
		for _, name := range names {
			text, err := os.ReadFile(name)
			require.NoError(f, err)
			all = append(all, text)
		}
	}
	return all
}

// Texts makes seeds of short texts.
func Texts(texts ...string) (all [][]byte) {
	for _, text := range texts {
		all = append(all, []byte(text))
	}
	return all
}
