package regionbilet_test

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

// ivanov is who travels in the examples.
var ivanov = regionbilet.Passenger{
	Surname: "ИВАНОВ", FirstName: "ИВАН", MiddleName: "ИВАНОВИЧ",
	Sex: regionbilet.Male, Category: regionbilet.Adult, BirthDate: civil.Date{Year: 1977, Month: time.January, Day: 1},
	Nationality: "643", DocumentType: "1", Document: "0701 755756",
}

// buy books and pays a seat for one adult, whose price is not filled in yet.
func buy(ctx context.Context, client *regionbilet.Client, query regionbilet.TripQuery, passenger regionbilet.Passenger) error {
	trips, err := client.Trips(ctx, query)
	if err != nil {
		return err
	}
	if len(trips) == 0 {
		return errors.New("no trips that day")
	}
	trip := trips[0]
	free, err := client.FreeSeats(ctx, trip.Key())
	if err != nil {
		return err
	}
	seats, _, err := regionbilet.ChooseSeats(free, 1)
	if err != nil {
		return err
	}
	passenger.Seat, passenger.Price = seats[0], trip.Adult.Price
	hold, err := client.Book(ctx, regionbilet.BookRequest{
		Trip: trip.Key(), Phone: "9187557788", Passengers: []regionbilet.Passenger{passenger},
	})
	if err != nil {
		return err
	}
	tickets, err := client.Pay(ctx, hold) // store hold before this line
	if errors.Is(err, rutravel.ErrNotConfirmed) {
		ctx := context.WithoutCancel(ctx)
		tickets, err := client.BookingTickets(ctx, hold.Booking) // paid, or still booked?
		if err != nil {
			return err
		}
		fmt.Println("the answer was lost; the ticket is", tickets[0].Status)
		return nil
	}
	if err != nil {
		return err
	}
	fmt.Println("paid: seat", tickets[0].Seat)
	return nil
}

// Example tests a program that buys tickets, against the fake.
func Example() {
	fake := regionbilettest.New()
	client, err := regionbilet.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	query := regionbilet.TripQuery{From: "124", To: "463", Date: civil.DateOf(time.Now().UTC()).AddDays(2)}
	if err := buy(context.Background(), client, query, ivanov); err != nil {
		panic(err)
	}

	fake.Inject(regionbilettest.Fault{Op: "pay", Drop: true, Processed: true})
	if err := buy(context.Background(), client, query, ivanov); err != nil {
		panic(err)
	}
	// Output:
	// paid: seat 1
	// the answer was lost; the ticket is paid
}

// The reports of a range of days, with one request for each month.
func ExampleClient_AllSales() {
	fake := regionbilettest.New()
	client, err := regionbilet.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	today := civil.DateOf(time.Now().UTC())
	query := regionbilet.TripQuery{From: "124", To: "463", Date: today.AddDays(2)}
	for range 2 {
		if err = buy(ctx, client, query, ivanov); err != nil {
			panic(err)
		}
	}
	days := regionbilet.DateRange{From: today.AddDays(-60), To: today.AddDays(1)}
	for sale, err := range client.AllSales(ctx, days) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("sold: seat", sale.Seat, "for", sale.Base.Add(sale.Fee).StringFixed(2), "roubles")
	}
	// Output:
	// paid: seat 1
	// paid: seat 2
	// sold: seat 1 for 517.54 roubles
	// sold: seat 2 for 517.54 roubles
}

func Example_errors() {
	fake := regionbilettest.New()
	client, err := regionbilet.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	_, err = client.Pay(context.Background(), regionbilet.Hold{Booking: "stv-unknown"})
	var failure *rutravel.Error
	if errors.As(err, &failure) {
		fmt.Println(failure.Kind, "-", failure.Message)
	}
	fmt.Println(errors.Is(err, rutravel.ErrRejected))

	_, err = client.Refund(context.Background(), regionbilet.TicketRef{Booking: "stv-unknown"})
	fmt.Println(err)
	// Output:
	// rejected by the supplier - Заказ не найден
	// true
	// regionbilet: refund: invalid request: Ticket must not be empty
}
