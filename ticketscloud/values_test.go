package ticketscloud

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// FuzzedValues are the values that have a notation of their own.
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

// fuzzInstant reads any text as a time: what is read is written again and read
// as the same second.
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
	rows := wire.Decode(text, set.decodeSeats)
	place := wire.Decode(text, func(d *wire.Decoder) error { return decodeSeat(d, &seat) })
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

// What is sent of a price has the digits that the caller gave it.
func TestFormatDecimal(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"100.00", "1500", "0.5", "0", "0.10"} {
		assert.Equal(t, text, formatDecimal(conformance.Dec(text)))
	}
	assert.Equal(t, "1500", formatDecimal(conformance.Dec("15e2")))
}

// Locks that nobody holds or waits for are forgotten, also after who waited for
// one gave up.
func TestLocksAreFreed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &locks{held: map[OrderID]*lock{}}
		release, err := l.acquire(t.Context(), "a")
		require.NoError(t, err)
		other, err := l.acquire(t.Context(), "b")
		require.NoError(t, err)
		var entered func()
		go func() {
			again, err := l.acquire(t.Context(), "a")
			assert.NoError(t, err)
			entered = again
		}()
		ctx, cancel := context.WithCancel(t.Context())
		var gaveUp error
		go func() { _, gaveUp = l.acquire(ctx, "a") }()
		synctest.Wait()
		assert.Nil(t, entered, "two hold one lock")
		assert.NoError(t, gaveUp)
		cancel()
		synctest.Wait()
		assert.ErrorIs(t, gaveUp, context.Canceled)
		assert.Nil(t, entered)
		release()
		synctest.Wait()
		require.NotNil(t, entered)
		assert.Len(t, l.held, 2)
		entered()
		other()
		assert.Empty(t, l.held)
	})
}

// Half an offset is none.
func TestOffsets(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"+03:", "+0:300", "+:0300", "+0300:", "+03:0", "+03:000", "+3", "+030", "+2400", "+0060", "+", "Z0", "+03:0:0"} {
		_, ok := parseOffset(text)
		assert.False(t, ok, text)
	}
	for _, text := range []string{"+03", "+0300", "+03:00"} {
		east, ok := parseOffset(text)
		assert.True(t, ok, text)
		assert.Equal(t, 3*time.Hour, east, text)
	}
}
