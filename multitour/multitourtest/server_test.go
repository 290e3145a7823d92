package multitourtest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"
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
	assert.Equal(t, civil.Date{Year: 2020, Month: 6, Day: 1}, info.Tourists[0].PassportDate)
	assert.Zero(t, info.Tourists[1].PassportDate)
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
	again, err := c.LostBookings(t.Context(), b)
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

// The same story in every shape that the manual leaves open.
func TestQuirks(t *testing.T) {
	t.Parallel()
	for name, q := range map[string]multitourtest.Quirks{
		"as the samples":   {},
		"numbers":          {Numbers: true},
		"strings":          {Strings: true},
		"own keys":         {OwnKeys: true},
		"new edition":      {NewEdition: true, ErrorString: true},
		"empty as null":    {EmptyNull: true},
		"lists":            {ToursList: true},
		"code within info": {InfoCode: true},
		"ISO dates":        {ISODates: true},
		"all":              {Numbers: true, Strings: true, OwnKeys: true, NewEdition: true, EmptyNull: true, ToursList: true, InfoCode: true, ISODates: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, fake *multitourtest.Server, c *multitour.Client) {
				fake.SetQuirks(q)
				flow(t, c, today)
				none, err := c.HotelPrices(t.Context(), multitour.HotelQuery{
					Area: multitour.Area{Country: "6228"}, Stay: stay(today.AddDays(-1)),
				})
				require.NoError(t, err)
				assert.Empty(t, none)
				nothing, err := c.Offers(t.Context(), multitour.OfferQuery{Hotel: "8079", Stay: stay(today)})
				require.NoError(t, err)
				assert.Empty(t, nothing)
				_, err = c.BookingInfo(t.Context(), "X1800001")
				assert.ErrorIs(t, err, rutravel.ErrRejected)
				assert.ErrorContains(t, err, "Заявка не найдена")
			})
		})
	}
}

// What each quirk changes in the text of an answer.
func TestQuirksOnTheWire(t *testing.T) {
	t.Parallel()
	highways := func(q multitourtest.Quirks) string {
		fake := multitourtest.New()
		fake.SetQuirks(q)
		return post(t, fake, `{"header":{"token":"fake-token","method":"map.highway"},"request":{"country_id":6243}}`)
	}
	assert.JSONEq(t, `{
		"header": {"token": "fake-token", "method": "map.highway"}, "request": {"country_id": 6243},
		"response": {"category": [
			{"id": 5, "name": "Киевское", "hotel_id": ["8079"]}, {"id": 13, "name": "Ярославское", "hotel_id": ["7578"]}
		]}}`, highways(multitourtest.Quirks{}))
	assert.Contains(t, highways(multitourtest.Quirks{Numbers: true}), `"hotel_id":[8079]`)
	assert.Contains(t, highways(multitourtest.Quirks{Strings: true}), `"id":"5"`)
	assert.Contains(t, highways(multitourtest.Quirks{OwnKeys: true}), `{"highway":[`)
	assert.Contains(t, highways(multitourtest.Quirks{NewEdition: true}), `"is_success":true`)

	refused := func(q multitourtest.Quirks) string {
		fake := multitourtest.New()
		fake.SetQuirks(q)
		return post(t, fake, `{"header":{"token":"fake-token","method":"map.options"},"request":{"country_id": "xxxx"}}`)
	}
	assert.JSONEq(t, `{
		"header": {"token": "fake-token", "method": "map.options"}, "request": {"country_id": "xxxx"},
		"response": {"options": null}, "error": ["Некорректный идентификатор страны \"country_id\" "]}`, refused(multitourtest.Quirks{}))
	assert.Contains(t, refused(multitourtest.Quirks{ErrorString: true}), `"error":"Некорректный`)
	assert.Contains(t, refused(multitourtest.Quirks{NewEdition: true}), `"is_success":false,"error":[`)

	empty := func(q multitourtest.Quirks) string {
		fake := multitourtest.New()
		fake.SetQuirks(q)
		return post(t, fake, `{"header":{"token":"fake-token","method":"list.price"},`+
			`"request":{"country_id":6228,"dates":["01.01.1999"],"nights":[7],"adult":2}}`)
	}
	assert.Contains(t, empty(multitourtest.Quirks{}), `"list_price":{"data":[],"map":[]}`)
	assert.Contains(t, empty(multitourtest.Quirks{EmptyNull: true}), `"list_price":{"data":null,"map":null}`)

	booked := func(method, more string, q multitourtest.Quirks) (answer string) {
		inBubble(t, func(t *testing.T, fake *multitourtest.Server, c *multitour.Client) {
			fake.SetQuirks(q)
			code := book(t, c, "6596", today)
			if method == "booking_info" {
				more = `"code":"` + string(code) + `"`
			} else {
				more = `"price_key":` + string(offers(t, c, "6596", today)[0].ID) + more
			}
			answer = post(t, fake, `{"header":{"token":"fake-token","method":"`+method+`"},"request":{"us_key":111,`+more+`}}`)
		})
		return answer
	}
	const persons = `,"date":"01.01.2000","view":null,"persons":[` +
		`{"sex":1,"surname":"И","firstname":"П","birthday":"15.03.1976"},{"sex":2,"surname":"И","firstname":"Т","birthday":"13.05.1978"}]`
	assert.Contains(t, booked("booking_info", "", multitourtest.Quirks{}), `"tours":{"key":"101"`)
	assert.Contains(t, booked("booking_info", "", multitourtest.Quirks{ToursList: true}), `"tours":[{"key":"101"`)
	assert.Contains(t, booked("booking_info", "", multitourtest.Quirks{ISODates: true}), `"tour_date":"2000-01-01"`)
	assert.Contains(t, booked("booking_set", persons, multitourtest.Quirks{}), `"response":{"booking_info":{"code":"X0000002"}}`)
	assert.Contains(t, booked("booking_set", persons, multitourtest.Quirks{OwnKeys: true}), `"response":{"booking_set":{"code":"X0000002"}}`)
	assert.Contains(t, booked("booking_set", persons, multitourtest.Quirks{InfoCode: true}), `"booking_info":{"info":{"code":"X0000002"`)
}

