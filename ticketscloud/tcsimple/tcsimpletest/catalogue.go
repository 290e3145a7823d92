package tcsimpletest

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"connectrpc.com/connect"
	"github.com/shopspring/decimal"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/internal/simple"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

// What the catalogue knows beside the events of the shop.
const (
	Concerts = "5e0000000000000000000f01" // a category
	Theatre  = "5e0000000000000000000f02" // a category
	Jazz     = "5e0000000000000000000f11" // a tag of concerts
	Band     = "5e0000000000000000000f21" // an artist
	Plays    = "5e0000000000000000000f31" // a group of events
	Hall     = "5e0000000000000000000f41" // a scheme of the concert's hall

	deal   = "5e0000000000000000000f51"
	seller = "5e0000000000000000000f61"
)

// request is what a method is asked with.
type request struct {
	programme []ticketscloudtest.Listing
	quirks    Quirks
	language  string
}

func (s *Server) serve() {
	handle(s, "Artists", artists)
	handle(s, "Categories", categories)
	handle(s, "Cities", cities)
	handle(s, "Countries", countries)
	handle(s, "Events", events)
	handle(s, "Maps", halls)
	handle(s, "MetaEvents", metaEvents)
	handle(s, "Seats", seats)
	handle(s, "Tags", tags)
	handle(s, "Venues", venues)
}

// message is a pointer to a message.
type message[T any] interface {
	*T
	proto.Message
}

func handle[Req, Res any, M message[Res]](s *Server, op string, find func(request, *Req) iter.Seq[M]) {
	s.methods[op] = connect.NewServerStreamHandler(op, func(ctx context.Context, r *connect.Request[Req], out *connect.ServerStream[Res]) error {
		c, ok := ctx.Value(conversationKey{}).(*conversation)
		if !ok {
			return errText("not through this server")
		}
		if m, isMessage := any(r.Msg).(proto.Message); isMessage {
			c.asked = m
		}
		asked := request{programme: s.shop.Programme(), quirks: s.shape(), language: r.Header().Get("Preferred-Language")}
		if m, ok := any(r.Msg).(*simple.SeatsRequest); ok && m.GetEvent() == "" {
			return connect.NewError(connect.CodeInvalidArgument, errText("event is required"))
		}
		for m := range find(asked, r.Msg) {
			if ended, err := c.next(ctx); ended {
				return err
			}
			if asked.quirks.Newer {
				m.ProtoReflect().SetUnknown(newer)
			}
			if err := out.Send(m); err != nil {
				return err
			}
			c.note(m)
		}
		_, err := c.next(ctx)
		return err
	}, connect.WithCompressMinBytes(packed))
}

// packed is the length of messages from which on they are packed.
const packed = 64 << 10

// newer is a field that nobody knows.
var newer = protowire.AppendString(protowire.AppendTag(nil, 1999, protowire.BytesType), "unknown")

// among reports whether a value is one of those asked for, or none was.
func among[T comparable](wanted []T, value T) bool {
	return len(wanted) == 0 || slices.Contains(wanted, value)
}

func is[T comparable](wanted, value T) bool {
	var none T
	return wanted == none || wanted == value
}

// only keeps what is wanted of a list.
func only[T any](all []T, wanted func(T) bool) iter.Seq[T] {
	return func(yield func(T) bool) {
		for _, v := range all {
			if wanted(v) && !yield(v) {
				return
			}
		}
	}
}

// in returns a name in the language of the request.
func (r request) in(names ticketscloud.Names) string { return names.In(r.language) }

func artists(r request, q *simple.ArtistsRequest) iter.Seq[*simple.Artist] {
	all := []*simple.Artist{{Id: Band, Name: r.in(ticketscloud.Names{"ru": "Оркестр", "en": "The Band"})}}
	return only(all, func(m *simple.Artist) bool { return among(q.GetIds(), m.GetId()) })
}

func categories(r request, q *simple.CategoriesRequest) iter.Seq[*simple.Category] {
	all := []*simple.Category{
		{Id: Concerts, Name: r.in(ticketscloud.Names{"ru": "Концерты", "en": "Concerts"})},
		{Id: Theatre, Name: r.in(ticketscloud.Names{"ru": "Театр", "en": "Theatre"})},
	}
	return only(all, func(m *simple.Category) bool { return among(q.GetIds(), m.GetId()) })
}

