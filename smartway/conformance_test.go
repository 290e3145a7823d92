package smartway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
)

func TestMain(m *testing.M) { conformance.Main(m) }

var (
	sentID   = regexp.MustCompile(`"id":(\d+),"method"`)
	answerID = regexp.MustCompile(`(?m)^  "id": 1\b`)
)

func TestConformance(t *testing.T) { //nolint:paralleltest // the suite begins by measuring memory
	guarded := Config{Username: "secret.user@example.com", Password: "p@ss/with+signs=", BaseURL: Test}
	conformance.Suite[*Client]{
		Supplier:         "smartway",
		Operations:       operations[:],
		SharedOperations: []string{"ping", "airline.airport_autocomplete", "airline.search", "train.station_autocomplete", "hotel.autocomplete", "travel_policy.list"},
		Calls:            goldenCalls(),
		Lists:            goldenLists(),
		LookUps:          goldenLookUps(),
		InjectionCalls:   furtherCalls(),
		New: func(baseURL string, opts ...rutravel.Option) (*Client, error) {
			return numbered(Config{Username: "your@email.address", Password: "your_password", BaseURL: baseURL}, opts...)
		},
		BaseURL:       Production,
		Config:        guarded,
		NewFromConfig: conformance.FromConfig(numbered),
		Secrets:       []string{string(guarded.Username), string(guarded.Password)},
		GoldenDir:     "../testdata/smartway",
		IgnoredPaths: []string{
			"jsonrpc", // always the same
			// Midnights that mean a day: a changed second is the same day.
			"result[].Birthday", "result[].Documents[].DueDate", "result[].travellers[].birthday",
			"result.trips[].items[].travellers[].birthday", "result.trips[].items[].versions[].travellers[].birthday",
		},
		Refusal: func(_, message string) string {
			text, err := json.MarshalIndent(map[string]any{
				"jsonrpc": "2.0", "id": 1,
				"error": map[string]any{"code": 451, "data": nil, "message": message, "name": "Error"},
			}, "", "  ")
			if err != nil {
				panic(err) // strings always have a JSON form
			}
			return string(text)
		},
		DocLine: func(op string) string {
			method, _, _ := strings.Cut(op, "+")
			return "Smartway: POST " + method
		},
		Renumber: func(sent string) (string, func(string) string) {
			id := sentID.FindStringSubmatch(sent)[1]
			return sentID.ReplaceAllString(sent, `"id":1,"method"`), func(answer string) string {
				return answerID.ReplaceAllString(answer, `  "id": `+id)
			}
		},
	}.Run(t)
}

// numbered returns a client whose first call has the id 1.
func numbered(cfg Config, opts ...rutravel.Option) (*Client, error) {
	c, err := New(cfg, opts...)
	if err != nil {
		return nil, err
	}
	return Numbered(c), nil
}

// The table has exactly the methods of the manual.
func TestMethods(t *testing.T) {
	t.Parallel()
	manual := []string{
		"ping", "employees.save", "employees.list", "employees.setRights",
		"airline.airport_autocomplete", "airline.search", "airline.book", "airline.result",
		"train.station_autocomplete", "hotel.autocomplete", "request.save", "request.cancel", "request.status",
		"trip.info", "trip.versions", "trip.get_by_range", "trip.get_after_change", "trip.get_by_request",
		"trip.item_voucher", "trip.version_voucher", "packages.get", "travel_policy.list", "travel_policy.apply",
		"auth.guid", "verification_code.add",
	}
	var table []string
	for _, op := range operations {
		method, _, _ := strings.Cut(op.Key, "+")
		table = append(table, method)
	}
	assert.Equal(t, manual, slices.Compact(table))
}

