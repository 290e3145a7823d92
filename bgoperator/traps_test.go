package bgoperator_test

import (
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"cloud.google.com/go/civil"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/bgoperator/bgoperatortest"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
)

const (
	bookingID = bgoperator.BookingID("104400000842366804")
	transfers = bgoperator.BookingID("104400000817245901") // of the samples of transfers
	ticket    = bgoperator.CancelTicket("39c1cb27c6306f0ff79ec605dc12ea8e")
)

var arrival = bgoperator.Transfer{Airport: "103940001962", Date: "14.03.2015", FlightDirection: bgoperator.FlightArrival}

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

// A prolog, a byte-order mark, comments and letters that are not UTF-8 do not
// make an answer unreadable.
func TestHarmlessXML(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		conformance.Awkward(t, "bgoperator", "createtour-prolog"),
		"\ufeff" + golden(t, "createtour"),
		"<!-- a -->" + strings.ReplaceAll(golden(t, "createtour"), "<sum>", "<!-- <id>1</id> --><sum>") + "<!-- b -->",
		strings.ReplaceAll(golden(t, "createtour"), "<sum>", "\xff<sum>"),
		strings.ReplaceAll(golden(t, "createtour"), "<currency>", "<new x='1'><y/></new><currency>"),
		strings.ReplaceAll(golden(t, "createtour"), "1193.0", "<![CDATA[1193.0]]>"),
		strings.ReplaceAll(golden(t, "createtour"), "<tour ", `<tour x:clientTourId="7" `), // another attribute
	} {
		c, _ := answering(t, body)
		quote, err := c.Quote(t.Context(), tour("1"))
		require.NoError(t, err, body)
		assert.Len(t, quote.Prices, strings.Count(body, "</sum>"))
	}
}

// XML that could hide or make up something is refused.
func TestHarmfulXML(t *testing.T) {
	t.Parallel()
	text := golden(t, "createtour+confirm")
	for name, body := range map[string]string{
		"a document type": "<!DOCTYPE tours [<!ENTITY x '1'>]>" + text,
		"an entity":       strings.Replace(text, "214150198", "&x;", 1),
		"depth":           strings.Replace(text, "<id>", strings.Repeat("<a>", 40)+strings.Repeat("</a>", 40)+"<id>", 1),
		"another root":    strings.ReplaceAll(text, "tours>", "Tours>"),
		"namespaces":      strings.NewReplacer("<tours", "<a:tours", "</tours", "</a:tours").Replace(text),
		"other encoding":  `<?xml version="1.0" encoding="windows-1251"?>` + text,
		"two ids":         strings.Replace(text, "<id>", "<id>1</id><id>", 1),
		"id 0":            strings.Replace(text, "104400000842366804", "0", 1),
		"attributes":      strings.Replace(text, `clientTourId="2"`, `clientTourId="2" clientTourId="2"`, 1),
		"id of two words": strings.Replace(text, "104400000842366804", "1 2", 1),
		"text behind":     text + "x",
		"elements":        "<tours>" + strings.Repeat("<a/>", 1<<18) + text[len("<tours>"):],
	} {
		c, asked := answering(t, body)
		_, err := c.Book(t.Context(), tour("2"))
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		assert.Len(t, *asked, 1, name)
	}
}

// BG-T12: the manual's misprint is repaired where it stands, and nothing else.
func TestMisprintOfVariants(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, conformance.Awkward(t, "bgoperator", "showtransfers-malformed"))
	all, err := c.TouristTransfers(t.Context(), transfers)
	require.NoError(t, err)
	c, _ = answering(t, conformance.Awkward(t, "bgoperator", "showtransfers-malformed-mixed"))
	mixed, err := c.TouristTransfers(t.Context(), transfers)
	require.NoError(t, err)
	assert.Equal(t, all, mixed)
	c, _ = answering(t, golden(t, "showtransfers"))
	good, err := c.TouristTransfers(t.Context(), transfers)
	require.NoError(t, err)
	assert.Equal(t, good[:1], all, "no slot and no variant is lost")

	for _, body := range []string{
		conformance.Awkward(t, "bgoperator", "showtransfers-other-malformed"),
		conformance.Awkward(t, "bgoperator", "showtransfers-other-malformed-name"),
		conformance.Awkward(t, "bgoperator", "showtransfers-cut"),
		"<tours><persons></roommeal></tours>",
		"<tours></roommeal>",
		"<tours><variant></Roommeal></tours>",
		"<tours><variant><roommeal></variant></roommeal></tours>",
		"<tours><variant></a:roommeal></tours>",
	} {
		c, _ = answering(t, body)
		_, err = c.TouristTransfers(t.Context(), transfers)
		conformance.Failure(t, err, rutravel.ErrProtocol)
	}
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

