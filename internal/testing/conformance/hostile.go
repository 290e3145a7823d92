package conformance

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
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

// hostile shows every operation answers that are made to cost time and memory.
// They end in the error of any answer that cannot be read, or in a value whose
// JSON is not much larger than they are: four times and 100 KB. What is read, and
// what that costs in memory, has its bounds too. It measures memory: nothing may
// run beside it.
func (s Suite[C]) hostile(t *testing.T) {
	// 10 MB that unpack to one string of 10 GB: members of a gzip file may simply
	// follow each other.
	head, rest := packed(t, s.Format.orJSON().text), endless(packed(t, strings.Repeat("x", 1<<20)))
	// Most of the time would go into the garbage collector, which scans and copies
	// stacks of 10,000 calls, and into the call site that the decoder records for
	// each of 10,000 wrapped errors. Neither changes what is measured: TotalAlloc
	// only grows, and the record is part of the error with or without content.
	jxerrors.DisableTrace()
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // [Suite.measured] collects
	shown := map[string]bool{}                       // what costs time is shown to each operation once, in one of its forms, and so are places
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
				r := unsized(io.LimitReader(io.MultiReader(strings.NewReader(head), rest), 10<<20))
				r.Header.Set("Content-Encoding", "gzip")
				return r
			}, 6*longest)
			s.outcome(t, c, err, rutravel.ErrProtocol, s.unsafe(t, c))
		})
	}
}

// hostileLeaves puts what is too deep in every place of an answer, and what is too
// large in the place of every number.
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
		shown["number "+l.path] = true // operations share what reads it
		for _, number := range []string{"1e1000000", "-1E+1000000", "1e-1000000", digits} {
			if format.suffix == "json" && l.whole[l.start] == '"' {
				number = `"` + number + `"`
			}
			text := l.replace(number)
			value, err := s.measured(t, c, func() *http.Response { return unsized(strings.NewReader(text)) }, 1<<20+64*uint64(len(text)))
			stored, bad := json.Marshal(value)
			require.NoError(t, bad)
			assert.Less(t, len(stored), 100_000+4*len(text), "%s: %.20s", l.path, number)
			if err != nil && !errors.Is(err, rutravel.ErrRejected) {
				s.outcome(t, c, err, rutravel.ErrProtocol, s.unsafe(t, c))
			}
		}
	}
}

// hostileLists puts what is short and many in every list and object of an answer.
func (s Suite[C]) hostileLists(t *testing.T, c Call[C], op string, shown map[string]bool) {
	t.Helper()
	if s.Format.orJSON().suffix != "json" {
		return // a list of tags without anything is among what is forbidden
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
			_, err := s.measured(t, c, func() *http.Response { return unsized(strings.NewReader(text)) }, 8<<20+512*uint64(len(text)))
			if err != nil && !errors.Is(err, rutravel.ErrRejected) {
				s.outcome(t, c, err, rutravel.ErrProtocol, s.unsafe(t, c))
			}
		}
	}
}

var numeric = regexp.MustCompile(`^-?[0-9]+([.,][0-9]+)?$`)

// unreadable shows an operation a text that is no answer.
func (s Suite[C]) unreadable(t *testing.T, c Call[C], text string) {
	t.Helper()
	_, err := s.measured(t, c, func() *http.Response { return unsized(strings.NewReader(text)) }, 4<<20+64*uint64(len(text)))
	s.outcome(t, c, err, rutravel.ErrProtocol, s.unsafe(t, c))
}

// measured makes a call whose answer may cost so many bytes of memory in all.
func (s Suite[C]) measured(t *testing.T, c Call[C], answer func() *http.Response, most uint64) (any, error) {
	t.Helper()
	client := s.client(t, responding(func(*http.Request) (*http.Response, error) {
		r := answer()
		if !c.NoBody { // the status of that one may say everything
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
		assert.Less(t, len(s.failure(t, c, err).Error()), 2000, "bytes of the error")
	}
	return value, err
}

// unsized is an answer of unknown length.
func unsized(body io.Reader) *http.Response {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(body)}
}

func packed(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := io.WriteString(z, text)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.String()
}

// leniencies checks what is read all the same: one byte-order mark, a name that is
// there twice and bytes that are not UTF-8.
func (s Suite[C]) leniencies(t *testing.T) {
	s.each(t, func(t *testing.T, c Call[C], _ bool) {
		t.Parallel()
		if c.NoBody {
			return
		}
		good := s.answer(t, c)
		streamed := slices.ContainsFunc(s.Calls, func(o Call[C]) bool { return o.Op == c.Op && o.Streamed })
		read := func(text string) (any, error) {
			var sent string
			return c.Do(t.Context(), s.client(t, answering(c.status(), &text, &sent)))
		}
		for _, before := range []string{"\ufeff", "\ufeff\ufeff", " \ufeff", "\n\ufeff\r\n"} {
			value, err := read(before + good)
			require.NoError(t, err, "before the answer: %q", before)
			assert.Equal(t, c.Want, value, "before the answer: %q", before)
		}

		if s.Format.orJSON().suffix == "json" {
			for _, m := range members(t, good) {
				if streamed && strings.ContainsAny(good[m[0]:m[1]], "{[") {
					continue // what was handed out cannot be taken back
				}
				value, err := read(good[:m[1]] + "," + good[m[0]:m[1]] + good[m[1]:])
				require.NoError(t, err, "%.40s", good[m[0]:])
				assert.Equal(t, c.Want, value, "there twice: %.40s", good[m[0]:])
			}
		}

		// A byte that is not UTF-8 is read as what is written in its place.
		for _, l := range s.Format.orJSON().leaves(t, good) {
			end := l.end
			if good[end-1] == '"' {
				end--
			} else if s.Format.orJSON().suffix == "json" {
				continue
			}
			want, wantErr := read(good[:end] + "\ufffd" + good[end:])
			got, err := read(good[:end] + "\xff" + good[end:])
			if err != nil && s.Format.orJSON().suffix == "xml" {
				continue // what could not go back unchanged
			}
			assert.Equal(t, wantErr == nil, err == nil, "%s: %v", l.path, err)
			assert.Equal(t, want, got, l.path)
		}
	})
}

// members finds the beginnings and ends of all members of objects in a JSON text.
func members(t *testing.T, text string) (all [][2]int) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	var walk func(json.Token)
	next := func() json.Token {
		tok, err := d.Token()
		require.NoError(t, err)
		return tok
	}
	walk = func(tok json.Token) {
		object := tok == json.Delim('{')
		if !object && tok != json.Delim('[') {
			return
		}
		for d.More() {
			if !object {
				walk(next())
				continue
			}
			_ = next()
			start := strings.LastIndexByte(text[:d.InputOffset()-1], '"')
			walk(next())
			all = append(all, [2]int{start, int(d.InputOffset())})
		}
		next()
	}
	walk(next())
	return all
}
