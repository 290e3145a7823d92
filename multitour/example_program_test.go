package multitour_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/multitour"
	"github.com/rutravel/rutravel-go/multitour/multitourtest"
)

func Example() {
	fake := multitourtest.New()
	client, err := multitour.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	offers, err := client.Offers(ctx, multitour.OfferQuery{Hotel: "9044", Stay: multitour.Stay{
		Dates: []civil.Date{multitour.Today().AddDays(30)}, Nights: []int{7}, Adults: 1,
	}})
	if err != nil || len(offers) == 0 {
		log.Fatal("no offers: ", err)
	}
	code, err := client.Book(ctx, multitour.BookRequest{
		Offer: offers[0].ID, BookingDate: multitour.Today(),
		Tourists: []multitour.Tourist{{
			Sex: multitour.Male, Surname: "Иванов", FirstName: "Петр",
			BirthDate: civil.Date{Year: 1976, Month: time.March, Day: 15},
		}},
	})
	if err != nil {
		log.Fatal(err) // the booking may exist: see "Unsafe calls"
	}
	booking, err := client.BookingInfo(ctx, code)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("booked for", booking.Price.Decimal.StringFixed(2), "roubles")
	// Output: booked for 20233.50 roubles
}
