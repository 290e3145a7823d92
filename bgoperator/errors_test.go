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

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/bgoperator/bgoperatortest"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
)

// BG-T15: all codes of the manual, and those in its gaps.
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
			if code.Meaning() != "" {
				listed++
			}
			t.Run(string(code), func(t *testing.T) {
				t.Parallel()
				c, _ := answering(t, "<errors><error>"+string(code)+"</error></errors>")
				_, err := c.Quote(t.Context(), tour("1"))
				e := conformance.Failure(t, err, kind)
				assert.Equal(t, string(code), e.Code)
				assert.ErrorIs(t, err, code)
				assert.Contains(t, err.Error(), code.Meaning())
			})
		}
	}
	assert.Equal(t, 58, listed)
	source, err := os.ReadFile("errors.go")
	require.NoError(t, err)
	assert.Len(t, regexp.MustCompile(`(?m)^\tCode\w+ +Code = "1\d\d" // `).FindAll(source, -1), 58)
}

// BG-T15, BG-T16: an answer may have several problems, unknown codes and codes
// that are not numbers.
func TestProblems(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, awkward(t, "errors-several"))
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

	c, _ = answering(t, awkward(t, "errors-unknown-code"))
	_, err = c.Book(t.Context(), tour("2"))
	assert.Equal(t, "999", conformance.Failure(t, err, rutravel.ErrRejected).Code)
	assert.ErrorIs(t, err, bgoperator.Code("E-17"))
	assert.Empty(t, bgoperator.Code("999").Meaning())
	assert.Equal(t, "999", bgoperator.Code("999").Error())
}

// BG-T17: a duplicate names the booking that exists.
func TestDuplicateOf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bgoperator.BookingID{
		"errors-126": "104400000842477915", "errors-126-spaces": bookingID, "errors": bookingID, "errors-126-no-info": "",
		"errors-several": bookingID, "errors-133": "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, awkward(t, name))
			request := tour("2")
			if strings.HasPrefix(name, "errors-126") && name != "errors-126-spaces" {
				request.ClientTourID = "1" // as in the answer
			}
			request.Groups[0].Tourists[0].PassportNumber = "4236" // part of the id, which is shown nevertheless
			_, err := c.Book(t.Context(), request)
			var refusal *bgoperator.RefusalError
			require.ErrorAs(t, err, &refusal)
			assert.Equal(t, want, refusal.DuplicateOf)
			assert.Equal(t, name != "errors-133", strings.Contains(err.Error(), "such a booking exists already"))
		})
	}
	c, _ := answering(t, awkward(t, "errors"))
	_, err := c.Book(t.Context(), tour("2"))
	assert.EqualError(t, err, `bgoperator: createtour+confirm: conflict: code "126": "104400000842366804" (HTTP 200): tour "2": 126: such a booking exists already (104400000842366804)`)
	assert.Equal(t, rutravel.ErrConflict, conformance.Failure(t, err, rutravel.ErrConflict).Kind)
}

// BG-T17: the id of a duplicate is a number. Another text is only an info.
func TestDuplicateOfIsANumber(t *testing.T) {
	t.Parallel()
	for _, word := range notNumbers {
		t.Run(word, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, "<errors><error>126</error><info>"+word+"</info></errors>")
			_, err := c.Book(t.Context(), tour("2"))
			conformance.Failure(t, err, rutravel.ErrConflict)
			refusal, ok := errors.AsType[*bgoperator.RefusalError](err)
			require.True(t, ok)
			assert.Empty(t, refusal.DuplicateOf)
			assert.Equal(t, word, refusal.Problems[0].Info)
		})
	}
}

// BG-T42: a refusal contains the request's ClientTourID, even if it is personal data.
func TestRefusalNamesTheTour(t *testing.T) {
	t.Parallel()
	for _, client := range []string{"IVANOV 12345678", "order 12345678", "62"} {
		t.Run(client, func(t *testing.T) {
			t.Parallel()
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
		})
	}
}

