package interop_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"math/big"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/tcsimpletest"
)

type seq = iter.Seq2[any, error]

// one converts a stream to a stream of any, for tables of methods.
func one[T any](values iter.Seq2[T, error]) seq {
	return func(yield func(any, error) bool) {
		for v, err := range values {
			if !yield(v, err) {
				return
			}
		}
	}
}

// method is a call with all its filters and an answer with all its fields. The tests encode
// both without the generated messages.
type method struct {
	name    string
	call    func(context.Context, *tcsimple.Client, ...rutravel.CallOption) seq
	request string
	answer  string
	want    any
}

var (
	start  = utc(2026, 12, 31, 20, 30, 0)
	finish = utc(2027, 1, 1, 1, 0, 0)
)

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func null(s string) decimal.NullDecimal { return decimal.NewNullDecimal(dec(s)) }

// methods has all methods of the service.
func methods() []method {
	lifetime := message(field(1, instant(start)), field(2, instant(finish)))
	percent := func(units int, nanos uint32) string { return message(field(1, units), field(2, nanos)) }
	minusQuarter := int32(-250_000_000)
	events := method{
		name: "Events",
		call: func(ctx context.Context, c *tcsimple.Client, opts ...rutravel.CallOption) seq {
			return one(c.Events(ctx, tcsimple.EventQuery{
				IDs: []ticketscloud.EventID{"e1", "e2"}, Meta: "m1", Org: "o1", Status: ticketscloud.EventPublic,
				Start:  tcsimple.TimeFilter{From: start, Before: finish},
				Finish: tcsimple.TimeFilter{After: start, To: finish},
			}, opts...))
		},
		request: message(
			field(1, "e1"), field(1, "e2"), field(3, "o1"), field(4, 2),
			field(5, message(
				field(1, message(field(1, instant(start)), field(4, instant(finish)))),
				field(2, message(field(2, instant(start)), field(3, instant(finish)))),
			)),
			field(2, "m1"), // the fields of a oneof are last; any order is valid
		),
		answer: message(
			field(1, "e1"), field(2, "m1"), field(3, "Концерт"), field(4, "Вечер"), field(5, 1), field(6, "o1"), field(7, "v1"), field(8, "h1"),
			field(9, lifetime), field(10, "c1"), field(11, "t1"), field(11, "t2"), field(12, "a1"), field(13, "16+"),
			field(14, message(field(1, "cover"), field(2, "small"), field(3, "original"))), field(15, 1),
			field(17, message(field(1, "d1"), field(2, percent(90, 0)), field(3, percent(7, 500_000_000)), field(4, percent(0, uint32(minusQuarter))))),
			field(20, message(
				field(1, "l1"), field(2, 1), field(3, "ИП Иванова"), field(4, "770000000000"), field(5, "Москва"), field(7, "304770000000000"),
				field(9, 3), field(10, 0), field(11, 4),
			)),
			field(30, message(
				field(1, "s1"), field(2, "Партер"), field(3, "Кресла"), field(4, 3), field(5, "x1"), field(6, 1), field(7, 10), field(8, 4),
				field(10, message(field(1, "r1"), field(3, lifetime), field(10, message(field(1, 91000))))),
			)),
			field(31, 12), field(32, 5), field(40, 2),
			field(50, message(field(1, "p1"), field(10, message(
				field(1, lifetime), field(2, "s1"),
				field(6, message(field(1, message(field(1, 1000000), field(2, 50050))))),
			)))),
			field(70, instant(start)),
			field(255, message(field(1, "type.googleapis.com/v3.Secret"), field(2, "\x08\x01"))),
		),
		want: tcsimple.Event{
			ID: "e1", Meta: "m1", Name: "Концерт", Description: "Вечер", Status: ticketscloud.EventPublic, Org: "o1", Venue: "v1", Map: "h1",
			Start: start, Finish: finish, OpenDate: true, Category: "c1", Tags: []tcsimple.TagID{"t1", "t2"}, Artists: []tcsimple.ArtistID{"a1"},
			AgeRating: "16+", Media: tcsimple.Media{Cover: "cover", Small: "small", Original: "original"},
			Deal: &tcsimple.Deal{ID: "d1", OrgPercent: null("90"), AgentPercent: null("7.5"), ExtraPercent: null("-0.25")},
			Seller: &tcsimple.Seller{
				ID: "l1", Type: tcsimple.SellerProprietor, Name: "ИП Иванова", INN: "770000000000", Address: "Москва", OGRNIP: "304770000000000",
				Tax: tcsimple.TaxProprietorPSN, VAT: new(false), VATRate: tcsimple.VAT22,
			},
			Sets: []tcsimple.Set{{
				ID: "s1", Name: "Партер", Description: "Кресла", Position: 3, Sector: "x1", WithSeats: true, Tickets: 10, Vacant: 4,
				Rules: []tcsimple.Rule{{ID: "r1", Start: start, Finish: finish, Price: null("910.00")}},
			}},
			Tickets: 12, VacantTickets: 5, SmartTickets: tcsimple.SmartTicketsAny,
			Mods: []tcsimple.Mod{{ID: "p1", Promotion: &tcsimple.Promotion{
				Start: start, Finish: finish, Sets: []ticketscloud.SetID{"s1"},
				ByAmount: []tcsimple.AmountLevel{{From: dec("10000.00"), Discount: ticketscloud.Discount{Amount: null("500.50")}}},
			}}},
			UpdatedAt: start,
		},
	}
	seats := method{
		name: "Seats",
		call: func(ctx context.Context, c *tcsimple.Client, opts ...rutravel.CallOption) seq {
			return one(c.Seats(ctx, "e1", tcsimple.SeatQuery{
				Sector: "x1", Row: "3", Number: "12", Sets: []ticketscloud.SetID{"s1"}, Tickets: []ticketscloud.TicketID{"k1", "k2"},
				Status: ticketscloud.TicketReserved,
			}, opts...))
		},
		request: message(
			field(2, "x1"), field(3, "3"), field(4, "12"), field(10, "e1"), field(11, "s1"), field(12, "k1"), field(12, "k2"), field(13, 2),
		),
		answer: message(
			field(2, "x1"), field(3, "3"), field(4, "12"), field(10, "e1"), field(11, "s1"), field(12, "k1"), field(13, 1), field(14, instant(start)),
		),
		want: tcsimple.Seat{
			Ticket: "k1", Event: "e1", Set: "s1", Seat: ticketscloud.Seat{Row: "3", Number: "12", Sector: "x1"},
			Status: ticketscloud.TicketReserved, ReservedTill: start,
		},
	}
	place := message(field(1, 37.6173), field(2, 55.7558))
	point := &ticketscloud.Point{Longitude: dec("37.6173"), Latitude: dec("55.7558")}
	return []method{
		events,
		seats,
		{
			name: "MetaEvents",
			call: func(ctx context.Context, c *tcsimple.Client, opts ...rutravel.CallOption) seq {
				return one(c.MetaEvents(ctx, tcsimple.MetaEventQuery{IDs: []tcsimple.MetaEventID{"m1"}}, opts...))
			},
			request: field(1, "m1"),
			answer: message(
				field(1, "m1"), field(2, "Чайка"), field(3, "Комедия"), field(4, "o1"), field(5, "12+"), field(6, field(1, "cover")),
				field(7, instant(start)), field(8, instant(finish)),
			),
			want: tcsimple.MetaEvent{
				ID: "m1", Name: "Чайка", Description: "Комедия", Org: "o1", AgeRating: "12+", Media: tcsimple.Media{Cover: "cover"},
				FirstStart: start, LastFinish: finish,
			},
		},
		{
			name: "Venues",
			call: func(ctx context.Context, c *tcsimple.Client, opts ...rutravel.CallOption) seq {
				return one(c.Venues(ctx, tcsimple.VenueQuery{IDs: []ticketscloud.VenueID{"v1"}}, opts...))
			},
			request: field(1, "v1"),
			answer: message(
				field(1, "v1"), field(2, "Клуб"), field(3, "Зал"), field(4, 524901), field(5, "ул. Летняя"), field(6, place), field(41, 1),
			),
			want: tcsimple.Venue{
				ID: "v1", Name: "Клуб", Description: "Зал", City: "524901", Address: "ул. Летняя", Point: point, WithMosbilet: true,
			},
		},
		{
			name: "Maps",
			call: func(ctx context.Context, c *tcsimple.Client, opts ...rutravel.CallOption) seq {
				return one(c.Maps(ctx, tcsimple.MapQuery{IDs: []tcsimple.MapID{"h1"}, Venue: "v1"}, opts...))
			},
			request: message(field(1, "h1"), field(2, "v1")),
			answer: message(
				field(1, "h1"), field(2, "Зал"), field(3, "Большой"), field(4, "v1"),
				field(5, message(field(1, "x1"), field(2, "Партер"), field(3, "Центр"), field(4, 1))),
				field(6, message(field(1, "x1"), field(2, "3"), field(3, "12"), field(4, message(field(1, 10), field(2, -20), field(3, 5))))),
				field(7, message(field(1, "main"), field(2, "<svg/>"))),
			),
			want: tcsimple.Map{
				ID: "h1", Name: "Зал", Description: "Большой", Venue: "v1",
				Sectors: []tcsimple.Sector{{ID: "x1", Name: "Партер", Description: "Центр", WithSeats: true}},
				Seats: []tcsimple.MapSeat{{
					Seat: ticketscloud.Seat{Sector: "x1", Row: "3", Number: "12"}, Point: &tcsimple.MapPoint{X: 10, Y: -20, Radius: 5},
				}},
				SVG: map[string]string{"main": "<svg/>"},
			},
		},
		{
			name: "Countries",
			call: func(ctx context.Context, c *tcsimple.Client, opts ...rutravel.CallOption) seq {
				return one(c.Countries(ctx, tcsimple.CountryQuery{IDs: []ticketscloud.CountryID{"RU"}}, opts...))
			},
			request: field(1, "RU"),
			answer:  message(field(1, "RU"), field(2, "Россия"), field(3, "RUB"), field(4, "RU"), field(5, "RUS"), field(6, 643)),
			want:    tcsimple.Country{ID: "RU", Name: "Россия", Currency: "RUB", ISO: "RU", ISO3: "RUS", ISONumeric: 643},
		},
		{
			name: "Cities",
			call: func(ctx context.Context, c *tcsimple.Client, opts ...rutravel.CallOption) seq {
				return one(c.Cities(ctx, tcsimple.CityQuery{IDs: []ticketscloud.CityID{"524901", "7"}, Name: "Москва", Suggest: "мос", Country: "RU"}, opts...))
			},
			request: message(field(1, "\xe5\x84\x20\x07"), field(2, "Москва"), field(3, "мос"), field(4, "RU")),
			answer: message(
				field(1, 524901), field(2, "Москва"), field(3, "RU"), field(4, "Europe/Moscow"), field(5, place), field(6, 10381222),
			),
			want: tcsimple.City{ID: "524901", Name: "Москва", Country: "RU", Timezone: "Europe/Moscow", Point: point, Population: 10381222},
		},
		{
			name: "Categories",
			call: func(ctx context.Context, c *tcsimple.Client, opts ...rutravel.CallOption) seq {
				return one(c.Categories(ctx, tcsimple.CategoryQuery{IDs: []tcsimple.CategoryID{"c1"}}, opts...))
			},
			request: field(1, "c1"),
			answer:  message(field(1, "c1"), field(2, "Концерты")),
			want:    tcsimple.Category{ID: "c1", Name: "Концерты"},
		},
		{
			name: "Tags",
			call: func(ctx context.Context, c *tcsimple.Client, opts ...rutravel.CallOption) seq {
				return one(c.Tags(ctx, tcsimple.TagQuery{IDs: []tcsimple.TagID{"t1"}}, opts...))
			},
			request: field(1, "t1"),
			answer:  message(field(1, "t1"), field(2, "c1"), field(3, "Джаз"), field(4, 1)),
			want:    tcsimple.Tag{ID: "t1", Category: "c1", Name: "Джаз", Generic: true},
		},
		{
			name: "Artists",
			call: func(ctx context.Context, c *tcsimple.Client, opts ...rutravel.CallOption) seq {
				return one(c.Artists(ctx, tcsimple.ArtistQuery{IDs: []tcsimple.ArtistID{"a1"}}, opts...))
			},
			request: field(1, "a1"),
			answer:  message(field(1, "a1"), field(2, "Оркестр")),
			want:    tcsimple.Artist{ID: "a1", Name: "Оркестр"},
		},
	}
}

