package tcsimple

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/internal/simple"
)

// The messages are exactly those of the tables: all names, numbers and types are equal.
func TestMessages(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../testdata/tcsimple/messages.md")
	require.NoError(t, err)
	var want []string
	for _, row := range regexp.MustCompile(`(?m)^\| (.+) \|$`).FindAllStringSubmatch(string(text), -1) {
		cells := strings.Split(row[1], " | ")
		if cells[0] != "type" && cells[0] != "method" && !strings.HasPrefix(cells[0], "---") {
			want = append(want, strings.Join(cells, " | "))
		}
	}
	require.Len(t, want, 221)
	file := simple.File_ticketscloud_tcsimple_internal_simple_simple_proto
	var got []string
	methods := file.Services().ByName("Simple").Methods()
	for i := range methods.Len() {
		m := methods.Get(i)
		assert.True(t, m.IsStreamingServer() && !m.IsStreamingClient(), m.Name())
		got = append(got, fmt.Sprintf("%s | %s | %s", m.Name(), m.Input().Name(), m.Output().Name()))
	}
	got = append(got, rows(file, string(file.Package())+".")...)
	assert.ElementsMatch(t, want, got)
	assert.Len(t, operations, methods.Len())
}

// rows writes messages and enumerations in the notation of the tables.
func rows(in definitions, prefix string) []string {
	var all []string
	name := func(d protoreflect.Descriptor) string { return strings.TrimPrefix(string(d.FullName()), prefix) }
	for i := range in.Enums().Len() {
		e := in.Enums().Get(i)
		for j := range e.Values().Len() {
			v := e.Values().Get(j)
			all = append(all, fmt.Sprintf("enum %s | %s | %d | enum value", name(e), v.Name(), v.Number()))
		}
	}
	for i := range in.Messages().Len() {
		m := in.Messages().Get(i)
		if m.IsMapEntry() {
			continue
		}
		for j := range m.Fields().Len() {
			f := m.Fields().Get(j)
			all = append(all, fmt.Sprintf("%s | %s | %d | %s", name(m), f.Name(), f.Number(), written(f)))
		}
		all = append(all, rows(m, prefix)...)
	}
	return all
}

// written is the type of a field in the notation of the tables.
func written(f protoreflect.FieldDescriptor) string {
	kind := f.Kind().String()
	switch {
	case f.IsMap():
		return "map<" + f.MapKey().Kind().String() + ", " + f.MapValue().Kind().String() + ">"
	case f.Message() != nil && strings.HasPrefix(string(f.Message().FullName()), "google."):
		kind = string(f.Message().FullName())
	case f.Message() != nil:
		kind = string(f.Message().Name())
	case f.Enum() != nil:
		kind = string(f.Enum().Name())
	}
	switch oneof := f.ContainingOneof(); {
	case f.HasOptionalKeyword():
		return "optional " + kind
	case oneof != nil:
		return kind + " (oneof " + string(oneof.Name()) + ")"
	case f.IsList():
		return "repeated " + kind
	default:
		return kind
	}
}

// unread are the fields that are not read: the supplier's own, and those that say less than
// another field.
var unread = map[protoreflect.Name][]string{
	"Event":     {"additional"},
	"MetaEvent": {"additional"},
	"Mod":       {"type"},
	"Rule":      {"type"},
}

// No field of an answer is dropped: each one changes the value.
func TestEveryFieldIsRead(t *testing.T) {
	t.Parallel()
	every(t, &simple.Artist{}, decodeArtist)
	every(t, &simple.Category{}, decodeCategory)
	every(t, &simple.City{}, decodeCity)
	every(t, &simple.Country{}, decodeCountry)
	every(t, &simple.Event{}, decodeEvent)
	every(t, &simple.Map{}, decodeMap)
	every(t, &simple.MetaEvent{}, decodeMetaEvent)
	every(t, &simple.Seat{}, decodeSeat)
	every(t, &simple.Tag{}, decodeTag)
	every(t, &simple.Venue{}, decodeVenue)
}

func every[T any, M proto.Message](t *testing.T, empty M, decode func(*reading, M) T) {
	t.Helper()
	read := func(m M) T { return decode(new(reading), m) }
	const variants = 6 // fields of a oneof
	seen := map[string]bool{}
	for variant := range variants {
		full := empty.ProtoReflect().New()
		fill(full, variant)
		want := read(full.Interface().(M))
		for _, path := range leaves(full, nil) {
			without := proto.Clone(full.Interface()).(M)
			name := drop(without.ProtoReflect(), path)
			seen[name] = true
			assert.False(t, reflect.DeepEqual(want, read(without)), "%s is not read", name)
		}
	}
	assert.Greater(t, len(seen), 1)
}

