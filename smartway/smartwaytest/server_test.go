package smartwaytest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/smartway"
	"github.com/rutravel/rutravel-go/smartway/smartwaytest"
)

func client(t *testing.T, fake *smartwaytest.Server) *smartway.Client {
	t.Helper()
	c, err := smartway.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	require.NoError(t, err)
	return c
}

func passenger() smartway.Passenger {
	return smartway.Passenger{
		ID: "e1", Phone: "+79990000000", Surname: "Илларионов", FirstName: "Петр", MiddleName: "Сергеевич",
		SurnameEng: "Illarionov", FirstNameEng: "Piotr", Email: "illarionov@piotr.com", Citizenship: "RU",
		BirthDate: civil.Date{Year: 1981, Month: 1, Day: 1}, Sex: smartway.Male,
		Passports: []smartway.TravelDocument{{Type: smartway.DomesticPassport, Number: "5608999999"}}, INN: "1111111111",
	}
}

func search(t *testing.T, c *smartway.Client) smartway.FlightOffers {
	t.Helper()
	day := civil.DateOf(time.Now()).AddDays(3)
	offers, err := c.Airlines.Search(t.Context(), smartway.FlightQuery{
		Class: smartway.CabinBusiness, Baggage: smartway.AnyBaggage, Travellers: 1,
		Routes: []smartway.RouteQuery{{From: "LED", To: "PEZ", Date: day}, {From: "PEZ", To: "LED", Date: day.AddDays(2)}},
	})
	require.NoError(t, err)
	require.Len(t, offers.Variants, 2)
	return offers
}

func buy(t *testing.T, c *smartway.Client, fare smartway.FareID) smartway.TripID {
	t.Helper()
	offers := search(t, c)
	b := smartway.PurchaseRequest{Search: offers.Search, Variant: "2", Fare: fare, Passengers: []smartway.Passenger{passenger()}}
	id, err := c.Airlines.Buy(t.Context(), b)
	require.NoError(t, err)
	trip, err := c.Airlines.Wait(t.Context(), id)
	require.NoError(t, err)
	return trip
}

func employee() smartway.EmployeeChange {
	return smartway.EmployeeChange{
		ID: "8754", Surname: "Волина", FirstName: "Ирина", Sex: smartway.Female, BirthDate: civil.Date{Year: 1991, Month: 5, Day: 4},
		Citizenship: "RU", Phone: "+79165555555", Email: "volina@example.com", Number: "0042",
		Documents: []smartway.Document{{Type: smartway.ForeignPassport, Number: "71", Expiry: civil.Date{Year: 2030, Month: 1, Day: 2}}},
		Bonuses:   []smartway.Bonus{{Type: smartway.TrainBonus, Code: smartway.RailwayBonus, Number: "555"}},
		Companies: []smartway.CompanyID{"11525"},
	}
}