// Each method sends the expected request to a server of the reference implementation, and
// reads its answer, which has unknown fields.
func TestReference(t *testing.T) {
	t.Parallel()
	all := methods()
	byName := map[string]method{}
	for _, m := range all {
		byName["/v3.Simple/"+m.name] = m
	}
	srv := newReference(t, func(c call) error {
		m := byName[c.Method]
		return answers(m.answer, message(m.answer, field(1998, "unknown"), field(1999, 7)))(c)
	})
	client := srv.client(t)
	for i, m := range all {
		got, err := collect(m.call(t.Context(), client))
		require.NoError(t, err, m.name)
		assert.Equal(t, plain([]any{m.want, m.want}), plain(got), m.name)
		sent := srv.seen()[i]
		assert.Equal(t, []byte(m.request), []byte(sent.Message), m.name)
		assert.Equal(t, []string{"k3y"}, sent.Metadata.Get("authorization"))
		assert.Equal(t, []string{"ru"}, sent.Metadata.Get("preferred-language"))
		assert.Contains(t, sent.Metadata.Get("user-agent")[0], "rutravel-go/")
	}
	assert.Len(t, srv.seen(), 10)
}

// plain returns values as text. Decimals are written as their digits.
func plain(v any) string {
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		panic(err) // values have a JSON form
	}
	return string(text)
}

