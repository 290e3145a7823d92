package multitourtest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/multitour"
	"github.com/rutravel/rutravel-go/multitour/multitourtest"
)

// inBubble runs a test on a clock that starts at midnight UTC, 3 o'clock in
// Moscow, on 1 January 2000.
func inBubble(t *testing.T, f func(*testing.T, *multitourtest.Server, *multitour.Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		fake := multitourtest.New()
		c, err := multitour.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
		require.NoError(t, err)
		f(t, fake, c)
	})
}

var today = civil.Date{Year: 2000, Month: 1, Day: 1}

// stay is a week for two, from a day on.
func stay(day civil.Date) multitour.Stay {
	return multitour.Stay{Dates: []civil.Date{day}, Nights: []int{7}, Adults: 2}
}

// offers returns a hotel's offers of a week for two.
func offers(t *testing.T, c *multitour.Client, hotel multitour.HotelID, day civil.Date) []multitour.Offer {
	t.Helper()
	all, err := c.Offers(t.Context(), multitour.OfferQuery{Hotel: hotel, Stay: stay(day)})
	require.NoError(t, err)
	require.NotEmpty(t, all)
	return all
}

func request(offer multitour.OfferID) multitour.BookRequest {
	return multitour.BookRequest{
		Offer: offer, BookingDate: multitour.Today(),
		Tourists: []multitour.Tourist{
			{
				Sex: multitour.Male, Surname: "Иванов", FirstName: "Петр", MiddleName: "Сергеевич",
				BirthDate:      civil.Date{Year: 1976, Month: 3, Day: 15},
				PassportSeries: "1122", PassportNumber: "333444", PassportExpiry: civil.Date{Year: 2020, Month: 6, Day: 1},
				Citizenship: "Россия", Phone: "+7 123 345 67 89",
			},
			{
				Sex: multitour.Female, Surname: "Петрова", FirstName: "Татьяна",
				BirthDate: civil.Date{Year: 1978, Month: 5, Day: 13},
			},
		},
	}
}

func book(t *testing.T, c *multitour.Client, hotel multitour.HotelID, day civil.Date) multitour.BookingCode {
	t.Helper()
	code, err := c.Book(t.Context(), request(offers(t, c, hotel, day)[0].ID))
	require.NoError(t, err)
	return code
}

func codes(bookings []multitour.BookingSummary) (all []multitour.BookingCode) {
	for _, b := range bookings {
		all = append(all, b.Code)
	}
	return all
}