// Employees are created, found by their ids or by what they are called, changed in
// what is sent, emptied and archived.
func TestEmployees(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := client(t, smartwaytest.New())
	save := func(change smartway.EmployeeChange) smartway.SaveResult {
		saved, err := c.Employees.Save(ctx, []smartway.EmployeeChange{change})
		require.NoError(t, err)
		return saved[0]
	}
	get := func() smartway.Employee {
		all, err := c.Employees.List(ctx, smartway.EmployeeQuery{Employees: []smartway.ExternalID{"8754"}})
		require.NoError(t, err)
		require.Len(t, all, 1)
		return all[0]
	}
	assert.Equal(t, "8754", save(employee()).ID)
	e := get()
	assert.Equal(t, "Волина", e.Surname)
	assert.Equal(t, smartway.EmployeeWithoutLogin, e.Status)
	assert.Equal(t, smartway.ForeignPassport, e.Documents[0].Type)
	assert.Equal(t, civil.Date{Year: 2030, Month: 1, Day: 2}, e.Documents[0].Expiry)

	save(smartway.EmployeeChange{ID: "8754", Surname: "Иванова", Clear: []smartway.EmployeeField{smartway.FieldEmployeeNumber, smartway.FieldBonuses}})
	e = get()
	assert.Equal(t, "Иванова", e.Surname)
	assert.Equal(t, "Ирина", e.FirstName, "what is not sent stays")
	assert.Empty(t, e.Number)
	assert.Empty(t, e.Bonuses)
	assert.Len(t, e.Documents, 1)

	again := employee()
	again.ID, again.Surname, again.Email = "", "Иванова", "ivanova@example.com"
	save(again)
	assert.Equal(t, "ivanova@example.com", get().Email, "found by what she is called")
	save(smartway.EmployeeChange{ID: "8754", Archived: new(true)})
	assert.Equal(t, smartway.EmployeeArchived, get().Status)
	everybody, err := c.Employees.ListAll(ctx)
	require.NoError(t, err)
	assert.Len(t, everybody, 2)
	none, err := c.Employees.List(ctx, smartway.EmployeeQuery{Companies: []smartway.CompanyID{"7134"}})
	require.NoError(t, err)
	assert.Empty(t, none)

	_, err = c.Employees.Save(ctx, []smartway.EmployeeChange{employee(), {ID: "new", Surname: "Кто-то"}})
	refused, ok := errors.AsType[smartway.UnsavedError](err)
	require.True(t, ok, "%v", err)
	assert.Equal(t, 1, refused[0].Change)
	assert.Contains(t, refused[0].Problem, "name")

	rights, err := c.Employees.SetRights(ctx, smartway.RightsChange{Employee: everybody[0].ID, Rights: smartway.Rights{CanLogin: new(true), ViewTrips: smartway.ScopeAll}})
	require.NoError(t, err)
	assert.Equal(t, smartway.ScopeAll, rights.ViewTrips)
	assert.Equal(t, smartway.AccessUndefined, rights.Finance)
	_, err = c.Employees.SetRights(ctx, smartway.RightsChange{Employee: "1", Rights: smartway.Rights{CanLogin: new(true)}})
	require.ErrorIs(t, err, rutravel.ErrNotFound)
	_, err = c.Employees.SetRights(ctx, smartway.RightsChange{Employee: everybody[0].ID, Rights: smartway.Rights{CanLogin: new(true), Finance: "All"}})
	require.ErrorIs(t, err, rutravel.ErrInvalid)
}

// What is bought becomes a trip with versions, vouchers and documents; cancelled
// outside of the API, it is news in the history.
func TestTrips(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		fake := smartwaytest.New()
		c := client(t, fake)
		id := buy(t, c, "EC-PLUS")
		info, err := c.Trips.Info(ctx, id)
		require.NoError(t, err)
		assert.Equal(t, "12240", info.Amount.String(), "both ways, with the fare that was chosen")
		assert.Equal(t, smartway.TripBooked, info.Status)

		history := c.Trips.AfterChange(ctx, 0)
		all, err := rutravel.Collect(history.All())
		require.NoError(t, err)
		require.Len(t, all, 1)
		cursor, ok := history.Cursor()
		require.True(t, ok)
		item := all[0].Items[0]
		assert.Equal(t, info.Items[0].ID, item.ID)
		assert.Len(t, item.Details.Air, 2)
		assert.Equal(t, smartway.ExternalID("e1"), item.Travellers[0].ExternalID)
		assert.Equal(t, "1112.73", item.VATs[0].Amount.Decimal.String())

		require.True(t, fake.CancelTrip(id))
		assert.False(t, fake.CancelTrip(id))
		all, err = rutravel.Collect(c.Trips.AfterChange(ctx, cursor).All())
		require.NoError(t, err)
		require.Len(t, all, 1)
		assert.Equal(t, smartway.TripCancelled, all[0].Status)
		last := all[0].Items[0].Versions[1]
		assert.Equal(t, []smartway.TransactionType{smartway.TransactionRefund, smartway.TransactionPenalty}, []smartway.TransactionType{last.Transactions[0].Type, last.Transactions[1].Type})

		// SW-T80: from a version on, that one included.
		versions, err := c.Trips.Versions(ctx, smartway.VersionQuery{Start: last.ID, INNs: []smartway.INN{"1111111111"}, Documents: []string{"5608999999"}})
		require.NoError(t, err)
		assert.Equal(t, []smartway.VersionID{last.ID}, []smartway.VersionID{versions[0].ID})
		versions, err = c.Trips.Versions(ctx, smartway.VersionQuery{INNs: []smartway.INN{"7799555550"}})
		require.NoError(t, err)
		assert.Empty(t, versions)
		pdf, err := c.Trips.VersionVoucher(ctx, last.ID)
		require.NoError(t, err)
		assert.Contains(t, string(pdf), "Cancelled")
		_, err = c.Trips.ItemVoucher(ctx, "1")
		require.ErrorIs(t, err, rutravel.ErrNotFound)

		today := civil.DateOf(time.Now())
		list, err := c.Trips.Between(ctx, smartway.DateRange{From: today.AddDays(-1), To: today.AddDays(1)})
		require.NoError(t, err)
		assert.Len(t, list.Trips, 1)
		assert.Equal(t, last.ID, list.LastVersion)
		list, err = c.Trips.Between(ctx, smartway.DateRange{From: today.AddDays(-9), To: today.AddDays(-5)})
		require.NoError(t, err)
		assert.Empty(t, list.Trips)
		packages, err := c.ClosingDocuments.List(ctx, smartway.ClosingQuery{INN: "1111111111"})
		require.NoError(t, err)
		require.Len(t, packages, 1)
		assert.Equal(t, "6120", packages[0].Documents[0].Acts[0].Amount.String())
		assert.Equal(t, map[smartway.TransactionType]smartway.ServiceType{smartway.TransactionPenalty: smartway.ServiceAir}, packages[0].Documents[1].Tickets[0].Operations)
	})
}

