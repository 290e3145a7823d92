package regionbilet_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/regionbilet"
)

func TestInvalidTripQuery(t *testing.T) {
	t.Parallel()
	trips := func(change func(*regionbilet.TripQuery)) func(*regionbilet.Client) error {
		return func(c *regionbilet.Client) error {
			q := tripQuery
			change(&q)
			_, err := c.Trips(t.Context(), q)
			return err
		}
	}
	checkInvalid(t,
		invalidCall{"no departure", "From", trips(func(q *regionbilet.TripQuery) { q.From = "" })},
		invalidCall{"id with a space", "To", trips(func(q *regionbilet.TripQuery) { q.To = "4 6" })},
		invalidCall{"no date", "Date", trips(func(q *regionbilet.TripQuery) { q.Date = civil.Date{} })},
		invalidCall{"30 February", "Date", trips(func(q *regionbilet.TripQuery) { q.Date.Day = 30 })},
		invalidCall{"free seats of no trip", "ID", func(c *regionbilet.Client) error {
			_, err := c.FreeSeats(t.Context(), regionbilet.TripKey{})
			return err
		}},
		invalidCall{"stops of no trip", "ID", func(c *regionbilet.Client) error {
			_, err := c.TripStops(t.Context(), regionbilet.TripKey{})
			return err
		}},
	)
}

// RB-T12: kontr is a list, an object, empty or null.
func TestCarriers(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"object": 1, "empty-array": 0, "null": 0} {
		c, _ := answering(t, conformance.Awkward(t, "regionbilet", "trip-kontr-"+name))
		trips, err := c.Trips(t.Context(), tripQuery)
		require.NoError(t, err, name)
		require.NotEmpty(t, trips, name)
		assert.Len(t, trips[0].Carriers, want, name)
	}
}

// RB-T13, RB-T40: ids and amounts may be JSON numbers. A price keeps its digits.
func TestNumbers(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, conformance.Awkward(t, "regionbilet", "trip-numbers"))
	trips, err := c.Trips(t.Context(), tripQuery)
	require.NoError(t, err)
	assert.Equal(t, regionbilet.TripID("4546"), trips[0].ID)
	assert.Equal(t, regionbilet.StopID("815"), trips[0].From.ID)
	i := slices.IndexFunc(trips, func(t regionbilet.Trip) bool { return t.Adult.Price == "530.00" })
	require.GreaterOrEqual(t, i, 0)
	assert.Equal(t, int32(-2), trips[i].Adult.Total.Exponent())
}

// A category without prices has a zero Fare and cannot be booked. If only some of its
// prices are missing, there is also a warning. The other category is returned.
func TestMissingPrices(t *testing.T) {
	t.Parallel()
	text := goldenAnswer(t, "trip")
	c, _ := answering(t, emptied(text, "child_ticket_price", "markup_child_price", "total_child_ticket_price"))
	trips, err := c.Trips(t.Context(), tripQuery)
	require.NoError(t, err)
	assert.Zero(t, trips[0].Child)
	assert.NotZero(t, trips[0].Adult)
	b := bookRequest("10")
	b.Passengers[0].Price = trips[0].Fare(regionbilet.Child).Price
	_, err = c.Book(t.Context(), b)
	assert.ErrorContains(t, err, "Passengers[0].Price")

	c, _ = answering(t, emptied(text, "full_ticket_price", "markup_ticket_price", "total_full_ticket_price"))
	trips, err = c.Trips(t.Context(), tripQuery)
	require.NoError(t, err)
	assert.Zero(t, trips[0].Adult)

	for _, names := range [][]string{
		{"child_ticket_price"},
		{"markup_child_price", "total_child_ticket_price"},
		{"full_ticket_price"},
	} {
		c, paths := warned(t, emptied(text, names...))
		trips, err := c.Trips(t.Context(), tripQuery)
		require.NoError(t, err, names)
		require.Len(t, trips, 2, names)
		child := strings.Contains(names[0], "child")
		assert.Equal(t, child, trips[0].Child == regionbilet.Fare{}, names)
		assert.Equal(t, !child, trips[0].Adult == regionbilet.Fare{}, names)
		require.Len(t, paths(), 1, names)
		assert.Contains(t, paths()[0], "result[0].total_", names)
	}
}

