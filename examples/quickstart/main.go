// Quickstart buys two tickets for a concert from a fake supplier.
package main

import (
	"context"
	"fmt"
	"log"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

func main() {
	ctx, fake := context.Background(), ticketscloudtest.New() // the supplier in memory
	client, err := ticketscloud.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		log.Fatal(err)
	}
	order, err := client.CreateOrder(ctx, ticketscloud.NewOrder{
		Event:  ticketscloudtest.Concert,
		Random: []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone, Count: 2}},
	})
	if err == nil {
		order, err = client.PayOrder(ctx, order.Key())
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(order.Event.Title, order.Totals.Full, "roubles:", order.Status)
}
