package bgoperator_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
)

// Fuzz tests any answer of every operation, any flight and any cookie.
func Fuzz(f *testing.F) {
	conformance.Fuzz(f, conformance.Fuzzed{
		Seeds:   conformance.Seeds(f, "../testdata/bgoperator/*.xml", "../testdata/bgoperator/awkward/*.xml"),
		Numbers: []int{http.StatusOK, http.StatusUnauthorized},
		Check:   fuzzAnswers(f),
	}, conformance.Fuzzed{
		Seeds: conformance.Texts(`<flight id="1">UN 651</flight>|1|UN 651`, `<flight id="1"/></transferSlot><transferSlot>|1|`,
			`<flight id="1"><![CDATA[x]]></flight>|1|x`),
		Check: fuzzFlights,
	}, conformance.Fuzzed{
		Seeds: conformance.Texts("Z1=1; Path=/", `Z1="a, b"; Max-Age=0`, `Z1="a\073b"`, "Z1={\"a\":[1, 2]}; Path=/", "Z1=\xcf; Secure", "=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"),
		Check: fuzzCookies,
	}, conformance.Fuzzed{
		Seeds:   conformance.Texts("L=agency\nA1=a; Path=/\nZ1=1", "L=1\nA=2\nZ=3; Secure", "A1=a\nZ1=1", "L=\nA=\nZ=", "L=1\nA2={\"a\"}\nZ2=\\"),
		Numbers: []int{http.StatusOK, http.StatusFound, http.StatusForbidden},
		Check:   fuzzLogin,
	})
}

