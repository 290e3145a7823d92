// Package events sells tickets to events.
package events

import (
	"context"
	"errors"
	"net/http"

	"example.com/shop"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud"
)

// Order asks for tickets without seats.
type Order struct {
	Event ticketscloud.EventID
	Set   ticketscloud.SetID
	Count int
}

// Sold is a paid order.
type Sold struct {
	Order ticketscloud.OrderID
	Price string // RUB
}

// Open returns the department. It reads the account from the environment.
func Open(getenv func(string) string) (http.Handler, error) {
	client, err := ticketscloud.New(ticketscloud.Config{
		Key:     rutravel.Secret(getenv("TICKETSCLOUD_KEY")),
		BaseURL: ticketscloud.Production,
	})
	return Department(client), err
}

// Department returns a handler that sells through a client.
func Department(client *ticketscloud.Client) http.Handler {
	return shop.Sale(func(ctx context.Context, o Order) (Sold, error) {
		return Buy(ctx, client, ticketscloud.NewOrder{
			Event: o.Event, Random: []ticketscloud.SetCount{{Set: o.Set, Count: o.Count}},
		})
	})
}

// Buy orders all requested tickets or none, and pays.
func Buy(ctx context.Context, client *ticketscloud.Client, o ticketscloud.NewOrder) (Sold, error) {
	order, err := client.CreateOrder(ctx, o)
	if err != nil {
		return Sold{}, err
	}
	if order.Missing.Any() {
		_, err = client.CancelOrder(ctx, order.Key())
		return Sold{}, errors.Join(errors.New("not enough tickets"), err)
	}
	key := order.Key()
	order, err = client.PayOrder(ctx, key)
	if errors.Is(err, rutravel.ErrNotConfirmed) {
		found, lookErr := client.FindOrder(ctx, key)
		if lookErr == nil && found.Status == ticketscloud.OrderDone {
			order, err = found, nil
		}
	}
	if err != nil {
		return Sold{}, err
	}
	return Sold{order.ID, order.Totals.Full.StringFixed(2)}, nil
}
