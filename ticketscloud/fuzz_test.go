package ticketscloud_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/ticketscloud"
)

// Fuzz reads any answer of every operation, any time, VEVENT and seats.
func Fuzz(f *testing.F) {
	answer := new(conformance.FuzzedAnswer)
	c, err := ticketscloud.New(ticketscloud.Config{Key: "test-key", BaseURL: ticketscloud.Stage},
		rutravel.WithHTTPClient(&http.Client{Transport: answer}), rutravel.WithMaxAttempts(1))
	require.NoError(f, err)
	conformance.Fuzz(f, append(ticketscloud.FuzzedValues(f), answer.Calls(conformance.Fuzzed{
		Seeds:          conformance.Seeds(f, "../testdata/ticketscloud/*.json", "../testdata/ticketscloud/awkward/*.json"),
		Numbers:        []int{http.StatusOK, http.StatusBadRequest},
		RotatedNumbers: conformance.Failures,
	}, append(fuzzedOrderCalls(c), fuzzedCalls(c)...)...)...)...)
}

// succeeded is conformance.Succeeded of a valid call.
func succeeded(t *testing.T, status int, err error) bool {
	t.Helper()
	if errors.Is(err, rutravel.ErrInvalid) {
		require.NotErrorIs(t, err, rutravel.ErrInvalid)
	}
	return conformance.Succeeded(t, status, err)
}

// fuzzedOrderCalls make the calls of orders, whose outcome is a value or a
// *rutravel.Error. One that moves money or places succeeds only with its payload.
func fuzzedOrderCalls(c *ticketscloud.Client) []func(t *testing.T, status int) {
	return []func(t *testing.T, status int){
		func(t *testing.T, status int) {
			o, err := c.CreateOrder(t.Context(), ticketscloud.NewOrder{Event: eventID})
			if succeeded(t, status, err) {
				require.NotEmpty(t, o.ID)
				require.NotEmpty(t, o.Status)
			}
			for _, k := range o.Tickets {
				require.False(t, err == nil && k.ID == "")
			}
		},
		func(t *testing.T, status int) {
			o, err := c.PayOrder(t.Context(), ticketscloud.OrderKey{ID: orderID})
			if succeeded(t, status, err) {
				require.Equal(t, orderID, o.ID)
				require.Equal(t, ticketscloud.OrderDone, o.Status)
			}
		},
		func(t *testing.T, status int) {
			o, err := c.CancelOrder(t.Context(), ticketscloud.OrderKey{ID: heldID})
			if succeeded(t, status, err) {
				require.Equal(t, ticketscloud.OrderCancelled, o.Status)
			}
		},
		func(t *testing.T, status int) {
			o, err := c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: namedID}, ticketscloud.OrderChange{Promocodes: []string{"a"}})
			if succeeded(t, status, err) {
				require.Equal(t, namedID, o.ID)
			}
		},
		func(t *testing.T, status int) {
			o, err := c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: orderID}, ticketscloud.OrderChange{Tickets: []ticketscloud.TicketID{ticketA, ticketB}})
			if succeeded(t, status, err) {
				require.LessOrEqual(t, 2, len(o.Tickets)+len(o.Missing.Tickets))
			}
		},
		func(t *testing.T, status int) {
			o, err := c.AdjustTickets(t.Context(), ticketscloud.OrderKey{ID: orderID}, ticketscloud.Adjustment{
				Remove: []ticketscloud.TicketID{ticketA}, Random: []ticketscloud.SetCount{{Set: setID, Count: 1}},
			})
			if succeeded(t, status, err) {
				require.Equal(t, orderID, o.ID)
			}
		},
		func(t *testing.T, status int) {
			o, err := c.FindOrder(t.Context(), ticketscloud.OrderKey{ID: orderID})
			if succeeded(t, status, err) {
				require.Equal(t, orderID, o.ID)
			}
		},
		func(t *testing.T, status int) {
			orders, err := c.OrdersPage(t.Context(), ticketscloud.OrderQuery{})
			if succeeded(t, status, err) {
				for _, o := range orders.Orders {
					require.NotEmpty(t, o.ID)
				}
			}
		},
	}
}

// fuzzedCalls make the other calls.
func fuzzedCalls(c *ticketscloud.Client) []func(t *testing.T, status int) {
	calls := []func(t *testing.T, status int){
		func(t *testing.T, status int) {
			r, err := c.CreateRefund(t.Context(), ticketscloud.NewRefund{
				Order: ticketscloud.OrderKey{ID: soldID}, Culprit: ticketscloud.CulpritUser, Tickets: []ticketscloud.TicketID{ticketA},
			})
			if succeeded(t, status, err) {
				require.NotEmpty(t, r.ID)
				require.Equal(t, soldID, r.Order.ID)
			}
		},
		func(t *testing.T, status int) {
			r, err := c.ApproveRefund(t.Context(), ticketscloud.RefundKey{ID: refundID})
			if succeeded(t, status, err) {
				require.Equal(t, ticketscloud.RefundApproved, r.Status)
			}
		},
		func(t *testing.T, status int) {
			r, err := c.RejectRefund(t.Context(), ticketscloud.RefundKey{ID: refundID})
			if succeeded(t, status, err) {
				require.Equal(t, ticketscloud.RefundRejected, r.Status)
			}
		},
		func(t *testing.T, status int) {
			r, err := c.FindRefund(t.Context(), ticketscloud.RefundKey{ID: refundID})
			if succeeded(t, status, err) {
				require.Equal(t, refundID, r.ID)
			}
		},
		func(t *testing.T, status int) {
			events, err := c.EventsPage(t.Context(), ticketscloud.EventQuery{})
			if succeeded(t, status, err) {
				for _, e := range events {
					require.NotEmpty(t, e.ID)
				}
			}
		},
		func(t *testing.T, status int) {
			seats, err := c.EventTickets(t.Context(), eventID, ticketscloud.SeatQuery{})
			if succeeded(t, status, err) {
				for _, s := range seats {
					require.NotEmpty(t, s.ID)
					require.NotEmpty(t, s.Status)
				}
			}
		},
	}
	sold := time.Date(2019, time.December, 10, 12, 0, 0, 0, time.UTC)
	for _, read := range []func(context.Context) error{
		func(ctx context.Context) error {
			_, err := rutravel.Collect(c.Events(ctx, ticketscloud.EventQuery{}))
			return err
		},
		func(ctx context.Context) error {
			_, err := rutravel.Collect(c.Refunds(ctx, ticketscloud.RefundQuery{}))
			return err
		},
		func(ctx context.Context) error {
			_, err := c.LostOrders(ctx, ticketscloud.LostOrder{Order: ticketscloud.NewOrder{Event: eventID}, Sent: sold})
			return err
		},
		func(ctx context.Context) error {
			_, err := c.LostRefunds(ctx, ticketscloud.OrderKey{ID: soldID}, sold)
			return err
		},
		func(ctx context.Context) error { _, err := c.RefundsPage(ctx, ticketscloud.RefundQuery{}); return err },
		func(ctx context.Context) error { _, err := c.CheckPromocode(ctx, eventID, "a"); return err },
		func(ctx context.Context) error { return c.ExportOrders(ctx, ticketscloud.OrderExport{Email: "a@b.ru"}) },
		func(ctx context.Context) error {
			return c.SetMosbiletBuyers(ctx, ticketscloud.OrderKey{ID: orderID}, []ticketscloud.MosbiletBuyer{{UserID: "1", FirstName: "a", Surname: "b"}})
		},
	} {
		calls = append(calls, func(t *testing.T, status int) { succeeded(t, status, read(t.Context())) })
	}
	return calls
}
