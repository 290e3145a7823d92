package smartway_test

import (
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/smartway"
	"github.com/rutravel/rutravel-go/smartway/smartwaytest"
)

// SW-T01: query is there in every call, an empty object where there is nothing to
// ask.
func TestQueryAlwaysThere(t *testing.T) {
	t.Parallel()
	for method, call := range methods {
		var query string
		c := replying(t, func(q request) string {
			assert.Equal(t, method, q.Method, "SW-T61")
			query = string(q.Query)
			return answer(q, "null")
		})
		_, _ = call(t.Context(), c)
		assert.NotEmpty(t, query, method)
		assert.NotEqual(t, "null", query, method)
		if method == "ping" || method == "travel_policy.list" {
			assert.Equal(t, "{}", query, method)
		}
	}
}

// SW-T03: every call has an id of its own, and a text of it will do.
func TestIDs(t *testing.T) {
	t.Parallel()
	var ids []int
	c := replying(t, func(q request) string {
		ids = append(ids, q.ID)
		return strings.Replace(answer(q, "null"), `"id":`, `"id":"`, 1)[:len(`{"jsonrpc":"2.0","id":"1`)] + `","result":null}`
	})
	for range 3 {
		require.NoError(t, c.Ping(t.Context()))
	}
	assert.Equal(t, []int{1, 2, 3}, ids)
}

// SW-T18: results belong to the changes of the same id or, where there are as many,
// to those in the same place.
func TestSaveResults(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	known := func(id smartway.ExternalID) smartway.EmployeeChange {
		return smartway.EmployeeChange{ID: id, Email: "a@example.com"}
	}
	stranger := smartway.EmployeeChange{
		Surname: "Волина", FirstName: "Ирина", BirthDate: civil.Date{Year: 1991, Month: 5, Day: 4}, Citizenship: "RU", Companies: []smartway.CompanyID{"7133"},
	}
	first, second := known("159307"), known("123e4567-e89b-12d3-a456-426655440000")

	got, err := awkwardly(t, "employees.save-order").Employees.Save(ctx, []smartway.EmployeeChange{first, second})
	conformance.Failure(t, err, rutravel.ErrRejected)
	refused, ok := errors.AsType[smartway.UnsavedError](err)
	require.True(t, ok)
	assert.Equal(t, smartway.UnsavedError{{ID: "123e4567-e89b-12d3-a456-426655440000", Change: 1}}, refused)
	assert.Equal(t, []smartway.SaveResult{refused[0], {ID: "159307", Saved: true}}, got)

	e := conformance.Failure(t, err, rutravel.ErrRejected)
	assert.Equal(t, http.StatusOK, e.HTTPStatus)
	assert.Equal(t, 1, e.Attempts)

	got, err = awkwardly(t, "employees.save-two-results").Employees.Save(ctx, []smartway.EmployeeChange{stranger})
	require.NoError(t, err)
	assert.Equal(t, []smartway.SaveResult{{ID: "112233", Change: -1, Saved: true}, {ID: "112234", Change: -1, Saved: true}}, got)

	got, err = awkwardly(t, "employees.save-two-results").Employees.Save(ctx, []smartway.EmployeeChange{stranger, first})
	require.NoError(t, err)
	assert.Equal(t, []int{0, 1}, []int{got[0].Change, got[1].Change})

	got, err = awkwardly(t, "employees.save-failed-error").Employees.Save(ctx, []smartway.EmployeeChange{known("8754"), known("8755")})
	conformance.Failure(t, err, rutravel.ErrRejected)
	assert.Equal(t, "birthday is required", got[0].Problem)
	assert.NotContains(t, err.Error(), "birthday", "the supplier's words may be about a person")

	_, err = awkwardly(t, "employees.save-fewer").Employees.Save(ctx, []smartway.EmployeeChange{first, second})
	conformance.Failure(t, err, rutravel.ErrProtocol)
	_, err = awkwardly(t, "employees.save-fewer").Employees.Save(ctx, []smartway.EmployeeChange{first, stranger})
	conformance.Failure(t, err, rutravel.ErrNotConfirmed)
	_, err = awkwardly(t, "employees.save-empty").Employees.Save(ctx, nil)
	conformance.Invalid(t, err, "changes")
}

