package bgoperator_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/bgoperator/bgoperatortest"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
)

// BG-T08: fullamount is spelt in two ways; the right one is preferred.
func TestFullAmount(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"createtour-fullamout", "createtour-fullamout-both"} {
		c, _ := answering(t, conformance.Awkward(t, "bgoperator", name))
		quote, err := c.Quote(t.Context(), tour("1"))
		require.NoError(t, err, name)
		assert.Equal(t, "1193", quote.Prices[0].Full.String())
		if len(quote.Prices) > 1 {
			assert.Equal(t, "74563", quote.Prices[1].Full.String())
		}
	}
}

// BG-T10, T11, T39: spaces around values, line breaks in attributes, dots
// between elements.
func TestSpaces(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, conformance.Awkward(t, "bgoperator", "createtour-spaces"))
	quote, err := c.Quote(t.Context(), tour("1"))
	require.NoError(t, err)
	assert.Equal(t, "1", quote.ClientTourID)
	require.Len(t, quote.Prices, 2)
	assert.Equal(t, bgoperator.USD, quote.Prices[0].Currency)
	assert.Equal(t, "119", quote.Prices[0].Commission.String())

	c, _ = answering(t, conformance.Awkward(t, "bgoperator", "confirm-spaces"))
	booking, err := c.Book(t.Context(), tour("2"))
	require.NoError(t, err)
	assert.Equal(t, bgoperator.Booking{ClientTourID: "2", ID: bookingID, Number: "214150198"}, booking)

	c, _ = answering(t, conformance.Awkward(t, "bgoperator", "showtransfers-spaces"))
	tourists, err := c.TouristTransfers(t.Context(), transfers)
	require.NoError(t, err)
	slot := tourists[0].Slots[0]
	assert.Equal(t, bgoperator.TransferDate("14.03.2015"), slot.Date)
	assert.Equal(t, bgoperator.DirectionTo, slot.Direction)
	assert.Equal(t, bgoperator.PointID("102640012614"), slot.Point)
	assert.Equal(t, bgoperator.VariantID("103825996892"), slot.Variants[0].ID)
	assert.Equal(t, bgoperator.USD, slot.Variants[0].Currency)
	assert.Equal(t, int32(-2), slot.Variants[0].Price.Exponent())
	assert.Equal(t, "DOE", tourists[0].Surname)

	c, _ = answering(t, conformance.Awkward(t, "bgoperator", "cancel-status-spaces"))
	assert.NoError(t, c.Cancel(t.Context(), bookingID, ticket))
}