// Without a filter only the key is sent.
func TestNoFilter(t *testing.T) {
	t.Parallel()
	srv := newReference(t, answers())
	c, err := tcsimple.New(tcsimple.Config{Key: "k3y", BaseURL: "http://" + srv.Address})
	require.NoError(t, err)
	all, err := collect(c.Events(t.Context(), tcsimple.EventQuery{}))
	require.NoError(t, err)
	assert.Empty(t, all)
	_, err = collect(c.Events(t.Context(), tcsimple.EventQuery{WithoutMeta: true, Status: tcsimple.EventStandBy}))
	require.NoError(t, err)
	_, err = collect(c.Seats(t.Context(), "e1", tcsimple.SeatQuery{Status: ticketscloud.TicketVacant}))
	require.NoError(t, err)
	_, err = collect(c.Seats(t.Context(), "e1", tcsimple.SeatQuery{Status: ticketscloud.TicketSold}))
	require.NoError(t, err)
	seen := srv.seen()
	assert.Empty(t, seen[0].Message)
	assert.Empty(t, seen[0].Metadata.Get("preferred-language"))
	assert.Equal(t, message(field(4, 1), field(10, 1)), seen[1].Message)
	assert.Equal(t, message(field(10, "e1"), field(13, 1)), seen[2].Message)
	assert.Equal(t, message(field(10, "e1"), field(13, 3)), seen[3].Message)
}