// Results are given to changes only where there is no doubt.
func TestSaveOrder(t *testing.T) {
	t.Parallel()
	stranger := smartway.EmployeeChange{
		Surname: "Волина", FirstName: "Ирина", BirthDate: civil.Date{Year: 1991, Month: 5, Day: 4}, Citizenship: "RU", Companies: []smartway.CompanyID{"7133"},
	}
	a, b := smartway.EmployeeChange{ID: "1", FirstName: "a"}, smartway.EmployeeChange{ID: "2", FirstName: "b"}
	for _, test := range []struct {
		changes []smartway.EmployeeChange
		ids     []string
		want    []int
	}{
		{[]smartway.EmployeeChange{a, b}, []string{"2", "1"}, []int{1, 0}},
		{[]smartway.EmployeeChange{a, b}, []string{"2", ""}, []int{1, 0}},
		{[]smartway.EmployeeChange{a, stranger}, []string{"1", "7"}, []int{0, 1}},
		{[]smartway.EmployeeChange{stranger, a}, []string{"1", "7"}, []int{-1, -1}}, // Smartway's 1, or the caller's?
		{[]smartway.EmployeeChange{stranger, a, stranger}, []string{"7", "1", "8"}, []int{0, 1, 2}},
		{[]smartway.EmployeeChange{a, b, stranger}, []string{"2", "1", "7"}, []int{1, 0, 2}},
		{[]smartway.EmployeeChange{a, b, stranger}, []string{"2", "8", "7"}, []int{1, -1, -1}},
	} {
		var results []string
		for _, id := range test.ids {
			results = append(results, `{"id":"`+id+`","success":true}`)
		}
		got, err := with(t, "["+strings.Join(results, ",")+"]").Employees.Save(t.Context(), test.changes)
		require.NoError(t, err)
		for i, change := range test.want {
			assert.Equal(t, change, got[i].Change, "%v %v", test.ids, i)
		}
	}
	_, err := with(t, "null").Employees.Save(t.Context(), []smartway.EmployeeChange{a, b, a})
	conformance.Invalid(t, err, "changes[2].ID")
}

// SW-T19, SW-T20: what is unset is not sent, what is emptied is named, and without
// an id all that someone is found by is there.
func TestSaveSends(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for _, test := range []struct {
		change smartway.EmployeeChange
		want   string
	}{
		{smartway.EmployeeChange{ID: "1"}, `{"id":"1"}`},
		{smartway.EmployeeChange{ID: "1", Documents: []smartway.Document{}, Bonuses: []smartway.Bonus{}, INNs: []smartway.INN{}}, `{"id":"1"}`},
		{smartway.EmployeeChange{ID: "1", Archived: new(false)}, `{"id":"1","is_archive":false}`},
		{smartway.EmployeeChange{ID: "1", Sex: smartway.Female}, `{"id":"1","sex":"female"}`},
		{smartway.EmployeeChange{ID: "1", Surname: `О"Нил & <Ко>`}, `{"id":"1","surname":"О\"Нил & <Ко>"}`},
		{
			smartway.EmployeeChange{ID: "1", Clear: []smartway.EmployeeField{smartway.FieldSurnameEng, smartway.FieldFirstNameEng, smartway.FieldEmployeeNumber}},
			`{"id":"1","surname_eng":null,"name_eng":null,"employee_number":""}`,
		},
	} {
		c, queries := asked(t, `[{"id":"1","success":true}]`)
		_, err := c.Employees.Save(ctx, []smartway.EmployeeChange{test.change})
		require.NoError(t, err)
		assert.Equal(t, []string{`{"employees":[` + test.want + `]}`}, *queries)
	}
	for field, change := range map[string]smartway.EmployeeChange{
		"changes[0].Surname":             {},
		"changes[0].BirthDate":           {Surname: "a", FirstName: "b", Citizenship: "RU", Companies: []smartway.CompanyID{"1"}},
		"changes[0].Citizenship":         {Surname: "a", FirstName: "b", BirthDate: civil.Date{Year: 1991, Month: 5, Day: 4}, Companies: []smartway.CompanyID{"1"}},
		"changes[0].Companies":           {Surname: "a", FirstName: "b", BirthDate: civil.Date{Year: 1991, Month: 5, Day: 4}, Citizenship: "RU"},
		"changes[0].Clear[0]":            {ID: "1", Number: "7", Clear: []smartway.EmployeeField{smartway.FieldEmployeeNumber}},
		"changes[0].Clear[1]":            {ID: "1", Clear: []smartway.EmployeeField{smartway.FieldBonuses, "surname"}},
		"changes[0].Sex":                 {ID: "1", Sex: "Man"},
		"changes[0].Email":               {ID: "1", Email: "a\n"},
		"changes[0].Companies[0]":        {ID: "1", Companies: []smartway.CompanyID{"x"}},
		"changes[0].Documents[0].Number": {ID: "1", Documents: []smartway.Document{{Type: smartway.DomesticPassport}}},
		"changes[0].Bonuses[0].Code":     {ID: "1", Bonuses: []smartway.Bonus{{Type: smartway.AirBonus, Number: "1"}}},
	} {
		_, err := with(t, "null").Employees.Save(ctx, []smartway.EmployeeChange{change})
		conformance.Invalid(t, err, field)
	}
}

