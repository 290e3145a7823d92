package ticketscloud_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud"
)

// What follows is an answer with orders as one would write it by hand: strings,
// and decimals that read them, without the refs in their places.
type (
	handAmounts struct{ Price, Discount, Nominal, Extra, Full decimal.Decimal }

	handOrder struct {
		ID         string
		Number     int
		Code       string
		Status     string
		Origin     string
		Created    string `json:"created_at"`
		Done       string `json:"done_at"`
		Expired    string `json:"expired_after"`
		Event      string
		Org        string
		Vendor     string
		Promocodes []string
		Settings   struct {
			Customer       struct{ Name, Email, Phone, Lang string }
			Send           bool `json:"send_tickets"`
			Invitation     bool
			SubscribeAgree bool `json:"subscribe_agree"`
		}
		Tickets []struct {
			ID, Serial string
			Number     int
			Barcode    *string
			Set        string
			Seat       *struct{ Row, Number, Sector string }
			Status     string
			handAmounts
		}
		Values struct {
			handAmounts
			Sets map[string]struct {
				ID                       string
				Price, Discount, Nominal decimal.Decimal
				Promocode                *string
			} `json:"sets_values"`
		}
		VendorData struct {
			OrderID string `json:"order_id"`
			Raw     map[string]any
		} `json:"vendor_data"`
	}

	handRefs struct {
		Events map[string]struct {
			ID, Org, Status, Timezone, Venue string
			Age                              int `json:"age_rating"`
			Title                            struct{ Text, Desc string }
			Lifetime                         struct{ Start, Finish string }
		}
		Partners map[string]struct{ ID, Name string }
		Sets     map[string]struct {
			ID, Name string
			Price    decimal.Decimal
			Seats    bool `json:"with_seats"`
		}
		Venues map[string]struct {
			ID, Name, Desc, Address string
			City                    struct {
				ID       int `json:"_id"`
				Name     map[string]string
				Timezone string
			}
			Country struct {
				ID   string `json:"_id"`
				Name map[string]string
			}
		}
	}
)

// BenchmarkOrder reads an order of 5 KB.
func BenchmarkOrder(b *testing.B) {
	text, err := os.ReadFile("../testdata/ticketscloud/orders.change.answer.json")
	require.NoError(b, err)
	// Three tickets more make it 5 KB.
	before, rest, _ := strings.Cut(string(text), `"tickets": [`)
	end := strings.Index(rest, "},\n      {")
	body := before + `"tickets": [` + strings.Repeat(rest[:end]+"},", 3) + rest
	compare(b, body, func(b *testing.B, c *ticketscloud.Client) {
		b.Helper()
		o, err := c.ChangeOrder(b.Context(), "5b0eab671b2042000ea83850", ticketscloud.OrderChange{SendTickets: new(true)})
		require.NoError(b, err)
		require.Len(b, o.Tickets, 5)
	}, func(b *testing.B, d *json.Decoder) {
		b.Helper()
		var answer struct {
			Data handOrder
			Refs handRefs
		}
		require.NoError(b, d.Decode(&answer))
		require.Len(b, answer.Data.Tickets, 5)
	})
}

// BenchmarkOrders reads a list of 200 orders with refs.
func BenchmarkOrders(b *testing.B) {
	text, err := os.ReadFile("../testdata/ticketscloud/orders.list.answer.json")
	require.NoError(b, err)
	var answer struct {
		Data       []json.RawMessage `json:"data"`
		Pagination json.RawMessage   `json:"pagination"`
		Refs       json.RawMessage   `json:"refs"`
	}
	require.NoError(b, json.Unmarshal(text, &answer))
	const orders = 200
	for len(answer.Data) < orders {
		answer.Data = append(answer.Data, answer.Data[:2]...)
	}
	body, err := json.Marshal(answer)
	require.NoError(b, err)
	compare(b, string(body), func(b *testing.B, c *ticketscloud.Client) {
		b.Helper()
		p, err := c.OrdersPage(b.Context(), ticketscloud.OrderQuery{PageSize: orders})
		require.NoError(b, err)
		require.Len(b, p.Orders, orders)
	}, func(b *testing.B, d *json.Decoder) {
		b.Helper()
		var answer struct {
			Data []handOrder
			Refs handRefs
		}
		require.NoError(b, d.Decode(&answer))
		require.Len(b, answer.Data, orders)
	})
}

// compare reads an answer by this library and by hand with encoding/json, in
// turn; "ratio" is how many times as long the latter takes. Both go through an
// HTTP client without a network.
func compare(b *testing.B, body string, library func(*testing.B, *ticketscloud.Client), byHand func(*testing.B, *json.Decoder)) {
	b.Helper()
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(httpmock.NewStringResponder(http.StatusOK, body))
	line := &http.Client{Transport: m}
	client, err := ticketscloud.New(ticketscloud.Config{Key: "test-key", BaseURL: ticketscloud.Stage}, rutravel.WithHTTPClient(line))
	require.NoError(b, err)
	hand := func(b *testing.B) {
		b.Helper()
		req, err := http.NewRequestWithContext(b.Context(), http.MethodPatch, ticketscloud.Stage, bytes.NewReader([]byte(`{"settings":{"send_tickets":true}}`)))
		require.NoError(b, err)
		req.Header.Set("Authorization", "key test-key")
		resp, err := line.Do(req)
		require.NoError(b, err)
		byHand(b, json.NewDecoder(resp.Body))
		require.NoError(b, resp.Body.Close())
	}
	b.Run("rutravel", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			library(b, client)
		}
	})
	b.Run("by hand", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			hand(b)
		}
	})
	b.Run("ratio", func(b *testing.B) {
		var ours, theirs time.Duration
		for b.Loop() {
			start := time.Now()
			library(b, client)
			middle := time.Now()
			hand(b)
			ours += middle.Sub(start)
			theirs += time.Since(middle)
		}
		b.ReportMetric(theirs.Seconds()/ours.Seconds(), "ratio")
	})
}
