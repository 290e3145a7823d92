package regionbilet_test

import (
	"net/http"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

// answering returns a client that gets one answer to everything, and the
// addresses that it asked.
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

// bookRequest asks for as many seats as are named.
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

func newFake(t *testing.T, opts ...rutravel.Option) (*regionbilettest.Server, *regionbilet.Client) {
	t.Helper()
	fake := regionbilettest.New()
	c, err := regionbilet.New(fake.Config(), append([]rutravel.Option{rutravel.WithHTTPClient(fake.HTTPClient())}, opts...)...)
	require.NoError(t, err)
	return fake, c
}

// fakeRequest books n seats of a trip that the fake sells tomorrow.
func fakeRequest(t *testing.T, c *regionbilet.Client, n int) regionbilet.BookRequest {
	t.Helper()
	trips, err := c.Trips(t.Context(), regionbilet.TripQuery{
		From: "124", To: "463", Date: civil.DateOf(time.Now().UTC()).AddDays(2),
	})
	require.NoError(t, err)
	require.NotEmpty(t, trips)
	free, err := c.FreeSeats(t.Context(), trips[0].Key())
	require.NoError(t, err)
	seats, err := regionbilet.ChooseSeats(free, n)
	require.NoError(t, err)
	b := bookRequest(seats...)
	b.Trip = trips[0].Key()
	for i := range b.Passengers {
		b.Passengers[i].Price = trips[0].Fare(regionbilet.Adult).Price
	}
	return b
}
