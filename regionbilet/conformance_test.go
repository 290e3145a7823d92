package regionbilet

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
)

func TestMain(m *testing.M) { conformance.Main(m) }

// The values of the manual's samples.
const (
	sampleBooking BookingID    = "stv-11012019093231-cf98d1c42482e16519190fe0dc8a59ac"
	sampleTicket  TicketNumber = "T1610201812495766804-815"
)

func TestConformance(t *testing.T) { //nolint:paralleltest // the suite begins by measuring memory
	guarded := Config{User: "agent 7781", SecretKey: "s3cr3t/key+with=signs"}
	conformance.Suite[*Client]{
		Supplier:         "regionbilet",
		Operations:       operations[:],
		SharedOperations: []string{"from", "to", "trip", "trip_info", "nationality", "type_doc", "trip_free_seats", "segment"},
		Calls:            goldenCalls(t),
		Lists:            goldenLists(t),
		LookUps:          goldenLookUps(t),
		New: func(baseURL string, opts ...rutravel.Option) (*Client, error) {
			return New(Config{User: "test", SecretKey: "test", BaseURL: baseURL}, opts...)
		},
		BaseURL:       Production,
		Config:        guarded,
		NewFromConfig: conformance.FromConfig(New),
		Secrets:       []string{string(guarded.SecretKey)},
		Logins:        []string{guarded.User},
		GoldenDir:     "../testdata/regionbilet",
		IgnoredPaths:  []string{"error_description"},
		Refusal: func(_, message string) string {
			text, err := json.Marshal(map[string]string{"error": "7", "error_description": message})
			if err != nil {
				panic(err) // strings always have a JSON form
			}
			return string(text)
		},
		DocLine: func(op string) string {
			command, _, _ := strings.Cut(op, "+")
			return "Regionbilet: GET " + command
		},
	}.Run(t)
}

type golden = conformance.Call[*Client]

func at(d civil.Date, hour, minute int) civil.DateTime {
	return civil.DateTime{Date: d, Time: civil.Time{Hour: hour, Minute: minute}}
}

// opt is at for values whose time may be missing.
func opt(d civil.Date, hour, minute int) OptDateTime {
	return OptDateTime{Date: d, Time: &civil.Time{Hour: hour, Minute: minute}}
}

