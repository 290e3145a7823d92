package smartwaytest_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/smartway"
	"github.com/rutravel/rutravel-go/smartway/smartwaytest"
)

// The fake carries out a purchase and its answer is lost. The trip can be looked up.
func Example() {
	fake := smartwaytest.New()
	client, err := smartway.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	before := civil.DateOf(time.Now().UTC())
	offers, err := client.Airlines.Search(ctx, smartway.FlightQuery{
		Class: smartway.CabinEconomy, Baggage: smartway.AnyBaggage, Travellers: 1,
		Routes: []smartway.RouteQuery{{From: "LED", To: "MOW", Date: before.AddDays(30)}},
	})
	if err != nil {
		panic(err)
	}
	flight := offers.Variants[0]
	booking := smartway.PurchaseRequest{
		Search: offers.Search, Variant: flight.ID, Fare: flight.Fares[0].ID, Passengers: []smartway.Passenger{{
			ID: "8754", Surname: "Илларионов", FirstName: "Петр", SurnameEng: "Illarionov", FirstNameEng: "Piotr",
			Phone: "+79990000000", Email: "illarionov@piotr.com", Citizenship: "RU",
			BirthDate: civil.Date{Year: 1981, Month: time.January, Day: 1}, Sex: smartway.Male,
			Passports: []smartway.TravelDocument{{Type: smartway.DomesticPassport, Number: "5608999999", Selected: true}},
			INN:       "7799555550",
		}},
	}

	fake.Inject(smartwaytest.Fault{Op: "airline.book", Drop: true, Processed: true})
	_, err = client.Airlines.Buy(ctx, booking)
	fmt.Println("not confirmed:", errors.Is(err, rutravel.ErrNotConfirmed))
	fake.Advance(smartwaytest.PurchaseTime) // the trip is listed after this time
	trips, err := client.Trips.Lost(ctx, smartway.LostQuery{Passengers: booking.Passengers, Day: before})
	if err != nil {
		panic(err)
	}
	for _, trip := range trips {
		fmt.Println("it may be", trip.ID, trip.Name, trip.Amount.StringFixed(2))
	}
	// Output:
	// not confirmed: true
	// it may be 189700 Москва 5373.00
}