// SW-T08, SW-T09, SW-T10, SW-T16, SW-T17: one vocabulary, whatever the spelling;
// what is not in it is kept.
func TestEmployeesSpelling(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	got, err := awkwardly(t, "employees.list-spelling").Employees.ListAll(ctx)
	require.NoError(t, err)
	require.NotEmpty(t, got)
	for _, e := range got {
		assert.Contains(t, []smartway.Sex{smartway.Male, smartway.Female}, e.Sex)
		for _, d := range e.Documents {
			assert.Contains(t, []smartway.DocumentType{smartway.DomesticPassport, smartway.ForeignPassport}, d.Type)
		}
		for _, b := range e.Bonuses {
			assert.Contains(t, []smartway.BonusType{smartway.AirBonus, smartway.TrainBonus}, b.Type)
		}
	}
	got, err = awkwardly(t, "employees.list-unknown").Employees.ListAll(ctx)
	require.NoError(t, err)
	assert.NotContains(t, []smartway.Sex{smartway.Male, smartway.Female, ""}, got[0].Sex)
	got, err = awkwardly(t, "employees.list-strings").Employees.ListAll(ctx)
	require.NoError(t, err)
	assert.Equal(t, smartway.EmployeeID("159311"), got[0].ID)
	assert.Equal(t, smartway.ExternalID("99999"), got[0].ExternalID)
	assert.Equal(t, smartway.EmployeeID("159311"), got[0].Bonuses[0].Employee)
	got, err = awkwardly(t, "employees.list-birthday-zone").Employees.ListAll(ctx)
	require.NoError(t, err)
	assert.Equal(t, civil.Date{Year: 1990, Month: 4, Day: 15}, got[0].BirthDate)
	assert.Equal(t, civil.Date{Year: 1960, Month: 1, Day: 1}, got[1].BirthDate)
	assert.Zero(t, got[2].BirthDate)
	// SW-T82: names are matched with case.
	got, err = with(t, `[{"Id":1,"id":2,"Name":"A","name":"B","NAME":"C"}]`).Employees.ListAll(ctx)
	require.NoError(t, err)
	assert.Equal(t, "A", got[0].FirstName)
	assert.Equal(t, smartway.EmployeeID("1"), got[0].ID)
}

// SW-T13, SW-T14, SW-T15, SW-T75: companies are numbers, ids what they are, both
// always there; everybody's data is asked for on purpose only; an empty list is no
// error.
func TestEmployeesListSends(t *testing.T) {
	t.Parallel()
	c, queries := asked(t, "[]")
	_, err := c.Employees.List(t.Context(), smartway.EmployeeQuery{Employees: []smartway.ExternalID{"99999", "0042", "e-1", "123456789012345678901"}})
	require.NoError(t, err)
	_, err = c.Employees.ListAll(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{
		`{"companies_id":[],"employees_id":[99999,"0042","e-1","123456789012345678901"]}`, `{"companies_id":[],"employees_id":[]}`,
	}, *queries)
	_, err = c.Employees.List(t.Context(), smartway.EmployeeQuery{})
	conformance.Invalid(t, err, "Companies")
}

// SW-T63, SW-T85: CanLogin is never sent by default, other rights not at all.
func TestSetRights(t *testing.T) {
	t.Parallel()
	c, queries := asked(t, `{"Rights":{"CanLogin":"True","Finance":"Someday"}}`)
	_, err := c.Employees.SetRights(t.Context(), smartway.RightsChange{Employee: "159305"})
	conformance.Invalid(t, err, "Rights.CanLogin")
	got, err := c.Employees.SetRights(t.Context(), rightsChange())
	require.NoError(t, err)
	assert.Equal(t, []string{`{"employeeId":159305,"rights":{"CanLogin":true}}`}, *queries)
	assert.Equal(t, smartway.Rights{CanLogin: new(true), Finance: "Someday"}, got)
}

// SW-T27, SW-T32, SW-T33, SW-T35, SW-T36, SW-T39: what a search answers otherwise.
func TestSearchShapes(t *testing.T) {
	t.Parallel()
	search := func(name string) smartway.FlightOffers {
		got, err := awkwardly(t, name).Airlines.Search(t.Context(), flights())
		require.NoError(t, err, name)
		return got
	}
	segment := func(o smartway.FlightOffers) smartway.FlightSegment { return o.Variants[0].Routes[0].Segments[0] }
	assert.Equal(t, smartway.IATAName{Name: "Москва"}, segment(search("airline.search-city-string")).To.City)
	assert.Equal(t, "2019-10-04T19:40:00", segment(search("airline.search-strings")).Departure.String())
	assert.Empty(t, search("airline.search-class-absent").Class)
	for _, name := range []string{"airline.search-dictionaries-array", "airline.search-dictionaries-null"} {
		assert.Empty(t, search(name).Variants[0].Fares[0].Services, name)
	}
	assert.Empty(t, search("airline.search-fare-id-empty").Variants[0].Fares[0].ID)
	// SW-T35: the spaces in the table's names are no part of them.
	assert.Empty(t, search("airline.search-status-spaces").Variants[0].Fares[0].RefundAfterCheckIn)
	_, err := awkwardly(t, "airline.search-milliseconds").Airlines.Search(t.Context(), flights())
	conformance.Failure(t, err, rutravel.ErrProtocol)
}

