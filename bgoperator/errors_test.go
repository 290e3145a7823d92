package bgoperator_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/bgoperator/bgoperatortest"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
)

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

// A 401 on top of what may be a success is no refusal of a booking.
func TestSuccessUnder401(t *testing.T) {
	t.Parallel()
	for _, body := range []string{golden(t, "createtour+confirm"), `<tours><tour clientTourId="1"><id>10`, "<status>OK</status>"} {
		fake, c := newFake(t, nil)
		fake.Inject(bgoperatortest.Fault{Op: "createtour+confirm", Status: http.StatusUnauthorized, Body: body})
		_, err := c.Book(t.Context(), sample(fake, "1"))
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		assert.NotErrorIs(t, err, rutravel.ErrAuth)
		assert.Equal(t, []string{"login", "createtour+confirm"}, ops(fake))
	}
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