// Golden requests whose answer is a failure.
func TestGoldenFailures(t *testing.T) {
	t.Parallel()
	for file, call := range map[string]func(*Client) error{
		"request.cancel+not-found": func(c *Client) error {
			return c.Requests.Cancel(t.Context(), "rqb1126017_8dc7_11e9_b991_802bf9e8178")
		},
		"travel_policy.apply+not-found": func(c *Client) error {
			return c.TravelPolicies.Apply(t.Context(), PolicyAssignment{Employee: "159", Policy: "5d4c002af915aa000701e436"})
		},
		"auth.guid+not-found": func(c *Client) error {
			_, err := c.Logins.Issue(t.Context(), "example@smartway.today")
			return err
		},
		"verification_code.add+not-found": func(c *Client) error {
			_, err := c.VerificationCodes.Add(t.Context(), VerificationCode{
				Code: "159305", Employees: []ExternalID{"e1", "e2"}, Expires: time.Date(2020, 12, 31, 15, 44, 26, 0, time.UTC), Super: true,
			})
			return err
		},
		"airline.result+failed": func(c *Client) error {
			_, err := c.Airlines.Wait(t.Context(), "ebb84671-2a79-4352-be59-12f04485dcb1")
			return err
		},
	} {
		request, err := os.ReadFile("../testdata/smartway/" + file + ".request.txt")
		require.NoError(t, err)
		answer, err := os.ReadFile("../testdata/smartway/" + file + ".answer.json")
		require.NoError(t, err)
		m := httpmock.NewMockTransport()
		m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(r.Body)
			require.NoError(t, err)
			assert.Equal(t, string(request), fmt.Sprintf("%s %s\nContent-Type: %s\n\n%s\n", r.Method, r.URL, r.Header.Get("Content-Type"), body))
			return httpmock.NewBytesResponse(http.StatusOK, answer), nil
		})
		c, err := New(Config{Username: "your@email.address", Password: "your_password", BaseURL: Production},
			rutravel.WithHTTPClient(&http.Client{Transport: m}))
		require.NoError(t, err)
		err = call(Numbered(c))
		if file == "airline.result+failed" {
			require.ErrorIs(t, err, rutravel.ErrForbidden, file)
		} else {
			require.ErrorIs(t, err, rutravel.ErrNotFound, file)
		}
		assert.Equal(t, 1, m.GetTotalCallCount(), file)
	}
}

type golden = conformance.Call[*Client]

// via turns a method of a chapter into a function of the client.
func via[S, R, T any](chapter func(*Client) S, do func(S, context.Context, R, ...rutravel.CallOption) (T, error)) func(*Client, context.Context, R, ...rutravel.CallOption) (T, error) {
	return func(c *Client, ctx context.Context, req R, opts ...rutravel.CallOption) (T, error) {
		return do(chapter(c), ctx, req, opts...)
	}
}

func employees(c *Client) Employees { return c.Employees }
func airline(c *Client) Airlines    { return c.Airlines }
func requests(c *Client) Requests   { return c.Requests }
func trips(c *Client) Trips         { return c.Trips }

// read returns all trips of a history.
type read struct {
	Trips  []Trip
	Cursor Cursor
}

func history(s Trips, ctx context.Context, after Cursor, opts ...rutravel.CallOption) (read, error) {
	const most = 1000 // trips that cannot be read
	h := s.AfterChange(ctx, after, opts...)
	var all []Trip
	var failed []error
	for trip, err := range h.All() {
		if err != nil {
			failed = append(failed, err)
		}
		if err == nil || ofRow(err) {
			all = append(all, trip)
		}
		if len(failed) == most {
			break
		}
	}
	cursor, ok := h.Cursor()
	if ok != (len(failed) < most && !slices.ContainsFunc(failed, func(err error) bool { return !ofRow(err) })) {
		panic("the cursor does not match the end of the history")
	}
	if len(failed) == 1 {
		return read{all, cursor}, failed[0]
	}
	return read{all, cursor}, errors.Join(failed[:min(len(failed), 2)]...)
}

// goldenCalls returns the requests of the manual's samples and the values of the recorded
// answers.
//
// Traps in the golden requests:
//
//   - SW-T01 and T57 (query of every type, including 0), T02 (params is an object),
//   - T08 to T13 (vocabularies and companies of each method), T15 (lists that are always
//     sent), T19 (unset fields are not sent), T21 (is_archive), T22 (birthday),
//   - T24 to T27 (airline.book), T31 (travelers), T38 (Econom), T51 (unset filters),
//   - T61 and T62 (names), T63 and T64 (rights), T66 (super code), T72 (UK), T73 (Cyrillic
//     is not escaped), T81 (dates).
//
// Traps in the golden answers:
//
//   - T04 (null), T16 and T17 (employees.list), T18 (ids of both types),
//   - T28 (two trip ids), T30, T32 to T34 (cities, local times, units), T36 (empty
//     dictionaries), T39 (class),
//   - T42 to T50 (trips), T52 (empty texts), T53 and T54 (numbers are unchanged), T58
//     (vouchers), T59 (amounts), T60 (documents by type),
//   - T65 (uuid), T71 (codes), T74 (statuses), T76 (travel_time), T84 (after check-in).
//
// The suite itself tests T70: no redirects, no credentials in errors.
func goldenCalls() []golden {
	return slices.Concat(goldenEmployees(), goldenFlights(), goldenRequests(), goldenTrips(), goldenRest())
}

// as sets the names of the files of a call.
func as(file string, c golden) golden {
	c.File = file
	return c
}

