package bgoperator

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/internal/transport"
)

func TestMain(m *testing.M) { conformance.Main(m) }

// The ids of the manual's samples.
const (
	sampleBooking  BookingID    = "104400000842366804"
	sampleTransfer BookingID    = "104400000817245901" // of the chapter on transfers
	sampleTicket   CancelTicket = "39c1cb27c6306f0ff79ec605dc12ea8e"
)

func TestConformance(t *testing.T) { //nolint:paralleltest // the suite begins by measuring memory
	guarded := Config{Login: "agency 7781", Password: "s3cr3t/pwd+with=signs", Sessions: 2}
	methods := map[string]string{}
	for _, op := range operations {
		methods[op.Key] = http.MethodPost
	}
	for _, op := range []int{opQuoteCancel, opCancel, opTouristTransfers, opFlights} {
		methods[operations[op].Key] = http.MethodGet
	}
	export := conformance.Call1("export", (*Client).Export, "/yandex?action=countries", []byte("[]"))
	export.Answer = "[]"
	conformance.Suite[*Client]{
		Supplier:         "bgoperator",
		Operations:       operations[:],
		SharedOperations: []string{"showflightdata"},
		Calls:            goldenCalls(),
		Lists:            goldenLists(),
		InjectionCalls:   []golden{export},
		New: func(baseURL string, opts ...rutravel.Option) (*Client, error) {
			cfg := Config{Login: "agency", Password: "p4ssword", BaseURL: baseURL, Sessions: 3}
			if baseURL != Production {
				cfg.LoginURL = baseURL + "/auth"
			}
			return New(cfg, opts...)
		},
		BaseURL:       Production,
		Config:        guarded,
		NewFromConfig: conformance.FromConfig(New),
		Secrets:       []string{string(guarded.Password)},
		Logins:        []string{guarded.Login},
		Format:        conformance.XML(),
		GoldenDir:     "../testdata/bgoperator",
		Refusal: func(_, message string) string {
			var b bytes.Buffer
			if err := xml.EscapeText(&b, []byte(message)); err != nil {
				panic(err) // writes to a buffer do not fail
			}
			return "<errors><error>999</error><info>" + b.String() + "</info></errors>"
		},
		DocLine: func(op string) string {
			action, _, _ := strings.Cut(op, "+")
			return "Bgoperator: " + methods[op] + " " + action
		},
		NewSessions:    newSessions,
		RefusesWith401: true,
		VerbatimPaths:  []string{"tours.persons.person.transferSlot.variant@pid", "tours.flights.flight"},
	}.Run(t)
}

// newSessions returns a login and sessions. The cookie of a session changes with every
// answer, and a session carries one request at a time.
func newSessions(t *testing.T) conformance.Sessions {
	t.Helper()
	var (
		mu       sync.Mutex
		sessions = map[string]int{} // the next Z1, by A1
	)
	return func(r *http.Request) (*http.Response, func() http.Header) {
		mu.Lock()
		defer mu.Unlock()
		assert.Equal(t, "gzip", r.Header.Get("Accept-Encoding"))
		if strings.HasSuffix(r.URL.Path, "/auth") {
			assert.Equal(t, http.MethodPost, r.Method)
			assert.Empty(t, r.Header.Get("Cookie"))
			a := fmt.Sprintf("a%d", len(sessions)+1)
			sessions[a] = 1
			return &http.Response{StatusCode: http.StatusFound, Body: http.NoBody, Header: http.Header{
				"Location": {"https://elsewhere.example/"}, "Set-Cookie": {"L=agency", "A1=" + a + "; Path=/", "Z1=" + a + "-1"},
			}}, nil
		}
		want := func(a string) string { return fmt.Sprintf("L=agency; A1=%s; Z1=%s-%d", a, a, sessions[a]) }
		for a := range sessions {
			if r.Header.Get("Cookie") == want(a) {
				return nil, func() http.Header {
					mu.Lock()
					defer mu.Unlock()
					assert.Equal(t, want(a), r.Header.Get("Cookie"), "two requests in one session at the same time")
					sessions[a]++
					return http.Header{"Set-Cookie": {fmt.Sprintf("Z1=%s-%d; Path=/", a, sessions[a])}}
				}
			}
		}
		return &http.Response{StatusCode: http.StatusUnauthorized, Body: http.NoBody, Header: http.Header{}}, nil
	}
}

