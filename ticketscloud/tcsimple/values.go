package tcsimple

import (
	"fmt"
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
// of the two notations of an end, one suffices.
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
		year := t.UTC().Year()
		v.That(year > 0 && year <= 9999, field+"."+name, "must be in the years 1 to 9999")
		return timestamppb.New(t)
	}
	return &simple.TimestampFilter{
		Gte: end("From", f.From), Gt: end("After", f.After), Lte: end("To", f.To), Lt: end("Before", f.Before),
	}
}

// texts checks the ids of a query.
func texts[ID ~string](v *valid.Check, field string, ids []ID) []string {
	notNone(v, field, ids)
	var list []string
	for i, id := range ids {
		v.ID(field+"["+strconv.Itoa(i)+"]", string(id))
		list = append(list, string(id))
	}
	return list
}

// notNone refuses a list of a query that is there and empty. It would travel
// like none, which stands for all there is.
func notNone[ID any](v *valid.Check, field string, ids []ID) {
	v.That(ids == nil || len(ids) > 0, field, "must not be empty; nil is no filter")
}

// text checks an id of a query that need not be set.
func text[ID ~string](v *valid.Check, field string, id ID) string {
	if id != "" {
		v.ID(field, string(id))
	}
	return string(id)
}

// ids makes ids of texts.
func ids[ID ~string](list []string) []ID {
	var all []ID
	for _, id := range list {
		all = append(all, ID(id))
	}
	return all
}

// list reads the elements of a message.
func list[T, M any](r *reader, path string, messages []*M, read func(*reader, *M) T) []T {
	var all []T
	for i, m := range messages {
		var inner reader
		all = append(all, read(&inner, m))
		r.take(path+"["+strconv.Itoa(i)+"]", inner)
	}
	return all
}

// name is an enumerator's, or its number if there is none.
func name[T ~string, E ~int32](value E, names ...T) T {
	if value >= 0 && int(value) < len(names) {
		return names[value]
	}
	return T(strconv.Itoa(int(value)))
}

// reader remembers the first field of a message that cannot be read.
type reader struct {
	err *wire.Error
}

func (r *reader) fail(path, problem string) {
	if r.err == nil {
		r.err = &wire.Error{Path: path, Problem: problem}
	}
}

// take remembers what could not be read of a part.
func (r *reader) take(path string, part reader) {
	if part.err != nil {
		r.fail(path+"."+part.err.Path, part.err.Problem)
	}
}

// failure is the error of a message that cannot be read; it names which it is.
func (r *reader) failure(message any) error {
	if m, ok := message.(interface{ GetId() string }); ok {
		return fmt.Errorf("id %.64q: %w", m.GetId(), r.err)
	}
	return r.err
}

// instant reads a time that describes. One that is none is not known: it must
// not keep the rest of a catalogue back.
func instant(t *timestamppb.Timestamp) time.Time {
	if !t.IsValid() {
		return time.Time{}
	}
	return t.AsTime()
}

// lifetime reads the times between which a price or a discount holds. An end
// that is none would make it hold for ever.
func (r *reader) lifetime(m *simple.Lifetime) (start, finish time.Time) {
	end := func(path string, t *timestamppb.Timestamp) time.Time {
		if t != nil && !t.IsValid() {
			r.fail(path, "want an instant")
		}
		return instant(t)
	}
	return end("lifetime.start", m.GetStart()), end("lifetime.finish", m.GetFinish())
}

func (r *reader) count(path string, n uint64) int {
	if n > math.MaxInt {
		r.fail(path, "too large")
		return 0
	}
	return int(n)
}

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

func optPercent(m *simple.Percentage) decimal.NullDecimal {
	if m == nil {
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(percent(m))
}

// point reads a place on the map; one that is no number is not known.
func point(m *simple.Coordinates) *ticketscloud.Point {
	if m == nil {
		return nil
	}
	longitude, known := degrees(m.GetLongitude())
	latitude, too := degrees(m.GetLatitude())
	if !known || !too {
		return nil
	}
	return &ticketscloud.Point{Longitude: longitude, Latitude: latitude}
}

// degrees is not ok of what is no number.
func degrees(v float64) (degrees decimal.Decimal, ok bool) {
	return wire.ParseDecimal(strconv.FormatFloat(v, 'f', -1, 64))
}

// cityID is a city's id as the REST API writes it; 0 is none.
func cityID(id int32) ticketscloud.CityID {
	if id == 0 {
		return ""
	}
	return ticketscloud.CityID(strconv.Itoa(int(id)))
}
