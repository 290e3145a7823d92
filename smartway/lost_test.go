package smartway_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/internal/wire"
	"github.com/rutravel/rutravel-go/smartway"
	"github.com/rutravel/rutravel-go/smartway/smartwaytest"
)

// A purchase with a lost answer is found by values from before the call. A trip that is not
// listed yet is found later.
func TestLost(t *testing.T) {
	t.Parallel()
	for name, quirks := range map[string]smartwaytest.Quirks{"by id": {}, "by name": {NoExternalID: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake, c := newFake(t)
				fake.SetQuirks(quirks)
				ctx := t.Context()
				buy(t, c, offer(t, c)) // an earlier purchase
				history := c.Trips.AfterChange(ctx, 0)
				_, err := rutravel.Collect(history.All())
				require.NoError(t, err)
				before, ok := history.Cursor()
				require.True(t, ok)
				today := civil.DateOf(time.Now())

				b := offer(t, c)
				_, err = c.Airlines.Buy(ctx, b)
				require.NoError(t, err)
				q := smartway.LostQuery{Passengers: b.Passengers, After: &before}
				found, err := c.Trips.Lost(ctx, q)
				require.NoError(t, err)
				assert.Empty(t, found, "the purchase is still pending")
				time.Sleep(time.Minute)
				found, err = c.Trips.Lost(ctx, q)
				require.NoError(t, err)
				require.Len(t, found, 1)
				assert.Equal(t, smartway.TripID("189701"), found[0].ID)

				found, err = c.Trips.Lost(ctx, smartway.LostQuery{Passengers: b.Passengers, Day: today})
				require.NoError(t, err)
				assert.Len(t, found, 2, "both purchases are of this day")

				renamed := b.Passengers[0]
				renamed.ID = "e7"
				found, err = c.Trips.Lost(ctx, smartway.LostQuery{Passengers: []smartway.Passenger{renamed}, After: &before})
				require.NoError(t, err)
				assert.Len(t, found, 1, "the supplier may have another id for the passenger")

				stranger := passenger()
				stranger.ID, stranger.Surname = "e2", "Другой"
				found, err = c.Trips.Lost(ctx, smartway.LostQuery{Passengers: []smartway.Passenger{stranger}, After: &before})
				require.NoError(t, err)
				assert.Empty(t, found)
				found, err = c.Trips.Lost(ctx, smartway.LostQuery{Passengers: []smartway.Passenger{stranger, b.Passengers[0]}, After: &before})
				require.NoError(t, err)
				assert.Len(t, found, 1, "a trip need not have all passengers")
			})
		})
	}
	nameless, surnameless := passenger(), passenger()
	nameless.FirstName, surnameless.Surname = " ", ""
	for field, q := range map[string]smartway.LostQuery{
		"Passengers":              {After: new(smartway.Cursor(1))},
		"Passengers[0].FirstName": {Passengers: []smartway.Passenger{nameless}, After: new(smartway.Cursor(1))},
		"Passengers[0].Surname":   {Passengers: []smartway.Passenger{surnameless}, After: new(smartway.Cursor(1))},
		"Passengers[1].Surname":   {Passengers: []smartway.Passenger{passenger(), surnameless}, After: new(smartway.Cursor(1))},
		"Day":                     {Passengers: []smartway.Passenger{passenger()}, Day: civil.Date{Year: 2019, Month: 2, Day: 30}},
		"After":                   {Passengers: []smartway.Passenger{passenger()}},
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			_, err := with(t, "null").Trips.Lost(t.Context(), q)
			conformance.Invalid(t, err, field)
		})
	}
	_, err := with(t, "null").Trips.Lost(t.Context(), smartway.LostQuery{Passengers: []smartway.Passenger{passenger()}, After: new(smartway.Cursor(-1))})
	conformance.Invalid(t, err, "After")
	_, err = with(t, "null").Trips.Lost(t.Context(), smartway.LostQuery{
		Passengers: []smartway.Passenger{passenger()}, After: new(smartway.Cursor(1)), Day: civil.Date{Year: 2019, Month: 1, Day: 1},
	})
	conformance.Invalid(t, err, "Day")
}