// goldenCalls returns the calls of the manual's samples and the values of the recorded
// answers.
//
// The golden requests check these traps:
//   - RB-T03, RB-T04, RB-T20, RB-T32: the misprints of the samples are not sent
//   - RB-T05: the document is sent as given
//   - RB-T14, RB-T15: command=to is Latin and has no parameters
//   - RB-T16: the address
//   - RB-T22: an empty number_ticket asks for all tickets of the booking
//   - RB-T23: the id is sent whole
//   - RB-T33: the order of parameters
//   - RB-T39: an adult's date of birth is accepted in a child's ticket
//
// The golden answers check these traps:
//   - RB-T10: cancel has no result
//   - RB-T24, RB-T25: the names of fees, percentages and refunds differ by command
//   - RB-T26: the refund is the supplier's amount
//   - RB-T29: a stop after midnight has no date
//   - RB-T31: datesale and timesale
//
// The secrets of the suite check RB-T34: credentials are in the query string.
func goldenCalls(t *testing.T) []golden {
	t.Helper()
	ticket := TicketRef{Booking: sampleBooking, Ticket: sampleTicket}
	paid := Ticket{
		Status: TicketPaid, Sold: opt(conformance.Date(11, 1, 2019), 9, 41), Number: "T1610201812495866917-815", Trip: "1956",
		Departure: opt(conformance.Date(25, 1, 2019), 8, 30), Seat: "11",
		Surname: "ПЕТРОВ", FirstName: "ПЕТР", MiddleName: "ПЕТРОВИЧ",
		Base: decimal.NewNullDecimal(conformance.Dec("246.40")), Fee: decimal.NewNullDecimal(conformance.Dec("23.17")),
	}
	refunded := Ticket{
		Status: TicketRefunded, Sold: opt(conformance.Date(11, 1, 2019), 9, 41), Number: sampleTicket, Trip: "1956",
		Departure: opt(conformance.Date(25, 1, 2019), 8, 30), Seat: "10",
		Surname: "ИВАНОВ", FirstName: "ИВАН", MiddleName: "ИВАНОВИЧ",
		Base: decimal.NewNullDecimal(conformance.Dec("492.80")), Fee: decimal.NewNullDecimal(conformance.Dec("24.74")),
		Refunded:        opt(conformance.Date(24, 1, 2019), 17, 5),
		WithheldPercent: decimal.NewNullDecimal(conformance.Dec("5")), RefundAmount: decimal.NewNullDecimal(conformance.Dec("468.16")),
	}

	pay := conformance.Call1("pay", (*Client).Pay, Hold{Booking: sampleBooking, Tickets: 2}, []IssuedTicket{
		{Seat: "10", Number: sampleTicket},
		{Seat: "11", Number: "T1610201812495866917-815"},
	})
	pay.IDs = func(value any) (ids []string) {
		for _, k := range value.([]IssuedTicket) {
			ids = append(ids, string(k.Number))
		}
		return ids
	}
	refund := conformance.Call1("refund", (*Client).Refund, ticket, Refund{
		Ticket: sampleTicket, WithheldPercent: conformance.Dec("5"), Amount: conformance.Dec("468.16"),
	})
	refund.IDs = func(value any) []string { return []string{string(value.(Refund).Ticket)} }

	return []golden{
		conformance.Call0("from", (*Client).Departures, []Settlement{
			{ID: "124", Name: "Ставрополь", Address: "Ставропольский край, г. Ставрополь"},
			{ID: "131", Name: "Михайловск", Address: "Ставропольский край, Шпаковский округ, г. Михайловск"},
		}),
		conformance.Call0("to", (*Client).Arrivals, []Settlement{
			{ID: "463", Name: "Воронеж", Address: "Воронежская область, г. Воронеж"},
			{ID: "470", Name: "Ростов-на-Дону", Address: "Ростовская область, г. Ростов-на-Дону"},
		}),
		conformance.Call1("trip", (*Client).Trips, TripQuery{From: "124", To: "463", Date: conformance.Date(25, 2, 2021)}, goldenTrips()),
		conformance.Call1("trip_info", (*Client).TripStops, TripKey{
			ID: "1956", From: "stv815", To: "stv408", Departure: at(conformance.Date(25, 2, 2021), 8, 30),
		}, []TripStop{
			{Departure: &civil.Time{Hour: 9, Minute: 40}, Name: "Изобильный АС"},
			{Departure: &civil.Time{Hour: 14, Minute: 25}, Name: "Ростов-на-Дону АВ"},
			{Departure: &civil.Time{Hour: 1}, Name: "Новая Усмань"},
		}),
		conformance.Call0("nationality", (*Client).Nationalities, []Nationality{
			{ID: "643", Name: "Россия"}, {ID: "112", Name: "Беларусь"},
		}),
		conformance.Call0("type_doc", (*Client).DocumentTypes, []DocumentType{
			{ID: "1", Name: "Паспорт гражданина РФ"}, {ID: "2", Name: "Свидетельство о рождении"},
		}),
		conformance.Call1("trip_free_seats", (*Client).FreeSeats, TripKey{
			ID: "4546", From: "stv815", To: "446", Departure: at(conformance.Date(25, 2, 2021), 8, 0),
		}, []Seat{"1", "2", "10", "11", "14", "27", "38"}),
		goldenBooking(t),
		pay,
		conformance.Call1("cancel", conformance.Done((*Client).Cancel), Hold{Booking: sampleBooking}, nil),
		conformance.Call1("status_ticket", (*Client).Ticket, ticket, refunded),
		conformance.Call1("status_ticket+order", (*Client).BookingTickets, sampleBooking, []Ticket{refunded, paid}),
		refund,
		conformance.Call1("report_sale", (*Client).SalesReport, DateRange{From: conformance.Date(1, 2, 2021), To: conformance.Date(20, 2, 2021)}, []Sale{
			{
				TicketRecord: TicketRecord{
					Booked: opt(conformance.Date(11, 2, 2021), 9, 32), Booking: sampleBooking, Number: sampleTicket, Seat: "10", Category: Adult,
					Departure: opt(conformance.Date(25, 2, 2021), 8, 30), TripName: "Ставрополь - Воронеж",
					From: "Ставрополь АВ Центральный", To: "Воронеж АВ Главный",
				},
				Base: conformance.Dec("492.80"), Fee: conformance.Dec("24.74"),
			},
			{
				TicketRecord: TicketRecord{
					Booked:  opt(conformance.Date(19, 2, 2021), 14, 7),
					Booking: "stv-19022021140755-5b1f0c7e9a2d48c3b6e4d1907f3a2c58", Number: "T1902202114120134071-817",
					Seat: "11", Category: Child,
					Departure: opt(conformance.Date(27, 2, 2021), 8, 0), TripName: "Михайловск - Воронеж через Ростов-на-Дону",
					From: "Ставрополь АС Северная", To: "Воронеж АС Южная",
				},
				Base: conformance.Dec("250.40"), Fee: conformance.Dec("15.10"),
			},
		}),
		conformance.Call1("report_refund", (*Client).RefundsReport, DateRange{From: conformance.Date(1, 1, 2021), To: conformance.Date(20, 1, 2021)}, []RefundedTicket{
			{
				TicketRecord: TicketRecord{
					Booked: opt(conformance.Date(11, 1, 2021), 9, 32), Booking: sampleBooking, Number: sampleTicket, Seat: "10", Category: Adult,
					Departure: opt(conformance.Date(15, 1, 2021), 8, 30), TripName: "Ставрополь - Воронеж",
					From: "Ставрополь АВ Центральный", To: "Воронеж АВ Главный",
				},
				Refunded: opt(conformance.Date(14, 1, 2021), 16, 45), Amount: conformance.Dec("468.16"), WithheldPercent: conformance.Dec("5"),
			},
			{
				TicketRecord: TicketRecord{
					Booked:  opt(conformance.Date(18, 1, 2021), 14, 7),
					Booking: "stv-18012021140755-a7d03e914c5b4f62980e1bd7c3f8a614", Number: "T1801202114120134072-817",
					Seat: "11", Category: Child,
					Departure: opt(conformance.Date(19, 1, 2021), 23, 10), TripName: "Михайловск - Воронеж через Ростов-на-Дону",
					From: "Ставрополь АС Северная", To: "Воронеж АС Южная",
				},
				Refunded: opt(conformance.Date(20, 1, 2021), 0, 35), Amount: conformance.Dec("187.80"), WithheldPercent: conformance.Dec("25"),
			},
		}),
		conformance.Call0("segment", (*Client).Segments, []Segment{{From: "124", To: "463"}, {From: "131", To: "470"}}),
	}
}