// SW-T38, SW-T78: a search is checked before it is sent.
func TestSearchChecked(t *testing.T) {
	t.Parallel()
	for field, change := range map[string]func(*smartway.FlightQuery){
		"Class":          func(f *smartway.FlightQuery) { f.Class = "" },
		"Baggage":        func(f *smartway.FlightQuery) { f.Baggage = "" },
		"Travellers":     func(f *smartway.FlightQuery) { f.Travellers = smartway.MaxTravellers + 1 },
		"Routes":         func(f *smartway.FlightQuery) { f.Routes = nil },
		"Routes[0].From": func(f *smartway.FlightQuery) { f.Routes[0].From = "MOSCOW" },
		"Routes[0].To":   func(f *smartway.FlightQuery) { f.Routes[0].To = "" },
		"Routes[0].Date": func(f *smartway.FlightQuery) { f.Routes[0].Date = civil.Date{} },
	} {
		f := flights()
		change(&f)
		_, err := with(t, "null").Airlines.Search(t.Context(), f)
		conformance.Invalid(t, err, field)
	}
}

// SW-T23 to SW-T27, SW-T78: a purchase is checked before it is sent, and says always
// which fare was chosen and who pays.
func TestBookChecked(t *testing.T) {
	t.Parallel()
	for field, change := range map[string]func(*smartway.PurchaseRequest){
		"Search":                            func(b *smartway.PurchaseRequest) { b.Search = "" },
		"Variant":                           func(b *smartway.PurchaseRequest) { b.Variant = "x" },
		"Passengers":                        func(b *smartway.PurchaseRequest) { b.Passengers = nil },
		"Passengers[0].ID":                  func(b *smartway.PurchaseRequest) { b.Passengers[0].ID = "" },
		"Passengers[1].ID":                  func(b *smartway.PurchaseRequest) { b.Passengers = append(b.Passengers, passenger()) },
		"Passengers[0].Phone":               func(b *smartway.PurchaseRequest) { b.Passengers[0].Phone = "" },
		"Passengers[0].SurnameEng":          func(b *smartway.PurchaseRequest) { b.Passengers[0].SurnameEng = "" },
		"Passengers[0].BirthDate":           func(b *smartway.PurchaseRequest) { b.Passengers[0].BirthDate = civil.Date{} },
		"Passengers[0].Sex":                 func(b *smartway.PurchaseRequest) { b.Passengers[0].Sex = "" },
		"Passengers[0].Passports":           func(b *smartway.PurchaseRequest) { b.Passengers[0].Passports = nil },
		"Passengers[0].Passports[0].Number": func(b *smartway.PurchaseRequest) { b.Passengers[0].Passports[0].Number = " " },
		"Passengers[0].INN":                 func(b *smartway.PurchaseRequest) { b.Passengers[0].INN = "" },
		"Passengers[0].Company":             func(b *smartway.PurchaseRequest) { b.Passengers[0].Company = "x" },
	} {
		b := booking()
		change(&b)
		_, err := with(t, "null").Airlines.Buy(t.Context(), b)
		conformance.Invalid(t, err, field)
	}
	c, queries := asked(t, `"ebb84671-2a79-4352-be59-12f04485dcb1"`)
	b := booking()
	b.Passengers[0].MiddleName, b.Fare = "", "EC-PLUS"
	_, err := c.Airlines.Buy(t.Context(), b)
	require.NoError(t, err)
	assert.Contains(t, (*queries)[0], `"fare_id":"EC-PLUS"`)
	assert.Contains(t, (*queries)[0], `"patronymic":""`, "required, if only empty")
	assert.NotContains(t, (*queries)[0], "patronymic_e")
}

// A booking can be stored as JSON before it is sent, and is the same when it is
// read in another process.
func TestBookingStored(t *testing.T) {
	t.Parallel()
	stored, err := json.Marshal(booking())
	require.NoError(t, err)
	var read smartway.PurchaseRequest
	require.NoError(t, json.Unmarshal(stored, &read), "%s", stored)
	assert.Equal(t, booking(), read)
	trips, err := awkwardly(t, "trip.get_by_request-other-request").Trips.OfRequest(t.Context(), "rq1")
	require.NoError(t, err)
	stored, err = json.Marshal(trips)
	require.NoError(t, err)
	var again smartway.TripList
	require.NoError(t, json.Unmarshal(stored, &again))
	assert.Equal(t, trips, again)
}