// hiding sets the values of a call that must not be shown.
func hiding(c golden, private ...string) golden {
	c.Private = private
	return c
}

// at reads a date and time in the form of the golden answers.
func at(s string) civil.DateTime {
	t, err := civil.ParseDateTime(s)
	if err != nil {
		panic(err)
	}
	return t
}

func illarionov() EmployeeChange {
	return EmployeeChange{
		ID: "8754", Surname: "Илларионов", FirstName: "Петр", MiddleName: "Сергеевич",
		SurnameEng: "Illarionov", FirstNameEng: "Piotr", MiddleNameEng: "Sergeevich", Sex: Male, BirthDate: conformance.Date(1, 1, 1981),
		Citizenship: "RU", Phone: "+79990000000", Email: "illarionov@piotr.com",
		Documents: []Document{{Type: DomesticPassport, Number: "5608999999"}},
		INNs:      []INN{"7799555550"}, Clear: []EmployeeField{FieldBonuses},
	}
}

var illarionovs = []string{"Илларионов", "Петр", "Сергеевич", "Illarionov", "Piotr", "1981-01-01", "+79990000000", "illarionov@piotr.com", "5608999999"}

func goldenEmployees() []golden {
	save := func(file string, want []SaveResult, changes ...EmployeeChange) golden {
		return as(file, conformance.Call1("employees.save", via(employees, Employees.Save), changes, want))
	}
	known := []SaveResult{{ID: "8754", Saved: true}}
	list := func(file string, q EmployeeQuery, want ...Employee) golden {
		return as(file, conformance.Call1("employees.list", via(employees, Employees.List), q, want))
	}

	stranger := illarionov()
	stranger.ID, stranger.INNs = "", []INN{"7897897897", "1234567891"}
	nullID := save("employees.save+null-id", []SaveResult{{ID: "112233", Saved: true}}, stranger)
	nullID.Op = "employees.save+null-id"
	nullID.IDs = func(value any) []string { return []string{value.([]SaveResult)[0].ID} }

	full := []EmployeeChange{
		{
			ID: "159307", Surname: "Волина", FirstName: "Ирина", MiddleName: "Валерьевна",
			SurnameEng: "Volina", FirstNameEng: "Irina", MiddleNameEng: "Valerevna", Sex: Female, BirthDate: conformance.Date(4, 5, 1991),
			Citizenship: "RU", Phone: "+79165555555", Email: "vinogradova4@smartway.today", Number: "00143", Archived: new(false),
			Documents: []Document{{DomesticPassport, "1234111134", civil.Date{}}, {ForeignPassport, "711234567", conformance.Date(15, 3, 2024)}},
			Bonuses:   []Bonus{{AirBonus, "SU", "2143235345"}, {TrainBonus, RailwayBonus, "0555"}},
			Companies: []CompanyID{"7133", "11525"}, INNs: []INN{"7799555550", "1111111111"},
		},
		{
			ID: "123e4567-e89b-12d3-a456-426655440000", Surname: "Иванов", FirstName: "Андрей", MiddleName: "Петрович",
			SurnameEng: "Ivanov", FirstNameEng: "Andrei", MiddleNameEng: "Petrovich", Sex: Male, BirthDate: conformance.Date(17, 2, 1986),
			Citizenship: "UK", Phone: "+79999999999", Email: "ivanov@andrei.com", Number: "00144", Archived: new(true),
			Documents: []Document{{DomesticPassport, "5607123456", conformance.Date(30, 11, 2026)}},
			Bonuses:   []Bonus{{AirBonus, "S7", "4444"}},
			Companies: []CompanyID{"7134"}, INNs: []INN{"7897897897"},
		},
	}
	rights := Rights{
		CanLogin: new(true), Approve: AccessAvailable, BuyTripAccount: BuyOnlyAfterApprove, BuyTripPersonal: BuyWithinPolicy,
		EditEmployee: ScopePersonal, EditRights: AccessUnavailable, Finance: AccessAvailable,
		Notifications: NotifyAccountVouchersAndInvoices, ViewTrips: ScopeAll,
	}

	return []golden{
		conformance.Call0("ping", func(c *Client, ctx context.Context, opts ...rutravel.CallOption) (any, error) {
			return nil, c.Ping(ctx, opts...)
		}, any(nil)),
		hiding(save("", known, illarionov()), illarionovs...),
		save("employees.save+update", known, EmployeeChange{
			ID: "8754", Phone: "+79256666666", Email: "illarionov@piotr.com", Number: "00142", Companies: []CompanyID{"7133"},
		}),
		save("employees.save+archive", known, EmployeeChange{ID: "8754", Archived: new(true), INNs: []INN{"7799555550"}}),
		save("employees.save+clear", known, EmployeeChange{ID: "8754", Companies: []CompanyID{"7133"}, Clear: []EmployeeField{
			FieldMiddleName, FieldMiddleNameEng, FieldEmployeeNumber, FieldBonuses, FieldDocuments,
		}}),
		hiding(save("employees.save+full", []SaveResult{
			{ID: "159307", Saved: true}, {ID: "123e4567-e89b-12d3-a456-426655440000", Change: 1, Saved: true},
		}, full...), "Волина", "Valerevna", "00143", "711234567", "2024-03-15", "2143235345", "0555", "Иванов", "5607123456", "4444"),
		hiding(nullID, illarionovs...),
		list("", EmployeeQuery{Companies: []CompanyID{"11525"}, Employees: []ExternalID{"99999"}}, shishkin()),
		list("employees.list+company", EmployeeQuery{Companies: []CompanyID{"11525"}}, shishkin(), abramovAtWork()),
		list("employees.list+client-ids", EmployeeQuery{
			Companies: []CompanyID{"7133", "7134"}, Employees: []ExternalID{"bcbb0cbc-2d55-11e6-9b29-5404a6b49dba"},
		}, gordinaAtWork()),
		as("employees.list+all", conformance.Call0("employees.list", func(c *Client, ctx context.Context, opts ...rutravel.CallOption) ([]Employee, error) {
			return c.Employees.ListAll(ctx, opts...)
		}, []Employee{gordinaAtWork(), abramovAtWork()})),
		conformance.Call1("employees.setRights", via(employees, Employees.SetRights),
			RightsChange{Employee: "159305", Rights: rights}, rights),
		as("employees.setRights+login", conformance.Call1("employees.setRights", via(employees, Employees.SetRights),
			RightsChange{Employee: "159304", Rights: Rights{CanLogin: new(false)}}, Rights{
				CanLogin: new(false), Approve: AccessUndefined, BuyTripAccount: BuyUnavailable, BuyTripPersonal: BuyUnlimited,
				EditEmployee: ScopeAll, EditRights: AccessAvailable, Finance: AccessUndefined,
				Notifications: NotifyPersonalVouchers, ViewTrips: ScopePersonal,
			})),
	}
}

