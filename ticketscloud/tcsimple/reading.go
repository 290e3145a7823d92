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

// reading collects what cannot be read in one message.
type reading struct {
	bad      *wire.Error // the first essential value that cannot be read
	warnings []wire.Error
}

// fail reports an essential value. The message is left out.
func (r *reading) fail(field, problem string) {
	r.bad = cmp.Or(r.bad, &wire.Error{Path: field, Problem: problem})
}

// warn reports a minor value.
func (r *reading) warn(field, problem string) {
	r.warnings = append(r.warnings, wire.Error{Path: field, Problem: problem})
}

// all returns the warnings about a message. If it is left out, the last one says why.
func (r *reading) all(id string) (all []rutravel.Warning) {
	for _, w := range r.warnings {
		all = append(all, rutravel.Warning{Path: w.Path, ID: id, Problem: w.Problem})
	}
	if r.bad != nil {
		all = append(all, rutravel.Warning{Path: r.bad.Path, ID: id, Problem: r.bad.Problem})
	}
	return all
}

// intact reports whether an id has lost no byte. With a lost byte it would name another object.
func intact(id string) bool { return !strings.ContainsRune(id, unicode.ReplacementChar) }

// essentialID reads an id without which the message is useless. A missing id is "", as in
// protobuf.
func essentialID[ID ~string](r *reading, field, id string) ID {
	if !intact(id) {
		r.fail(field, "want an id")
		return ""
	}
	return ID(id)
}

// optID reads an id that may be missing.
func optID[ID ~string](r *reading, field, id string) ID {
	if !intact(id) {
		r.warn(field, "want an id or nothing")
		return ""
	}
	return ID(id)
}

// ids reads ids. It leaves out those that cannot be read.
func ids[ID ~string](r *reading, field string, list []string) []ID {
	var all []ID
	for i, id := range list {
		if !intact(id) {
			r.warn(element(field, i), "want an id")
			continue
		}
		all = append(all, ID(id))
	}
	return all
}

// list decodes the elements of a message. It leaves out those that cannot be read.
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

// instant reads a time. A time that cannot be read is zero.
func (r *reading) instant(field string, t *timestamppb.Timestamp) time.Time {
	if t != nil && !t.IsValid() {
		r.warn(field, "want a time")
	}
	return instant(t)
}

// lifetime reads the period of a price or discount. known is false if one of the times
// cannot be read.
func (r *reading) lifetime(field string, m *simple.Lifetime) (start, finish time.Time, known bool) {
	_, _, known = lifetime(m)
	return r.instant(field+".start", m.GetStart()), r.instant(field+".finish", m.GetFinish()), known
}

// number reads a number of tickets. A negative one is sent as a large one.
func (r *reading) number(field string, n uint32) int {
	if int32(n) < 0 { //nolint:gosec // the overflow is intended
		r.fail(field, "want a number of tickets")
		return 0
	}
	return int(n)
}

// amount reads kopecks. A negative amount is sent as a large one.
func (r *reading) amount(field string, kopecks uint64) decimal.NullDecimal {
	if int64(kopecks) < 0 { //nolint:gosec // the overflow is intended
		r.warn(field, "want an amount")
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(roubles(kopecks))
}

// percent reads a share that may be missing. The billionths have the sign of the share.
func (r *reading) percent(field string, m *simple.Percentage) decimal.NullDecimal {
	const billion = 1_000_000_000
	if m == nil {
		return decimal.NullDecimal{}
	}
	units, nanos := m.GetUnits(), int32(m.GetNanos()) //nolint:gosec // the overflow is intended
	if nanos <= -billion || nanos >= billion || units > 0 && nanos < 0 || units < 0 && nanos > 0 {
		r.warn(field, "want a percentage")
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(percent(m))
}

// discount reads a discount from 0 to 100 per cent. A missing one is 0, as in protobuf.
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

// point reads a location that may be missing.
func (r *reading) point(field string, m *simple.Coordinates) *ticketscloud.Point {
	p := point(m)
	if m != nil && p == nil {
		r.warn(field, "want coordinates")
	}
	return p
}

// lenient is the protobuf codec, except that it accepts texts with bytes that are not UTF-8.
// It replaces each such byte by U+FFFD, as in the answers of the REST API, so that one text
// does not end a stream.
type lenient struct{}

var _ connect.Codec = lenient{}

// Name returns the name of the protobuf codec.
func (lenient) Name() string { return "proto" }

// Marshal writes a message.
func (lenient) Marshal(message any) ([]byte, error) {
	return proto.Marshal(message.(proto.Message)) //nolint:forcetypeassert // a request
}

// Unmarshal reads a message.
func (lenient) Unmarshal(text []byte, message any) error {
	m := message.(proto.Message) //nolint:forcetypeassert // an answer
	err := proto.Unmarshal(text, m)
	if err == nil {
		return nil
	}
	mended, ok := replaceInvalidUTF8(text, m.ProtoReflect().Descriptor())
	if !ok {
		return err
	}
	proto.Reset(m)
	return proto.Unmarshal(mended, m)
}

// replaceInvalidUTF8 replaces bytes that are not UTF-8 in the texts of a message. ok is false
// if text is not a message.
func replaceInvalidUTF8(text []byte, d protoreflect.MessageDescriptor) (mended []byte, ok bool) {
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
			switch field.Kind() { //nolint:exhaustive // other kinds have no texts
			case protoreflect.StringKind:
				content = bytes.ToValidUTF8(content, []byte(string(utf8.RuneError)))
			case protoreflect.MessageKind:
				if content, ok = replaceInvalidUTF8(content, field.Message()); !ok {
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

// messageID returns the id of a message, if it has one that can be shown.
func messageID(message any) string {
	var id string
	switch m := message.(type) {
	case interface{ GetTicket() string }:
		id = m.GetTicket()
	case interface{ GetId() string }:
		id = m.GetId()
	}
	if !intact(id) {
		return ""
	}
	return id
}