type golden = conformance.Call[*Client]

// The table has the actions of the manual in its order.
func TestActions(t *testing.T) {
	t.Parallel()
	var table []string
	for _, op := range operations {
		action, _, _ := strings.Cut(op.Key, "+")
		table = append(table, action)
	}
	assert.Equal(t, []string{"createtour", "canceltour", "addContactInfo", "showtransfers", "showflightdata", "addtransfers"},
		slices.Compact(table))
	for op, want := range map[int]struct {
		safety  transport.Safety
		timeout time.Duration
	}{ // as in the package documentation
		opQuote:            {transport.Safe, time.Minute},
		opBook:             {transport.Unsafe, 90 * time.Second},
		opQuoteCancel:      {transport.Safe, 30 * time.Second},
		opCancel:           {transport.Unsafe, time.Minute},
		opSetContacts:      {transport.Keyed, 30 * time.Second},
		opTouristTransfers: {transport.Safe, 30 * time.Second},
		opFlights:          {transport.Safe, 30 * time.Second},
		opSetTransfers:     {transport.Keyed, time.Minute},
	} {
		assert.Equal(t, want.safety, operations[op].Safety, operations[op].Key)
		assert.Equal(t, want.timeout, operations[op].Timeout, operations[op].Key)
	}
}

func price(c Currency, full, commission, amount string) Price {
	return Price{Currency: c, Full: conformance.Dec(full), Commission: conformance.Dec(commission), Amount: conformance.Dec(amount)}
}

const sampleSR = "43UpM9e04HAuj04HAu+04HAvK04HAvf08YLk208YLkN08YLki08YLk*0CpWZQ0CpWZl0CpWa10CpWaM0H1hOo0H1hP40H1hPP0H1hPk"

func sampleOffer() Offer {
	return Offer{
		Prx: "103810219600+A/b", Country: "100410504525", TemplateID: "121178311485",
		StartDate: "01.03.2014", Insurance: "0-100000-USD-0",
		Before: Stay{"104625776787", 1}, Main: Stay{"104623691678", 7}, After: Stay{"104625776787", 1},
		SR: sampleSR,
	}
}

func ivan() Tourist {
	return Tourist{
		BirthDate: conformance.Date(11, 6, 1982), FirstName: "IVAN", Surname: "IVANOV", Citizenship: "100410000050",
		PassportSeries: "62", PassportNumber: "12345678", PassportExpiry: conformance.Date(11, 11, 2016), Sex: Male,
	}
}

func jane() Tourist {
	return Tourist{
		BirthDate: conformance.Date(24, 7, 1985), FirstName: "JOHN", Surname: "DOE", Citizenship: "100410000161",
		PassportSeries: "AB", PassportNumber: "0087654", PassportExpiry: conformance.Date(30, 9, 2018), Sex: Female,
	}
}

func sampleTour(client string) Tour {
	return Tour{ClientTourID: client, Groups: []Group{{Offer: sampleOffer(), Tourists: []Tourist{ivan()}}}}
}

