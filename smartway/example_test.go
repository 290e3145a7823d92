package smartway_test

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

// exampleTraveller is who flies in the examples.
func exampleTraveller() smartway.Passenger {
	return smartway.Passenger{
		ID: "8754", Phone: "+79990000000", Surname: "Илларионов", FirstName: "Петр", MiddleName: "Сергеевич",
		SurnameEng: "Illarionov", FirstNameEng: "Piotr", MiddleNameEng: "Sergeevich", Email: "illarionov@piotr.com",
		Citizenship: "RU", BirthDate: civil.Date{Year: 1981, Month: time.January, Day: 1}, Sex: smartway.Male,
		Passports: []smartway.TravelDocument{{Type: smartway.DomesticPassport, Number: "5608999999", Selected: true}},
		INN:       "7799555550", // who pays
	}
}

// cheapest searches a flight and makes a booking of the cheapest variant with its
// base fare.
func cheapest(ctx context.Context, client *smartway.Client) (smartway.PurchaseRequest, error) {
	offers, err := client.Airlines.Search(ctx, smartway.FlightQuery{
		Class: smartway.CabinEconomy, Baggage: smartway.AnyBaggage, Travellers: 1,
		Routes: []smartway.RouteQuery{{From: "LED", To: "MOW", Date: civil.DateOf(time.Now()).AddDays(30)}},
	})
	if err != nil || len(offers.Variants) == 0 {
		return smartway.PurchaseRequest{}, errors.Join(err, errors.New("no flights"))
	}
	best := offers.Variants[0]
	for _, v := range offers.Variants {
		if v.Price.LessThan(best.Price) {
			best = v
		}
	}
	booking := smartway.PurchaseRequest{Search: offers.Search, Variant: best.ID, Passengers: []smartway.Passenger{exampleTraveller()}}
	for _, f := range best.Fares {
		if f.Default {
			booking.Fare = f.ID
		}
	}
	return booking, nil
}

// The main way: search, buy, wait, fetch the voucher.
func Example() {
	fake := smartwaytest.New()
	client, err := smartway.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	booking, err := cheapest(ctx, client)
	if err != nil {
		fmt.Println(err)
		return
	}
	id, err := client.Airlines.Buy(ctx, booking)
	if err != nil {
		fmt.Println(err) // see the example of a lost answer
		return
	}
	// Store the id now: Wait needs only this, also after a crash.
	fake.Advance(smartwaytest.PurchaseTime)
	bought, err := client.Airlines.Wait(ctx, id)
	if err != nil {
		fmt.Println(err)
		return
	}
	trip, err := client.Trips.Info(ctx, bought)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(trip.Name, trip.Status, trip.Amount.StringFixed(2))
	pdf, err := client.Trips.ItemVoucher(ctx, trip.Items[0].ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n", pdf[:8])
	// Output:
	// Москва Booked 4890.50
	// %PDF-1.4
}

// A purchase whose answer was lost is looked for by what was stored before it.
func ExampleAirlines_Buy_lostAnswer() {
	fake := smartwaytest.New()
	client, err := smartway.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	booking, err := cheapest(ctx, client)
	if err != nil {
		fmt.Println(err)
		return
	}
	// Store the booking and the day before the call: a crash must not lose them.
	today := civil.DateOf(time.Now().UTC())

	fake.Inject(smartwaytest.Fault{Op: "airline.book", Drop: true, Processed: true})
	detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Minute)
	defer cancel()
	id, err := client.Airlines.Buy(detached, booking)
	if errors.Is(err, rutravel.ErrNotConfirmed) && id == "" {
		fmt.Println("not confirmed")
		fake.Advance(time.Minute) // as long as it takes: a trip that is not listed yet proves nothing
		found, err := client.Trips.Lost(ctx, smartway.LostQuery{Passengers: booking.Passengers, Day: today})
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, trip := range found {
			fmt.Println("this may be it:", trip.Name, trip.Amount.StringFixed(2))
		}
	}
	// Output:
	// not confirmed
	// this may be it: Москва 4890.50
}

// All trips, and later the new ones.
func ExampleTrips_AfterChange() {
	fake := smartwaytest.New()
	client, err := smartway.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	booking, err := cheapest(ctx, client)
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err = client.Airlines.Buy(ctx, booking); err != nil {
		fmt.Println(err)
		return
	}
	fake.Advance(smartwaytest.PurchaseTime)

	var stored smartway.Cursor // 0: from the first
	for range 2 {
		history := client.Trips.AfterChange(ctx, stored)
		for trip, err := range history.All() {
			if row, ok := errors.AsType[*rutravel.RowError](err); ok {
				fmt.Println(row) // trip has what could be read
				continue
			}
			if err != nil {
				fmt.Println(err)
				return
			}
			for _, item := range trip.Items {
				for _, v := range item.Versions {
					fmt.Println(trip.ID, v.ID, v.Status, v.Transactions[0].Amount.StringFixed(2))
				}
			}
		}
		if cursor, ok := history.Cursor(); ok { // all was read, and dealt with
			stored = cursor
		}
	}
	fmt.Println("next time after", stored)
	// Output:
	// 189700 263401 Created 4890.50
	// next time after 263401
}

// What failed calls say.
func Example_errors() {
	fake := smartwaytest.New()
	config := fake.Config()
	config.Password = "wrong"
	client, err := smartway.New(config, rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	err = client.Ping(ctx)
	fmt.Println(err)
	fmt.Println(errors.Is(err, rutravel.ErrAuth))

	err = client.TravelPolicies.Apply(ctx, smartway.PolicyAssignment{Employee: "the boss"})
	if bad, ok := errors.AsType[*rutravel.FieldError](err); ok {
		fmt.Println("nothing was sent:", bad)
	}
	// Output:
	// smartway: ping: authentication failed: code "401": "Error: Unauthorized" (HTTP 401)
	// true
	// nothing was sent: Employee must be a whole number
}
