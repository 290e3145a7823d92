package smartwaytest_test

import (
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/smartway"
	"github.com/rutravel/rutravel-go/smartway/smartwaytest"
)

func client(t *testing.T, fake *smartwaytest.Server) *smartway.Client {
	t.Helper()
	c, err := smartway.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	require.NoError(t, err)
	return c
}

func passenger() smartway.Passenger {
	return smartway.Passenger{
		ID: "e1", Phone: "+79990000000", Surname: "Илларионов", FirstName: "Петр", MiddleName: "Сергеевич",
		SurnameEng: "Illarionov", FirstNameEng: "Piotr", MiddleNameEng: "Sergeevich", Email: "illarionov@piotr.com", Citizenship: "RU",
		BirthDate: civil.Date{Year: 1981, Month: 1, Day: 1}, Sex: smartway.Male,
		Passports: []smartway.TravelDocument{{Type: smartway.DomesticPassport, Number: "5608999999"}}, INN: "1111111111",
	}
}

func search(t *testing.T, c *smartway.Client) smartway.FlightOffers {
	t.Helper()
	day := civil.DateOf(time.Now()).AddDays(3)
	offers, err := c.Airlines.Search(t.Context(), smartway.FlightQuery{
		Class: smartway.CabinBusiness, Baggage: smartway.AnyBaggage, Travellers: 1,
		Routes: []smartway.RouteQuery{{From: "LED", To: "PEZ", Date: day}, {From: "PEZ", To: "LED", Date: day.AddDays(2)}},
	})
	require.NoError(t, err)
	require.Len(t, offers.Variants, 2)
	return offers
}

func buy(t *testing.T, c *smartway.Client, fare smartway.FareID) smartway.TripID {
	t.Helper()
	offers := search(t, c)
	b := smartway.PurchaseRequest{Search: offers.Search, Variant: "2", Fare: fare, Passengers: []smartway.Passenger{passenger()}}
	id, err := c.Airlines.Buy(t.Context(), b)
	require.NoError(t, err)
	trip, err := c.Airlines.Wait(t.Context(), id)
	require.NoError(t, err)
	return trip
}

func employee() smartway.EmployeeChange {
	return smartway.EmployeeChange{
		ID: "8754", Surname: "Волина", FirstName: "Ирина", Sex: smartway.Female, BirthDate: civil.Date{Year: 1991, Month: 5, Day: 4},
		Citizenship: "RU", Phone: "+79165555555", Email: "volina@example.com", Number: "0042",
		Documents: []smartway.Document{{Type: smartway.ForeignPassport, Number: "71", Expiry: civil.Date{Year: 2030, Month: 1, Day: 2}}},
		Bonuses:   []smartway.Bonus{{Type: smartway.TrainBonus, Code: smartway.RailwayBonus, Number: "555"}},
		Companies: []smartway.CompanyID{"11525"},
	}
}
