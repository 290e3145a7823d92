package regionbilet_test

import (
	"slices"
	"strconv"
	"testing"

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

// A category without prices has a zero Fare and cannot be booked. A category
// with some of its prices is ErrProtocol.
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
		c, _ := answering(t, emptied(text, names...))
		_, err := c.Trips(t.Context(), tripQuery)
		assert.ErrorIs(t, err, rutravel.ErrProtocol, names)
		assert.ErrorContains(t, err, "result[0].", names)
	}
}

// RB-T12: fields that only the sample or only the description names may be
// missing.
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
		assert.Equal(t, names[0] == "cash" || names[0] == "fio", !trips[0].Arrival.IsZero(), names)
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

// RB-T17: seats are one string with "^" between them, several elements or a
// number. An empty string is no seat.
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

// RB-T35: trip, trip_info and trip_free_seats must not be cached.
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
		got, err := regionbilet.ChooseSeats(free, n)
		require.NoError(t, err, strconv.Itoa(n))
		assert.Equal(t, want, got, strconv.Itoa(n))
	}
	_, err := regionbilet.ChooseSeats(free, 7)
	assert.ErrorIs(t, err, rutravel.ErrSoldOut)
	_, err = regionbilet.ChooseSeats(nil, 1)
	assert.ErrorIs(t, err, rutravel.ErrSoldOut)
	_, err = regionbilet.ChooseSeats(free, 0)
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