// What is shown of prices is what the samples show: each id and date in the
// notation that it has there.
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

// Every answer has the members of the manual's sample, and their types.
func TestShapes(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *multitourtest.Server, c *multitour.Client) {
		book(t, c, "9044", today)
		const (
			area   = `{"country_id":6228,"resort_id":[201,204],"city_id":[1435,1446]}`
			prices = `"dates":["03.01.2000"],"nights":[7],"adult":2`
			person = `"firstname":"И","birthday":"15.03.1976"}`
			set    = `{"us_key":111,"price_key":201095807200,"date":"01.01.2000","persons":[` +
				`{"sex":1,"surname":"И",` + person + `,{"sex":2,"surname":"И",` + person + `]`
		)
		for file, section := range map[string]string{
			"map.country": `{"type":"excurs"}`, "map.resort": `{"country_id":6228}`, "map.city": `{"country_id":6228}`,
			"map.hotel": area, "map.category": `{"country_id":6228}`, "map.treatment": `{"country_id":6228}`,
			"map.pansion": `{"country_id":6228}`, "map.highway": `{"country_id":6243}`, "map.beach.type": `{"country_id":6228}`,
			"map.sea.distance": `{"country_id":6228}`, "map.options": area, "map.tour.type": area,
			"list.price": `{"country_id":6228,"hotel_id":[6596],` + prices + `}`, "hotel.price": `{"hotel_id":4952,` + prices + `}`,
			"booking_set": set + `}`, "booking_set+full": set + `,"view":"full"}`,
			"booking_list": `{"us_key":111}`, "booking_info": `{"us_key":111,"code":"X0000001"}`,
		} {
			golden, err := os.ReadFile("../../testdata/multitour/" + file + ".answer.json")
			require.NoError(t, err)
			method, _, _ := strings.Cut(file, "+")
			answer := post(t, fake, `{"header":{"token":"fake-token","method":"`+method+`"},"request":`+section+`}`)
			want := shape(t, golden)
			assert.NotEmpty(t, want, file)
			assert.Equal(t, want, shape(t, []byte(answer)), file)
		}
	})
}

// shape lists the paths and types in a response.
func shape(t *testing.T, answer []byte) (all []string) {
	t.Helper()
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, member := range v {
				if strings.Trim(name, "0123456789") == "" {
					name = "*"
				}
				walk(path+"."+name, member)
			}
		case []any:
			for _, e := range v {
				walk(path+"[]", e)
			}
		default:
			all = append(all, fmt.Sprintf("%s: %T", path, v))
		}
	}
	var document struct {
		Response any `json:"response"`
	}
	require.NoError(t, json.Unmarshal(answer, &document))
	walk("", document.Response)
	slices.Sort(all)
	return slices.Compact(all)
}

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