func shishkin() Employee {
	return Employee{
		ID: "159304", ExternalID: "99999", Surname: "Шишкин", FirstName: "Петр", MiddleName: "Сергеевич",
		Email: "shishkin@piotr.com", Phone: "+79990000000", Sex: Male, BirthDate: conformance.Date(1, 1, 1981), Citizenship: "RU", Citizenship3: "RUS",
		Companies: []EmployeeCompany{{ID: "11525", Name: `ООО "Конфетпром"`, ShortName: `ООО "Конфетпром"`, Employee: "159304"}},
		Bonuses: []EmployeeBonus{
			{ID: "15156", Employee: "159304", Type: AirBonus, Code: "SU", Number: "4444"},
			{ID: "15157", Employee: "159304", Type: TrainBonus, Code: RailwayBonus, Number: "555"},
		},
		Status: EmployeeWithoutLogin,
	}
}

func abramovAtWork() Employee {
	return Employee{
		ID: "159313", ExternalID: "8755", Surname: "Абрамов", FirstName: "Геннадий", MiddleName: "Сергеевич",
		Email: "example@smartway.today", Phone: "+79165555555", Sex: Male, BirthDate: conformance.Date(1, 1, 1960), Citizenship: "US", Citizenship3: "USA",
		Companies: []EmployeeCompany{{ID: "11525", Name: `ООО "Конфетпром"`, ShortName: "Конфетпром", Employee: "159313"}},
		Documents: []EmployeeDocument{{
			ID: "40213", Type: DomesticPassport, Number: "4500000000", Surname: "Абрамов", FirstName: "Геннадий", MiddleName: "Сергеевич",
			SurnameEng: "ABRAMOV", FirstNameEng: "GENNADII", Selected: true,
		}},
		Status: EmployeeArchived, Tags: []string{"склад"},
	}
}

