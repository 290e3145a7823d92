package conformance

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
)

// golden compares the request of each call with its golden file, byte for byte,
// and the value of its golden answer with Want. Then it changes each field of the
// answer. Each change must change the value, cause an error or be
// warned of.
func (s Suite[C]) golden(t *testing.T) {
	s.forEachCall(t, func(t *testing.T, c Call[C], _ bool) {
		t.Parallel()
		text := s.answer(t, c)
		var sent string
		got, err := c.Do(t.Context(), s.client(t, answerAndRecord(c.status(), &text, &sent)))
		require.NoError(t, err)
		assert.Equal(t, s.file(t, c, ".request.txt"), sent)
		assert.Equal(t, c.Want, got)
		assertStorable(t, got)
		if c.NoBody {
			return
		}

		used := map[string]bool{} // by path in ReferencedLists: whether any leaf changes the value
		for _, l := range s.Format.orJSON().leaves(t, text) {
			if s.ignored(l) {
				continue
			}
			changed := l.replace(l.other)
			var warned bytes.Buffer
			client, err := s.New(s.BaseURL, s.withTransport(t, answerAndRecord(c.status(), &changed, &sent)),
				rutravel.WithLogger(slog.New(slog.NewTextHandler(&warned, &slog.HandlerOptions{Level: slog.LevelWarn}))))
			require.NoError(t, err)
			value, err := c.Do(t.Context(), client)
			dropped := err == nil && warned.Len() == 0 && assert.ObjectsAreEqual(c.Want, value)
			if slices.ContainsFunc(s.ReferencedLists, func(list string) bool { return strings.HasPrefix(l.path, list) }) {
				used[l.path] = used[l.path] || !dropped
				continue
			}
			assert.False(t, dropped, "%s of the answer is dropped", l.path)
		}
		for path, ok := range used {
			assert.True(t, ok, "%s of the answer is dropped", path)
		}
	})
}

// ignored reports whether the path of a leaf is in IgnoredPaths.
func (s Suite[C]) ignored(l leaf) bool {
	return slices.ContainsFunc(s.IgnoredPaths, func(path string) bool {
		return l.path == path || strings.HasSuffix(path, ".") && strings.HasPrefix(l.path, path)
	})
}

// assertStorable checks that a value that was stored as JSON can be read back
// without loss.
func assertStorable(t *testing.T, value any) {
	t.Helper()
	if value == nil || os.Getenv(switchesEnv) != "" { // UnmarshalJSON of decimal depends on the switches
		return
	}
	stored, err := json.Marshal(value)
	require.NoError(t, err)
	read := reflect.New(reflect.TypeOf(value))
	require.NoError(t, json.Unmarshal(stored, read.Interface()), "%s", stored)
	again, err := json.Marshal(read.Elem().Interface())
	require.NoError(t, err)
	assert.Equal(t, string(stored), string(again))
}
