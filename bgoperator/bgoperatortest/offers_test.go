package bgoperatortest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/bgoperator"
)

// Every offer has a price, and so has a tour of two groups.
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
