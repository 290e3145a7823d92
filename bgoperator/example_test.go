package bgoperator_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/bgoperator/bgoperatortest"
	"github.com/rutravel/rutravel-go/journal"
)

// newTour returns a tour for one tourist.
func newTour(offer bgoperator.Offer, passport string) bgoperator.Tour {
	return bgoperator.Tour{
		ClientTourID: "order " + passport,
		Groups: []bgoperator.Group{{
			Offer: offer,
			Tourists: []bgoperator.Tourist{{
				BirthDate: civil.Date{Year: 1982, Month: time.June, Day: 11},
				FirstName: "IVAN", Surname: "IVANOV", Citizenship: "100410000050",
				PassportSeries: "62", PassportNumber: passport,
				PassportExpiry: civil.Date{Year: 2036, Month: time.November, Day: 11}, Sex: bgoperator.Male,
			}},
		}},
	}
}

// buy prices a tour and books it.
func buy(ctx context.Context, client *bgoperator.Client, tour bgoperator.Tour) error {
	quote, err := client.Quote(ctx, tour)
	if err != nil {
		return err
	}
	for _, price := range quote.Prices {
		fmt.Println(price.Full.StringFixed(2), price.Currency)
	}
	booking, err := client.Book(ctx, tour) // store the tour before this line
	switch {
	case errors.Is(err, rutravel.ErrNotConfirmed) && booking.ID != "" && booking.ClientTourID == tour.ClientTourID:
		fmt.Println("booked, but a part of the answer is missing:", booking.ID)
	case errors.Is(err, rutravel.ErrNotConfirmed):
		fmt.Println("perhaps booked: look into the agency's account")
	case err != nil:
		return err
	default:
		fmt.Println("booked:", booking.ID, "number", booking.Number)
	}
	return nil
}

// The answer to the second booking is lost.
func ExampleClient_Book() {
	fake := bgoperatortest.New()
	client, err := bgoperator.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	if err = buy(ctx, client, newTour(fake.Offers()[0], "17")); err != nil {
		panic(err)
	}
	tour := newTour(fake.Offers()[1], "18")
	fake.Inject(bgoperatortest.Fault{Op: "createtour+confirm", Drop: true, Processed: true})
	if err = buy(ctx, client, tour); err != nil {
		panic(err)
	}

	// A person has seen no such booking in the account and decides to book again. The
	// supplier may find the first booking, as here. It may also book a second time.
	_, err = client.Book(ctx, tour)
	if refusal, ok := errors.AsType[*bgoperator.RefusalError](err); ok && refusal.DuplicateOf != "" {
		fmt.Println("it was booked:", refusal.DuplicateOf)
	}
	// Output:
	// 1193.00 USD
	// 74563.00 RUR
	// booked: 104400000842366804 number 214150198
	// 1193.00 USD
	// 74563.00 RUR
	// perhaps booked: look into the agency's account
	// it was booked: 104400000842366805
}

// A journal stores the booking before it is sent. The answer is lost, and a person
// decides what happened.
func ExampleClient_BookOperation() {
	fake := bgoperatortest.New()
	client, err := bgoperator.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	j := journal.New(journal.NewMemory())
	book := journal.Add(j, client.BookOperation())

	ctx := context.Background()
	tour := newTour(fake.Offers()[0], "17")
	fake.Inject(bgoperatortest.Fault{Op: "createtour+confirm", Drop: true, Processed: true})
	_, err = book.Do(ctx, "order 17", tour)
	fmt.Println(errors.Is(err, rutravel.ErrNotConfirmed))
	if _, err = j.Resolve(ctx, "order 17"); err != nil { // in a backend: Journal.ResolveDue, from a timer
		panic(err)
	}
	open, err := j.Undecidable(ctx)
	if err != nil {
		panic(err)
	}
	fmt.Println(open[0].Key, "is", open[0].Outcome)
	fmt.Println(open[0].Reason)

	found := fake.Bookings()[0] // a person finds it in the account
	err = book.Decide(ctx, "order 17", rutravel.Resolution[bgoperator.Booking]{
		Outcome: rutravel.OutcomeDone,
		Value:   bgoperator.Booking{ClientTourID: tour.ClientTourID, ID: found.ID, Number: found.Number},
		Reason:  "Found in the account.",
	})
	if err != nil {
		panic(err)
	}
	booking, err := book.Do(ctx, "order 17", tour) // sends nothing: returns the stored result
	if err != nil {
		panic(err)
	}
	fmt.Println("booked:", booking.ID)
	// Output:
	// true
	// order 17 is undecidable
	// Check in the agency's account on the supplier's site whether these tourists are booked on this tour.
	// booked: 104400000842366804
}

