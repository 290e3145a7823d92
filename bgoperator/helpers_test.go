package bgoperator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"cloud.google.com/go/civil"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/bgoperator/bgoperatortest"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
)

// ops returns the operations of the requests that arrived.
func ops(fake *bgoperatortest.Server) (all []string) {
	for _, r := range fake.Requests() {
		all = append(all, r.Op)
	}
	return all
}

// fakeTour is a tour that the fake sells.
func fakeTour(fake *bgoperatortest.Server, passport string) bgoperator.Tour {
	p := ivan()
	p.PassportNumber = passport
	return bgoperator.Tour{ClientTourID: "1", Groups: []bgoperator.Group{{Offer: fake.Offers()[0], Tourists: []bgoperator.Tourist{p}}}}
}

// customAuthenticator logs in with what a test gives it.
type customAuthenticator struct {
	header http.Header
	err    error
	calls  atomic.Int32
}

func (a *customAuthenticator) Login(context.Context) (http.Header, error) {
	a.calls.Add(1)
	return a.header, a.err
}

const (
	bookingID        = bgoperator.BookingID("104400000842366804")
	transfersBooking = bgoperator.BookingID("104400000817245901") // of the samples of transfers
	ticket           = bgoperator.CancelTicket("39c1cb27c6306f0ff79ec605dc12ea8e")
)

var arrivalTransfer = bgoperator.Transfer{Airport: "103940001962", Date: "14.03.2015", FlightDirection: bgoperator.FlightArrival}

// chosen returns the transfers that follow from the manual's samples.
func chosen(t *testing.T) []bgoperator.ChosenTransfers {
	t.Helper()
	c, _ := answering(t, goldenAnswer(t, "showtransfers"))
	tourists, err := c.TouristTransfers(t.Context(), transfersBooking)
	require.NoError(t, err)
	c, _ = answering(t, goldenAnswer(t, "showflightdata"))
	flights, err := c.Flights(t.Context(), arrivalTransfer)
	require.NoError(t, err)
	slot := tourists[0].Slots[0]
	transfer, ok := slot.Choose(slot.Variants[0].ID)
	require.True(t, ok)
	transfer.Flight = flights[0]
	return []bgoperator.ChosenTransfers{{Tourist: tourists[0].ID, Transfers: []bgoperator.Transfer{transfer}}}
}

func newFake(t *testing.T, change func(*bgoperator.Config), opts ...rutravel.Option) (*bgoperatortest.Server, *bgoperator.Client) {
	t.Helper()
	fake := bgoperatortest.New()
	cfg := fake.Config()
	if change != nil {
		change(&cfg)
	}
	c, err := bgoperator.New(cfg, append([]rutravel.Option{rutravel.WithHTTPClient(fake.HTTPClient())}, opts...)...)
	require.NoError(t, err)
	return fake, c
}

// signedIn is an authenticator without a login.
type signedIn struct{}

func (signedIn) Login(context.Context) (http.Header, error) { return nil, nil }

// goldenAnswer returns the recorded answer of an action.
func goldenAnswer(t testing.TB, action string) string {
	t.Helper()
	text, err := os.ReadFile("../testdata/bgoperator/" + action + ".answer.xml")
	require.NoError(t, err)
	return string(text)
}

// awkward returns an answer in a shape that the manual leaves open.
func awkward(t testing.TB, name string) string {
	t.Helper()
	return conformance.Awkward(t, "bgoperator", name)
}

// invalidCall is a call that must fail because of a field.
type invalidCall struct {
	name  string
	field string
	do    func(*bgoperator.Client) error
}

// checkInvalid checks that the calls fail before anything is sent.
func checkInvalid(t *testing.T, calls ...invalidCall) {
	t.Helper()
	for _, call := range calls {
		t.Run(call.name, func(t *testing.T) {
			t.Parallel()
			c, asked := answering(t, "<tours/>")
			conformance.Invalid(t, call.do(c), call.field)
			assert.Empty(t, *asked)
		})
	}
}

