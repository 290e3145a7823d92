package flights_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/civil"
	"example.com/shop/flights"
	"example.com/shop/shoptest"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/smartway"
	"github.com/rutravel/rutravel-go/smartway/smartwaytest"
)

func open(t *testing.T) (*smartwaytest.Server, *smartway.Client) {
	t.Helper()
	fake := smartwaytest.New()
	client, err := smartway.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		t.Fatal(err)
	}
	return fake, client
}

func order() flights.Order {
	return flights.Order{
		Route: smartway.RouteQuery{From: "LED", To: "MOW", Date: civil.DateOf(time.Now().UTC()).AddDays(30)},
		Passenger: smartway.Passenger{
			ID: "8754", Phone: "+79990000000", Surname: "Илларионов", FirstName: "Петр", MiddleName: "Сергеевич",
			SurnameEng: "Illarionov", FirstNameEng: "Piotr", MiddleNameEng: "Sergeevich", Email: "illarionov@piotr.com",
			Citizenship: "RU", BirthDate: civil.Date{Year: 1981, Month: time.January, Day: 1}, Sex: smartway.Male,
			Passports: []smartway.TravelDocument{{Type: smartway.DomesticPassport, Number: "5608999999", Selected: true}},
			INN:       "7799555550",
		},
	}
}

// The supplier finishes the purchase late. The fake clock makes the wait short.
func TestSale(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, client := open(t)
		var sold flights.Sold
		shoptest.Post(t, flights.Department(client), order(), http.StatusOK, &sold)
		if sold.Trip == "" || sold.Price != "4890.50" {
			t.Errorf("sold %+v", sold)
		}
	})
}

func TestLostPurchase(t *testing.T) {
	t.Parallel()
	fake, client := open(t)
	fake.Inject(smartwaytest.Fault{Op: "airline.book", Drop: true, Processed: true})
	shoptest.Post(t, flights.Department(client), order(), http.StatusAccepted, nil)
	var bought int
	for _, r := range fake.Requests() {
		if r.Op == "airline.book" {
			bought++
		}
	}
	if bought != 1 {
		t.Errorf("bought %d times", bought)
	}
}
