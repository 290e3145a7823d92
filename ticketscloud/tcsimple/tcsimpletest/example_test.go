package tcsimpletest_test

import (
	"context"
	"errors"
	"fmt"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/tcsimpletest"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

// A stream breaks off after one event. It is not the whole catalogue, so the program
// requests it again.
func Example() {
	fake := tcsimpletest.New(ticketscloudtest.New())
	catalogue, err := tcsimple.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()

	fake.Inject(tcsimpletest.Fault{Op: "Events", After: 1, Drop: true})
	events, err := rutravel.Collect(catalogue.Events(ctx, tcsimple.EventQuery{}))
	fmt.Println(len(events), "event, broken off:", errors.Is(err, rutravel.ErrUnavailable))
	events, err = rutravel.Collect(catalogue.Events(ctx, tcsimple.EventQuery{}))
	if err != nil {
		panic(err)
	}
	fmt.Println(len(events), "events")
	// Output:
	// 1 event, broken off: true
	// 3 events
}
