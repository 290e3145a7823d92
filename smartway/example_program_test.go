package smartway_test

import (
	"context"
	"fmt"
	"log"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/smartway"
	"github.com/rutravel/rutravel-go/smartway/smartwaytest"
)

func Example() {
	fake := smartwaytest.New()
	client, err := smartway.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	offers, err := client.Airlines.Search(ctx, smartway.FlightQuery{
		Class: smartway.CabinEconomy, Baggage: smartway.AnyBaggage, Travellers: 1,
		Routes: []smartway.RouteQuery{{From: "LED", To: "MOW", Date: smartway.Today().AddDays(30)}},
	})
	if err != nil {
		log.Fatal(err)
	}
	flight := offers.Variants[0]
	id, err := client.Airlines.Buy(ctx, smartway.PurchaseRequest{
		Search: offers.Search, Variant: flight.ID, Fare: flight.Fares[0].ID,
		Passengers: []smartway.Passenger{{
			ID: "8754", Surname: "Илларионов", FirstName: "Петр", SurnameEng: "Illarionov", FirstNameEng: "Piotr",
			Phone: "+79990000000", Email: "illarionov@piotr.com", Citizenship: "RU", Sex: smartway.Male,
			BirthDate: civil.Date{Year: 1981, Month: 1, Day: 1},
			Passports: []smartway.TravelDocument{{Type: smartway.DomesticPassport, Number: "5608999999", Selected: true}},
			INN:       "7799555550", // the company that is billed
		}},
	})
	if err != nil {
		log.Fatal(err) // the tickets may be bought: see "Unsafe calls"
	}
	fake.Advance(smartwaytest.PurchaseTime)
	trip, err := client.Airlines.Wait(ctx, id)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("bought: trip", trip, "for", flight.Price, "roubles")
	// Output: bought: trip 189700 for 5373 roubles
}
