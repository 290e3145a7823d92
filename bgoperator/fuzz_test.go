package bgoperator_test

import (
	"errors"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
)

// Fuzz reads any answer of every operation, any flight and any cookie.
func Fuzz(f *testing.F) {
	answer := new(conformance.FuzzedAnswer)
	c, err := bgoperator.New(bgoperator.Config{Authenticator: signedIn{}}, rutravel.WithHTTPClient(&http.Client{Transport: answer}),
		rutravel.WithMaxAttempts(1))
	require.NoError(f, err)
	var checks []func(t *testing.T, number int, text []byte)
	for _, call := range fuzzedCalls(c) {
		checks = append(checks, func(t *testing.T, number int, text []byte) {
			answer.Body, answer.Status = text, http.StatusOK
			if number == http.StatusUnauthorized {
				answer.Status = number
			}
			call(t, answer.Status)
		})
	}
	conformance.Fuzz(f, append(conformance.Each(conformance.Fuzzed{
		Seeds:   conformance.Seeds(f, "../testdata/bgoperator/*.xml", "../testdata/bgoperator/awkward/*.xml"),
		Numbers: []int{http.StatusOK, http.StatusUnauthorized},
	}, checks...), conformance.Fuzzed{
		Seeds: conformance.Texts(`<flight id="1">UN 651</flight>|1|UN 651`, `<flight id="1"/></transferSlot><transferSlot>|1|`,
			`<flight id="1"><![CDATA[x]]></flight>|1|x`),
		Check: fuzzFlights(f),
	}, conformance.Fuzzed{
		Seeds: conformance.Texts("Z1=1; Path=/", `Z1="a, b"; Max-Age=0`, `Z1="a\073b"`, "Z1={\"a\":[1, 2]}; Path=/", "Z1=\xcf; Secure", "=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"),
		Check: fuzzCookies,
	}, conformance.Fuzzed{
		Seeds:   conformance.Texts("L=agency\nA1=a; Path=/\nZ1=1", "L=1\nA=2\nZ=3; Secure", "A1=a\nZ1=1", "L=\nA=\nZ=", "L=1\nA2={\"a\"}\nZ2=\\"),
		Numbers: []int{http.StatusOK, http.StatusFound, http.StatusForbidden},
		Check:   fuzzLogin,
	})...)
}

// fuzzedCalls make each call, whose outcome is a value or a *rutravel.Error. A
// call that moves money succeeds only with its payload.
func fuzzedCalls(c *bgoperator.Client) []func(t *testing.T, status int) {
	two := []bgoperator.Tour{tour("1"), tour("2")}
	calls := []func(t *testing.T, status int){
		func(t *testing.T, status int) {
			quote, err := c.Quote(t.Context(), tour("1"))
			if succeeded(t, status, err) {
				require.NotEmpty(t, quote.Prices)
			}
		},
		func(t *testing.T, status int) {
			quotes, err := c.QuoteAll(t.Context(), two)
			if succeeded(t, status, err) {
				require.Len(t, quotes, 2)
				require.NotEmpty(t, quotes[0].Prices)
				require.NotEmpty(t, quotes[1].Prices)
			}
		},
		func(t *testing.T, status int) {
			bookings, err := c.BookAll(t.Context(), two)
			if succeeded(t, status, err) {
				require.Len(t, bookings, 2)
				require.NotEmpty(t, bookings[0].ID)
				require.NotEmpty(t, bookings[1].ID)
			} else {
				require.NotErrorIs(t, err, rutravel.ErrRejected, "a refusal of a batch leaves open what was booked")
			}
		},
		func(t *testing.T, status int) {
			cost, err := c.QuoteCancel(t.Context(), bookingID)
			if succeeded(t, status, err) {
				require.NotEmpty(t, cost.Ticket)
				require.NotEmpty(t, cost.Costs)
			}
		},
		func(t *testing.T, status int) { succeeded(t, status, c.Cancel(t.Context(), bookingID, ticket)) },
		func(t *testing.T, status int) {
			succeeded(t, status, c.SetContacts(t.Context(), bookingID, []bgoperator.Contact{{Tourist: "1", Phone: "2"}}))
		},
		func(t *testing.T, status int) {
			tourists, err := c.TouristTransfers(t.Context(), transfersBooking)
			if succeeded(t, status, err) {
				requireTransfers(t, tourists)
			}
		},
		func(t *testing.T, status int) {
			flights, err := c.Flights(t.Context(), arrivalTransfer)
			if !succeeded(t, status, err) {
				return
			}
			// Values from the supplier can be sent back.
			for _, flight := range flights {
				transfer := bgoperator.Transfer{
					Variant: "1", Date: "14.03.2015", Direction: bgoperator.DirectionTo, From: arrivalTransfer.Airport, To: "2",
					Airport: arrivalTransfer.Airport, FlightDirection: bgoperator.FlightArrival, Flight: flight,
				}
				_, err = c.SetTransfers(t.Context(), transfersBooking, []bgoperator.ChosenTransfers{{Tourist: "1", Transfers: []bgoperator.Transfer{transfer}}})
				succeeded(t, status, err)
				require.NotErrorIs(t, err, rutravel.ErrInvalid)
			}
		},
	}
	for _, client := range []string{"1", "2"} {
		calls = append(calls, func(t *testing.T, status int) {
			booking, err := c.Book(t.Context(), tour(client))
			if succeeded(t, status, err) {
				require.NotEmpty(t, booking.ID)
				require.NotEmpty(t, booking.Number)
				require.Equal(t, client, booking.ClientTourID)
			}
		})
	}
	return calls
}

