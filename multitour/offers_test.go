package multitour_test

import (
	"fmt"
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
func TestNoOffers(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"data is a list": awkward(t, "hotel.price-empty"), "list": response(`{"hotel_price":[]}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, body)
			offers, err := c.Offers(t.Context(), multitour.OfferQuery{Hotel: "4952", Stay: stay()})
			require.NoError(t, err)
			assert.Empty(t, offers)
		})
	}
}

// A missing field is an error and not zero.
func TestOffersRequiredFields(t *testing.T) {
	t.Parallel()
	requiredFields(t, `{"hotel_price":{"data":[{%s}]}}`,
		[]string{`"price_id":1`, `"hotel_id":4952`, `"date":1532725200`, `"night":7`, `"price":"1"`, `"quote":1`},
		func(t *testing.T, c *multitour.Client) error {
			t.Helper()
			_, err := c.Offers(t.Context(), multitour.OfferQuery{Hotel: "4952", Stay: stay()})
			return err
		})
}

// Offers that do not fit the query are left out with a warning, because the caller will book
// one. If no offer is left, the answer is ErrProtocol. MT-T28: the id of an offer must be a
// positive number.
func TestForeignOffers(t *testing.T) {
	t.Parallel()
	offer := func(id, hotel, date, nights, price string) string {
		return fmt.Sprintf(`{"price_id":%s,"hotel_id":%s,"date":%s,"night":%s,"price":%s,"quote":1}`, id, hotel, date, nights, price)
	}
	for name, test := range map[string]struct {
		offer string
		ok    bool
	}{
		"fits":            {offer("2", "4952", "1532725200", "7", `"1.50"`), true},
		"another hotel":   {offer("2", "777", "1532725200", "7", `"1.50"`), false},
		"another day":     {offer("2", "4952", "1533243600", "7", `"1.50"`), false},
		"other nights":    {offer("2", "4952", "1532725200", "30", `"1.50"`), false},
		"negative price":  {offer("2", "4952", "1532725200", "7", `-1`), false},
		"price of 0":      {offer("2", "4952", "1532725200", "7", `0`), false},
		"id with a point": {offer("1.5e9", "4952", "1532725200", "7", `1`), false},
		"id 0":            {offer("0", "4952", "1532725200", "7", `1`), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			query := multitour.OfferQuery{Hotel: "4952", Stay: stay()}
			good := offer("1", "4952", "1532725200", "7", `"1"`)
			c, warnings := watching(t, response(`{"hotel_price":{"data":[`+good+","+test.offer+`]}}`))
			offers, err := c.Offers(t.Context(), query)
			require.NoError(t, err)
			assert.Equal(t, multitour.OfferID("1"), offers[0].ID)
			assert.Equal(t, test.ok, len(offers) == 2)
			assert.Equal(t, test.ok, len(warnings()) == 0)
			if !test.ok {
				assert.Contains(t, warnings()[0], "hotel_price.data[1]")
			}

			c, _ = watching(t, response(`{"hotel_price":{"data":[`+test.offer+`]}}`))
			_, err = c.Offers(t.Context(), query)
			assert.Equal(t, test.ok, err == nil, "%v", err)
			if !test.ok {
				assert.ErrorIs(t, err, rutravel.ErrProtocol)
				assert.ErrorContains(t, err, "data[0]")
			}
		})
	}
}

// MT-T05, MT-T08, MT-T38, MT-T41: texts of the samples may be numbers. A line break at the
// end of a name is removed.
func TestOffersAsNumbers(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, awkward(t, "hotel.price-numbers"))
	offers, err := c.Offers(t.Context(), multitour.OfferQuery{Hotel: "4952", Stay: multitour.Stay{
		Dates: []civil.Date{conformance.Date(28, 7, 2018), conformance.Date(3, 8, 2018)}, Nights: []int{7, 10}, Adults: 2,
	}})
	require.NoError(t, err)
	require.Len(t, offers, 2)
	assert.Equal(t, multitour.OfferID("1233161591"), offers[0].ID)
	assert.Equal(t, "59520.5", offers[0].Price.String())
	assert.Equal(t, conformance.Date(28, 7, 2018), offers[0].CheckIn)
	assert.Equal(t, "эконом", offers[0].RoomCategory.Name)
	assert.False(t, offers[0].Guaranteed)
	assert.True(t, offers[1].Guaranteed)
}

// Names that the map does not have are empty. The place of the map does not matter.
func TestNamesOfTheMap(t *testing.T) {
	t.Parallel()
	const data = `"data":[{"price_id":1,"hotel_id":2,"date":1532725200,"night":7,"price":"1","quote":1,"room_id":"548","tarif_id":"9"}]`
	const names = `"map":{"room":[{"id":548,"name":" 4-х местный\r\n"}],"tarif":[],"pansion":null,"new":[{"id":1,"name":"x"}]}`
	for name, section := range map[string]string{
		"map last": `{` + data + `,` + names + `}`, "map first": `{` + names + `,` + data + `}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, response(`{"hotel_price":`+section+`}`))
			offers, err := c.Offers(t.Context(), multitour.OfferQuery{Hotel: "2", Stay: stay()})
			require.NoError(t, err)
			assert.Equal(t, multitour.Entry[multitour.RoomID]{ID: "548", Name: "4-х местный"}, offers[0].Room)
			assert.Equal(t, multitour.Entry[multitour.TariffID]{ID: "9"}, offers[0].Tariff)
		})
	}
}

