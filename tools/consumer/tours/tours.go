// Package tours sells tours of Biblio-Globus.
package tours

import (
	"context"
	"net/http"

	"example.com/shop"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
)

// Sold is a booking and its price in each quoted currency.
type Sold struct {
	Booking bgoperator.BookingID
	Prices  map[bgoperator.Currency]string
}

// Open returns the department. It reads the account from the environment.
func Open(getenv func(string) string) (http.Handler, error) {
	client, err := bgoperator.New(bgoperator.Config{
		Login:    getenv("BGOPERATOR_LOGIN"),
		Password: rutravel.Secret(getenv("BGOPERATOR_PASSWORD")),
	})
	return Department(client), err
}

// Department returns a handler that sells through a client.
func Department(client *bgoperator.Client) http.Handler {
	return shop.Sale(func(ctx context.Context, tour bgoperator.Tour) (Sold, error) { return sell(ctx, client, tour) })
}

func sell(ctx context.Context, client *bgoperator.Client, tour bgoperator.Tour) (Sold, error) {
	quote, err := client.Quote(ctx, tour)
	if err != nil {
		return Sold{}, err
	}
	booking, err := client.Book(ctx, tour)
	if err != nil {
		return Sold{}, err
	}
	sold := Sold{booking.ID, map[bgoperator.Currency]string{}}
	for _, price := range quote.Prices {
		sold.Prices[price.Currency] = price.Full.StringFixed(2)
	}
	return sold, nil
}
