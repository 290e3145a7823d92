package journal_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/journal"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

type shop struct {
	journal *journal.Journal
	book    *journal.Call[regionbilet.BookRequest, regionbilet.Hold]
	pay     *journal.Call[regionbilet.Hold, []regionbilet.IssuedTicket]
}

func newShop(store journal.Store, client *regionbilet.Client) *shop {
	j := journal.New(store)
	return &shop{j, journal.Add(j, client.BookOperation()), journal.Add(j, client.PayOperation())}
}

// buy may be called again for an order, also after a crash: it books and pays once.
func (s *shop) buy(ctx context.Context, order string, request regionbilet.BookRequest) ([]regionbilet.IssuedTicket, error) {
	hold, err := s.book.Do(ctx, order+", book", request)
	if err != nil {
		return nil, err
	}
	return s.pay.Do(ctx, order+", pay", hold)
}

// lookUp finds out what became of calls whose answer was lost. It runs from start on.
func (s *shop) lookUp(ctx context.Context) {
	for ctx.Err() == nil {
		_, _ = s.journal.ResolveDue(ctx)
		time.Sleep(100 * time.Millisecond)
	}
}

// The answer to a payment is lost. The order is open until a look-up has found the
// payment, and then has its tickets.
func Example() {
	fake := regionbilettest.New()
	client, err := regionbilet.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	shop := newShop(journal.NewMemory(), client)
	go shop.lookUp(ctx)
	request, err := choose(ctx, client)
	if err != nil {
		panic(err)
	}
	fake.Inject(regionbilettest.Fault{Op: "pay", Drop: true, Processed: true})

	for {
		tickets, err := shop.buy(ctx, "order 17", request)
		open, ok := errors.AsType[*journal.Error](err)
		switch {
		case err == nil:
			fmt.Println("paid: seat", tickets[0].Seat)
			return
		case ok && open.Outcome == rutravel.OutcomeOpen:
			time.Sleep(10 * time.Millisecond) // show a page that says so
		default:
			panic(err)
		}
	}
	// Output: paid: seat 1
}

// choose returns a request for the first free seat in two days.
func choose(ctx context.Context, client *regionbilet.Client) (regionbilet.BookRequest, error) {
	trips, err := client.Trips(ctx, regionbilet.TripQuery{From: "124", To: "463", Date: civil.DateOf(time.Now().UTC()).AddDays(2)})
	if err != nil || len(trips) == 0 {
		return regionbilet.BookRequest{}, errors.Join(err, errors.New("no trip"))
	}
	free, err := client.FreeSeats(ctx, trips[0].Key())
	if err != nil || len(free) == 0 {
		return regionbilet.BookRequest{}, errors.Join(err, errors.New("no seat"))
	}
	return regionbilet.BookRequest{Trip: trips[0].Key(), Phone: "9187557788", Passengers: []regionbilet.Passenger{{
		Surname: "ИВАНОВ", FirstName: "ИВАН", Sex: regionbilet.Male, Category: regionbilet.Adult,
		BirthDate: civil.Date{Year: 1977, Month: time.January, Day: 1}, Nationality: "643",
		DocumentType: "1", Document: "0701 755756", Seat: free[0], Price: trips[0].Adult.Price,
	}}}, nil
}
