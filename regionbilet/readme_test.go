package regionbilet_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

// settle pays for a hold and reports whether it is paid. After a lost answer it
// waits until that is known.
func settle(ctx context.Context, client *regionbilet.Client, hold regionbilet.Hold) (bool, error) {
	_, lost := client.Pay(ctx, hold)
	if !errors.Is(lost, rutravel.ErrNotConfirmed) {
		return lost == nil, lost
	}
	ctx = context.WithoutCancel(ctx)
	for end := time.Now().Add(regionbilet.PayPatience); time.Now().Before(end); time.Sleep(10 * time.Second) {
		tickets, err := client.BookingTickets(ctx, hold.Booking)
		if err != nil {
			continue
		}
		switch tickets[0].Status { // all tickets of a booking are paid together
		case regionbilet.TicketPaid:
			return true, nil
		case regionbilet.TicketExpired:
			return false, nil
		default: // "booked" proves nothing yet: the payment may still be processed
		}
	}
	return false, lost
}

func TestLostPayment(t *testing.T) {
	t.Parallel()
	fake := regionbilettest.New() // sells 124 → 463 every day
	client, err := regionbilet.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		t.Fatal(err)
	}
	trips, err := client.Trips(t.Context(), regionbilet.TripQuery{From: "124", To: "463", Date: regionbilet.Today().AddDays(2)})
	if err != nil || len(trips) == 0 {
		t.Fatal(trips, err)
	}
	hold, err := client.Book(t.Context(), regionbilet.BookRequest{
		Trip: trips[0].Key(), Phone: "9187557788",
		Passengers: []regionbilet.Passenger{{
			Surname: "ИВАНОВ", FirstName: "ИВАН", Sex: regionbilet.Male, Category: regionbilet.Adult,
			BirthDate:   civil.Date{Year: 1977, Month: time.January, Day: 1},
			Nationality: "643", DocumentType: "1", Document: "0701 755756", Seat: "1", Price: trips[0].Adult.Price,
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	fake.Inject(regionbilettest.Fault{Op: "pay", Drop: true, Processed: true}) // the payment succeeds, but its answer is lost
	if paid, err := settle(t.Context(), client, hold); !paid || err != nil {
		t.Fatal(paid, err)
	}
}

// Given a payment that is carried out late or never, expect settle to return its outcome.
func TestSettle(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault regionbilettest.Fault
		paid  bool
	}{
		"late":          {regionbilettest.Fault{Op: "pay", Delay: 5 * time.Minute, Late: true}, true},
		"not processed": {regionbilettest.Fault{Op: "pay", Drop: true}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake, client := newFake(t)
				hold, err := client.Book(t.Context(), fakeRequest(t, client, 2))
				if err != nil {
					t.Fatal(err)
				}
				fake.Inject(test.fault)
				if paid, err := settle(t.Context(), client, hold); paid != test.paid || err != nil {
					t.Fatal(paid, err)
				}
			})
		})
	}
}