// asked is a request that a client has sent.
type asked struct{ query, body string }

// answering returns a client whose every request gets the same answer, and the
// requests that it has sent.
func answering(t testing.TB, body string, opts ...rutravel.Option) (*bgoperator.Client, *[]asked) {
	t.Helper()
	all := new([]asked)
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		sent, err := io.ReadAll(r.Body)
		*all = append(*all, asked{r.URL.RawQuery, string(sent)})
		return httpmock.NewStringResponse(http.StatusOK, body), err
	})
	opts = append(opts, rutravel.WithHTTPClient(&http.Client{Transport: m}))
	c, err := bgoperator.New(bgoperator.Config{Authenticator: signedIn{}}, opts...)
	require.NoError(t, err)
	return c, all
}

// warning is what the logger hears of a value that could not be read.
type warning struct {
	Path    string `json:"path"`
	ID      string `json:"id"`
	Problem string `json:"problem"`
}

// warned returns a client whose every request gets the same answer, and a function
// that returns the warnings so far.
func warned(t *testing.T, body string) (*bgoperator.Client, func() []warning) {
	t.Helper()
	var shown bytes.Buffer
	c, _ := answering(t, body, rutravel.WithLogger(slog.New(slog.NewJSONHandler(&shown, nil))))
	return c, func() (all []warning) {
		for line := range strings.Lines(shown.String()) {
			var record struct {
				Msg string
				warning
			}
			require.NoError(t, json.Unmarshal([]byte(line), &record))
			if record.Msg == "unreadable value" {
				all = append(all, record.warning)
			}
		}
		return all
	}
}

// kinds are all kinds of failure.
var kinds = []rutravel.Kind{
	rutravel.ErrInvalid, rutravel.ErrAuth, rutravel.ErrForbidden, rutravel.ErrNotFound, rutravel.ErrSoldOut,
	rutravel.ErrExpired, rutravel.ErrConflict, rutravel.ErrFunds, rutravel.ErrRejected, rutravel.ErrRateLimited,
	rutravel.ErrUnavailable, rutravel.ErrCanceled, rutravel.ErrProtocol, rutravel.ErrNotConfirmed,
}

func ivan() bgoperator.Tourist {
	return bgoperator.Tourist{
		BirthDate: civil.Date{Year: 1982, Month: 6, Day: 11}, FirstName: "IVAN", Surname: "IVANOV", Citizenship: "100410000050",
		PassportSeries: "62", PassportNumber: "12345678", PassportExpiry: civil.Date{Year: 2036, Month: 11, Day: 11},
		Sex: bgoperator.Male,
	}
}

func offer() bgoperator.Offer {
	return bgoperator.Offer{
		Prx: "103810219600+A/b", Country: "100410504525", TemplateID: "121178311485",
		StartDate: "01.03.2014", Insurance: "0-100000-USD-0",
		Main: bgoperator.Stay{RoomMeal: "104623691678", Nights: 7}, SR: "43Up+K*0 H1",
	}
}

func tour(client string) bgoperator.Tour {
	return bgoperator.Tour{
		ClientTourID: client,
		Groups:       []bgoperator.Group{{Offer: offer(), Tourists: []bgoperator.Tourist{ivan()}}},
	}
}

// flightsIn returns the names of the elements inside the transferSlot of a request
// to addtransfers.
func flightsIn(t *testing.T, body string) (names []string) {
	t.Helper()
	var request struct {
		Person []struct {
			Slot []struct {
				Inside []struct{ XMLName xml.Name } `xml:",any"`
			} `xml:"transferSlot"`
		} `xml:"person"`
	}
	require.NoError(t, xml.Unmarshal([]byte(body), &request))
	require.Len(t, request.Person, 1)
	require.Len(t, request.Person[0].Slot, 1)
	for _, e := range request.Person[0].Slot[0].Inside {
		names = append(names, e.XMLName.Local)
	}
	return names
}

// notNumbers are texts that stand where an id must be a number.
var notNumbers = []string{"none", "-1", "1044000008423668O4", "000", "١"}