// BG-T16: the answer to a batch names one tour alone.
func TestBatches(t *testing.T) {
	t.Parallel()
	c, asked := answering(t, conformance.Awkward(t, "bgoperator", "confirm-reordered"))
	bookings, err := c.BookAll(t.Context(), []bgoperator.Tour{tour("1"), tour("2")})
	require.NoError(t, err)
	assert.Equal(t, []bgoperator.Booking{
		{ClientTourID: "1", ID: "104400000842477915", Number: "214261209"},
		{ClientTourID: "2", ID: "104400000842366804", Number: "214150198"},
	}, bookings, "BG-T42: in the order of the tours")
	assert.Equal(t, 2, strings.Count((*asked)[0].body, "<confirm/>"))

	for _, name := range []string{"errors", "errors-several", "errors-unknown-code", "errors-several-no-clientTourId", "errors-101"} {
		c, _ = answering(t, conformance.Awkward(t, "bgoperator", name))
		bookings, err = c.BookAll(t.Context(), []bgoperator.Tour{tour("1"), tour("2"), tour("3")})
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		assert.Empty(t, bookings)
		var refusal *bgoperator.RefusalError
		require.ErrorAs(t, err, &refusal, name)
		if name == "errors" {
			assert.Equal(t, "2", refusal.ClientTourID)
		}
		_, err = c.QuoteAll(t.Context(), []bgoperator.Tour{tour("1"), tour("2"), tour("3")})
		assert.NotErrorIs(t, err, rutravel.ErrNotConfirmed, "of prices there is nothing to confirm")
		require.ErrorAs(t, err, &refusal, name)
	}
	// What concerns the request as a whole is a refusal of all of it.
	c, _ = answering(t, conformance.Awkward(t, "bgoperator", "errors-103"))
	_, err = c.BookAll(t.Context(), []bgoperator.Tour{tour("1"), tour("2")})
	conformance.Failure(t, err, rutravel.ErrAuth)

	// Those that did arrive are handed out.
	for _, body := range []string{
		golden(t, "createtour+confirm"),
		conformance.Awkward(t, "bgoperator", "createtour-mixed"),
		strings.Replace(conformance.Awkward(t, "bgoperator", "confirm-reordered"), "104400000842477915", "", 1),
		strings.Replace(conformance.Awkward(t, "bgoperator", "confirm-reordered"), `"1"`, `"7"`, 1),
	} {
		c, _ = answering(t, body)
		bookings, err = c.BookAll(t.Context(), []bgoperator.Tour{tour("1"), tour("2")})
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		require.Len(t, bookings, 2)
		assert.Empty(t, bookings[0].ID)
		assert.Equal(t, bookingID, bookings[1].ID)
	}
	c, _ = answering(t, strings.Replace(conformance.Awkward(t, "bgoperator", "confirm-reordered"), `"1"`, `"2"`, 1))
	bookings, err = c.BookAll(t.Context(), []bgoperator.Tour{tour("1"), tour("2")})
	conformance.Failure(t, err, rutravel.ErrNotConfirmed)
	assert.Equal(t, bookingID, bookings[1].ID, "the same tour twice")

	twice := strings.Replace(conformance.Awkward(t, "bgoperator", "confirm-reordered"), "</tours>", `<tour clientTourId="2"><id>1</id><number>2</number></tour></tours>`, 1)
	c, _ = answering(t, twice)
	bookings, err = c.BookAll(t.Context(), []bgoperator.Tour{tour("1"), tour("2")})
	conformance.Failure(t, err, rutravel.ErrNotConfirmed)
	assert.Equal(t, bookingID, bookings[1].ID, "the first of two answers about one tour")

	// At the fake the first tour of a batch that fails is booked.
	fake, client := newFake(t, nil)
	first, second := sample(fake, "1"), sample(fake, "1")
	second.ClientTourID = "2"
	_, err = client.BookAll(t.Context(), []bgoperator.Tour{first, second})
	conformance.Failure(t, err, rutravel.ErrNotConfirmed)
	assert.ErrorIs(t, err, bgoperator.CodeDuplicate)
	assert.Len(t, fake.Bookings(), 1)
}

// BG-T43: nothing is an empty list where lists are asked for, and no success
// where something was to be done.
func TestEmptyAnswers(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, conformance.Awkward(t, "bgoperator", "createtour-empty"))
	_, err := c.Book(t.Context(), tour("1"))
	conformance.Failure(t, err, rutravel.ErrNotConfirmed)
	_, err = c.Quote(t.Context(), tour("1"))
	conformance.Failure(t, err, rutravel.ErrProtocol)
	_, err = c.QuoteCancel(t.Context(), bookingID)
	conformance.Failure(t, err, rutravel.ErrProtocol)
	conformance.Failure(t, c.Cancel(t.Context(), bookingID, ticket), rutravel.ErrNotConfirmed)
	_, err = c.SetTransfers(t.Context(), transfers, chosen(t))
	conformance.Failure(t, err, rutravel.ErrProtocol)
	tourists, err := c.TouristTransfers(t.Context(), transfers)
	require.NoError(t, err)
	assert.Empty(t, tourists)
	flights, err := c.Flights(t.Context(), arrival)
	require.NoError(t, err)
	assert.Empty(t, flights)

	c, _ = answering(t, conformance.Awkward(t, "bgoperator", "showflightdata-empty"))
	flights, err = c.Flights(t.Context(), arrival)
	require.NoError(t, err)
	assert.Empty(t, flights)
	c, _ = answering(t, conformance.Awkward(t, "bgoperator", "showtransfers-no-slots"))
	tourists, err = c.TouristTransfers(t.Context(), transfers)
	require.NoError(t, err)
	require.Len(t, tourists, 2)
	assert.Empty(t, tourists[0].Slots)
	assert.Empty(t, tourists[1].Slots[0].Variants)
}

