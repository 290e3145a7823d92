package conformance

import (
	"bytes"
	"errors"
	"flag"
	"io"
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

// FuzzedAnswer is an http.RoundTripper that answers each request with its fields.
type FuzzedAnswer struct {
	Status int
	Body   []byte
}

// RoundTrip returns the answer.
func (a *FuzzedAnswer) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: a.Status, Header: http.Header{}, Request: r,
		Body: io.NopCloser(bytes.NewReader(a.Body)), ContentLength: int64(len(a.Body)),
	}, nil
}

// Calls returns one Fuzzed for each call, which gets any answer under any status:
// that of the fuzzed number. See [Each].
func (a *FuzzedAnswer) Calls(all Fuzzed, calls ...func(t *testing.T, status int)) []Fuzzed {
	checks := make([]func(*testing.T, int, []byte), len(calls))
	for i, call := range calls {
		checks[i] = func(t *testing.T, number int, text []byte) {
			a.Status, a.Body = Status(number), text
			call(t, a.Status)
		}
	}
	return Each(all, checks...)
}

// Each returns one Fuzzed for each check, with the seeds and numbers of all: an
// execution of one check is much faster than one of all of them. With -fuzz, each
// seed starts with one of the checks only, because a short run would otherwise end
// before all seeds were executed.
func Each(all Fuzzed, checks ...func(t *testing.T, number int, text []byte)) []Fuzzed {
	fuzzed := make([]Fuzzed, len(checks))
	for i, check := range checks {
		fuzzed[i] = all
		fuzzed[i].Check = check
		if Fuzzing() {
			fuzzed[i].Seeds = every(len(checks), i, all.Seeds)
		}
	}
	return fuzzed
}

// Fuzzing reports whether go test fuzzes, and does not only run the seeds.
func Fuzzing() bool {
	f := flag.Lookup("test.fuzz")
	return f != nil && f.Value.String() != ""
}

// every returns every nth seed, from the one at first on.
func every(n, first int, seeds [][]byte) (some [][]byte) {
	for i := first; i < len(seeds); i += n {
		some = append(some, seeds[i])
	}
	return some
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
	if ok != (err != nil) {
		require.Fail(t, "not a *rutravel.Error", "%v", err)
	}
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
