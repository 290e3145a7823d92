package tcsimple

import (
	"math"
	"strconv"
	"time"

	"github.com/shopspring/decimal"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/internal/simple"
)

// TimeFilter is a range of instants in a query. An end that is not set is open;
// of the two notations of an end, one may be set.
type TimeFilter struct {
	From   time.Time // gte: then or later
	After  time.Time // gt: later
	To     time.Time // lte: then or earlier
	Before time.Time // lt: earlier
}

func (f TimeFilter) message(v *valid.Check, field string) *simple.TimestampFilter {
	if f == (TimeFilter{}) {
		return nil
	}
	end := func(name string, t time.Time) *timestamppb.Timestamp {
		if t.IsZero() {
			return nil
		}
		v.Instant(field+"."+name, t)
		return timestamppb.New(t)
	}
	v.That(f.From.IsZero() || f.After.IsZero(), field+".After", "must not be set beside From")
	v.That(f.To.IsZero() || f.Before.IsZero(), field+".Before", "must not be set beside To")
	// Where one notation of both ends includes its instant, the other must differ.
	v.That(f.To.IsZero() || !f.To.Before(f.From) && (f.After.IsZero() || f.To.After(f.After)), field+".To", "must not be before the other end")
	v.That(f.Before.IsZero() || f.Before.After(f.From) && f.Before.After(f.After), field+".Before", "must be after the other end")
	return &simple.TimestampFilter{
		Gte: end("From", f.From), Gt: end("After", f.After), Lte: end("To", f.To), Lt: end("Before", f.Before),
	}
}

// texts checks the ids of a query.
func texts[ID ~string](v *valid.Check, field string, ids []ID) []string {
	checkNotEmpty(v, field, ids)
	var list []string
	for i, id := range ids {
		v.ID(field+"["+strconv.Itoa(i)+"]", string(id))
		list = append(list, string(id))
	}
	return list
}

// checkNotEmpty refuses a list of a query that is not nil and empty. It would be
// sent like nil, which stands for all there is.
func checkNotEmpty[ID any](v *valid.Check, field string, ids []ID) {
	v.That(ids == nil || len(ids) > 0, field, "must not be empty; nil is no filter")
}

// text checks an id of a query that need not be set.
func text[ID ~string](v *valid.Check, field string, id ID) string {
	if id != "" {
		v.ID(field, string(id))
	}
	return string(id)
}

// name is an enumerator's, or its number if there is none.
func name[T ~string, E ~int32](value E, names ...T) T {
	if value >= 0 && int(value) < len(names) {
		return names[value]
	}
	return T(strconv.Itoa(int(value)))
}

// instant reads a time. One that cannot be read is not known: it must not keep
// the rest of a catalogue back. One that is there and empty is none, not the
// beginning of 1970.
func instant(t *timestamppb.Timestamp) time.Time {
	if !t.IsValid() || t.GetSeconds() == 0 && t.GetNanos() == 0 {
		return time.Time{}
	}
	return t.AsTime()
}

// lifetime reads the times between which a price or a discount holds. They are
// not known if one cannot be read, which must not make it hold for ever.
func lifetime(m *simple.Lifetime) (start, finish time.Time, known bool) {
	known = true
	for _, t := range []*timestamppb.Timestamp{m.GetStart(), m.GetFinish()} {
		known = known && (t == nil || t.IsValid())
	}
	return instant(m.GetStart()), instant(m.GetFinish()), known
}

// count is the largest number where int is too small.
func count(n uint32) int { return int(min(uint64(n), math.MaxInt)) }

// roubles makes roubles of kopecks.
func roubles(kopecks uint64) decimal.Decimal { return decimal.NewFromUint64(kopecks).Shift(-2) }

// percent reads a share. Its billionths travel as unsigned and are not: they
// have the sign of the whole.
func percent(m *simple.Percentage) decimal.Decimal {
	const billion = 1_000_000_000
	value := int64(m.GetUnits())*billion + int64(int32(m.GetNanos())) //nolint:gosec // so it is meant
	exponent := int32(-9)
	for exponent < 0 && value%10 == 0 {
		value, exponent = value/10, exponent+1
	}
	return decimal.New(value, exponent)
}

// point reads a place on the map; one that is no number is not known.
func point(m *simple.Coordinates) *ticketscloud.Point {
	if m == nil {
		return nil
	}
	longitude, longitudeOK := degrees(m.GetLongitude())
	latitude, latitudeOK := degrees(m.GetLatitude())
	if !longitudeOK || !latitudeOK {
		return nil
	}
	return &ticketscloud.Point{Longitude: longitude, Latitude: latitude}
}

// degrees is not ok if v is not a number.
func degrees(v float64) (value decimal.Decimal, ok bool) {
	return wire.ParseDecimal(strconv.FormatFloat(v, 'f', -1, 64))
}