// Values that the supplier may leave out are absent. Unknown values are kept.
func TestOddAnswers(t *testing.T) {
	t.Parallel()
	srv := newReference(t, answers(
		"",
		message(
			field(5, 7), field(40, 8), field(18, field(1, 12)),
			field(20, message(field(2, 5), field(8, 4), field(11, 9), field(6, "1027700000000"))),
			field(30, field(10, message(field(1, "r1"), field(2, 3)))), // another kind of rule
			field(50, message(field(1, "p1"), field(2, 2))),            // another kind of modification
		),
		message(field(20, field(1, "l1"))),
	))
	all, err := collect(srv.client(t).Events(t.Context(), tcsimple.EventQuery{}))
	require.NoError(t, err)
	require.Len(t, all, 3)
	assert.Equal(t, tcsimple.Event{Status: tcsimple.EventStandBy, SmartTickets: tcsimple.SmartTicketsNone}, all[0])
	assert.EqualValues(t, "7", all[1].Status)
	assert.EqualValues(t, "8", all[1].SmartTickets)
	assert.Equal(t, "12", all[1].OrgExtraPercent.Decimal.String())
	assert.Equal(t, &tcsimple.Seller{Type: "5", OGRN: "1027700000000", Tax: "4", VATRate: "9"}, all[1].Seller)
	assert.Equal(t, []tcsimple.Rule{{ID: "r1"}}, all[1].Sets[0].Rules)
	assert.Equal(t, []tcsimple.Mod{{ID: "p1"}}, all[1].Mods)
	assert.Equal(t, &tcsimple.Seller{ID: "l1", Type: tcsimple.SellerCompany}, all[2].Seller, "0 on the wire means absent here")
}

// A coordinate that is not a number makes a location unknown. All numbers are read.
func TestPlaces(t *testing.T) {
	t.Parallel()
	srv := newReference(t, answers(
		field(6, message(field(1, math.NaN()), field(2, 55.5))), field(6, message(field(1, 55.5), field(2, math.Inf(1)))),
		field(6, message(field(1, -0.1), field(2, 1e-7))), "",
	))
	all, err := collect(srv.client(t).Venues(t.Context(), tcsimple.VenueQuery{}))
	require.NoError(t, err)
	require.Len(t, all, 4)
	assert.Nil(t, all[0].Point)
	assert.Nil(t, all[1].Point)
	assert.Equal(t, "-0.1 0.0000001", all[2].Point.Longitude.String()+" "+all[2].Point.Latitude.String())
	assert.Nil(t, all[3].Point)
	assert.Empty(t, all[3].City)
}

