package tcsimple_test

import (
	"context"
	"fmt"
	"log"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/tcsimpletest"
)

func Example() {
	fake := tcsimpletest.New(nil)
	catalogue, err := tcsimple.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		log.Fatal(err)
	}
	query := tcsimple.EventQuery{Status: ticketscloud.EventPublic}
	for event, err := range catalogue.Events(context.Background(), query) {
		if err != nil {
			log.Fatal(err) // the events before the error are not the whole catalogue
		}
		for _, set := range event.Sets {
			fmt.Println(event.Name, set.Name, set.Vacant, "vacant,", set.Price(time.Now()).Decimal, "roubles")
		}
	}
	// Output:
	// Распродано Входной 0 vacant, 300 roubles
	// Летний концерт Фан-зона 100 vacant, 1000 roubles
	// Летний концерт Партер 10 vacant, 2500 roubles
	// Чайка Галёрка 20 vacant, 500 roubles
}