// goldenCalls returns the calls of the golden files: the requests of the manual's
// samples, and the values of the recorded answers.
//
// The golden requests show BG-T01 and BG-T23 (order and encoding of the
// parameters), BG-T02 (the address), BG-T04 (GET and POST), BG-T06 and BG-T07 (case,
// one m), BG-T09 (one of two ids), BG-T10 and BG-T11 (no spaces), BG-T13
// (citizenship), BG-T14 (no currency, endDate, roommealId), BG-T21 and BG-T22 (ins,
// sr), BG-T24 (confirm), BG-T26 (idTour is the id), BG-T27 and BG-T41 (stays and
// nights), BG-T31 (variantId), BG-T36 and BG-T37 (contacts).
//
// The golden answers show BG-T07 (one m), BG-T20 (amounts, RUR), BG-T30 (point and
// ptype on both levels) and BG-T42 (clientTourId).
func goldenCalls() []golden {
	stays := sampleOffer()
	stays.TemplateID, stays.CommissionID = "", "121178422596"
	stays.Insurance, stays.DefaultInsurance = "", true
	stays.AfterBefore, stays.BeforeAfter, stays.After = Stay{"104627861896", 2}, Stay{"104629947005", 3}, Stay{"104632032114", 4}
	second := Offer{
		Prx: stays.Prx, Country: stays.Country, CommissionID: stays.CommissionID, StartDate: "05.03.2014", DefaultInsurance: true,
		Main: Stay{"104634117223", 10}, SR: "51VqN0f15IBvk*15IBv+15IBwL",
	}
	staysCall := conformance.Call1("createtour", (*Client).Quote, Tour{
		ClientTourID: "тур 3/б",
		Groups:       []Group{{stays, []Tourist{ivan()}}, {second, []Tourist{jane()}}},
	}, Quote{ClientTourID: "тур 3/б", Prices: []Price{price(USD, "2386.5", "238.5", "2148.0"), price(EUR, "1903.25", "190.30", "1712.95")}})
	staysCall.File = "createtour+stays"

	other := ivan()
	other.BirthDate, other.PassportSeries, other.PassportNumber, other.PassportExpiry = conformance.Date(3, 2, 2001), "71", "55511122", conformance.Date(17, 5, 2019)
	prices := []Price{price(USD, "1193.0", "119.0", "1074.0"), price(RUR, "74563.0", "7438.0", "67125.0")}
	toursCall := conformance.Call1("createtour", (*Client).QuoteAll, []Tour{
		sampleTour("1"),
		{ClientTourID: "2", Groups: []Group{{
			Offer: Offer{
				Prx: stays.Prx, Country: "100410615636", TemplateID: "121178533607", StartDate: "08.04.2014",
				Insurance: "0-50000-EUR-1", Main: Stay{"104636202332", 14}, SR: "62WrO1g26JCwl+26JCw*26JCxM",
			},
			Tourists: []Tourist{jane(), other},
		}}},
	}, []Quote{
		{ClientTourID: "1", Prices: prices},
		{ClientTourID: "2", Prices: []Price{price(EUR, "2840.50", "284.05", "2556.45")}},
	})
	toursCall.File = "createtour+tours"

	private := []string{"IVANOV", "IVAN", "11.06.1982", "1982-06-11", "12345678", "11.11.2016"}
	quote := conformance.Call1("createtour", (*Client).Quote, sampleTour("1"), Quote{ClientTourID: "1", Prices: prices})
	quote.Private = private
	book := conformance.Call1("createtour+confirm", (*Client).Book, sampleTour("2"),
		Booking{ClientTourID: "2", ID: sampleBooking, Number: "214150198"})
	book.Private = private
	book.IDs = func(value any) []string { return []string{string(value.(Booking).ID)} }

	contacts := []Contact{
		{Tourist: "102300000815141601", Email: "test@mail.ru", Phone: "+7 916 1234567"},
		{Tourist: "102300000815141702", Email: "second@example.com"},
		{Tourist: "102300000815141803", Phone: "+7 000 0000003"},
	}
	setContacts := conformance.Call2("addContactInfo", conformance.Done2((*Client).SetContacts), sampleBooking, contacts, nil)
	setContacts.Private = []string{"test@mail.ru", "+7 916 1234567", "second@example.com"}
	cancel := conformance.Call2("canceltour+confirm", conformance.Done2((*Client).Cancel), sampleBooking, sampleTicket, nil)
	cancel.Private = []string{string(sampleTicket)}
	return []golden{
		quote, staysCall, toursCall, book,
		conformance.Call1("canceltour", (*Client).QuoteCancel, sampleBooking, CancelQuote{
			Ticket: sampleTicket, Costs: []CancelCost{{Currency: EUR, Amount: conformance.Dec("20"), Ticket: sampleTicket}},
		}),
		cancel,
		setContacts,
		conformance.Call1("showtransfers", (*Client).TouristTransfers, sampleTransfer, goldenTourists()),
		conformance.Call1("showflightdata", (*Client).Flights, Transfer{
			Airport: "103940001962", Date: "14.03.2015", FlightDirection: FlightArrival,
		}, []Flight{
			{ID: "103162337682", Text: "UN 651 (Y)#14.03.2015#10:45-14:25", XML: `<flight id="103162337682">UN 651 (Y)#14.03.2015#10:45-14:25</flight>`},
			{ID: "103162448793", Text: "SU 417 (C)#15.03.2015#01:05-05:40", XML: `<flight id="103162448793">SU 417 (C)#15.03.2015#01:05-05:40</flight>`},
		}),
		goldenSetTransfers(),
	}
}

