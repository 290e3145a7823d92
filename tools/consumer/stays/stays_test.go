package stays_test

import (
	"net/http"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"example.com/shop/shoptest"
	"example.com/shop/stays"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/multitour"
	"github.com/rutravel/rutravel-go/multitour/multitourtest"
)

func open(t *testing.T) (*multitourtest.Server, *multitour.Client) {
	t.Helper()
	fake := multitourtest.New()
	client, err := multitour.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		t.Fatal(err)
	}
	return fake, client
}

func order() stays.Order {
	return stays.Order{
		Stay: multitour.OfferQuery{Hotel: "6596", Stay: multitour.Stay{
			Dates: []civil.Date{multitour.Today().AddDays(30)}, Nights: []int{7}, Adults: 1,
		}},
		Tourists: []multitour.Tourist{{
			Sex: multitour.Male, Surname: "Иванов", FirstName: "Петр", MiddleName: "Сергеевич",
			BirthDate: civil.Date{Year: 1976, Month: time.March, Day: 15},
		}},
	}
}

func TestSale(t *testing.T) {
	t.Parallel()
	_, client := open(t)
	var sold stays.Sold
	shoptest.Post(t, stays.Department(client), order(), http.StatusOK, &sold)

	booking, err := client.BookingInfo(t.Context(), sold.Code)
	if err != nil {
		t.Fatal(err)
	}
	if price := booking.Price.Decimal.StringFixed(2); sold.Price != "5722.50" || price != sold.Price {
		t.Errorf("sold for %s, the supplier wants %s", sold.Price, price)
	}
}

func TestLostBooking(t *testing.T) {
	t.Parallel()
	fake, client := open(t)
	fake.Inject(multitourtest.Fault{Op: "booking_set", Drop: true, Processed: true})
	shoptest.Post(t, stays.Department(client), order(), http.StatusAccepted, nil)
}
