package regionbilet_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

const (
	bookingID = regionbilet.BookingID("stv-11012019093231-cf98d1c42482e16519190fe0dc8a59ac")
	ticketNo  = regionbilet.TicketNumber("T1610201812495766804-815")
)

var (
	unpaid    = regionbilet.Hold{Booking: bookingID}
	ticket    = regionbilet.TicketRef{Booking: bookingID, Ticket: ticketNo}
	tripQuery = regionbilet.TripQuery{From: "124", To: "463", Date: civil.Date{Year: 2021, Month: 2, Day: 25}}
)

// answering returns a client whose requests all get the same answer, and the addresses
// that were requested.
func answering(t *testing.T, body string) (*regionbilet.Client, *[]string) {
	t.Helper()
	asked := new([]string)
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		*asked = append(*asked, r.URL.RequestURI())
		return httpmock.NewStringResponse(http.StatusOK, body), nil
	})
	c, err := regionbilet.New(regionbilet.Config{User: "test", SecretKey: "test"},
		rutravel.WithHTTPClient(&http.Client{Transport: m}))
	require.NoError(t, err)
	return c, asked
}

// warned returns a client whose requests all get the same answer, and a function that
// returns the paths of the warnings.
func warned(t *testing.T, body string) (*regionbilet.Client, func() []string) {
	t.Helper()
	var log bytes.Buffer
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(httpmock.NewStringResponder(http.StatusOK, body))
	c, err := regionbilet.New(regionbilet.Config{User: "test", SecretKey: "test"}, rutravel.WithHTTPClient(&http.Client{Transport: m}),
		rutravel.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))))
	require.NoError(t, err)
	return c, func() (paths []string) {
		for _, found := range regexp.MustCompile(`msg="unreadable value" .* path=(\S+)`).FindAllStringSubmatch(log.String(), -1) {
			paths = append(paths, found[1])
		}
		return paths
	}
}

// invalidCall is a call that must fail because of a field.
type invalidCall struct {
	name  string
	field string
	do    func(*regionbilet.Client) error
}

// checkInvalid checks that the calls fail before anything is sent.
func checkInvalid(t *testing.T, calls ...invalidCall) {
	t.Helper()
	for _, call := range calls {
		t.Run(call.name, func(t *testing.T) {
			t.Parallel()
			c, asked := answering(t, `{"error":"0","result":[]}`)
			err := call.do(c)
			assert.Zero(t, conformance.Failure(t, err, rutravel.ErrInvalid).Attempts)
			var field *rutravel.FieldError
			require.ErrorAs(t, err, &field)
			assert.Equal(t, call.field, field.Field)
			assert.Empty(t, *asked)
		})
	}
}

// goldenAnswer returns the recorded answer of a command.
func goldenAnswer(t *testing.T, command string) string {
	t.Helper()
	text, err := os.ReadFile("../testdata/regionbilet/" + command + ".answer.json")
	require.NoError(t, err)
	return string(text)
}

// emptied returns a golden answer. The first field of each name is "".
func emptied(text string, names ...string) string {
	for _, name := range names {
		before, after, _ := strings.Cut(text, `"`+name+`": "`)
		_, after, _ = strings.Cut(after, `"`)
		text = before + `"` + name + `": ""` + after
	}
	return text
}

// without returns a golden answer without the fields of these names.
func without(text string, names ...string) string {
	for _, name := range names {
		text = regexp.MustCompile(`(?m)^ *"`+name+`": "[^\n]*",?\n`).ReplaceAllString(text, "")
	}
	return regexp.MustCompile(`,(\s*})`).ReplaceAllString(text, "$1")
}

// bookRequest returns a request for the seats, with one passenger each.
func bookRequest(seats ...regionbilet.Seat) regionbilet.BookRequest {
	b := regionbilet.BookRequest{
		Trip: regionbilet.TripKey{
			ID: "1956", From: "stv815", To: "stv408",
			Departure: civil.DateTime{
				Date: civil.Date{Year: 2019, Month: 1, Day: 25},
				Time: civil.Time{Hour: 8, Minute: 30},
			},
		},
		Phone: "9187557788",
	}
	for _, s := range seats {
		b.Passengers = append(b.Passengers, regionbilet.Passenger{
			Surname: "ИВАНОВ", FirstName: "ИВАН", Sex: regionbilet.Male, Category: regionbilet.Adult,
			BirthDate:   civil.Date{Year: 1977, Month: 1, Day: 1},
			Nationality: "643", DocumentType: "1", Document: "0701 755756", Seat: s, Price: "517.54",
		})
	}
	return b
}

// newFake returns a fake and its client.
func newFake(t *testing.T, opts ...rutravel.Option) (*regionbilettest.Server, *regionbilet.Client) {
	t.Helper()
	fake := regionbilettest.New()
	c, err := regionbilet.New(fake.Config(), append([]rutravel.Option{rutravel.WithHTTPClient(fake.HTTPClient())}, opts...)...)
	require.NoError(t, err)
	return fake, c
}

// fakeRequest returns a request for n seats of a trip that the fake sells in two days.
func fakeRequest(t *testing.T, c *regionbilet.Client, n int) regionbilet.BookRequest {
	t.Helper()
	trips, err := c.Trips(t.Context(), regionbilet.TripQuery{
		From: "124", To: "463", Date: civil.DateOf(time.Now().UTC()).AddDays(2),
	})
	require.NoError(t, err)
	require.NotEmpty(t, trips)
	free, err := c.FreeSeats(t.Context(), trips[0].Key())
	require.NoError(t, err)
	seats, _, err := regionbilet.ChooseSeats(free, n)
	require.NoError(t, err)
	b := bookRequest(seats...)
	b.Trip = trips[0].Key()
	for i := range b.Passengers {
		b.Passengers[i].Price = trips[0].Fare(regionbilet.Adult).Price
	}
	return b
}