// A category with prices of zero is not sold. A fare that cannot be read is empty, with a
// warning. A trip without a readable fare is left out.
func TestUnusableFares(t *testing.T) {
	t.Parallel()
	fare := func(base, fee, total string) string {
		return `"child_ticket_price":` + base + `,"markup_child_price":` + fee + `,"total_child_ticket_price":` + total
	}
	const (
		place  = `"id_trip":"1","id_from_point":"a","id_to_point":"b","date_trip":"25.02.2021","time_trip":"08:30","count_available_seats_trip":"3",`
		adult  = `"full_ticket_price":"500.00","markup_ticket_price":"30.00","total_full_ticket_price":"530.00",`
		broken = `"full_ticket_price":"500.00","markup_ticket_price":"30.00","total_full_ticket_price":"дорого",`
		absent = ``
	)
	for _, test := range []struct {
		name, adult, child string
		trips, warnings    int
	}{
		{"child not sold", adult, fare(`"0"`, `"0"`, `""`), 1, 0},
		{"child costs zero", adult, fare(`"0.00"`, `"0.00"`, `"0.00"`), 1, 0},
		{"child null", adult, fare(`null`, `null`, `null`), 1, 0},
		{"no fares", absent, fare(`""`, `0`, `null`), 1, 0},
		{"text", adult, fare(`"x"`, `"0"`, `"10.00"`), 1, 1},
		{"negative", adult, fare(`"-10.00"`, `"0.00"`, `"10.00"`), 1, 1},
		{"total of zero", adult, fare(`"10.00"`, `"0.00"`, `"0.00"`), 1, 1},
		{"exponent", adult, fare(`"10.00"`, `"0.00"`, `1e1`), 1, 1},
		{"no total", adult, fare(`"10.00"`, `"0.00"`, `""`), 1, 1},
		{"other fare unreadable and not sold", broken, fare(`""`, `""`, `""`), 0, 1},
		{"both unreadable", broken, fare(`"x"`, `"0"`, `""`), 0, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			good := "{" + place + adult + fare(`"250.00"`, `"20.00"`, `"270.00"`) + "}"
			c, paths := warned(t, `{"error":"0","result":[{`+place+test.adult+test.child+`},`+good+`]}`)
			trips, err := c.Trips(t.Context(), tripQuery)
			require.NoError(t, err)
			require.Len(t, trips, test.trips+1)
			assert.Len(t, paths(), test.warnings)
			assert.Equal(t, regionbilet.Price("270.00"), trips[test.trips].Child.Price)
			if test.trips == 1 {
				assert.Equal(t, regionbilet.Fare{}, trips[0].Child)
				assert.Equal(t, test.adult != absent, trips[0].Adult.Price == "530.00")
			}
		})
	}
}

// A row of a search or directory that cannot be read is left out. The warning has its id.
// If no row can be read, the error is ErrProtocol.
func TestUnreadableRows(t *testing.T) {
	t.Parallel()
	text := goldenAnswer(t, "trip")
	for _, change := range []string{
		`"date_trip": "31.02.2021"`, `"date_trip": null`, `"time_trip": "25:00"`, `"count_available_seats_trip": -1`,
		`"count_available_seats_trip": ""`, `"id_from_point": "stv\ufffd"`, `"id_to_point": {}`,
	} {
		name, _, _ := strings.Cut(change, ":")
		field := regexp.MustCompile(name + `: "[^"]*"`)
		first := field.FindString(text)
		c, paths := warned(t, strings.Replace(text, first, change, 1))
		trips, err := c.Trips(t.Context(), tripQuery)
		require.NoError(t, err, change)
		require.Len(t, trips, 1, change)
		assert.Equal(t, regionbilet.TripID("4546"), trips[0].ID, change)
		assert.Equal(t, []string{"result[0]." + strings.Trim(name, `"`)}, paths(), change)

		c, _ = answering(t, field.ReplaceAllString(text, change))
		_, err = c.Trips(t.Context(), tripQuery)
		assert.ErrorIs(t, err, rutravel.ErrProtocol, change)
	}
}

