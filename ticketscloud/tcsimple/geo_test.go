package tcsimple_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/tcsimpletest"
)

// A zero time has no local time.
func TestLocal(t *testing.T) {
	t.Parallel()
	moscow := tcsimple.City{Timezone: "Europe/Moscow"}
	_, err := moscow.Local(time.Time{})
	require.Error(t, err)
	local, err := moscow.Local(utc(2026, 5, 1, 21, 0, 0))
	require.NoError(t, err)
	assert.Equal(t, "2 May 00:00 MSK", local.Format("2 January 15:04 MST"))
}

// Filters apply to the lists of cities and countries.
func TestGeoFilters(t *testing.T) {
	t.Parallel()
	c := newClient(t, tcsimpletest.New(nil))
	cities := func(q tcsimple.CityQuery) seq { return one(c.Cities(t.Context(), q)) }
	countries := func(ids ...ticketscloud.CountryID) seq {
		return one(c.Countries(t.Context(), tcsimple.CountryQuery{IDs: ids}))
	}
	assertNumber(t, map[string]filtered{
		"Cities.IDs":          {cities(tcsimple.CityQuery{IDs: []ticketscloud.CityID{"1486209"}}), 1},
		"Cities.Name":         {cities(tcsimple.CityQuery{Name: "Москва"}), 1},
		"Cities.Name, a part": {cities(tcsimple.CityQuery{Name: "Моск"}), 0},
		"Cities.Country":      {cities(tcsimple.CityQuery{Country: "RU"}), 2},
		"Cities.Country, not": {cities(tcsimple.CityQuery{Country: "BY"}), 0},
		"Countries.IDs":       {countries("BY", "RU"), 1},
		"Countries.IDs, not":  {countries("BY"), 0},
	})
	found, err := collect(c.Cities(t.Context(), tcsimple.CityQuery{Suggest: "екат"}))
	require.NoError(t, err)
	require.Len(t, found, 1)
	local, err := found[0].Local(utc(2026, 5, 1, 14, 0, 0))
	require.NoError(t, err)
	assert.Equal(t, "19:00 +05", local.Format("15:04 MST"))
	_, err = tcsimple.City{}.Local(utc(2026, 5, 1, 14, 0, 0))
	require.Error(t, err)
}

// Invalid queries are refused before they are sent.
func TestInvalidGeoQueries(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	c := newClient(t, fake)
	cities := func(q tcsimple.CityQuery) seq { return one(c.Cities(t.Context(), q)) }
	assertInvalid(t, fake, map[string]invalid{
		"letters":      {cities(tcsimple.CityQuery{IDs: []ticketscloud.CityID{"Москва"}}), "IDs[0]", "must be a whole number"},
		"hexadecimal":  {cities(tcsimple.CityQuery{IDs: []ticketscloud.CityID{"1", "0x7"}}), "IDs[1]", "must be a whole number"},
		"33 bits":      {cities(tcsimple.CityQuery{IDs: []ticketscloud.CityID{"1", "2", "3000000000"}}), "IDs[2]", "must be a whole number"},
		"2^31":         {cities(tcsimple.CityQuery{IDs: []ticketscloud.CityID{"2147483648"}}), "IDs[0]", "must be a whole number"},
		"a name":       {cities(tcsimple.CityQuery{Name: "\xff"}), "Name", "must be UTF-8"},
		"a suggestion": {cities(tcsimple.CityQuery{Suggest: "\xff"}), "Suggest", "must be UTF-8"},
		"a country":    {cities(tcsimple.CityQuery{Country: "R U"}), "Country", "must not contain spaces or control characters"},
		"no cities":    {cities(tcsimple.CityQuery{IDs: []ticketscloud.CityID{}}), "IDs", "must not be empty; nil is no filter"},
		"no countries": {one(c.Countries(t.Context(), tcsimple.CountryQuery{IDs: []ticketscloud.CountryID{}})), "IDs", "must not be empty; nil is no filter"},
		"an empty id":  {one(c.Countries(t.Context(), tcsimple.CountryQuery{IDs: []ticketscloud.CountryID{"RU", ""}})), "IDs[1]", "must not be empty"},
	})
}
