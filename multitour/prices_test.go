package multitour_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/multitour"
)

// MT-T18: PHP writes an empty map as a list.
func TestNoPrices(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"data and map are lists": awkward(t, "list.price-empty-list"),
		"data and map are null":  awkward(t, "list.price-empty-null"),
		"list":                   response(`{"list_price":[]}`),
		"object":                 response(`{"list_price":{}}`),
		"data is a text":         response(`{"list_price":{"map":[],"data":""}}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, body)
			hotels, err := c.HotelPrices(t.Context(), search())
			require.NoError(t, err)
			assert.Empty(t, hotels)
		})
	}
	c, _ := answering(t, awkward(t, "list.price-price-empty"))
	hotels, err := c.HotelPrices(t.Context(), search())
	require.NoError(t, err)
	require.Len(t, hotels, 1)
	assert.Empty(t, hotels[0].Prices)
	assert.Equal(t, "22890", hotels[0].Cheapest.Price.String())
}

// Prices in another shape than the manual's are ErrProtocol.
func TestUnreadablePrices(t *testing.T) {
	t.Parallel()
	for _, section := range []string{
		`{"list_price":{"map":{}}}`, `{"list_price":{"x":1}}`, `{}`, `{"list_price":7}`,
		`{"list_price":{"data":[{"price_min":"1","date_min":1532725200,"days_min":7,"quote":1,"price":[]}]}}`, // hotels without ids
		`{"list_price":{"data":[{"price_min":"1","date_min":1532725200,"days_min":7,"quote":1,"price":[]},{"price_min":"1","date_min":1532725200,"days_min":7,"quote":1,"price":[]}]}}`,
		`{"list_price":{"data":{"6596":{"price_min":"1","date_min":1532725200,"days_min":7,"quote":1,"price":{"28.07.2018":{}}}}}}`,
		`{"list_price":{"data":{"6596":{"price_min":"1","date_min":1532725200,"days_min":7,"quote":1,"price":{"1532725200":{"week":{}}}}}}}`,
		`{"list_price":{"data":{"6596":{"price_min":null,"date_min":1532725200,"days_min":7,"quote":1,"price":[]}}}}`,
		`{"list_price":{"data":{"6596":{"price_min":"1","date_min":0,"days_min":7,"quote":1,"price":[]}}}}`,
		`{"list_price":{"data":{"6596":{"price_min":"0","date_min":1532725200,"days_min":7,"quote":1,"price":[]}}}}`,
		`{"list_price":{"data":{"abc":{"price_min":"1","date_min":1532725200,"days_min":7,"quote":1,"price":[]}}}}`,
		`{"list_price":{"data":{"6596":{"price_min":"1","date_min":1532725200,"days_min":7,"quote":1,"price":{"1532725200":{"-7":{"quote":"1"}}}}}}}`,
		`{"list_price":{"data":{"6596":{"price_min":"1","date_min":1532725200,"days_min":7,"quote":1,"price":{"1532725200":{"7":{"quote":"-1"}}}}}}}`,
	} {
		t.Run(section, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, response(section))
			hotels, err := c.HotelPrices(t.Context(), search())
			assert.ErrorIs(t, err, rutravel.ErrProtocol)
			assert.Empty(t, hotels)
		})
	}
}

// A hotel or price that cannot be read is left out with a warning. The others are returned.
func TestBrokenPrices(t *testing.T) {
	t.Parallel()
	const hotel = `"price_min":"1","date_min":1532725200,"days_min":7,"quote":1,"price":{"1532725200":{"7":{"quote":"1"}}}`
	seven := multitour.StayPrice{CheckIn: conformance.Date(28, 7, 2018), Nights: 7, GuaranteedPrice: conformance.NullDec("1")}
	for _, test := range []struct {
		name, from, to string
		hotels         int // returned of two
		warning        string
	}{
		{"price_min null", `"price_min":"1"`, `"price_min":null`, 1, "price_min of 9044: want an amount, got null"},
		{"price_min 0", `"price_min":"1"`, `"price_min":0`, 1, "price_min of 9044: want a positive price"},
		{"price_min negative", `"price_min":"1"`, `"price_min":-1`, 1, "price_min of 9044: want an amount, got a number"},
		{"days_min in words", `"days_min":7`, `"days_min":"week"`, 1, "days_min of 9044: want a whole number, got a string of 4 bytes"},
		{"date_min as a text", `"date_min":1532725200`, `"date_min":"28.07.2018"`, 1, "date_min of 9044: want a date as UNIX time, got a string of 10 bytes"},
		{"quote null", `"quote":1`, `"quote":null`, 1, "quote of 9044: want yes or no, got null"},
		{"price as a list", `"price":{"1532725200":{"7":{"quote":"1"}}}`, `"price":[{"7":{"quote":"1"}}]`, 1, "price[0] of 9044: want a date as UNIX time as a name"},
		{"no readable price", `{"1532725200":`, `{"28.07.2018":`, 1, "price.28.07.2018 of 9044: want a date as UNIX time as a name"},
		{"a date as a name", `{"1532725200":`, `{"28.07.2018":{"7":{"quote":"2"}},"1532725200":`, 2, "price.28.07.2018 of 9044: want a date as UNIX time as a name"},
		{"nights in words", `{"7":`, `{"x":{"quote":"2"},"7":`, 2, "price.1532725200.x of 9044: want a number of nights as a name"},
		{"negative nights", `{"7":`, `{"-7":{"quote":"2"},"7":`, 2, "price.1532725200.-7 of 9044: want a number of nights as a name"},
		{"a price in words", `{"7":`, `{"10":{"quote":"много"},"7":`, 2, "price.1532725200.10.quote of 9044: want an amount or nothing, got a string of 10 bytes"},
		{"a negative price", `{"7":`, `{"10":{"request":-1},"7":`, 2, "price.1532725200.10.request of 9044: want an amount or nothing, got a number"},
		{"accommodation", `"days_min":7`, `"days_min":7,"accomodation_min":{"id":1}`, 2, "accomodation_min of 9044: want an id or nothing, got an object"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, hotel, test.from)
			c, warnings := watching(t, response(`{"list_price":{"data":{"6596":{`+hotel+`},"9044":{`+strings.Replace(hotel, test.from, test.to, 1)+`}}}}`))
			hotels, err := c.HotelPrices(t.Context(), search())
			require.NoError(t, err)
			require.Len(t, hotels, test.hotels)
			for i, h := range hotels {
				assert.Equal(t, []multitour.HotelID{"6596", "9044"}[i], h.Hotel.ID)
				assert.Equal(t, []multitour.StayPrice{seven}, h.Prices)
				assert.Equal(t, multitour.CheapestStay{Price: conformance.Dec("1"), CheckIn: seven.CheckIn, Nights: 7}, h.Cheapest)
			}
			require.NotEmpty(t, warnings())
			assert.Contains(t, warnings()[0], test.warning)
		})
	}
}

// References of hotels that are null, empty or absent are empty.
func TestAbsentReferencesOfPrices(t *testing.T) {
	t.Parallel()
	for _, value := range []string{`null`, `""`, `x`} {
		section := strings.ReplaceAll(`{"list_price":{"data":{"1":{"price_min":"1","date_min":1532725200,"days_min":7,"quote":1,"price":[],`+
			`"accomodation_min":null,"tour_type_min":null,"pansion_min":null}},`+
			`"map":{"hotel":[{"id":1,"type_id":null,"country_id":null,"resort_id":null,"city_id":null,"min_age":null,"pansions":null}]}}}`, `null`, value)
		if value == "x" { // absent
			section = `{"list_price":{"data":{"1":{"price_min":"1","date_min":1532725200,"days_min":7,"quote":1,"price":[]}},"map":{"hotel":[{"id":1}]}}}`
		}
		c, warnings := watching(t, response(section))
		hotels, err := c.HotelPrices(t.Context(), search())
		require.NoError(t, err, value)
		assert.Equal(t, []multitour.HotelPrices{{
			Hotel: multitour.Hotel{ID: "1"}, HasGuaranteed: true,
			Cheapest: multitour.CheapestStay{Price: conformance.Dec("1"), CheckIn: conformance.Date(28, 7, 2018), Nights: 7},
		}}, hotels, value)
		assert.Empty(t, warnings(), value)
	}
}

// Given a map that cannot be read, expect all prices.
func TestBrokenMap(t *testing.T) {
	t.Parallel()
	const data = `"data":{"1":{"price_min":"1","date_min":1532725200,"days_min":7,"quote":1,"price":[],"pansion_min":0}}`
	for value, mealType := range map[string]string{
		`"x"`: "", `{"hotel":7,"pansion_type":[{"id":0,"name":"без питания"}]}`: "без питания",
		`{"hotel":[{"id":null},{"id":1,"name":"A"}],"pansion_type":[{"id":0,"name":["x"]}]}`: "",
		`{"pansion_type":[{"name":"x"},{"id":0,"name":"без питания"}]}`:                      "без питания",
	} {
		c, warnings := watching(t, response(`{"list_price":{`+data+`,"map":`+value+`}}`))
		hotels, err := c.HotelPrices(t.Context(), search())
		require.NoError(t, err, value)
		require.Len(t, hotels, 1, value)
		assert.Equal(t, multitour.Entry[multitour.MealTypeID]{ID: multitour.NoMeals, Name: mealType}, hotels[0].Cheapest.MealType, value)
		assert.NotEmpty(t, warnings(), value)
	}
}

// A missing field is an error and not zero.
func TestHotelPricesRequiredFields(t *testing.T) {
	t.Parallel()
	requiredFields(t, `{"list_price":{"data":{"6596":{%s}}}}`,
		[]string{`"price_min":"1"`, `"date_min":1532725200`, `"days_min":7`, `"quote":1`, `"price":[]`},
		func(t *testing.T, c *multitour.Client) error {
			t.Helper()
			_, err := c.HotelPrices(t.Context(), search())
			return err
		})
}

// If two members have the same name, the last one replaces the first completely.
func TestDuplicateSections(t *testing.T) {
	t.Parallel()
	hotel := func(nights string) string {
		return `"price_min":"1","date_min":1532725200,"days_min":7,"quote":1,"price":{"1532725200":{"7":{"quote":"1"}}},"price":{"1532725200":{"` + nights + `":{"quote":"2"}}}`
	}
	c, _ := answering(t, response(`{"list_price":{"data":{"1":{`+hotel("9")+`}},"data":{"2":{`+hotel("10")+`}}}}`))
	found, err := c.HotelPrices(t.Context(), search())
	require.NoError(t, err)
	require.Len(t, found, 1)
	assert.Equal(t, multitour.HotelID("2"), found[0].Hotel.ID)
	require.Len(t, found[0].Prices, 1)
	assert.Equal(t, 10, found[0].Prices[0].Nights)
}

// MT-T05, MT-T08, MT-T38: all values may be texts.
func TestPricesAsTexts(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, awkward(t, "list.price-strings"))
	hotels, err := c.HotelPrices(t.Context(), search())
	require.NoError(t, err)
	require.Len(t, hotels, 1)
	assert.Equal(t, conformance.Date(28, 7, 2018), hotels[0].Cheapest.CheckIn)
	assert.Equal(t, 7, hotels[0].Cheapest.Nights)
	assert.True(t, hotels[0].HasGuaranteed)
	assert.Equal(t, "без питания", hotels[0].Cheapest.MealType.Name)
	assert.Equal(t, "Анапа", hotels[0].ResortName)
}

// MT-T10: a price that does not exist is missing, not zero.
func TestOneOfTwoPrices(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, awkward(t, "list.price-one-price"))
	hotels, err := c.HotelPrices(t.Context(), search())
	require.NoError(t, err)
	var got []string
	for _, p := range hotels[0].Prices {
		got = append(got, fmt.Sprint(p.Nights, p.GuaranteedPrice.Valid, p.OnRequestPrice.Valid))
	}
	assert.Equal(t, []string{"7 false true", "10 true false", "14 false false"}, got)
	c, _ = answering(t, response(`{"list_price":{"data":{"6596":{"price_min":"1","date_min":1532725200,"days_min":7,"quote":0,`+
		`"price":{"1532725200":{"7":{"quote":0,"request":"1"}}}}}}}`))
	hotels, err = c.HotelPrices(t.Context(), search())
	require.NoError(t, err)
	assert.False(t, hotels[0].Prices[0].GuaranteedPrice.Valid, "a price of 0 is none")
	assert.False(t, hotels[0].HasGuaranteed)
}

// MT-T18, MT-T19: nights are sorted as numbers.
func TestOrderOfPrices(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"list.price-nights-order": {"2018-07-28 7 22890", "2018-07-28 10 32700", "2018-08-03 7 23990", "2018-08-03 10 33800"},
		"list.price-nights-list":  {"2018-07-28 0 1850", "2018-07-28 1 3270", "2018-07-28 2 6540"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, awkward(t, name))
			hotels, err := c.HotelPrices(t.Context(), search())
			require.NoError(t, err)
			var got []string
			for _, p := range hotels[0].Prices {
				got = append(got, fmt.Sprintf("%v %d %v", p.CheckIn, p.Nights, p.GuaranteedPrice.Decimal))
			}
			assert.Equal(t, want, got)
		})
	}
}

// MT-T06: 0 is a valid meal type, age and number of nights.
func TestZeros(t *testing.T) {
	t.Parallel()
	s := search()
	s.MealTypes, s.ChildAges, s.Nights = []multitour.MealTypeID{"0"}, []int{0}, []int{0}
	c, asked := answering(t, response(`{"list_price":{"data":{"6596":{"price_min":"1","pansion_min":0,"date_min":1532725200,"days_min":0,"quote":0,`+
		`"price":{"1532725200":{"0":{"request":"1"}}}}}}}`))
	hotels, err := c.HotelPrices(t.Context(), s)
	require.NoError(t, err)
	assert.JSONEq(t, `{"country_id":6228,"dates":["28.07.2018"],"nights":[0],"pansion":[0],"adult":2,"ages":[0]}`, (*asked)[0].text)
	assert.Equal(t, multitour.MealTypeID("0"), hotels[0].Cheapest.MealType.ID)
	require.Len(t, hotels[0].Prices, 1)
	assert.Zero(t, hotels[0].Prices[0].Nights)
}

// MT-T05, MT-T23: an invalid query fails before anything is sent.
func TestHotelQueryRefusedLocally(t *testing.T) {
	t.Parallel()
	for field, change := range map[string][]func(*multitour.HotelQuery){
		"Country": {
			func(s *multitour.HotelQuery) { s.Country = "" },
			func(s *multitour.HotelQuery) { s.Country = "xxxx" },
			func(s *multitour.HotelQuery) { s.Country = "06228" },
		},
		"Resorts[1]": {func(s *multitour.HotelQuery) { s.Resorts = []multitour.ResortID{"201", ""} }},
		"Cities[0]":  {func(s *multitour.HotelQuery) { s.Cities = []multitour.CityID{"-1"} }},
		"Hotels[0]":  {func(s *multitour.HotelQuery) { s.Hotels = []multitour.HotelID{"1.0"} }},
		"Dates": {
			func(s *multitour.HotelQuery) { s.Dates = nil },
			func(s *multitour.HotelQuery) { s.Dates = days(4) },
		},
		"Dates[0]": {
			func(s *multitour.HotelQuery) { s.Dates = []civil.Date{{}} },
			func(s *multitour.HotelQuery) { s.Dates = []civil.Date{conformance.Date(30, 2, 2018)} },
		},
		"Dates[1]": {func(s *multitour.HotelQuery) { s.Dates = append(days(1), days(1)...) }},
		"Nights": {
			func(s *multitour.HotelQuery) { s.Nights = nil },
			func(s *multitour.HotelQuery) { s.Nights = []int{1, 2, 3, 4} },
		},
		"Nights[0]":       {func(s *multitour.HotelQuery) { s.Nights = []int{-1} }},
		"Nights[1]":       {func(s *multitour.HotelQuery) { s.Nights = []int{7, 7} }},
		"Adults":          {func(s *multitour.HotelQuery) { s.Adults = 0 }},
		"ChildAges[1]":    {func(s *multitour.HotelQuery) { s.ChildAges = []int{0, -1} }},
		"Highways[0]":     {func(s *multitour.HotelQuery) { s.Highways = []multitour.HighwayID{"a"} }},
		"Categories[0]":   {func(s *multitour.HotelQuery) { s.Categories = []multitour.CategoryID{"a"} }},
		"SeaDistances[0]": {func(s *multitour.HotelQuery) { s.SeaDistances = []multitour.SeaDistanceID{"a"} }},
		"BeachTypes[0]":   {func(s *multitour.HotelQuery) { s.BeachTypes = []multitour.BeachTypeID{"a"} }},
		"Treatments[0]":   {func(s *multitour.HotelQuery) { s.Treatments = []multitour.TreatmentID{"a"} }},
		"MealTypes[0]":    {func(s *multitour.HotelQuery) { s.MealTypes = []multitour.MealTypeID{"a"} }},
		"Amenities[0]":    {func(s *multitour.HotelQuery) { s.Amenities = []multitour.AmenityID{"a"} }},
		"TourTypes[0]":    {func(s *multitour.HotelQuery) { s.TourTypes = []multitour.TourTypeID{"a"} }},
		"PriceMin":        {func(s *multitour.HotelQuery) { s.PriceMin = -1 }},
		"PriceMax": {
			func(s *multitour.HotelQuery) { s.PriceMax = -1 },
			func(s *multitour.HotelQuery) { s.PriceMin, s.PriceMax = 2, 1 },
		},
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			for i, f := range change {
				t.Run(strconv.Itoa(i), func(t *testing.T) {
					t.Parallel()
					s := search()
					f(&s)
					c, asked := answering(t, awkward(t, "list.price-empty-list"))
					_, err := c.HotelPrices(t.Context(), s)
					invalid(t, err, asked, field)
					if len(s.Dates) < 4 && len(s.Nights) < 4 {
						_, err = c.AllHotelPrices(t.Context(), s)
						invalid(t, err, asked, field)
					}
				})
			}
		})
	}
}

// days returns the first n days of July 2018.
func days(n int) (all []civil.Date) {
	for i := range n {
		all = append(all, conformance.Date(1, 7, 2018).AddDays(i))
	}
	return all
}

// MT-T23: a longer search is divided into requests of three dates and three numbers of nights.
// Their answers are merged.
func TestAllHotelPrices(t *testing.T) {
	t.Parallel()
	s := search()
	for i := range 7 {
		s.Dates = append(s.Dates, conformance.Date(29, 7, 2018).AddDays(i))
	}
	s.Nights = []int{10, 7, 14, 3}
	c, asked := replying(t, func(q request) string {
		// One hotel is in all answers and one only in the last answer. The price falls.
		dates, nights := q.Request["dates"].([]any), q.Request["nights"].([]any)
		var days []string
		for _, d := range dates {
			at, err := time.Parse("02.01.2006 -0700", d.(string)+" +0300")
			require.NoError(t, err)
			var prices []string
			for _, n := range nights {
				prices = append(prices, fmt.Sprintf(`"%v":{"quote":"%d"}`, n, 1000+int(n.(float64))))
			}
			days = append(days, fmt.Sprintf(`"%d":{%s}`, at.Unix(), strings.Join(prices, ",")))
		}
		hotel := func(id string, price int, quote int) string {
			return fmt.Sprintf(`"%s":{"price_min":"%d","date_min":1532725200,"days_min":%v,"quote":%d,"price":{%s}}`,
				id, price, nights[0], quote, strings.Join(days, ","))
		}
		body := hotel("6596", 1000-len(dates)*10+len(nights), map[int]int{3: 0, 1: 1}[len(nights)])
		if len(dates) == 2 && len(nights) == 1 {
			body += "," + hotel("4952", 5, 0)
		}
		return response(`{"list_price":{"data":{` + body + `},"map":[]}}`)
	})
	hotels, err := c.AllHotelPrices(t.Context(), s)
	require.NoError(t, err)
	assert.Len(t, *asked, 6)
	pairs := map[string]bool{}
	for _, q := range *asked {
		dates, nights := q.Request["dates"].([]any), q.Request["nights"].([]any)
		assert.LessOrEqual(t, len(dates), 3, q.text)
		assert.LessOrEqual(t, len(nights), 3, q.text)
		for _, d := range dates {
			for _, n := range nights {
				pairs[fmt.Sprint(d, n)] = true
			}
		}
	}
	assert.Len(t, pairs, 8*4)
	require.Len(t, hotels, 2)
	assert.Equal(t, multitour.HotelID("6596"), hotels[0].Hotel.ID)
	assert.Equal(t, multitour.HotelID("4952"), hotels[1].Hotel.ID)
	assert.Equal(t, "971", hotels[0].Cheapest.Price.String(), "the lowest of all answers")
	assert.Equal(t, 3, hotels[0].Cheapest.Nights)
	assert.True(t, hotels[0].HasGuaranteed)
	assert.False(t, hotels[1].HasGuaranteed)
	assert.Len(t, hotels[0].Prices, 8*4)
	assert.True(t, slices.IsSortedFunc(hotels[0].Prices, func(a, b multitour.StayPrice) int {
		return 2*a.CheckIn.Compare(b.CheckIn) + map[bool]int{true: 1, false: -1}[a.Nights > b.Nights]
	}))

	// An error ends the search, and nothing else is returned.
	c, asked = replying(t, func(request) string { return awkward(t, "error") })
	hotels, err = c.AllHotelPrices(t.Context(), s)
	conformance.Failure(t, err, rutravel.ErrInvalid)
	assert.Nil(t, hotels)
	assert.Len(t, *asked, 1)
}
