package multitour_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/multitour"
)

// MT-T01, MT-T02: a directory is read under its own name, or as the only list.
func TestDirectoryNames(t *testing.T) {
	t.Parallel()
	for name, list := range map[string]func(*testing.T, *multitour.Client) (int, error){
		"map.pansion-key-pansion": func(t *testing.T, c *multitour.Client) (int, error) {
			t.Helper()
			l, err := c.MealTypes(t.Context(), "6228")
			return len(l), err
		},
		"map.sea.distance-key": func(t *testing.T, c *multitour.Client) (int, error) {
			t.Helper()
			l, err := c.SeaDistances(t.Context(), "6228")
			return len(l), err
		},
		"map.highway-other-key": func(t *testing.T, c *multitour.Client) (int, error) {
			t.Helper()
			l, err := c.Highways(t.Context(), "6243")
			return len(l), err
		},
		"map.tour.type-key": func(t *testing.T, c *multitour.Client) (int, error) {
			t.Helper()
			l, err := c.TourTypes(t.Context(), multitour.Area{Country: "6228"})
			return len(l), err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, awkward(t, name))
			n, err := list(t, c)
			require.NoError(t, err)
			assert.Positive(t, n)
		})
	}
}

// MT-T01: the list with the documented name is read, in any order. A list with another name
// is read only if it is the only one.
func TestDirectoryName(t *testing.T) {
	t.Parallel()
	for name, section := range map[string]string{
		"documented, first":   `{"category":[{"id":4,"name":"a","hotel_id":[]}],"other":[{"id":5,"hotel_id":[]}]}`,
		"documented, last":    `{"other":[{"id":5,"hotel_id":[]}],"category":[{"id":4,"name":"a","hotel_id":[]}]}`,
		"own, without dot":    `{"note":"x","beachtype":[{"id":4,"name":"a","hotel_id":[]}]}`,
		"own, underscore":     `{"warnings":["x"],"beach_type":[{"id":4,"name":" a\r\n","hotel_id":[]}]}`,
		"other, the only one": `{"note":"x","kinds":[{"id":4,"name":"a","hotel_id":[]}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, response(section))
			all, err := c.BeachTypes(t.Context(), "6228")
			require.NoError(t, err)
			assert.Equal(t, []multitour.Feature[multitour.BeachTypeID]{{ID: "4", Name: "a"}}, all)
		})
	}
	for name, test := range map[string]struct{ section, path string }{
		"nothing":              {`{}`, "response.category"},
		"a text":               {`{"note":"x"}`, "response.category"},
		"null":                 {`null`, "response"},
		"list":                 {`[]`, "response"},
		"text":                 {`"x"`, "response"},
		"two lists":            {`{"items":[{"id":1,"hotel_id":[]}],"meta":[]}`, "response.category"},
		"two members":          {`{"meta":{},"items":[{"id":1,"hotel_id":[]}]}`, "response.category"},
		"documented, no id":    {`{"category":[{"hotel_id":[]}],"items":[{"id":1,"hotel_id":[]}]}`, "response.category[0].id"},
		"the only one, no id":  {`{"kinds":[{"id":1,"hotel_id":[]},{"hotel_id":[]}]}`, "response.kinds[1].id"},
		"the only one, a text": {`{"kinds":["x"]}`, "response.kinds[0]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, response(test.section))
			_, err := c.BeachTypes(t.Context(), "6228")
			conformance.Failure(t, err, rutravel.ErrProtocol)
			assert.ErrorContains(t, err, test.path+": ")
		})
	}
}

// An empty directory may be written in five ways.
func TestEmptyDirectory(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"null":   awkward(t, "map.options-null"),
		"list":   response(`{"options":[]}`),
		"object": response(`{"options":{}}`),
		"text":   response(`{"options":""}`),
		"false":  response(`{"options":false}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, body)
			all, err := c.Amenities(t.Context(), multitour.Area{Country: "6228"})
			require.NoError(t, err)
			assert.Empty(t, all)
		})
	}
}

// An entry without an id is an error. A feature without hotels is an error.
func TestDirectoryRequiredFields(t *testing.T) {
	t.Parallel()
	requiredFields(t, `{"category":[{%s}]}`, []string{`"id":1`, `"hotel_id":[]`}, func(t *testing.T, c *multitour.Client) error {
		t.Helper()
		_, err := c.Categories(t.Context(), "6228")
		return err
	})
}

// MT-T05, MT-T13, MT-T41: ids and coordinates are numbers, and the address of the picture has
// escaped slashes. An age limit that is absent or empty is nil. 0 is a limit.
func TestHotelNumbers(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, awkward(t, "map.hotel-numbers"))
	hotels, err := c.Hotels(t.Context(), multitour.Area{Country: "6228"})
	require.NoError(t, err)
	require.Len(t, hotels, 2)
	assert.Equal(t, multitour.HotelID("9044"), hotels[0].ID)
	assert.Equal(t, multitour.CityID("1435"), hotels[0].City)
	assert.Equal(t, "44.97709274291992", hotels[0].Latitude.Decimal.String())
	assert.Equal(t, "37.27494812011719", hotels[0].Longitude.Decimal.String())
	assert.Equal(t, "https://www.multitour.ru/files/imgs/hotel_9044_93602_territory31024x512.jpg", hotels[0].Image)
	assert.Nil(t, hotels[0].MinAge)
	assert.Nil(t, hotels[1].MinAge)
	c, _ = answering(t, response(`{"hotel":[{"id":1,"min_age":0}]}`))
	hotels, err = c.Hotels(t.Context(), multitour.Area{Country: "6228"})
	require.NoError(t, err)
	assert.Equal(t, new(0), hotels[0].MinAge)
}