// A refusal of a tour that the request does not have says nothing about the request. The
// outcome of a booking is unknown, and the supplier's text is kept.
func TestRefusalOfAnotherTour(t *testing.T) {
	t.Parallel()
	for _, client := range []string{"1", ""} { // "": the request has no ClientTourID
		for code, info := range map[bgoperator.Code]string{
			bgoperator.CodeNoFlights: "", bgoperator.CodeDuplicate: string(bookingID), bgoperator.CodeAccessDenied: "",
			bgoperator.CodeBadBirthday: "12345678", bgoperator.CodeLimitExceeded: "",
		} {
			t.Run(client+" "+string(code), func(t *testing.T) {
				t.Parallel()
				body := `<errors clientTourId="other"><error>` + string(code) + "</error><info>" + info + "</info></errors>"
				fake, c := newFake(t, nil)
				request := fakeTour(fake, "12345678")
				request.ClientTourID = client
				_, err := c.Quote(t.Context(), request)
				require.NoError(t, err)
				fake.Inject(bgoperatortest.Fault{Op: "createtour+confirm", Body: body}, bgoperatortest.Fault{Op: "createtour", Body: body})
				booking, err := c.Book(t.Context(), request)
				conformance.Failure(t, err, rutravel.ErrNotConfirmed)
				assert.Empty(t, booking)
				assert.ErrorContains(t, err, "about a tour that was not sent")
				assert.NotContains(t, err.Error(), "12345678")
				refusal, ok := errors.AsType[*bgoperator.RefusalError](err)
				require.True(t, ok)
				assert.Equal(t, "other", refusal.ClientTourID)
				assert.Empty(t, refusal.DuplicateOf)
				assert.Equal(t, code, refusal.Problems[0].Code)
				assert.NotErrorIs(t, err, code)
				assert.Equal(t, []string{"login", "createtour", "createtour+confirm"}, ops(fake), "not sent again")

				_, err = c.Quote(t.Context(), request)
				conformance.Failure(t, err, rutravel.ErrProtocol)

				other, _ := answering(t, body)
				conformance.Failure(t, other.Cancel(t.Context(), bookingID, ticket), rutravel.ErrNotConfirmed)
				_, err = other.QuoteCancel(t.Context(), bookingID)
				conformance.Failure(t, err, rutravel.ErrProtocol)
			})
		}
	}
}

// A refusal of another tour does not prove a cancellation.
func TestCancellationOfAnotherTour(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, `<errors clientTourId="other"><error>158</error></errors>`)
	_, err := c.QuoteCancel(t.Context(), bookingID)
	conformance.Failure(t, err, rutravel.ErrProtocol)
	assert.NotErrorIs(t, err, bgoperator.CodeAlreadyCancelled)
}

// The manual shows no attribute of <error> and <info>. An attribute may name another
// tour, so the outcome of a booking is unknown.
func TestAttributeOfAProblem(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`<errors><error clientTourId="other">120</error></errors>`,
		`<errors><error>126</error><info clientTourId="other">104400000842366804</info></errors>`,
		`<errors><error clientTourId="other">103</error></errors>`,
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			c, asked := answering(t, body)
			_, err := c.Book(t.Context(), tour("1"))
			conformance.Failure(t, err, rutravel.ErrNotConfirmed)
			assert.Len(t, *asked, 1)
		})
	}
}

// The error of code 133 contains the id of a tourist of the request, even if a short login
// or cookie is part of the id. Another number is concealed like any text.
func TestTouristOfAProblem(t *testing.T) {
	t.Parallel()
	const sent = "102300000817246001" // the tourist's id of the sample
	for info, want := range map[string]string{sent: sent, "102300000817246002": "[…]00000817246002"} {
		t.Run(info, func(t *testing.T) {
			t.Parallel()
			m := httpmock.NewMockTransport()
			m.RegisterNoResponder(func(*http.Request) (*http.Response, error) {
				resp := httpmock.NewStringResponse(http.StatusOK, "<errors><error>133</error><info>"+info+"</info></errors>")
				resp.Header["Set-Cookie"] = []string{"L=1023", "A=2", "Z=3"}
				return resp, nil
			})
			c, err := bgoperator.New(bgoperator.Config{Login: "1023", Password: "p"}, rutravel.WithHTTPClient(&http.Client{Transport: m}))
			require.NoError(t, err)
			_, err = c.SetTransfers(t.Context(), transfersBooking, chosen(t))
			conformance.Failure(t, err, rutravel.ErrInvalid)
			refusal, ok := errors.AsType[*bgoperator.RefusalError](err)
			require.True(t, ok)
			assert.Equal(t, want, refusal.Problems[0].Info)
		})
	}
}