// BG-T17: a duplicate names the booking that exists.
func TestDuplicateOf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bgoperator.BookingID{
		"errors-126": "104400000842477915", "errors-126-spaces": bookingID, "errors": bookingID, "errors-126-no-info": "",
		"errors-several": bookingID, "errors-133": "",
	} {
		c, _ := answering(t, conformance.Awkward(t, "bgoperator", name))
		request := tour("2")
		request.Groups[0].Tourists[0].PassportNumber = "4236" // stands in the id, and does not hide it
		_, err := c.Book(t.Context(), request)
		var refusal *bgoperator.RefusalError
		require.ErrorAs(t, err, &refusal, name)
		assert.Equal(t, want, refusal.DuplicateOf, name)
		assert.Equal(t, name != "errors-133", strings.Contains(err.Error(), "such a booking exists already"))
	}
	c, _ := answering(t, conformance.Awkward(t, "bgoperator", "errors"))
	_, err := c.Book(t.Context(), tour("2"))
	assert.EqualError(t, err, `bgoperator: createtour+confirm: conflict: code "126": "104400000842366804" (HTTP 200): tour "2": 126: such a booking exists already (104400000842366804)`)
	assert.Equal(t, rutravel.ErrConflict, conformance.Failure(t, err, rutravel.ErrConflict).Kind)
}

// BG-T15: several problems, unknown codes and words in their place.
func TestProblems(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, conformance.Awkward(t, "bgoperator", "errors-several"))
	_, err := c.Book(t.Context(), tour("2"))
	e := conformance.Failure(t, err, rutravel.ErrInvalid)
	assert.Equal(t, "113", e.Code)
	var refusal *bgoperator.RefusalError
	require.ErrorAs(t, err, &refusal)
	assert.Equal(t, &bgoperator.RefusalError{
		ClientTourID: "2", DuplicateOf: bookingID,
		Problems: []bgoperator.Problem{
			{Code: "113"}, {Code: "126", Info: string(bookingID)}, {Code: "159"}, {Code: "133", Info: "102300000817246001"},
		},
	}, refusal)
	for _, code := range []bgoperator.Code{"113", "126", "159", "133"} {
		assert.ErrorIs(t, err, code)
	}
	assert.NotErrorIs(t, err, bgoperator.CodeGeneral)

	c, _ = answering(t, conformance.Awkward(t, "bgoperator", "errors-unknown-code"))
	_, err = c.Book(t.Context(), tour("2"))
	assert.Equal(t, "999", conformance.Failure(t, err, rutravel.ErrRejected).Code)
	assert.ErrorIs(t, err, bgoperator.Code("E-17"))
	assert.Empty(t, bgoperator.Code("999").Meaning())
	assert.Equal(t, "999", bgoperator.Code("999").Error())
}

// "General error" settles nothing about a booking or a cancellation; about what
// may be asked again it is a refusal.
func TestGeneralErrors(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"101", "130"} {
		for _, body := range []string{
			"<errors><error>" + code + "</error></errors>",
			"<errors><error>113</error><error>" + code + "</error></errors>",
		} {
			c, asked := answering(t, body)
			_, err := c.Book(t.Context(), tour("1"))
			conformance.Failure(t, err, rutravel.ErrNotConfirmed)
			assert.ErrorIs(t, err, bgoperator.Code(code))
			conformance.Failure(t, c.Cancel(t.Context(), bookingID, ticket), rutravel.ErrNotConfirmed)
			assert.Len(t, *asked, 2)
			_, err = c.Quote(t.Context(), tour("1"))
			assert.NotErrorIs(t, err, rutravel.ErrNotConfirmed)
			assert.ErrorIs(t, err, bgoperator.Code(code))
		}
	}
}

