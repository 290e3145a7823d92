package ticketscloudtest_test

import (
	"context"
	"errors"
	"fmt"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

// The answer to a payment is lost. The order is paid.
func Example() {
	fake := ticketscloudtest.New()
	client, err := ticketscloud.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	order, err := client.CreateOrder(ctx, ticketscloud.NewOrder{
		Event: ticketscloudtest.Concert, Random: []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone, Count: 2}},
	})
	if err != nil {
		panic(err)
	}

	fake.Inject(ticketscloudtest.Fault{Op: "orders.change+done", Drop: true, Processed: true})
	_, err = client.PayOrder(ctx, order.Key())
	fmt.Println("not confirmed:", errors.Is(err, rutravel.ErrNotConfirmed))
	found, err := client.FindOrder(ctx, order.Key())
	if err != nil {
		panic(err)
	}
	fmt.Println("the order is", found.Status)
	// Output:
	// not confirmed: true
	// the order is done
}