// A price is three amounts in a currency, or it is none.
func TestIncompletePrices(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"currency", "fullamount", "comission", "amount", "sum"} {
		body := regexp.MustCompile(`(?s)<`+name+`>.*?</`+name+`>`).ReplaceAllString(golden(t, "createtour"), "")
		c, _ := answering(t, body)
		_, err := c.Quote(t.Context(), tour("1"))
		conformance.Failure(t, err, rutravel.ErrProtocol)
	}
	c, _ := answering(t, conformance.Awkward(t, "bgoperator", "createtour-several-sums"))
	quote, err := c.Quote(t.Context(), tour("1"))
	require.NoError(t, err)
	assert.Equal(t, bgoperator.RUR, quote.Prices[1].Currency)
	assert.Equal(t, int32(-2), quote.Prices[1].Full.Exponent(), "digits are kept")

	// What could be read is returned beside the error.
	c, _ = answering(t, strings.Replace(golden(t, "createtour"), "119.0", "much", 1))
	quote, err = c.Quote(t.Context(), tour("1"))
	conformance.Failure(t, err, rutravel.ErrProtocol)
	assert.ErrorContains(t, err, "tours/tour/sum/comission: want a decimal number")
	assert.Equal(t, "74563", quote.Prices[1].Full.String())
}

// A booking without a number exists.
func TestBookingWithoutNumber(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, conformance.Awkward(t, "bgoperator", "confirm-no-number"))
	booking, err := c.Book(t.Context(), tour("2"))
	conformance.Failure(t, err, rutravel.ErrNotConfirmed)
	assert.Equal(t, bookingID, booking.ID)
	// So does one that answers for another tour.
	c, _ = answering(t, golden(t, "createtour+confirm"))
	booking, err = c.Book(t.Context(), tour("1"))
	conformance.Failure(t, err, rutravel.ErrNotConfirmed)
	assert.Equal(t, bookingID, booking.ID)
	// Of two, the first.
	c, _ = answering(t, strings.Replace(golden(t, "createtour+confirm"), "</tours>", `<tour clientTourId="9"><id>5</id><number>6</number></tour></tours>`, 1))
	for _, client := range []string{"1", "2"} {
		booking, err = c.Book(t.Context(), tour(client))
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		assert.Equal(t, bookingID, booking.ID)
	}
	// A price is no booking.
	c, _ = answering(t, golden(t, "createtour"))
	booking, err = c.Book(t.Context(), tour("1"))
	conformance.Failure(t, err, rutravel.ErrNotConfirmed)
	assert.Empty(t, booking.ID)
	// Nor is a booking a price.
	c, _ = answering(t, golden(t, "createtour+confirm"))
	_, err = c.Quote(t.Context(), tour("2"))
	conformance.Failure(t, err, rutravel.ErrProtocol)
}

// BG-T42: a tour without a name is answered without one.
func TestNoClientTourID(t *testing.T) {
	t.Parallel()
	c, asked := answering(t, conformance.Awkward(t, "bgoperator", "createtour-no-clientTourId"))
	_, err := c.Quote(t.Context(), tour(""))
	require.NoError(t, err)
	assert.Contains(t, (*asked)[0].body, "<tours><tour><countryId>")
}

