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

// Fuzzed is what one fuzz target does with a text.
type Fuzzed struct {
	Seeds   [][]byte
	Numbers []int // that go with every seed; none is 0 alone
	Further []int // of these, one goes with each seed, in turn
	// Check is given any text, and a number for its own use: see Status.
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
		for n, text := range one.Seeds {
			for _, number := range one.Numbers {
				f.Add(byte(i), number, text)
			}
			if len(one.Further) > 0 {
				f.Add(byte(i), one.Further[n%len(one.Further)], text)
			}
		}
	}
	f.Fuzz(func(t *testing.T, which byte, number int, text []byte) {
		all[int(which)%len(all)].Check(t, number, text)
	})
}

// Failures are statuses that mean different things to the engine.
var Failures = []int{
	http.StatusBadRequest, http.StatusUnauthorized, http.StatusConflict, http.StatusTooManyRequests, http.StatusInternalServerError,
}

// Status makes any number the status of an answer.
func Status(number int) int {
	if number >= http.StatusOK && number < 600 {
		return number
	}
	return append([]int{http.StatusOK}, Failures...)[uint(number)%uint(1+len(Failures))]
}

// Succeeded reports whether a call that is right has succeeded. Otherwise it has
// ended in a *rutravel.Error, and it has under every status that says no: no
// answer is a success there, and a server that did not finish refuses nothing.
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
