package tcsimple_test

import (
	"context"
	"errors"
	"fmt"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/tcsimpletest"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

// From an event of the catalogue to an order, against the fakes: a seat and a
// ticket without one are taken from what the catalogue offers.
func Example() {
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

	// The first event on sale that has vacant seats.
	var event tcsimple.Event
	var set tcsimple.Set
	for e, err := range catalogue.Events(ctx, tcsimple.EventQuery{Status: ticketscloud.EventPublic}) {
		if err != nil {
			panic(err)
		}
		for _, s := range e.Sets {
			if s.WithSeats && s.Vacant > 0 {
				event, set = e, s
			}
		}
		if event.ID != "" {
			break // frees the stream
		}
	}
	price := set.Price(event.UpdatedAt)
	fmt.Println(event.Name, set.Name, price.Decimal.StringFixed(2))

	var seat tcsimple.Seat
	query := tcsimple.SeatQuery{Sets: []ticketscloud.SetID{set.ID}, Status: ticketscloud.TicketVacant}
	for s, err := range catalogue.Seats(ctx, event.ID, query) {
		if err != nil {
			panic(err)
		}
		seat = s
		break
	}
	fmt.Println("row", seat.Row, "seat", seat.Number)

	order, err := orders.CreateOrder(ctx, ticketscloud.NewOrder{Event: event.ID, Tickets: []ticketscloud.TicketID{seat.Ticket}})
	if err != nil {
		panic(err)
	}
	fmt.Println(order.Status, "to pay:", order.Values.Full.StringFixed(2))
	// Output:
	// Летний концерт Партер 2500.00
	// row 1 seat 1
	// executed to pay: 2750.00
}

// The time on a ticket is that of the venue's city.
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

// A stream that breaks off ends with an error: what came before is not the
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
