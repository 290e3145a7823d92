package tcsimple

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/internal/simple"
)

// A share has the sign of its whole, and no trailing zeros.
func TestPercent(t *testing.T) {
	t.Parallel()
	for want, m := range map[string]*simple.Percentage{
		"0":           nil,
		"5":           {Units: 5},
		"100":         {Units: 100},
		"7.5":         {Units: 7, Nanos: 500_000_000},
		"0.000000001": {Nanos: 1},
		"-0.25":       {Nanos: minus(250_000_000)},
		"-1.5":        {Units: -1, Nanos: minus(500_000_000)},
	} {
		assert.Equal(t, want, percent(m).String())
		assert.LessOrEqual(t, percent(m).Exponent(), int32(0), want)
	}
	assert.False(t, new(reading).percent("", nil).Valid)
	assert.True(t, new(reading).percent("", &simple.Percentage{}).Valid)
}

// minus is a negative number in an unsigned field.
func minus(n int32) uint32 { return uint32(-n) }

// An instant that is empty or cannot be read is zero.
func TestInstant(t *testing.T) {
	t.Parallel()
	assert.Equal(t, time.Date(2026, 5, 1, 0, 0, 0, 7, time.UTC), instant(&timestamppb.Timestamp{Seconds: 1777593600, Nanos: 7}))
	assert.Equal(t, time.Unix(0, 1).UTC(), instant(&timestamppb.Timestamp{Nanos: 1}))
	assert.Equal(t, time.Unix(1, 0).UTC(), instant(&timestamppb.Timestamp{Seconds: 1}))
	for name, m := range map[string]*timestamppb.Timestamp{
		"missing": nil, "empty": {}, "a negative fraction": {Seconds: 1, Nanos: -1}, "a far year": {Seconds: math.MaxInt64},
	} {
		assert.Zero(t, instant(m), name)
	}
}

// A lifetime is not known if one of its ends cannot be read.
func TestLifetime(t *testing.T) {
	t.Parallel()
	good, bad := &timestamppb.Timestamp{Seconds: 1}, &timestamppb.Timestamp{Nanos: -1}
	for name, test := range map[string]struct {
		lifetime *simple.Lifetime
		known    bool
	}{
		"missing":      {nil, true},
		"open":         {&simple.Lifetime{}, true},
		"whole":        {&simple.Lifetime{Start: good, Finish: good}, true},
		"a bad start":  {&simple.Lifetime{Start: bad, Finish: good}, false},
		"a bad finish": {&simple.Lifetime{Start: good, Finish: bad}, false},
	} {
		start, finish, known := lifetime(test.lifetime)
		assert.Equal(t, test.known, known, name)
		assert.Equal(t, instant(test.lifetime.GetStart()), start, name)
		assert.Equal(t, instant(test.lifetime.GetFinish()), finish, name)
	}
}

// Amounts are kopecks.
func TestRoubles(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "0", roubles(0).String())
	assert.Equal(t, "0.01", roubles(1).String())
	assert.Equal(t, "123.45", roubles(12345).String())
	assert.Equal(t, "184467440737095516.15", roubles(math.MaxUint64).String())
}

// An enumerator without a name is its number, also if it is negative.
func TestName(t *testing.T) {
	t.Parallel()
	for value, want := range map[simple.Seat_TicketStatus]string{-1: "-1", 0: "a", 1: "b", 2: "2"} {
		assert.Equal(t, want, name(value, "a", "b"))
	}
}

// A location with a coordinate that is not a number is nil.
func TestPoint(t *testing.T) {
	t.Parallel()
	p := point(&simple.Coordinates{Longitude: 60.6, Latitude: -56.8})
	assert.Equal(t, "60.6 -56.8", p.Longitude.String()+" "+p.Latitude.String())
	for name, m := range map[string]*simple.Coordinates{
		"missing": nil, "longitude": {Longitude: math.NaN(), Latitude: 1}, "latitude": {Longitude: 1, Latitude: math.Inf(1)},
	} {
		assert.Nil(t, point(m), name)
	}
}

// 0 is not the id of a city.
func TestCityID(t *testing.T) {
	t.Parallel()
	assert.Empty(t, cityID(0))
	assert.Equal(t, "524901", cityID(524901))
	assert.Equal(t, "-1", cityID(-1))
}