func gordinaAtWork() Employee {
	return Employee{
		ID: "159311", ExternalID: "bcbb0cbc-2d55-11e6-9b29-5404a6b49dba", Surname: "Гордина", FirstName: "Елена", MiddleName: "Владимировна",
		Email: "gordina@smartway.today", Phone: "+79256666666", Sex: Female, Number: "0042", BirthDate: conformance.Date(15, 4, 1990),
		Citizenship: "RU", Citizenship3: "RUS",
		Companies: []EmployeeCompany{
			{ID: "7133", Name: konfetprom, ShortName: `ООО "Конфетпром"`, Employee: "159311"},
			{ID: "7134", Name: beta, ShortName: `ООО "Бета"`, Employee: "159312"},
		},
		Documents: []EmployeeDocument{
			{
				ID: "40211", Type: ForeignPassport, Number: "711234567", Expiry: conformance.Date(15, 3, 2024),
				Surname: "Гордина", FirstName: "Елена", MiddleName: "Владимировна",
				SurnameEng: "GORDINA", FirstNameEng: "ELENA", MiddleNameEng: "VLADIMIROVNA",
			},
			{
				ID: "40212", Type: DomesticPassport, Number: "1134111133",
				Surname: "ГОРДИНА", FirstName: "ЕЛЕНА", MiddleName: "ВЛАДИМИРОВНА",
				SurnameEng: "Gordina", FirstNameEng: "Elena", MiddleNameEng: "Vladimirovna", Selected: true,
			},
		},
		Bonuses: []EmployeeBonus{{ID: "15160", Employee: "159311", Type: AirBonus, Code: "S7", Number: "2143235345"}},
		Status:  EmployeeUser, Tags: []string{"бухгалтерия", "VIP"},
	}
}

func goldenFlights() []golden {
	book := func(file string, b PurchaseRequest, want PurchaseID) golden {
		c := as(file, conformance.Call1("airline.book", via(airline, Airlines.Buy), b, want))
		c.IDs = func(value any) []string { return []string{string(value.(PurchaseID))} }
		return c
	}
	return []golden{
		conformance.Call1("airline.airport_autocomplete", via(airline, Airlines.Airports), "Санкт", []Airport{
			{"LED", BilingualName{"Пулково. Санкт-Петербург", "St. Petersburg Pulkovo"}, BilingualName{"Санкт-Петербург", "St. Petersburg"}, BilingualName{"Россия", "Russia"}},
			{"PIE", BilingualName{"Сент-Питерсберг-Клируотер", "St. Petersburg-Clearwater"}, BilingualName{"Санкт-Петербург", "Saint Petersburg"}, BilingualName{"США", "United States"}},
		}),
		conformance.Call1("airline.search", via(airline, Airlines.Search), FlightQuery{
			Class: CabinEconomy, Baggage: AnyBaggage, Travellers: 1, Routes: []RouteQuery{{"PEZ", "MOW", conformance.Date(4, 10, 2019)}},
		}, goldenOffers()),
		as("airline.search+round-trip", conformance.Call1("airline.search", via(airline, Airlines.Search), FlightQuery{
			Class: CabinBusiness, Baggage: BaggageIncluded, Travellers: 2,
			Routes: []RouteQuery{{"MOW", "LED", conformance.Date(14, 10, 2019)}, {"LED", "MOW", conformance.Date(18, 10, 2019)}},
		}, goldenRoundTrips())),
		hiding(book("", goldenBooking(), "ebb84671-2a79-4352-be59-12f04485dcb1"),
			"+79999999999", "Иванов", "Андрей", "Петрович", "Ivanov", "Petrovich", "ivanov@andrei.com", "1986-02-17", "2143235345", "5607123456"),
		hiding(book("airline.book+fare", PurchaseRequest{
			Search: "01b009a9-dd73-4cea-bb9d-b07edf934db6", Variant: "1", Fare: "SUS7-BX",
			Passengers: []Passenger{
				{
					ID: "159307", Phone: "+79165555555", Surname: "Волина", FirstName: "Ирина", MiddleName: "Валерьевна",
					SurnameEng: "Volina", FirstNameEng: "Irina", MiddleNameEng: "Valerevna", Email: "vinogradova4@smartway.today",
					Citizenship: "RU", BirthDate: conformance.Date(4, 5, 1991), Sex: Female,
					Cards: []LoyaltyCard{{"SU", "4444"}, {"S7", "555"}},
					Passports: []TravelDocument{
						{Type: DomesticPassport, Number: "1234111134"},
						{Type: ForeignPassport, Number: "711234567", Expiry: conformance.Date(15, 3, 2024), Selected: true},
					},
					Company: "7133",
				},
				{
					ID: "8754", Phone: "+79990000000", Surname: "Илларионов", FirstName: "Петр", MiddleName: "Сергеевич",
					SurnameEng: "Illarionov", FirstNameEng: "Piotr", MiddleNameEng: "Sergeevich", Email: "illarionov@piotr.com",
					Citizenship: "US", BirthDate: conformance.Date(1, 1, 1981), Sex: Male,
					Passports: []TravelDocument{{Type: DomesticPassport, Number: "5608999999", Selected: true}},
					INN:       "7799555550", Company: "11525",
				},
			},
		}, "c4a2d7e0-51b8-4f3c-9e6d-08f7a91b3c25"), "Волина", "vinogradova4@smartway.today", "711234567", "2024-03-15", "5608999999"),
		conformance.Call1("airline.result", via(airline, Airlines.Result), PurchaseID("ebb84671-2a79-4352-be59-12f04485dcb1"),
			PurchaseResult{Status: PurchaseDone, Trip: "20932"}),
	}
}