// The results of a search die, and wrong ids are refused.
func TestBooking(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		fake := smartwaytest.New()
		c := client(t, fake)
		offers := search(t, c)
		good := smartway.PurchaseRequest{Search: offers.Search, Variant: "1", Passengers: []smartway.Passenger{passenger()}}
		for name, change := range map[string]func(*smartway.PurchaseRequest){
			"search":     func(b *smartway.PurchaseRequest) { b.Search = "x" },
			"variant":    func(b *smartway.PurchaseRequest) { b.Variant = "7" },
			"fare":       func(b *smartway.PurchaseRequest) { b.Fare = "x" },
			"passengers": func(b *smartway.PurchaseRequest) { b.Passengers = append(b.Passengers, passenger()) },
		} {
			b := good
			change(&b)
			_, err := c.Airlines.Buy(ctx, b)
			require.Error(t, err, name)
			require.NotErrorIs(t, err, rutravel.ErrNotConfirmed, name)
		}
		fake.SetQuirks(smartwaytest.Quirks{Failure: "Бронирование невозможно. Доступ запрещен."})
		id, err := c.Airlines.Buy(ctx, good)
		require.NoError(t, err)
		p, err := c.Airlines.Result(ctx, id)
		require.NoError(t, err)
		assert.Equal(t, smartway.PurchasePending, p.Status)
		time.Sleep(smartwaytest.PurchaseTime)
		p, err = c.Airlines.Result(ctx, id)
		require.NoError(t, err)
		assert.Equal(t, smartway.PurchaseResult{Status: smartway.PurchaseFailed, Error: "Бронирование невозможно. Доступ запрещен."}, p)

		fake.Advance(smartwaytest.SearchLife)
		_, err = c.Airlines.Buy(ctx, good)
		require.ErrorIs(t, err, rutravel.ErrNotFound)
	})
}

