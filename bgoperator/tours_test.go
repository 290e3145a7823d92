package bgoperator_test

import (
	"encoding/json"
	"regexp"
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

// BG-T08: fullamount is spelt in two ways. The right spelling is preferred.
func TestFullAmount(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"createtour-fullamout":      {"1193"},
		"createtour-fullamout-both": {"1193", "74563"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, awkward(t, name))
			quote, err := c.Quote(t.Context(), tour("1"))
			require.NoError(t, err)
			var full []string
			for _, p := range quote.Prices {
				full = append(full, p.Full.String())
			}
			assert.Equal(t, want, full)
		})
	}
}

// BG-T20: amounts have no, one or two decimals, and RUR is kept.
func TestAmounts(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, awkward(t, "createtour-several-sums"))
	quote, err := c.Quote(t.Context(), tour("1"))
	require.NoError(t, err)
	assert.Equal(t, bgoperator.RUR, quote.Prices[1].Currency)
	assert.Equal(t, int32(-2), quote.Prices[1].Full.Exponent(), "decimal places are kept")
}

// BG-T10, BG-T11, BG-T39: spaces around values, line breaks in attributes and dots
// between elements are ignored.
func TestSpacesInTours(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, awkward(t, "createtour-spaces"))
	quote, err := c.Quote(t.Context(), tour("1"))
	require.NoError(t, err)
	assert.Equal(t, "1", quote.ClientTourID)
	require.Len(t, quote.Prices, 2)
	assert.Equal(t, bgoperator.USD, quote.Prices[0].Currency)
	assert.Equal(t, "119", quote.Prices[0].Commission.String())

	c, _ = answering(t, awkward(t, "confirm-spaces"))
	booking, err := c.Book(t.Context(), tour("2"))
	require.NoError(t, err)
	assert.Equal(t, bgoperator.Booking{ClientTourID: "2", ID: bookingID, Number: "214150198"}, booking)
}

// BG-T42: bookings are returned in the order of the tours, whatever the order of
// the answer.
func TestReorderedAnswer(t *testing.T) {
	t.Parallel()
	c, asked := answering(t, awkward(t, "confirm-reordered"))
	bookings, err := c.BookAll(t.Context(), []bgoperator.Tour{tour("1"), tour("2")})
	require.NoError(t, err)
	assert.Equal(t, []bgoperator.Booking{
		{ClientTourID: "1", ID: "104400000842477915", Number: "214261209"},
		{ClientTourID: "2", ID: "104400000842366804", Number: "214150198"},
	}, bookings)
	assert.Equal(t, 2, strings.Count((*asked)[0].body, "<confirm/>"))
}

// BG-T16: a refusal names one tour of a batch. The others may have been booked.
func TestRefusedBatch(t *testing.T) {
	t.Parallel()
	batch := []bgoperator.Tour{tour("1"), tour("2"), tour("3")}
	for _, name := range []string{"errors", "errors-several", "errors-unknown-code", "errors-several-no-clientTourId", "errors-101"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, awkward(t, name))
			bookings, err := c.BookAll(t.Context(), batch)
			conformance.Failure(t, err, rutravel.ErrNotConfirmed)
			assert.Empty(t, bookings)
			var refusal *bgoperator.RefusalError
			require.ErrorAs(t, err, &refusal)
			if name == "errors" {
				assert.Equal(t, "2", refusal.ClientTourID)
			}
			_, err = c.QuoteAll(t.Context(), batch)
			assert.NotErrorIs(t, err, rutravel.ErrNotConfirmed, "a quote has nothing to confirm")
			require.ErrorAs(t, err, &refusal)
		})
	}
	t.Run("access denied", func(t *testing.T) { // an error of the whole request refuses all tours
		t.Parallel()
		c, _ := answering(t, awkward(t, "errors-103"))
		_, err := c.BookAll(t.Context(), batch[:2])
		conformance.Failure(t, err, rutravel.ErrAuth)
	})
	t.Run("first tour booked", func(t *testing.T) {
		t.Parallel()
		fake, c := newFake(t, nil)
		first, second := fakeTour(fake, "1"), fakeTour(fake, "1")
		second.ClientTourID = "2"
		_, err := c.BookAll(t.Context(), []bgoperator.Tour{first, second})
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		assert.ErrorIs(t, err, bgoperator.CodeDuplicate)
		assert.Len(t, fake.Bookings(), 1)
	})
}

