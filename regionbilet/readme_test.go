package regionbilet_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

// settle reports whether a hold was paid, also when the answer was lost.
func settle(ctx context.Context, client *regionbilet.Client, id regionbilet.BookingID) (bool, error) {
	_, err := client.Pay(ctx, id)
	if !errors.Is(err, rutravel.ErrNotConfirmed) {
		return err == nil, err
	}
	tickets, err := client.BookingTickets(context.WithoutCancel(ctx), id)
	return err == nil && len(tickets) > 0 && tickets[0].Status == regionbilet.TicketPaid, err
}

func TestLostPayment(t *testing.T) {
	t.Parallel()
	fake := regionbilettest.New() // sells 124 → 463 every day
	client, err := regionbilet.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		t.Fatal(err)
	}
	trips, err := client.Trips(t.Context(), regionbilet.TripQuery{From: "124", To: "463", Date: civil.DateOf(time.Now()).AddDays(2)})
	if err != nil || len(trips) == 0 {
		t.Fatal(trips, err)
	}
	hold, err := client.Book(t.Context(), regionbilet.BookRequest{
		Trip: trips[0].Key(), Phone: "9187557788",
		Passengers: []regionbilet.Passenger{{
			Surname: "ИВАНОВ", FirstName: "ИВАН", Sex: regionbilet.Male, Category: regionbilet.Adult,
			BirthDate:   civil.Date{Year: 1977, Month: time.January, Day: 1},
			Nationality: "643", DocumentType: "1", Document: "0701 755756", Seat: "1", Price: trips[0].Adult.Price,
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	fake.Inject(regionbilettest.Fault{Op: "pay", Drop: true, Processed: true}) // paid, and nobody hears of it
	if paid, err := settle(t.Context(), client, hold.Booking); !paid || err != nil {
		t.Fatal(paid, err)
	}
}