// One request books two tours. The answer breaks off after the first booking.
func ExampleClient_BookAll() {
	fake := bgoperatortest.New()
	client, err := bgoperator.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	tours := []bgoperator.Tour{newTour(fake.Offers()[0], "17"), newTour(fake.Offers()[1], "18")}
	fake.SetQuirks(bgoperatortest.Quirks{Unpacked: true})
	fake.Inject(bgoperatortest.Fault{Op: "createtour+confirm", Cut: 100})
	bookings, err := client.BookAll(context.Background(), tours)
	if !errors.Is(err, rutravel.ErrNotConfirmed) {
		panic(err)
	}
	for i, tour := range tours {
		if i < len(bookings) && bookings[i].ID != "" {
			fmt.Println(tour.ClientTourID, "is booked:", bookings[i].ID)
		} else {
			fmt.Println(tour.ClientTourID, "is perhaps booked: look into the agency's account")
		}
	}
	// Output:
	// order 17 is booked: 104400000842366804
	// order 18 is perhaps booked: look into the agency's account
}

// The answer to the cancellation is lost. QuoteCancel shows that the booking is
// cancelled.
func ExampleClient_Cancel() {
	fake := bgoperatortest.New()
	client, err := bgoperator.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	booking, err := client.Book(ctx, newTour(fake.Offers()[0], "17"))
	if err != nil {
		panic(err)
	}
	quote, err := client.QuoteCancel(ctx, booking.ID)
	if err != nil {
		panic(err)
	}
	for _, cost := range quote.Costs {
		fmt.Println("costs", cost.Amount, cost.Currency)
	}
	fake.Inject(bgoperatortest.Fault{Op: "canceltour+confirm", Drop: true, Processed: true})
	err = client.Cancel(ctx, booking.ID, quote.Ticket)
	if errors.Is(err, rutravel.ErrNotConfirmed) {
		_, err = client.QuoteCancel(ctx, booking.ID)
		fmt.Println("cancelled:", errors.Is(err, bgoperator.CodeAlreadyCancelled))
	}
	// Output:
	// costs 20 EUR
	// cancelled: true
}

// A journal stores the cancellation before it is sent. The answer is lost, and a
// look-up finds that the booking is cancelled.
func ExampleClient_CancelOperation() {
	fake := bgoperatortest.New()
	client, err := bgoperator.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	j := journal.New(journal.NewMemory())
	cancel := journal.Add(j, client.CancelOperation())

	ctx := context.Background()
	booking, err := client.Book(ctx, newTour(fake.Offers()[0], "17"))
	if err != nil {
		panic(err)
	}
	quote, err := client.QuoteCancel(ctx, booking.ID)
	if err != nil {
		panic(err)
	}
	request := bgoperator.Cancellation{Booking: booking.ID, Ticket: quote.Ticket}
	fake.Inject(bgoperatortest.Fault{Op: "canceltour+confirm", Drop: true, Processed: true})
	_, err = cancel.Do(ctx, "order 17, cancel", request)
	if open, ok := errors.AsType[*journal.Error](err); ok {
		fmt.Println(open.Outcome)
	}
	if _, err = j.Resolve(ctx, "order 17, cancel"); err != nil { // in a backend: Journal.ResolveDue, from a timer
		panic(err)
	}
	_, err = cancel.Do(ctx, "order 17, cancel", request) // sends nothing: returns the stored result
	fmt.Println("cancelled:", err == nil)
	// Output:
	// open
	// cancelled: true
}