// BG-T16: the bookings of a batch that arrived are returned with the error.
func TestIncompleteBatch(t *testing.T) {
	t.Parallel()
	both := awkward(t, "confirm-reordered")
	for name, body := range map[string]string{
		"one tour missing": goldenAnswer(t, "createtour+confirm"),
		"a price instead":  awkward(t, "createtour-mixed"),
		"an empty id":      strings.Replace(both, "104400000842477915", "", 1),
		"a tour not sent":  strings.Replace(both, `"1"`, `"7"`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, body)
			bookings, err := c.BookAll(t.Context(), []bgoperator.Tour{tour("1"), tour("2")})
			conformance.Failure(t, err, rutravel.ErrNotConfirmed)
			require.Len(t, bookings, 2)
			assert.Empty(t, bookings[0].ID)
			assert.Equal(t, bookingID, bookings[1].ID)
		})
	}
	for name, body := range map[string]string{
		"the same tour twice":        strings.Replace(both, `"1"`, `"2"`, 1),
		"two answers about one tour": strings.Replace(both, "</tours>", `<tour clientTourId="2"><id>1</id><number>2</number></tour></tours>`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, body)
			bookings, err := c.BookAll(t.Context(), []bgoperator.Tour{tour("1"), tour("2")})
			conformance.Failure(t, err, rutravel.ErrNotConfirmed)
			assert.Equal(t, bookingID, bookings[1].ID)
		})
	}
}

// BG-T43: an answer without tours is not a success.
func TestEmptyTours(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, awkward(t, "createtour-empty"))
	_, err := c.Book(t.Context(), tour("1"))
	conformance.Failure(t, err, rutravel.ErrNotConfirmed)
	_, err = c.Quote(t.Context(), tour("1"))
	conformance.Failure(t, err, rutravel.ErrProtocol)
}

// A price has three amounts and a currency.
func TestIncompletePrices(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"currency", "fullamount", "comission", "amount", "sum"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := regexp.MustCompile(`(?s)<`+name+`>.*?</`+name+`>`).ReplaceAllString(goldenAnswer(t, "createtour"), "")
			c, _ := answering(t, body)
			_, err := c.Quote(t.Context(), tour("1"))
			conformance.Failure(t, err, rutravel.ErrProtocol)
		})
	}
	t.Run("others are returned", func(t *testing.T) {
		t.Parallel()
		c, _ := answering(t, strings.Replace(goldenAnswer(t, "createtour"), "119.0", "much", 1))
		quote, err := c.Quote(t.Context(), tour("1"))
		conformance.Failure(t, err, rutravel.ErrProtocol)
		assert.ErrorContains(t, err, "tours/tour/sum/comission: want a decimal number")
		assert.Equal(t, "74563", quote.Prices[1].Full.String())
	})
}

// An id that arrives is returned with the error: the booking exists.
func TestIncompleteBooking(t *testing.T) {
	t.Parallel()
	twoTours := strings.Replace(goldenAnswer(t, "createtour+confirm"), "</tours>", `<tour clientTourId="9"><id>5</id><number>6</number></tour></tours>`, 1)
	for name, test := range map[string]struct{ client, body string }{
		"no number":                   {"2", awkward(t, "confirm-no-number")},
		"another tour":                {"1", goldenAnswer(t, "createtour+confirm")},
		"the tour and another":        {"2", twoTours},
		"two tours not sent":          {"1", twoTours},
		"another tour, then the tour": {"2", strings.Replace(goldenAnswer(t, "createtour+confirm"), "<tours>", `<tours><tour clientTourId="9"><id>5</id><number>6</number></tour>`, 1)},
		"no clientTourId in answer":   {"2", strings.Replace(goldenAnswer(t, "createtour+confirm"), ` clientTourId="2"`, "", 1)},
		"a clientTourId not sent":     {"", goldenAnswer(t, "createtour+confirm")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, test.body)
			booking, err := c.Book(t.Context(), tour(test.client))
			conformance.Failure(t, err, rutravel.ErrNotConfirmed)
			assert.Equal(t, bookingID, booking.ID)
		})
	}
}

