package multitourtest_test

import (
	"context"
	"errors"
	"fmt"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/multitour"
	"github.com/rutravel/rutravel-go/multitour/multitourtest"
)

// A booking is made and its answer is lost.
func Example() {
	fake := multitourtest.New()
	client, err := multitour.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	offers, err := client.Offers(ctx, multitour.OfferQuery{Hotel: "6596", Stay: multitour.Stay{
		Dates: []civil.Date{multitour.Today().AddDays(30)}, Nights: []int{7}, Adults: 1,
	}})
	if err != nil {
		panic(err)
	}
	request := multitour.BookRequest{Offer: offers[0].ID, BookingDate: multitour.Today(), Tourists: []multitour.Tourist{{
		Sex: multitour.Male, Surname: "Иванов", FirstName: "Петр", BirthDate: civil.Date{Year: 1976, Month: 3, Day: 15},
	}}}

	fake.Inject(multitourtest.Fault{Op: "booking_set", Drop: true, Processed: true})
	_, err = client.Book(ctx, request)
	fmt.Println("not confirmed:", errors.Is(err, rutravel.ErrNotConfirmed))
	candidates, err := client.LostBookings(ctx, multitour.OfferBooking{Request: request, CheckIn: offers[0].CheckIn, Price: offers[0].Price})
	if err != nil {
		panic(err)
	}
	for _, b := range candidates {
		fmt.Println("it may be", b.TourName, "of", b.MainTourist)
	}
	// Output:
	// not confirmed: true
	// it may be Антарес of Иванов Петр
}