// A promotion is recognized by its settings, whatever the number of its type. Each of its
// kinds is read.
func TestPromotions(t *testing.T) {
	t.Parallel()
	five := message(field(1, 5))
	for name, test := range map[string]struct {
		discount string
		want     tcsimple.Promotion
	}{
		"percentage":               {field(3, five), tcsimple.Promotion{Discount: ticketscloud.Discount{Percent: null("5")}}},
		"fix":                      {field(4, 12345), tcsimple.Promotion{Discount: ticketscloud.Discount{Amount: null("123.45")}}},
		"percentage by amount":     {field(5, field(1, message(field(1, 200000), field(2, five)))), tcsimple.Promotion{ByAmount: []tcsimple.AmountLevel{{From: dec("2000"), Discount: ticketscloud.Discount{Percent: null("5")}}}}},
		"fix by amount":            {field(6, field(1, message(field(1, 200000), field(2, 5)))), tcsimple.Promotion{ByAmount: []tcsimple.AmountLevel{{From: dec("2000"), Discount: ticketscloud.Discount{Amount: null("0.05")}}}}},
		"percentage by count":      {field(7, field(1, message(field(1, 4), field(2, five)))), tcsimple.Promotion{ByCount: []tcsimple.CountLevel{{From: 4, Discount: ticketscloud.Discount{Percent: null("5")}}}}},
		"fix by count":             {field(8, field(1, message(field(1, 4), field(2, 500)))), tcsimple.Promotion{ByCount: []tcsimple.CountLevel{{From: 4, Discount: ticketscloud.Discount{Amount: null("5.00")}}}}},
		"a kind that is not known": {field(99, five), tcsimple.Promotion{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var messages []string
			for kind := range 4 { // v2 has 0, v3 has 1
				messages = append(messages, field(50, message(field(1, "p1"), field(2, kind), field(10, test.discount))))
			}
			srv := newReference(t, answers(messages...))
			all, err := collect(srv.client(t).Events(t.Context(), tcsimple.EventQuery{}))
			require.NoError(t, err)
			require.Len(t, all, 4)
			for _, e := range all {
				assert.Equal(t, plain([]tcsimple.Mod{{ID: "p1", Promotion: &test.want}}), plain(e.Mods))
			}
		})
	}
}

// A price or discount whose time or number cannot be read is not set, so that it does not
// apply by mistake. The rest is read.
func TestUnreadablePrices(t *testing.T) {
	t.Parallel()
	const late = 1 << 60
	five := message(field(1, 5))
	price := func(lifetime string) string { return message(field(3, lifetime), field(10, field(1, 91000))) }
	srv := newReference(t, answers(
		message(
			field(1, "e1"),
			field(30, message(
				field(10, price(field(1, instant(start)))), field(10, price(field(1, field(1, late)))), field(10, price(field(2, field(2, -1)))),
			)),
			field(50, field(10, message(field(1, field(1, field(1, late))), field(3, five)))),
			field(50, field(10, message(field(2, "s1"), field(7, message(field(1, message(field(1, 4), field(2, five))), field(1, message(field(1, -1), field(2, five)))))))),
			field(50, field(10, field(8, field(1, message(field(1, -1), field(2, 500)))))),
		),
		field(1, "e2"),
	))
	all, err := collect(srv.client(t).Events(t.Context(), tcsimple.EventQuery{}))
	require.NoError(t, err)
	require.Len(t, all, 2)
	want := []tcsimple.Rule{{Start: start, Price: null("910.00")}, {}, {}}
	assert.Equal(t, plain(want), plain(all[0].Sets[0].Rules))
	assert.Equal(t, []tcsimple.Mod{
		{Promotion: &tcsimple.Promotion{}}, {Promotion: &tcsimple.Promotion{Sets: []ticketscloud.SetID{"s1"}}}, {Promotion: &tcsimple.Promotion{}},
	}, all[0].Mods)
}

// An empty time is zero, and not the beginning of 1970.
func TestEmptyTimes(t *testing.T) {
	t.Parallel()
	lifetime := message(field(1, ""), field(2, message(field(1, 0), field(2, 0))))
	srv := newReference(t, answers(message(
		field(9, lifetime), field(30, field(10, message(field(3, lifetime), field(10, field(1, 91000))))), field(70, ""),
	), field(9, field(1, field(2, 1)))))
	all, err := collect(srv.client(t).Events(t.Context(), tcsimple.EventQuery{}))
	require.NoError(t, err)
	require.Len(t, all, 2)
	assert.True(t, all[0].Start.IsZero() && all[0].Finish.IsZero() && all[0].UpdatedAt.IsZero())
	assert.True(t, all[0].Sets[0].Price(start).Valid, "an empty time is like a missing one")
	assert.Equal(t, int64(1), all[1].Start.UnixNano())
}

// A time that cannot be read is zero as well.
func TestUnreadableTimes(t *testing.T) {
	t.Parallel()
	never := field(1, 1<<60)
	byMethod := map[string]string{
		"/v3.Simple/Events":     message(field(1, "e1"), field(9, message(field(1, never), field(2, field(2, -1)))), field(70, never)),
		"/v3.Simple/MetaEvents": message(field(1, "m1"), field(7, never), field(8, never)),
		"/v3.Simple/Seats":      message(field(12, "k1"), field(14, never)),
	}
	c := newReference(t, func(c call) error { return answers(byMethod[c.Method])(c) }).client(t)
	events, err := collect(c.Events(t.Context(), tcsimple.EventQuery{}))
	require.NoError(t, err)
	assert.Equal(t, []tcsimple.Event{{ID: "e1", Status: tcsimple.EventStandBy, SmartTickets: tcsimple.SmartTicketsNone}}, events)
	groups, err := collect(c.MetaEvents(t.Context(), tcsimple.MetaEventQuery{}))
	require.NoError(t, err)
	assert.Equal(t, []tcsimple.MetaEvent{{ID: "m1"}}, groups)
	seats, err := collect(c.Seats(t.Context(), "e1", tcsimple.SeatQuery{}))
	require.NoError(t, err)
	assert.Equal(t, []tcsimple.Seat{{Ticket: "k1", Status: ticketscloud.TicketVacant}}, seats)
}