// fill sets every field to a value that is not its default, but only one field of a oneof.
func fill(m protoreflect.Message, variant int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		if o := f.ContainingOneof(); o != nil && !f.HasOptionalKeyword() && o.Fields().Get(variant%o.Fields().Len()) != f {
			continue
		}
		switch {
		case f.IsMap():
			m.Mutable(f).Map().Set(protoreflect.ValueOfString("k").MapKey(), protoreflect.ValueOfString("v"))
		case f.IsList() && f.Message() != nil:
			fill(m.Mutable(f).List().AppendMutable().Message(), variant)
		case f.IsList():
			m.Mutable(f).List().Append(scalar(f))
		case f.Message() != nil:
			fill(m.Mutable(f).Message(), variant)
		default:
			m.Set(f, scalar(f))
		}
	}
}

func scalar(f protoreflect.FieldDescriptor) protoreflect.Value {
	const some = 3
	switch f.Kind() {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString("some")
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte("some"))
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(true)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(1)
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(some)
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(some)
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return protoreflect.ValueOfUint32(some)
	case protoreflect.Uint64Kind:
		return protoreflect.ValueOfUint64(some)
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64(some)
	default:
		panic(f.FullName())
	}
}

// leaves returns the paths to all set fields, except those of unread.
func leaves(m protoreflect.Message, way []protoreflect.FieldDescriptor) [][]protoreflect.FieldDescriptor {
	var all [][]protoreflect.FieldDescriptor
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		for _, name := range unread[m.Descriptor().Name()] {
			if string(f.Name()) == name {
				return true
			}
		}
		to := slices.Concat(way, []protoreflect.FieldDescriptor{f})
		all = append(all, to)
		switch {
		case f.IsMap() || f.Message() == nil:
		case f.IsList():
			all = append(all, leaves(v.List().Get(0).Message(), to)...)
		default:
			all = append(all, leaves(v.Message(), to)...)
		}
		return true
	})
	return all
}

// drop clears a field.
func drop(m protoreflect.Message, way []protoreflect.FieldDescriptor) string {
	for _, f := range way[:len(way)-1] {
		if f.IsList() {
			m = m.Mutable(f).List().Get(0).Message()
		} else {
			m = m.Mutable(f).Message()
		}
	}
	last := way[len(way)-1]
	m.Clear(last)
	return string(last.FullName())
}

