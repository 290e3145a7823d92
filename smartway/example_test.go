package smartway_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/journal"
	"github.com/rutravel/rutravel-go/smartway"
	"github.com/rutravel/rutravel-go/smartway/smartwaytest"
)

// examplePassenger returns the passenger of the examples.
func examplePassenger() smartway.Passenger {
	return smartway.Passenger{
		ID: "8754", Phone: "+79990000000", Surname: "Илларионов", FirstName: "Петр", MiddleName: "Сергеевич",
		SurnameEng: "Illarionov", FirstNameEng: "Piotr", MiddleNameEng: "Sergeevich", Email: "illarionov@piotr.com",
		Citizenship: "RU", BirthDate: civil.Date{Year: 1981, Month: time.January, Day: 1}, Sex: smartway.Male,
		Passports: []smartway.TravelDocument{{Type: smartway.DomesticPassport, Number: "5608999999", Selected: true}},
		INN:       "7799555550", // the company that is billed
	}
}

// cheapest searches flights and returns the purchase of the cheapest variant with its
// base fare.
func cheapest(ctx context.Context, client *smartway.Client) (smartway.PurchaseRequest, error) {
	offers, err := client.Airlines.Search(ctx, smartway.FlightQuery{
		Class: smartway.CabinEconomy, Baggage: smartway.AnyBaggage, Travellers: 1,
		Routes: []smartway.RouteQuery{{From: "LED", To: "MOW", Date: smartway.Today().AddDays(30)}},
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
	request := smartway.PurchaseRequest{Search: offers.Search, Variant: best.ID, Passengers: []smartway.Passenger{examplePassenger()}}
	for _, f := range best.Fares {
		if f.Default {
			request.Fare = f.ID
		}
	}
	return request, nil
}

// Search returns variants. Each has its routes and fares.
func ExampleAirlines_Search() {
	fake := smartwaytest.New()
	client, err := smartway.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	offers, err := client.Airlines.Search(context.Background(), smartway.FlightQuery{
		Class: smartway.CabinEconomy, Baggage: smartway.AnyBaggage, Travellers: 1,
		Routes: []smartway.RouteQuery{{From: "LED", To: "MOW", Date: smartway.Today().AddDays(30)}},
	})
	if err != nil {
		panic(err)
	}
	for _, v := range offers.Variants {
		first := v.Routes[0].Segments[0]
		fmt.Println(first.Departure.Time, first.Airline.Name, len(v.Routes[0].Segments)-1, "changes")
		for _, f := range v.Fares {
			fmt.Println(" ", f.Name, f.Price.StringFixed(2), "refund:", f.Refund)
		}
	}
	// Output:
	// 19:40:00 S7 0 changes
	//   Эконом 5373.00 refund: NotOffered
	// 07:00:00 S7 1 changes
	//   Эконом базовый 4890.50 refund: NotOffered
	//   Эконом плюс 6120.00 refund: Charge
}

// Buy returns before the tickets are bought. Wait returns the trip.
func ExampleAirlines_Wait() {
	fake := smartwaytest.New()
	client, err := smartway.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	request, err := cheapest(ctx, client)
	if err != nil {
		panic(err)
	}
	id, err := client.Airlines.Buy(ctx, request)
	if err != nil {
		panic(err)
	}
	// Store the id now: Wait needs nothing else, also after a crash.
	fake.Advance(smartwaytest.PurchaseTime)
	bought, err := client.Airlines.Wait(ctx, id)
	if _, failed := errors.AsType[*smartway.PurchaseFailedError](err); failed {
		fmt.Println("nothing was bought:", err)
		return
	}
	if err != nil {
		panic(err) // the purchase may still succeed: wait again
	}
	trip, err := client.Trips.Info(ctx, bought)
	if err != nil {
		panic(err)
	}
	fmt.Println(trip.Name, trip.Status, trip.Amount.StringFixed(2))
	// Output: Москва Booked 4890.50
}

// Result returns how far a purchase is, without waiting.
func ExampleAirlines_Result() {
	fake := smartwaytest.New()
	client, err := smartway.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	request, err := cheapest(ctx, client)
	if err != nil {
		panic(err)
	}
	id, err := client.Airlines.Buy(ctx, request)
	if err != nil {
		panic(err)
	}
	fake.Advance(smartwaytest.PurchaseTime)
	result, err := client.Airlines.Result(ctx, id)
	if err != nil {
		panic(err)
	}
	fmt.Println(result.Status, result.Trip)
	// Output: done 189700
}

// The answer to a purchase is lost. Lost lists the trips that may have been bought.
func ExampleAirlines_Buy() {
	fake := smartwaytest.New()
	client, err := smartway.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	request, err := cheapest(ctx, client)
	if err != nil {
		panic(err)
	}
	// Store the request and the day before the call, so that a crash does not lose them.
	today := smartway.Today()

	fake.Inject(smartwaytest.Fault{Op: "airline.book", Drop: true, Processed: true})
	detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Minute)
	defer cancel()
	id, err := client.Airlines.Buy(detached, request)
	if errors.Is(err, rutravel.ErrNotConfirmed) && id == "" {
		fmt.Println("not confirmed")
		fake.Advance(time.Minute) // a trip may be listed later than it is bought
		candidates, err := client.Trips.Lost(ctx, smartway.LostQuery{Passengers: request.Passengers, Day: today})
		if err != nil {
			panic(err)
		}
		for _, trip := range candidates {
			fmt.Println("it may be", trip.Name, trip.Amount.StringFixed(2))
		}
	}
	// Output:
	// not confirmed
	// it may be Москва 4890.50
}

// A journal stores the purchase before it is sent. The answer is lost, and a look-up
// finds the trip.
func ExampleAirlines_BuyOperation() {
	fake := smartwaytest.New()
	client, err := smartway.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	j := journal.New(journal.NewMemory())
	buy := journal.Add(j, client.Airlines.BuyOperation())

	ctx := context.Background()
	request, err := cheapest(ctx, client)
	if err != nil {
		panic(err)
	}
	fake.Inject(smartwaytest.Fault{Op: "airline.book", Drop: true, Processed: true})
	_, err = buy.Do(ctx, "order 17", request)
	if open, ok := errors.AsType[*journal.Error](err); ok {
		fmt.Println(open.Outcome)
	}
	fake.Advance(smartwaytest.PurchaseTime)
	if _, err = j.Resolve(ctx, "order 17"); err != nil { // in a backend: Journal.ResolveDue, from a timer
		panic(err)
	}
	bought, err := buy.Do(ctx, "order 17", request) // sends nothing: returns the stored result
	if err != nil {
		panic(err)
	}
	fmt.Println("trip", bought.Trip)
	// Output:
	// open
	// trip 189700
}

// Lost takes a cursor that was stored before the call, or its day.
func ExampleTrips_Lost() {
	fake := smartwaytest.New()
	client, err := smartway.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	request, err := cheapest(ctx, client)
	if err != nil {
		panic(err)
	}
	var cursor smartway.Cursor // from History.Cursor; 0 is before the first trip
	fake.Inject(smartwaytest.Fault{Op: "airline.book", Status: 504, Processed: true})
	if _, err = client.Airlines.Buy(ctx, request); !errors.Is(err, rutravel.ErrNotConfirmed) {
		panic(err)
	}
	fake.Advance(smartwaytest.PurchaseTime)
	candidates, err := client.Trips.Lost(ctx, smartway.LostQuery{Passengers: request.Passengers, After: &cursor})
	if err != nil {
		panic(err)
	}
	for _, trip := range candidates {
		fmt.Println(trip.ID, trip.Items[0].Travellers[0].Surname, trip.Amount.StringFixed(2))
	}
	// Output: 189700 Илларионов 4890.50
}

// ItemVoucher returns a PDF.
func ExampleTrips_ItemVoucher() {
	fake := smartwaytest.New()
	client, err := smartway.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	bought := fake.AddTrip(smartwaytest.Trip{
		Name: "Москва", Travellers: []smartway.TripTraveller{{Surname: "Волина", FirstName: "Ирина"}},
	})
	ctx := context.Background()
	trip, err := client.Trips.Info(ctx, bought)
	if err != nil {
		panic(err)
	}
	pdf, err := client.Trips.ItemVoucher(ctx, trip.Items[0].ID)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s\n", pdf[:8])
	// Output: %PDF-1.4
}

// The first call returns all trips, the next one only new and changed trips.
func ExampleTrips_AfterChange() {
	fake := smartwaytest.New()
	client, err := smartway.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	request, err := cheapest(ctx, client)
	if err != nil {
		panic(err)
	}
	if _, err = client.Airlines.Buy(ctx, request); err != nil {
		panic(err)
	}
	fake.Advance(smartwaytest.PurchaseTime)

	var stored smartway.Cursor // 0 is before the first trip
	for range 2 {
		history := client.Trips.AfterChange(ctx, stored)
		for trip, err := range history.All() {
			if row, ok := errors.AsType[*rutravel.RowError](err); ok {
				fmt.Println(row) // trip has the values that could be read
				continue
			}
			if err != nil {
				panic(err)
			}
			for _, item := range trip.Items {
				for _, v := range item.Versions {
					fmt.Println(trip.ID, v.ID, v.Status, v.Transactions[0].Amount.StringFixed(2))
				}
			}
		}
		if cursor, ok := history.Cursor(); ok { // all trips were read and processed
			stored = cursor
		}
	}
	fmt.Println("next time after", stored)
	// Output:
	// 189700 263401 Created 4890.50
	// next time after 263401
}

// An employee with an id of the caller's system can be saved again without harm.
func ExampleEmployees_Save() {
	fake := smartwaytest.New()
	client, err := smartway.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	results, err := client.Employees.Save(context.Background(), []smartway.EmployeeChange{exampleEmployee("8754")})
	if refused, ok := errors.AsType[smartway.UnsavedError](err); ok {
		fmt.Println("the others were saved:", refused)
		return
	}
	if err != nil {
		panic(err)
	}
	fmt.Println(results[0].ID, results[0].Saved)
	// Output: 8754 true
}

// exampleEmployee returns a new employee. The id may be empty.
func exampleEmployee(id smartway.ExternalID) smartway.EmployeeChange {
	return smartway.EmployeeChange{
		ID: id, Surname: "Волина", FirstName: "Ирина", Sex: smartway.Female,
		BirthDate:   civil.Date{Year: 1990, Month: time.May, Day: 17},
		Citizenship: "RU", Phone: "+79990000001", Email: "volina@example.com", INNs: []smartway.INN{"7799555550"},
	}
}

// An employee has no id of the caller's system, and the answer is lost. Lost lists the
// employees that the call may have created.
func ExampleEmployees_Lost() {
	fake := smartwaytest.New()
	client, err := smartway.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	change := exampleEmployee("") // store it before the call
	fake.Inject(smartwaytest.Fault{Op: "employees.save+null-id", Drop: true, Processed: true})
	if _, err = client.Employees.Save(ctx, []smartway.EmployeeChange{change}); !errors.Is(err, rutravel.ErrNotConfirmed) {
		panic(err)
	}
	candidates, err := client.Employees.Lost(ctx, change)
	if err != nil {
		panic(err)
	}
	for _, e := range candidates {
		fmt.Println("it may be", e.Surname, e.FirstName, e.BirthDate)
	}
	// Output: it may be Волина Ирина 1990-05-17
}

// exampleRequest returns a request for a train from Moscow to Saint Petersburg.
func exampleRequest(id smartway.RequestID) smartway.TravelRequest {
	traveller := smartway.Traveller{
		ID: "8754", Surname: "Илларионов", FirstName: "Петр", SurnameEng: "Illarionov", FirstNameEng: "Piotr",
		Sex: smartway.Male, BirthDate: civil.Date{Year: 1981, Month: time.January, Day: 1}, Citizenship: "RU",
		Phone: "+79990000000", Email: "illarionov@piotr.com",
		Documents: []smartway.Document{{Type: smartway.DomesticPassport, Number: "5608999999"}},
		INNs:      []smartway.INN{"7799555550"},
	}
	return smartway.TravelRequest{
		ID: id, Travellers: []smartway.Traveller{traveller}, Creator: traveller,
		TrainItems: []smartway.TrainItem{{
			From: "2000000", To: "2044000", Departure: civil.DateTime{Date: smartway.Today().AddDays(30)},
			Travellers: []smartway.Traveller{traveller},
		}},
	}
}

// The answer to a travel request is lost. Its status shows that it was stored.
func ExampleRequests_Save() {
	fake := smartwaytest.New()
	client, err := smartway.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	request := exampleRequest("request 17") // store it before the call
	fake.Inject(smartwaytest.Fault{Op: "request.save", Drop: true, Processed: true})
	_, err = client.Requests.Save(ctx, request)
	fmt.Println("not confirmed:", errors.Is(err, rutravel.ErrNotConfirmed))
	statuses, err := client.Requests.Statuses(ctx, []smartway.RequestID{request.ID})
	if err != nil {
		panic(err)
	}
	fmt.Println(statuses[request.ID])
	// Output:
	// not confirmed: true
	// not_processing
}

func ExampleRequests_Cancel() {
	fake := smartwaytest.New()
	client, err := smartway.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	if _, err = client.Requests.Save(ctx, exampleRequest("request 17")); err != nil {
		panic(err)
	}
	if err = client.Requests.Cancel(ctx, "request 17"); err != nil {
		panic(err)
	}
	err = client.Requests.Cancel(ctx, "request 18")
	fmt.Println("unknown request:", errors.Is(err, rutravel.ErrNotFound))
	// Output: unknown request: true
}

// People at Smartway process a travel request. Its trips are then listed.
func ExampleRequests_Statuses() {
	fake := smartwaytest.New()
	client, err := smartway.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	if _, err = client.Requests.Save(ctx, exampleRequest("request 17")); err != nil {
		panic(err)
	}
	fake.SetRequestStatus("request 17", smartway.RequestProcessed) // done by people
	statuses, err := client.Requests.Statuses(ctx, []smartway.RequestID{"request 17", "request 18"})
	if err != nil {
		panic(err)
	}
	fmt.Println(statuses["request 17"], statuses["request 18"])
	list, err := client.Trips.OfRequest(ctx, "request 17")
	if err != nil {
		panic(err)
	}
	for _, trip := range list.Trips {
		fmt.Println(trip.Name, trip.Items[0].Type, trip.Amount.StringFixed(2))
	}
	// Output:
	// processed not_found
	// Санкт-Петербург Train 2916.60
}

// The employees' trips were approved in the caller's system. They enter the code when
// they buy.
func ExampleVerificationCodes_Add() {
	fake := smartwaytest.New()
	client, err := smartway.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	fake.AddEmployee(exampleEmployee("8754"))
	added, err := client.VerificationCodes.Add(context.Background(), smartway.VerificationCode{
		Code: "trip 17", Employees: []smartway.ExternalID{"8754"}, Expires: time.Now().Add(24 * time.Hour),
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(added.Code)
	// Output: trip 17
}

// An error has a kind, the supplier's code and its text. A request that is invalid is not
// sent, and the error names the field.
func Example_errors() {
	fake := smartwaytest.New()
	config := fake.Config()
	config.Password = "wrong"
	client, err := smartway.New(config, rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
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