// A price is not a booking, and a booking is not a price.
func TestPriceAndBookingMixedUp(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, goldenAnswer(t, "createtour"))
	booking, err := c.Book(t.Context(), tour("1"))
	conformance.Failure(t, err, rutravel.ErrNotConfirmed)
	assert.Empty(t, booking.ID)
	c, _ = answering(t, goldenAnswer(t, "createtour+confirm"))
	_, err = c.Quote(t.Context(), tour("2"))
	conformance.Failure(t, err, rutravel.ErrProtocol)
}

// BG-T42: the answer to a tour without a clientTourId has none.
func TestNoClientTourID(t *testing.T) {
	t.Parallel()
	c, asked := answering(t, awkward(t, "createtour-no-clientTourId"))
	_, err := c.Quote(t.Context(), tour(""))
	require.NoError(t, err)
	assert.Contains(t, (*asked)[0].body, "<tours><tour><countryId>")
}

// If an answer is cut off after the id of a booking, or has garbage there, the id
// is returned with the error.
func TestCutBookings(t *testing.T) {
	t.Parallel()
	good := strings.TrimSpace(goldenAnswer(t, "createtour+confirm"))
	_, after, _ := strings.Cut(good, "</id>")
	idEnd := len(good) - len(after)
	for _, garbage := range []string{"", "<", "<!", "\x00", "</html>", "&x;", `<a b="1" b="2">`} {
		t.Run("after the id, then "+garbage, func(t *testing.T) {
			t.Parallel()
			for n := idEnd; n < len(good); n++ {
				c, asked := answering(t, good[:n]+garbage)
				booking, err := c.Book(t.Context(), tour("2"))
				require.ErrorIs(t, err, rutravel.ErrNotConfirmed, good[:n])
				conformance.Failure(t, err, rutravel.ErrNotConfirmed)
				assert.Equal(t, bookingID, booking.ID, good[:n])
				assert.Contains(t, []bgoperator.BookingNumber{"", "214150198"}, booking.Number, good[:n])
				assert.Len(t, *asked, 1, good[:n])
			}
		})
	}
	t.Run("before the end of the id", func(t *testing.T) {
		t.Parallel()
		for n := range idEnd {
			c, _ := answering(t, good[:n])
			booking, err := c.Book(t.Context(), tour("2"))
			require.ErrorIs(t, err, rutravel.ErrNotConfirmed, good[:n])
			conformance.Failure(t, err, rutravel.ErrNotConfirmed)
			assert.Empty(t, booking.ID, "half an id is not an id: %s", good[:n])
		}
	})
	for name, garbage := range map[string]string{"garbage": "garbage", "a second document": good, "a comment": "<!-- "} {
		t.Run("complete, then "+name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, good+garbage)
			booking, err := c.Book(t.Context(), tour("2"))
			conformance.Failure(t, err, rutravel.ErrNotConfirmed)
			assert.Equal(t, bgoperator.Booking{ClientTourID: "2", ID: bookingID, Number: "214150198"}, booking)
		})
	}
	t.Run("the connection breaks", func(t *testing.T) {
		t.Parallel()
		fake, c := newFake(t, nil)
		fake.SetQuirks(bgoperatortest.Quirks{Unpacked: true})
		fake.Inject(bgoperatortest.Fault{Op: "createtour+confirm", Cut: len(`<tours><tour clientTourId="1"><id>104400000842366804</id><num`)})
		booking, err := c.Book(t.Context(), fakeTour(fake, "1"))
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		assert.Equal(t, fake.Bookings()[0].ID, booking.ID)
	})
}

// The id of a booking is a number. Another text does not prove that anything was booked.
func TestBookingIDIsANumber(t *testing.T) {
	t.Parallel()
	for _, word := range notNumbers {
		t.Run(word, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, strings.Replace(goldenAnswer(t, "createtour+confirm"), string(bookingID), word, 1))
			booking, err := c.Book(t.Context(), tour("2"))
			conformance.Failure(t, err, rutravel.ErrNotConfirmed)
			assert.Empty(t, booking.ID)
			assert.Equal(t, bgoperator.BookingNumber("214150198"), booking.Number, "the rest of the answer")
		})
	}
}