// A quota is booked up once, however many want it; the others' bookings are on
// request.
func TestQuotaIsSoldOnce(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, _ *multitourtest.Server, c *multitour.Client) {
		offer := offers(t, c, "6596", today)[0]
		require.True(t, offer.Guaranteed)
		var mu sync.Mutex
		var got []multitour.BookingCode
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				code, err := c.Book(t.Context(), request(offer.ID))
				if assert.NoError(t, err) {
					mu.Lock()
					defer mu.Unlock()
					got = append(got, code)
				}
			})
		}
		wg.Wait()
		slices.Sort(got)
		assert.Len(t, slices.Compact(got), 50)
		certain, err := c.BookingsPage(t.Context(), multitour.BookingQuery{Status: multitour.StatusOK})
		require.NoError(t, err)
		assert.Equal(t, new(2), certain.BookingCount)
		asked, err := rutravel.Collect(c.Bookings(t.Context(), multitour.BookingQuery{Status: multitour.StatusNotPaid}))
		require.NoError(t, err)
		assert.Len(t, asked, 48)
		assert.NotContains(t, codes(asked), certain.Bookings[0].Code)
		assert.NotContains(t, codes(asked), certain.Bookings[1].Code)
	})
}

// Each night that a booking takes is gone for all stays that have it, and for
// them only.
func TestQuotaIsByNight(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, _ *multitourtest.Server, c *multitour.Client) {
		day := today.AddDays(20)
		for range 2 {
			book(t, c, "9044", day)
		}
		for days, want := range map[int]bool{-7: true, -6: false, 0: false, 6: false, 7: true} {
			all := offers(t, c, "9044", day.AddDays(days))
			require.Len(t, all, 3)
			assert.Equal(t, want, all[0].Guaranteed, days)
			assert.Equal(t, want, all[1].Guaranteed, "the same room at another tariff")
			assert.True(t, all[2].Guaranteed, "another room")
			assert.Equal(t, "40467", all[0].Price.String())
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

// The tourists must be those that the offer was made for.
func TestParty(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, _ *multitourtest.Server, c *multitour.Client) {
		q := multitour.OfferQuery{Hotel: "6596", Stay: stay(today)}
		q.ChildAges = []int{0, 5}
		all, err := c.Offers(t.Context(), q)
		require.NoError(t, err)
		require.Len(t, all, 1, "a room for two is too small")
		assert.Equal(t, "14306.25", all[0].Price.StringFixed(2))
		b := request(all[0].ID)
		_, err = c.Book(t.Context(), b)
		assert.ErrorIs(t, err, rutravel.ErrRejected, "two are missing")
		grown := b.Tourists[1]
		b.Tourists = append(b.Tourists, grown, grown)
		_, err = c.Book(t.Context(), b)
		assert.ErrorIs(t, err, rutravel.ErrRejected, "they are children")
		b.Tourists[2].Sex, b.Tourists[3].Sex = multitour.FemaleChild, multitour.MaleInfant
		booking, err := c.BookFull(t.Context(), b)
		require.NoError(t, err)
		assert.Len(t, booking.Tourists, 4)
	})
}

