package ticketscloud

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// FuzzedValues are the values that have their own notation.
func FuzzedValues(f *testing.F) []conformance.Fuzzed {
	instants := []string{
		"", "2019-07-25 14:41:11", "2019-07-19T17:20:29.717000+00:00", "2019-12-15T13:01:02", "2019-07-25T17:56:16+0300",
		"2019-07-25T17:56:16+03", "2019-07-25T14:56:16.7Z", "2019-07-25 14:56:16-11:30",
	}
	for _, text := range instants {
		_, ok := parseInstant(text)
		assert.True(f, ok, text)
	}
	var events []struct{ Lifetime string }
	text, err := os.ReadFile("../testdata/ticketscloud/awkward/simple.events-lifetimes.json")
	require.NoError(f, err)
	require.NoError(f, json.Unmarshal(text, &events))
	var lifetimes []string
	for _, e := range events {
		lifetimes = append(lifetimes, e.Lifetime)
	}
	return []conformance.Fuzzed{
		{Seeds: conformance.Texts(instants...), Check: fuzzInstant},
		{Seeds: conformance.Texts(lifetimes...), Check: fuzzEventTime},
		{Seeds: conformance.Texts(
			`{"1":[1,2,3],"4":[11,12]}`, `{"А":["1","2"],"2":[3]}`, "null", "[]", "{}", `{"1":"7"}`, `[[1],[2]]`,
			`{"number":1,"row":1,"sector":"55abfa669cb5382abebd9fad"}`, `{"number":"2а","row":"А","sector":null}`,
		), Check: fuzzSeats},
	}
}

// fuzzInstant reads any text as a time. A time that was read must be the same second after
// it was written and read again.
func fuzzInstant(t *testing.T, _ int, text []byte) {
	read, ok := parseInstant(string(text))
	if !ok || read.IsZero() {
		return
	}
	assert.Equal(t, time.UTC, read.Location())
	if year := read.Year(); year < 1 || year > 9999 {
		return
	}
	again, ok := parseInstant(formatInstant(read))
	require.True(t, ok)
	assert.Equal(t, read.Truncate(time.Second), again)
}

// fuzzEventTime reads any text as a VEVENT.
func fuzzEventTime(t *testing.T, _ int, body []byte) {
	text := string(body)
	start, finish, ok := parseEventTime(text)
	if !ok {
		assert.Zero(t, start)
		assert.Zero(t, finish)
		return
	}
	for _, at := range []time.Time{start, finish} {
		if !at.IsZero() {
			assert.Equal(t, time.UTC, at.Location())
			assert.Contains(t, strings.NewReplacer("\r", "", "\n", "", " ", "", "\t", "", `\r\n`, "").Replace(text), at.Format("20060102T150405Z"))
		}
	}
}

// fuzzSeats reads any JSON as the rows of a category and as a seat.
func fuzzSeats(t *testing.T, _ int, text []byte) {
	var set ListedSet
	var seat *Seat
	rows := wire.Decode(text, nil, set.decodeSeats)
	place := wire.Decode(text, nil, func(d *wire.Decoder) error { return decodeSeat(d, &seat) })
	var object map[string]any
	if json.Unmarshal(text, &object) != nil {
		return
	}
	if rows == nil {
		assert.GreaterOrEqual(t, len(set.Seats), len(object))
	}
	if place == nil {
		assert.Equal(t, len(object) == 0, seat == nil)
	}
}
