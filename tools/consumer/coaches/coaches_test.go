package coaches_test

import (
	"net/http"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"example.com/shop/coaches"
	"example.com/shop/shoptest"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

func open(t *testing.T) (*regionbilettest.Server, *regionbilet.Client) {
	t.Helper()
	fake := regionbilettest.New()
	client, err := regionbilet.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		t.Fatal(err)
	}
	return fake, client
}

func order() coaches.Order {
	return coaches.Order{
		Trip:  regionbilet.TripQuery{From: "124", To: "463", Date: civil.DateOf(time.Now().UTC()).AddDays(2)},
		Phone: "9187557788",
		Passenger: regionbilet.Passenger{
			Surname: "ИВАНОВ", FirstName: "ИВАН", MiddleName: "ИВАНОВИЧ",
			Sex: regionbilet.Male, Category: regionbilet.Adult, BirthDate: civil.Date{Year: 1977, Month: time.January, Day: 1},
			Nationality: "643", DocumentType: "1", Document: "0701 755756",
		},
	}
}

func TestSale(t *testing.T) {
	t.Parallel()
	_, client := open(t)
	var sold coaches.Sold
	shoptest.Post(t, coaches.Department(client), order(), http.StatusOK, &sold)

	states, err := client.BookingTickets(t.Context(), sold.Booking)
	if err != nil {
		t.Fatal(err)
	}
	if len(states) != 1 || states[0].Number != sold.Ticket || states[0].Status != regionbilet.TicketPaid {
		t.Errorf("sold %+v, the supplier knows %+v", sold, states)
	}
}

// The answer to a payment is lost. The customer gets the ticket and pays once.
func TestLostPayment(t *testing.T) {
	t.Parallel()
	fake, client := open(t)
	fake.Inject(regionbilettest.Fault{Op: "pay", Drop: true, Processed: true})
	var sold coaches.Sold
	shoptest.Post(t, coaches.Department(client), order(), http.StatusOK, &sold)
	if sold.Ticket == "" {
		t.Error("no ticket")
	}
	var paid int
	for _, r := range fake.Requests() {
		if r.Op == "pay" {
			paid++
		}
	}
	if paid != 1 {
		t.Errorf("paid %d times", paid)
	}
}

// The answer to a booking is lost. The status says that the order must not be placed
// again.
func TestLostBooking(t *testing.T) {
	t.Parallel()
	fake, client := open(t)
	fake.Inject(regionbilettest.Fault{Op: "booking", Drop: true, Processed: true})
	shoptest.Post(t, coaches.Department(client), order(), http.StatusAccepted, nil)
}

func TestNothingThatDay(t *testing.T) {
	t.Parallel()
	_, client := open(t)
	late := order()
	late.Trip.Date = late.Trip.Date.AddDays(300)
	shoptest.Post(t, coaches.Department(client), late, http.StatusConflict, nil)
}