func TestBookingFilters(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *multitourtest.Server, c *multitour.Client) {
		first := book(t, c, "6596", today.AddDays(5))
		second, err := c.Book(t.Context(), request(offers(t, c, "6596", today.AddDays(6))[1].ID)) // on request
		require.NoError(t, err)
		fake.Advance(366 * 24 * time.Hour)
		b := request(offers(t, c, "4952", today.AddDays(400))[3].ID)
		b.BookingDate = today.AddDays(366)
		b.Tourists[0].Surname, b.Tourists[0].MiddleName = "Сидоров", ""
		third, err := c.Book(t.Context(), b)
		require.NoError(t, err)
		assert.EqualValues(t, "X0000001", first)
		assert.EqualValues(t, "X0000002", second)
		assert.EqualValues(t, "X0100003", third)

		for name, test := range map[string]struct {
			query multitour.BookingQuery
			want  []multitour.BookingCode
		}{
			"none":         {multitour.BookingQuery{}, []multitour.BookingCode{first, second, third}},
			"code":         {multitour.BookingQuery{Code: second}, []multitour.BookingCode{second}},
			"no such code": {multitour.BookingQuery{Code: "X0000009"}, nil},
			"year":         {multitour.BookingQuery{Year: 2001}, []multitour.BookingCode{third}},
			"created from": {multitour.BookingQuery{CreatedFrom: today.AddDays(366)}, []multitour.BookingCode{third}},
			"created to":   {multitour.BookingQuery{CreatedTo: today.AddDays(365)}, []multitour.BookingCode{first, second}},
			"created":      {multitour.BookingQuery{CreatedFrom: today, CreatedTo: today}, []multitour.BookingCode{first, second}},
			"tour from":    {multitour.BookingQuery{TourFrom: today.AddDays(6)}, []multitour.BookingCode{second, third}},
			"tour to":      {multitour.BookingQuery{TourTo: today.AddDays(5)}, []multitour.BookingCode{first}},
			"tour date":    {multitour.BookingQuery{TourDate: today.AddDays(6)}, []multitour.BookingCode{second}},
			"tour name":    {multitour.BookingQuery{TourName: "антар"}, []multitour.BookingCode{first, second}},
			"tourist":      {multitour.BookingQuery{TouristName: "иванов петр с"}, []multitour.BookingCode{first, second}},
			"any tourist":  {multitour.BookingQuery{TouristName: "ПЕТРОВА", Year: 2001}, []multitour.BookingCode{third}},
			"ok":           {multitour.BookingQuery{Status: multitour.StatusOK}, []multitour.BookingCode{first, third}},
			"not paid":     {multitour.BookingQuery{Status: multitour.StatusNotPaid}, []multitour.BookingCode{second}},
		} {
			page, err := c.BookingsPage(t.Context(), test.query)
			require.NoError(t, err, name)
			assert.Equal(t, test.want, codes(page.Bookings), name)
			assert.Equal(t, new(len(test.want)), page.BookingCount, name)
			assert.Equal(t, new(2*len(test.want)), page.TouristCount, name)
		}
		page, err := c.BookingsPage(t.Context(), multitour.BookingQuery{PageSize: 2, Page: 2})
		require.NoError(t, err)
		assert.Equal(t, []multitour.BookingCode{third}, codes(page.Bookings))
		assert.Equal(t, "Сидоров Петр", page.Bookings[0].MainTourist)
		assert.Equal(t, new(3), page.BookingCount, "totals are those of all pages")
		assert.Equal(t, "53165", page.TotalPrice.Decimal.String())

		// Another user of the agency sees none of them.
		cfg := fake.Config()
		cfg.UserKey = "112"
		other, err := multitour.New(cfg, rutravel.WithHTTPClient(fake.HTTPClient()))
		require.NoError(t, err)
		page, err = other.BookingsPage(t.Context(), multitour.BookingQuery{})
		require.NoError(t, err)
		assert.Equal(t, new(0), page.BookingCount)
		_, err = other.BookingInfo(t.Context(), first)
		assert.ErrorIs(t, err, rutravel.ErrRejected)
	})
}

func TestPages(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *multitourtest.Server, c *multitour.Client) {
		var want []multitour.BookingCode
		for range 35 {
			want = append(want, book(t, c, "6596", today))
		}
		page, err := c.BookingsPage(t.Context(), multitour.BookingQuery{})
		require.NoError(t, err)
		assert.Equal(t, want[:30], codes(page.Bookings))
		for limit := range 12 {
			fake.SetQuirks(multitourtest.Quirks{PageLimit: limit})
			all, err := rutravel.Collect(c.Bookings(t.Context(), multitour.BookingQuery{}))
			require.NoError(t, err)
			assert.Equal(t, want, codes(all), limit)
		}
		fake.SetQuirks(multitourtest.Quirks{IgnorePage: true})
		all, err := rutravel.Collect(c.Bookings(t.Context(), multitour.BookingQuery{}))
		assert.ErrorContains(t, err, "repeats")
		assert.Equal(t, want[:30], codes(all))
	})
}

func TestPay(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *multitourtest.Server, c *multitour.Client) {
		code, err := c.Book(t.Context(), request(offers(t, c, "6596", today)[1].ID)) // on request, 15260
		require.NoError(t, err)
		see := func() multitour.BookingSummary {
			page, err := c.BookingsPage(t.Context(), multitour.BookingQuery{Code: code})
			require.NoError(t, err)
			require.Len(t, page.Bookings, 1)
			assert.True(t, page.TotalPaid.Decimal.Equal(page.Bookings[0].Paid.Decimal))
			return page.Bookings[0]
		}
		assert.EqualValues(t, "4", see().StatusID)
		require.NoError(t, fake.Pay(code, decimal.RequireFromString("5000.50")))
		assert.Equal(t, "5000.50", see().Paid.Decimal.StringFixed(2))
		assert.Equal(t, "Не оплачено", see().StatusName)
		require.NoError(t, fake.Pay(code, decimal.RequireFromString("10259.50")))
		assert.Equal(t, "15260", see().Paid.Decimal.String())
		assert.EqualValues(t, "1", see().StatusID)
		assert.Error(t, fake.Pay("X0000009", decimal.NewFromInt(1)))
	})
}