// Each status of gRPC has a code and a kind, and is retried if it may be temporary.
func TestStatuses(t *testing.T) {
	t.Parallel()
	type want struct {
		code tcsimple.Code
		kind rutravel.Kind
		sent int
	}
	table := map[codes.Code]want{
		codes.Canceled:           {tcsimple.CodeCanceled, rutravel.ErrUnavailable, 2},
		codes.Unknown:            {tcsimple.CodeUnknown, rutravel.ErrUnavailable, 2},
		codes.InvalidArgument:    {tcsimple.CodeInvalidArgument, rutravel.ErrInvalid, 1},
		codes.DeadlineExceeded:   {tcsimple.CodeDeadlineExceeded, rutravel.ErrUnavailable, 2},
		codes.NotFound:           {tcsimple.CodeNotFound, rutravel.ErrNotFound, 1},
		codes.AlreadyExists:      {tcsimple.CodeAlreadyExists, rutravel.ErrConflict, 1},
		codes.PermissionDenied:   {tcsimple.CodePermissionDenied, rutravel.ErrForbidden, 1},
		codes.ResourceExhausted:  {tcsimple.CodeResourceExhausted, rutravel.ErrRateLimited, 2},
		codes.FailedPrecondition: {tcsimple.CodeFailedPrecondition, rutravel.ErrConflict, 1},
		codes.Aborted:            {tcsimple.CodeAborted, rutravel.ErrConflict, 2},
		codes.OutOfRange:         {tcsimple.CodeOutOfRange, rutravel.ErrInvalid, 1},
		codes.Unimplemented:      {tcsimple.CodeUnimplemented, rutravel.ErrProtocol, 2}, // v3, v2
		codes.Internal:           {tcsimple.CodeInternal, rutravel.ErrUnavailable, 2},
		codes.Unavailable:        {tcsimple.CodeUnavailable, rutravel.ErrUnavailable, 2},
		codes.DataLoss:           {tcsimple.CodeDataLoss, rutravel.ErrUnavailable, 2},
		codes.Unauthenticated:    {tcsimple.CodeUnauthenticated, rutravel.ErrAuth, 1},
		99:                       {"99", rutravel.ErrRejected, 1},
	}
	require.Len(t, table, 17)
	for code, want := range table {
		t.Run(strconv.Itoa(int(code)), func(t *testing.T) {
			t.Parallel()
			srv := newReference(t, func(call) error { return status.Error(code, "не вышло") })
			all, err := collect(srv.client(t, rutravel.WithMaxAttempts(2)).Tags(t.Context(), tcsimple.TagQuery{}))
			assert.Empty(t, all)
			e := failure(t, err)
			assert.Equal(t, want.kind, e.Kind)
			assert.EqualValues(t, want.code, e.Code)
			require.ErrorIs(t, err, want.code)
			require.ErrorIs(t, err, want.kind)
			assert.Equal(t, "не вышло", e.Message)
			assert.Equal(t, "tcsimple", e.Supplier)
			assert.Equal(t, "Tags", e.Op)
			assert.Len(t, srv.seen(), want.sent)
		})
	}
}

// An error shows neither the metadata of the answer nor the address.
func TestNoMetadata(t *testing.T) {
	t.Parallel()
	srv := newReference(t, func(c call) error {
		_ = c.stream.SetHeader(metadata.Pairs("x-internal", "header-value"))
		c.stream.SetTrailer(metadata.Pairs("x-trace", "trailer-value"))
		return status.Error(codes.NotFound, "no such thing")
	})
	_, err := collect(srv.client(t).Tags(t.Context(), tcsimple.TagQuery{}))
	text := fmt.Sprintf("%v %+v %#v %#v", err, err, err, failure(t, err).Err)
	assert.NotContains(t, text, "header-value")
	assert.NotContains(t, text, "trailer-value")
	assert.NotContains(t, text, srv.Address)
}

