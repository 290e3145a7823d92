package rutravel_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

// coaches returns an in-memory Regionbilet and a client of it.
func coaches(opts ...rutravel.Option) (*regionbilettest.Server, *regionbilet.Client) {
	fake := regionbilettest.New()
	client, err := regionbilet.New(fake.Config(), append(opts, rutravel.WithHTTPClient(fake.HTTPClient()))...)
	if err != nil {
		panic(err)
	}
	return fake, client
}

// hold books a seat of the first coach in two days.
func hold(ctx context.Context, client *regionbilet.Client, seat regionbilet.Seat) regionbilet.BookingID {
	trips, err := client.Trips(ctx, regionbilet.TripQuery{From: "124", To: "463", Date: civil.DateOf(time.Now().UTC()).AddDays(2)})
	if err != nil {
		panic(err)
	}
	hold, err := client.Book(ctx, regionbilet.BookRequest{
		Trip: trips[0].Key(), Phone: "9187557788", Passengers: []regionbilet.Passenger{{
			Surname: "ИВАНОВ", FirstName: "ИВАН", Sex: regionbilet.Male, Category: regionbilet.Adult,
			BirthDate: civil.Date{Year: 1977, Month: time.January, Day: 1}, Nationality: "643",
			DocumentType: "1", Document: "0701 755756", Seat: seat, Price: trips[0].Adult.Price,
		}},
	})
	if err != nil {
		panic(err)
	}
	return hold.Booking
}

// A handler detaches a payment from the request: if the customer closes the page, the
// payment goes on. The kind of an error says what to do, at every supplier.
func Example_detached() {
	fake, client := coaches()
	pay := func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), 2*time.Minute)
		defer cancel()
		booking := regionbilet.BookingID(r.FormValue("booking"))
		tickets, err := client.Pay(ctx, regionbilet.Hold{Booking: booking})
		switch {
		case errors.Is(err, rutravel.ErrNotConfirmed):
			states, lookErr := client.BookingTickets(ctx, booking)
			if lookErr != nil {
				http.Error(w, "please wait", http.StatusAccepted) // and look again later
				return
			}
			fmt.Fprintln(w, "the answer was lost; seat", states[0].Seat, "is", states[0].Status)
		case errors.Is(err, rutravel.ErrRejected):
			http.Error(w, "not sold: "+err.Error(), http.StatusConflict)
		case err != nil:
			http.Error(w, "please try again", http.StatusBadGateway)
		default:
			fmt.Fprintln(w, "seat", tickets[0].Seat, "is yours")
		}
	}

	ctx := context.Background()
	gone, leave := context.WithCancel(ctx)
	leave() // the customer has closed the page
	visit := func(booking regionbilet.BookingID) {
		w := httptest.NewRecorder()
		pay(w, httptest.NewRequestWithContext(gone, http.MethodPost, "/pay?booking="+string(booking), nil))
		fmt.Print(w.Body)
	}
	first, second := hold(ctx, client, "1"), hold(ctx, client, "2")
	visit(first)
	fake.Inject(regionbilettest.Fault{Op: "pay", Drop: true, Processed: true})
	visit(second)
	visit("stv-unknown")
	// Output:
	// seat 1 is yours
	// the answer was lost; seat 2 is paid
	// not sold: regionbilet: pay: rejected by the supplier: code "1": "Заказ не найден" (HTTP 200)
}

// New and all calls check their input before anything is sent. The error names the
// field.
func ExampleFieldError() {
	client, err := regionbilet.New(regionbilet.Config{
		User:      "agent",
		SecretKey: rutravel.Secret(os.Getenv("REGIONBILET_SKEY")),
	})
	if bad, ok := errors.AsType[*rutravel.FieldError](err); ok {
		fmt.Println("client:", client)
		fmt.Println(bad.Field, bad.Problem)
	}
	// Output:
	// client: <nil>
	// SecretKey must not be empty
}

// traceKey is the key of a trace in a context.
type traceKey struct{}

// A span for each attempt, under the trace of the call. No address is in it:
// Regionbilet's has the credentials and the passengers.
func ExampleWithObserver() {
	_, client := coaches(rutravel.WithObserver(rutravel.Observer{AttemptEnd: func(ctx context.Context, a rutravel.Attempt) {
		begun := time.Now().Add(-a.Duration) // a real span begins here
		kind := "ok"
		if a.Err != nil {
			kind = rutravel.KindOf(a.Err).Slug()
		}
		fmt.Printf("%v: %s.%s #%d HTTP %d %s, ended: %t\n",
			ctx.Value(traceKey{}), a.Supplier, a.Op, a.Number, a.Status, kind, !begun.After(time.Now()))
	}}))
	ctx := context.WithValue(context.Background(), traceKey{}, "trace 7")
	_, _ = client.Departures(ctx)
	_, _ = client.Pay(ctx, regionbilet.Hold{Booking: "stv-unknown"})
	// Output:
	// trace 7: regionbilet.from #1 HTTP 200 ok, ended: true
	// trace 7: regionbilet.pay #1 HTTP 200 rejected, ended: true
}

// quota is a number of attempts.
type quota chan struct{}

// Wait takes one, and does not wait for more.
func (q quota) Wait(ctx context.Context) error {
	select {
	case <-q:
		return ctx.Err()
	default:
		return fmt.Errorf("the hour's requests are used up: %w", rutravel.ErrRateLimited)
	}
}

// A limiter that waits is [golang.org/x/time/rate.Limiter]; this one refuses.
//
// [golang.org/x/time/rate.Limiter]: https://pkg.go.dev/golang.org/x/time/rate#Limiter
func ExampleWithLimiter() {
	hour := make(quota, 1)
	hour <- struct{}{}
	fake, client := coaches(rutravel.WithLimiter(hour))
	for range 2 {
		_, err := client.Departures(context.Background())
		fmt.Println(errors.Is(err, rutravel.ErrRateLimited))
	}
	fmt.Println(len(fake.Requests()), "request")
	// Output:
	// false
	// true
	// 1 request
}

// The supplier's own words, for a dispute.
func ExampleWithRawAnswer() {
	_, client := coaches()
	var body []byte
	_, err := client.Pay(context.Background(), regionbilet.Hold{Booking: "stv-unknown"}, rutravel.WithRawAnswer(&body))
	fmt.Println(errors.Is(err, rutravel.ErrRejected))
	fmt.Printf("%s\n", body)
	// Output:
	// true
	// {"error":"1","error_description":"Заказ не найден"}
}

// A list that breaks off is not lost: what came before the error is there.
func ExampleCollect() {
	_, client := coaches()
	ctx := context.Background()
	for _, seat := range []regionbilet.Seat{"1", "2"} {
		if _, err := client.Pay(ctx, regionbilet.Hold{Booking: hold(ctx, client, seat)}); err != nil {
			panic(err)
		}
	}
	today := civil.DateOf(time.Now().UTC())
	sales, err := rutravel.Collect(client.AllSales(ctx, regionbilet.DateRange{From: today.AddDays(-1), To: today.AddDays(1)}))
	fmt.Println(len(sales), "tickets,", err)
	// Output: 2 tickets, <nil>
}
