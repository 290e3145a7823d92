package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	jxerrors "github.com/go-faster/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
)

const (
	deepest = 10_000   // levels that encoding/json reads
	longest = 64 << 20 // bytes of an answer that are read

	maxGarbage = 256 << 20 // bytes in the heap before it is collected between two measurements
)

// hostile gives each operation answers that cost much time and memory. Each must end
// in the error of an unreadable answer, or in a value whose JSON is at most four
// times as long as the answer plus 100 KB. The number of bytes read and the memory
// used are bounded.
//
// It must run alone, because it measures the memory of the process.
func (s Suite[C]) hostile(t *testing.T) {
	// 10 MB of gzip that unpack to one string of 10 GB. A gzip file may have several
	// members, one after another.
	head, rest := gzipped(t, s.Format.orJSON().unendedText), endlessReader(gzipped(t, strings.Repeat("x", 1<<20)))
	// Most of the time would go into the garbage collector, which scans and copies
	// stacks of 10,000 calls, and into the call site that the decoder records for
	// each of 10,000 wrapped errors. Neither changes what is measured: TotalAlloc
	// only grows, and the record is part of the error with or without content.
	jxerrors.DisableTrace()
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // [Suite.measured] collects
	shown := map[string]bool{}                       // the slow cases that an operation has had, in any of its forms
	for _, c := range s.Calls {
		op, _, _ := strings.Cut(c.Op, "+")
		long := !shown[op]
		shown[op] = true
		t.Run(c.name(), func(t *testing.T) {
			good, format := s.answer(t, c), s.Format.orJSON()
			for _, level := range format.levels(good) {
				if shown[op+level.open] {
					continue
				}
				shown[op+level.open] = true
				s.unreadable(t, c, strings.Repeat(level.open, deepest)+strings.Repeat(level.close, deepest))
			}
			for _, text := range format.forbidden(good) {
				s.unreadable(t, c, text)
			}
			if !c.NoBody {
				s.hostileLeaves(t, c, op, shown)
				s.hostileLists(t, c, op, shown)
			}
			if !long {
				return
			}
			s.unreadable(t, c, strings.Repeat(format.level.open, 100*deepest))
			_, err := s.measured(t, c, func() *http.Response {
				r := unsizedResponse(io.LimitReader(io.MultiReader(strings.NewReader(head), rest), 10<<20))
				r.Header.Set("Content-Encoding", "gzip")
				return r
			}, 6*longest)
			s.assertOutcome(t, c, err, rutravel.ErrProtocol, s.unsafe(t, c))
		})
	}
}

// hostileLeaves puts a value that is nested too deeply in the place of each value
// of an answer, and a number that is too large in the place of each number.
func (s Suite[C]) hostileLeaves(t *testing.T, c Call[C], op string, shown map[string]bool) {
	t.Helper()
	format := s.Format.orJSON()
	digits := strings.Repeat("9", 1_000_000)
	deep := strings.Repeat(format.level.open, deepest+1) + strings.Repeat(format.level.close, deepest+1)
	for _, l := range format.leaves(t, s.answer(t, c)) {
		if shown[op+" "+l.path] {
			continue
		}
		shown[op+" "+l.path] = true
		if !strings.Contains(l.path, "@") {
			s.unreadable(t, c, l.replace(deep))
		}
		if !numeric.MatchString(l.text) || shown["number "+l.path] {
			continue
		}
		shown["number "+l.path] = true // all operations read this path with the same code
		for _, number := range []string{"1e1000000", "-1E+1000000", "1e-1000000", digits} {
			if format.suffix == "json" && l.whole[l.start] == '"' {
				number = `"` + number + `"`
			}
			text := l.replace(number)
			value, err := s.measured(t, c, func() *http.Response { return unsizedResponse(strings.NewReader(text)) }, 1<<20+64*uint64(len(text)))
			stored, bad := json.Marshal(value)
			require.NoError(t, bad)
			assert.Less(t, len(stored), 100_000+4*len(text), "%s: %.20s", l.path, number)
			if err != nil && !errors.Is(err, rutravel.ErrRejected) {
				s.assertOutcome(t, c, err, rutravel.ErrProtocol, s.unsafe(t, c))
			}
		}
	}
}

// hostileLists puts many short values into each list and object of an answer.
func (s Suite[C]) hostileLists(t *testing.T, c Call[C], op string, shown map[string]bool) {
	t.Helper()
	if s.Format.orJSON().suffix != "json" {
		return // a list of empty elements is one of the forbidden texts
	}
	const length = 64 << 10
	good := s.answer(t, c)
	var named strings.Builder
	for i := 0; named.Len() < length; i++ {
		fmt.Fprintf(&named, `"%d":{},`, i)
	}
	for _, m := range members(t, good) {
		member := good[m[0]:m[1]]
		name, value, _ := strings.Cut(member, ":")
		if !strings.ContainsAny(strings.TrimSpace(value)[:1], "[{") || shown[op+" list "+name] {
			continue
		}
		shown[op+" list "+name] = true
		for _, many := range []string{
			"[" + strings.Repeat("0,", length/2) + "0]", "[" + strings.Repeat("{},", length/3) + "{}]",
			"[" + strings.Repeat(`"",`, length/3) + `""]`, "{" + named.String() + `"x":0}`,
		} {
			text := good[:m[0]] + name + ":" + many + good[m[1]:]
			_, err := s.measured(t, c, func() *http.Response { return unsizedResponse(strings.NewReader(text)) }, 8<<20+512*uint64(len(text)))
			if err != nil && !errors.Is(err, rutravel.ErrRejected) {
				s.assertOutcome(t, c, err, rutravel.ErrProtocol, s.unsafe(t, c))
			}
		}
	}
}

var numeric = regexp.MustCompile(`^-?[0-9]+([.,][0-9]+)?$`)

// unreadable gives an operation an answer that it must reject.
func (s Suite[C]) unreadable(t *testing.T, c Call[C], text string) {
	t.Helper()
	_, err := s.measured(t, c, func() *http.Response { return unsizedResponse(strings.NewReader(text)) }, 4<<20+64*uint64(len(text)))
	s.assertOutcome(t, c, err, rutravel.ErrProtocol, s.unsafe(t, c))
}

// measured makes a call and checks that it allocates fewer than most bytes.
func (s Suite[C]) measured(t *testing.T, c Call[C], answer func() *http.Response, most uint64) (any, error) {
	t.Helper()
	client := s.client(t, respondWith(func(*http.Request) (*http.Response, error) {
		r := answer()
		if !c.NoBody { // without a body, the status alone may mean success
			r.StatusCode = c.status()
		}
		return r, nil
	}))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if before.HeapAlloc > maxGarbage {
		runtime.GC()
	}
	value, err := c.Do(t.Context(), client)
	runtime.ReadMemStats(&after)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, most, "bytes of memory")
	if err != nil {
		assert.Less(t, len(s.callError(t, c, err).Error()), 2000, "bytes of the error")
	}
	return value, err
}