// BG-T28, BG-T29: the golden request follows from the slots of the golden answer.
// BG-T31, BG-T32: only the ids of the variants and the date of the second flight
// differ in the manual's samples.
func goldenSetTransfers() golden {
	person := goldenTourists()[0]
	arrival, _ := person.Slots[0].Choose("103825996892")
	arrival.Variant, arrival.Ref = "103840004178", "1"
	arrival.Flight = Flight{
		ID: "103162337682", Text: "UN 651 (Y)#14.03.2015#10:45-14:25",
		XML: `<flight id="103162337682">UN 651 (Y)#14.03.2015#10:45-14:25</flight>`,
	}
	departure, _ := person.Slots[1].Choose("103825996895")
	departure.Variant, departure.Ref = "103840004180", "2"
	departure.Flight = Flight{
		ID: "103139177213", Text: "SU2075 (Y)#18.06.2014#19:15-00:05",
		XML: `<flight id="103139177213">SU2075 (Y)#18.06.2014#19:15-00:05</flight>`,
	}
	return conformance.Call2("addtransfers", (*Client).SetTransfers, sampleTransfer,
		[]ChosenTransfers{{person.ID, []Transfer{arrival, departure}}},
		ChangedBooking{Prices: []Price{price(USD, "1353.0", "120.0", "1233.0"), price(RUR, "84563.0", "7500.0", "77063.0")}})
}

func goldenTourists() []BookedTourist {
	return []BookedTourist{
		{
			ID: "102300000817246001", FirstName: "JOHN", Surname: "DOE", BirthDate: conformance.Date(11, 6, 1982),
			Slots: []TransferSlot{
				{
					Direction: DirectionTo, Point: "102640012614", PointType: PointHotel, Date: "14.03.2015",
					Variants: []Variant{
						{
							ID: "103825996892", Price: conformance.Dec("80.00"), Currency: USD, Type: IndividualTransfer,
							Point: "103940001962", PID: "103840004162", PointType: PointAirport,
							Name: "ШАРМ ЭЛЬ ШЕЙХ(аэропорт) - Шарм-эль-шейх(отель) / minibus 10",
						},
						{
							ID: "103825997003", Price: conformance.Dec("1250.50"), Currency: RUR, Type: GroupTransfer,
							Point: "102540003719", PID: "103840005273", PointType: PointCity,
							Name: "Каир(город) - Шарм-эль-шейх(отель) / bus 45",
						},
					},
				},
				{
					Direction: DirectionFrom, Point: "102640012614", PointType: PointHotel, Date: "15.03.2015",
					Variants: []Variant{
						{
							ID: "103825996895", Price: conformance.Dec("80.00"), Currency: USD, Type: IndividualTransfer,
							Point: "103940001962", PID: "103840004167", PointType: PointAirport,
							Name: "Шарм-эль-шейх(отель) - ШАРМ ЭЛЬ ШЕЙХ(аэропорт) / minibus 10",
						},
						{
							ID: "103825997114", Price: conformance.Dec("19"), Currency: EUR, Type: GroupTransfer,
							Point: "102540003820", PID: "103840006384", PointType: PointCity,
							Name: "Шарм-эль-шейх(отель) - Дахаб(город) / bus 28",
						},
					},
				},
			},
		},
		{
			ID: "102300000817246112", FirstName: "IVAN", Surname: "IVANOV", BirthDate: conformance.Date(24, 7, 1985),
			Slots: []TransferSlot{{
				Direction: DirectionFrom, Point: "103940002073", PointType: PointAirport, Date: "16.03.2015",
				Variants: []Variant{{
					ID: "103825997225", Price: conformance.Dec("35.5"), Currency: USD, Type: IndividualTransfer,
					Point: "102640013725", PID: "103840007495", PointType: PointHotel,
					Name: "ХУРГАДА(аэропорт) - Хургада(отель) / car 3",
				}},
			}},
		},
	}
}