// SW-T56: passengers are found in every spelling, in flights only, from the day
// before to the day after.
func TestLostNames(t *testing.T) {
	t.Parallel()
	for traveller, found := range map[string]int{
		`"surname":"ИЛЛАРИОНОВ","name":"Петр"`:                                             1,
		`"surname":"Илларионов","name":"Пётр Сергеевич"`:                                   1,
		`"surname":"ILLARIONOV","name":"PIOTR MR"`:                                         1,
		`"surname":"Илларионов","name":"Пётр","birthday":"1981-01-02T00:00:00"`:            1,
		`"surname":"Илларионов","name":"Пётр","birthday":null,"external_id":"e7"`:          1,
		`"surname":"Иванова","name":"Анна","external_id":"e1"`:                             1,
		`"surname":"Илларионов","name":"Павел"`:                                            0,
		`"surname":"Иванов","name":"Пётр"`:                                                 0,
		`"surname":"","name":"","birthday":"1981-01-01T00:00:00","external_id":""`:         1, // unknown travellers match
		`"surname":"Илларионов","name":{"first":"Пётр"}`:                                   1,
		`"surname":"Иллари\ufffdнов","name":"Павел"`:                                       1,
		`"surname":"Пётр","name":"Илларионов"`:                                             1,
		`"surname":"Илларионов","name":"Пётр","patronymic":"Иванович"`:                     1,
		`"surname":"Illarionov","name":"Пётр","birthday":"1981-01-01","external_id":"e10"`: 0,
	} {
		for service, flies := range map[string]int{"Air": 1, "Avia": 1, "Train": 0, "hotel": 0} {
			t.Run(service+" "+traveller, func(t *testing.T) {
				t.Parallel()
				c, queries := asked(t, `{"last_version_id":9,"trips":[{"id":7,"amount":1,"items":[{"id":8,"amount":1,"service_type":"`+
					service+`","travellers":[{`+traveller+`}]}]}]}`)
				trips, err := c.Trips.Lost(t.Context(), smartway.LostQuery{
					Passengers: []smartway.Passenger{passenger()}, Day: civil.Date{Year: 2019, Month: 6, Day: 30},
				})
				require.NoError(t, err)
				assert.Len(t, trips, found*flies, "%s %s", service, traveller)
				assert.Equal(t, []string{`{"start_date":"2019-06-29","end_date":"2019-07-01"}`}, *queries)
			})
		}
	}
	latinless := passenger()
	latinless.SurnameEng, latinless.FirstNameEng = "", ""
	surnameless := passenger()
	surnameless.SurnameEng = ""
	idless := passenger()
	idless.ID = ""
	for traveller, test := range map[string]struct {
		passenger smartway.Passenger
		found     int
	}{
		`{}`:                                 {latinless, 1}, // missing names match
		`{"surname":"","name":"Piotr"}`:      {surnameless, 1},
		`{"surname":"PETROV","name":"IVAN"}`: {latinless, 1}, // they cannot be compared
		`{"surname":"Петров","name":"Иван"}`:                    {latinless, 0},
		`{"surname":"PETROV","name":"IVAN","external_id":null}`: {idless, 0},
		`{"surname":"Иванов","name":"Павел","external_id":""}`:  {idless, 0}, // two missing ids are not equal
		`{"surname":"Иванов","name":"Павел"}`:                   {idless, 0},
	} {
		t.Run(traveller, func(t *testing.T) {
			t.Parallel()
			c := with(t, `{"trips":[{"id":7,"amount":1,"items":[{"id":8,"amount":1,"service_type":"Air","travellers":[`+traveller+`]}]}]}`)
			trips, err := c.Trips.Lost(t.Context(), smartway.LostQuery{Passengers: []smartway.Passenger{test.passenger}, After: new(smartway.Cursor(1))})
			require.NoError(t, err)
			assert.Len(t, trips, test.found, traveller)
		})
	}
}

// The smallest valid query can be stored as JSON.
func TestLostQueryStored(t *testing.T) {
	t.Parallel()
	query := smartway.LostQuery{Passengers: []smartway.Passenger{{Surname: "Иванов", FirstName: "Иван"}}, After: new(smartway.Cursor(5))}
	text, err := json.Marshal(query)
	require.NoError(t, err)
	var read smartway.LostQuery
	require.NoError(t, json.Unmarshal(text, &read))
	assert.Equal(t, query, read)
}

