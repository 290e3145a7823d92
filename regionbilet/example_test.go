package regionbilet_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/journal"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

// ivanov is the passenger of the examples. The examples set Seat and Price.
var ivanov = regionbilet.Passenger{
	Surname: "ИВАНОВ", FirstName: "ИВАН", MiddleName: "ИВАНОВИЧ",
	Sex: regionbilet.Male, Category: regionbilet.Adult, BirthDate: civil.Date{Year: 1977, Month: time.January, Day: 1},
	Nationality: "643", DocumentType: "1", Document: "0701 755756",
}

// buy books and pays a seat for one adult. It sets the passenger's Seat and Price.
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

// book books a seat of the fake for one adult.
func book(ctx context.Context, client *regionbilet.Client) (regionbilet.Hold, error) {
	trips, err := client.Trips(ctx, regionbilet.TripQuery{From: "124", To: "463", Date: regionbilet.Today().AddDays(2)})
	if err != nil {
		return regionbilet.Hold{}, err
	}
	passenger := ivanov
	passenger.Seat, passenger.Price = "1", trips[0].Adult.Price
	return client.Book(ctx, regionbilet.BookRequest{
		Trip: trips[0].Key(), Phone: "9187557788", Passengers: []regionbilet.Passenger{passenger},
	})
}

// The answer to the second payment is lost. BookingTickets shows that the ticket is paid.
func ExampleClient_Pay() {
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

// A journal stores the payment before it is sent. The answer is lost, and a look-up
// finds the paid ticket.
func ExampleClient_PayOperation() {
	fake := regionbilettest.New()
	client, err := regionbilet.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	j := journal.New(journal.NewMemory())
	pay := journal.Add(j, client.PayOperation())

	ctx := context.Background()
	hold, err := book(ctx, client)
	if err != nil {
		panic(err)
	}
	fake.Inject(regionbilettest.Fault{Op: "pay", Drop: true, Processed: true})
	_, err = pay.Do(ctx, "order 17, pay", hold)
	if open, ok := errors.AsType[*journal.Error](err); ok {
		fmt.Println(open.Outcome)
	}
	if _, err = j.Resolve(ctx, "order 17, pay"); err != nil { // in a backend: Journal.ResolveDue, from a timer
		panic(err)
	}
	tickets, err := pay.Do(ctx, "order 17, pay", hold) // sends nothing: returns the stored result
	if err != nil {
		panic(err)
	}
	fmt.Println("paid: seat", tickets[0].Seat)
	// Output:
	// open
	// paid: seat 1
}

// A hold has a time by which it must be paid. Nothing is charged before.
func ExampleClient_Book() {
	fake := regionbilettest.New()
	client, err := regionbilet.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	trips, err := client.Trips(ctx, regionbilet.TripQuery{From: "124", To: "463", Date: regionbilet.Today().AddDays(2)})
	if err != nil || len(trips) == 0 {
		panic(err)
	}
	passenger := ivanov
	passenger.Seat, passenger.Price = "1", trips[0].Adult.Price
	hold, err := client.Book(ctx, regionbilet.BookRequest{
		Trip: trips[0].Key(), Phone: "9187557788", Passengers: []regionbilet.Passenger{passenger},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(hold.Tickets, "ticket, to be paid in", time.Until(hold.PayBefore).Round(time.Minute))
	// Output: 1 ticket, to be paid in 20m0s
}

// The answer to the cancellation is lost. BookingTickets shows that the booking was
// cancelled: the supplier has no other status for it than "expired".
func ExampleClient_Cancel() {
	fake := regionbilettest.New()
	client, err := regionbilet.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	hold, err := book(ctx, client)
	if err != nil {
		panic(err)
	}
	fake.Inject(regionbilettest.Fault{Op: "cancel", Drop: true, Processed: true})
	err = client.Cancel(ctx, hold)
	fmt.Println(errors.Is(err, rutravel.ErrNotConfirmed))
	tickets, err := client.BookingTickets(ctx, hold.Booking)
	if err != nil {
		panic(err)
	}
	fmt.Println(tickets[0].Status)
	// Output:
	// true
	// expired
}

// BookingTickets returns the current states of the tickets of a booking.
func ExampleClient_BookingTickets() {
	fake := regionbilettest.New()
	client, err := regionbilet.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	hold, err := book(ctx, client)
	if err != nil {
		panic(err)
	}
	for _, wait := range []time.Duration{0, regionbilet.HoldTime} {
		fake.Advance(wait)
		tickets, err := client.BookingTickets(ctx, hold.Booking)
		if err != nil {
			panic(err)
		}
		fmt.Println("seat", tickets[0].Seat, tickets[0].Status)
	}
	// Output:
	// seat 1 booked
	// seat 1 expired
}

// The answer to the refund is lost. Ticket shows that the ticket is refunded.
func ExampleClient_Refund() {
	fake := regionbilettest.New()
	client, err := regionbilet.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	hold, err := book(ctx, client)
	if err != nil {
		panic(err)
	}
	tickets, err := client.Pay(ctx, hold)
	if err != nil {
		panic(err)
	}
	ref := regionbilet.TicketRef{Booking: hold.Booking, Ticket: tickets[0].Number} // store it before the refund
	fake.Inject(regionbilettest.Fault{Op: "refund", Drop: true, Processed: true})
	_, err = client.Refund(ctx, ref)
	fmt.Println(errors.Is(err, rutravel.ErrNotConfirmed))
	ticket, err := client.Ticket(ctx, ref)
	if err != nil {
		panic(err)
	}
	fmt.Println(ticket.Status, ticket.RefundAmount.Decimal.StringFixed(2), "roubles")
	// Output:
	// true
	// refunded 472.66 roubles
}

// A ticket that does not exist is an answer and not an error.
func ExampleClient_Ticket() {
	fake := regionbilettest.New()
	client, err := regionbilet.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	hold, err := book(ctx, client)
	if err != nil {
		panic(err)
	}
	tickets, err := client.Pay(ctx, hold)
	if err != nil {
		panic(err)
	}
	for _, number := range []regionbilet.TicketNumber{tickets[0].Number, "T1"} {
		ticket, err := client.Ticket(ctx, regionbilet.TicketRef{Booking: hold.Booking, Ticket: number})
		if err != nil {
			panic(err)
		}
		fmt.Println(ticket.Status)
	}
	// Output:
	// paid
	// not found
}

// AllSales covers a range of days with one request for each month.
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

func ExampleChooseSeats() {
	seats, adjacent, err := regionbilet.ChooseSeats([]regionbilet.Seat{"7", "2", "5", "6"}, 2)
	fmt.Println(seats, adjacent, err)
	seats, adjacent, err = regionbilet.ChooseSeats([]regionbilet.Seat{"7", "2", "5"}, 2)
	fmt.Println(seats, adjacent, err)
	// Output:
	// [5 6] true <nil>
	// [2 5] false <nil>
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