// furtherCalls returns calls of Wait and Lost, and one with items that the manual does not
// describe.
func furtherCalls() []golden {
	r := goldenRequest()
	item := []json.RawMessage{json.RawMessage(`{"class":"Econom"}`)}
	r.AirItems, r.HotelItems, r.TransferItems = item, item, item
	return []golden{
		conformance.Call1("request.save", via(requests, Requests.Save), r, RequestNotProcessing),
		conformance.Call1("airline.result", via(airline, Airlines.Wait), PurchaseID("ebb84671-2a79-4352-be59-12f04485dcb1"), "20932"),
		conformance.Call1("trip.get_by_range", via(trips, Trips.Lost), LostQuery{
			Passengers: goldenBooking().Passengers, Day: conformance.Date(4, 5, 2019),
		}, nil),
	}
}

func goldenBooking() PurchaseRequest {
	return PurchaseRequest{
		Search: "01b009a9-dd73-4cea-bb9d-b07edf934db6", Variant: "2",
		Passengers: []Passenger{{
			ID: "123e4567-e89b-12d3-a456-426655440000", Phone: "+79999999999",
			Surname: "Иванов", FirstName: "Андрей", MiddleName: "Петрович", SurnameEng: "Ivanov", FirstNameEng: "Andrei", MiddleNameEng: "Petrovich",
			Email: "ivanov@andrei.com", Citizenship: "RU", BirthDate: conformance.Date(17, 2, 1986), Sex: Male,
			Cards:     []LoyaltyCard{{"SU", "2143235345"}},
			Passports: []TravelDocument{{Type: DomesticPassport, Number: "5607123456", Selected: true}},
			INN:       "7897897897",
		}},
	}
}

func goldenOffers() FlightOffers {
	return FlightOffers{Search: "bdff179a-f96c-43a3-ac7b-70d51fa5e07b", Class: CabinEconomy, Variants: []Variant{{
		ID: "1", Price: conformance.Dec("5373"), Duration: 5100 * time.Second,
		Routes: []FlightRoute{{Duration: 85 * time.Minute, Segments: []FlightSegment{{
			FlightNumber: "256", Airline: IATAName{"S7", "S7"}, Aircraft: "Embraer 170 Regional Jet", Seats: 6,
			From:      SegmentEnd{Country: "Россия", City: IATAName{"PEZ", "Пенза"}, Airport: IATAName{"PEZ", "Пенза"}},
			To:        SegmentEnd{Country: "Россия", City: IATAName{"DME", "Москва"}, Airport: IATAName{"DME", "Домодедово"}},
			Departure: at("2019-10-04T19:40:00"), Arrival: at("2019-10-04T21:05:00"),
		}}}},
		Fares: []Fare{{
			Name: "Эконом", Default: true, Price: conformance.Dec("5373"),
			CarryOn: FareIncluded, CarryOnLimits: "10 кг. 55*40*20см.", Baggage: FareCharged, BaggageAtAirport: FareCharged,
			Refund: FareNotOffered, RefundAfterCheckIn: FareNotOffered, Change: FareCharged, ChangeAfterCheckIn: FareNotOffered,
			SeatChoice: FareNotOffered, BusinessLounge: FareNotOffered, Internet: FareNotDefined,
			PriorityRegistration: FareNotOffered, PriorityBaggage: FareNotOffered, Upgrade: FareCharged,
		}},
	}}}
}