// A purchase for people of two companies is billed to both.
func TestBookingOfCompanies(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := smartwaytest.New()
		c := client(t, fake)
		offers, err := c.Airlines.Search(t.Context(), smartway.FlightQuery{
			Class: smartway.CabinEconomy, Baggage: smartway.AnyBaggage, Travellers: 3,
			Routes: []smartway.RouteQuery{{From: "LED", To: "MOW", Date: civil.DateOf(time.Now()).AddDays(2)}},
		})
		require.NoError(t, err)
		people := []smartway.Passenger{passenger(), passenger(), passenger()}
		people[1].ID, people[1].INN = "e2", "7799555550"
		people[2].ID = "e3"
		v := offers.Variants[0]
		id, err := c.Airlines.Buy(t.Context(), smartway.PurchaseRequest{
			Search: offers.Search, Variant: v.ID, Fare: v.Fares[0].ID, Passengers: people,
		})
		require.NoError(t, err)
		_, err = c.Airlines.Wait(t.Context(), id)
		require.NoError(t, err)
		trips, err := rutravel.Collect(c.Trips.AfterChange(t.Context(), 0).All())
		require.NoError(t, err)
		require.Len(t, trips, 2, "nobody's ticket is billed to another's company")
		assert.Equal(t, smartway.INN("1111111111"), trips[0].Items[0].Company.INN)
		assert.Len(t, trips[0].Items[0].Travellers, 2)
		assert.Equal(t, smartway.INN("7799555550"), trips[1].Items[0].Company.INN)
		assert.True(t, v.Fares[0].Price.Equal(trips[0].Amount.Add(trips[1].Amount)))
	})
}

// Travel requests have statuses; a processed one becomes a trip.
func TestRequests(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	fake := smartwaytest.New()
	c := client(t, fake)
	person := smartway.Traveller{
		ID: "e9", Surname: "Волина", FirstName: "Ирина", SurnameEng: "Volina", FirstNameEng: "Irina", Sex: smartway.Female,
		BirthDate: civil.Date{Year: 1991, Month: 5, Day: 4}, Citizenship: "RU", Phone: "+79165555555", Email: "volina@example.com",
		Documents: []smartway.Document{{Type: smartway.DomesticPassport, Number: "1234111134"}}, INNs: []smartway.INN{"7799555550"},
	}
	status, err := c.Requests.Save(ctx, smartway.TravelRequest{ID: "rq1", Travellers: []smartway.Traveller{person}, Creator: person})
	require.NoError(t, err)
	assert.Equal(t, smartway.RequestNotProcessing, status)
	added, err := c.Employees.List(ctx, smartway.EmployeeQuery{Employees: []smartway.ExternalID{"e9"}})
	require.NoError(t, err)
	assert.Len(t, added, 1, "travellers who are not known are added")

	require.True(t, fake.SetRequestStatus("rq1", smartway.RequestProcessed))
	assert.False(t, fake.SetRequestStatus("rq2", smartway.RequestProcessed))
	list, err := c.Trips.OfRequest(ctx, "rq1")
	require.NoError(t, err)
	require.Len(t, list.Trips, 1)
	assert.Equal(t, smartway.RequestID("rq1"), list.Trips[0].Items[0].Request)
	assert.NotNil(t, list.Trips[0].Items[0].Details.Train)
	require.NoError(t, c.Requests.Cancel(ctx, "rq1"))
	require.ErrorIs(t, c.Requests.Cancel(ctx, "rq2"), rutravel.ErrNotFound)
	statuses, err := c.Requests.Statuses(ctx, []smartway.RequestID{"rq1", "rq2"})
	require.NoError(t, err)
	assert.Equal(t, map[smartway.RequestID]smartway.RequestStatus{"rq1": smartway.RequestCancelled, "rq2": smartway.RequestNotFound}, statuses)
}