// What is not the documented shape of errors is no refusal of a booking.
func TestOtherErrorDocuments(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		conformance.Awkward(t, "bgoperator", "errors-empty"),
		"<errors><error/></errors>",
		"<errors><error> </error><error>126</error></errors>",
		"<errors><error>126</error><tour><id>1</id></tour></errors>",
		"<errors><info>1</info><error>126</error></errors>",
		"<errors><error>126</error><info>1</info><info>2</info></errors>",
		"<errors><error>126</error><info><id>1</id></info></errors>",
		"<error>126</error>",
		"<Errors><error>126</error></Errors>",
		"<tours><errors><error>126</error></errors></tours>",
		"<errors><error>504</error><message>upstream</message></errors>",
	} {
		c, asked := answering(t, body)
		_, err := c.Book(t.Context(), tour("1"))
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		assert.Len(t, *asked, 1, body)
	}
}

// Half a refusal is no refusal, wherever it is cut.
func TestCutRefusals(t *testing.T) {
	t.Parallel()
	refusal := strings.TrimSpace(conformance.Awkward(t, "bgoperator", "errors-126"))
	for n := range refusal {
		c, _ := answering(t, refusal[:n])
		_, err := c.Book(t.Context(), tour("1"))
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
	}
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

// BG-T19: the ticket stands in sum or beside it; several sums may have their
// own. Without any the answer is of no use.
func TestTickets(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]bgoperator.CancelTicket{
		"canceltour-ticket-in-tour":      {ticket, ""},
		"canceltour-two-sums":            {ticket, ticket, "b7e0542af19d4c63805b1d27e6ff930a"},
		"canceltour-two-sums-one-ticket": {ticket, "", ticket},
		"canceltour-no-ticket":           {"", ""},
	} {
		c, _ := answering(t, conformance.Awkward(t, "bgoperator", name))
		quote, err := c.QuoteCancel(t.Context(), bookingID)
		got := []bgoperator.CancelTicket{quote.Ticket}
		for _, cost := range quote.Costs {
			got = append(got, cost.Ticket)
		}
		assert.Equal(t, want, got, name)
		if quote.Ticket == "" {
			conformance.Failure(t, err, rutravel.ErrProtocol)
		} else {
			require.NoError(t, err, name)
		}
	}
	c, _ := answering(t, "<tours><tour><ticket>"+string(ticket)+"</ticket></tour></tours>")
	_, err := c.QuoteCancel(t.Context(), bookingID)
	conformance.Failure(t, err, rutravel.ErrProtocol) // nobody knows what it costs
}

// Of two costs of one cancellation nobody knows which ticket is which.
func TestTwoCancellations(t *testing.T) {
	t.Parallel()
	_, inside, _ := strings.Cut(golden(t, "canceltour"), "<tours>")
	c, _ := answering(t, "<tours>"+strings.Replace(inside, "<tour>", "<tour><x/></tour><tour>", 1))
	quote, err := c.QuoteCancel(t.Context(), bookingID)
	require.NoError(t, err, "one of them is none")
	assert.Equal(t, ticket, quote.Ticket)
	tour, _, _ := strings.Cut(inside, "</tours>")
	c, _ = answering(t, "<tours>"+tour+tour+"</tours>")
	_, err = c.QuoteCancel(t.Context(), bookingID)
	conformance.Failure(t, err, rutravel.ErrProtocol)
}

// BG-T46: only OK is OK.
func TestStatus(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"cancel-status-other", "cancel-status-empty", "cancel-status-lower-case"} {
		c, asked := answering(t, conformance.Awkward(t, "bgoperator", name))
		conformance.Failure(t, c.Cancel(t.Context(), bookingID, ticket), rutravel.ErrNotConfirmed)
		assert.Len(t, *asked, 1)
		err := c.SetContacts(t.Context(), bookingID, []bgoperator.Contact{{Tourist: "1", Phone: "2"}})
		conformance.Failure(t, err, rutravel.ErrProtocol)
		_, err = c.SetTransfers(t.Context(), transfers, chosen(t))
		conformance.Failure(t, err, rutravel.ErrProtocol)
	}
	c, _ := answering(t, conformance.Awkward(t, "bgoperator", "cancel-status-other"))
	assert.ErrorContains(t, c.Cancel(t.Context(), bookingID, ticket), "FAILED")
	c, _ = answering(t, "<status>OK<error>157</error></status>")
	conformance.Failure(t, c.Cancel(t.Context(), bookingID, ticket), rutravel.ErrNotConfirmed)
}

