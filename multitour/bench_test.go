package multitour_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/conformance"
	"github.com/rutravel/rutravel-go/multitour"
)

// handHotel is a hotel as one would write it by hand.
type handHotel struct {
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	CountryID string          `json:"country_id"`
	ResortID  string          `json:"resort_id"`
	CityID    string          `json:"city_id"`
	MinAge    *string         `json:"min_age"`
	Image     string          `json:"img_src"`
	X         decimal.Decimal `json:"x"`
	Y         decimal.Decimal `json:"y"`
}

// BenchmarkHotels reads a directory of 20,000 hotels, by this library and by
// hand with encoding/json. Both go through an HTTP client without a network.
func BenchmarkHotels(b *testing.B) {
	const hotels = 20_000
	var rows []string
	for i := range hotels {
		rows = append(rows, fmt.Sprintf(`{"id":"%d","name":"Beton Brut (Бетон Брют)**** Отель %d","country_id":"6228","resort_id":"201",`+
			`"city_id":"1435","min_age":"%d","img_src":"https:\/\/www.multitour.ru\/files\/imgs\/hotel_%d_93602_territory31024x512.jpg",`+
			`"x":"44.97709274291992","y":"37.27494812011719"}`, 5000+i, i, i%4, i))
	}
	body := response(`{"hotel":[` + strings.Join(rows, ",") + `]}`)
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(httpmock.NewStringResponder(http.StatusOK, body))
	line := &http.Client{Transport: m}
	client, err := multitour.New(multitour.Config{Token: "t"}, rutravel.WithHTTPClient(line))
	require.NoError(b, err)
	conformance.Ratio(b, len(body), func(b *testing.B) {
		b.Helper()
		all, err := client.Hotels(b.Context(), multitour.Area{Country: "6228"})
		require.NoError(b, err)
		require.Len(b, all, hotels)
	}, func(b *testing.B) {
		b.Helper()
		const request = `{"header":{"token":"t","method":"map.hotel"},"request":{"country_id":6228}}`
		req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, multitour.Production, strings.NewReader(request))
		require.NoError(b, err)
		resp, err := line.Do(req)
		require.NoError(b, err)
		var answer struct {
			Response struct{ Hotel []handHotel }
		}
		require.NoError(b, json.NewDecoder(resp.Body).Decode(&answer))
		require.NoError(b, resp.Body.Close())
		require.Len(b, answer.Response.Hotel, hotels)
	})
}
