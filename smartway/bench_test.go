package smartway_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"cloud.google.com/go/civil"
	"github.com/jarcoal/httpmock"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/internal/conformance"
	"github.com/rutravel/rutravel-go/smartway"
)

// handTrip is a trip by air as one would write it by hand.
type handTrip struct {
	ID         int             `json:"id"`
	Name       string          `json:"name"`
	Status     string          `json:"status"`
	Amount     decimal.Decimal `json:"amount"`
	BookDate   civil.DateTime  `json:"book_date"`
	LastChange civil.DateTime  `json:"last_change_date"`
	CheckIn    civil.DateTime  `json:"checkin_date"`
	CheckOut   civil.DateTime  `json:"checkout_date"`
	Items      []handItem      `json:"items"`
}

type handItem struct {
	ID         int             `json:"id"`
	RequestID  string          `json:"request_id"`
	Type       string          `json:"service_type"`
	Status     string          `json:"status"`
	BookDate   civil.DateTime  `json:"book_date"`
	LastChange civil.DateTime  `json:"last_change_date"`
	CheckIn    civil.DateTime  `json:"checkin_date"`
	CheckOut   civil.DateTime  `json:"checkout_date"`
	TravelTime *int            `json:"travel_time"`
	Number     string          `json:"number"`
	Info       []handRoute     `json:"info"`
	Company    handCompany     `json:"company"`
	Project    string          `json:"project"`
	Travellers []handPerson    `json:"travellers"`
	Amount     decimal.Decimal `json:"amount"`
	VATs       []handVAT       `json:"vats"`
	Versions   []handVersion   `json:"versions"`
}

type handVersion struct {
	ID           int            `json:"version_id"`
	ItemID       int            `json:"item_id"`
	TripID       int            `json:"trip_id"`
	Type         string         `json:"service_type"`
	Status       string         `json:"status"`
	Transactions []handPayment  `json:"transaction_details"`
	EventDate    civil.DateTime `json:"event_date"`
	CheckIn      civil.DateTime `json:"checkin_date"`
	CheckOut     civil.DateTime `json:"checkout_date"`
	TravelTime   *int           `json:"travel_time"`
	Number       string         `json:"number"`
	Info         []handRoute    `json:"info"`
	Travellers   []handPerson   `json:"travellers"`
	Company      handCompany    `json:"company"`
}

type handRoute struct {
	TravelTime int `json:"travel_time"`
	Segments   []struct {
		From      handPlace      `json:"place_depart"`
		Departure civil.DateTime `json:"date_depart"`
		To        handPlace      `json:"place_arrive"`
		Arrival   civil.DateTime `json:"date_arrive"`
	} `json:"segments"`
}

type handPlace struct {
	Country string `json:"country"`
	City    string `json:"city"`
	Place   string `json:"place"`
}

type handCompany struct {
	ID   int    `json:"id"`
	INN  string `json:"inn"`
	Name string `json:"name"`
}

type handPerson struct {
	ExternalID *string        `json:"external_id"`
	Surname    string         `json:"surname"`
	Name       string         `json:"name"`
	Patronymic string         `json:"patronymic"`
	Birthday   civil.DateTime `json:"birthday"`
	Sex        string         `json:"sex"`
	Phone      string         `json:"phone"`
	Email      string         `json:"email"`
	Documents  []struct {
		Type   string `json:"type"`
		Number string `json:"number"`
	} `json:"documents"`
}

type handPayment struct {
	Type   string          `json:"type"`
	Amount decimal.Decimal `json:"amount"`
	VATs   []handVAT       `json:"vats"`
}

type handVAT struct {
	Rate   string          `json:"vat_rate"`
	Amount decimal.Decimal `json:"vat_amount"`
}

// BenchmarkTrips reads 2,000 trips, by this library and by hand with encoding/json.
// Both go through an HTTP client
// without a network.
func BenchmarkTrips(b *testing.B) {
	const number = 2_000
	result := `{"last_version_id":1,"trips":[` + strings.Repeat(trip+",", number-1) + trip + `]}`
	var body string
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		var q request
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
			return nil, err
		}
		body = answer(q, result)
		return httpmock.NewStringResponse(http.StatusOK, body), nil
	})
	c := client(b, m)
	days := smartway.DateRange{From: civil.Date{Year: 2019, Month: 6, Day: 1}, To: civil.Date{Year: 2019, Month: 6, Day: 15}}
	conformance.Ratio(b, len(result), func(b *testing.B) {
		b.Helper()
		list, err := c.Trips.Between(b.Context(), days)
		require.NoError(b, err)
		require.Len(b, list.Trips, number)
	}, func(b *testing.B) {
		b.Helper()
		const query = `{"jsonrpc":"2.0","id":1,"method":"trip.get_by_range","params":{}}`
		req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, smartway.Test, strings.NewReader(query))
		require.NoError(b, err)
		resp, err := (&http.Client{Transport: m}).Do(req)
		require.NoError(b, err)
		var read struct {
			Result struct {
				Trips []handTrip `json:"trips"`
			} `json:"result"`
		}
		require.NoError(b, json.NewDecoder(resp.Body).Decode(&read))
		require.NoError(b, resp.Body.Close())
		require.Len(b, read.Result.Trips, number)
	})
}