// Every enumerator of the tables has its constant. Any other number is kept as text.
func TestEnumerators(t *testing.T) {
	t.Parallel()
	type names = map[string]string
	seats := names{"VACANT": string(ticketscloud.TicketVacant), "RESERVED": string(ticketscloud.TicketReserved), "SOLD": string(ticketscloud.TicketSold)}
	events := names{"STAND_BY": string(EventStandBy), "PUBLIC": string(ticketscloud.EventPublic)}
	anything := names{"ANY": ""} // in a filter
	tables := map[string]struct {
		names []names
		read  func(n int32) string // from an answer
		sent  func(constant string) protoreflect.EnumNumber
	}{
		"Event.EventStatus": {names: []names{events}, read: func(n int32) string {
			return string(decodeEvent(new(reading), &simple.Event{Status: simple.Event_EventStatus(n)}).Status)
		}},
		"Event.SmartTicketSetting": {
			names: []names{{"NONE": string(SmartTicketsNone), "ONLY": string(SmartTicketsOnly), "ANY": string(SmartTicketsAny)}},
			read: func(n int32) string {
				return string(decodeEvent(new(reading), &simple.Event{SmartTickets: simple.Event_SmartTicketSetting(n)}).SmartTickets)
			},
		},
		"Event.LegalRu.Type": {
			names: []names{{"LTD": string(SellerCompany), "IP": string(SellerProprietor), "SE": string(SellerSelfEmployed)}},
			read: func(n int32) string {
				return string(decodeSeller(new(reading), &simple.Event_LegalRu{Type: simple.Event_LegalRu_Type(n)}).Type)
			},
		},
		"Event.LegalRu.LTDTaxes": {
			names: []names{{"LTD_USN": string(TaxCompanyUSN), "LTD_OSN": string(TaxCompanyOSN)}},
			read: func(n int32) string {
				return string(decodeSeller(new(reading), &simple.Event_LegalRu{Taxes: &simple.Event_LegalRu_Ltd{Ltd: simple.Event_LegalRu_LTDTaxes(n)}}).Tax)
			},
		},
		"Event.LegalRu.IPTaxes": {
			names: []names{{
				"IP_USN": string(TaxProprietorUSN), "IP_OSN": string(TaxProprietorOSN), "IP_NPD": string(TaxProprietorNPD), "IP_PSN": string(TaxProprietorPSN),
			}},
			read: func(n int32) string {
				return string(decodeSeller(new(reading), &simple.Event_LegalRu{Taxes: &simple.Event_LegalRu_Ip{Ip: simple.Event_LegalRu_IPTaxes(n)}}).Tax)
			},
		},
		"Event.LegalRu.VAT": {
			names: []names{{"VAT_0": string(VAT0), "VAT_5": string(VAT5), "VAT_7": string(VAT7), "VAT_20": string(VAT20), "VAT_22": string(VAT22)}},
			read: func(n int32) string {
				return string(decodeSeller(new(reading), &simple.Event_LegalRu{VatRate: new(simple.Event_LegalRu_VAT(n))}).VATRate)
			},
		},
		"Seat.TicketStatus": {names: []names{seats}, read: func(n int32) string {
			return string(decodeSeat(new(reading), &simple.Seat{Status: simple.Seat_TicketStatus(n)}).Status)
		}},
		"EventsRequest.Status": {names: []names{anything, events}, sent: func(constant string) protoreflect.EnumNumber {
			return EventQuery{Status: ticketscloud.EventStatus(constant)}.message(new(valid.Check)).GetStatus().Number()
		}},
		"SeatsRequest.Status": {names: []names{anything, seats}, sent: func(constant string) protoreflect.EnumNumber {
			return SeatQuery{Status: ticketscloud.TicketStatus(constant)}.message(new(valid.Check), "e1").GetStatus().Number()
		}},
		// Other fields say more than these.
		"Mod.ModType":               {names: []names{{"UNKNOWN": "", "PROMOTION": ""}}},
		"Event.TicketSet.Rule.Type": {names: []names{{"SIMPLE": ""}}},
	}
	file := simple.File_ticketscloud_tcsimple_internal_simple_simple_proto
	all := enumerations(file)
	assert.Len(t, tables, len(all))
	for _, e := range all {
		name := strings.TrimPrefix(string(e.FullName()), string(file.Package())+".")
		table := tables[name]
		constants := names{}
		for _, some := range table.names {
			maps.Copy(constants, some)
		}
		assert.Len(t, constants, e.Values().Len(), name)
		for i := range e.Values().Len() {
			v := e.Values().Get(i)
			constant, ok := constants[string(v.Name())]
			assert.True(t, ok, v.FullName())
			if table.read != nil {
				assert.Equal(t, constant, table.read(int32(v.Number())), v.FullName())
			}
			if table.sent != nil {
				assert.Equal(t, v.Number(), table.sent(constant), v.FullName())
			}
		}
		if table.read != nil {
			for _, n := range []int{math.MinInt32, -1, e.Values().Len(), math.MaxInt32} {
				assert.Equal(t, strconv.Itoa(n), table.read(int32(n)), name)
			}
		}
	}
}

// enumerations returns all enumerations of a file or message.
func enumerations(in definitions) []protoreflect.EnumDescriptor {
	var all []protoreflect.EnumDescriptor
	for i := range in.Enums().Len() {
		all = append(all, in.Enums().Get(i))
	}
	for i := range in.Messages().Len() {
		all = append(all, enumerations(in.Messages().Get(i))...)
	}
	return all
}

// definitions is a file or a message.
type definitions interface {
	Messages() protoreflect.MessageDescriptors
	Enums() protoreflect.EnumDescriptors
}

// The last line of every method's comment names its operation, which is in the table.
func TestDocLines(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	var found []string
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		require.NoError(t, err)
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil || !f.Name.IsExported() || !calls(f) {
				continue
			}
			lines := strings.Split(strings.TrimSpace(f.Doc.Text()), "\n")
			assert.Equal(t, "Ticketscloud: gRPC "+f.Name.Name, lines[len(lines)-1])
			found = append(found, f.Name.Name)
		}
	}
	var table []string
	for _, op := range operations {
		table = append(table, op.Key)
	}
	assert.ElementsMatch(t, table, found)
}

// calls reports whether a method uses the row of the table with its name.
func calls(f *ast.FuncDecl) bool {
	var used bool
	ast.Inspect(f.Body, func(n ast.Node) bool {
		row, ok := n.(*ast.Ident)
		used = used || ok && row.Name == "op"+f.Name.Name
		return true
	})
	return used
}
