// Package seats sells seats at events from the gRPC catalogue.
package seats

import (
	"context"
	"errors"
	"net/http"

	"example.com/shop"
	"example.com/shop/events"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
)

// Order asks for tickets with seats.
type Order struct {
	Event ticketscloud.EventID
	Set   ticketscloud.SetID
	Count int
}

// Open returns the department. It reads the account from the environment.
func Open(getenv func(string) string) (http.Handler, error) {
	key := rutravel.Secret(getenv("TICKETSCLOUD_KEY"))
	catalogue, err := tcsimple.New(tcsimple.Config{Key: key, BaseURL: tcsimple.Production})
	if err != nil {
		return nil, err
	}
	client, err := ticketscloud.New(ticketscloud.Config{Key: key, BaseURL: ticketscloud.Production})
	return Department(catalogue, client), err
}

// Department returns a handler that sells seats of the catalogue through a client.
func Department(catalogue *tcsimple.Client, client *ticketscloud.Client) http.Handler {
	return shop.Sale(func(ctx context.Context, o Order) (events.Sold, error) {
		tickets, err := choose(ctx, catalogue, o)
		if err != nil {
			return events.Sold{}, err
		}
		return events.Buy(ctx, client, ticketscloud.NewOrder{Event: o.Event, Tickets: tickets})
	})
}

// choose takes the first vacant seats.
func choose(ctx context.Context, catalogue *tcsimple.Client, o Order) ([]ticketscloud.TicketID, error) {
	var tickets []ticketscloud.TicketID
	query := tcsimple.SeatQuery{Sets: []ticketscloud.SetID{o.Set}, Status: ticketscloud.TicketVacant}
	for seat, err := range catalogue.Seats(ctx, o.Event, query) {
		if err != nil {
			return nil, err
		}
		if tickets = append(tickets, seat.Ticket); len(tickets) == o.Count {
			return tickets, nil
		}
	}
	return nil, errors.New("not enough seats")
}
