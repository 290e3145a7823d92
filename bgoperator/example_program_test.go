package bgoperator_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/bgoperator/bgoperatortest"
)

func Example() {
	fake := bgoperatortest.New()
	client, err := bgoperator.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		log.Fatal(err)
	}
	tour := bgoperator.Tour{ClientTourID: "order 17", Groups: []bgoperator.Group{{
		Offer: fake.Offers()[0], // in your program: from the price list
		Tourists: []bgoperator.Tourist{{
			FirstName: "IVAN", Surname: "IVANOV", Sex: bgoperator.Male, Citizenship: "100410000050",
			BirthDate:      civil.Date{Year: 1982, Month: time.June, Day: 11},
			PassportSeries: "62", PassportNumber: "12345678",
			PassportExpiry: civil.Date{Year: 2036, Month: time.November, Day: 11},
		}},
	}}}
	ctx := context.Background()
	quote, err := client.Quote(ctx, tour)
	if err != nil {
		log.Fatal(err)
	}
	for _, price := range quote.Prices {
		fmt.Println("costs", price.Full, price.Currency)
	}
	booking, err := client.Book(ctx, tour)
	if err != nil {
		log.Fatal(err) // the tour may be booked: see "Unsafe calls"
	}
	fmt.Println("booked:", booking.ID, "number", booking.Number)
	// Output:
	// costs 1193 USD
	// costs 74563 RUR
	// booked: 104400000842366804 number 214150198
}