// A minor field of a trip that cannot be read is empty, with a warning.
func TestUnreadableMinorFields(t *testing.T) {
	t.Parallel()
	text := goldenAnswer(t, "trip")
	for name, value := range map[string]string{
		"name_trip": `[1]`, "from_name_point": `true`, "date_arrival_trip": `"31.02.2021"`, "time_arrival_trip": `-5`,
		"time_duration_trip": `{"a":1}`, "name_ats": `[1]`, "kontr": `"x"`, "phone": `true`,
	} {
		changed := regexp.MustCompile(`"`+name+`": (?s:"[^"]*"|\[.*?\])`).ReplaceAllLiteralString(text, `"`+name+`": `+value)
		c, paths := warned(t, changed)
		trips, err := c.Trips(t.Context(), tripQuery)
		require.NoError(t, err, name)
		require.Len(t, trips, 2, name)
		assert.Len(t, paths(), 2, name)
		assert.Equal(t, regionbilet.Price("517.54"), trips[0].Adult.Price, name)
	}
}

// RB-T12: fields that are only in the sample or only in the description may be missing.
func TestOptionalTripFields(t *testing.T) {
	t.Parallel()
	text := goldenAnswer(t, "trip")
	for _, names := range [][]string{
		{"cash"},
		{"fio", "phone", "mode", "ogrn", "license", "license_date", "info"},
		{"name_ats", "date_arrival_trip"},
		{"time_arrival_trip", "time_duration_trip"},
	} {
		c, _ := answering(t, without(text, names...))
		trips, err := c.Trips(t.Context(), tripQuery)
		require.NoError(t, err, names)
		assert.Len(t, trips, 2, names)
		assert.Equal(t, names[0] == "name_ats", trips[0].Arrival.IsZero(), names)
		assert.Equal(t, names[0] == "cash" || names[0] == "fio", !trips[0].Arrival.DateTime().IsZero(), names)
	}
}

// RB-T29: a stop may have no time.
func TestTripStopWithoutTime(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, `{"error":"0","result":[{"time_trip":"","name":"Воронеж"}]}`)
	stops, err := c.TripStops(t.Context(), bookRequest().Trip)
	require.NoError(t, err)
	assert.Equal(t, []regionbilet.TripStop{{Name: "Воронеж"}}, stops)
}

// RB-T17: seats are one string with "^" between them, several elements or a number. An
// empty string has no seats.
func TestFreeSeatsShapes(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]regionbilet.Seat{"number": {"7"}, "empty": nil} {
		c, _ := answering(t, conformance.Awkward(t, "regionbilet", "trip_free_seats-"+name))
		seats, err := c.FreeSeats(t.Context(), bookRequest().Trip)
		require.NoError(t, err, name)
		assert.Equal(t, want, seats, name)
	}
	c, _ := answering(t, conformance.Awkward(t, "regionbilet", "trip_free_seats-several"))
	several, err := c.FreeSeats(t.Context(), bookRequest().Trip)
	require.NoError(t, err)
	assert.Greater(t, len(several), 1)
	c, _ = answering(t, `{"error":"0","result":[{"seats_trip":" 1 ^^2^1^"},{"seats_trip":"2^3"}]}`)
	seats, err := c.FreeSeats(t.Context(), bookRequest().Trip)
	require.NoError(t, err)
	assert.Equal(t, []regionbilet.Seat{"1", "2", "3"}, seats)
}