// chosen is a set of transfers that the manual's samples would make.
func chosen(t *testing.T) []bgoperator.ChosenTransfers {
	t.Helper()
	c, _ := answering(t, golden(t, "showtransfers"))
	tourists, err := c.TouristTransfers(t.Context(), transfers)
	require.NoError(t, err)
	c, _ = answering(t, golden(t, "showflightdata"))
	flights, err := c.Flights(t.Context(), arrival)
	require.NoError(t, err)
	slot := tourists[0].Slots[0]
	transfer, ok := slot.Choose(slot.Variants[0].ID)
	require.True(t, ok)
	transfer.Flight = flights[0]
	return []bgoperator.ChosenTransfers{{Tourist: tourists[0].ID, Transfers: []bgoperator.Transfer{transfer}}}
}

// BG-T18: changed transfers are answered with a price, with id and number, with
// both or with the word of other changes.
func TestAnswersToTransfers(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		id     bgoperator.BookingID
		prices int
	}{
		"addtransfers-id-number": {transfers, 0}, "addtransfers-both": {transfers, 1}, "addtransfers-status": {"", 0},
	} {
		c, _ := answering(t, conformance.Awkward(t, "bgoperator", name))
		changed, err := c.SetTransfers(t.Context(), transfers, chosen(t))
		require.NoError(t, err, name)
		assert.Equal(t, want.id, changed.ID, name)
		assert.Len(t, changed.Prices, want.prices, name)
	}
	c, _ := answering(t, "<tours><tour><id>1</id></tour><tour><id>2</id></tour></tours>")
	_, err := c.SetTransfers(t.Context(), transfers, chosen(t))
	conformance.Failure(t, err, rutravel.ErrProtocol)
}

// BG-T28, T29, T30: direction, points and the letter of the flight query follow
// from the slot and the variant.
func TestChoose(t *testing.T) {
	t.Parallel()
	const slotPoint, variantPoint = bgoperator.PointID("1"), bgoperator.PointID("2")
	for _, test := range []struct {
		direction     bgoperator.Direction
		slot, variant bgoperator.PointType
		from, to      bgoperator.PointID
		airport       bgoperator.PointID
		flight        bgoperator.FlightDirection
	}{
		{bgoperator.DirectionTo, bgoperator.PointHotel, bgoperator.PointAirport, variantPoint, slotPoint, variantPoint, bgoperator.FlightArrival},
		{bgoperator.DirectionFrom, bgoperator.PointHotel, bgoperator.PointAirport, slotPoint, variantPoint, variantPoint, bgoperator.FlightDeparture},
		{bgoperator.DirectionTo, bgoperator.PointAirport, bgoperator.PointHotel, variantPoint, slotPoint, slotPoint, bgoperator.FlightDeparture},
		{bgoperator.DirectionFrom, bgoperator.PointAirport, bgoperator.PointCity, slotPoint, variantPoint, slotPoint, bgoperator.FlightArrival},
		{bgoperator.DirectionTo, bgoperator.PointHotel, bgoperator.PointCity, variantPoint, slotPoint, "", ""},
		{bgoperator.DirectionFrom, bgoperator.PointCity, bgoperator.PointHotel, slotPoint, variantPoint, "", ""},
	} {
		slot := bgoperator.TransferSlot{
			Direction: test.direction, Point: slotPoint, PointType: test.slot, Date: "14.03.2015",
			Variants: []bgoperator.Variant{{ID: "30"}, {ID: "3", Point: variantPoint, PointType: test.variant, PID: "4"}},
		}
		got, ok := slot.Choose("3")
		assert.True(t, ok)
		assert.Equal(t, bgoperator.Transfer{
			Variant: "3", Date: "14.03.2015", Direction: test.direction, From: test.from, To: test.to, PID: "4",
			Airport: test.airport, FlightDirection: test.flight,
		}, got)
	}
}