func TestDirectories(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := client(t, smartwaytest.New())
	airports, err := c.Airlines.Airports(ctx, "санкт")
	require.NoError(t, err)
	assert.Len(t, airports, 1)
	stations, err := c.Trains.Stations(ctx, "Новосиб")
	require.NoError(t, err)
	assert.Len(t, stations, 3)
	hotels, err := c.Hotels.Find(ctx, "novosib")
	require.NoError(t, err)
	assert.Len(t, hotels, 2)
	policies, err := c.TravelPolicies.List(ctx)
	require.NoError(t, err)
	require.NoError(t, c.TravelPolicies.Apply(ctx, smartway.PolicyAssignment{Employee: "159304", Policy: policies[0].ID}))
	require.ErrorIs(t, c.TravelPolicies.Apply(ctx, smartway.PolicyAssignment{Employee: "159", Policy: policies[0].ID}), rutravel.ErrNotFound)
	login, err := c.Logins.Issue(ctx, smartwaytest.Username)
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(login.URL), smartway.TestLogin+"?guid="))
	_, err = c.Logins.Issue(ctx, "nobody@example.com")
	require.ErrorIs(t, err, rutravel.ErrNotFound)
	end := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	code, err := c.VerificationCodes.Add(ctx, smartway.VerificationCode{Code: "7", Employees: []smartway.ExternalID{"agent-1"}, Expires: end})
	require.NoError(t, err)
	assert.Equal(t, smartway.AddedCode{Code: "7", Expires: end}, code)
	_, err = c.VerificationCodes.Add(ctx, smartway.VerificationCode{Super: true, Employees: []smartway.ExternalID{"nobody"}})
	require.ErrorIs(t, err, rutravel.ErrNotFound)
}

// The fake refuses what is not in the manual's form.
func TestStrictness(t *testing.T) {
	t.Parallel()
	fake := smartwaytest.New()
	const login = `"authorization":{"username":"agent@example.com","password":"fake-password"}`
	for body, want := range map[string]string{
		`{"jsonrpc":"2.0","id":"a","method":"ping","params":{` + login + `,"query":{}}}`:                                                             `"result":null`,
		`{"jsonrpc":"1.0","id":1,"method":"ping","params":{` + login + `,"query":{}}}`:                                                               `-32600`,
		`{"jsonrpc":"2.0","id":null,"method":"ping","params":{` + login + `,"query":{}}}`:                                                            `-32600`,
		`{"jsonrpc":"2.0","id":1,"method":"ping","params":{` + login + `}}`:                                                                          `-32600`,
		`{"jsonrpc":"2.0","id":1,"method":"ping","params":{` + login + `,"query":{}},"more":1}`:                                                      `-32600`,
		`{"jsonrpc":"2.0","id":1,"method":"ping","params":{` + login + `,"query":null}}`:                                                             `-32602`,
		`{"jsonrpc":"2.0","id":1,"Method":"ping","params":{` + login + `,"query":{}}}`:                                                               `-32600`,
		`{"jsonrpc":"2.0","id":1,"method":"trip.get_by_range","params":{` + login + `,"query":{"Start_date":"2019-06-01","end_date":"2019-06-02"}}}`: `-32602`,
		`{"jsonrpc":"2.0","id":1,"method":"trip_voucher","params":{` + login + `,"query":1}}`:                                                        `-32601`,
		`{"jsonrpc":"2.0","id":1,"method":"trip.info","params":{` + login + `,"query":"1"}}`:                                                         `-32602`,
		`{"jsonrpc":"2.0","id":1,"method":"employees.list","params":{` + login + `,"query":{"companies_id":[]}}}`:                                    `-32602`,
		`{"jsonrpc":"2.0","id":1,"method":"trip.get_by_range","params":{` + login + `,"query":{"start_date":"2019-06-01"}}}`:                         `-32602`,
		`{"jsonrpc":"2.0","id":1,"method":"ping","params":{"authorization":{"username":"x","password":"y"},"query":{}}}`:                             `"code":401,"data":null,"message":"Error: Unauthorized","name":"Error"`,
	} {
		w := httptest.NewRecorder()
		fake.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v2", strings.NewReader(body)))
		text, err := io.ReadAll(w.Body)
		require.NoError(t, err)
		assert.Contains(t, string(text), want, body)
		assert.Equal(t, strings.Contains(want, "401"), w.Code == http.StatusUnauthorized, body)
		assert.True(t, json.Valid(text))
	}
	w := httptest.NewRecorder()
	fake.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v2", nil))
	assert.Equal(t, http.StatusMethodNotAllowed, w.Code)
}