// An answer that breaks off behind the id of a booking, or has garbage there,
// still says which booking was made; so it does of the cost of a cancellation.
func TestCutAnswers(t *testing.T) {
	t.Parallel()
	good := strings.TrimSpace(golden(t, "createtour+confirm"))
	_, after, _ := strings.Cut(good, "</id>")
	for n := len(good) - len(after); n < len(good); n++ {
		for _, behind := range []string{"", "<", "<!", "\x00", "</html>", "&x;", `<a b="1" b="2">`} {
			c, asked := answering(t, good[:n]+behind)
			booking, err := c.Book(t.Context(), tour("2"))
			conformance.Failure(t, err, rutravel.ErrNotConfirmed)
			assert.Equal(t, bookingID, booking.ID, "%s%s", good[:n], behind)
			assert.Contains(t, []bgoperator.BookingNumber{"", "214150198"}, booking.Number)
			assert.Len(t, *asked, 1)
		}
	}
	for n := range len(good) - len(after) {
		c, _ := answering(t, good[:n])
		booking, err := c.Book(t.Context(), tour("2"))
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		assert.Empty(t, booking.ID, "half an id is none")
	}
	for _, behind := range []string{"garbage", good, "<!-- "} {
		c, _ := answering(t, good+behind)
		booking, err := c.Book(t.Context(), tour("2"))
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		assert.Equal(t, bgoperator.Booking{ClientTourID: "2", ID: bookingID, Number: "214150198"}, booking)
	}

	// The line breaks, and what had arrived is read.
	fake, c := newFake(t, nil)
	fake.SetQuirks(bgoperatortest.Quirks{Unpacked: true})
	fake.Inject(bgoperatortest.Fault{Op: "createtour+confirm", Cut: len(`<tours><tour clientTourId="1"><id>104400000842366804</id><num`)})
	booking, err := c.Book(t.Context(), sample(fake, "1"))
	conformance.Failure(t, err, rutravel.ErrNotConfirmed)
	assert.Equal(t, fake.Bookings()[0].ID, booking.ID)

	text := strings.TrimSpace(golden(t, "canceltour"))
	for n := range text {
		c, _ = answering(t, text[:n])
		quote, err := c.QuoteCancel(t.Context(), bookingID)
		conformance.Failure(t, err, rutravel.ErrProtocol)
		if !strings.Contains(text[:n], "</sum>") {
			assert.Empty(t, quote.Costs, "half a cost is none")
			assert.Empty(t, quote.Ticket)
			continue
		}
		require.Len(t, quote.Costs, 1)
		assert.Equal(t, "20", quote.Costs[0].Amount.String())
		assert.Equal(t, ticket, quote.Ticket)
	}
}

// BG-T06, T22, T24, T25: a booking has the bytes of the quote and <confirm/>,
// also after the tour was stored; values that must not change do not.
func TestQuoteAndBookingHaveTheSameBytes(t *testing.T) {
	t.Parallel()
	request := tour(`"a" & <b>`)
	o := &request.Groups[0].Offer
	o.SR = " 04HAu+04*  <&>\"' é"
	o.Insurance = "0-100000-USD-0 "
	o.TemplateID = "000121178311485"
	c, asked := answering(t, "<tours/>")
	_, err := c.Quote(t.Context(), request)
	conformance.Failure(t, err, rutravel.ErrProtocol)
	stored, err := json.Marshal(request)
	require.NoError(t, err)
	var back bgoperator.Tour
	require.NoError(t, json.Unmarshal(stored, &back))
	assert.Equal(t, request, back)
	_, err = c.Book(t.Context(), back)
	conformance.Failure(t, err, rutravel.ErrNotConfirmed)
	require.Len(t, *asked, 2)
	assert.Equal(t, (*asked)[0].query, (*asked)[1].query)
	assert.Equal(t, (*asked)[0].body, strings.Replace((*asked)[1].body, "<confirm/>", "", 1))
	assert.NotContains(t, (*asked)[0].body, "confirm")
	assert.Contains(t, (*asked)[0].body, `<tour clientTourId="&quot;a&quot; &amp; &lt;b&gt;">`)
	assert.Contains(t, (*asked)[0].body, "<sr> 04HAu+04*  &lt;&amp;&gt;\"' é</sr>")
	assert.Contains(t, (*asked)[0].body, "<ins>0-100000-USD-0 </ins>")
	assert.Contains(t, (*asked)[0].body, "<templateId>000121178311485</templateId>")
}

// BG-T01, T23: prx is first, and encoded once.
func TestPrx(t *testing.T) {
	t.Parallel()
	for prx, want := range map[string]string{
		"a+b/c": "a%2Bb%2Fc", "a%2Bb": "a%252Bb", "a b&c=d": "a%20b%26c%3Dd", "ы": "%D1%8B",
	} {
		request := tour("1")
		request.Groups[0].Offer.Prx = prx
		c, asked := answering(t, golden(t, "createtour"))
		_, err := c.Quote(t.Context(), request)
		require.NoError(t, err)
		assert.Equal(t, "prx="+want+"&action=createtour", (*asked)[0].query)
	}
}