func tags(r request, q *simple.TagsRequest) iter.Seq[*simple.Tag] {
	all := []*simple.Tag{{Id: Jazz, Category: Concerts, Name: r.in(ticketscloud.Names{"ru": "Джаз", "en": "Jazz"}), Generic: true}}
	return only(all, func(m *simple.Tag) bool { return among(q.GetIds(), m.GetId()) })
}

func countries(r request, q *simple.CountriesRequest) iter.Seq[*simple.Country] {
	all := []*simple.Country{{
		Id: "RU", Name: r.in(ticketscloud.Names{"ru": "Россия", "en": "Russia"}), Currency: "RUB", Iso: "RU", Iso3: "RUS", IsoNumeric: 643,
	}}
	return only(all, func(m *simple.Country) bool { return among(q.GetIds(), m.GetId()) })
}

func cities(r request, q *simple.CitiesRequest) iter.Seq[*simple.City] {
	var all []*simple.City
	for _, l := range r.programme {
		city := l.Venue.City
		m := &simple.City{
			Id: number(city.ID), Name: r.in(city.Name), Country: string(city.Country), Timezone: city.Timezone,
			Coordinates: coordinates, Population: 1_500_000,
		}
		if !slices.ContainsFunc(all, func(other *simple.City) bool { return other.GetId() == m.GetId() }) {
			all = append(all, m)
		}
	}
	return only(all, func(m *simple.City) bool {
		return among(q.GetIds(), m.GetId()) && is(q.GetName(), m.GetName()) && is(q.GetCountry(), m.GetCountry()) &&
			strings.Contains(strings.ToLower(m.GetName()), strings.ToLower(q.GetSuggest()))
	})
}

// number is a city's id, which is a number here.
func number(id ticketscloud.CityID) int32 {
	n, err := strconv.ParseInt(string(id), 10, 32)
	if err != nil {
		panic(err) // the shop's ids are numbers
	}
	return int32(n)
}

var coordinates = &simple.Coordinates{Longitude: 60.597465, Latitude: 56.838011}

func venues(r request, q *simple.VenuesRequest) iter.Seq[*simple.Venue] {
	var all []*simple.Venue
	for _, l := range r.programme {
		m := &simple.Venue{
			Id: string(l.Venue.ID), Name: l.Venue.Name, Description: l.Venue.Description, City: number(l.Venue.City.ID), Address: l.Venue.Address,
			Coordinates: coordinates, WithMosbilet: l.Mosbilet,
		}
		if !slices.ContainsFunc(all, func(other *simple.Venue) bool { return other.GetId() == m.GetId() }) {
			all = append(all, m)
		}
	}
	return only(all, func(m *simple.Venue) bool { return among(q.GetIds(), m.GetId()) })
}

func halls(r request, q *simple.MapsRequest) iter.Seq[*simple.Map] {
	var all []*simple.Map
	for _, l := range r.programme {
		if l.ID != ticketscloudtest.Concert || len(l.Seats) == 0 { // one that was added has no scheme
			continue
		}
		m := &simple.Map{
			Id: Hall, Name: "Основная", Venue: string(l.Venue.ID), Svg: map[string]string{"main": "https://example.org/hall.svg"},
			Sectors: []*simple.Map_Sector{{Id: string(l.Seats[0].Seat.Sector), Name: "Партер", WithSeats: true}},
		}
		for i, t := range l.Seats {
			const pitch = 20
			m.Seats = append(m.Seats, &simple.Map_Seat{
				Sector: string(t.Seat.Sector), Row: t.Seat.Row, Number: t.Seat.Number,
				Point: &simple.Map_Seat_Point{X: int32(i) * pitch, Y: -pitch, R: pitch / 2},
			})
		}
		all = append(all, m)
	}
	return only(all, func(m *simple.Map) bool { return among(q.GetIds(), m.GetId()) && is(q.GetVenue(), m.GetVenue()) })
}

