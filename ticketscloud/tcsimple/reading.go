package tcsimple

import (
	"bytes"
	"cmp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"connectrpc.com/connect"
	"github.com/shopspring/decimal"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/wire"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/internal/simple"
)

// reading is the reading of one message: what of it cannot be read.
type reading struct {
	bad      *wire.Error // the first essential value
	warnings []wire.Error
}

// fail notes an essential value: the message is left out.
func (r *reading) fail(field, problem string) {
	r.bad = cmp.Or(r.bad, &wire.Error{Path: field, Problem: problem})
}

// warn notes a value that callers can do without.
func (r *reading) warn(field, problem string) {
	r.warnings = append(r.warnings, wire.Error{Path: field, Problem: problem})
}

// all returns the warnings about a message, with that about its being left out.
func (r *reading) all(id string) (all []rutravel.Warning) {
	for _, w := range r.warnings {
		all = append(all, rutravel.Warning{Path: w.Path, ID: id, Problem: w.Problem})
	}
	if r.bad != nil {
		all = append(all, rutravel.Warning{Path: r.bad.Path, ID: id, Problem: r.bad.Problem})
	}
	return all
}

// whole reports whether no byte of an id was lost: it would name something else.
func whole(id string) bool { return !strings.ContainsRune(id, unicode.ReplacementChar) }

// essentialID reads an id without which the message is of no use. One that is absent
// is "", as protobuf has it.
func essentialID[ID ~string](r *reading, field, id string) ID {
	if !whole(id) {
		r.fail(field, "want an id")
		return ""
	}
	return ID(id)
}

// optID reads an id that may be missing.
func optID[ID ~string](r *reading, field, id string) ID {
	if !whole(id) {
		r.warn(field, "want an id or nothing")
		return ""
	}
	return ID(id)
}

// ids reads ids. Those that cannot be read are left out.
func ids[ID ~string](r *reading, field string, list []string) []ID {
	var all []ID
	for i, id := range list {
		if !whole(id) {
			r.warn(element(field, i), "want an id")
			continue
		}
		all = append(all, ID(id))
	}
	return all
}

// list decodes the elements of a message. Those that cannot be read are left out.
func list[T, M any](r *reading, field string, messages []*M, decode func(*reading, *M) T) []T {
	var all []T
	for i, m := range messages {
		var one reading
		v := decode(&one, m)
		if one.bad == nil {
			all = append(all, v)
		}
		for _, w := range one.all("") {
			r.warn(element(field, i)+"."+w.Path, w.Problem)
		}
	}
	return all
}

// element names an element of a list.
func element(field string, i int) string { return field + "[" + strconv.Itoa(i) + "]" }

// instant reads a time; one that cannot be read is not known.
func (r *reading) instant(field string, t *timestamppb.Timestamp) time.Time {
	if t != nil && !t.IsValid() {
		r.warn(field, "want a time")
	}
	return instant(t)
}

// lifetime reads the times between which a price or a discount holds. They are not
// known if one cannot be read.
func (r *reading) lifetime(field string, m *simple.Lifetime) (start, finish time.Time, known bool) {
	_, _, known = lifetime(m)
	return r.instant(field+".start", m.GetStart()), r.instant(field+".finish", m.GetFinish()), known
}

// number reads a number of tickets; one below zero travels as a large one.
func (r *reading) number(field string, n uint32) int {
	if int32(n) < 0 { //nolint:gosec // so it is meant
		r.fail(field, "want a number of tickets")
		return 0
	}
	return int(n)
}

// amount reads kopecks; an amount below zero travels as a large one.
func (r *reading) amount(field string, kopecks uint64) decimal.NullDecimal {
	if int64(kopecks) < 0 { //nolint:gosec // so it is meant
		r.warn(field, "want an amount")
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(roubles(kopecks))
}

// percent reads a share that may be missing. The billionths have the sign of the whole.
func (r *reading) percent(field string, m *simple.Percentage) decimal.NullDecimal {
	const billion = 1_000_000_000
	if m == nil {
		return decimal.NullDecimal{}
	}
	units, nanos := m.GetUnits(), int32(m.GetNanos()) //nolint:gosec // so it is meant
	if nanos <= -billion || nanos >= billion || units > 0 && nanos < 0 || units < 0 && nanos > 0 {
		r.warn(field, "want a percentage")
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(percent(m))
}

// discount is percent of a discount, from 0 to 100. One that is missing is 0, as
// protobuf has it.
func (r *reading) discount(field string, m *simple.Percentage) decimal.NullDecimal {
	const hundred = 100
	if m == nil {
		m = new(simple.Percentage)
	}
	v := r.percent(field, m)
	if v.Valid && (v.Decimal.IsNegative() || v.Decimal.GreaterThan(decimal.NewFromInt(hundred))) {
		r.warn(field, "want a percentage")
		return decimal.NullDecimal{}
	}
	return v
}

// point reads a place on the map that may be missing.
func (r *reading) point(field string, m *simple.Coordinates) *ticketscloud.Point {
	p := point(m)
	if m != nil && p == nil {
		r.warn(field, "want coordinates")
	}
	return p
}

// lenient is the codec of protobuf that reads texts with bytes that are not UTF-8:
// each is replaced by U+FFFD, as in the answers of the REST API. One such text must
// not end a stream.
type lenient struct{}

var _ connect.Codec = lenient{}

// Name is that of the codec of protobuf.
func (lenient) Name() string { return "proto" }

// Marshal writes a message.
func (lenient) Marshal(message any) ([]byte, error) {
	return proto.Marshal(message.(proto.Message)) //nolint:forcetypeassert // of requests
}

// Unmarshal reads a message.
func (lenient) Unmarshal(text []byte, message any) error {
	m := message.(proto.Message) //nolint:forcetypeassert // of answers
	err := proto.Unmarshal(text, m)
	if err == nil {
		return nil
	}
	mended, ok := mend(text, m.ProtoReflect().Descriptor())
	if !ok {
		return err
	}
	proto.Reset(m)
	return proto.Unmarshal(mended, m)
}

// mend replaces bytes that are not UTF-8 in the texts of a message. It is not ok if
// the message is not one.
func mend(text []byte, d protoreflect.MessageDescriptor) (mended []byte, ok bool) {
	for len(text) > 0 {
		number, kind, head := protowire.ConsumeTag(text)
		if head < 0 {
			return nil, false
		}
		size := protowire.ConsumeFieldValue(number, kind, text[head:])
		if size < 0 {
			return nil, false
		}
		field := d.Fields().ByNumber(number)
		value := text[head : head+size]
		if kind == protowire.BytesType && field != nil {
			content, _ := protowire.ConsumeBytes(value)
			switch field.Kind() { //nolint:exhaustive // others have no texts
			case protoreflect.StringKind:
				content = bytes.ToValidUTF8(content, []byte(string(utf8.RuneError)))
			case protoreflect.MessageKind:
				if content, ok = mend(content, field.Message()); !ok {
					return nil, false
				}
			}
			value = protowire.AppendBytes(nil, content)
		}
		mended = append(append(mended, text[:head]...), value...)
		text = text[head+size:]
	}
	return mended, true
}

// messageID is the id of a message, if it has one that can be shown.
func messageID(message any) string {
	var id string
	switch m := message.(type) {
	case interface{ GetTicket() string }:
		id = m.GetTicket()
	case interface{ GetId() string }:
		id = m.GetId()
	}
	if !whole(id) {
		return ""
	}
	return id
}