// SW-T40, SW-T41, SW-T81: what the manual does not describe goes as it is, dates as
// in the sample; the id may be left out.
func TestRequestSends(t *testing.T) {
	t.Parallel()
	c, queries := asked(t, `"not_processing"`)
	r := travelRequest()
	r.ID, r.AirItems = "", []json.RawMessage{json.RawMessage(`{"class": "Econom"}`)}
	r.HotelItems, r.TransferItems = []json.RawMessage{json.RawMessage(`{"n":1}`)}, []json.RawMessage{json.RawMessage(`{}`)}
	r.TrainItems = []smartway.TrainItem{{
		From: "2000000", To: "0044000", Travellers: r.Travellers,
		Departure: civil.DateTime{Date: civil.Date{Year: 2019, Month: 8, Day: 25}, Time: civil.Time{Hour: 13, Minute: 5}},
	}}
	_, err := c.Requests.Save(t.Context(), r)
	require.NoError(t, err)
	sent := (*queries)[0]
	assert.True(t, strings.HasPrefix(sent, `{"travellers":`), "no id")
	for _, part := range []string{
		`"air_items":[{"class":"Econom"}],"train_items":[{"project_id":"","departure_station_code":"2000000","arrival_station_code":"0044000","departure_date":"2019-08-25T13:05:00"`,
		`"hotel_items":[{"n":1}],"transfer_items":[{}]`,
	} {
		assert.Contains(t, sent, part)
	}
	for field, change := range map[string]func(*smartway.TravelRequest){
		"Travellers":                 func(r *smartway.TravelRequest) { r.Travellers = nil },
		"Travellers[0].ID":           func(r *smartway.TravelRequest) { r.Travellers[0].ID = "" },
		"Travellers[0].FirstNameEng": func(r *smartway.TravelRequest) { r.Travellers[0].FirstNameEng = "" },
		"Travellers[0].Companies":    func(r *smartway.TravelRequest) { r.Travellers[0].INNs = nil },
		"Creator.Documents":          func(r *smartway.TravelRequest) { r.Creator.Documents = nil },
		"AirItems[0]":                func(r *smartway.TravelRequest) { r.AirItems = []json.RawMessage{json.RawMessage("{")} },
		"HotelItems[0]":              func(r *smartway.TravelRequest) { r.HotelItems = []json.RawMessage{json.RawMessage(`["a"]`)} },
		"TransferItems[0]":           func(r *smartway.TravelRequest) { r.TransferItems = []json.RawMessage{nil} },
		"TrainItems[0].From":         func(r *smartway.TravelRequest) { r.TrainItems = []smartway.TrainItem{{}} },
		"TrainItems[0].Travellers": func(r *smartway.TravelRequest) {
			r.TrainItems = []smartway.TrainItem{{From: "1", To: "2", Departure: civil.DateTime{Date: civil.Date{Year: 2019, Month: 8, Day: 25}}}}
		},
	} {
		r := travelRequest()
		change(&r)
		_, err := c.Requests.Save(t.Context(), r)
		conformance.Invalid(t, err, field)
	}
}

// What a travel request says about people, wherever it stands, is not repeated in an
// error.
func TestRequestPrivate(t *testing.T) {
	t.Parallel()
	r := travelRequest()
	r.AirItems = []json.RawMessage{json.RawMessage(`{"flyer":{"name":"Зинаида"},"cards":[7700112233]}`)}
	r.HotelItems = []json.RawMessage{json.RawMessage(`{"guest":"Клавдия"}`)}
	r.TransferItems = []json.RawMessage{json.RawMessage(`{"phone":"+79161112233"}`)}
	rider := traveller()
	rider.Surname, rider.Email = "Перепёлкина", "rider@example.com"
	r.TrainItems = []smartway.TrainItem{{
		From: "2000000", To: "2044000", Travellers: []smartway.Traveller{rider},
		Departure: civil.DateTime{Date: civil.Date{Year: 2019, Month: 8, Day: 25}},
	}}
	private := []string{"Зинаида", "7700112233", "Клавдия", "+79161112233", "Перепёлкина", "rider@example.com"}
	c, _ := answering(t, http.StatusOK, `{"jsonrpc":"2.0","id":1,"error":{"code":400,"message":"wrong: `+strings.Join(private, ", ")+`"}}`)
	_, err := c.Requests.Save(t.Context(), r)
	e := conformance.Failure(t, err, rutravel.ErrInvalid)
	assert.Contains(t, e.Message, "wrong")
	for _, text := range private {
		assert.NotContains(t, e.Message, text)
	}
}

// A word that does not say that a travel request was stored is no success, and is
// there to be seen.
func TestRequestSaved(t *testing.T) {
	t.Parallel()
	for _, status := range []smartway.RequestStatus{
		smartway.RequestProcessing, smartway.RequestNotProcessing, smartway.RequestProcessed, smartway.RequestCancelled,
	} {
		got, err := with(t, `"`+string(status)+`"`).Requests.Save(t.Context(), travelRequest())
		require.NoError(t, err)
		assert.Equal(t, status, got)
	}
	for _, word := range []string{"not_found", "created"} {
		_, err := with(t, `"`+word+`"`).Requests.Save(t.Context(), travelRequest())
		assert.Equal(t, word, conformance.Failure(t, err, rutravel.ErrNotConfirmed).Code)
	}
}

// SW-T42, SW-T43: two words are known of a cancellation, any other is neither yes
// nor no, and is there to be seen.
func TestCancel(t *testing.T) {
	t.Parallel()
	require.NoError(t, with(t, `"canceled"`).Requests.Cancel(t.Context(), "rq1"))
	e := conformance.Failure(t, with(t, `"not_found"`).Requests.Cancel(t.Context(), "rq1"), rutravel.ErrNotFound)
	assert.Equal(t, "not_found", e.Code)
	e = conformance.Failure(t, awkwardly(t, "request.cancel-other").Requests.Cancel(t.Context(), "rq1"), rutravel.ErrNotConfirmed)
	assert.Equal(t, "processed", e.Code)
	// Half an answer is no refusal.
	c, _ := answering(t, http.StatusOK, `{"jsonrpc":"2.0","id":1,"result":"not_found"`)
	conformance.Failure(t, c.Requests.Cancel(t.Context(), "rq1"), rutravel.ErrNotConfirmed)
	conformance.Invalid(t, c.Requests.Cancel(t.Context(), ""), "id")

	got, err := awkwardly(t, "request.status-unknown").Requests.Statuses(t.Context(), []smartway.RequestID{"rq87761063_8ea0_11e9_b992_802bf9e8178c"})
	require.NoError(t, err)
	assert.Equal(t, smartway.RequestStatus("approved"), got["rq87761063_8ea0_11e9_b992_802bf9e8178c"])
	_, err = c.Requests.Statuses(t.Context(), nil)
	conformance.Invalid(t, err, "ids")
}