// A booking that the supplier has not confirmed cannot be cancelled yet.
func ExampleClient_QuoteCancel() {
	fake := bgoperatortest.New()
	client, err := bgoperator.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	fake.SetQuirks(bgoperatortest.Quirks{Unconfirmed: true})
	ctx := context.Background()
	booking, err := client.Book(ctx, newTour(fake.Offers()[0], "17"))
	if err != nil {
		panic(err)
	}
	_, err = client.QuoteCancel(ctx, booking.ID)
	fmt.Println("not yet:", errors.Is(err, bgoperator.CodeCannotCancel))
	fake.Confirm(booking.ID)
	quote, err := client.QuoteCancel(ctx, booking.ID)
	if err != nil {
		panic(err)
	}
	fmt.Println("costs", quote.Costs[0].Amount, quote.Costs[0].Currency)
	// Output:
	// not yet: true
	// costs 20 EUR
}

// Each tourist gets the first variant of each slot, with its flight.
func ExampleClient_SetTransfers() {
	fake := bgoperatortest.New()
	client, err := bgoperator.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	booking, err := client.Book(ctx, newTour(fake.Offers()[0], "17"))
	if err != nil {
		panic(err)
	}
	tourists, err := client.TouristTransfers(ctx, booking.ID)
	if err != nil {
		panic(err)
	}
	var all []bgoperator.ChosenTransfers
	for _, tourist := range tourists {
		chosen := bgoperator.ChosenTransfers{Tourist: tourist.ID}
		for _, slot := range tourist.Slots {
			transfer, ok := slot.Choose(slot.Variants[0].ID)
			if !ok {
				continue
			}
			if transfer.Airport != "" {
				flights, err := client.Flights(ctx, transfer)
				if err != nil || len(flights) == 0 {
					panic(err)
				}
				transfer.Flight = flights[0] // in your program: let the tourist choose
				fmt.Println(transfer.Flight.Text)
			}
			chosen.Transfers = append(chosen.Transfers, transfer)
		}
		all = append(all, chosen)
	}
	changed, err := client.SetTransfers(ctx, booking.ID, all)
	if err != nil {
		panic(err)
	}
	for _, price := range changed.Prices {
		fmt.Println("new price:", price.Full, price.Currency)
	}
	// Output:
	// UN 651 (Y)#01.03.2014#10:45-14:25
	// SU2075 (Y)#10.03.2014#19:15-00:05
	// new price: 1353 USD
	// new price: 84563 RUR
}

// fileStore keeps the session of one process in a file, so that the session survives a
// restart. A store for several processes must lock in Load and unlock in Save.
type fileStore string

func (f fileStore) Load(context.Context) (rutravel.Secret, error) {
	text, err := os.ReadFile(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return rutravel.Secret(text), err
}

func (f fileStore) Save(_ context.Context, session rutravel.Secret) error {
	return os.WriteFile(string(f), []byte(session), 0o600)
}

// The client of the next start uses the session of the first client.
func ExampleSessionStore() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	fake := bgoperatortest.New()
	fake.AddExport("/yandex?action=countries", []byte("[]"))
	config := fake.Config()
	config.SessionStore = fileStore(filepath.Join(dir, "session"))
	for range 2 {
		client, err := bgoperator.New(config, rutravel.WithHTTPClient(fake.HTTPClient()))
		if err != nil {
			panic(err)
		}
		if _, err = client.Export(context.Background(), "/yandex?action=countries"); err != nil {
			panic(err)
		}
	}
	for _, request := range fake.Requests() {
		fmt.Println(request.Op)
	}
	// Output:
	// login
	// export
	// export
}

// A refusal has a kind and a code.
func Example_errors() {
	fake := bgoperatortest.New()
	client, err := bgoperator.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	offer := fake.Offers()[0]
	offer.Main.Nights = 8 // the price list has 7
	_, err = client.Quote(context.Background(), newTour(offer, "12345678"))
	var failure *rutravel.Error
	if errors.As(err, &failure) {
		fmt.Println(failure.Kind, "-", bgoperator.Code(failure.Code).Meaning())
	}
	fmt.Println(errors.Is(err, bgoperator.CodeBadDuration))

	err = client.Cancel(context.Background(), "104400000842366804", "")
	fmt.Println(err)
	// Output:
	// invalid request - the duration of a stay is wrong
	// true
	// bgoperator: canceltour+confirm: invalid request: ticket must not be empty
}