// A key that the supplier echoes is not shown.
func TestSecrets(t *testing.T) {
	t.Parallel()
	const key = "s3cr3t-key+with=signs"
	srv := newReference(t, func(c call) error {
		_ = c.stream.SetHeader(metadata.MD{"x-echo": c.Metadata.Get("authorization")})
		return fmt.Errorf("bad key %s", c.Metadata.Get("authorization"))
	})
	c, err := tcsimple.New(tcsimple.Config{Key: key, BaseURL: "http://" + srv.Address}, rutravel.WithMaxAttempts(1))
	require.NoError(t, err)
	_, err = collect(c.Tags(t.Context(), tcsimple.TagQuery{}))
	e := failure(t, err)
	assert.Contains(t, e.Message, "bad key")
	assert.NotContains(t, fmt.Sprintf("%v %#v %#v", err, err, e.Err), key)
}

// The end of the context ends the stream at the server. Leaving the loop does the same.
func TestStreamIsFreed(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(cancel func()) (broken bool){
		"break":  func(func()) bool { return true },
		"cancel": func(cancel func()) bool { cancel(); return false },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			freed := make(chan error, 1)
			srv := newReference(t, func(c call) error {
				_ = c.send(field(1, "t1"))
				<-c.ctx.Done()
				freed <- c.ctx.Err()
				return c.ctx.Err()
			})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var n int
			var last error
			for _, err := range srv.client(t).Tags(ctx, tcsimple.TagQuery{}) {
				if last = err; err != nil {
					break
				}
				n++
				if leave(cancel) {
					break
				}
			}
			assert.Equal(t, 1, n)
			select {
			case err := <-freed:
				require.ErrorIs(t, err, context.Canceled)
			case <-time.After(time.Minute):
				require.Fail(t, "the server still sends")
			}
			if name == "cancel" {
				e := failure(t, last)
				assert.Equal(t, rutravel.ErrCanceled, e.Kind)
				require.ErrorIs(t, last, context.Canceled)
			}
		})
	}
}

// A stream may be slow, and silent as long as the caller allows. The client sends no pings,
// because servers by default close a connection that gets many.
func TestSlowStream(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, c := newReferenceInMemory(t, func(c call) error {
			for i := range 20 {
				time.Sleep(time.Duration(i) * time.Minute)
				if err := c.send(field(1, strconv.Itoa(i))); err != nil {
					return err
				}
			}
			return nil
		}, rutravel.WithAttemptTimeout(time.Hour), rutravel.WithMaxAttempts(1))
		for range 2 {
			all, err := collect(c.Tags(t.Context(), tcsimple.TagQuery{}))
			require.NoError(t, err)
			assert.Len(t, all, 20)
		}
	})
}

// The caller's deadline is the caller's, whichever side sees it first.
func TestDeadline(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(call) error{
		"seen by the client": func(c call) error {
			_ = c.send(field(1, "t1"))
			<-c.ctx.Done()
			return c.ctx.Err()
		},
		"seen by the server": func(c call) error {
			_ = c.send(field(1, "t1"))
			return status.Error(codes.DeadlineExceeded, "too late")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv, c := newReferenceInMemory(t, answer)
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				all, err := collect(c.Tags(ctx, tcsimple.TagQuery{}))
				e := failure(t, err)
				assert.Len(t, all, 1)
				assert.Equal(t, rutravel.ErrCanceled, e.Kind)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				_, ok := srv.seen()[0].ctx.Deadline()
				assert.True(t, ok, "the deadline is sent to the supplier")
			})
		})
	}
}

// Ten thousand events of a supplier that is faster than the loop are not buffered: the
// supplier is slowed down, and values are not kept.
//
//nolint:paralleltest // other tests would change the memory in use
func TestBoundedMemory(t *testing.T) {
	const events, size = 10_000, 10 << 10
	text := field(4, strings.Repeat("x", size))
	srv := newReference(t, func(c call) error {
		for i := range events {
			if err := c.send(field(1, strconv.Itoa(i)) + text); err != nil {
				return err
			}
		}
		return nil
	})
	used := map[int]uint64{}
	var n int
	for e, err := range srv.client(t).Events(t.Context(), tcsimple.EventQuery{}) {
		require.NoError(t, err)
		require.EqualValues(t, strconv.Itoa(n), e.ID)
		if n++; n == 1_000 || n == 9_000 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			used[n] = m.HeapAlloc
		}
	}
	assert.Equal(t, events, n)
	assert.Less(t, used[9_000], used[1_000]+8<<20, "for 80 MiB of messages")
	assert.Less(t, used[1_000], uint64(64<<20), "while the supplier has 100 MiB to send")
}

// A message of 16 MiB is read. One more byte is an error, so that a message cannot fill the
// memory.
func TestLongMessage(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"within": 16 << 20, "beyond": 16<<20 + 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			long := field(2, strings.Repeat("x", size-len(field(2, ""))-3)) // the length needs three more bytes
			require.Len(t, long, size)
			srv := newReference(t, answers(field(1, "h1"), long, field(1, "h2")), grpc.MaxSendMsgSize(32<<20))
			all, err := collect(srv.client(t).Maps(t.Context(), tcsimple.MapQuery{}))
			if name == "within" {
				require.NoError(t, err)
				assert.Len(t, all, 3)
				return
			}
			assert.Equal(t, rutravel.ErrProtocol, failure(t, err).Kind)
			require.ErrorContains(t, err, "too long")
			assert.Len(t, all, 1)
		})
	}
}