// After a "general error", the outcome of a booking or a cancellation is unknown. For
// calls that may be retried, it is a refusal.
func TestGeneralErrors(t *testing.T) {
	t.Parallel()
	for _, code := range []bgoperator.Code{bgoperator.CodeGeneral, bgoperator.CodeTransfersGeneral} {
		for name, body := range map[string]string{
			"alone":         "<errors><error>" + string(code) + "</error></errors>",
			"after another": "<errors><error>113</error><error>" + string(code) + "</error></errors>",
		} {
			t.Run(string(code)+" "+name, func(t *testing.T) {
				t.Parallel()
				c, asked := answering(t, body)
				_, err := c.Book(t.Context(), tour("1"))
				conformance.Failure(t, err, rutravel.ErrNotConfirmed)
				assert.ErrorIs(t, err, code)
				conformance.Failure(t, c.Cancel(t.Context(), bookingID, ticket), rutravel.ErrNotConfirmed)
				assert.Len(t, *asked, 2)
				_, err = c.Quote(t.Context(), tour("1"))
				assert.NotErrorIs(t, err, rutravel.ErrNotConfirmed)
				assert.ErrorIs(t, err, code)
			})
		}
	}
}

// An answer that does not have the documented shape of errors is not a refusal of
// a booking.
func TestUndocumentedErrors(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"no error":            awkward(t, "errors-empty"),
		"no code":             "<errors><error/></errors>",
		"a space as code":     "<errors><error> </error><error>126</error></errors>",
		"a tour next to it":   "<errors><error>126</error><tour><id>1</id></tour></errors>",
		"info first":          "<errors><info>1</info><error>126</error></errors>",
		"two infos":           "<errors><error>126</error><info>1</info><info>2</info></errors>",
		"element in info":     "<errors><error>126</error><info><id>1</id></info></errors>",
		"error as root":       "<error>126</error>",
		"another case":        "<Errors><error>126</error></Errors>", // BG-T06
		"inside of tours":     "<tours><errors><error>126</error></errors></tours>",
		"a gateway's message": "<errors><error>504</error><message>upstream</message></errors>",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, asked := answering(t, body)
			_, err := c.Book(t.Context(), tour("1"))
			conformance.Failure(t, err, rutravel.ErrNotConfirmed)
			assert.Len(t, *asked, 1)
		})
	}
}

// A refusal that is cut off is not a refusal.
func TestCutRefusals(t *testing.T) {
	t.Parallel()
	refusal := strings.TrimSpace(awkward(t, "errors-126"))
	for n := range refusal {
		c, _ := answering(t, refusal[:n])
		_, err := c.Book(t.Context(), tour("1"))
		require.ErrorIs(t, err, rutravel.ErrNotConfirmed, refusal[:n])
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
	}
}

// An error inside an answer makes the call fail. The rest of the answer is
// returned.
func TestErrorsInsideOfAnswers(t *testing.T) {
	t.Parallel()
	const booked = `<tours><tour clientTourId="2"><id>104400000842366804</id><number>214150198</number>`
	for name, body := range map[string]string{
		"in the tour":        booked + "<error>101</error></tour></tours>",
		"empty, behind it":   booked + "</tour><error/></tours>",
		"errors behind it":   booked + `</tour><errors clientTourId="2"><error>126</error></errors></tours>`,
		"deep in other tags": booked + "<x><y><errors/></y></x></tour></tours>",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, body)
			booking, err := c.Book(t.Context(), tour("2"))
			conformance.Failure(t, err, rutravel.ErrNotConfirmed)
			assert.Equal(t, bookingID, booking.ID)
		})
	}
	c, _ := answering(t, strings.Replace(goldenAnswer(t, "createtour"), "<sum>", "<error>125</error><sum>", 1))
	quote, err := c.Quote(t.Context(), tour("1"))
	conformance.Failure(t, err, rutravel.ErrProtocol)
	assert.Len(t, quote.Prices, 2)
	c, _ = answering(t, strings.Replace(goldenAnswer(t, "addtransfers"), "<sum>", "<error>148</error><sum>", 1))
	_, err = c.SetTransfers(t.Context(), transfersBooking, chosen(t))
	conformance.Failure(t, err, rutravel.ErrProtocol)
}