// goldenBooking returns a booking whose prices are from a trip that was stored as JSON.
// Backends store trips between a search and a booking.
func goldenBooking(t *testing.T) golden {
	t.Helper()
	stored, err := json.Marshal(goldenTrips()[0])
	assert.NoError(t, err)
	var trip Trip
	assert.NoError(t, json.Unmarshal(stored, &trip))
	trip.Departure = at(conformance.Date(25, 1, 2019), 8, 30)
	request := BookRequest{
		Trip:  trip.Key(),
		Phone: "9187557788",
		Passengers: []Passenger{
			{
				Surname: "ИВАНОВ", FirstName: "ИВАН", MiddleName: "ИВАНОВИЧ", Sex: Male, Category: Adult,
				BirthDate: conformance.Date(1, 1, 1977), Nationality: "643", DocumentType: "1", Document: "0701 755756",
				Seat: "10", Price: trip.Fare(Adult).Price,
			},
			{
				Surname: "ПЕТРОВ", FirstName: "ПЕТР", MiddleName: "ПЕТРОВИЧ", Sex: Male, Category: Child,
				BirthDate: conformance.Date(1, 1, 1977), Nationality: "643", DocumentType: "1", Document: "0701755756",
				Seat: "11", Price: trip.Fare(Child).Price,
			},
		},
	}
	book := conformance.Call1("booking", func(c *Client, ctx context.Context, b BookRequest, opts ...rutravel.CallOption) (BookingID, error) {
		before := time.Now()
		hold, err := c.Book(ctx, b, opts...)
		if hold.Booking != "" {
			assert.Equal(t, len(b.Passengers), hold.Tickets)
			assert.WithinRange(t, hold.PayBefore, before.Add(HoldTime), time.Now().Add(HoldTime))
		}
		return hold.Booking, err
	}, request, sampleBooking)
	book.IDs = func(value any) []string { return []string{string(value.(BookingID))} }
	book.Private = []string{"ИВАНОВ", "ИВАН", "ИВАНОВИЧ", "ПЕТР", "1977-01-01", "0701755756", "ПЕТРОВ", "ПЕТРОВИЧ", "0701 755756", "0701755756", "01.01.1977", "9187557788"}
	return book
}