// What is no variant of a slot, or stands nobody knows where, cannot be chosen.
func TestChooseRefuses(t *testing.T) {
	t.Parallel()
	good := func() bgoperator.TransferSlot {
		return bgoperator.TransferSlot{
			Direction: bgoperator.DirectionTo, Point: "1", PointType: bgoperator.PointHotel, Date: "14.03.2015",
			Variants: []bgoperator.Variant{{ID: "3", Point: "2", PointType: bgoperator.PointCity}},
		}
	}
	_, ok := good().Choose("3")
	assert.True(t, ok)
	_, ok = good().Choose("4")
	assert.False(t, ok, "of another slot")
	_, ok = bgoperator.TransferSlot{}.Choose("3")
	assert.False(t, ok)
	for i, change := range []func(*bgoperator.TransferSlot){
		func(s *bgoperator.TransferSlot) { s.Direction = "" },
		func(s *bgoperator.TransferSlot) { s.Date = "" },
		func(s *bgoperator.TransferSlot) { s.Point = "" },
		func(s *bgoperator.TransferSlot) { s.PointType = "" },
		func(s *bgoperator.TransferSlot) { s.Variants[0].Point = "" },
		func(s *bgoperator.TransferSlot) { s.Variants[0].PointType = "" },
		func(s *bgoperator.TransferSlot) { s.Variants = append(s.Variants, s.Variants[0]) },
	} {
		slot := good()
		change(&slot)
		got, ok := slot.Choose("3")
		assert.False(t, ok, i)
		assert.Empty(t, got)
	}
	slot := good()
	slot.Variants[0].ID = ""
	_, ok = slot.Choose("")
	assert.False(t, ok, "a variant without an id")

	// A slot that does not say what its point is, is a failure.
	c, _ := answering(t, strings.Replace(golden(t, "showtransfers"), ` ptype="h" date`, ` date`, 1))
	tourists, err := c.TouristTransfers(t.Context(), transfers)
	conformance.Failure(t, err, rutravel.ErrProtocol)
	_, ok = tourists[0].Slots[0].Choose("103825996892")
	assert.False(t, ok)
	_, ok = tourists[0].Slots[1].Choose("103825996895")
	assert.True(t, ok)
}

// BG-T33: pid goes back as it came, spaces included.
func TestPIDIsVerbatim(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		" 1 2 ": " 1 2 ", "1&amp;&quot;2": "1&amp;&quot;2", "&#10;1\t": "&#10;1&#9;", " ": "", "\n": "", "": "",
	} {
		c, _ := answering(t, strings.Replace(golden(t, "showtransfers"), "103840005273", text, 1))
		tourists, err := c.TouristTransfers(t.Context(), transfers)
		require.NoError(t, err)
		bus, ok := tourists[0].Slots[0].Choose("103825997003")
		require.True(t, ok)
		c, asked := answering(t, golden(t, "addtransfers"))
		_, err = c.SetTransfers(t.Context(), transfers, []bgoperator.ChosenTransfers{{Tourist: "1", Transfers: []bgoperator.Transfer{bus}}})
		require.NoError(t, err)
		if want == "" {
			assert.NotContains(t, (*asked)[0].body, "pid=", text)
		} else {
			assert.Contains(t, (*asked)[0].body, ` pid="`+want+`"`)
		}
	}
}

// What has to go back byte for byte and had to be repaired to be read cannot.
func TestRepairedValues(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, strings.Replace(golden(t, "showtransfers"), "103840005273", "1\xff", 1))
	_, err := c.TouristTransfers(t.Context(), transfers)
	conformance.Failure(t, err, rutravel.ErrProtocol)
	c, _ = answering(t, strings.Replace(golden(t, "showtransfers"), "bus 45", "bus\xff45", 1))
	_, err = c.TouristTransfers(t.Context(), transfers)
	require.NoError(t, err, "a name is only shown")

	for _, broken := range []string{"UN\xff651", "UN\ufffd651"} {
		c, _ = answering(t, strings.Replace(golden(t, "showflightdata"), "UN 651", broken, 1))
		flights, err := c.Flights(t.Context(), arrival)
		assert.Len(t, flights, 2)
		if broken == "UN\ufffd651" {
			require.NoError(t, err, "as it came")
			continue
		}
		conformance.Failure(t, err, rutravel.ErrProtocol)
	}
	c, _ = answering(t, strings.Replace(golden(t, "showflightdata"), "<flights", "\xff<flights", 1))
	_, err = c.Flights(t.Context(), arrival)
	require.NoError(t, err, "the flights are whole")
}