// fuzzAnswers gives every operation any answer. The result is a value or a
// *rutravel.Error. Unsafe calls succeed only with an answer that has their result.
func fuzzAnswers(f *testing.F) func(*testing.T, int, []byte) {
	var (
		body   []byte
		status int
	)
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(func(*http.Request) (*http.Response, error) {
		return httpmock.NewBytesResponse(status, body), nil
	})
	c, err := bgoperator.New(bgoperator.Config{Authenticator: signedIn{}}, rutravel.WithHTTPClient(&http.Client{Transport: m}),
		rutravel.WithMaxAttempts(1))
	require.NoError(f, err)
	return func(t *testing.T, code int, answer []byte) {
		body, status = answer, http.StatusOK
		if code == http.StatusUnauthorized {
			status = code
		}
		ctx := t.Context()
		check := func(err error) bool {
			_, ok := errors.AsType[*rutravel.Error](err)
			require.Equal(t, err != nil, ok, "%v", err)
			require.False(t, status != http.StatusOK && err == nil, "a success under 401")
			return err == nil
		}
		quote, err := c.Quote(ctx, tour("1"))
		if check(err) {
			require.NotEmpty(t, quote.Prices)
		}
		quotes, err := c.QuoteAll(ctx, []bgoperator.Tour{tour("1"), tour("2")})
		if check(err) {
			require.Len(t, quotes, 2)
			require.NotEmpty(t, quotes[0].Prices)
			require.NotEmpty(t, quotes[1].Prices)
		}
		for _, client := range []string{"1", "2"} {
			booking, err := c.Book(ctx, tour(client))
			if check(err) {
				require.NotEmpty(t, booking.ID)
				require.NotEmpty(t, booking.Number)
				require.Equal(t, client, booking.ClientTourID)
			}
		}
		bookings, err := c.BookAll(ctx, []bgoperator.Tour{tour("1"), tour("2")})
		if check(err) {
			require.Len(t, bookings, 2)
			require.NotEmpty(t, bookings[0].ID)
			require.NotEmpty(t, bookings[1].ID)
		} else {
			require.NotErrorIs(t, err, rutravel.ErrRejected, "after a refusal of a batch, it is unknown what was booked")
		}
		cost, err := c.QuoteCancel(ctx, bookingID)
		if check(err) {
			require.NotEmpty(t, cost.Ticket)
			require.NotEmpty(t, cost.Costs)
		}
		check(c.Cancel(ctx, bookingID, ticket))
		check(c.SetContacts(ctx, bookingID, []bgoperator.Contact{{Tourist: "1", Phone: "2"}}))
		tourists, err := c.TouristTransfers(ctx, transfersBooking)
		if check(err) {
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
		flights, err := c.Flights(ctx, arrivalTransfer)
		if !check(err) {
			return
		}
		// A flight from an answer is a valid part of a request.
		for _, flight := range flights {
			transfer := bgoperator.Transfer{
				Variant: "1", Date: "14.03.2015", Direction: bgoperator.DirectionTo, From: arrivalTransfer.Airport, To: "2",
				Airport: arrivalTransfer.Airport, FlightDirection: bgoperator.FlightArrival, Flight: flight,
			}
			_, err = c.SetTransfers(ctx, transfersBooking, []bgoperator.ChosenTransfers{{Tourist: "1", Transfers: []bgoperator.Transfer{transfer}}})
			check(err)
			require.NotErrorIs(t, err, rutravel.ErrInvalid)
		}
	}
}

// fuzzFlights sends any text as a flight. It is refused, or it is one element that adds
// nothing else to the request.
func fuzzFlights(t *testing.T, _ int, text []byte) {
	xml, rest, _ := strings.Cut(string(text), "|")
	id, name, _ := strings.Cut(rest, "|")
	c, asked := answering(t, "<status>OK</status>")
	transfer := arrivalTransfer
	transfer.Variant, transfer.Direction, transfer.From, transfer.To = "1", bgoperator.DirectionTo, arrivalTransfer.Airport, "2"
	transfer.Flight = bgoperator.Flight{ID: bgoperator.FlightID(id), Text: name, XML: xml}
	_, err := c.SetTransfers(t.Context(), transfersBooking, []bgoperator.ChosenTransfers{{Tourist: "1", Transfers: []bgoperator.Transfer{transfer}}})
	if err != nil {
		require.ErrorIs(t, err, rutravel.ErrInvalid)
		return
	}
	require.Len(t, flightsIn(t, (*asked)[0].body), 1)
}

// fuzzCookies lets a supplier set any cookie. The next request has a valid header.
func fuzzCookies(t *testing.T, _ int, text []byte) {
	set := string(text)
	var sent []string
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		sent = append(sent, r.Header.Get("Cookie"))
		resp := httpmock.NewStringResponse(http.StatusOK, "<tours/>")
		resp.Header["Set-Cookie"] = []string{set}
		return resp, nil
	})
	a := &customAuthenticator{header: http.Header{"Cookie": {"Z1=first"}}}
	c, err := bgoperator.New(bgoperator.Config{Authenticator: a}, rutravel.WithHTTPClient(&http.Client{Transport: m}))
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

// fuzzLogin answers the login with any cookies. The call is sent only if the session has
// all three cookies.
func fuzzLogin(t *testing.T, status int, cookies []byte) {
	if status < 200 || status > 599 {
		return
	}
	var called bool
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		if r.URL.String() != bgoperator.ProductionLogin {
			called = true
			for _, name := range []string{"L", "A[0-9]*", "Z[0-9]*"} {
				require.Regexp(t, "(^|; )"+name+"=[^;]", r.Header.Get("Cookie"))
			}
			return httpmock.NewStringResponse(http.StatusOK, "<tours/>"), nil
		}
		resp := httpmock.NewStringResponse(status, "")
		resp.Header["Set-Cookie"] = strings.Split(string(cookies), "\n")
		return resp, nil
	})
	c, err := bgoperator.New(bgoperator.Config{Login: "agency", Password: "p4ssword"}, rutravel.WithHTTPClient(&http.Client{Transport: m}),
		rutravel.WithMaxAttempts(1))
	require.NoError(t, err)
	_, err = c.TouristTransfers(t.Context(), "17")
	_, typed := errors.AsType[*rutravel.Error](err)
	require.Equal(t, err != nil, typed)
	require.Equal(t, err == nil, called, "%v", err)
	require.False(t, called && status != http.StatusOK && status != http.StatusFound)
}