// A trip that may be the lost one and could not be read completely is returned with an
// error. A trip of other people is left out without an error.
func TestLostUnreadable(t *testing.T) {
	t.Parallel()
	const (
		own     = `[{"surname":"Илларионов","name":"Пётр"}]`
		other   = `[{"surname":"Иванов","name":"Павел"}]`
		flight  = `{"id":8,"amount":1,"service_type":"Air","travellers":%s}`
		healthy = `{"id":6,"amount":1,"items":[{"id":8,"amount":1,"service_type":"Air","travellers":` + own + `}]}`
	)
	item := func(travellers string) string { return strings.Replace(flight, "%s", travellers, 1) }
	for name, test := range map[string]struct {
		trip  string
		found bool
		bad   bool
	}{
		"own, without an amount":    {`{"id":7,"items":[` + item(own) + `]}`, true, true},
		"other, without an amount":  {`{"id":7,"items":[` + item(other) + `]}`, false, false},
		"own, without an id":        {`{"amount":1,"items":[` + item(own) + `]}`, true, true},
		"items are not a list":      {`{"id":7,"amount":1,"items":"many"}`, true, true},
		"items are missing":         {`{"id":7,"amount":1}`, true, false},
		"items are null":            {`{"id":7,"amount":1,"items":null}`, true, false},
		"travellers are not a list": {`{"id":7,"amount":1,"items":[` + item(`"Иванов"`) + `]}`, true, true},
		"travellers are missing":    {`{"id":7,"amount":1,"items":[{"id":8,"amount":1,"service_type":"Air"}]}`, true, false},
		"travellers of a train":     {`{"id":7,"amount":1,"items":[{"id":8,"amount":1,"service_type":"Train"}]}`, false, false},
		"the service is missing":    {`{"id":7,"amount":1,"items":[{"id":8,"amount":1,"travellers":` + own + `}]}`, true, false},
		"a text":                    {`"Москва"`, true, true},
		"other, with an odd date":   {`{"id":7,"amount":1,"book_date":"31 June","items":[` + item(other) + `]}`, false, false},
		"own, with an odd date":     {`{"id":7,"amount":1,"book_date":"31 June","items":[` + item(own) + `]}`, true, false},
		"own, with a repaired id":   {`{"id":"7\ufffd","amount":1,"items":[` + item(own) + `]}`, true, true},
	} {
		for way, q := range map[string]smartway.LostQuery{
			"cursor": {Passengers: []smartway.Passenger{passenger()}, After: new(smartway.Cursor(0))},
			"day":    {Passengers: []smartway.Passenger{passenger()}, Day: civil.Date{Year: 2019, Month: 6, Day: 30}},
		} {
			t.Run(name+" by "+way, func(t *testing.T) {
				t.Parallel()
				trips, err := with(t, `{"last_version_id":9,"trips":[`+test.trip+`,`+healthy+`]}`).Trips.Lost(t.Context(), q)
				want := 1
				if test.found {
					want = 2
				}
				assert.Len(t, trips, want)
				if !test.bad {
					require.NoError(t, err)
					return
				}
				conformance.Failure(t, err, rutravel.ErrProtocol)
				rows, ok := errors.AsType[*rutravel.RowsError](err)
				require.True(t, ok)
				require.Len(t, rows.Rows, 1)
				assert.Zero(t, rows.Rows[0].Index, "the index among the candidates")
				assert.Len(t, wire.Readable(trips, err), 1)
			})
		}
	}
}

// If the supplier ignores the cursor or the days, trips from before the call are not
// candidates. A clock that is wrong by 15 minutes makes no difference.
func TestLostPeriod(t *testing.T) {
	t.Parallel()
	trip := func(booked string, versions ...string) string {
		return `{"trips":[{"id":7,"amount":1,"items":[{"id":8,"amount":1,"service_type":"Air","book_date":` + booked +
			`,"travellers":[{"surname":"Илларионов","name":"Пётр"}],"versions":[` + strings.Join(versions, ",") + `]}]}]}`
	}
	version := func(id string) string { return `{"version_id":` + id + `,"item_id":8}` }
	people := []smartway.Passenger{passenger()}
	for name, test := range map[string]struct {
		result string
		found  int
	}{
		"a new version":                     {trip("null", version("301")), 1},
		"the version of the cursor":         {trip("null", version("300")), 0},
		"an old version":                    {trip("null", version("299")), 0},
		"bought before, and changed":        {trip("null", version("299"), version("301")), 0},
		"without versions":                  {trip("null"), 1},
		"with a version that has no number": {trip("null", version(`0`)), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trips, err := with(t, test.result).Trips.Lost(t.Context(), smartway.LostQuery{Passengers: people, After: new(smartway.Cursor(300))})
			require.NoError(t, err)
			assert.Len(t, trips, test.found)
		})
	}
	for booked, found := range map[string]int{
		`"2019-06-30T12:00:00"`: 1, `"2019-06-29T00:00:00"`: 1, `"2019-07-01T23:59:59"`: 1, `"2019-06-28T23:59:59"`: 0,
		`"2019-07-02T00:00:00"`: 0, `null`: 1, `"soon"`: 1, `"0001-01-01T00:00:00"`: 1,
	} {
		t.Run(booked, func(t *testing.T) {
			t.Parallel()
			trips, err := with(t, trip(booked)).Trips.Lost(t.Context(), smartway.LostQuery{Passengers: people, Day: civil.Date{Year: 2019, Month: 6, Day: 30}})
			require.NoError(t, err)
			assert.Len(t, trips, found)
		})
	}
}