// Seats in windows-1251 are left out. With replaced bytes, both would become the same seat,
// which does not exist. If no seat can be read, the error is ErrProtocol.
func TestFreeSeatsNotUTF8(t *testing.T) {
	t.Parallel()
	c, paths := warned(t, "{\"error\":\"0\",\"result\":[{\"seats_trip\":\"1\xc0^1\xc1^2\"}]}")
	seats, err := c.FreeSeats(t.Context(), bookRequest().Trip)
	require.NoError(t, err)
	assert.Equal(t, []regionbilet.Seat{"2"}, seats)
	assert.Equal(t, []string{"result[0].seats_trip"}, paths())
	c, _ = answering(t, "{\"error\":\"0\",\"result\":[{\"seats_trip\":\"1\xc0^1\xc1\"}]}")
	_, err = c.FreeSeats(t.Context(), bookRequest().Trip)
	assert.ErrorIs(t, err, rutravel.ErrProtocol)
}

// Today returns the day in Moscow.
func TestToday(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		assert.Equal(t, civil.Date{Year: 2000, Month: 1, Day: 1}, regionbilet.Today())
		time.Sleep(21 * time.Hour)
		assert.Equal(t, civil.Date{Year: 2000, Month: 1, Day: 2}, regionbilet.Today())
	})
}

// RB-T35: the client does not cache trip, trip_info and trip_free_seats.
func TestTripsAreNotCached(t *testing.T) {
	t.Parallel()
	c, asked := answering(t, `{"error":"0","result":[]}`)
	for range 2 {
		_, err := c.Trips(t.Context(), tripQuery)
		require.NoError(t, err)
		_, err = c.TripStops(t.Context(), bookRequest().Trip)
		require.NoError(t, err)
		_, err = c.FreeSeats(t.Context(), bookRequest().Trip)
		require.NoError(t, err)
	}
	assert.Len(t, *asked, 6)
}

func TestChooseSeats(t *testing.T) {
	t.Parallel()
	free := []regionbilet.Seat{"10", "3", "4A", "8", "1", "9"}
	for n, want := range map[int][]regionbilet.Seat{
		1: {"1"}, 2: {"8", "9"}, 3: {"8", "9", "10"}, 4: {"1", "3", "8", "9"}, 6: {"1", "3", "8", "9", "10", "4A"},
	} {
		got, adjacent, err := regionbilet.ChooseSeats(free, n)
		require.NoError(t, err, strconv.Itoa(n))
		assert.Equal(t, want, got, strconv.Itoa(n))
		assert.Equal(t, n <= 3, adjacent, strconv.Itoa(n))
	}
	family, adjacent, err := regionbilet.ChooseSeats([]regionbilet.Seat{"1", "3", "7"}, 3)
	require.NoError(t, err)
	assert.Equal(t, []regionbilet.Seat{"1", "3", "7"}, family)
	assert.False(t, adjacent)
	_, _, err = regionbilet.ChooseSeats(free, 7)
	assert.ErrorIs(t, err, rutravel.ErrSoldOut)
	_, _, err = regionbilet.ChooseSeats(nil, 1)
	assert.ErrorIs(t, err, rutravel.ErrSoldOut)
	_, _, err = regionbilet.ChooseSeats(free, 0)
	assert.ErrorIs(t, err, rutravel.ErrInvalid)
}

func TestFareOfUnknownCategory(t *testing.T) {
	t.Parallel()
	assert.Zero(t, regionbilet.Trip{Adult: regionbilet.Fare{Price: "1"}}.Fare("9"))
}

func TestCategoryString(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "adult", regionbilet.Adult.String())
	assert.Equal(t, "child", regionbilet.Child.String())
	assert.Equal(t, "9", regionbilet.Category("9").String())
}