// BG-T06, BG-T22, BG-T24, BG-T25: Book sends exactly the bytes of Quote and
// <confirm/>, also after the tour was stored as JSON. Values from the price list
// are not changed.
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
	var restored bgoperator.Tour
	require.NoError(t, json.Unmarshal(stored, &restored))
	assert.Equal(t, request, restored)
	_, err = c.Book(t.Context(), restored)
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

// BG-T01, BG-T23: prx is the first parameter and is percent-encoded once.
func TestPrx(t *testing.T) {
	t.Parallel()
	for prx, want := range map[string]string{
		"a+b/c": "a%2Bb%2Fc", "a%2Bb": "a%252Bb", "a b&c=d": "a%20b%26c%3Dd", "ы": "%D1%8B",
	} {
		t.Run(prx, func(t *testing.T) {
			t.Parallel()
			request := tour("1")
			request.Groups[0].Offer.Prx = prx
			c, asked := answering(t, goldenAnswer(t, "createtour"))
			_, err := c.Quote(t.Context(), request)
			require.NoError(t, err)
			assert.Equal(t, "prx="+want+"&action=createtour", (*asked)[0].query)
		})
	}
}

// The texts of a tourist are sent without the spaces around them.
func TestSpacesAroundPeople(t *testing.T) {
	t.Parallel()
	request := tour("1")
	request.Groups[0].Tourists[0] = ivan()
	c, asked := answering(t, goldenAnswer(t, "createtour"))
	_, err := c.Quote(t.Context(), request)
	require.NoError(t, err)
	p := &request.Groups[0].Tourists[0]
	p.FirstName, p.Surname, p.PassportSeries, p.PassportNumber = " IVAN", "IVANOV\u00a0", " 62 ", "12345678 "
	_, err = c.Quote(t.Context(), request)
	require.NoError(t, err)
	assert.Equal(t, (*asked)[0], (*asked)[1])
}

