package bgoperator_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/bgoperator/bgoperatortest"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
)

// In an old session, access denied is answered by a repetition only where it
// cannot be about anything but the session: another code beside it, or the name
// of one tour of several, says that the supplier had begun.
func TestAccessDeniedIsNotAlwaysTheSession(t *testing.T) {
	t.Parallel()
	const (
		denied = "<error>103</error>"
		named  = `<errors clientTourId="2">` + denied + "</errors>"
		bare   = "<errors>" + denied + "</errors>"
	)
	for name, test := range map[string]struct {
		status, tours int
		body          string
		repeated      bool
	}{
		"one tour":                    {http.StatusOK, 1, bare, true},
		"one tour, named":             {http.StatusOK, 1, named, true},
		"one tour, 401":               {http.StatusUnauthorized, 1, named, true},
		"one tour, another code":      {http.StatusOK, 1, "<errors>" + denied + "<error>113</error></errors>", false},
		"one tour, another first":     {http.StatusOK, 1, "<errors><error>126</error>" + denied + "</errors>", false},
		"one tour, 401, another":      {http.StatusUnauthorized, 1, "<errors><error>113</error></errors>", false},
		"one tour, 401, cut":          {http.StatusUnauthorized, 1, named[:len(named)-3], false},
		"one tour, something else":    {http.StatusOK, 1, "<errors>" + denied + "<tour/></errors>", false},
		"several":                     {http.StatusOK, 3, bare, true},
		"several, 401":                {http.StatusUnauthorized, 3, bare, true},
		"several, 401, a page":        {http.StatusUnauthorized, 3, "<html>", true},
		"several, one named":          {http.StatusOK, 3, named, false},
		"several, one named, 401":     {http.StatusUnauthorized, 3, named, false},
		"several, 401, another":       {http.StatusUnauthorized, 3, "<errors><error>113</error></errors>", false},
		"several, another code":       {http.StatusOK, 3, "<errors>" + denied + "<error>113</error></errors>", false},
		"several, named, another one": {http.StatusOK, 3, strings.ReplaceAll(named, `"2"`, `"7"`), false},
	} {
		fake, c := newFake(t, nil)
		var tours []bgoperator.Tour
		for _, client := range []string{"1", "2", "3"}[:test.tours] {
			v := sample(fake, client)
			v.ClientTourID = client
			tours = append(tours, v)
		}
		_, err := c.QuoteAll(t.Context(), tours)
		require.NoError(t, err)
		fake.Inject(bgoperatortest.Fault{Op: "createtour+confirm", Status: test.status, Body: test.body})
		_, err = c.BookAll(t.Context(), tours)
		if test.repeated {
			require.NoError(t, err, name)
			assert.Equal(t, []string{"createtour+confirm", "login", "createtour+confirm"}, ops(fake)[2:], name)
			continue
		}
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		assert.Equal(t, []string{"createtour+confirm"}, ops(fake)[2:], name)
	}
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

// What is wrong inside of an answer makes it a failure, and leaves what else it
// says.
func TestErrorsInsideOfAnswers(t *testing.T) {
	t.Parallel()
	const booked = `<tours><tour clientTourId="2"><id>104400000842366804</id><number>214150198</number>`
	for _, body := range []string{
		booked + "<error>101</error></tour></tours>",
		booked + "</tour><error/></tours>",
		booked + `</tour><errors clientTourId="2"><error>126</error></errors></tours>`,
		booked + "<x><y><errors/></y></x></tour></tours>",
	} {
		c, _ := answering(t, body)
		booking, err := c.Book(t.Context(), tour("2"))
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		assert.Equal(t, bookingID, booking.ID, body)
	}
	c, _ := answering(t, strings.Replace(golden(t, "createtour"), "<sum>", "<error>125</error><sum>", 1))
	quote, err := c.Quote(t.Context(), tour("1"))
	conformance.Failure(t, err, rutravel.ErrProtocol)
	assert.Len(t, quote.Prices, 2)
	c, _ = answering(t, strings.Replace(golden(t, "addtransfers"), "<sum>", "<error>148</error><sum>", 1))
	_, err = c.SetTransfers(t.Context(), transfers, chosen(t))
	conformance.Failure(t, err, rutravel.ErrProtocol)
}

// A booking's id is a number, and so is a duplicate's: a word in its place is
// none, and does not say that anything was booked.
func TestIDsAreNumbers(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"none", "-1", "1044000008423668O4", "000", "١"} {
		c, _ := answering(t, strings.Replace(golden(t, "createtour+confirm"), string(bookingID), word, 1))
		booking, err := c.Book(t.Context(), tour("2"))
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		assert.Empty(t, booking.ID, word)
		assert.Equal(t, bgoperator.BookingNumber("214150198"), booking.Number, "what else was said")

		c, _ = answering(t, "<errors><error>126</error><info>"+word+"</info></errors>")
		_, err = c.Book(t.Context(), tour("2"))
		conformance.Failure(t, err, rutravel.ErrConflict)
		refusal, ok := errors.AsType[*bgoperator.RefusalError](err)
		require.True(t, ok)
		assert.Empty(t, refusal.DuplicateOf, word)
		assert.Equal(t, word, refusal.Problems[0].Info)
	}
}

// Changed transfers of another booking are not what was asked for.
func TestTransfersOfAnotherBooking(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, "<tours><tour><id>104400000842366804</id><number>1</number></tour></tours>")
	changed, err := c.SetTransfers(t.Context(), transfers, chosen(t))
	conformance.Failure(t, err, rutravel.ErrProtocol)
	assert.Equal(t, bookingID, changed.ID)
}

// The tour that a refusal names is the caller's, in the caller's words, even if
// they are a passenger's.
func TestRefusalNamesTheTour(t *testing.T) {
	t.Parallel()
	for _, client := range []string{"IVANOV 12345678", "order 12345678", "62"} {
		c, _ := answering(t, `<errors clientTourId="
`+client+` "><error>113</error></errors>`)
		_, err := c.Quote(t.Context(), tour(client))
		refusal, ok := errors.AsType[*bgoperator.RefusalError](err)
		require.True(t, ok)
		assert.Equal(t, client, refusal.ClientTourID)
		_, err = c.QuoteAll(t.Context(), []bgoperator.Tour{tour("1"), tour(client)})
		refusal, ok = errors.AsType[*bgoperator.RefusalError](err)
		require.True(t, ok)
		assert.Equal(t, client, refusal.ClientTourID)
	}
}
