package multitourtest_test

import (
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/multitour"
	"github.com/rutravel/rutravel-go/multitour/multitourtest"
)

// The answers with prices have each id and date in the notation of the samples.
func TestPricesOnTheWire(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *multitourtest.Server, _ *multitour.Client) {
		answer := post(t, fake, `{"header":{"token":"fake-token","method":"list.price"},`+
			`"request":{"country_id":6228,"hotel_id":[6596],"dates":["03.01.2000",946760400],"nights":[7,10],"adult":2,"ages":[2,10]}}`)
		_, response, _ := strings.Cut(answer, `"response":`)
		assert.JSONEq(t, `{"list_price": {
			"data": {"6596": {
				"price_min": "14306.25", "accomodation_min": "971", "tour_type_min": "17", "pansion_min": "0",
				"date_min": 946760400, "days_min": 7, "quote": 1,
				"price": {
					"946760400": {"7": {"quote": "14306.25"}, "10": {"quote": "20437.50"}},
					"946846800": {"7": {"quote": "14306.25"}, "10": {"quote": "20437.50"}}
				}
			}},
			"map": {
				"accomodation": [{"id": 971, "name": "3 взр+1 реб (0-2) без места и пит."}],
				"country": [{"id": 6228, "name": "Россия Краснодарский край"}],
				"resort": [{"id": 201, "name": "Анапа"}],
				"city": [{"id": 1435, "name": "Анапа, Пионерский пр-т"}],
				"hotel_type": [{"id": 90, "name": "гостиница"}],
				"pansion_type": [{"id": 0, "name": "без питания"}],
				"tour_type": [{"id": 17, "name": "Отдых"}],
				"hotel": [{
					"id": "6596", "name": "Антарес  Гостиница", "country_id": "6228", "resort_id": "201", "city_id": "1435",
					"type_id": "90", "min_age": "0", "img_src": "https://multitour.ru/files/imgs/hotel_6596_29165_IMG_8705.jpg",
					"x": "44.975101470947266", "y": "37.26350021362305", "pansions": ["0"]
				}]
			}
		}}`, strings.TrimSuffix(response, "}"))
		answer = post(t, fake, `{"header":{"token":"fake-token","method":"hotel.price"},`+
			`"request":{"hotel_id":4952,"dates":["02.01.2000"],"nights":[7],"adult":4}}`)
		assert.Contains(t, answer, `"room_category":[{"id":"1020","name":"эконом\r\n"},{"id":"1082","name":"семейный"}]`)
		assert.Contains(t, answer, `"data":[{"night":"7","date":"946760400","tour_id":"32","hotel_id":"4952","tarif_id":"111479",`+
			`"price_id":"401095807400","price":"59500","room_id":"548","room_category_id":"1020","pansion_id":"52","pansion_type_id":"3",`+
			`"accomodation_id":"648","quote":0},`)
	})
}

