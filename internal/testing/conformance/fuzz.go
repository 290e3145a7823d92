package conformance

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
)

// Fuzzed is one function under fuzzing. [Fuzz] puts several into one target.
type Fuzzed struct {
	// Seeds lists the texts that fuzzing starts with.
	Seeds [][]byte
	// Numbers lists numbers that are combined with every seed. Nil means 0.
	Numbers []int
	// RotatedNumbers lists numbers of which each seed gets one, in turn.
	RotatedNumbers []int
	// Check calls the function with any text and any number. See [Status] for the
	// meaning of a number.
	Check func(t *testing.T, number int, text []byte)
}

// Fuzz runs all functions of a package in one fuzz target, because go test -fuzz
// runs one target at a time. The first fuzzed value selects the function.
func Fuzz(f *testing.F, all ...Fuzzed) {
	f.Helper()
	for i, one := range all {
		if one.Numbers == nil {
			one.Numbers = []int{0}
		}
		for n, text := range one.Seeds {
			for _, number := range one.Numbers {
				f.Add(byte(i), number, text)
			}
			if len(one.RotatedNumbers) > 0 {
				f.Add(byte(i), one.RotatedNumbers[n%len(one.RotatedNumbers)], text)
			}
		}
	}
	f.Fuzz(func(t *testing.T, which byte, number int, text []byte) {
		all[int(which)%len(all)].Check(t, number, text)
	})
}

// Failures lists one HTTP status of each class that the engine treats differently.
var Failures = []int{
	http.StatusBadRequest, http.StatusUnauthorized, http.StatusConflict, http.StatusTooManyRequests, http.StatusInternalServerError,
}

// Status converts any number to an HTTP status.
func Status(number int) int {
	if number >= http.StatusOK && number < 600 {
		return number
	}
	return append([]int{http.StatusOK}, Failures...)[uint(number)%uint(1+len(Failures))]
}

// Succeeded reports whether a valid call succeeded. It checks that any error is a
// *rutravel.Error, that no status of 300 and more is a success, and that no
// status of 500 and more is a refusal.
func Succeeded(t *testing.T, status int, err error) bool {
	t.Helper()
	e, ok := errors.AsType[*rutravel.Error](err)
	require.Equal(t, err != nil, ok, "%v", err)
	if status >= http.StatusMultipleChoices {
		require.Error(t, err)
	}
	if ok && status >= http.StatusInternalServerError {
		require.Contains(t, []rutravel.Kind{rutravel.ErrNotConfirmed, rutravel.ErrUnavailable}, e.Kind)
	}
	return err == nil
}

// Seeds reads all files that match one of the patterns. Each pattern must match.
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

// Texts converts texts to seeds.
func Texts(texts ...string) (all [][]byte) {
	for _, text := range texts {
		all = append(all, []byte(text))
	}
	return all
}