func TestToursThatHaveBegunAreNotSold(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *multitourtest.Server, c *multitour.Client) {
		offer := offers(t, c, "6596", today)[0]
		time.Sleep(21*time.Hour - time.Second) // of the bubble's clock
		assert.Equal(t, offer, offers(t, c, "6596", today)[0])
		fake.Advance(time.Second) // it is midnight in Moscow
		all, err := c.Offers(t.Context(), multitour.OfferQuery{Hotel: "6596", Stay: stay(today)})
		require.NoError(t, err)
		assert.Empty(t, all)
		_, err = c.Book(t.Context(), request(offer.ID))
		assert.ErrorIs(t, err, rutravel.ErrRejected)
	})
}

// Two fakes answer the same requests with the same bytes, and an offer can be
// booked where it was never asked for.
func TestDeterminism(t *testing.T) {
	t.Parallel()
	tell := func() (told [][]byte) {
		inBubble(t, func(t *testing.T, _ *multitourtest.Server, c *multitour.Client) {
			for _, hotel := range []multitour.HotelID{"9044", "4952"} {
				var raw []byte
				all, err := c.Offers(t.Context(), multitour.OfferQuery{Hotel: hotel, Stay: stay(today)}, rutravel.WithRawAnswer(&raw))
				require.NoError(t, err)
				told = append(told, raw)
				_, err = c.BookFull(t.Context(), request(all[0].ID), rutravel.WithRawAnswer(&raw))
				require.NoError(t, err)
				told = append(told, raw)
			}
		})
		return told
	}
	first, second := tell(), tell()
	assert.Equal(t, first, second)

	inBubble(t, func(t *testing.T, _ *multitourtest.Server, c *multitour.Client) {
		all := offers(t, c, "8562", today.AddDays(7))
		assert.Equal(t, multitour.OfferID("301096407200"), all[0].ID)
		ids := map[multitour.OfferID]bool{}
		for _, nights := range []int{1, 2, 30} {
			for _, ages := range [][]int{nil, {2}, {0, 1}} {
				q := multitour.OfferQuery{Hotel: "8562", Stay: stay(today.AddDays(7))}
				q.Nights, q.ChildAges = []int{nights}, ages
				all, err := c.Offers(t.Context(), q)
				require.NoError(t, err)
				for _, o := range all {
					assert.False(t, ids[o.ID], o.ID)
					ids[o.ID] = true
				}
			}
		}
		assert.Len(t, ids, 18)
	})
	inBubble(t, func(t *testing.T, _ *multitourtest.Server, c *multitour.Client) {
		booking, err := c.BookFull(t.Context(), request("301096407200"))
		require.NoError(t, err)
		assert.EqualValues(t, "8562", booking.Accommodations[0].Hotel)
		for name, id := range map[string]multitour.OfferID{
			"no such hotel":    "901096407200",
			"no such rate":     "321096407200",
			"hotel not sold":   "701096407200",
			"yesterday":        "301095607200",
			"too far":          "301125707200",
			"no nights":        "301096400200",
			"too many nights":  "301096431200",
			"nobody":           "301096407000",
			"too many people":  "301096407210",
			"too many infants": "301096407203",
			"infants too soon": "421096407201",
			"short":            "30109640720",
			"long":             "3010964072000",
			"the manual's":     "1233161591",
		} {
			_, err := c.Book(t.Context(), request(id))
			assert.ErrorIs(t, err, rutravel.ErrRejected, name)
		}
	})
}

// The public token gets prices and no bookings.
func TestPublicToken(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *multitourtest.Server, _ *multitour.Client) {
		cfg := fake.Config()
		cfg.Token = multitour.PublicToken
		c, err := multitour.New(cfg, rutravel.WithHTTPClient(fake.HTTPClient()))
		require.NoError(t, err)
		directories(t, c)
		_, err = c.Book(t.Context(), request(offers(t, c, "6596", today)[0].ID))
		assert.ErrorIs(t, err, rutravel.ErrRejected)
		assert.ErrorContains(t, err, "индивидуальный токен")
		_, err = c.BookingsPage(t.Context(), multitour.BookingQuery{})
		assert.ErrorIs(t, err, rutravel.ErrRejected)
		_, err = c.BookingInfo(t.Context(), "X0000001")
		assert.ErrorIs(t, err, rutravel.ErrRejected)
	})
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