func goldenRoundTrips() FlightOffers {
	moscow := func(airport, name, terminal string) SegmentEnd {
		return SegmentEnd{Country: "Россия", City: IATAName{"MOW", "Москва"}, Airport: IATAName{airport, name}, Terminal: terminal}
	}
	pulkovo := SegmentEnd{Country: "Россия", City: IATAName{"LED", "Санкт-Петербург"}, Airport: IATAName{"LED", "Пулково. Санкт-Петербург"}, Terminal: "1"}
	minsk := SegmentEnd{Country: "Беларусь", City: IATAName{"MSQ", "Минск"}, Airport: IATAName{"MSQ", "Минск-2"}}
	su, s7, u6 := IATAName{"SU", "Авиакомпания SU"}, IATAName{"S7", "Авиакомпания S7"}, IATAName{"U6", "Авиакомпания U6"}
	return FlightOffers{Search: "01b009a9-dd73-4cea-bb9d-b07edf934db6", Class: CabinBusiness, Variants: []Variant{
		{
			ID: "1", Price: conformance.Dec("31480.50"), Duration: 21000 * time.Second,
			Routes: []FlightRoute{
				{Duration: 5700 * time.Second, Segments: []FlightSegment{{
					FlightNumber: "0012", Airline: su, Aircraft: "Airbus 320", Seats: 9,
					From: moscow("SVO", "Шереметьево", "B"), To: pulkovo,
					Departure: at("2019-10-14T08:25:00"), Arrival: at("2019-10-14T10:00:00"),
				}}},
				{Duration: 15300 * time.Second, Segments: []FlightSegment{
					{
						FlightNumber: "1034", Airline: s7, Aircraft: "Boeing 737-800", Seats: 4, From: pulkovo, To: minsk,
						Departure: at("2019-10-18T14:05:00"), Arrival: at("2019-10-18T15:40:00"),
					},
					{
						FlightNumber: "256", Airline: s7, Aircraft: "Embraer 170 Regional Jet", Seats: 3, ChangeTime: 75 * time.Minute,
						From: minsk, To: moscow("DME", "Домодедово", "2"),
						Departure: at("2019-10-18T16:55:00"), Arrival: at("2019-10-18T18:20:00"),
					},
				}},
			},
			Fares: []Fare{
				{
					ID: "SUS7-BF", Name: "Бизнес", Default: true, Price: conformance.Dec("31480.50"),
					CarryOn: FareIncluded, CarryOnLimits: "15 кг. 55*40*25см.", Baggage: FareIncluded, BaggageLimits: "1 место 32 кг.",
					BaggageAtAirport: FareIncluded, Refund: FareCharged, RefundAfterCheckIn: FareNotOffered, Change: FareCharged, ChangeAfterCheckIn: FareCharged,
					SeatChoice: FareCharged, BusinessLounge: FareNotOffered, Internet: FareNotDefined,
					PriorityRegistration: FareNotDefined, PriorityBaggage: FareIncluded, Upgrade: FareNotOffered, BonusMiles: "150% миль",
					RefundConditions: map[string]Availability{"За вычетом сбора 2000 руб.": FareCharged},
					ChangeConditions: map[string]Availability{"Не позднее чем за 24 часа до вылета": FareCharged},
					Services:         map[string]Availability{"Питание на борту": FareIncluded, "Провоз лыж": FareCharged},
				},
				{
					ID: "SUS7-BX", Name: "Бизнес Плюс", Price: conformance.Dec("40210.05"),
					CarryOn: FareNotOffered, CarryOnLimits: "15 кг. 55*40*20см.", Baggage: FareIncluded, BaggageLimits: "2 места по 32 кг.",
					BaggageAtAirport: FareCharged, Refund: FareNotDefined, RefundAfterCheckIn: FareNotOffered, Change: FareNotOffered, ChangeAfterCheckIn: FareCharged,
					SeatChoice: FareIncluded, BusinessLounge: FareIncluded, Internet: FareNotOffered,
					PriorityRegistration: FareIncluded, PriorityBaggage: FareNotDefined, Upgrade: FareNotDefined, BonusMiles: "250% миль",
					RefundConditions: map[string]Availability{"В любое время": FareNotOffered},
					ChangeConditions: map[string]Availability{"В любое время": FareIncluded, "С повышением тарифа": FareCharged},
					Services:         map[string]Availability{"Питание на борту": FareIncluded, "Провоз лыж": FareNotDefined},
				},
			},
		},
		{
			ID: "2", Price: conformance.Dec("28900"), Duration: 11100 * time.Second,
			Routes: []FlightRoute{
				{Duration: 100 * time.Minute, Segments: []FlightSegment{{
					FlightNumber: "379", Airline: u6, Aircraft: "Airbus 319", Seats: 7, From: moscow("DME", "Домодедово", "A"), To: pulkovo,
					Departure: at("2019-10-14T21:10:00"), Arrival: at("2019-10-14T22:50:00"),
				}}},
				{Duration: 85 * time.Minute, Segments: []FlightSegment{{
					FlightNumber: "380", Airline: u6, Aircraft: "Airbus 321", Seats: 5, From: pulkovo, To: moscow("DME", "Домодедово", "C"),
					Departure: at("2019-10-18T06:30:00"), Arrival: at("2019-10-18T07:55:00"),
				}}},
			},
			Fares: []Fare{{
				Name: "Бизнес лайт", Default: true, Price: conformance.Dec("28900"),
				CarryOn: FareIncluded, Baggage: FareIncluded, BaggageLimits: "1 место 23 кг.", BaggageAtAirport: FareNotOffered,
				Refund: FareNotOffered, RefundAfterCheckIn: FareNotOffered, Change: FareCharged, ChangeAfterCheckIn: FareNotOffered,
				SeatChoice: FareNotOffered, BusinessLounge: FareCharged, Internet: FareNotOffered,
				PriorityRegistration: FareNotOffered, PriorityBaggage: FareNotDefined, Upgrade: FareNotDefined,
			}},
		},
	}}
}

