package ticketscloud_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

// buy pays for tickets of a category without seats.
func buy(ctx context.Context, client *ticketscloud.Client, event ticketscloud.EventID, set ticketscloud.SetID, n int) (ticketscloud.Order, error) {
	order, err := client.CreateOrder(ctx, ticketscloud.NewOrder{
		Event: event, Random: []ticketscloud.SetCount{{Set: set, Count: n}},
	})
	if err != nil {
		return order, err
	}
	if order.Missing.Any() { // what is sold out is left out without an error
		_, err = client.CancelOrder(ctx, order.Key())
		return order, errors.Join(errors.New("not enough tickets"), err)
	}
	key := order.Key() // store it before this line
	order, err = client.PayOrder(ctx, key)
	if errors.Is(err, rutravel.ErrNotConfirmed) {
		fmt.Println("the answer was lost; looking")
		ctx := context.WithoutCancel(ctx)
		return client.FindOrder(ctx, key) // done, or still executed?
	}
	return order, err
}

// Example tests a program that buys tickets, against the fake.
func Example() {
	fake := ticketscloudtest.New()
	client, err := ticketscloud.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	order, err := buy(ctx, client, ticketscloudtest.Concert, ticketscloudtest.FanZone, 2)
	if err != nil {
		panic(err)
	}
	fmt.Println(order.Status, order.Event.Title, order.Totals.Full.StringFixed(2))

	fake.Inject(ticketscloudtest.Fault{Op: "orders.change+done", Drop: true, Processed: true})
	order, err = buy(ctx, client, ticketscloudtest.Concert, ticketscloudtest.FanZone, 1)
	if err != nil {
		panic(err)
	}
	fmt.Println(order.Status)
	// Output:
	// done Летний концерт 2200.00
	// the answer was lost; looking
	// done
}

// An order whose creation got no answer is among those of its minutes.
func ExampleClient_LostOrders() {
	fake := ticketscloudtest.New()
	client, err := ticketscloud.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	call := ticketscloud.LostOrder{ // store it before the call
		Order: ticketscloud.NewOrder{Event: ticketscloudtest.Play, Random: []ticketscloud.SetCount{{Set: ticketscloudtest.Gallery, Count: 2}}},
		Sent:  time.Now(),
	}
	fake.Inject(ticketscloudtest.Fault{Op: "orders.create", Status: 504, Processed: true})
	_, err = client.CreateOrder(ctx, call.Order)
	if !errors.Is(err, rutravel.ErrNotConfirmed) {
		panic(err)
	}
	candidates, err := client.LostOrders(ctx, call)
	if err != nil {
		panic(err)
	}
	for _, order := range candidates {
		fmt.Println(order.Status, len(order.Tickets), "tickets of", order.Tickets[0].Set.Name)
	}
	// Output: executed 2 tickets of Галёрка
}

// Seats are added to what an order holds.
func ExampleClient_AdjustTickets() {
	fake := ticketscloudtest.New()
	client, err := ticketscloud.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	order, err := client.CreateOrder(ctx, ticketscloud.NewOrder{
		Event: ticketscloudtest.Concert, Random: []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone, Count: 1}},
	})
	if err != nil {
		panic(err)
	}
	seats, err := client.EventTickets(ctx, ticketscloudtest.Concert, ticketscloud.SeatQuery{
		Status: []ticketscloud.TicketStatus{ticketscloud.TicketVacant},
	})
	if err != nil {
		panic(err)
	}
	order, err = client.AdjustTickets(ctx, order.Key(), ticketscloud.Adjustment{Add: []ticketscloud.TicketID{seats[0].ID}})
	if err != nil {
		panic(err)
	}
	for _, t := range order.Tickets {
		fmt.Println(t.Set.Name, t.Full.StringFixed(2))
	}
	// Output:
	// Фан-зона 1100.00
	// Партер 2750.00
}

func ExampleClient_Orders() {
	fake := ticketscloudtest.New()
	client, err := ticketscloud.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	for n := range 3 {
		if _, err = buy(ctx, client, ticketscloudtest.Concert, ticketscloudtest.FanZone, n+1); err != nil {
			panic(err)
		}
	}
	query := ticketscloud.OrderQuery{Status: []ticketscloud.OrderStatus{ticketscloud.OrderDone}, PageSize: 2}
	for order, err := range client.Orders(ctx, query) {
		if err != nil {
			panic(err)
		}
		fmt.Println(len(order.Tickets), "tickets:", order.Totals.Full.StringFixed(2))
	}
	// Output:
	// 3 tickets: 3300.00
	// 2 tickets: 2200.00
	// 1 tickets: 1100.00
}

// A promocode that cannot be applied is a problem beside a good order.
func ExampleClient_ChangeOrder() {
	fake := ticketscloudtest.New()
	client, err := ticketscloud.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	order, err := client.CreateOrder(ctx, ticketscloud.NewOrder{
		Event: ticketscloudtest.Concert, Random: []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone, Count: 1}},
	})
	if err != nil {
		panic(err)
	}
	order, err = client.ChangeOrder(ctx, order.Key(), ticketscloud.OrderChange{
		Promocodes: []string{"Summer10", ticketscloudtest.Fix100},
	})
	if err != nil {
		panic(err)
	}
	for _, problem := range order.Problems {
		fmt.Println(problem.Code)
	}
	fmt.Println("to pay:", order.Totals.Full.StringFixed(2), "instead of", order.Totals.Price.StringFixed(2), "and the fee")
	// Output:
	// promocode_limit_min_tickets
	// to pay: 990.00 instead of 1000.00 and the fee
}

func ExampleProblems() {
	fake := ticketscloudtest.New()
	client, err := ticketscloud.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	fake.Inject(ticketscloudtest.Fault{Status: 400, Body: `{"errors": ["Deal not found", "Promokey needed"]}`})
	_, err = client.CreateOrder(context.Background(), ticketscloud.NewOrder{Event: ticketscloudtest.Play})
	if problems, ok := errors.AsType[ticketscloud.Problems](err); ok {
		for _, p := range problems {
			fmt.Println(p.Message)
		}
	}
	// Output:
	// Deal not found
	// Promokey needed
}

func Example_errors() {
	fake := ticketscloudtest.New()
	client, err := ticketscloud.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	_, err = client.CheckPromocode(ctx, ticketscloudtest.Play, "winter")
	if failure, ok := errors.AsType[*rutravel.Error](err); ok {
		fmt.Println(failure.Kind, failure.Code, failure.Message)
	}

	fake.SetQuirks(ticketscloudtest.Quirks{NoMoney: true})
	_, err = buy(ctx, client, ticketscloudtest.Concert, ticketscloudtest.FanZone, 1)
	fmt.Println(errors.Is(err, rutravel.ErrFunds))

	_, err = client.PayOrder(ctx, ticketscloud.OrderKey{ID: ""})
	if bad, ok := errors.AsType[*rutravel.FieldError](err); ok {
		fmt.Println("nothing was sent:", bad)
	}
	// Output:
	// not found HTTPBadRequest Promocode not found
	// true
	// nothing was sent: key.ID must not be empty
}
