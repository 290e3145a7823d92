package regionbilettest_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

// The payment succeeds, but its answer is lost.
func Example() {
	fake := regionbilettest.New()
	client, err := regionbilet.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	trips, err := client.Trips(ctx, regionbilet.TripQuery{From: "124", To: "463", Date: civil.DateOf(time.Now()).AddDays(2)})
	if err != nil {
		panic(err)
	}
	hold, err := client.Book(ctx, regionbilet.BookRequest{
		Trip: trips[0].Key(), Phone: "9187557788", Passengers: []regionbilet.Passenger{{
			Surname: "ИВАНОВ", FirstName: "ИВАН", Sex: regionbilet.Male, Category: regionbilet.Adult,
			BirthDate: civil.Date{Year: 1977, Month: time.January, Day: 1}, Nationality: "643",
			DocumentType: "1", Document: "0701 755756", Seat: "10", Price: trips[0].Adult.Price,
		}},
	})
	if err != nil {
		panic(err)
	}

	fake.Inject(regionbilettest.Fault{Op: "pay", Drop: true, Processed: true})
	_, err = client.Pay(ctx, hold)
	fmt.Println("not confirmed:", errors.Is(err, rutravel.ErrNotConfirmed))
	tickets, err := client.BookingTickets(ctx, hold.Booking)
	if err != nil {
		panic(err)
	}
	fmt.Println("seat", tickets[0].Seat, "is", tickets[0].Status)
	// Output:
	// not confirmed: true
	// seat 10 is paid
}
