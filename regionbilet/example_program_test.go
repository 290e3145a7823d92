package regionbilet_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

func Example() {
	fake := regionbilettest.New()
	client, err := regionbilet.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	trips, err := client.Trips(ctx, regionbilet.TripQuery{From: "124", To: "463", Date: regionbilet.Today().AddDays(2)})
	if err != nil || len(trips) == 0 {
		log.Fatal("no trips: ", err)
	}
	hold, err := client.Book(ctx, regionbilet.BookRequest{
		Trip: trips[0].Key(), Phone: "9187557788",
		Passengers: []regionbilet.Passenger{{
			Surname: "ИВАНОВ", FirstName: "ИВАН", Sex: regionbilet.Male, Category: regionbilet.Adult,
			BirthDate:   civil.Date{Year: 1977, Month: time.January, Day: 1},
			Nationality: "643", DocumentType: "1", Document: "0701 755756",
			Seat: "10", Price: trips[0].Adult.Price, // Client.FreeSeats lists the free seats
		}},
	})
	if err != nil {
		log.Fatal(err)
	}
	tickets, err := client.Pay(ctx, hold)
	if err != nil {
		log.Fatal(err) // the booking may be paid: see "Unsafe calls"
	}
	fmt.Println("paid: seat", tickets[0].Seat)
	// Output: paid: seat 10
}