// The fake holds requests against the manual; what it refuses has no effect.
func TestStrictness(t *testing.T) {
	t.Parallel()
	const (
		good = `{"us_key": 111,"price_key":101096407200,"date":"02.01.2000","persons":[` +
			`{"sex":1,"surname":"Иванов","firstname":"Петр","birthday":"15.03.1976","passportdate":"01.06.2020","tel":""},` +
			`{"sex":2,"surname":"Иванова","firstname":"Татьяна","birthday":"13.05.1978"}]}`
		search = `{"country_id":6228,"resort_id":[201],"dates":["28.01.2000",948920400],"nights":[7,10],"adult":2,"ages":[],"quote":0}`
		list   = `{"us_key":111,"status":null,"count":30,"page":1}`
	)
	inBubble(t, func(t *testing.T, fake *multitourtest.Server, c *multitour.Client) {
		for name, test := range map[string]struct {
			method, request string
			old, new        string
			want            string
		}{
			"view":                 {"booking_set", good, `}]}`, `}],"view":"FULL"}`, "view"},
			"user as a text":       {"booking_set", good, `111`, `"111"`, "us_key"},
			"no user":              {"booking_set", good, `"us_key": 111,`, ``, "us_key"},
			"user 0":               {"booking_set", good, `111`, `0`, "us_key"},
			"offer as a text":      {"booking_set", good, `101096407200`, `"101096407200"`, "price_key"},
			"no such offer":        {"booking_set", good, `101096407200`, `1`, "Цена тура не найдена"},
			"ISO date":             {"booking_set", good, `02.01.2000`, `2000-01-02`, "date"},
			"no such day":          {"booking_set", good, `02.01.2000`, `30.02.2000`, "date"},
			"nobody":               {"booking_set", `{"us_key":111,"price_key":101096407200,"date":"02.01.2000","persons":[]}`, "", "", "туристов"},
			"a name as a person":   {"booking_set", good, `"persons":[`, `"persons":["Иванов",`, "persons"},
			"persons of one":       {"booking_set", `{"us_key":111,"price_key":101096407200,"date":"02.01.2000","persons":{}}`, "", "", "persons"},
			"sex 7":                {"booking_set", good, `"sex":2`, `"sex":7`, `\"sex\", турист 2`},
			"sex 0":                {"booking_set", good, `"sex":2`, `"sex":0`, `\"sex\", турист 2`},
			"sex as a text":        {"booking_set", good, `"sex":2`, `"sex":"2"`, `\"sex\", турист 2`},
			"two men and a child":  {"booking_set", good, `"sex":2`, `"sex":4`, "туристов"},
			"no surname":           {"booking_set", good, `"surname":"Иванов",`, ``, `\"surname\", турист 1`},
			"empty name":           {"booking_set", good, `"Петр"`, `""`, `\"firstname\", турист 1`},
			"null patronymic":      {"booking_set", good, `"tel":""`, `"middlename":null`, `\"middlename\", турист 1`},
			"unknown of a person":  {"booking_set", good, `"tel":""`, `"phone":""`, `Неизвестный параметр \"phone\", турист 1`},
			"empty date":           {"booking_set", good, `01.06.2020`, ``, `\"passportdate\", турист 1`},
			"not yet born":         {"booking_set", good, `15.03.1976`, `15.03.2076`, "рождения"},
			"twice the same":       {"booking_set", good, `"date"`, `"us_key":111,"date"`, "request"},
			"unknown":              {"booking_set", good, `"date"`, `"today":1,"date"`, "today"},
			"country as a text":    {"list.price", search, `6228`, `"6228"`, `Некорректный идентификатор страны \"country_id\" `},
			"unknown country":      {"list.price", search, `6228`, `1`, "country_id"},
			"country with a dot":   {"list.price", search, `6228`, `6228.0`, "country_id"},
			"unknown resort":       {"list.price", search, `[201]`, `[201,1]`, "resort_id"},
			"one resort":           {"list.price", search, `[201]`, `201`, "resort_id"},
			"null":                 {"list.price", search, `[201]`, `null`, "resort_id"},
			"four dates":           {"list.price", search, `948920400`, `948920400,"02.02.2000","03.02.2000"`, "dates"},
			"no dates":             {"list.price", search, `"28.01.2000",948920400`, ``, "dates"},
			"date without a zero":  {"list.price", search, `28.01.2000`, `28.1.2000`, "dates"},
			"four numbers":         {"list.price", search, `[7,10]`, `[7,10,14,21]`, "nights"},
			"nights as a text":     {"list.price", search, `[7,10]`, `["7"]`, "nights"},
			"nobody travels":       {"list.price", search, `"adult":2`, `"adult":0`, "adult"},
			"a grown child":        {"list.price", search, `"ages":[]`, `"ages":[18]`, "ages"},
			"quote as yes":         {"list.price", search, `"quote":0`, `"quote":true`, "quote"},
			"quote 2":              {"list.price", search, `"quote":0`, `"quote":2`, "quote"},
			"price with kopecks":   {"list.price", search, `"quote":0`, `"price_min":1.5`, "price_min"},
			"meals of another":     {"list.price", search, `"quote":0`, `"pansion":[52]`, "pansion"},
			"unknown hotel":        {"hotel.price", `{"hotel_id":1,"dates":["28.01.2000"],"nights":[7],"adult":2}`, "", "", "hotel_id"},
			"no hotel":             {"hotel.price", `{"dates":["28.01.2000"],"nights":[7],"adult":2}`, "", "", "hotel_id"},
			"type":                 {"map.country", `{"type":"bus"}`, "", "", "type"},
			"type null":            {"map.country", `{"type":null}`, "", "", "type"},
			"city by city":         {"map.city", `{"country_id":6228,"city_id":[1435]}`, "", "", "city_id"},
			"status":               {"booking_list", list, `null`, `"OK"`, "status"},
			"persons":              {"booking_list", list, `null`, `null,"persons":[]`, "persons"},
			"page 0":               {"booking_list", list, `"page":1`, `"page":0`, "page"},
			"count as a text":      {"booking_list", list, `30`, `"30"`, "count"},
			"empty code":           {"booking_info", `{"us_key":111,"code":""}`, "", "", "code"},
			"code as a number":     {"booking_info", `{"us_key":111,"code":1800001}`, "", "", "code"},
			"no such booking":      {"booking_info", `{"us_key":111,"code":"X1800001"}`, "", "", "Заявка не найдена"},
			"unknown method":       {"booking_pay", list, "", "", "Неизвестный метод"},
			"request as a list":    {"booking_list", `[]`, "", "", "request"},
			"several things wrong": {"booking_list", `{"us":1}`, "", "", `\"us_key\"","Неизвестный параметр \"us\""]`},
		} {
			require.Contains(t, test.request, test.old, name)
			section := strings.Replace(test.request, test.old, test.new, 1)
			echo := `"header":{"token":"fake-token", "method":"` + test.method + `"},"request":` + section
			answer := post(t, fake, "{"+echo+"}\n")
			echoed, response, _ := strings.Cut(answer, `,"response":`)
			assert.Equal(t, "{"+echo, echoed, name)
			_, problem, refused := strings.Cut(response, `,"error":["`)
			assert.True(t, refused, "%s: %s", name, answer)
			assert.Contains(t, problem, test.want, name)
			if test.method == "booking_pay" {
				assert.True(t, strings.HasPrefix(response, `null,`), answer)
			} else {
				assert.Regexp(t, `^{"[a-z_]+":null},`, response, name)
			}
		}
		page, err := c.BookingsPage(t.Context(), multitour.BookingQuery{})
		require.NoError(t, err)
		assert.Equal(t, new(0), page.BookingCount)
		for method, section := range map[string]string{"booking_set": good, "list.price": search, "booking_list": list} {
			assert.NotContains(t, post(t, fake, `{"header":{"token":"fake-token","method":"`+method+`"},"request":`+section+`}`), `"error"`)
		}
	})
}

