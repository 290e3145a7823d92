package tours_test

import (
	"net/http"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"example.com/shop/shoptest"
	"example.com/shop/tours"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/bgoperator/bgoperatortest"
)

func open(t *testing.T) (*bgoperatortest.Server, *bgoperator.Client) {
	t.Helper()
	fake := bgoperatortest.New()
	client, err := bgoperator.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		t.Fatal(err)
	}
	return fake, client
}

func tour(fake *bgoperatortest.Server) bgoperator.Tour {
	return bgoperator.Tour{
		ClientTourID: "order 17",
		Groups: []bgoperator.Group{{
			Offer: fake.Offers()[0],
			Tourists: []bgoperator.Tourist{{
				BirthDate: civil.Date{Year: 1982, Month: time.June, Day: 11},
				FirstName: "IVAN", Surname: "IVANOV", Citizenship: "100410000050",
				PassportSeries: "62", PassportNumber: "12345678",
				PassportExpiry: civil.Date{Year: 2036, Month: time.November, Day: 11}, Sex: bgoperator.Male,
			}},
		}},
	}
}

func TestSale(t *testing.T) {
	t.Parallel()
	fake, client := open(t)
	var sold tours.Sold
	shoptest.Post(t, tours.Department(client), tour(fake), http.StatusOK, &sold)

	bookings := fake.Bookings()
	if len(bookings) != 1 || bookings[0].ID != sold.Booking {
		t.Errorf("sold %+v, the supplier knows %+v", sold, bookings)
	}
	if price := sold.Prices[bgoperator.USD]; price != "1193.00" {
		t.Errorf("sold for %q USD", price)
	}
}

func TestLostBooking(t *testing.T) {
	t.Parallel()
	fake, client := open(t)
	fake.Inject(bgoperatortest.Fault{Op: "createtour+confirm", Drop: true, Processed: true})
	shoptest.Post(t, tours.Department(client), tour(fake), http.StatusAccepted, nil)
	if n := len(fake.Bookings()); n != 1 {
		t.Errorf("booked %d times", n)
	}
}