// flow goes from the directories to a booking that is looked up, through every
// method of the client. The clock stands on a day.
func flow(t *testing.T, c *multitour.Client, day civil.Date) {
	t.Helper()
	directories(t, c)

	search := multitour.HotelQuery{Area: multitour.Area{Country: "6228"}, Stay: stay(day.AddDays(10))}
	found, err := c.HotelPrices(t.Context(), search)
	require.NoError(t, err)
	require.Len(t, found, 5)
	first := found[0]
	assert.EqualValues(t, "6596", first.Hotel.ID)
	assert.Equal(t, "Антарес  Гостиница", first.Hotel.Name)
	assert.Equal(t, "Россия Краснодарский край, Анапа, Анапа, Пионерский пр-т", first.CountryName+", "+first.ResortName+", "+first.CityName)
	assert.Equal(t, multitour.Entry[multitour.HotelTypeID]{ID: "90", Name: "гостиница"}, first.Type)
	assert.Equal(t, []multitour.Entry[multitour.MealTypeID]{{ID: "0", Name: "без питания"}}, first.MealTypes)
	assert.Equal(t, multitour.Entry[multitour.MealTypeID]{ID: "0", Name: "без питания"}, first.Cheapest.MealType)
	assert.Equal(t, multitour.Entry[multitour.AccommodationID]{ID: "646", Name: "2 взр"}, first.Cheapest.Accommodation)
	assert.Equal(t, "11445", first.Cheapest.Price.String(), "7 nights for 2 at 817.50")
	assert.True(t, first.HasGuaranteed)
	require.Len(t, first.Prices, 1)
	assert.Equal(t, day.AddDays(10), first.Prices[0].CheckIn)
	assert.Equal(t, "11445", first.Prices[0].GuaranteedPrice.Decimal.String())
	assert.Equal(t, "15260", first.Prices[0].OnRequestPrice.Decimal.String())
	assert.False(t, found[2].Prices[0].OnRequestPrice.Valid, "all is guaranteed there")
	search.Nights = []int{3, 7, 10, 14}
	all, err := c.AllHotelPrices(t.Context(), search)
	require.NoError(t, err)
	require.Len(t, all, 5)
	assert.Len(t, all[0].Prices, 4)

	o := offers(t, c, "9044", day.AddDays(10))
	require.Len(t, o, 3)
	assert.Equal(t, "40467", o[0].Price.String())
	assert.Equal(t, "люкс", o[2].RoomCategory.Name)
	b := request(o[0].ID)
	b.BookingDate = day
	code, err := c.Book(t.Context(), b)
	require.NoError(t, err)
	assert.Regexp(t, `^X\d{2}00001$`, code)
	full, err := c.BookFull(t.Context(), b)
	require.NoError(t, err)
	info, err := c.BookingInfo(t.Context(), full.Code)
	require.NoError(t, err)
	assert.Equal(t, full, info)
	assert.Equal(t, day.AddDays(10), info.TourDate)
	require.Len(t, info.Accommodations, 1)
	assert.Equal(t, day.AddDays(17), info.Accommodations[0].CheckOut)
	assert.Len(t, info.Transfers, 1)
	assert.Len(t, info.Insurances, 1)
	require.Len(t, info.Tickets, 2)
	assert.Equal(t, day.AddDays(17), info.Tickets[1].Date)
	require.Len(t, info.Tourists, 2)
	assert.Equal(t, "Иванов Петр Сергеевич", info.Tourists[0].Surname+" "+info.Tourists[0].FirstName+" "+info.Tourists[0].MiddleName)
	assert.Equal(t, civil.Date{Year: 2020, Month: 6, Day: 1}, info.Tourists[0].PassportExpiry)
	assert.Zero(t, info.Tourists[1].PassportExpiry)
	assert.True(t, info.Paid.Decimal.IsZero())

	page, err := c.BookingsPage(t.Context(), multitour.BookingQuery{Status: multitour.StatusOK})
	require.NoError(t, err)
	assert.Equal(t, []multitour.BookingCode{code, full.Code}, codes(page.Bookings))
	assert.Equal(t, new(2), page.BookingCount)
	assert.Equal(t, new(4), page.TouristCount)
	assert.Equal(t, "80934", page.TotalPrice.Decimal.String())
	assert.Equal(t, "Иванов Петр Сергеевич", page.Bookings[0].MainTourist)
	assert.Equal(t, day, page.Bookings[0].Created)
	assert.Equal(t, new(8), page.Bookings[0].Days)
	again, err := c.LostBookings(t.Context(), multitour.OfferBooking{Request: b})
	require.NoError(t, err)
	assert.Equal(t, page.Bookings, again)
	rest, err := rutravel.Collect(c.Bookings(t.Context(), multitour.BookingQuery{PageSize: 1}))
	require.NoError(t, err)
	assert.Equal(t, page.Bookings, rest)
}

