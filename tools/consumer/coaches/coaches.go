// Package coaches sells coach tickets.
package coaches

import (
	"context"
	"errors"
	"net/http"

	"example.com/shop"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/regionbilet"
)

// Order asks for a seat for one adult on the first trip of a day.
type Order struct {
	Trip      regionbilet.TripQuery
	Phone     string
	Passenger regionbilet.Passenger // without seat and price
}

// Sold is a ticket that was paid.
type Sold struct {
	Booking regionbilet.BookingID
	Ticket  regionbilet.TicketNumber
}

// Open returns the department. It reads the account from the environment.
func Open(getenv func(string) string) (http.Handler, error) {
	client, err := regionbilet.New(regionbilet.Config{
		User:      getenv("REGIONBILET_USER"),
		SecretKey: rutravel.Secret(getenv("REGIONBILET_SKEY")),
	})
	return Department(client), err
}

// Department returns a handler that sells through a client.
func Department(client *regionbilet.Client) http.Handler {
	return shop.Sale(func(ctx context.Context, o Order) (Sold, error) { return sell(ctx, client, o) })
}

func sell(ctx context.Context, client *regionbilet.Client, o Order) (Sold, error) {
	trips, err := client.Trips(ctx, o.Trip)
	if err != nil {
		return Sold{}, err
	}
	if len(trips) == 0 {
		return Sold{}, errors.New("no trips that day")
	}
	trip := trips[0]
	free, err := client.FreeSeats(ctx, trip.Key())
	if err != nil {
		return Sold{}, err
	}
	seats, _, err := regionbilet.ChooseSeats(free, 1)
	if err != nil {
		return Sold{}, err
	}
	o.Passenger.Seat, o.Passenger.Price = seats[0], trip.Adult.Price
	hold, err := client.Book(ctx, regionbilet.BookRequest{
		Trip: trip.Key(), Phone: o.Phone, Passengers: []regionbilet.Passenger{o.Passenger},
	})
	if err != nil {
		return Sold{}, err
	}
	tickets, err := client.Pay(ctx, hold)
	if errors.Is(err, rutravel.ErrNotConfirmed) {
		states, lookErr := client.BookingTickets(ctx, hold.Booking)
		if lookErr == nil && len(states) == 1 && states[0].Status == regionbilet.TicketPaid {
			return Sold{hold.Booking, states[0].Number}, nil
		}
	}
	if err != nil {
		return Sold{}, err
	}
	return Sold{hold.Booking, tickets[0].Number}, nil
}