// SW-T44, SW-T45, SW-T46, SW-T52: what may stand in a trip in brief.
func TestTripInfoShapes(t *testing.T) {
	t.Parallel()
	info := func(name string) smartway.TripInfo {
		got, err := awkwardly(t, name).Trips.Info(t.Context(), "7949")
		require.NoError(t, err, name)
		return got
	}
	assert.Equal(t, smartway.TripCancelled, info("trip.info-status-cancelled").Status)
	assert.Equal(t, "90071992547409.93", info("trip.info-amount-digits").Amount.String(), "SW-T59")
	assert.Equal(t, "4449", info("trip.info-amount-exponent").Amount.String())
	assert.Equal(t, "2017-05-08T20:15:00", info("trip.info-dates-minutes").Booked.String())
	assert.Equal(t, "2017-05-08T20:15:18.950000000", info("trip.info-dates-zone").Booked.String(), "by the clock on the wall")
	assert.Zero(t, info("trip.info-dates-zero").Booked)
	assert.Zero(t, info("trip.info-dates-null").Items[0].CheckIn)
	_, err := awkwardly(t, "trip.info-strings").Trips.Info(t.Context(), "7950")
	conformance.Failure(t, err, rutravel.ErrProtocol) // another trip's
}

// SW-T47, SW-T48, SW-T49, SW-T50: details by the type of the service, which stands
// behind them; unknown ones are kept.
func TestVersionDetails(t *testing.T) {
	t.Parallel()
	versions := func(name string) []smartway.ItemVersion {
		got, err := awkwardly(t, name).Trips.Versions(t.Context(), smartway.VersionQuery{})
		require.NoError(t, err, name)
		return got
	}
	air := versions("trip.versions-air-info-object")[0].Details.Air
	require.Len(t, air, 1)
	assert.Equal(t, "Домодедово", air[0].Segments[0].From.Place)
	unknown := versions("trip.versions-service-unknown")
	require.NotEmpty(t, unknown)
	assert.NotEmpty(t, unknown[0].Details.Raw)
	assert.True(t, json.Valid(unknown[0].Details.Raw))
	assert.Nil(t, unknown[0].Details.Hotel)
	for _, v := range versions("trip.versions-transactions") {
		for _, tr := range v.Transactions { // SW-T86: as they are
			assert.NotEmpty(t, tr.Type)
		}
	}
	var rates []string
	for _, v := range versions("trip.versions-vats") {
		for _, tr := range v.Transactions {
			for _, vat := range tr.VATs {
				rates = append(rates, vat.Rate)
			}
		}
	}
	assert.Contains(t, rates, "Без НДС")
	assert.Empty(t, versions("trip.versions-traveller-short")[0].Travellers[0].Email)
	for _, body := range []string{
		`[{"version_id":1,"item_id":2,"info":{"hotel_name":"A","stars":5},"service_type":"Hotel"}]`,
		`[{"service_type":"Hotel","version_id":1,"item_id":2,"info":{"hotel_name":"A","stars":"5"}}]`,
	} {
		got, err := with(t, body).Trips.Versions(t.Context(), smartway.VersionQuery{})
		require.NoError(t, err)
		assert.Equal(t, &smartway.HotelStay{Name: "A", Stars: "5"}, got[0].Details.Hotel)
	}
	_, err := with(t, "[]").Trips.Versions(t.Context(), smartway.VersionQuery{Start: -1})
	conformance.Invalid(t, err, "Start")
}

// SW-T51, SW-T56: unset filters are left out, a range has both ends.
func TestTripQueries(t *testing.T) {
	t.Parallel()
	c, queries := asked(t, "[]")
	_, err := c.Trips.Versions(t.Context(), smartway.VersionQuery{})
	require.NoError(t, err)
	_, err = c.ClosingDocuments.List(t.Context(), smartway.ClosingQuery{INN: "7799555550"})
	require.NoError(t, err)
	assert.Equal(t, []string{`{"inn_companies":[],"document_numbers":[]}`, `{"inn":"7799555550"}`}, *queries)
	first := civil.Date{Year: 2019, Month: 6, Day: 1}
	_, err = c.Trips.Between(t.Context(), smartway.DateRange{From: first})
	conformance.Invalid(t, err, "To")
	_, err = c.Trips.Between(t.Context(), smartway.DateRange{From: first, To: first.AddDays(-1)})
	conformance.Invalid(t, err, "To")
	_, err = c.ClosingDocuments.List(t.Context(), smartway.ClosingQuery{})
	conformance.Invalid(t, err, "INN")
}

