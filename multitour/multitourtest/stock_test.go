package multitourtest_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/multitour"
	"github.com/rutravel/rutravel-go/multitour/multitourtest"
)

const surf = `{"ID": "10", "Name": "Прибой", "City": "1440", "Rates": [
	{"Room": "2-х местный", "Places": 2, "Quota": 1, "Tariff": "Завтрак", "MealType": "2", "Adult": "1500", "Child": "900"},
	{"Room": "люкс", "Places": 4, "Tariff": "Лечение", "TourType": "32", "MealType": "4", "Adult": "4000.50", "Child": "0"},
	{"Room": "2-х местный", "Places": 2, "Tariff": "Без питания", "Adult": "1200", "Child": "700"}
]}`

// Seed replaces the stock. Its hotel can be found, priced and booked. Reset restores the
// default stock.
func TestSeed(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *multitourtest.Server, c *multitour.Client) {
		before := book(t, c, "6596", today)
		require.NoError(t, fake.Seed([]byte(`{"Hotels": [`+surf+`]}`)))
		area := multitour.Area{Country: "6228"}
		hotels, err := c.Hotels(t.Context(), area)
		require.NoError(t, err)
		require.Len(t, hotels, 1)
		assert.Equal(t, "Прибой", hotels[0].Name)
		found, err := c.HotelPrices(t.Context(), multitour.HotelQuery{Area: area, Hotels: []multitour.HotelID{"10"}, Stay: stay(today)})
		require.NoError(t, err)
		require.Len(t, found, 1)
		assert.Equal(t, "16800", found[0].Cheapest.Price.String())
		all := offers(t, c, "10", today)
		require.Len(t, all, 3)
		assert.Equal(t, []string{"завтрак", "все включено", "без питания"}, []string{all[0].MealType.Name, all[1].MealType.Name, all[2].MealType.Name})
		assert.Equal(t, "Лечение", all[1].TourType.Name)
		assert.Equal(t, []bool{true, false, true}, []bool{all[0].Guaranteed, all[1].Guaranteed, all[2].Guaranteed})
		code, err := c.Book(t.Context(), request(all[2].ID))
		require.NoError(t, err)
		assert.False(t, offers(t, c, "10", today)[0].Guaranteed, "rates with the same room share its quota")
		booked, err := rutravel.Collect(c.Bookings(t.Context(), multitour.BookingQuery{}))
		require.NoError(t, err)
		assert.Equal(t, []multitour.BookingCode{before, code}, codes(booked))
		assert.Equal(t, "Прибой", booked[1].TourName)
		_, err = c.Offers(t.Context(), multitour.OfferQuery{Hotel: "6596", Stay: stay(today)})
		require.ErrorIs(t, err, rutravel.ErrRejected)
		require.ErrorContains(t, err, "hotel_id")

		fake.SetQuirks(multitourtest.Quirks{IgnorePage: true})
		fake.Inject(multitourtest.Fault{Drop: true})
		fake.Advance(time.Hour)
		fake.Reset()
		assert.Zero(t, fake.Pending())
		assert.Empty(t, fake.Requests())
		page, err := c.BookingsPage(t.Context(), multitour.BookingQuery{})
		require.NoError(t, err)
		assert.Equal(t, new(0), page.BookingCount)
		assert.True(t, offers(t, c, "6596", today)[0].Guaranteed)
		assert.EqualValues(t, "X0000001", book(t, c, "6596", today))
	})
}

// The fake can sell more than nine hotels.
func TestAddHotel(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *multitourtest.Server, c *multitour.Client) {
		h := multitourtest.Hotel{City: "1446", Name: "А", Tour: "Б", Rates: []multitourtest.Rate{{
			Room: "номер", Places: 2, Quota: 1, Adult: decimal.NewFromInt(1000),
		}}}
		for _, h.ID = range []multitour.HotelID{"1", "2", "3"} {
			fake.AddHotel(h)
		}
		for _, hotel := range []multitour.HotelID{"6596", "1", "3"} {
			booking, err := c.BookingInfo(t.Context(), book(t, c, hotel, today))
			require.NoError(t, err)
			assert.Equal(t, hotel, booking.Accommodations[0].Hotel)
		}
	})
}

// A hotel that cannot be sold is refused, and nothing is replaced.
func TestBadStock(t *testing.T) {
	t.Parallel()
	fake := multitourtest.New()
	rate := func(members string) string {
		return `{"Hotels": [{"ID": "10", "City": "1440", "Rates": [{"Room": "r", "Places": 2, "Adult": "1"` + members + `}]}]}`
	}
	require.NoError(t, multitourtest.New().Seed([]byte(rate(``))))
	for seed, want := range map[string]string{
		`[]`: "json", `{"Hotel": []}`: "unknown field", `{"Hotels": [` + surf + `,` + surf + `]}`: "hotel 10: there is another",
		`{"Hotels": [{"ID": "0", "City": "1440"}]}`:                                              "positive number",
		`{"Hotels": [{"ID": "x", "City": "1440"}]}`:                                              "positive number",
		`{"Hotels": [{"ID": "1", "City": "1"}]}`:                                                 "city",
		`{"Hotels": [{"ID": "1", "City": "1440", "Rates": [{},{},{},{},{},{},{},{},{},{},{}]}]}`: "too many rates",
		rate(`, "Adult": "0"`):                                                                   "rate 0", rate(`, "Child": "-1"`): "rate 0", rate(`, "Places": 0`): "rate 0", rate(`, "Places": 5`): "rate 0",
		rate(`, "Quota": -1`): "rate 0", rate(`, "MealType": "9"`): "rate 0", rate(`, "TourType": "9"`): "rate 0",
	} {
		assert.ErrorContains(t, fake.Seed([]byte(seed)), want, seed)
	}
	assert.PanicsWithValue(t, "multitourtest: hotel 6596: there is another hotel with this ID", func() {
		fake.AddHotel(multitourtest.Hotel{ID: "6596", City: "1440"})
	})
}
