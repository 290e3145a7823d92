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

// TimeFilter is a range of instants in a query. An end that is not set is open. Set at most
// one of From and After, and at most one of To and Before.
type TimeFilter struct {
	From   time.Time // gte: at this time or later
	After  time.Time // gt: later
	To     time.Time // lte: at this time or earlier
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
	v.That(f.From.IsZero() || f.After.IsZero(), field+".After", "must not be set together with From")
	v.That(f.To.IsZero() || f.Before.IsZero(), field+".Before", "must not be set together with To")
	// From and To may be equal, because both include the instant.
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

// checkNotEmpty refuses a list in a query that is empty and not nil. It would be sent like
// nil, which means everything.
func checkNotEmpty[ID any](v *valid.Check, field string, ids []ID) {
	v.That(ids == nil || len(ids) > 0, field, "must not be empty; nil is no filter")
}

// text checks an id of a query that may be empty.
func text[ID ~string](v *valid.Check, field string, id ID) string {
	if id != "" {
		v.ID(field, string(id))
	}
	return string(id)
}

// name returns the name of an enumerator, or its number if it has none.
func name[T ~string, E ~int32](value E, names ...T) T {
	if value >= 0 && int(value) < len(names) {
		return names[value]
	}
	return T(strconv.Itoa(int(value)))
}

// instant reads a time. A time that cannot be read is zero, so that it does not hide the
// rest of the catalogue. An empty Timestamp is zero as well, and not the beginning of 1970.
func instant(t *timestamppb.Timestamp) time.Time {
	if !t.IsValid() || t.GetSeconds() == 0 && t.GetNanos() == 0 {
		return time.Time{}
	}
	return t.AsTime()
}

// lifetime reads the period of a price or discount. known is false if one of the times
// cannot be read, so that a price does not apply forever.
func lifetime(m *simple.Lifetime) (start, finish time.Time, known bool) {
	known = true
	for _, t := range []*timestamppb.Timestamp{m.GetStart(), m.GetFinish()} {
		known = known && (t == nil || t.IsValid())
	}
	return instant(m.GetStart()), instant(m.GetFinish()), known
}

// count returns n, or the largest int if int is too small.
func count(n uint32) int { return int(min(uint64(n), math.MaxInt)) }

// roubles converts kopecks to roubles.
func roubles(kopecks uint64) decimal.Decimal { return decimal.NewFromUint64(kopecks).Shift(-2) }

// percent reads a share. Its billionths have an unsigned type, but they have the sign of the
// share.
func percent(m *simple.Percentage) decimal.Decimal {
	const billion = 1_000_000_000
	value := int64(m.GetUnits())*billion + int64(int32(m.GetNanos())) //nolint:gosec // the overflow is intended
	exponent := int32(-9)
	for exponent < 0 && value%10 == 0 {
		value, exponent = value/10, exponent+1
	}
	return decimal.New(value, exponent)
}

// point reads a location. It is nil if a coordinate is not a number.
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

// degrees converts a coordinate. ok is false if v is not a number.
func degrees(v float64) (value decimal.Decimal, ok bool) {
	return wire.ParseDecimal(strconv.FormatFloat(v, 'f', -1, 64))
}