// BG-T33: pid goes back if it was there, and is left out if it was not.
func TestPID(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, conformance.Awkward(t, "bgoperator", "showtransfers-no-pid"))
	tourists, err := c.TouristTransfers(t.Context(), transfers)
	require.NoError(t, err)
	slot := tourists[0].Slots[0]
	set := chosen(t)
	for _, v := range slot.Variants {
		transfer, ok := slot.Choose(v.ID)
		require.True(t, ok)
		transfer.Flight = bgoperator.Flight{}
		if transfer.Airport != "" {
			transfer.Flight = set[0].Transfers[0].Flight
		}
		c, asked := answering(t, golden(t, "addtransfers"))
		_, err = c.SetTransfers(t.Context(), transfers, []bgoperator.ChosenTransfers{{Tourist: "1", Transfers: []bgoperator.Transfer{transfer}}})
		require.NoError(t, err)
		assert.NotContains(t, (*asked)[0].body, "pid=")
		assert.NotContains(t, (*asked)[0].body, ` id=""`)
		assert.Equal(t, transfer.Airport != "", strings.Contains((*asked)[0].body, "<flight "))
	}
}

// BG-T32: a flight goes back to the letter, also after it was stored, and
// nothing else can be sent in its place.
func TestFlightsAreVerbatim(t *testing.T) {
	t.Parallel()
	text := conformance.Awkward(t, "bgoperator", "showflightdata-attributes")
	c, _ := answering(t, text)
	flights, err := c.Flights(t.Context(), arrival)
	require.NoError(t, err)
	require.Len(t, flights, 4)
	assert.Equal(t, bgoperator.FlightID("103162559804"), flights[3].ID)
	assert.Equal(t, "B&G\u00a0417 (C)##22:50-03:10#\n", flights[2].Text)
	set := chosen(t)
	for _, f := range flights {
		stored, err := json.Marshal(f)
		require.NoError(t, err)
		var back bgoperator.Flight
		require.NoError(t, json.Unmarshal(stored, &back))
		set[0].Transfers[0].Flight = back
		c, asked := answering(t, golden(t, "addtransfers"))
		_, err = c.SetTransfers(t.Context(), transfers, set)
		require.NoError(t, err)
		_, sent, _ := strings.Cut((*asked)[0].body, "<flight")
		sent, _, _ = strings.Cut(sent, "</flight>")
		assert.Contains(t, text, "<flight"+sent+"</flight>")
	}
	for _, f := range []bgoperator.Flight{
		{},
		{ID: "1", Text: "x"},
		{ID: "1", Text: "x", XML: "x"},
		{ID: "1", Text: "x", XML: `<flight id="1">x</flight`},
		{ID: "1", Text: "x", XML: `<flight id="1">x</flight><flight id="1">x</flight>`},
		{ID: "1", Text: "x", XML: `<flight id="1">x</flight><!-- -->`},
		{ID: "1", Text: "x", XML: ` <flight id="1">x</flight>`},
		{ID: "1", Text: "x", XML: `<flights id="1">x</flights>`},
		{ID: "1", Text: "x", XML: `<flight id="1">x<x/></flight>`},
		{ID: "2", Text: "x", XML: `<flight id="1">x</flight>`},
		{ID: "1", Text: "y", XML: `<flight id="1">x</flight>`},
		{Text: "x", XML: `<flight>x</flight>`},
	} {
		set[0].Transfers[0].Flight = f
		c, asked := answering(t, golden(t, "addtransfers"))
		_, err = c.SetTransfers(t.Context(), transfers, set)
		conformance.Failure(t, err, rutravel.ErrInvalid)
		assert.Empty(t, *asked)
	}
}