func metaEvents(r request, q *simple.MetaEventsRequest) iter.Seq[*simple.MetaEvent] {
	var all []*simple.MetaEvent
	for _, l := range r.programme {
		if l.ID == ticketscloudtest.Play {
			all = append(all, &simple.MetaEvent{
				Id: Plays, Name: l.Title, Description: l.Description, Org: string(l.Org.ID), AgeRating: age(l), Media: media,
				FirstStart: timestamppb.New(l.Start), LastFinish: timestamppb.New(l.Finish), Additional: additional,
			})
		}
	}
	return only(all, func(m *simple.MetaEvent) bool { return among(q.GetIds(), m.GetId()) })
}

var (
	media      = &simple.Media{Cover: "https://example.org/cover.jpg", CoverSmall: "https://example.org/small.jpg"}
	additional = &anypb.Any{TypeUrl: "type.googleapis.com/v3.Unknown", Value: []byte{1}}
)

func age(l ticketscloudtest.Listing) string { return strconv.Itoa(l.AgeRating) + "+" }

func events(r request, q *simple.EventsRequest) iter.Seq[*simple.Event] {
	wanted := func(m *simple.Event) bool {
		_, without := q.GetMetaEvent().(*simple.EventsRequest_WithoutMeta)
		if without && q.GetWithoutMeta() && m.GetMeta() != "" {
			return false
		}
		// Any is 0 in the filter and no status of an event.
		status := q.GetStatus() == simple.EventsRequest_ANY || int32(q.GetStatus())-1 == int32(m.GetStatus())
		return status && among(q.GetIds(), m.GetId()) && is(q.GetMeta(), m.GetMeta()) && is(q.GetOrg(), m.GetOrg()) &&
			within(q.GetLifetime().GetStart(), m.GetLifetime().GetStart()) && within(q.GetLifetime().GetFinish(), m.GetLifetime().GetFinish())
	}
	return func(yield func(*simple.Event) bool) {
		for _, l := range r.programme {
			if m := r.event(l); wanted(m) && !yield(m) {
				return
			}
		}
		for i := range r.quirks.Crowd {
			m := r.event(r.programme[len(r.programme)-1])
			m.Id, m.Name, m.Status = fmt.Sprintf("5f%022d", i+1), "Вечер № "+strconv.Itoa(i+1), simple.Event_STAND_BY
			if wanted(m) && !yield(m) {
				return
			}
		}
	}
}

// within reports whether an instant is in a range.
func within(f *simple.TimestampFilter, at *timestamppb.Timestamp) bool {
	t := at.AsTime()
	return (f.GetGte() == nil || !t.Before(f.GetGte().AsTime())) && (f.GetGt() == nil || t.After(f.GetGt().AsTime())) &&
		(f.GetLte() == nil || !t.After(f.GetLte().AsTime())) && (f.GetLt() == nil || t.Before(f.GetLt().AsTime()))
}

func (r request) event(l ticketscloudtest.Listing) *simple.Event {
	m := &simple.Event{
		Id: string(l.ID), Name: l.Title, Description: l.Description, Status: simple.Event_PUBLIC, Org: string(l.Org.ID), Venue: string(l.Venue.ID),
		Lifetime: lifetime(l.Start, l.Finish), Category: Theatre, AgeRating: age(l), Media: media,
		Commissions: &simple.Event_Deal_{Deal: &simple.Event_Deal{
			Id: deal, Org: percentage(l.Deal.OrgPercent), Agent: percentage(l.Deal.AgentPercent), Extra: percentage(l.Deal.ExtraPercent),
		}},
		Legal: &simple.Event_LegalRu_{LegalRu: &simple.Event_LegalRu{
			Id: seller, Name: "ООО «Летняя сцена»", Inn: "7700000000", Address: "Москва, ул. Летняя, 1",
			Ogrns: &simple.Event_LegalRu_Ogrn{Ogrn: "1027700000000"}, Taxes: &simple.Event_LegalRu_Ltd{Ltd: simple.Event_LegalRu_LTD_OSN},
			Nds: new(true), VatRate: new(simple.Event_LegalRu_VAT_22),
		}},
		TicketsAmount: count(l.Tickets), TicketsAmountVacant: count(l.VacantTickets),
		UpdatedAt: timestamppb.New(l.UpdatedAt), Additional: additional,
	}
	if r.quirks.Service == tcsimple.ServiceV2 {
		m.UpdatedAt = nil
	}
	switch l.ID {
	case ticketscloudtest.Concert:
		m.Category, m.Tags, m.Artists, m.Map = Concerts, []string{Jazz}, []string{Band}, Hall
	case ticketscloudtest.Play:
		m.Meta = Plays
	}
	if r.quirks.Newer {
		m.Status, m.SmartTickets = 7, 8
	}
	for _, s := range l.Sets {
		m.Sets = append(m.Sets, r.set(s))
	}
	return m
}