// BG-T09, BG-T13, BG-T21, BG-T27, BG-T40, BG-T41, BG-T45: invalid tours are not
// sent.
func TestInvalidTours(t *testing.T) {
	t.Parallel()
	// changed books and quotes a tour after a change. Both must find the same error.
	changed := func(change func(*bgoperator.Tour, *bgoperator.Offer, *bgoperator.Tourist)) func(*bgoperator.Client) error {
		return func(c *bgoperator.Client) error {
			request := tour("1")
			change(&request, &request.Groups[0].Offer, &request.Groups[0].Tourists[0])
			_, err := c.Book(t.Context(), request)
			_, same := c.Quote(t.Context(), request)
			assert.Equal(t, err.(*rutravel.Error).Err, same.(*rutravel.Error).Err)
			return err
		}
	}
	inTour := func(change func(*bgoperator.Tour)) func(*bgoperator.Client) error {
		return changed(func(v *bgoperator.Tour, _ *bgoperator.Offer, _ *bgoperator.Tourist) { change(v) })
	}
	inOffer := func(change func(*bgoperator.Offer)) func(*bgoperator.Client) error {
		return changed(func(_ *bgoperator.Tour, o *bgoperator.Offer, _ *bgoperator.Tourist) { change(o) })
	}
	inTourist := func(change func(*bgoperator.Tourist)) func(*bgoperator.Client) error {
		return changed(func(_ *bgoperator.Tour, _ *bgoperator.Offer, p *bgoperator.Tourist) { change(p) })
	}
	batch := func(tours ...bgoperator.Tour) func(*bgoperator.Client) error {
		return func(c *bgoperator.Client) error { _, err := c.BookAll(t.Context(), tours); return err }
	}
	secondGroup := func(change func(*bgoperator.Offer)) func(*bgoperator.Client) error {
		v := tour("1")
		v.Groups = append(v.Groups, tour("1").Groups...)
		change(&v.Groups[1].Offer)
		return batch(v)
	}
	otherPriceList := tour("2")
	otherPriceList.Groups[0].Offer.Prx = "another"
	const (
		inGroup     = "Groups[0]."
		firstPerson = inGroup + "Tourists[0]."
	)
	checkInvalid(
		t,
		invalidCall{"no tours", "tours", batch()},
		invalidCall{"no clientTourId in a batch", "tours[1].ClientTourID", batch(tour("1"), tour(""))},
		invalidCall{"the same clientTourId", "tours[1].ClientTourID", batch(tour("1"), tour("1"))},
		invalidCall{"two price lists", "tours[1].Groups[0].Offer.Prx", batch(tour("1"), otherPriceList)},
		invalidCall{"two countries", "Groups[1].Offer", secondGroup(func(o *bgoperator.Offer) { o.Country = "1" })},
		invalidCall{"two templates", "Groups[1].Offer", secondGroup(func(o *bgoperator.Offer) { o.TemplateID = "1" })},
		invalidCall{"a second commission", "Groups[1].Offer", secondGroup(func(o *bgoperator.Offer) { o.CommissionID = "1" })},
		invalidCall{"clientTourId with a space", "ClientTourID", inTour(func(v *bgoperator.Tour) { v.ClientTourID = " 1" })},
		invalidCall{"clientTourId U+FFFF", "ClientTourID", inTour(func(v *bgoperator.Tour) { v.ClientTourID = "\uffff" })},
		invalidCall{"clientTourId U+FFFE", "ClientTourID", inTour(func(v *bgoperator.Tour) { v.ClientTourID = "\ufffe" })},
		invalidCall{"no groups", "Groups", inTour(func(v *bgoperator.Tour) { v.Groups = nil })},
		invalidCall{"no tourists", inGroup + "Tourists", inTour(func(v *bgoperator.Tour) { v.Groups[0].Tourists = nil })},
		invalidCall{"no prx", inGroup + "Offer.Prx", inOffer(func(o *bgoperator.Offer) { o.Prx = "" })},
		invalidCall{"no country", inGroup + "Offer.Country", inOffer(func(o *bgoperator.Offer) { o.Country = "" })},
		invalidCall{"no template", inGroup + "Offer.TemplateID", inOffer(func(o *bgoperator.Offer) { o.TemplateID = "" })},
		invalidCall{"template and commission", inGroup + "Offer.TemplateID", inOffer(func(o *bgoperator.Offer) { o.CommissionID = "1" })},
		invalidCall{"start date in ISO form", inGroup + "Offer.StartDate", inOffer(func(o *bgoperator.Offer) { o.StartDate = "2014-03-01" })},
		invalidCall{"start date not in the calendar", inGroup + "Offer.StartDate", inOffer(func(o *bgoperator.Offer) { o.StartDate = "30.02.2014" })},
		invalidCall{"no insurance", inGroup + "Offer.Insurance", inOffer(func(o *bgoperator.Offer) { o.Insurance = "" })},
		invalidCall{"two insurances", inGroup + "Offer.Insurance", inOffer(func(o *bgoperator.Offer) { o.DefaultInsurance = true })},
		invalidCall{"insurance with a line break", inGroup + "Offer.Insurance", inOffer(func(o *bgoperator.Offer) { o.Insurance = "a\nb" })},
		invalidCall{"no main stay", inGroup + "Offer.Main.RoomMeal", inOffer(func(o *bgoperator.Offer) { o.Main = bgoperator.Stay{} })},
		invalidCall{"main stay without nights", inGroup + "Offer.Main.Nights", inOffer(func(o *bgoperator.Offer) { o.Main.Nights = 0 })},
		invalidCall{"second stay before without an id", inGroup + "Offer.AfterBefore.RoomMeal", inOffer(func(o *bgoperator.Offer) { o.AfterBefore.Nights = 1 })},
		invalidCall{"second stay after without nights", inGroup + "Offer.BeforeAfter.Nights", inOffer(func(o *bgoperator.Offer) { o.BeforeAfter.RoomMeal = "1" })},
		invalidCall{"negative nights", inGroup + "Offer.After.Nights", inOffer(func(o *bgoperator.Offer) { o.After = bgoperator.Stay{RoomMeal: "1", Nights: -1} })},
		invalidCall{"no sr", inGroup + "Offer.SR", inOffer(func(o *bgoperator.Offer) { o.SR = "" })},
		invalidCall{"sr with a line break", inGroup + "Offer.SR", inOffer(func(o *bgoperator.Offer) { o.SR = "a\nb" })},
		invalidCall{"no birth date", firstPerson + "BirthDate", inTourist(func(p *bgoperator.Tourist) { p.BirthDate = civil.Date{} })},
		invalidCall{"no first name", firstPerson + "FirstName", inTourist(func(p *bgoperator.Tourist) { p.FirstName = "" })},
		invalidCall{"first name in lower case", firstPerson + "FirstName", inTourist(func(p *bgoperator.Tourist) { p.FirstName = "Ivan" })},
		invalidCall{"first name in Cyrillic", firstPerson + "FirstName", inTourist(func(p *bgoperator.Tourist) { p.FirstName = "ИВАН" })},
		invalidCall{"surname with a space before a hyphen", firstPerson + "Surname", inTourist(func(p *bgoperator.Tourist) { p.Surname = "IVANOV -" })},
		invalidCall{"surname with a line break at its end", firstPerson + "Surname", inTourist(func(p *bgoperator.Tourist) { p.Surname = "IVANOV\n" })},
		invalidCall{"passport of spaces", firstPerson + "PassportNumber", inTourist(func(p *bgoperator.Tourist) { p.PassportNumber = "\u00a0 " })},
		invalidCall{"citizenship with a space", firstPerson + "Citizenship", inTourist(func(p *bgoperator.Tourist) { p.Citizenship = "100410000050 " })},
		invalidCall{"surname with a digit", firstPerson + "Surname", inTourist(func(p *bgoperator.Tourist) { p.Surname = "IVAN0V" })},
		invalidCall{"surname with an umlaut", firstPerson + "Surname", inTourist(func(p *bgoperator.Tourist) { p.Surname = "MÜLLER" })},
		invalidCall{"no citizenship", firstPerson + "Citizenship", inTourist(func(p *bgoperator.Tourist) { p.Citizenship = "" })},
		invalidCall{"no passport series", firstPerson + "PassportSeries", inTourist(func(p *bgoperator.Tourist) { p.PassportSeries = "" })},
		invalidCall{"no passport number", firstPerson + "PassportNumber", inTourist(func(p *bgoperator.Tourist) { p.PassportNumber = "" })},
		invalidCall{"passport expiry not in the calendar", firstPerson + "PassportExpiry", inTourist(func(p *bgoperator.Tourist) { p.PassportExpiry.Day = 31 })},
		invalidCall{"no sex", firstPerson + "Sex", inTourist(func(p *bgoperator.Tourist) { p.Sex = "" })},
	)
}