func goldenTrips() []Trip {
	return []Trip{
		{
			ID: "1956", Name: "Ставрополь - Воронеж",
			From:      Stop{ID: "stv815", Name: "Ставрополь АВ Центральный", Address: "г. Ставрополь, ул. Вокзальная, 1"},
			To:        Stop{ID: "stv408", Name: "Воронеж АВ Главный", Address: "г. Воронеж, пр-т Дорожный, 17"},
			Departure: at(conformance.Date(25, 2, 2021), 8, 30), Arrival: opt(conformance.Date(26, 2, 2021), 1, 25), Duration: "16:55", AvailableSeats: 23,
			Adult: Fare{Base: conformance.Dec("492.80"), Fee: conformance.Dec("24.74"), Total: conformance.Dec("517.54"), Price: "517.54"},
			Child: Fare{Base: conformance.Dec("246.40"), Fee: conformance.Dec("23.17"), Total: conformance.Dec("269.57"), Price: "269.57"},
			Bus:   "Mercedes-Benz Tourismo",
			Carriers: []Carrier{{
				Name: "ИП ИВАНОВ И. И.", INN: "263512345678", Cash: "1", ContactName: "ИВАНОВ ИВАН ИВАНОВИЧ",
				Phone: "8 (8652) 00-00-01", Address: "355000, г. Ставрополь, ул. Гаражная, 2", WorkingHours: "пн-пт 09:00-18:00",
				OGRN: "312265100012345", License: "АК-26-000123", LicenseDate: "31.12.2025",
				LicenseAuthority: "Управление госавтодорнадзора по Ставропольскому краю",
			}},
		},
		{
			ID: "4546", Name: "Михайловск - Воронеж через Ростов-на-Дону",
			From:      Stop{ID: "stv817", Name: "Ставрополь АС Северная", Address: "г. Ставрополь, ул. Северная, 30"},
			To:        Stop{ID: "446", Name: "Воронеж АС Южная", Address: "г. Воронеж, ул. Южная, 44"},
			Departure: at(conformance.Date(27, 2, 2021), 8, 0), Arrival: opt(conformance.Date(28, 2, 2021), 8, 20), Duration: "24:20", AvailableSeats: 7,
			Adult: Fare{Base: conformance.Dec("500.00"), Fee: conformance.Dec("30.00"), Total: conformance.Dec("530.00"), Price: "530.00"},
			Child: Fare{Base: conformance.Dec("250.40"), Fee: conformance.Dec("15.10"), Total: conformance.Dec("265.50"), Price: "265.50"},
			Bus:   "НЕФАЗ-5299",
			Carriers: []Carrier{{
				Name: "ООО \"Дальний путь\"", INN: "2612345679", Cash: "0", ContactName: "ПЕТРОВ ПЕТР ПЕТРОВИЧ",
				Phone: "8 (8652) 00-00-02", Address: "356240, г. Михайловск, ул. Автобусная, 5", WorkingHours: "ежедневно 07:00-21:00",
				OGRN: "1172651000011", License: "АК-26-000456", LicenseDate: "14.08.2026",
				LicenseAuthority: "Межрегиональное управление Ространснадзора",
			}},
		},
	}
}
