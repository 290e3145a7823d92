package bgoperatortest_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/bgoperator/bgoperatortest"
)

// A cancellation is carried out and its answer is lost.
func Example() {
	fake := bgoperatortest.New()
	client, err := bgoperator.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	booking, err := client.Book(ctx, bgoperator.Tour{ClientTourID: "1", Groups: []bgoperator.Group{{
		Offer: fake.Offers()[0], Tourists: []bgoperator.Tourist{{
			FirstName: "IVAN", Surname: "IVANOV", Sex: bgoperator.Male, Citizenship: "100410000050",
			BirthDate:      civil.Date{Year: 1982, Month: time.June, Day: 11},
			PassportSeries: "62", PassportNumber: "12345678",
			PassportExpiry: civil.Date{Year: 2036, Month: time.November, Day: 11},
		}},
	}}})
	if err != nil {
		panic(err)
	}
	quote, err := client.QuoteCancel(ctx, booking.ID)
	if err != nil {
		panic(err)
	}

	fake.Inject(bgoperatortest.Fault{Op: "canceltour+confirm", Drop: true, Processed: true})
	err = client.Cancel(ctx, booking.ID, quote.Ticket)
	fmt.Println("not confirmed:", errors.Is(err, rutravel.ErrNotConfirmed))
	_, err = client.QuoteCancel(ctx, booking.ID)
	fmt.Println("cancelled:", errors.Is(err, bgoperator.CodeAlreadyCancelled))
	// Output:
	// not confirmed: true
	// cancelled: true
}
