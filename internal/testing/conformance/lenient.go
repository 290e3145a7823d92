package conformance

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// leniencies checks the deviations that the library accepts: byte-order marks, a name
// that occurs twice, and bytes that are not UTF-8.
func (s Suite[C]) leniencies(t *testing.T) {
	s.forEachCall(t, func(t *testing.T, c Call[C], _ bool) {
		t.Parallel()
		if c.NoBody {
			return
		}
		good := s.answer(t, c)
		streamed := slices.ContainsFunc(s.Calls, func(o Call[C]) bool { return o.Op == c.Op && o.Streamed })
		read := func(text string) (any, error) {
			var sent string
			return c.Do(t.Context(), s.client(t, answerAndRecord(c.status(), &text, &sent)))
		}
		for _, before := range []string{"\ufeff", "\ufeff\ufeff", " \ufeff", "\n\ufeff\r\n"} {
			value, err := read(before + good)
			require.NoError(t, err, "before the answer: %q", before)
			assert.Equal(t, c.Want, value, "before the answer: %q", before)
		}

		if s.Format.orJSON().suffix == "json" {
			for _, m := range members(t, good) {
				if streamed && strings.ContainsAny(good[m[0]:m[1]], "{[") {
					continue // elements that were yielded cannot be replaced
				}
				value, err := read(good[:m[1]] + "," + good[m[0]:m[1]] + good[m[1]:])
				require.NoError(t, err, "%.40s", good[m[0]:])
				assert.Equal(t, c.Want, value, "twice: %.40s", good[m[0]:])
			}
		}

		// A byte that is not UTF-8 is read as U+FFFD.
		for _, l := range s.Format.orJSON().leaves(t, good) {
			end := l.end
			if good[end-1] == '"' {
				end--
			} else if s.Format.orJSON().suffix == "json" {
				continue
			}
			want, wantErr := read(good[:end] + "\ufffd" + good[end:])
			got, err := read(good[:end] + "\xff" + good[end:])
			if slices.Contains(s.VerbatimPaths, l.path) {
				require.NoError(t, wantErr, l.path)
				assert.NotContains(t, fmt.Sprint(got), "\ufffd", l.path)
				continue
			}
			assert.Equal(t, wantErr == nil, err == nil, "%s: %v", l.path, err)
			assert.Equal(t, want, got, l.path)
		}
	})
}