// The log has what was asked, and no credentials.
func TestLog(t *testing.T) {
	t.Parallel()
	fake := smartwaytest.New()
	c := client(t, fake)
	require.NoError(t, c.Ping(t.Context()))
	_, _ = c.Trips.Info(t.Context(), "7")
	want := []smartwaytest.Request{{Op: "ping", Params: json.RawMessage("{}")}, {Op: "trip.info", Params: json.RawMessage("7")}}
	assert.Equal(t, want, fake.Requests())
	fake.Inject(smartwaytest.Fault{Op: "ping", Refuse: true}, smartwaytest.Fault{Op: "ping", Refuse: true}, smartwaytest.Fault{Op: "ping", Refuse: true})
	require.ErrorIs(t, c.Ping(t.Context(), rutravel.WithMaxAttempts(3)), rutravel.ErrUnavailable)
	got := fake.Requests()
	assert.Equal(t, want, got, "what was refused did not arrive")
	got[1].Params[0] = '8'
	assert.Equal(t, want, fake.Requests(), "the log is the fake's own")
}

// Every quirk is understood by the client.
func TestQuirks(t *testing.T) {
	t.Parallel()
	for name, quirks := range map[string]smartwaytest.Quirks{
		"text id": {TextID: true}, "error null": {ErrorNull: true}, "cursor behind": {CursorBehind: true}, "city text": {CityText: true},
		"air object": {AirObject: true}, "empty null": {Empty: "null"}, "empty list": {Empty: "[]"}, "no external id": {NoExternalID: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake := smartwaytest.New()
				fake.SetQuirks(quirks)
				c := client(t, fake)
				buy(t, c, "EC-BASE")
				history := c.Trips.AfterChange(t.Context(), 0)
				all, err := rutravel.Collect(history.All())
				require.NoError(t, err)
				assert.Len(t, all, 1)
				cursor, ok := history.Cursor()
				assert.True(t, ok)
				assert.Equal(t, smartway.Cursor(263401), cursor)
			})
		})
	}
	fake := smartwaytest.New()
	fake.SetQuirks(smartwaytest.Quirks{OtherID: true})
	require.ErrorIs(t, client(t, fake).Ping(t.Context()), rutravel.ErrProtocol)
	fake.SetQuirks(smartwaytest.Quirks{NoCursor: true, Unlisted: true})
	history := client(t, fake).Trips.AfterChange(t.Context(), 7)
	all, err := rutravel.Collect(history.All())
	require.NoError(t, err)
	assert.Empty(t, all)
	cursor, _ := history.Cursor()
	assert.Equal(t, smartway.Cursor(7), cursor)
}

// The same requests have the same answers, in every fake.
func TestDeterminism(t *testing.T) {
	t.Parallel()
	var texts [2][]byte
	for i := range texts {
		synctest.Test(t, func(t *testing.T) {
			c := client(t, smartwaytest.New())
			id := buy(t, c, "EC-BASE")
			require.Equal(t, smartway.TripID("189700"), id)
			_, err := c.Trips.Between(t.Context(), smartway.DateRange{
				From: civil.Date{Year: 1999, Month: 1, Day: 1}, To: civil.Date{Year: 2100, Month: 1, Day: 1},
			}, rutravel.WithRawAnswer(&texts[i]))
			require.NoError(t, err)
		})
	}
	assert.True(t, bytes.Equal(texts[0], texts[1]))
	assert.NotEmpty(t, texts[0])
}

func TestOverSocket(t *testing.T) {
	t.Parallel()
	fake := smartwaytest.New()
	fake.SetQuirks(smartwaytest.Quirks{AtOnce: true})
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	cfg := fake.Config()
	cfg.BaseURL = srv.URL
	c, err := smartway.New(cfg)
	require.NoError(t, err)
	id := buy(t, c, "EC-BASE")
	trip, err := c.Trips.Info(t.Context(), id)
	require.NoError(t, err)
	assert.Equal(t, id, trip.ID)
}

// Many may use one fake at a time.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	fake := smartwaytest.New()
	c := client(t, fake)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			_, err := c.Employees.Save(t.Context(), []smartway.EmployeeChange{employee()})
			assert.NoError(t, err)
			fake.Advance(time.Second)
			assert.NotEmpty(t, fake.Requests())
		})
	}
	wg.Wait()
	all, err := c.Employees.ListAll(t.Context())
	require.NoError(t, err)
	assert.Len(t, all, 2)
}