// What is wrong with the document as a whole.
func TestDocuments(t *testing.T) {
	t.Parallel()
	fake := multitourtest.New()
	const good = `{"header":{"token":"fake-token","method":"map.country"},"request":{}}`
	assert.NotContains(t, post(t, fake, good), `"error"`)
	assert.Contains(t, post(t, fake, strings.Replace(good, "fake-token", "x", 1)), `"error":["Неверный токен"]`)
	for name, answer := range map[string]string{
		"GET":              send(t, fake, http.MethodGet, multitour.Production, good),
		"no slash":         send(t, fake, http.MethodPost, strings.TrimSuffix(multitour.Production, "/"), good),
		"query":            send(t, fake, http.MethodPost, multitour.Production+"?a=b", good),
		"nothing":          post(t, fake, ""),
		"form":             post(t, fake, "data="+good),
		"two documents":    post(t, fake, good+good),
		"cut short":        post(t, fake, good[:len(good)-1]),
		"list":             post(t, fake, "["+good+"]"),
		"no request":       post(t, fake, `{"header":{"token":"fake-token","method":"map.country"}}`),
		"more sections":    post(t, fake, strings.TrimSuffix(good, "}")+`,"response":{}}`),
		"no token":         post(t, fake, strings.Replace(good, `"token":"fake-token",`, "", 1)),
		"token a number":   post(t, fake, strings.Replace(good, `"fake-token"`, "1", 1)),
		"more of a header": post(t, fake, strings.Replace(good, `"method"`, `"version":1,"method"`, 1)),
	} {
		assert.Contains(t, answer, `"error":["`, name)
		assert.Contains(t, answer, `null`, name)
	}
}