// SW-T58: a voucher is a PDF, however its lines are broken.
func TestVoucherShapes(t *testing.T) {
	t.Parallel()
	plain, err := awkwardly(t, "trip.item_voucher-padding").Trips.ItemVoucher(t.Context(), "1234")
	require.NoError(t, err)
	for _, name := range []string{"line-feeds", "crlf", "spaces"} {
		got, err := awkwardly(t, "trip.item_voucher-"+name).Trips.ItemVoucher(t.Context(), "1234")
		require.NoError(t, err, name)
		assert.Equal(t, "%PDF-1.4", string(got[:8]), name)
		assert.True(t, strings.HasSuffix(string(got), "%%EOF\n"), name)
	}
	assert.Equal(t, "%PDF-1.4", string(plain[:8]))
	got, err := awkwardly(t, "trip.item_voucher-html").Trips.ItemVoucher(t.Context(), "1234")
	conformance.Failure(t, err, rutravel.ErrProtocol)
	assert.Nil(t, got)
	_, err = with(t, "null").Trips.ItemVoucher(t.Context(), "x")
	conformance.Invalid(t, err, "id")
	_, err = with(t, "null").Trips.VersionVoucher(t.Context(), 0)
	conformance.Invalid(t, err, "id")
}

// SW-T60: items of documents by type, which stands behind them; others are kept.
func TestPackageShapes(t *testing.T) {
	t.Parallel()
	packages := func(name string) smartway.ClosingDocument {
		got, err := awkwardly(t, name).ClosingDocuments.List(t.Context(), smartway.ClosingQuery{INN: "7799555550"})
		require.NoError(t, err, name)
		return got[0].Documents[0]
	}
	unknown := packages("packages.get-type-unknown")
	assert.NotEmpty(t, unknown.Raw)
	assert.Empty(t, unknown.Acts)
	operations := packages("packages.get-ticket-string").Tickets
	assert.Equal(t, []string{"421-2888857716"}, operations[0].TicketNumbers)
	assert.Equal(t, []string{"4212888857716"}, operations[1].TicketNumbers)
	negative := packages("packages.get-negative")
	assert.True(t, negative.Tickets[0].Amount.IsNegative(), "SW-T86")
	fraction := packages("packages.get-count-fraction")
	assert.Equal(t, "1.5", fraction.Acts[0].Count.String())
	assert.False(t, packages("packages.get-nulls").Tickets[0].VAT.Valid)
}

// SW-T05, SW-T06, SW-T07: failures in the place of a result, under HTTP 200, and
// what an error says beside its message, under any status.
func TestHiddenFailures(t *testing.T) {
	t.Parallel()
	for file, words := range map[string]string{
		"travel_policy.apply+not-found":   "Employee with id = 159",
		"auth.guid+not-found":             "employee with email example@smartway.today not found",
		"verification_code.add+not-found": "employee with id=”e2” not found",
	} {
		text, err := os.ReadFile("../testdata/smartway/" + file + ".answer.json")
		require.NoError(t, err)
		c, _ := answering(t, http.StatusOK, string(text))
		method, _, _ := strings.Cut(file, "+")
		_, err = methods[method](t.Context(), c)
		e := conformance.Failure(t, err, rutravel.ErrNotFound)
		assert.Equal(t, words, e.Message)
		assert.Equal(t, http.StatusOK, e.HTTPStatus)
	}
	c, _ := answering(t, http.StatusInternalServerError, conformance.Awkward(t, "smartway", "error-http-500-data-object"))
	e := conformance.Failure(t, c.Ping(t.Context()), rutravel.ErrUnavailable)
	assert.Equal(t, "500", e.Code)
	details, ok := errors.AsType[smartway.ErrorDetails](e)
	require.True(t, ok)
	assert.Equal(t, smartway.ErrorDetails{"birthday", "a", "b"}, details)
}

// SW-T65: the login and its address are secrets, and belong to the environment.
func TestLogin(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ base, login, want string }{
		{smartway.Test, "", "https://wp.test.dev.smartway.today/auth?guid=84f85401"},
		{smartway.Production, "", "https://smartway.today/auth?guid=84f85401"},
		{smartway.Production + "/", "", "https://smartway.today/auth?guid=84f85401"},
		{"https://proxy.example.com/smartway", "", ""},
		{"https://proxy.example.com/smartway", "https://cabinet.example.com/auth", "https://cabinet.example.com/auth?guid=84f85401"},
	} {
		m := httpmock.NewMockTransport()
		m.RegisterNoResponder(httpmock.NewStringResponder(http.StatusOK, `{"id":1,"result":{"uuid":"84f85401","expiration_date":null}}`))
		c, err := smartway.New(smartway.Config{Username: "u@example.com", Password: "p", BaseURL: test.base, LoginURL: test.login},
			rutravel.WithHTTPClient(&http.Client{Transport: m}))
		require.NoError(t, err)
		got, err := c.Logins.Issue(t.Context(), "user@example.org")
		require.NoError(t, err)
		assert.Equal(t, test.want, string(got.URL))
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			assert.NotContains(t, fmt.Sprintf(verb, got), "84f85401")
		}
	}
}