// If the answer to Save is lost, the employee is found by name and birthday among those of
// the companies.
func TestEmployeesLost(t *testing.T) {
	t.Parallel()
	change := smartway.EmployeeChange{
		Surname: "Волина", FirstName: "Наталия", MiddleName: "Сергеевна", BirthDate: civil.Date{Year: 1991, Month: 5, Day: 4},
		Citizenship: "RU", Companies: []smartway.CompanyID{"7133"},
	}
	for employee, test := range map[string]struct {
		found int
		bad   bool
	}{
		`{"Id":1,"Surname":"ВОЛИНА","Name":"Наталия","Birthday":"1991-05-04T00:00:00"}`:            {1, false},
		`{"Id":1,"Surname":"Волина","Name":"Натали́я Сергеевна","Birthday":"1991-05-04T00:00:00"}`: {1, false},
		`{"Id":1,"Surname":"Волина","Name":"Наталия","Birthday":null}`:                             {1, false},
		`{"Id":1,"Surname":"Волина","Name":"Наталия","Birthday":"in May"}`:                         {1, false},
		`{"Id":1,"Surname":"Волина","Name":"Наталия","Birthday":"1991-05-05T00:00:00"}`:            {0, false},
		`{"Id":1,"Surname":"Иванова","Name":"Наталия","Birthday":"1991-05-04T00:00:00"}`:           {0, false},
		`{"Id":1,"Surname":"Волина","Name":["Наталия"],"Birthday":"1991-05-04T00:00:00"}`:          {1, false},
		`{"Id":null,"Surname":"Волина","Name":"Наталия","Birthday":"1991-05-04T00:00:00"}`:         {1, true},
		`{"Id":null,"Surname":"Иванова","Name":"Анна","Birthday":"1991-05-04T00:00:00"}`:           {0, false},
		`"Волина"`: {1, true},
		`{"Id":1,"Surname":"Волина","Name":"Наталия","Companies":[{"CompanyId":7133}]}`:                            {1, false},
		`{"Id":1,"Surname":"Волина","Name":"Наталия","Companies":[{"CompanyId":7134}]}`:                            {0, false},
		`{"Id":1,"Surname":"Волина","Name":"Наталия","Companies":[{"CompanyId":7134},{"CompanyId":"7133\ufffd"}]}`: {1, true},
	} {
		t.Run(employee, func(t *testing.T) {
			t.Parallel()
			c, queries := asked(t, "["+employee+"]")
			got, err := c.Employees.Lost(t.Context(), change)
			assert.Len(t, got, test.found)
			assert.Equal(t, []string{`{"companies_id":[7133],"employees_id":[]}`}, *queries)
			if test.bad {
				_, ok := errors.AsType[*rutravel.RowsError](err)
				assert.True(t, ok)
				conformance.Failure(t, err, rutravel.ErrProtocol)
				return
			}
			require.NoError(t, err)
		})
	}
	inn := change
	inn.Companies, inn.INNs = nil, []smartway.INN{"7799555550"}
	c, queries := asked(t, `[{"Id":1,"Surname":"Волина","Name":"Наталия","Companies":[{"CompanyId":7134}]}]`)
	got, err := c.Employees.Lost(t.Context(), inn)
	require.NoError(t, err)
	assert.Len(t, got, 1)
	assert.Equal(t, []string{`{"companies_id":[],"employees_id":[]}`}, *queries)
	known := change
	known.ID = "1"
	_, err = c.Employees.Lost(t.Context(), known)
	conformance.Invalid(t, err, "change.ID")
	_, err = c.Employees.Lost(t.Context(), smartway.EmployeeChange{})
	conformance.Invalid(t, err, "change.Surname")
}
