package seats_test

import (
	"net/http"
	"testing"

	"example.com/shop/events"
	"example.com/shop/seats"
	"example.com/shop/shoptest"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/tcsimpletest"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

// market is a fake supplier with clients of its catalogue and its orders.
type market struct {
	fake       *tcsimpletest.Server
	catalogue  *tcsimple.Client
	client     *ticketscloud.Client
	department http.Handler
}

func open(t *testing.T) market {
	t.Helper()
	sold := ticketscloudtest.New()
	client, err := ticketscloud.New(sold.Config(), rutravel.WithHTTPClient(sold.HTTPClient()))
	if err != nil {
		t.Fatal(err)
	}
	fake := tcsimpletest.New(sold)
	catalogue, err := tcsimple.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		t.Fatal(err)
	}
	return market{fake, catalogue, client, seats.Department(catalogue, client)}
}

// stalls returns the category of the concert that has seats.
func (m market) stalls(t *testing.T) tcsimple.Set {
	t.Helper()
	for event, err := range m.catalogue.Events(t.Context(), tcsimple.EventQuery{IDs: []ticketscloud.EventID{ticketscloudtest.Concert}}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, set := range event.Sets {
			if set.WithSeats {
				return set
			}
		}
	}
	t.Fatal("the catalogue shows no seats")
	return tcsimple.Set{}
}

// unsold fails if the supplier has an order.
func (m market) unsold(t *testing.T) {
	t.Helper()
	for order, err := range m.client.Orders(t.Context(), ticketscloud.OrderQuery{}) {
		t.Errorf("an order was made: %s %v", order.ID, err)
	}
}

// Vacant seats of the catalogue are sold. Then the catalogue shows them as sold.
func TestSale(t *testing.T) {
	t.Parallel()
	m := open(t)
	set := m.stalls(t)
	var sold events.Sold
	order := seats.Order{Event: ticketscloudtest.Concert, Set: set.ID, Count: 2}
	shoptest.Post(t, m.department, order, http.StatusOK, &sold)
	if sold.Price != "5500.00" {
		t.Errorf("sold for %s", sold.Price)
	}

	all, err := rutravel.Collect(m.client.Orders(t.Context(), ticketscloud.OrderQuery{}))
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 || all[0].ID != sold.Order || all[0].Status != ticketscloud.OrderDone || len(all[0].Tickets) != 2 {
		t.Fatalf("sold %+v, the supplier knows %+v", sold, all)
	}
	taken, err := rutravel.Collect(m.catalogue.Seats(t.Context(), ticketscloudtest.Concert, tcsimple.SeatQuery{
		Tickets: []ticketscloud.TicketID{all[0].Tickets[0].ID, all[0].Tickets[1].ID}, Status: ticketscloud.TicketSold,
	}))
	if err != nil || len(taken) != 2 {
		t.Errorf("the catalogue shows as sold: %+v, %v", taken, err)
	}
	if left := m.stalls(t).Vacant; left != set.Vacant-2 {
		t.Errorf("%d of %d seats are left", left, set.Vacant)
	}
}

func TestNotEnough(t *testing.T) {
	t.Parallel()
	m := open(t)
	set := m.stalls(t)
	order := seats.Order{Event: ticketscloudtest.Concert, Set: set.ID, Count: set.Vacant + 1}
	shoptest.Post(t, m.department, order, http.StatusConflict, nil)
	m.unsold(t)
}

// If the connection breaks in the catalogue's answer, nothing is sold.
func TestBrokenCatalogue(t *testing.T) {
	t.Parallel()
	m := open(t)
	order := seats.Order{Event: ticketscloudtest.Concert, Set: m.stalls(t).ID, Count: 2}
	m.fake.Inject(tcsimpletest.Fault{Op: "Seats", After: 1, Drop: true})
	shoptest.Post(t, m.department, order, http.StatusServiceUnavailable, nil)
	m.unsold(t)
}