// MT-T20, MT-T23: an invalid query fails before anything is sent.
func TestOfferQueryRefusedLocally(t *testing.T) {
	t.Parallel()
	for field, q := range map[string]multitour.OfferQuery{
		"Hotel":  {Stay: stay()},
		"Dates":  {Hotel: "4952"},
		"Nights": {Hotel: "4952", Stay: multitour.Stay{Dates: days(3), Nights: []int{1, 2, 3, 4}, Adults: 1}},
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			c, asked := answering(t, awkward(t, "hotel.price-empty"))
			_, err := c.Offers(t.Context(), q)
			invalid(t, err, asked, field)
		})
	}
	c, asked := answering(t, awkward(t, "hotel.price-empty"))
	_, err := rutravel.Collect(c.AllOffers(t.Context(), multitour.OfferQuery{Hotel: "x", Stay: stay()}))
	invalid(t, err, asked, "Hotel")
}

// MT-T23: a longer query is divided into requests of three dates. Each is sent when the
// iteration reaches its offers.
func TestAllOffers(t *testing.T) {
	t.Parallel()
	q := multitour.OfferQuery{Hotel: "4952", Stay: stay()}
	q.Dates = append(q.Dates, conformance.Date(29, 7, 2018), conformance.Date(30, 7, 2018), conformance.Date(31, 7, 2018))
	var failing bool
	c, asked := replying(t, func(r request) string {
		if failing && len(r.Request["dates"].([]any)) == 1 {
			return awkward(t, "error")
		}
		var rows []string
		for i, d := range r.Request["dates"].([]any) {
			at, err := time.Parse("02.01.2006 -0700", d.(string)+" +0300")
			require.NoError(t, err)
			rows = append(rows, fmt.Sprintf(`{"price_id":%d,"hotel_id":4952,"date":%d,"night":7,"price":"1","quote":1}`, i+1, at.Unix()))
		}
		return response(`{"hotel_price":{"data":[` + strings.Join(rows, ",") + `]}}`)
	})
	offers := c.AllOffers(t.Context(), q)
	assert.Empty(t, *asked, "nothing is sent before the first offer is requested")
	for range 2 { // every range begins again
		*asked = nil
		all, err := rutravel.Collect(offers)
		require.NoError(t, err)
		assert.Len(t, all, 4)
		assert.Len(t, *asked, 2)
	}
	*asked = nil
	for range offers {
		break
	}
	assert.Len(t, *asked, 1)
	failing = true
	all, err := rutravel.Collect(offers)
	conformance.Failure(t, err, rutravel.ErrInvalid)
	assert.Len(t, all, 3)
}

// References of offers that are null, empty or absent are empty. If they cannot be read,
// there is also a warning.
func TestReferencesOfOffers(t *testing.T) {
	t.Parallel()
	names := []string{"tour_id", "tarif_id", "room_id", "room_category_id", "pansion_id", "pansion_type_id", "accomodation_id"}
	for value, warned := range map[string]int{``: 0, `null`: 0, `""`: 0, `{"id":1}`: len(names), `-1`: len(names), `1.5`: len(names), `true`: len(names)} {
		var members strings.Builder
		for _, name := range names {
			if value != "" {
				members.WriteString(`,"` + name + `":` + value)
			}
		}
		c, warnings := watching(t, response(`{"hotel_price":{"data":[{"price_id":1,"hotel_id":4952,"date":1532725200,"night":7,"price":"1","quote":1`+members.String()+`}],`+
			`"map":{"room":[{"id":"","name":"x"},{"id":1,"name":"y"}]}}}`))
		offers, err := c.Offers(t.Context(), multitour.OfferQuery{Hotel: "4952", Stay: stay()})
		require.NoError(t, err, value)
		assert.Equal(t, []multitour.Offer{{
			ID: "1", Hotel: "4952", CheckIn: conformance.Date(28, 7, 2018), Nights: 7, Price: conformance.Dec("1"), Guaranteed: true,
		}}, offers, value)
		assert.Len(t, warnings(), warned+1, value) // one warning is about the room without an id
	}
}
