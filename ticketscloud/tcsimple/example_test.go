package tcsimple_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/tcsimpletest"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

// An order gets a ticket without a seat and one with a seat, both from the catalogue.
func ExampleClient_Seats() {
	shop := ticketscloudtest.New()
	fake := tcsimpletest.New(shop)
	catalogue, err := tcsimple.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	orders, err := ticketscloud.New(shop.Config(), rutravel.WithHTTPClient(shop.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()

	// Find the first event on sale that has both kinds of tickets.
	var event tcsimple.Event
	var standing, seated tcsimple.Set
	for e, err := range catalogue.Events(ctx, tcsimple.EventQuery{Status: ticketscloud.EventPublic}) {
		if err != nil {
			panic(err)
		}
		standing, seated = tcsimple.Set{}, tcsimple.Set{}
		for _, s := range e.Sets {
			switch {
			case s.Vacant == 0:
			case s.WithSeats:
				seated = s
			default:
				standing = s
			}
		}
		if standing.ID != "" && seated.ID != "" {
			event = e
			break // frees the stream
		}
	}
	now := time.Now()
	for _, set := range []tcsimple.Set{standing, seated} {
		if price := set.Price(now); price.Valid {
			fmt.Println(event.Name, set.Name, price.Decimal.StringFixed(2))
		} else {
			fmt.Println(event.Name, set.Name, "has no price now")
		}
	}

	order, err := orders.CreateOrder(ctx, ticketscloud.NewOrder{
		Event: event.ID, Random: []ticketscloud.SetCount{{Set: standing.ID, Count: 1}},
	})
	if err != nil {
		panic(err)
	}

	var seat tcsimple.Seat
	query := tcsimple.SeatQuery{Sets: []ticketscloud.SetID{seated.ID}, Status: ticketscloud.TicketVacant}
	for s, err := range catalogue.Seats(ctx, event.ID, query) {
		if err != nil {
			panic(err)
		}
		seat = s
		break
	}
	fmt.Println("row", seat.Row, "seat", seat.Number)
	order, err = orders.AdjustTickets(ctx, order.Key(), ticketscloud.Adjustment{Add: []ticketscloud.TicketID{seat.Ticket}})
	if err != nil {
		panic(err)
	}
	fmt.Println(order.Status, len(order.Tickets), "to pay:", order.Totals.Full.StringFixed(2))
	// Output:
	// Летний концерт Фан-зона 1000.00
	// Летний концерт Партер 2500.00
	// row 1 seat 1
	// executed 2 to pay: 3850.00
}

// A ticket shows the local time of the venue's city.
func ExampleCity_Local() {
	shop := ticketscloudtest.New()
	fake := tcsimpletest.New(shop)
	catalogue, err := tcsimple.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	events, err := rutravel.Collect(catalogue.Events(ctx, tcsimple.EventQuery{IDs: []ticketscloud.EventID{ticketscloudtest.Concert}}))
	if err != nil {
		panic(err)
	}
	venues, err := rutravel.Collect(catalogue.Venues(ctx, tcsimple.VenueQuery{IDs: []ticketscloud.VenueID{events[0].Venue}}))
	if err != nil {
		panic(err)
	}
	cities, err := rutravel.Collect(catalogue.Cities(ctx, tcsimple.CityQuery{IDs: []ticketscloud.CityID{venues[0].City}}))
	if err != nil {
		panic(err)
	}
	start, err := cities[0].Local(events[0].Start)
	if err != nil {
		panic(err)
	}
	fmt.Println(cities[0].Name, start.Format("15:04 MST"))
	// Output: Екатеринбург 19:00 +05
}

// A stream that breaks off ends with an error. The events before it are not the whole
// catalogue.
func ExampleClient_Events() {
	fake := tcsimpletest.New(nil)
	catalogue, err := tcsimple.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	fake.Inject(tcsimpletest.Fault{Op: "Events", After: 2, Code: tcsimple.CodeUnavailable})
	var n int
	for _, err := range catalogue.Events(context.Background(), tcsimple.EventQuery{}) {
		if errors.Is(err, rutravel.ErrUnavailable) {
			fmt.Println("after", n, "events:", errors.Is(err, tcsimple.CodeUnavailable))
			break
		}
		n++
	}
	// Output: after 2 events: true
}

func Example_errors() {
	fake := tcsimpletest.New(nil)
	config := fake.Config()
	config.Key = "wrong"
	catalogue, err := tcsimple.New(config, rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	_, err = rutravel.Collect(catalogue.Events(ctx, tcsimple.EventQuery{}))
	if failure, ok := errors.AsType[*rutravel.Error](err); ok {
		fmt.Println(failure.Kind, failure.Code)
	}
	fmt.Println(errors.Is(err, tcsimple.CodeUnauthenticated))

	_, err = rutravel.Collect(catalogue.Seats(ctx, "", tcsimple.SeatQuery{}))
	if bad, ok := errors.AsType[*rutravel.FieldError](err); ok {
		fmt.Println("nothing was sent:", bad)
	}
	// Output:
	// authentication failed UNAUTHENTICATED
	// true
	// nothing was sent: event must not be empty
}