// An empty filter is not sent.
func TestAllCountries(t *testing.T) {
	t.Parallel()
	c, asked := answering(t, awkward(t, "is_success-true"))
	_, err := c.Countries(t.Context(), "")
	require.NoError(t, err)
	assert.JSONEq(t, `{}`, (*asked)[0].text)
	assert.Equal(t, "map.country", (*asked)[0].Header.Method)
	assert.Equal(t, "own-token", (*asked)[0].Header.Token)
}

// A directory with an invalid argument fails before anything is sent.
func TestDirectoriesRefusedLocally(t *testing.T) {
	t.Parallel()
	c, asked := answering(t, awkward(t, "map.options-null"))
	_, err := c.Cities(t.Context(), "6228", []multitour.ResortID{"x"})
	invalid(t, err, asked, "resorts[0]")
	_, err = c.Cities(t.Context(), "x", nil)
	invalid(t, err, asked, "country")
	_, err = c.Countries(t.Context(), "\n")
	invalid(t, err, asked, "kind")
	_, err = c.Resorts(t.Context(), "")
	invalid(t, err, asked, "country")
	_, err = c.Hotels(t.Context(), multitour.Area{Country: "6228", Cities: []multitour.CityID{"1", "x"}})
	invalid(t, err, asked, "Cities[1]")
}

// A kind of tours prints as the English word and is stored as the wire value.
func TestTourKind(t *testing.T) {
	t.Parallel()
	for kind, want := range map[multitour.TourKind]string{
		multitour.AllTours: "all", multitour.OrdinaryTours: "ordinary", multitour.ExcursionTours: "excursions", "cruise": "cruise",
	} {
		assert.Equal(t, want, kind.String(), "%q", string(kind))
		text, err := json.Marshal(kind)
		require.NoError(t, err, "%q", string(kind))
		assert.Equal(t, `"`+string(kind)+`"`, string(text))
	}
}

// A reference that is null, empty or absent is empty, without a warning.
func TestAbsentReferences(t *testing.T) {
	t.Parallel()
	for _, value := range []string{`null`, `""`, `" "`, ``} {
		member := func(name string) string {
			if value == "" {
				return ""
			}
			return `,"` + name + `":` + value
		}
		references := member("country_id") + member("resort_id") + member("city_id") + member("min_age") + member("x") + member("y")
		c, warnings := watching(t, response(`{"hotel":[{"id":1`+references+`}],"city":[{"id":1`+references+`}],"resort":[{"id":1`+references+`}]}`))
		hotels, err := c.Hotels(t.Context(), multitour.Area{Country: "6228"})
		require.NoError(t, err, value)
		assert.Equal(t, []multitour.Hotel{{ID: "1"}}, hotels, value)
		cities, err := c.Cities(t.Context(), "6228", nil)
		require.NoError(t, err, value)
		assert.Equal(t, []multitour.City{{ID: "1"}}, cities, value)
		resorts, err := c.Resorts(t.Context(), "6228")
		require.NoError(t, err, value)
		assert.Equal(t, []multitour.Resort{{ID: "1"}}, resorts, value)
		assert.Empty(t, warnings(), value)
	}
}

// An entry without a readable id is left out with a warning. A minor field that cannot be
// read is empty, with a warning. The other entries are returned.
func TestBrokenEntries(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		broken  string
		want    []multitour.Feature[multitour.BeachTypeID] // the broken entry, as far as it is returned
		warning string
	}{
		{`{"id":null,"name":"b","hotel_id":["2"]}`, nil, "category[1].id of : want an id, got null"},
		{`{"id":1.5,"name":"b","hotel_id":["2"]}`, nil, "category[1].id of : want an id, got a number"},
		{`{"name":"b","hotel_id":["2"]}`, nil, "category[1].id of : missing"},
		{`7`, nil, "category[1] of : want an object, got a number"},
		{`{"id":5,"name":"b","hotel_id":"x"}`, nil, "category[1].hotel_id of 5: want a list, got a string of 1 bytes"},
		{`{"id":5,"name":"b"}`, nil, "category[1].hotel_id of 5: missing"},
		{
			`{"id":5,"name":["b"],"hotel_id":["2"]}`, []multitour.Feature[multitour.BeachTypeID]{{ID: "5", Hotels: []multitour.HotelID{"2"}}},
			"category[1].name of 5: want a text, got an array",
		},
		{
			`{"id":5,"name":"b","hotel_id":[null,"2"]}`, []multitour.Feature[multitour.BeachTypeID]{{ID: "5", Name: "b", Hotels: []multitour.HotelID{"2"}}},
			"category[1].hotel_id[0] of 5: want an id, got null",
		},
	} {
		t.Run(test.broken, func(t *testing.T) {
			t.Parallel()
			c, warnings := watching(t, response(`{"category":[{"id":4,"name":"a","hotel_id":[]},`+test.broken+`,{"id":6,"name":"c","hotel_id":[]}]}`))
			all, err := c.BeachTypes(t.Context(), "6228")
			require.NoError(t, err)
			want := append([]multitour.Feature[multitour.BeachTypeID]{{ID: "4", Name: "a"}}, test.want...)
			assert.Equal(t, append(want, multitour.Feature[multitour.BeachTypeID]{ID: "6", Name: "c"}), all)
			assert.Equal(t, []string{test.warning}, warnings())
		})
	}
}