// percentage is a share; those of the shop are whole.
func percentage(share decimal.NullDecimal) *simple.Percentage {
	return &simple.Percentage{Units: int32(share.Decimal.IntPart())} //nolint:gosec // at most 100
}

func (r request) set(s ticketscloud.ListedSet) *simple.Event_TicketSet {
	m := &simple.Event_TicketSet{
		Id: string(s.ID), Name: s.Name, Description: s.Description, Pos: int32(s.Position), Sector: string(s.Sector), //nolint:gosec // a few
		WithSeats: s.WithSeats, Amount: count(s.Tickets), AmountVacant: count(s.Vacant),
	}
	for _, rule := range s.Rules {
		m.Rules = append(m.Rules, &simple.Event_TicketSet_Rule{
			Id: string(rule.ID), Lifetime: lifetime(rule.Start, rule.Finish),
			Types: &simple.Event_TicketSet_Rule_Simple{Simple: &simple.Event_TicketSet_Rule_SimpleType{Price: kopecks(rule.Face)}},
		})
	}
	if r.quirks.Newer {
		m.ProtoReflect().SetUnknown(newer)
		m.Rules = append(m.Rules, &simple.Event_TicketSet_Rule{Id: "of another kind", Type: 9})
	}
	return m
}

func lifetime(start, finish time.Time) *simple.Lifetime {
	m := &simple.Lifetime{}
	if !start.IsZero() {
		m.Start = timestamppb.New(start)
	}
	if !finish.IsZero() {
		m.Finish = timestamppb.New(finish)
	}
	return m
}

func count(n int) uint32 { return uint32(n) } //nolint:gosec // a few

func kopecks(roubles decimal.Decimal) uint64 {
	return uint64(roubles.Shift(2).IntPart()) //nolint:gosec // of the shop
}

func seats(r request, q *simple.SeatsRequest) iter.Seq[*simple.Seat] {
	var all []*simple.Seat
	for _, l := range r.programme {
		if string(l.ID) == q.GetEvent() {
			for _, t := range l.Seats {
				all = append(all, r.seat(l, t))
			}
		}
	}
	return only(all, func(m *simple.Seat) bool {
		status := q.GetStatus() == simple.SeatsRequest_ANY || int32(q.GetStatus())-1 == int32(m.GetStatus())
		return status && among(q.GetSets(), m.GetSet()) && among(q.GetTickets(), m.GetTicket()) &&
			is(q.GetSector(), m.GetSector()) && is(q.GetRow(), m.GetRow()) && is(q.GetNumber(), m.GetNumber())
	})
}

func (r request) seat(l ticketscloudtest.Listing, t ticketscloud.SeatTicket) *simple.Seat {
	m := &simple.Seat{
		Sector: string(t.Seat.Sector), Row: t.Seat.Row, Number: t.Seat.Number,
		Event: string(l.ID), Set: string(t.Set), Ticket: string(t.ID),
	}
	switch t.Status {
	case ticketscloud.TicketVacant:
		m.Status = simple.Seat_VACANT
	case ticketscloud.TicketReserved:
		m.Status, m.TicketReservedTill = simple.Seat_RESERVED, timestamppb.New(t.ReservedTill)
	case ticketscloud.TicketSold:
		m.Status = simple.Seat_SOLD
	case ticketscloud.TicketPending: // not in this catalogue
	}
	if r.quirks.Newer && t.Status == ticketscloud.TicketSold {
		m.Status = 9
	}
	return m
}