// BG-T40: names must be written as in passports.
func TestPassportNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"A", "IVANOV-PETROV", "DE LA CRUZ", "O'NEILL"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := tour("1")
			request.Groups[0].Tourists[0].Surname = name
			c, asked := answering(t, goldenAnswer(t, "createtour"))
			_, err := c.Quote(t.Context(), request)
			require.NoError(t, err)
			assert.Contains(t, (*asked)[0].body, "<lastName>"+name+"</lastName>")
		})
	}
}

// BG-T17: if the supplier does not find a duplicate, a second Book after a lost answer
// books again.
func TestSecondBookAfterLostAnswer(t *testing.T) {
	t.Parallel()
	fake, c := newFake(t, nil)
	fake.SetQuirks(bgoperatortest.Quirks{SameBooking: true})
	fake.Inject(bgoperatortest.Fault{Op: "createtour+confirm", Drop: true, Processed: true})
	request := fakeTour(fake, "1")
	_, err := c.Book(t.Context(), request)
	conformance.Failure(t, err, rutravel.ErrNotConfirmed)
	_, err = c.Book(t.Context(), request)
	require.NoError(t, err)
	assert.Len(t, fake.Bookings(), 2)
}

// Sex prints as an English word and marshals as the wire value.
func TestSex(t *testing.T) {
	t.Parallel()
	for sex, word := range map[bgoperator.Sex]string{bgoperator.Male: "male", bgoperator.Female: "female", "x": "x", "": ""} {
		assert.Equal(t, word, sex.String(), string(sex))
		text, err := json.Marshal(sex)
		require.NoError(t, err)
		assert.Equal(t, `"`+string(sex)+`"`, string(text))
	}
}
