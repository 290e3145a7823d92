package smartway_test

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/smartway"
	"github.com/rutravel/rutravel-go/smartway/smartwaytest"
)

// A lost purchase is found by values from before the call. A trip that is not listed
// yet is found later.
func TestLost(t *testing.T) {
	t.Parallel()
	for name, quirks := range map[string]smartwaytest.Quirks{"by id": {}, "by name": {NoExternalID: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake, c := newFake(t)
				fake.SetQuirks(quirks)
				ctx := t.Context()
				buy(t, c, offer(t, c)) // somebody has flown before
				history := c.Trips.AfterChange(ctx, 0)
				_, err := rutravel.Collect(history.All())
				require.NoError(t, err)
				before, ok := history.Cursor()
				require.True(t, ok)
				today := civil.DateOf(time.Now())

				b := offer(t, c)
				_, err = c.Airlines.Buy(ctx, b)
				require.NoError(t, err)
				q := smartway.LostQuery{Passengers: b.Passengers, After: before}
				found, err := c.Trips.Lost(ctx, q)
				require.NoError(t, err)
				assert.Empty(t, found, "the purchase is still under way: finding none proves nothing")
				time.Sleep(time.Minute)
				found, err = c.Trips.Lost(ctx, q)
				require.NoError(t, err)
				require.Len(t, found, 1)
				assert.Equal(t, smartway.TripID("189701"), found[0].ID)

				found, err = c.Trips.Lost(ctx, smartway.LostQuery{Passengers: b.Passengers, Day: today})
				require.NoError(t, err)
				assert.Len(t, found, 2, "the day has both")

				renamed := b.Passengers[0]
				renamed.ID = "e7"
				found, err = c.Trips.Lost(ctx, smartway.LostQuery{Passengers: []smartway.Passenger{renamed}, After: before})
				require.NoError(t, err)
				assert.Len(t, found, 1, "the supplier may know him by another id")

				stranger := passenger()
				stranger.ID, stranger.Surname = "e2", "Другой"
				found, err = c.Trips.Lost(ctx, smartway.LostQuery{Passengers: []smartway.Passenger{stranger}, After: before})
				require.NoError(t, err)
				assert.Empty(t, found)
				found, err = c.Trips.Lost(ctx, smartway.LostQuery{Passengers: []smartway.Passenger{stranger, b.Passengers[0]}, After: before})
				require.NoError(t, err)
				assert.Len(t, found, 1, "not all of them need be in one trip")
			})
		})
	}
	nameless, surnameless := passenger(), passenger()
	nameless.FirstName, surnameless.Surname = " ", ""
	for field, q := range map[string]smartway.LostQuery{
		"Passengers":              {After: 1},
		"Passengers[0].FirstName": {Passengers: []smartway.Passenger{nameless}, After: 1},
		"Passengers[0].Surname":   {Passengers: []smartway.Passenger{surnameless}, After: 1},
		"Passengers[1].Surname":   {Passengers: []smartway.Passenger{passenger(), surnameless}, After: 1},
		"Day":                     {Passengers: []smartway.Passenger{passenger()}, Day: civil.Date{Year: 2019, Month: 2, Day: 30}},
		"After":                   {Passengers: []smartway.Passenger{passenger()}},
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			_, err := with(t, "null").Trips.Lost(t.Context(), q)
			conformance.Invalid(t, err, field)
		})
	}
	_, err := with(t, "null").Trips.Lost(t.Context(), smartway.LostQuery{Passengers: []smartway.Passenger{passenger()}, After: -1})
	conformance.Invalid(t, err, "After")
	_, err = with(t, "null").Trips.Lost(t.Context(), smartway.LostQuery{
		Passengers: []smartway.Passenger{passenger()}, After: 1, Day: civil.Date{Year: 2019, Month: 1, Day: 1},
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
		`"surname":"","name":"","birthday":"1981-01-01T00:00:00","external_id":""`:         0,
		`"surname":"Illarionov","name":"Пётр","birthday":"1981-01-01","external_id":"e10"`: 0,
	} {
		for service, flies := range map[string]int{"Air": 1, "Train": 0} {
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
	for traveller, p := range map[string]smartway.Passenger{
		`{}`:                            latinless, // no names are not the same name
		`{"surname":"","name":"Piotr"}`: surnameless,
		`{"surname":"Иванов","name":"Павел","external_id":""}`: idless, // and no ids not the same id
		`{"surname":"Иванов","name":"Павел"}`:                  idless,
	} {
		t.Run(traveller, func(t *testing.T) {
			t.Parallel()
			c := with(t, `{"trips":[{"id":7,"amount":1,"items":[{"id":8,"amount":1,"service_type":"Air","travellers":[`+traveller+`]}]}]}`)
			trips, err := c.Trips.Lost(t.Context(), smartway.LostQuery{Passengers: []smartway.Passenger{p}, After: 1})
			require.NoError(t, err)
			assert.Empty(t, trips, traveller)
		})
	}
}

// The smallest valid query can be stored as JSON.
func TestLostQueryStored(t *testing.T) {
	t.Parallel()
	query := smartway.LostQuery{Passengers: []smartway.Passenger{{Surname: "Иванов", FirstName: "Иван"}}, After: 5}
	text, err := json.Marshal(query)
	require.NoError(t, err)
	var read smartway.LostQuery
	require.NoError(t, json.Unmarshal(text, &read))
	assert.Equal(t, query, read)
}