// succeeded is conformance.Succeeded. Only 200 is a success.
func succeeded(t *testing.T, status int, err error) bool {
	t.Helper()
	ok := conformance.Succeeded(t, status, err)
	require.False(t, ok && status >= http.StatusMultipleChoices, "a success under %d", status)
	return ok
}

func requireTransfers(t *testing.T, tourists []bgoperator.BookedTourist) {
	t.Helper()
	for _, p := range tourists {
		require.NotEmpty(t, p.ID)
		for _, s := range p.Slots {
			require.NotEmpty(t, s.Date)
			for _, v := range s.Variants {
				require.NotEmpty(t, v.ID)
				require.NotEmpty(t, v.Currency)
				transfer, chosen := s.Choose(v.ID)
				same := slices.DeleteFunc(slices.Clone(s.Variants), func(o bgoperator.Variant) bool { return o.ID != v.ID })
				require.Equal(t, len(same) == 1, chosen)
				if chosen {
					require.ElementsMatch(t, []bgoperator.PointID{s.Point, v.Point}, []bgoperator.PointID{transfer.From, transfer.To})
				}
			}
		}
	}
}

// roundTripper answers requests.
type roundTripper func(*http.Request) *http.Response

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r), nil }

// respond returns an answer with a body and cookies.
func respond(status int, body string, cookies ...string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Set-Cookie": cookies}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}

// fuzzFlights sends any text as a flight: it is refused, or it is one element
// that adds nothing else to the request.
func fuzzFlights(f *testing.F) func(t *testing.T, _ int, text []byte) {
	var sent []byte
	c, err := bgoperator.New(bgoperator.Config{Authenticator: signedIn{}}, rutravel.WithHTTPClient(&http.Client{Transport: roundTripper(
		func(r *http.Request) *http.Response {
			sent, _ = io.ReadAll(r.Body)
			return respond(http.StatusOK, "<status>OK</status>")
		})}))
	require.NoError(f, err)
	return func(t *testing.T, _ int, text []byte) {
		xml, rest, _ := strings.Cut(string(text), "|")
		id, name, _ := strings.Cut(rest, "|")
		transfer := arrivalTransfer
		transfer.Variant, transfer.Direction, transfer.From, transfer.To = "1", bgoperator.DirectionTo, arrivalTransfer.Airport, "2"
		transfer.Flight = bgoperator.Flight{ID: bgoperator.FlightID(id), Text: name, XML: xml}
		_, err := c.SetTransfers(t.Context(), transfersBooking, []bgoperator.ChosenTransfers{{Tourist: "1", Transfers: []bgoperator.Transfer{transfer}}})
		if err != nil {
			require.ErrorIs(t, err, rutravel.ErrInvalid)
			return
		}
		require.Len(t, flightsIn(t, string(sent)), 1)
	}
}

// fuzzCookies lets a supplier set any cookie: what goes back is a header that
// can be sent.
func fuzzCookies(t *testing.T, _ int, text []byte) {
	set := string(text)
	var sent []string
	a := &customAuthenticator{header: http.Header{"Cookie": {"Z1=first"}}}
	c, err := bgoperator.New(bgoperator.Config{Authenticator: a}, rutravel.WithHTTPClient(&http.Client{Transport: roundTripper(
		func(r *http.Request) *http.Response {
			sent = append(sent, r.Header.Get("Cookie"))
			return respond(http.StatusOK, "<tours/>", set)
		})}))
	require.NoError(t, err)
	for range 2 {
		_, err = c.TouristTransfers(t.Context(), "17")
		require.NoError(t, err)
	}
	require.Equal(t, "Z1=first", sent[0])
	require.NotContains(t, sent[1], "\r")
	require.NotContains(t, sent[1], "\n")
	if cookie, err := http.ParseSetCookie(set); err == nil && cookie.Value != "" && !strings.Contains(strings.ToLower(set), "max-age") {
		require.Contains(t, sent[1], cookie.Name+"=")
		require.Contains(t, sent[1], cookie.Value)
	}
}

// sessionCookies are the cookies of a session.
var sessionCookies = []*regexp.Regexp{
	regexp.MustCompile("(^|; )L=[^;]"), regexp.MustCompile("(^|; )A[0-9]*=[^;]"), regexp.MustCompile("(^|; )Z[0-9]*=[^;]"),
}

// fuzzLogin answers the login with any cookies: the call is made in a session
// that has all three, or is not made.
func fuzzLogin(t *testing.T, status int, cookies []byte) {
	if status < 200 || status > 599 {
		return
	}
	var called bool
	c, err := bgoperator.New(bgoperator.Config{Login: "agency", Password: "p4ssword"}, rutravel.WithMaxAttempts(1),
		rutravel.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) *http.Response {
			if r.URL.String() == bgoperator.ProductionLogin {
				return respond(status, "", strings.Split(string(cookies), "\n")...)
			}
			called = true
			for _, cookie := range sessionCookies {
				require.Regexp(t, cookie, r.Header.Get("Cookie"))
			}
			return respond(http.StatusOK, "<tours/>")
		})}))
	require.NoError(t, err)
	_, err = c.TouristTransfers(t.Context(), "17")
	_, typed := errors.AsType[*rutravel.Error](err)
	require.Equal(t, err != nil, typed)
	require.Equal(t, err == nil, called, "%v", err)
	require.False(t, called && status != http.StatusOK && status != http.StatusFound)
}
