package bgoperatortest_test

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/bgoperator"
)

// Every offer has a price. A tour of two groups has a price.
func TestOffers(t *testing.T) {
	t.Parallel()
	fake, c := start(t)
	for _, o := range fake.Offers() {
		_, err := c.Quote(t.Context(), tour(o, "1"))
		require.NoError(t, err, o.StartDate)
	}
	both := tour(fake.Offers()[0], "1")
	both.Groups = append(both.Groups, tour(fake.Offers()[1], "2").Groups...)
	quote, err := c.Quote(t.Context(), both)
	require.NoError(t, err)
	assert.Equal(t, "2386", quote.Prices[0].Full.String())
}

// The fake compares tours with the manual and the offers. A refused tour is not
// booked.
func TestRefusedTours(t *testing.T) {
	t.Parallel()
	fake, c := start(t)
	offer := fake.Offers()[0]
	change := func(f func(*bgoperator.Offer, *bgoperator.Tourist)) bgoperator.Tour {
		request := tour(offer, "1")
		f(&request.Groups[0].Offer, &request.Groups[0].Tourists[0])
		return request
	}
	for code, request := range map[bgoperator.Code]bgoperator.Tour{
		"105": change(func(o *bgoperator.Offer, _ *bgoperator.Tourist) { o.TemplateID = "1" }),
		"106": change(func(o *bgoperator.Offer, _ *bgoperator.Tourist) { o.TemplateID, o.CommissionID = "", "1" }),
		"108": change(func(o *bgoperator.Offer, _ *bgoperator.Tourist) { o.Country = "1" }),
		"111": change(func(o *bgoperator.Offer, _ *bgoperator.Tourist) { o.StartDate = "02.03.2014" }),
		"113": change(func(_ *bgoperator.Offer, p *bgoperator.Tourist) { p.BirthDate.Year = 2030 }),
		"115": change(func(o *bgoperator.Offer, _ *bgoperator.Tourist) { o.Main.RoomMeal = "1" }),
		"117": change(func(o *bgoperator.Offer, _ *bgoperator.Tourist) { o.Main.Nights = 8 }),
		"119": change(func(o *bgoperator.Offer, _ *bgoperator.Tourist) { o.SR = strings.TrimRight(o.SR, "k") }),
		"123": change(func(_ *bgoperator.Offer, p *bgoperator.Tourist) { p.Citizenship = "RU" }),
		"124": change(func(_ *bgoperator.Offer, p *bgoperator.Tourist) { p.PassportExpiry.Year = 2013 }),
	} {
		_, err := c.Book(t.Context(), request)
		assert.ErrorIs(t, err, code)
		var refusal *bgoperator.RefusalError
		if assert.ErrorAs(t, err, &refusal, code) {
			assert.Equal(t, "1", refusal.ClientTourID, code)
		}
	}
	assert.Empty(t, fake.Bookings())
}

// Added offers can be priced and booked. An offer replaces an offer with the same ids and
// date.
func TestAddOffer(t *testing.T) {
	t.Parallel()
	fake, c := start(t)
	offer := bgoperator.Offer{
		Prx: "1", Country: "2", CommissionID: "3", StartDate: "06.09.2014", DefaultInsurance: true,
		Main: bgoperator.Stay{RoomMeal: "4", Nights: 2}, SR: "5",
	}
	fake.AddOffer(offer)
	before := len(fake.Offers())
	quote, err := c.Quote(t.Context(), tour(offer, "1"))
	require.NoError(t, err)
	assert.Equal(t, "1193", quote.Prices[0].Full.String())

	offer.Main.Nights = 3
	fake.AddOffer(offer, bgoperator.Price{Currency: "EUR", Full: decimal.RequireFromString("70.55"), Amount: decimal.RequireFromString("70.55")})
	assert.Len(t, fake.Offers(), before)
	quote, err = c.Quote(t.Context(), tour(offer, "1", "2"))
	require.NoError(t, err)
	require.Len(t, quote.Prices, 1)
	assert.Equal(t, bgoperator.EUR, quote.Prices[0].Currency)
	assert.Equal(t, "141.1", quote.Prices[0].Full.String())
	assert.True(t, quote.Prices[0].Commission.IsZero())
	_, err = c.Book(t.Context(), tour(offer, "1"))
	require.NoError(t, err)
	for name, bad := range map[string]func(*bgoperator.Offer){
		"prx":           func(o *bgoperator.Offer) { o.Prx = "" },
		"country":       func(o *bgoperator.Offer) { o.Country = "" },
		"date":          func(o *bgoperator.Offer) { o.StartDate = "2014-09-06" },
		"template":      func(o *bgoperator.Offer) { o.CommissionID = "" },
		"two templates": func(o *bgoperator.Offer) { o.TemplateID = "1" },
	} {
		o := offer
		bad(&o)
		assert.Panics(t, func() { fake.AddOffer(o) }, name)
	}
}

// A tour has prices in the currencies that all of its groups have. Without such a currency
// it has no price.
func TestCurrenciesOfGroups(t *testing.T) {
	t.Parallel()
	fake, c := start(t)
	offers := fake.Offers()
	currencies := func(a, b int) (all []bgoperator.Currency, err error) {
		both := tour(offers[a], "1")
		both.Groups = append(both.Groups, tour(offers[b], "2").Groups...)
		quote, err := c.Quote(t.Context(), both)
		for _, p := range quote.Prices {
			all = append(all, p.Currency)
		}
		return all, err
	}
	got, err := currencies(0, 1)
	require.NoError(t, err)
	assert.Equal(t, []bgoperator.Currency{"USD", "RUR"}, got)
	got, err = currencies(0, 4)
	require.NoError(t, err)
	assert.Equal(t, []bgoperator.Currency{"RUR"}, got)
	_, err = currencies(0, 3)
	assert.ErrorIs(t, err, bgoperator.CodeNoPrice)
}

// A seed adds offers and pages. If it has an error, it adds nothing.
func TestSeed(t *testing.T) {
	t.Parallel()
	fake, c := start(t)
	before := len(fake.Offers())
	for name, text := range map[string]string{
		"no JSON":          `{`,
		"an unknown name":  `{"Offer": []}`,
		"an unknown field": `{"Offers": [{"Offer": {"Prix": "1"}}]}`,
		"incomplete":       `{"Offers": [` + seeded + `, {"Offer": {"Prx": "1"}}], "Exports": {"/a": "b"}}`,
	} {
		require.Error(t, fake.Seed([]byte(text)), name)
		assert.Len(t, fake.Offers(), before, name)
	}
	require.NoError(t, fake.Seed([]byte(`{"Offers": [`+seeded+`], "Exports": {"/yandex?action=countries": "[1]"}}`)))
	offers := fake.Offers()
	require.Len(t, offers, before+1)
	quote, err := c.Quote(t.Context(), tour(offers[before], "1"))
	require.NoError(t, err)
	assert.Equal(t, "10.5", quote.Prices[0].Amount.String())
	page, err := c.Export(t.Context(), "/yandex?action=countries")
	require.NoError(t, err)
	assert.Equal(t, "[1]", string(page))
}

const seeded = `{
	"Offer": {"Prx": "1", "Country": "2", "TemplateID": "3", "StartDate": "06.09.2014", "DefaultInsurance": true, "Main": {"RoomMeal": "4", "Nights": 2}, "SR": "5"},
	"PerTourist": [{"Currency": "USD", "Full": "12.5", "Commission": "2", "Amount": "10.5"}]
}`