// BG-T16: after access denied in an old session, a call is sent again only if the error
// is certainly about the session. Another code, or the name of one of several tours, shows
// that the supplier had begun to process the request.
func TestAccessDeniedIsNotAlwaysTheSession(t *testing.T) {
	t.Parallel()
	const (
		denied = "<error>103</error>"
		named  = `<errors clientTourId="1">` + denied + "</errors>"
		bare   = "<errors>" + denied + "</errors>"
	)
	for name, test := range map[string]struct {
		status, tours int
		body          string
		sentAgain     bool
	}{
		"one tour":                    {http.StatusOK, 1, bare, true},
		"one tour, named":             {http.StatusOK, 1, named, true},
		"one tour, 401":               {http.StatusUnauthorized, 1, named, true},
		"one tour, another named":     {http.StatusOK, 1, strings.ReplaceAll(named, `"1"`, `"7"`), false},
		"one tour, 401, another's":    {http.StatusUnauthorized, 1, strings.ReplaceAll(named, `"1"`, `"7"`), false},
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
		"several, named, another one": {http.StatusOK, 3, strings.ReplaceAll(named, `"1"`, `"7"`), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake, c := newFake(t, nil)
			var tours []bgoperator.Tour
			for _, client := range []string{"1", "2", "3"}[:test.tours] {
				v := fakeTour(fake, client)
				v.ClientTourID = client
				tours = append(tours, v)
			}
			_, err := c.QuoteAll(t.Context(), tours)
			require.NoError(t, err)
			fake.Inject(bgoperatortest.Fault{Op: "createtour+confirm", Status: test.status, Body: test.body})
			_, err = c.BookAll(t.Context(), tours)
			if test.sentAgain {
				require.NoError(t, err)
				assert.Equal(t, []string{"createtour+confirm", "login", "createtour+confirm"}, ops(fake)[2:])
				return
			}
			conformance.Failure(t, err, rutravel.ErrNotConfirmed)
			assert.Equal(t, []string{"createtour+confirm"}, ops(fake)[2:])
		})
	}
}

// Status 401 with a body that may be a success does not refuse a booking.
func TestSuccessUnder401(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"booking":             goldenAnswer(t, "createtour+confirm"),
		"booking, cut off":    `<tours><tour clientTourId="1"><id>10`,
		"another operation's": "<status>OK</status>",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake, c := newFake(t, nil)
			fake.Inject(bgoperatortest.Fault{Op: "createtour+confirm", Status: http.StatusUnauthorized, Body: body})
			_, err := c.Book(t.Context(), fakeTour(fake, "1"))
			conformance.Failure(t, err, rutravel.ErrNotConfirmed)
			assert.NotErrorIs(t, err, rutravel.ErrAuth)
			assert.Equal(t, []string{"login", "createtour+confirm"}, ops(fake))
		})
	}
}

// An error contains no personal data of the request.
func TestErrorsConcealPassengers(t *testing.T) {
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
	require.ErrorIs(t, refusal, bgoperator.CodeBadBirthday)
	require.NotErrorIs(t, err, bgoperator.CodeBadBirthday, "it is about another tour")

	// The series of a passport alone identifies nobody. With the number it is concealed.
	for _, series := range []string{"62", "AB"} {
		for _, between := range []string{"", " "} {
			passport := series + between + "12345678"
			t.Run(passport, func(t *testing.T) {
				t.Parallel()
				request := tour("1")
				request.Groups[0].Tourists[0].PassportSeries = series
				c, _ := answering(t, "<errors><error>161</error><info>"+passport+"</info></errors>")
				_, err := c.Book(t.Context(), request)
				assert.NotContains(t, conformance.Failure(t, err, rutravel.ErrInvalid).Message, series)
			})
		}
	}
}
