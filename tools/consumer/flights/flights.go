// Package flights sells flights to a company's employees.
package flights

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"example.com/shop"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/smartway"
)

// Order asks for the cheapest flight on a route.
type Order struct {
	Route     smartway.RouteQuery
	Passenger smartway.Passenger
}

// Sold is a trip that was bought.
type Sold struct {
	Trip  smartway.TripID
	Price string // RUB
}

// Open returns the department. It reads the account from the environment.
func Open(getenv func(string) string) (http.Handler, error) {
	client, err := smartway.New(smartway.Config{
		Username: rutravel.Secret(getenv("SMARTWAY_USERNAME")),
		Password: rutravel.Secret(getenv("SMARTWAY_PASSWORD")),
		BaseURL:  smartway.Production,
	})
	return Department(client), err
}

// Department returns a handler that sells through a client.
func Department(client *smartway.Client) http.Handler {
	return shop.Sale(func(ctx context.Context, o Order) (Sold, error) { return sell(ctx, client, o) })
}

func sell(ctx context.Context, client *smartway.Client, o Order) (Sold, error) {
	offers, err := client.Airlines.Search(ctx, smartway.FlightQuery{
		Class: smartway.CabinEconomy, Baggage: smartway.AnyBaggage, Travellers: 1, Routes: []smartway.RouteQuery{o.Route},
	})
	if err != nil {
		return Sold{}, err
	}
	if len(offers.Variants) == 0 {
		return Sold{}, errors.New("no flights")
	}
	best := slices.MinFunc(offers.Variants, func(a, b smartway.Variant) int { return a.Price.Cmp(b.Price) })
	booking := smartway.PurchaseRequest{
		Search: offers.Search, Variant: best.ID, Passengers: []smartway.Passenger{o.Passenger},
	}
	if i := slices.IndexFunc(best.Fares, func(f smartway.Fare) bool { return f.Default }); i >= 0 {
		booking.Fare = best.Fares[i].ID
	}
	id, err := client.Airlines.Buy(ctx, booking)
	if err != nil {
		return Sold{}, err
	}
	trip, err := client.Airlines.Wait(ctx, id)
	if err != nil {
		return Sold{}, err
	}
	info, err := client.Trips.Info(ctx, trip)
	if err != nil {
		return Sold{}, err
	}
	return Sold{trip, info.Amount.StringFixed(2)}, nil
}
