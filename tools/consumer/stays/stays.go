// Package stays sells stays in hotels.
package stays

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"example.com/shop"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/multitour"
)

// Order asks for the cheapest offer of a hotel.
type Order struct {
	Stay     multitour.OfferQuery
	Tourists []multitour.Tourist
}

// Sold is a booking.
type Sold struct {
	Code  multitour.BookingCode
	Price string // RUB
}

// Open makes the department with the account of the environment.
func Open(getenv func(string) string) (http.Handler, error) {
	client, err := multitour.New(multitour.Config{
		Token:   rutravel.Secret(getenv("MULTITOUR_TOKEN")),
		UserKey: multitour.UserKey(getenv("MULTITOUR_US_KEY")),
	})
	return Department(client), err
}

// Department sells through a client.
func Department(client *multitour.Client) http.Handler {
	return shop.Sale(func(ctx context.Context, o Order) (Sold, error) { return sell(ctx, client, o) })
}

func sell(ctx context.Context, client *multitour.Client, o Order) (Sold, error) {
	offers, err := client.Offers(ctx, o.Stay)
	if err != nil {
		return Sold{}, err
	}
	if len(offers) == 0 {
		return Sold{}, errors.New("no offers")
	}
	offer := slices.MinFunc(offers, func(a, b multitour.Offer) int { return a.Price.Cmp(b.Price) })
	wanted := multitour.OfferBooking{
		Request: multitour.BookRequest{Offer: offer.ID, BookingDate: multitour.Today(), Tourists: o.Tourists},
		CheckIn: offer.CheckIn, Price: offer.Price,
	}
	code, err := client.Book(ctx, wanted.Request)
	if errors.Is(err, rutravel.ErrNotConfirmed) {
		// The manual has no key that would tell whether one of them is it.
		candidates, lookErr := client.LostBookings(ctx, wanted)
		for _, b := range candidates {
			err = errors.Join(err, errors.New("it may be "+string(b.Code)))
		}
		return Sold{}, errors.Join(err, lookErr)
	}
	if err != nil {
		return Sold{}, err
	}
	return Sold{code, offer.Price.StringFixed(2)}, nil
}