// Each filter returns the hotels that fit it.
func TestSearchFilters(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*multitour.HotelQuery)
		want   []multitour.HotelID
	}{
		"none":          {func(*multitour.HotelQuery) {}, []multitour.HotelID{"6596", "9044", "8562", "4952", "5556"}},
		"resort":        {func(s *multitour.HotelQuery) { s.Resorts = []multitour.ResortID{"202", "204"} }, []multitour.HotelID{"4952", "5556"}},
		"city":          {func(s *multitour.HotelQuery) { s.Cities = []multitour.CityID{"1435"} }, []multitour.HotelID{"6596", "9044", "8562"}},
		"hotel":         {func(s *multitour.HotelQuery) { s.Hotels = []multitour.HotelID{"8562", "7578"} }, []multitour.HotelID{"8562"}},
		"no offers":     {func(s *multitour.HotelQuery) { s.Country, s.Highways = "6243", []multitour.HighwayID{"5"} }, nil},
		"highway":       {func(s *multitour.HotelQuery) { s.Country, s.Highways = "6243", []multitour.HighwayID{"13", "5"} }, []multitour.HotelID{"7578"}},
		"no highway":    {func(s *multitour.HotelQuery) { s.Highways = []multitour.HighwayID{"13"} }, nil},
		"excursions":    {func(s *multitour.HotelQuery) { s.Country = "6276" }, []multitour.HotelID{"8080"}},
		"category":      {func(s *multitour.HotelQuery) { s.Categories = []multitour.CategoryID{"1"} }, []multitour.HotelID{"6596", "5556"}},
		"categories":    {func(s *multitour.HotelQuery) { s.Categories = []multitour.CategoryID{"1", "2"} }, []multitour.HotelID{"6596", "9044", "8562", "4952", "5556"}},
		"sea":           {func(s *multitour.HotelQuery) { s.SeaDistances = []multitour.SeaDistanceID{"1000"} }, []multitour.HotelID{"8562", "5556"}},
		"beach":         {func(s *multitour.HotelQuery) { s.BeachTypes = []multitour.BeachTypeID{"1"} }, []multitour.HotelID{"4952", "5556"}},
		"treatment":     {func(s *multitour.HotelQuery) { s.Treatments = []multitour.TreatmentID{"158"} }, []multitour.HotelID{"4952"}},
		"no meals":      {func(s *multitour.HotelQuery) { s.MealTypes = []multitour.MealTypeID{"0"} }, []multitour.HotelID{"6596", "8562", "4952"}},
		"meals":         {func(s *multitour.HotelQuery) { s.MealTypes = []multitour.MealTypeID{"3", "4"} }, []multitour.HotelID{"9044", "4952", "5556"}},
		"amenity":       {func(s *multitour.HotelQuery) { s.Amenities = []multitour.AmenityID{"3"} }, []multitour.HotelID{"9044", "5556"}},
		"all amenities": {func(s *multitour.HotelQuery) { s.Amenities = []multitour.AmenityID{"3", "180"} }, []multitour.HotelID{"9044"}},
		"tour type":     {func(s *multitour.HotelQuery) { s.TourTypes = []multitour.TourTypeID{"32", "34"} }, []multitour.HotelID{"9044", "4952"}},
		"at least":      {func(s *multitour.HotelQuery) { s.PriceMin = 30661 }, []multitour.HotelID{"9044", "4952"}},
		"at most":       {func(s *multitour.HotelQuery) { s.PriceMax = 11445 }, []multitour.HotelID{"6596"}},
		"guaranteed":    {func(s *multitour.HotelQuery) { s.OnlyGuaranteed, s.PriceMax = true, 18000 }, []multitour.HotelID{"6596"}},
		"an infant":     {func(s *multitour.HotelQuery) { s.ChildAges = []int{2} }, []multitour.HotelID{"6596", "9044", "8562", "5556"}},
		"a child":       {func(s *multitour.HotelQuery) { s.ChildAges = []int{3} }, []multitour.HotelID{"6596", "9044", "4952"}},
		"a crowd":       {func(s *multitour.HotelQuery) { s.Adults = 5 }, nil},
		"too long":      {func(s *multitour.HotelQuery) { s.Nights = []int{0, 31} }, nil},
		"last day":      {func(s *multitour.HotelQuery) { s.Dates = []civil.Date{today.AddDays(299), today.AddDays(300)} }, []multitour.HotelID{"6596", "9044", "8562", "4952", "5556"}},
		"too far":       {func(s *multitour.HotelQuery) { s.Dates = []civil.Date{today.AddDays(300)} }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, _ *multitourtest.Server, c *multitour.Client) {
				search := multitour.HotelQuery{Area: multitour.Area{Country: "6228"}, Stay: stay(today)}
				test.change(&search)
				found, err := c.HotelPrices(t.Context(), search)
				require.NoError(t, err)
				var got []multitour.HotelID
				for _, h := range found {
					got = append(got, h.Hotel.ID)
					assert.Len(t, h.Prices, 1)
					assert.False(t, search.OnlyGuaranteed && h.Prices[0].OnRequestPrice.Valid)
				}
				assert.Equal(t, test.want, got)
			})
		})
	}
}

// A booked night is booked for all stays that include it, and for no others.
func TestQuotaIsByNight(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, _ *multitourtest.Server, c *multitour.Client) {
		day := today.AddDays(20)
		for range 2 {
			book(t, c, "9044", day)
		}
		for days, want := range map[int]bool{-7: true, -6: false, 0: false, 6: false, 7: true} {
			all := offers(t, c, "9044", day.AddDays(days))
			require.Len(t, all, 3, days)
			assert.Equal(t, want, all[0].Guaranteed, days)
			assert.Equal(t, want, all[1].Guaranteed, "%d: the same room at another tariff", days)
			assert.True(t, all[2].Guaranteed, "%d: another room", days)
			assert.Equal(t, "40467", all[0].Price.String(), days)
		}
		found, err := c.HotelPrices(t.Context(), multitour.HotelQuery{
			Area: multitour.Area{Country: "6228"}, Hotels: []multitour.HotelID{"9044"}, Stay: stay(day),
		})
		require.NoError(t, err)
		require.Len(t, found, 1)
		assert.Equal(t, "30660", found[0].Prices[0].OnRequestPrice.Decimal.String())
		assert.Equal(t, "57400", found[0].Prices[0].GuaranteedPrice.Decimal.String())
		assert.True(t, found[0].HasGuaranteed)
	})
}

func TestToursThatHaveBegunAreNotSold(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *multitourtest.Server, c *multitour.Client) {
		offer := offers(t, c, "6596", today)[0]
		time.Sleep(21*time.Hour - time.Second) // on the bubble's clock
		assert.Equal(t, offer, offers(t, c, "6596", today)[0])
		fake.Advance(time.Second) // until midnight in Moscow
		all, err := c.Offers(t.Context(), multitour.OfferQuery{Hotel: "6596", Stay: stay(today)})
		require.NoError(t, err)
		assert.Empty(t, all)
		_, err = c.Book(t.Context(), request(offer.ID))
		assert.ErrorIs(t, err, rutravel.ErrRejected)
	})
}