// Answers may be compressed. A small one that unpacks to a large one is refused.
func TestPackedAnswers(t *testing.T) {
	t.Parallel()
	for _, size := range []int{100_000, 20 << 20} {
		srv := newReference(t, func(c call) error {
			_ = grpc.SetSendCompressor(c.ctx, "gzip")
			return c.send(field(2, strings.Repeat("x", size)))
		}, grpc.MaxSendMsgSize(32<<20))
		require.NotNil(t, encoding.GetCompressor("gzip"))
		all, err := collect(srv.client(t).Tags(t.Context(), tcsimple.TagQuery{}))
		if size < 1<<20 {
			require.NoError(t, err)
			assert.Len(t, all, 1)
			continue
		}
		assert.Equal(t, rutravel.ErrProtocol, failure(t, err).Kind, "%v", err)
	}
}

// TLS works with a caller's authority, a caller's plain Transport and a caller's dialer.
func TestTLS(t *testing.T) {
	t.Parallel()
	cert, pool := authority(t)
	srv := newReference(t, answers(field(1, "t1")), grpc.Creds(credentials.NewServerTLSFromCert(&cert)))
	for name, transport := range map[string]*http.Transport{
		"config":            {TLSClientConfig: &tls.Config{RootCAs: pool}}, // net/http then does not enable HTTP/2
		"dialer":            {TLSClientConfig: &tls.Config{RootCAs: pool}, DialContext: new(net.Dialer).DialContext},
		"unknown authority": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := tcsimple.New(tcsimple.Config{Key: "k3y", BaseURL: "https://" + srv.Address},
				rutravel.WithHTTPClient(&http.Client{Transport: transport}), rutravel.WithMaxAttempts(1))
			require.NoError(t, err)
			all, err := collect(c.Tags(t.Context(), tcsimple.TagQuery{}))
			if name == "unknown authority" {
				e := failure(t, err)
				assert.Equal(t, rutravel.ErrUnavailable, e.Kind)
				require.ErrorContains(t, err, "certificate")
				return
			}
			require.NoError(t, err)
			assert.Len(t, all, 1)
		})
	}
}

func authority(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	parsed, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// If no server answers, the error is ErrUnavailable, and the request was not sent.
func TestNoServer(t *testing.T) {
	t.Parallel()
	c, err := tcsimple.New(tcsimple.Config{Key: "k3y", BaseURL: "http://127.0.0.1:1"}, rutravel.WithMaxAttempts(2))
	require.NoError(t, err)
	_, err = collect(c.Tags(t.Context(), tcsimple.TagQuery{}))
	e := failure(t, err)
	assert.Equal(t, rutravel.ErrUnavailable, e.Kind)
	assert.Equal(t, 2, e.Attempts)
	var op *net.OpError
	require.ErrorAs(t, err, &op)
}

// The reference implementation's client can use the fake.
func TestFakeAtReferenceClient(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	srv := fake.Start()
	t.Cleanup(srv.Close)
	conn, err := grpc.NewClient(srv.Listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	ask := func(key, method string) ([]string, error) {
		ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", key)
		s, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, method, grpc.ForceCodec(raw{}))
		require.NoError(t, err)
		var none []byte
		require.NoError(t, s.SendMsg(&none))
		require.NoError(t, s.CloseSend())
		var all []string
		for {
			var b []byte
			if err := s.RecvMsg(&b); err != nil {
				return all, err
			}
			all = append(all, string(b))
		}
	}
	all, err := ask(tcsimpletest.Key, "/v3.Simple/Categories")
	assert.EqualError(t, err, "EOF")
	assert.Equal(t, []string{
		message(field(1, tcsimpletest.Concerts), field(2, "Концерты")), message(field(1, tcsimpletest.Theatre), field(2, "Театр")),
	}, all)
	for _, test := range []struct {
		key, method string
		want        codes.Code
	}{
		{"key " + tcsimpletest.Key, "/v3.Simple/Categories", codes.Unauthenticated},
		{tcsimpletest.Key, "/v2.Simple/Categories", codes.Unimplemented},
		{tcsimpletest.Key, "/v3.Simple/Healtz", codes.Unimplemented},
		{tcsimpletest.Key, "/v3.Simple/Seats", codes.InvalidArgument},
	} {
		_, err := ask(test.key, test.method)
		assert.Equal(t, test.want, status.Code(err), test.method)
	}
}