// BG-T09, T21, T27, T34, T36, T40, T45 and all else that is refused before
// anything is sent.
func TestRefusedLocally(t *testing.T) {
	t.Parallel()
	c, asked := answering(t, "<tours/>")
	one := func(change func(*bgoperator.Tour, *bgoperator.Offer, *bgoperator.Tourist)) func() error {
		return func() error {
			request := tour("1")
			change(&request, &request.Groups[0].Offer, &request.Groups[0].Tourists[0])
			_, err := c.Book(t.Context(), request)
			_, same := c.Quote(t.Context(), request)
			assert.Equal(t, err.(*rutravel.Error).Err, same.(*rutravel.Error).Err)
			return err
		}
	}
	inOffer := func(change func(*bgoperator.Offer)) func() error {
		return one(func(_ *bgoperator.Tour, o *bgoperator.Offer, _ *bgoperator.Tourist) { change(o) })
	}
	person := func(change func(*bgoperator.Tourist)) func() error {
		return one(func(_ *bgoperator.Tour, _ *bgoperator.Offer, p *bgoperator.Tourist) { change(p) })
	}
	all := func(tours ...bgoperator.Tour) func() error {
		return func() error { _, err := c.BookAll(t.Context(), tours); return err }
	}
	set := func(change func(*bgoperator.Transfer)) func() error {
		return func() error {
			all := chosen(t)
			change(&all[0].Transfers[0])
			_, err := c.SetTransfers(t.Context(), transfers, all)
			return err
		}
	}
	contacts := func(all ...bgoperator.Contact) func() error {
		return func() error { return c.SetContacts(t.Context(), bookingID, all) }
	}
	otherList := tour("2")
	otherList.Groups[0].Offer.Prx = "another"
	twoGroups := func(change func(*bgoperator.Offer)) bgoperator.Tour {
		v := tour("1")
		v.Groups = append(v.Groups, tour("1").Groups...)
		change(&v.Groups[1].Offer)
		return v
	}
	const g = "Groups[0]."
	for i, test := range []struct {
		field string
		do    func() error
	}{
		{"tours", all()},
		{"tours[1].ClientTourID", all(tour("1"), tour(""))},
		{"tours[1].ClientTourID", all(tour("1"), tour("1"))},
		{"tours[1].Groups[0].Offer.Prx", all(tour("1"), otherList)},
		{"Groups[1].Offer", all(twoGroups(func(o *bgoperator.Offer) { o.Country = "1" }))},
		{"Groups[1].Offer", all(twoGroups(func(o *bgoperator.Offer) { o.TemplateID = "1" }))},
		{"Groups[1].Offer", all(twoGroups(func(o *bgoperator.Offer) { o.CommissionID = "1" }))},
		{"ClientTourID", one(func(v *bgoperator.Tour, _ *bgoperator.Offer, _ *bgoperator.Tourist) { v.ClientTourID = " 1" })},
		{"ClientTourID", one(func(v *bgoperator.Tour, _ *bgoperator.Offer, _ *bgoperator.Tourist) { v.ClientTourID = "\uffff" })},
		{"ClientTourID", one(func(v *bgoperator.Tour, _ *bgoperator.Offer, _ *bgoperator.Tourist) { v.ClientTourID = "\ufffe" })},
		{"Groups", one(func(v *bgoperator.Tour, _ *bgoperator.Offer, _ *bgoperator.Tourist) { v.Groups = nil })},
		{g + "Tourists", one(func(v *bgoperator.Tour, _ *bgoperator.Offer, _ *bgoperator.Tourist) { v.Groups[0].Tourists = nil })},
		{g + "Offer.Prx", inOffer(func(o *bgoperator.Offer) { o.Prx = "" })},
		{g + "Offer.Country", inOffer(func(o *bgoperator.Offer) { o.Country = "" })},
		{g + "Offer.TemplateID", inOffer(func(o *bgoperator.Offer) { o.TemplateID = "" })},
		{g + "Offer.TemplateID", inOffer(func(o *bgoperator.Offer) { o.CommissionID = "1" })},
		{g + "Offer.StartDate", inOffer(func(o *bgoperator.Offer) { o.StartDate = "2014-03-01" })},
		{g + "Offer.StartDate", inOffer(func(o *bgoperator.Offer) { o.StartDate = "30.02.2014" })},
		{g + "Offer.Insurance", inOffer(func(o *bgoperator.Offer) { o.Insurance = "" })},
		{g + "Offer.Insurance", inOffer(func(o *bgoperator.Offer) { o.DefaultInsurance = true })},
		{g + "Offer.Insurance", inOffer(func(o *bgoperator.Offer) { o.Insurance = "a\nb" })},
		{g + "Offer.Main.RoomMeal", inOffer(func(o *bgoperator.Offer) { o.Main = bgoperator.Stay{} })},
		{g + "Offer.Main.Nights", inOffer(func(o *bgoperator.Offer) { o.Main.Nights = 0 })},
		{g + "Offer.AfterBefore.RoomMeal", inOffer(func(o *bgoperator.Offer) { o.AfterBefore.Nights = 1 })},
		{g + "Offer.BeforeAfter.Nights", inOffer(func(o *bgoperator.Offer) { o.BeforeAfter.RoomMeal = "1" })},
		{g + "Offer.After.Nights", inOffer(func(o *bgoperator.Offer) { o.After = bgoperator.Stay{RoomMeal: "1", Nights: -1} })},
		{g + "Offer.SR", inOffer(func(o *bgoperator.Offer) { o.SR = "" })},
		{g + "Offer.SR", inOffer(func(o *bgoperator.Offer) { o.SR = "a\nb" })},
		{g + "Tourists[0].BirthDate", person(func(p *bgoperator.Tourist) { p.BirthDate = civil.Date{} })},
		{g + "Tourists[0].FirstName", person(func(p *bgoperator.Tourist) { p.FirstName = "" })},
		{g + "Tourists[0].FirstName", person(func(p *bgoperator.Tourist) { p.FirstName = "Ivan" })},
		{g + "Tourists[0].FirstName", person(func(p *bgoperator.Tourist) { p.FirstName = "ИВАН" })},
		{g + "Tourists[0].Surname", person(func(p *bgoperator.Tourist) { p.Surname = "IVANOV " })},
		{g + "Tourists[0].Surname", person(func(p *bgoperator.Tourist) { p.Surname = "IVAN0V" })},
		{g + "Tourists[0].Surname", person(func(p *bgoperator.Tourist) { p.Surname = "MÜLLER" })},
		{g + "Tourists[0].Citizenship", person(func(p *bgoperator.Tourist) { p.Citizenship = "" })},
		{g + "Tourists[0].PassportSeries", person(func(p *bgoperator.Tourist) { p.PassportSeries = "" })},
		{g + "Tourists[0].PassportNumber", person(func(p *bgoperator.Tourist) { p.PassportNumber = "" })},
		{g + "Tourists[0].PassportExpiry", person(func(p *bgoperator.Tourist) { p.PassportExpiry.Day = 31 })},
		{g + "Tourists[0].Sex", person(func(p *bgoperator.Tourist) { p.Sex = "" })},
		{"booking", func() error { _, err := c.QuoteCancel(t.Context(), ""); return err }},
		{"booking", func() error { return c.Cancel(t.Context(), " ", ticket) }},
		{"booking", func() error { _, err := c.TouristTransfers(t.Context(), ""); return err }},
		{"contacts", contacts()},
		{"contacts[0].Tourist", contacts(bgoperator.Contact{Email: "a@b"})},
		{"contacts[0].Email", contacts(bgoperator.Contact{Tourist: "1"})},
		{"contacts[0].Email", contacts(bgoperator.Contact{Tourist: "1", Email: " "})},
		{"contacts[0].Phone", contacts(bgoperator.Contact{Tourist: "1", Phone: "1\n2"})},
		{"contacts[1].Tourist", contacts(bgoperator.Contact{Tourist: "1", Phone: "1"}, bgoperator.Contact{Tourist: "1", Phone: "2"})},
		{"t.Airport", func() error { _, err := c.Flights(t.Context(), bgoperator.Transfer{}); return err }},
		{"t.FlightDirection", func() error {
			_, err := c.Flights(t.Context(), bgoperator.Transfer{Airport: "1", Date: "2"})
			return err
		}},
		{"t.Date", func() error {
			_, err := c.Flights(t.Context(), bgoperator.Transfer{Airport: "1", FlightDirection: bgoperator.FlightArrival})
			return err
		}},
		{"tourists", func() error { _, err := c.SetTransfers(t.Context(), transfers, nil); return err }},
		{"tourists[0].Transfers", func() error {
			_, err := c.SetTransfers(t.Context(), transfers, []bgoperator.ChosenTransfers{{Tourist: "1"}})
			return err
		}},
		{"tourists[1].Tourist", func() error {
			_, err := c.SetTransfers(t.Context(), transfers, slices.Concat(chosen(t), chosen(t)))
			return err
		}},
		{"tourists[0].Transfers[0].Variant", set(func(v *bgoperator.Transfer) { v.Variant = "" })},
		{"tourists[0].Transfers[0].Date", set(func(v *bgoperator.Transfer) { v.Date = "" })},
		{"tourists[0].Transfers[0].From", set(func(v *bgoperator.Transfer) { v.From = "" })},
		{"tourists[0].Transfers[0].To", set(func(v *bgoperator.Transfer) { v.To = "" })},
		{"tourists[0].Transfers[0].Direction", set(func(v *bgoperator.Transfer) { v.Direction = "a" })},
		{"tourists[0].Transfers[0].Airport", set(func(v *bgoperator.Transfer) { v.FlightDirection = bgoperator.FlightDeparture })},
		{"tourists[0].Transfers[0].Airport", set(func(v *bgoperator.Transfer) { v.Airport = "1" })},
		{"tourists[0].Transfers[0].Flight", set(func(v *bgoperator.Transfer) { v.Airport, v.FlightDirection = "", "" })},
		{"tourists[0].Transfers[0].Airport", set(func(v *bgoperator.Transfer) { v.Airport, v.Flight = "", bgoperator.Flight{} })},
		{"tourists[0].Transfers[0].PID", set(func(v *bgoperator.Transfer) { v.PID = "1\x00" })},
		{"tourists[0].Transfers[0].PID", set(func(v *bgoperator.Transfer) { v.PID = "1\xff" })},
		{"tourists[0].Transfers[0].Ref", set(func(v *bgoperator.Transfer) { v.Ref = "1\n2" })},
		{"tourists[0].Transfers[0].Flight", set(func(v *bgoperator.Transfer) { v.Flight = bgoperator.Flight{} })},
	} {
		err := test.do()
		e := conformance.Failure(t, err, rutravel.ErrInvalid)
		assert.Zero(t, e.Attempts)
		var field *rutravel.FieldError
		require.ErrorAs(t, err, &field, i)
		assert.Equal(t, test.field, field.Field, i)
	}
	assert.Empty(t, *asked)

	for field, cfg := range map[string]bgoperator.Config{
		"Login":    {Password: "p"},
		"Password": {Login: "l", Password: "[secret]"},
		"BaseURL":  {Login: "l", Password: "p", BaseURL: "http://www.bgoperator.ru/zayavkaapi"},
		"LoginURL": {Login: "l", Password: "p", LoginURL: "http://login.bgoperator.ru/auth"},
		"Sessions": {Login: "l", Password: "p", Sessions: -1},
	} {
		_, err := bgoperator.New(cfg)
		conformance.Failure(t, err, rutravel.ErrInvalid)
		assert.ErrorContains(t, err, field)
		assert.ErrorContains(t, err, "bgoperator: new: ")
	}
	_, err := bgoperator.New(bgoperator.Config{Login: "l", Password: "p"}, rutravel.WithMaxAttempts(0))
	conformance.Failure(t, err, rutravel.ErrInvalid)
}

// BG-T40: names as passports have them.
func TestNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"A", "IVANOV-PETROV", "DE LA CRUZ", "O'NEILL"} {
		request := tour("1")
		request.Groups[0].Tourists[0].Surname = name
		c, asked := answering(t, golden(t, "createtour"))
		_, err := c.Quote(t.Context(), request)
		require.NoError(t, err, name)
		assert.Contains(t, (*asked)[0].body, "<lastName>"+name+"</lastName>")
	}
}

// Where the supplier does not see a duplicate, a deliberate repeat after a lost
// answer books again.
func TestRepeatAfterLostAnswer(t *testing.T) {
	t.Parallel()
	fake, c := newFake(t, nil)
	fake.SetQuirks(bgoperatortest.Quirks{SameBooking: true})
	fake.Inject(bgoperatortest.Fault{Op: "createtour+confirm", Drop: true, Processed: true})
	request := sample(fake, "1")
	_, err := c.Book(t.Context(), request)
	conformance.Failure(t, err, rutravel.ErrNotConfirmed)
	_, err = c.Book(t.Context(), request)
	require.NoError(t, err)
	assert.Len(t, fake.Bookings(), 2)
}
