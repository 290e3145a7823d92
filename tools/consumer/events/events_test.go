package events_test

import (
	"net/http"
	"testing"

	"example.com/shop/events"
	"example.com/shop/shoptest"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

func open(t *testing.T) (*ticketscloudtest.Server, *ticketscloud.Client) {
	t.Helper()
	fake := ticketscloudtest.New()
	client, err := ticketscloud.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		t.Fatal(err)
	}
	return fake, client
}

func orders(t *testing.T, client *ticketscloud.Client) []ticketscloud.Order {
	t.Helper()
	var all []ticketscloud.Order
	for order, err := range client.Orders(t.Context(), ticketscloud.OrderQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, order)
	}
	return all
}

// The answer to the completion is lost in the second run.
func TestSale(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string][]ticketscloudtest.Fault{
		"answered": nil,
		"lost":     {{Op: "orders.change+done", Drop: true, Processed: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake, client := open(t)
			fake.Inject(faults...)
			var sold events.Sold
			order := events.Order{Event: ticketscloudtest.Concert, Set: ticketscloudtest.FanZone, Count: 2}
			shoptest.Post(t, events.Department(client), order, http.StatusOK, &sold)
			if sold.Price != "2200.00" {
				t.Errorf("sold for %s", sold.Price)
			}
			all := orders(t, client)
			if len(all) != 1 || all[0].ID != sold.Order || all[0].Status != ticketscloud.OrderDone {
				t.Errorf("sold %+v, the supplier knows %+v", sold, all)
			}
		})
	}
}

// If not all tickets are available, the order is cancelled.
func TestNotEnough(t *testing.T) {
	t.Parallel()
	_, client := open(t)
	order := events.Order{Event: ticketscloudtest.Play, Set: ticketscloudtest.Gallery, Count: 21}
	shoptest.Post(t, events.Department(client), order, http.StatusConflict, nil)
	for _, o := range orders(t, client) {
		if o.Status != ticketscloud.OrderCancelled {
			t.Errorf("an order is left: %s", o.Status)
		}
	}
}