// Answers that speak of something else are not taken for what was asked for.
func TestAnswersToOtherQuestions(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, golden(t, "showtransfers"))
	_, err := c.TouristTransfers(t.Context(), bookingID)
	conformance.Failure(t, err, rutravel.ErrProtocol)
	c, _ = answering(t, golden(t, "showflightdata"))
	for _, change := range []func(*bgoperator.Transfer){
		func(v *bgoperator.Transfer) { v.Airport = "1" },
		func(v *bgoperator.Transfer) { v.Date = "15.03.2015" },
		func(v *bgoperator.Transfer) { v.FlightDirection = bgoperator.FlightDeparture },
	} {
		other := arrival
		change(&other)
		_, err = c.Flights(t.Context(), other)
		conformance.Failure(t, err, rutravel.ErrProtocol)
	}
	c, _ = answering(t, strings.Replace(golden(t, "showtransfers"), `dir="to"`, `dir="TO"`, 1))
	_, err = c.TouristTransfers(t.Context(), transfers)
	conformance.Failure(t, err, rutravel.ErrProtocol)
	for _, attr := range []string{"id", "price", "currency", "point", "ptype"} {
		c, _ = answering(t, regexp.MustCompile(`(<variant.*?) `+attr+`="[^"]*"`).ReplaceAllString(golden(t, "showtransfers"), "$1"))
		tourists, err := c.TouristTransfers(t.Context(), transfers)
		conformance.Failure(t, err, rutravel.ErrProtocol)
		assert.Len(t, tourists, 2, "a transfer without a price is not free of charge")
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

// BG-T05: a cancellation without a ticket is not sent, for it would look like a
// quote. What is sent has its four parameters in order.
func TestCancelNeedsATicket(t *testing.T) {
	t.Parallel()
	c, asked := answering(t, "<status>OK</status>")
	for _, none := range []bgoperator.CancelTicket{"", " ", "a b"} {
		conformance.Failure(t, c.Cancel(t.Context(), bookingID, none), rutravel.ErrInvalid)
	}
	assert.Empty(t, *asked)
	require.NoError(t, c.Cancel(t.Context(), bookingID, "a&confirm=no"))
	assert.Equal(t, "idTour=104400000842366804&action=canceltour&confirm=yes&ticket=a%26confirm%3Dno", (*asked)[0].query)
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

// A call that is refused here does not log in first.
func TestInvalidCallsDoNotLogIn(t *testing.T) {
	t.Parallel()
	fake, c := newFake(t, nil)
	conformance.Failure(t, c.Cancel(t.Context(), bookingID, ""), rutravel.ErrInvalid)
	_, err := c.TouristTransfers(t.Context(), bookingID, rutravel.WithMaxAttempts(0))
	conformance.Failure(t, err, rutravel.ErrInvalid)
	assert.Empty(t, fake.Requests())
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

// BG-T34, T36: what says what shall be is sent again when an answer is lost.
func TestKeyedCallsAreRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t, nil)
		booking, err := c.Book(t.Context(), sample(fake, "1"))
		require.NoError(t, err)
		tourists, err := c.TouristTransfers(t.Context(), booking.ID)
		require.NoError(t, err)
		fake.Inject(
			bgoperatortest.Fault{Op: "addContactInfo", Drop: true, Processed: true},
			bgoperatortest.Fault{Op: "addtransfers", Status: http.StatusBadGateway, Processed: true},
		)
		contact := bgoperator.Contact{Tourist: tourists[0].ID, Phone: "+7 916 1234567"}
		require.NoError(t, c.SetContacts(t.Context(), booking.ID, []bgoperator.Contact{contact}))
		slot := tourists[0].Slots[0]
		bus, ok := slot.Choose(slot.Variants[1].ID) // not of the airport
		require.True(t, ok)
		changed, err := c.SetTransfers(t.Context(), booking.ID, []bgoperator.ChosenTransfers{{Tourist: tourists[0].ID, Transfers: []bgoperator.Transfer{bus}}})
		require.NoError(t, err)
		assert.Equal(t, "1218.5", changed.Prices[0].Full.String())
		assert.Equal(t, []bgoperator.Contact{contact}, fake.Bookings()[0].Contacts)
		assert.Equal(t, map[bgoperator.TouristID][]bgoperator.VariantID{tourists[0].ID: {bus.Variant}}, fake.Bookings()[0].Chosen)
	})
}

