package ticketscloud_test

import (
	"context"
	"fmt"
	"log"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

func Example() {
	fake := ticketscloudtest.New()
	client, err := ticketscloud.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	order, err := client.CreateOrder(ctx, ticketscloud.NewOrder{
		Event:  ticketscloudtest.Concert,
		Random: []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone, Count: 2}},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("held until paid:", order.Event.Title, order.Totals.Full, "roubles")
	order, err = client.PayOrder(ctx, order.Key())
	if err != nil {
		log.Fatal(err) // the order may be paid: see "Unsafe calls"
	}
	fmt.Println("status:", order.Status)
	// Output:
	// held until paid: Летний концерт 2200 roubles
	// status: done
}
