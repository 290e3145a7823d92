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
)

// newTour makes a tour for one tourist of an offer of the price list.
func newTour(offer bgoperator.Offer, passport string) bgoperator.Tour {
	return bgoperator.Tour{
		ClientTourID: "order 17",
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

// buy asks what a tour costs and books it.
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
	case errors.Is(err, rutravel.ErrNotConfirmed) && booking.ID != "":
		fmt.Println("booked, but look at the answer:", booking.ID)
	case errors.Is(err, rutravel.ErrNotConfirmed):
		fmt.Println("perhaps booked: look into the agency's account before anything else")
	case err != nil:
		return err
	default:
		fmt.Println("booked:", booking.ID, "no.", booking.Number)
	}
	return nil
}

// Example tests a program that books tours, against the fake.
func Example() {
	fake := bgoperatortest.New()
	client, err := bgoperator.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	if err := buy(context.Background(), client, newTour(fake.Offers()[0], "12345678")); err != nil {
		panic(err)
	}
	// Output:
	// 1193.00 USD
	// 74563.00 RUR
	// booked: 104400000842366804 no. 214150198
}

// A booking whose answer was lost.
func Example_lostAnswer() {
	fake := bgoperatortest.New()
	client, err := bgoperator.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	tour := newTour(fake.Offers()[1], "12345678")
	fake.Inject(bgoperatortest.Fault{Op: "createtour+confirm", Drop: true, Processed: true})
	if err := buy(ctx, client, tour); err != nil {
		panic(err)
	}

	// Somebody has looked into the account, has seen no such booking and decides
	// to repeat it, with the same data. The supplier may find the first one, as
	// here, and may not.
	_, err = client.Book(ctx, tour)
	if refusal, ok := errors.AsType[*bgoperator.RefusalError](err); ok && refusal.DuplicateOf != "" {
		fmt.Println("it was booked:", refusal.DuplicateOf)
	}
	// Output:
	// 1193.00 USD
	// 74563.00 RUR
	// perhaps booked: look into the agency's account before anything else
	// it was booked: 104400000842366804
}

func ExampleClient_Cancel() {
	fake := bgoperatortest.New()
	client, err := bgoperator.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	booking, err := client.Book(ctx, newTour(fake.Offers()[0], "12345678"))
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

// fileStore keeps the session of one process in a file, so that it survives a
// restart. A store for several processes would lock in Load and unlock in Save.
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
	for range 2 { // the second client is that of the next start
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

func Example_errors() {
	fake := bgoperatortest.New()
	client, err := bgoperator.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	offer := fake.Offers()[0]
	offer.Main.Nights = 8 // not what the price list says
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