func volina() Traveller {
	return Traveller{
		ID: "159307", Surname: "Волина", FirstName: "Ирина", MiddleName: "Валерьевна",
		SurnameEng: "Volina", FirstNameEng: "Irina", MiddleNameEng: "Valerevna", Sex: Female, BirthDate: conformance.Date(4, 5, 1991),
		Citizenship: "RU", Phone: "+79165555555", Email: "vinogradova4@smartway.today",
		Documents: []Document{{Type: DomesticPassport, Number: "1234111134"}}, Clear: []EmployeeField{FieldBonuses}, INNs: []INN{"7799555550"},
	}
}

func goldenRequest() TravelRequest {
	return TravelRequest{
		ID: "rqb1126017_8dc7_11e9_b991_802bf9e81780", Travellers: []Traveller{volina()}, Creator: volina(), Comment: "blablabla",
		TrainItems: []TrainItem{{From: "2000000", To: "2044000", Departure: at("2019-08-25T00:00:00"), Travellers: []Traveller{volina()}}},
	}
}

func goldenRequests() []golden {
	minimal := TravelRequest{
		ID: "rq87761062_8ea0_11e9_b992_802bf9e8178c",
		Travellers: []Traveller{{
			ID: "8754", Surname: "Илларионов", FirstName: "Петр", SurnameEng: "Illarionov", FirstNameEng: "Piotr", Sex: Male, BirthDate: conformance.Date(1, 1, 1981),
			Citizenship: "RU", Phone: "+79990000000", Email: "illarionov@piotr.com",
			Documents: []Document{{Type: DomesticPassport, Number: "5608999999"}}, INNs: []INN{"7799555550"},
		}},
		Creator: Traveller{
			ID: "159307", Surname: "Волина", FirstName: "Ирина", SurnameEng: "Volina", FirstNameEng: "Irina", Sex: Female, BirthDate: conformance.Date(4, 5, 1991),
			Citizenship: "US", Phone: "+79165555555", Email: "vinogradova4@smartway.today",
			Documents: []Document{{Type: ForeignPassport, Number: "1234111134", Expiry: conformance.Date(15, 3, 2024)}}, Companies: []CompanyID{"7133"},
		},
	}
	return []golden{
		hiding(conformance.Call1("request.save", via(requests, Requests.Save), goldenRequest(), RequestNotProcessing),
			"Волина", "Ирина", "Валерьевна", "Valerevna", "1991-05-04", "+79165555555", "vinogradova4@smartway.today", "1234111134", "blablabla"),
		hiding(as("request.save+minimal", conformance.Call1("request.save", via(requests, Requests.Save), minimal, RequestProcessing)),
			"Илларионов", "illarionov@piotr.com", "5608999999", "1234111134", "2024-03-15"),
		conformance.Call1("request.cancel", via(requests, conformance.Done(Requests.Cancel)), RequestID("rq87761063_8ea0_11e9_b992_802bf9e8178c"), any(nil)),
		conformance.Call1("request.status", via(requests, Requests.Statuses), []RequestID{
			"rq87761062_8ea0_11e9_b992_802bf9e8178c", "rq87761063_8ea0_11e9_b992_802bf9e8178c", "rq87761064_8ea0_11e9_b992_802bf9e8178c",
			"rqb1126017_8dc7_11e9_b991_802bf9e8178c", "rqb1126017_8dc7_11e9_b991_802bf9e8178",
		}, map[RequestID]RequestStatus{
			"rq87761062_8ea0_11e9_b992_802bf9e8178c": RequestNotProcessing, "rq87761063_8ea0_11e9_b992_802bf9e8178c": RequestCancelled,
			"rq87761064_8ea0_11e9_b992_802bf9e8178c": RequestProcessed, "rqb1126017_8dc7_11e9_b991_802bf9e8178": RequestNotFound,
			"rqb1126017_8dc7_11e9_b991_802bf9e8178c": RequestProcessing,
		}),
	}
}