// SW-T66, SW-T67, SW-T87: codes need a text, an end and people, but for super
// codes and on purpose.
func TestCodes(t *testing.T) {
	t.Parallel()
	end := time.Date(2020, 12, 31, 18, 44, 26, 999, time.FixedZone("MSK", 3*60*60))
	code := func(change func(*smartway.VerificationCode)) smartway.VerificationCode {
		c := smartway.VerificationCode{Code: "159305", Employees: []smartway.ExternalID{"e1"}, Expires: end}
		change(&c)
		return c
	}
	for _, test := range []struct {
		code smartway.VerificationCode
		want string
	}{
		{code(func(*smartway.VerificationCode) {}), `{"verification_code":"159305","employees":["e1"],"expiration_date":"2020-12-31T15:44:26Z","auto_verification":false}`},
		{code(func(c *smartway.VerificationCode) { c.Employees, c.Everyone = nil, true }), `{"verification_code":"159305","employees":[],"expiration_date":"2020-12-31T15:44:26Z","auto_verification":false}`},
		{smartway.VerificationCode{Super: true, Employees: []smartway.ExternalID{"e1", "e2"}}, `{"employees":["e1","e2"],"auto_verification":true}`},
	} {
		c, queries := asked(t, `{"verification_code":`+strconv.Quote(test.code.Code)+`,"expiration_date":null}`)
		_, err := c.VerificationCodes.Add(t.Context(), test.code)
		require.NoError(t, err)
		assert.Equal(t, []string{test.want}, *queries)
	}
	for field, c := range map[string]smartway.VerificationCode{
		"Code":         code(func(c *smartway.VerificationCode) { c.Code = "" }),
		"Expires":      code(func(c *smartway.VerificationCode) { c.Expires = time.Time{} }),
		"Employees":    code(func(c *smartway.VerificationCode) { c.Employees = nil }),
		"Employees[0]": code(func(c *smartway.VerificationCode) { c.Employees = []smartway.ExternalID{""} }),
	} {
		_, err := with(t, "null").VerificationCodes.Add(t.Context(), c)
		conformance.Invalid(t, err, field)
	}
	_, err := with(t, "null").VerificationCodes.Add(t.Context(), code(func(c *smartway.VerificationCode) { c.Code = strings.Repeat("я", 51) }))
	conformance.Invalid(t, err, "Code")
	west := time.FixedZone("", -3600) // it is written in UTC
	_, err = with(t, "null").VerificationCodes.Add(t.Context(), code(func(c *smartway.VerificationCode) { c.Expires = time.Date(9999, 12, 31, 23, 30, 0, 0, west) }))
	conformance.Invalid(t, err, "Expires")
	_, err = with(t, "null").VerificationCodes.Add(t.Context(), code(func(c *smartway.VerificationCode) { c.Everyone = true }))
	conformance.Invalid(t, err, "Employees")
}

// SW-T69, SW-T83: the environment must be named, and a file of certificates must
// be one.
func TestNew(t *testing.T) {
	t.Parallel()
	good := smartway.Config{Username: "u@example.com", Password: "p-secret", BaseURL: smartway.Test}
	for field, change := range map[string]func(*smartway.Config){
		"BaseURL":  func(c *smartway.Config) { c.BaseURL = "" },
		"Username": func(c *smartway.Config) { c.Username = "" },
		"Password": func(c *smartway.Config) { c.Password = "[secret]" },
		"CAFile":   func(c *smartway.Config) { c.CAFile = "missing.pem" },
	} {
		cfg := good
		change(&cfg)
		_, err := smartway.New(cfg)
		conformance.Invalid(t, err, field)
	}
	for _, login := range []string{
		"http://smartway.today/auth", "smartway.today/auth", "https:///auth",
		"https://u:p@smartway.today/auth", "https://smartway.today/auth?a=b", "https://smartway.today/auth#a",
	} {
		cfg := good
		cfg.LoginURL = login
		_, err := smartway.New(cfg)
		conformance.Invalid(t, err, "LoginURL")
	}
	srv := httptest.NewTLSServer(smartwaytest.New())
	t.Cleanup(srv.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}), 0o600))
	cfg := smartway.Config{Username: smartwaytest.Username, Password: smartwaytest.Password, BaseURL: srv.URL, CAFile: ca}
	c, err := smartway.New(cfg)
	require.NoError(t, err)
	require.NoError(t, c.Ping(t.Context()))
	_, err = smartway.New(cfg, rutravel.WithHTTPClient(&http.Client{Transport: &http.Transport{}}))
	conformance.Invalid(t, err, "CAFile")
	cfg.CAFile = ""
	c, err = smartway.New(cfg)
	require.NoError(t, err)
	conformance.Failure(t, c.Ping(t.Context(), rutravel.WithMaxAttempts(1)), rutravel.ErrUnavailable)
}
