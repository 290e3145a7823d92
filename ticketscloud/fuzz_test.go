package ticketscloud_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/ticketscloud"
)

// Fuzz reads random answers of each operation, and random times, VEVENTs and seats.
func Fuzz(f *testing.F) {
	conformance.Fuzz(f, append(ticketscloud.FuzzedValues(f), conformance.Fuzzed{
		Seeds:          conformance.Seeds(f, "../testdata/ticketscloud/*.json", "../testdata/ticketscloud/awkward/*.json"),
		Numbers:        []int{http.StatusOK, http.StatusBadRequest},
		RotatedNumbers: conformance.Failures,
		Check:          fuzzAnswers(f),
	})...)
}

// fuzzAnswers gives each operation a random answer with a random status. The result must
// be a value or a *rutravel.Error. An operation that moves money or reserves seats must
// succeed only with its payload.
func fuzzAnswers(f *testing.F) func(*testing.T, int, []byte) {
	var status int
	var body []byte
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(func(*http.Request) (*http.Response, error) {
		return httpmock.NewBytesResponse(status, body), nil
	})
	c, err := ticketscloud.New(ticketscloud.Config{Key: "test-key", BaseURL: ticketscloud.Stage},
		rutravel.WithHTTPClient(&http.Client{Transport: m}), rutravel.WithMaxAttempts(1))
	require.NoError(f, err)
	sold := time.Date(2019, time.December, 10, 12, 0, 0, 0, time.UTC)
	return func(t *testing.T, number int, answer []byte) {
		status, body = conformance.Status(number), answer
		ctx := t.Context()
		check := func(err error) bool {
			require.NotErrorIs(t, err, rutravel.ErrInvalid)
			return conformance.Succeeded(t, status, err)
		}
		o, err := c.CreateOrder(ctx, ticketscloud.NewOrder{Event: eventID})
		if check(err) {
			require.NotEmpty(t, o.ID)
			require.NotEmpty(t, o.Status)
		}
		for _, k := range o.Tickets {
			require.False(t, err == nil && k.ID == "")
		}
		o, err = c.PayOrder(ctx, ticketscloud.OrderKey{ID: orderID})
		if check(err) {
			require.Equal(t, orderID, o.ID)
			require.Equal(t, ticketscloud.OrderDone, o.Status)
		}
		o, err = c.CancelOrder(ctx, ticketscloud.OrderKey{ID: heldID})
		if check(err) {
			require.Equal(t, ticketscloud.OrderCancelled, o.Status)
		}
		o, err = c.ChangeOrder(ctx, ticketscloud.OrderKey{ID: namedID}, ticketscloud.OrderChange{Promocodes: []string{"a"}})
		if check(err) {
			require.Equal(t, namedID, o.ID)
		}
		o, err = c.ChangeOrder(ctx, ticketscloud.OrderKey{ID: orderID}, ticketscloud.OrderChange{Tickets: []ticketscloud.TicketID{ticketA, ticketB}})
		if check(err) {
			require.LessOrEqual(t, 2, len(o.Tickets)+len(o.Missing.Tickets))
		}
		r, err := c.CreateRefund(ctx, ticketscloud.NewRefund{Order: ticketscloud.OrderKey{ID: soldID}, Culprit: ticketscloud.CulpritUser, Tickets: []ticketscloud.TicketID{ticketA}})
		if check(err) {
			require.NotEmpty(t, r.ID)
			require.Equal(t, soldID, r.Order.ID)
		}
		r, err = c.ApproveRefund(ctx, ticketscloud.RefundKey{ID: refundID})
		if check(err) {
			require.Equal(t, ticketscloud.RefundApproved, r.Status)
		}
		r, err = c.RejectRefund(ctx, ticketscloud.RefundKey{ID: refundID})
		if check(err) {
			require.Equal(t, ticketscloud.RefundRejected, r.Status)
		}
		o, err = c.AdjustTickets(ctx, ticketscloud.OrderKey{ID: orderID}, ticketscloud.Adjustment{
			Remove: []ticketscloud.TicketID{ticketA}, Random: []ticketscloud.SetCount{{Set: setID, Count: 1}},
		})
		if check(err) {
			require.Equal(t, orderID, o.ID)
		}
		o, err = c.FindOrder(ctx, ticketscloud.OrderKey{ID: orderID})
		if check(err) {
			require.Equal(t, orderID, o.ID)
		}
		r, err = c.FindRefund(ctx, ticketscloud.RefundKey{ID: refundID})
		if check(err) {
			require.Equal(t, refundID, r.ID)
		}
		orders, err := c.OrdersPage(ctx, ticketscloud.OrderQuery{})
		if check(err) {
			for _, o := range orders.Orders {
				require.NotEmpty(t, o.ID)
			}
		}
		events, err := c.EventsPage(ctx, ticketscloud.EventQuery{})
		if check(err) {
			for _, e := range events {
				require.NotEmpty(t, e.ID)
			}
		}
		seats, err := c.EventTickets(ctx, eventID, ticketscloud.SeatQuery{})
		if check(err) {
			for _, s := range seats {
				require.NotEmpty(t, s.ID)
				require.NotEmpty(t, s.Status)
			}
		}
		for _, read := range []func() error{
			func() error { _, err := rutravel.Collect(c.Events(ctx, ticketscloud.EventQuery{})); return err },
			func() error { _, err := rutravel.Collect(c.Refunds(ctx, ticketscloud.RefundQuery{})); return err },
			func() error {
				_, err := c.LostOrders(ctx, ticketscloud.LostOrder{Order: ticketscloud.NewOrder{Event: eventID}, Sent: sold})
				return err
			},
			func() error { _, err := c.LostRefunds(ctx, ticketscloud.OrderKey{ID: soldID}, sold); return err },
			func() error { _, err := c.RefundsPage(ctx, ticketscloud.RefundQuery{}); return err },
			func() error { _, err := c.CheckPromocode(ctx, eventID, "a"); return err },
			func() error { return c.ExportOrders(ctx, ticketscloud.OrderExport{Email: "a@b.ru"}) },
			func() error {
				return c.SetMosbiletBuyers(ctx, ticketscloud.OrderKey{ID: orderID}, []ticketscloud.MosbiletBuyer{{UserID: "1", FirstName: "a", Surname: "b"}})
			},
		} {
			check(read())
		}
	}
}