// The client tells texts of the fake apart like the supplier's.
func TestSeveralErrors(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, _ *multitourtest.Server, c *multitour.Client) {
		_, err := c.HotelPrices(t.Context(), multitour.HotelQuery{
			Area: multitour.Area{Country: "1", Resorts: []multitour.ResortID{"2"}}, Stay: stay(today),
		})
		assert.ErrorIs(t, err, rutravel.ErrInvalid)
		var texts multitour.Messages
		require.ErrorAs(t, err, &texts)
		assert.Len(t, texts, 2)
	})
}

// The log of requests shows no token, and belongs to who asked for it.
func TestRequests(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *multitourtest.Server, c *multitour.Client) {
		_, err := c.Resorts(t.Context(), "6228")
		require.NoError(t, err)
		want := []multitourtest.Request{{Op: "map.resort", Params: json.RawMessage(`{"country_id":6228}`)}}
		fake.Requests()[0].Params[0] = '['
		assert.Equal(t, want, fake.Requests())
	})
}

// A booking that is carried out late is not there at once.
func TestLateBooking(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *multitourtest.Server, c *multitour.Client) {
		b := request(offers(t, c, "8562", today)[0].ID)
		fake.Inject(multitourtest.Fault{Op: "booking_set", Delay: time.Minute, Late: true})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Book(ctx, b)
		require.ErrorIs(t, err, rutravel.ErrNotConfirmed)
		found, err := c.LostBookings(t.Context(), b)
		require.NoError(t, err)
		assert.Empty(t, found)
		time.Sleep(time.Minute) // of the bubble's clock
		found, err = c.LostBookings(t.Context(), b)
		require.NoError(t, err)
		assert.Len(t, found, 1)
	})
}

// Each fault does what its field says, without a socket and through one.
func TestFaults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault   multitourtest.Fault
		kind    rutravel.Kind // of the booking; "" is success
		carried int           // out
	}{
		"none":               {multitourtest.Fault{}, "", 1},
		"of another method":  {multitourtest.Fault{Op: "map.country", Drop: true}, "", 1},
		"delay":              {multitourtest.Fault{Delay: time.Millisecond}, "", 1},
		"drop":               {multitourtest.Fault{Drop: true}, rutravel.ErrNotConfirmed, 0},
		"process and drop":   {multitourtest.Fault{Drop: true, Processed: true}, rutravel.ErrNotConfirmed, 1},
		"status":             {multitourtest.Fault{Status: http.StatusBadGateway}, rutravel.ErrNotConfirmed, 0},
		"process and status": {multitourtest.Fault{Status: http.StatusBadGateway, Processed: true}, rutravel.ErrNotConfirmed, 1},
		"body":               {multitourtest.Fault{Body: "<html>", Processed: true}, rutravel.ErrNotConfirmed, 1},
		"cut":                {multitourtest.Fault{Cut: 10}, rutravel.ErrNotConfirmed, 1},
		"too many": {multitourtest.Fault{
			Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"60"}},
		}, rutravel.ErrRateLimited, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check := func(t *testing.T, fake *multitourtest.Server, c *multitour.Client) {
				t.Helper()
				b := request(offers(t, c, "6596", multitour.Today().AddDays(2))[0].ID)
				fake.Inject(test.fault)
				if test.fault.Op != "" {
					fake.Inject(multitourtest.Fault{})
				}
				_, err := c.Book(context.WithoutCancel(t.Context()), b)
				if test.kind == "" {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, test.kind)
				}
				found, err := c.LostBookings(t.Context(), b)
				require.NoError(t, err)
				assert.Len(t, found, test.carried)
			}
			fake := multitourtest.New()
			c, err := multitour.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
			require.NoError(t, err)
			check(t, fake, c)

			fake = multitourtest.New()
			check(t, fake, overSocket(t, fake))
		})
	}
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

func TestOverSocket(t *testing.T) {
	t.Parallel()
	flow(t, overSocket(t, multitourtest.New()), multitour.Today())
}