// The error that stays in logs has nothing of what the request said of people.
func TestErrorsAreDiscreet(t *testing.T) {
	t.Parallel()
	const echo = "IVAN IVANOV 11.06.1982 1982-06-11 12345678 62 12345678 11.11.2036"
	c, _ := answering(t, `<errors clientTourId="IVANOV 12345678"><error>IVANOV</error><info>`+echo+`</info><error>113</error><info>`+echo+`</info></errors>`)
	_, err := c.Book(t.Context(), tour("1"))
	var refusal *bgoperator.RefusalError
	require.ErrorAs(t, err, &refusal)
	text, jsonErr := json.Marshal(refusal)
	require.NoError(t, jsonErr)
	for _, private := range []string{"IVAN", "1982", "12345678", "2036"} {
		assert.NotContains(t, err.Error()+string(text), private)
	}
	assert.ErrorIs(t, err, bgoperator.CodeBadBirthday)

	// A passport's series gives nobody away alone; before the number it is hidden.
	for _, series := range []string{"62", "AB"} {
		for _, between := range []string{"", " "} {
			request := tour("1")
			request.Groups[0].Tourists[0].PassportSeries = series
			c, _ = answering(t, "<errors><error>161</error><info>"+series+between+"12345678</info></errors>")
			_, err = c.Book(t.Context(), request)
			assert.NotContains(t, conformance.Failure(t, err, rutravel.ErrInvalid).Message, series)
		}
	}
}

// All codes of the manual, in its words' sense.
func TestCodes(t *testing.T) {
	t.Parallel()
	kinds := map[rutravel.Kind][]int{
		rutravel.ErrAuth:        {103},
		rutravel.ErrNotFound:    {105, 106, 129, 137, 139, 141, 143},
		rutravel.ErrSoldOut:     {120, 121},
		rutravel.ErrConflict:    {126, 148, 157, 158},
		rutravel.ErrRateLimited: {128},
		rutravel.ErrRejected:    {101, 125, 130, 151, 152, 153, 162, 100},
		rutravel.ErrInvalid: {
			102, 104, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 122, 123, 124, 127, 131, 132, 133,
			134, 135, 136, 138, 140, 142, 144, 145, 146, 147, 149, 150, 154, 155, 156, 159, 160, 161,
		},
	}
	var listed int
	for kind, all := range kinds {
		for _, n := range all {
			code := bgoperator.Code(strconv.Itoa(n))
			c, _ := answering(t, "<errors><error>"+string(code)+"</error></errors>")
			_, err := c.Quote(t.Context(), tour("1"))
			e := conformance.Failure(t, err, kind)
			assert.Equal(t, string(code), e.Code)
			assert.ErrorIs(t, err, code)
			if code.Meaning() != "" {
				listed++
				assert.Contains(t, err.Error(), code.Meaning())
			}
		}
	}
	assert.Equal(t, 58, listed)
	manual, err := os.ReadFile("errors.go")
	require.NoError(t, err)
	assert.Len(t, regexp.MustCompile(`(?m)^\tCode\w+ +Code = "1\d\d" // `).FindAll(manual, -1), 58)
}

// An answer in a dispute is the caller's, unpacked.
func TestRawAnswer(t *testing.T) {
	t.Parallel()
	fake, c := newFake(t, nil)
	var raw []byte
	_, err := c.Quote(t.Context(), sample(fake, "1"), rutravel.WithRawAnswer(&raw))
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(raw), "<tours><tour"))
}

// The client names the packing itself: a fake sees it, and so does the login.
func TestAcceptEncoding(t *testing.T) {
	t.Parallel()
	var seen [][]string
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		seen = append(seen, r.Header["Accept-Encoding"])
		resp := httpmock.NewStringResponse(http.StatusOK, "<tours/>")
		resp.Header["Set-Cookie"] = []string{"L=1", "A1=2", "Z1=3"}
		return resp, nil
	})
	c, err := bgoperator.New(bgoperator.Config{Login: "l", Password: "p"}, rutravel.WithHTTPClient(&http.Client{Transport: m}))
	require.NoError(t, err)
	_, err = c.TouristTransfers(t.Context(), "17")
	require.NoError(t, err)
	assert.Equal(t, [][]string{{"gzip"}, {"gzip"}}, seen)
}