// directories asks for every directory of 6228 and of the others where they
// have more.
func directories(t *testing.T, c *multitour.Client) {
	t.Helper()
	countries, err := c.Countries(t.Context(), multitour.ExcursionTours)
	require.NoError(t, err)
	assert.Equal(t, []multitour.Entry[multitour.CountryID]{{ID: "6276", Name: "Абхазия Экскурсии"}}, countries)
	countries, err = c.Countries(t.Context(), "")
	require.NoError(t, err)
	assert.Len(t, countries, 3)
	resorts, err := c.Resorts(t.Context(), "6228")
	require.NoError(t, err)
	assert.Len(t, resorts, 3)
	cities, err := c.Cities(t.Context(), "6228", []multitour.ResortID{"201", "204"})
	require.NoError(t, err)
	assert.Equal(t, []multitour.City{
		{ID: "1446", Name: "Адлер", Country: "6228", Resort: "204"},
		{ID: "1435", Name: "Анапа, Пионерский пр-т", Country: "6228", Resort: "201"},
	}, cities)
	area := multitour.Area{Country: "6228", Resorts: []multitour.ResortID{"201"}, Cities: []multitour.CityID{"1435", "1446"}}
	hotels, err := c.Hotels(t.Context(), area)
	require.NoError(t, err)
	require.Len(t, hotels, 3)
	assert.Equal(t, 0, *hotels[0].MinAge)
	assert.Nil(t, hotels[2].MinAge)
	assert.Equal(t, "44.954524993896484", hotels[2].Latitude.Decimal.String())

	categories, err := c.Categories(t.Context(), "6228")
	require.NoError(t, err)
	assert.Equal(t, []multitour.Feature[multitour.CategoryID]{
		{ID: "2", Name: "средний", Hotels: []multitour.HotelID{"9044", "8562", "4952"}},
		{ID: "1", Name: "экономичный", Hotels: []multitour.HotelID{"6596", "5556"}},
	}, categories)
	treatments, err := c.Treatments(t.Context(), "6228")
	require.NoError(t, err)
	assert.Len(t, treatments, 2)
	meals, err := c.MealTypes(t.Context(), "6228")
	require.NoError(t, err)
	assert.Equal(t, multitour.Feature[multitour.MealTypeID]{
		ID: "0", Name: "без питания", Hotels: []multitour.HotelID{"6596", "8562", "4952"},
	}, meals[3])
	highways, err := c.Highways(t.Context(), "6243")
	require.NoError(t, err)
	assert.Equal(t, []multitour.Feature[multitour.HighwayID]{
		{ID: "5", Name: "Киевское", Hotels: []multitour.HotelID{"8079"}},
		{ID: "13", Name: "Ярославское", Hotels: []multitour.HotelID{"7578"}},
	}, highways)
	highways, err = c.Highways(t.Context(), "6228")
	require.NoError(t, err)
	assert.Empty(t, highways)
	beaches, err := c.BeachTypes(t.Context(), "6228")
	require.NoError(t, err)
	assert.Len(t, beaches, 2)
	distances, err := c.SeaDistances(t.Context(), "6228")
	require.NoError(t, err)
	assert.Len(t, distances, 2)
	amenities, err := c.Amenities(t.Context(), area)
	require.NoError(t, err)
	assert.Len(t, amenities, 2)
	tours, err := c.TourTypes(t.Context(), area)
	require.NoError(t, err)
	assert.Equal(t, []multitour.Entry[multitour.TourTypeID]{{ID: "17", Name: "Отдых"}, {ID: "34", Name: "Спецпредложение"}}, tours)
}

// post sends a body to the fake and returns the answer, which is always there.
func post(t *testing.T, fake http.Handler, body string) string {
	t.Helper()
	return send(t, fake, http.MethodPost, multitour.Production, body)
}

func send(t *testing.T, fake http.Handler, method, address, body string) string {
	t.Helper()
	w := httptest.NewRecorder()
	fake.ServeHTTP(w, httptest.NewRequest(method, address, strings.NewReader(body)))
	assert.Equal(t, http.StatusOK, w.Code)
	assert.Equal(t, "application/json; charset=utf-8", w.Header().Get("Content-Type"))
	assert.True(t, json.Valid(w.Body.Bytes()), w.Body)
	return w.Body.String()
}

func overSocket(t *testing.T, fake *multitourtest.Server) *multitour.Client {
	t.Helper()
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	cfg := fake.Config()
	cfg.BaseURL = srv.URL + "/mtapi/"
	c, err := multitour.New(cfg)
	require.NoError(t, err)
	return c
}
