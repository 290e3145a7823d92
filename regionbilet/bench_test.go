package regionbilet_test

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/conformance"
	"github.com/rutravel/rutravel-go/regionbilet"
)

// handTrip is the answer to trip as one would write it by hand: strings, and
// decimals that read them.
type handTrip struct {
	ID          string          `json:"id_trip"`
	Name        string          `json:"name_trip"`
	FromID      string          `json:"id_from_point"`
	FromName    string          `json:"from_name_point"`
	FromAddress string          `json:"from_address_point"`
	ToID        string          `json:"id_to_point"`
	ToName      string          `json:"to_name_point"`
	ToAddress   string          `json:"to_address_point"`
	Date        string          `json:"date_trip"`
	Time        string          `json:"time_trip"`
	ArrivalDate string          `json:"date_arrival_trip"`
	ArrivalTime string          `json:"time_arrival_trip"`
	Duration    string          `json:"time_duration_trip"`
	Seats       string          `json:"count_available_seats_trip"`
	Full        decimal.Decimal `json:"full_ticket_price"`
	Child       decimal.Decimal `json:"child_ticket_price"`
	Markup      decimal.Decimal `json:"markup_ticket_price"`
	MarkupChild decimal.Decimal `json:"markup_child_price"`
	TotalFull   decimal.Decimal `json:"total_full_ticket_price"`
	TotalChild  decimal.Decimal `json:"total_child_ticket_price"`
	Bus         string          `json:"name_ats"`
	Carriers    []struct {
		Name, INN, Cash, FIO, Phone, Address, Mode, OGRN, License, Info string
		LicenseDate                                                     string `json:"license_date"`
	} `json:"kontr"`
}

// BenchmarkTrips reads the answer to a search of 200 trips, by this library and
// by hand with encoding/json. Both go through an HTTP client without a network.
func BenchmarkTrips(b *testing.B) {
	const copies = 100
	text, err := os.ReadFile("../testdata/regionbilet/trip.answer.json")
	require.NoError(b, err)
	begin, rest, _ := strings.Cut(string(text), "[")
	end := strings.LastIndex(rest, "]")
	body := begin + "[" + strings.TrimSuffix(strings.Repeat(rest[:end]+",", copies), ",") + rest[end:]
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(httpmock.NewStringResponder(http.StatusOK, body))
	line := &http.Client{Transport: m}
	client, err := regionbilet.New(regionbilet.Config{User: "test", SecretKey: "test"}, rutravel.WithHTTPClient(line))
	require.NoError(b, err)

	library := func(b *testing.B) {
		b.Helper()
		trips, err := client.Trips(b.Context(), tripQuery)
		require.NoError(b, err)
		require.Len(b, trips, 2*copies)
	}
	byHand := func(b *testing.B) {
		b.Helper()
		req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, regionbilet.Production+"?command=trip", nil)
		require.NoError(b, err)
		resp, err := line.Do(req)
		require.NoError(b, err)
		var answer struct{ Result []handTrip }
		require.NoError(b, json.NewDecoder(resp.Body).Decode(&answer))
		require.NoError(b, resp.Body.Close())
		require.Len(b, answer.Result, 2*copies)
	}
	conformance.Ratio(b, len(body), library, byHand)
}
