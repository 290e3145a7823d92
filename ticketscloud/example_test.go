package ticketscloud_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/journal"
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
		fmt.Println("the answer was lost: looking the order up")
		ctx := context.WithoutCancel(ctx)
		return client.FindOrder(ctx, key) // its Status says whether it is paid
	}
	return order, err
}

// The answer to the second payment is lost. FindOrder shows that the order is paid.
func ExampleClient_PayOrder() {
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
	// the answer was lost: looking the order up
	// done
}

// A journal stores the payment before it is sent. The answer is lost, and a look-up
// finds the paid order.
func ExampleClient_PayOrderOperation() {
	fake := ticketscloudtest.New()
	client, err := ticketscloud.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	j := journal.New(journal.NewMemory())
	create := journal.Add(j, client.CreateOrderOperation())
	pay := journal.Add(j, client.PayOrderOperation())

	ctx := context.Background()
	order, err := create.Do(ctx, "order 17, create", ticketscloud.NewOrder{
		Event: ticketscloudtest.Concert, Random: []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone, Count: 2}},
	})
	if err != nil {
		panic(err)
	}
	key := order.Key()
	fake.Inject(ticketscloudtest.Fault{Op: "orders.change+done", Drop: true, Processed: true})
	_, err = pay.Do(ctx, "order 17, pay", key)
	if open, ok := errors.AsType[*journal.Error](err); ok {
		fmt.Println(open.Outcome)
	}
	if _, err = j.Resolve(ctx, "order 17, pay"); err != nil { // in a backend: Journal.ResolveDue, from a timer
		panic(err)
	}
	order, err = pay.Do(ctx, "order 17, pay", key) // sends nothing: returns the stored result
	if err != nil {
		panic(err)
	}
	fmt.Println(order.Status)
	// Output:
	// open
	// done
}

// The supplier leaves out tickets that it cannot reserve. The order's Missing has them.
func ExampleClient_CreateOrder() {
	fake := ticketscloudtest.New()
	client, err := ticketscloud.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	order, err := client.CreateOrder(context.Background(), ticketscloud.NewOrder{
		Event: ticketscloudtest.Play, Random: []ticketscloud.SetCount{{Set: ticketscloudtest.Gallery, Count: 21}},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(order.Status, len(order.Tickets), "tickets of", order.Event.Title)
	for _, short := range order.Missing.Random {
		fmt.Println("missing:", short.Count)
	}
	// Output:
	// executed 20 tickets of Чайка
	// missing: 1
}

func ExampleClient_CancelOrder() {
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
	order, err = client.CancelOrder(ctx, order.Key())
	if err != nil {
		panic(err)
	}
	fmt.Println(order.Status)
	// Output: cancelled
}

// FindOrder returns the current state of an order whose key was stored.
func ExampleClient_FindOrder() {
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
	stored := order.Key()
	fake.Advance(ticketscloudtest.OrderLifetime)
	order, err = client.FindOrder(ctx, stored)
	if err != nil {
		panic(err)
	}
	fmt.Println(order.Status)
	// Output: expired
}

// Barcodes can come later than the answer to the payment.
func ExampleClient_WaitForBarcodes() {
	fake := ticketscloudtest.New()
	client, err := ticketscloud.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	order, err := buy(ctx, client, ticketscloudtest.Concert, ticketscloudtest.FanZone, 2)
	if err != nil {
		panic(err)
	}
	order, err = client.WaitForBarcodes(ctx, order.Key())
	if err != nil {
		panic(err)
	}
	for _, t := range order.Tickets {
		fmt.Println(t.Set.Name, len(t.Barcode) > 0)
	}
	// Output:
	// Фан-зона true
	// Фан-зона true
}

// A buyer returns one of two tickets.
func ExampleClient_CreateRefund() {
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
	refund, err := client.CreateRefund(ctx, ticketscloud.NewRefund{
		Order: order.Key(), Culprit: ticketscloud.CulpritUser, Tickets: []ticketscloud.TicketID{order.Tickets[0].ID},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(refund.Status, refund.Amount.StringFixed(2))
	// Output: new 1000.00
}

// The answer to the approval is lost. FindRefund shows that the refund was approved.
func ExampleClient_ApproveRefund() {
	fake := ticketscloudtest.New()
	client, err := ticketscloud.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	refund, err := requestRefund(ctx, client)
	if err != nil {
		panic(err)
	}
	key := refund.Key() // store it before the approval
	fake.Inject(ticketscloudtest.Fault{Op: "refunds.approve", Drop: true, Processed: true})
	_, err = client.ApproveRefund(ctx, key)
	fmt.Println(errors.Is(err, rutravel.ErrNotConfirmed))
	refund, err = client.FindRefund(ctx, key)
	if err != nil {
		panic(err)
	}
	fmt.Println(refund.Status)
	// Output:
	// true
	// approved
}

// requestRefund buys a ticket and creates a refund request for it.
func requestRefund(ctx context.Context, client *ticketscloud.Client) (ticketscloud.Refund, error) {
	order, err := buy(ctx, client, ticketscloudtest.Concert, ticketscloudtest.FanZone, 1)
	if err != nil {
		return ticketscloud.Refund{}, err
	}
	return client.CreateRefund(ctx, ticketscloud.NewRefund{
		Order: order.Key(), Culprit: ticketscloud.CulpritUser, Tickets: []ticketscloud.TicketID{order.Tickets[0].ID},
	})
}

func ExampleClient_RejectRefund() {
	fake := ticketscloudtest.New()
	client, err := ticketscloud.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	refund, err := requestRefund(ctx, client)
	if err != nil {
		panic(err)
	}
	refund, err = client.RejectRefund(ctx, refund.Key())
	if err != nil {
		panic(err)
	}
	fmt.Println(refund.Status)
	// Output: rejected
}

// FindRefund returns the current state of a refund request whose key was stored.
func ExampleClient_FindRefund() {
	fake := ticketscloudtest.New()
	client, err := ticketscloud.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	refund, err := requestRefund(ctx, client)
	if err != nil {
		panic(err)
	}
	refund, err = client.FindRefund(ctx, refund.Key())
	if err != nil {
		panic(err)
	}
	fmt.Println(refund.Status, refund.Order.Event.Title)
	// Output: new Летний концерт
}

// The answer to CreateRefund is lost. LostRefunds lists the refund requests that it may
// have created.
func ExampleClient_LostRefunds() {
	fake := ticketscloudtest.New()
	client, err := ticketscloud.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	order, err := buy(ctx, client, ticketscloudtest.Concert, ticketscloudtest.FanZone, 1)
	if err != nil {
		panic(err)
	}
	request := ticketscloud.NewRefund{
		Order: order.Key(), Culprit: ticketscloud.CulpritUser, Tickets: []ticketscloud.TicketID{order.Tickets[0].ID},
	}
	sent := time.Now() // store it and the request before the call
	fake.Inject(ticketscloudtest.Fault{Op: "refunds.create", Status: 504, Processed: true})
	_, err = client.CreateRefund(ctx, request)
	if !errors.Is(err, rutravel.ErrNotConfirmed) {
		panic(err)
	}
	candidates, err := client.LostRefunds(ctx, request.Order, sent)
	if err != nil {
		panic(err)
	}
	for _, refund := range candidates {
		fmt.Println(refund.Status, refund.Culprit, len(refund.Tickets))
	}
	// Output: new user 1
}

// The answer to CreateOrder is lost. LostOrders lists the orders that it may have created.
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

// The order keeps its ticket and gets a seat.
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

// A promocode that cannot be applied is a problem of a good order.
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
