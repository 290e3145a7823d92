package smartwaytest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/smartway"
	"github.com/rutravel/rutravel-go/smartway/smartwaytest"
)

// SW-T77: the results of a search expire, and wrong ids are refused.
func TestPurchase(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		fake := smartwaytest.New()
		c := client(t, fake)
		offers := search(t, c)
		good := smartway.PurchaseRequest{Search: offers.Search, Variant: "1", Passengers: []smartway.Passenger{passenger()}}
		for name, change := range map[string]func(*smartway.PurchaseRequest){
			"search":     func(b *smartway.PurchaseRequest) { b.Search = "x" },
			"variant":    func(b *smartway.PurchaseRequest) { b.Variant = "7" },
			"fare":       func(b *smartway.PurchaseRequest) { b.Fare = "x" },
			"passengers": func(b *smartway.PurchaseRequest) { b.Passengers = append(b.Passengers, passenger()) },
		} {
			b := good
			change(&b)
			_, err := c.Airlines.Buy(ctx, b)
			require.Error(t, err, name)
			require.NotErrorIs(t, err, rutravel.ErrNotConfirmed, name)
		}
		fake.SetQuirks(smartwaytest.Quirks{Failure: "Бронирование невозможно. Доступ запрещен."})
		id, err := c.Airlines.Buy(ctx, good)
		require.NoError(t, err)
		p, err := c.Airlines.Result(ctx, id)
		require.NoError(t, err)
		assert.Equal(t, smartway.PurchasePending, p.Status)
		time.Sleep(smartwaytest.PurchaseTime)
		p, err = c.Airlines.Result(ctx, id)
		require.NoError(t, err)
		assert.Equal(t, smartway.PurchaseResult{Status: smartway.PurchaseFailed, Error: "Бронирование невозможно. Доступ запрещен."}, p)

		fake.Advance(smartwaytest.SearchLife)
		_, err = c.Airlines.Buy(ctx, good)
		require.ErrorIs(t, err, rutravel.ErrNotFound)
	})
}

// A purchase for employees of two companies is billed to both companies.
func TestPurchaseOfCompanies(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := smartwaytest.New()
		c := client(t, fake)
		offers, err := c.Airlines.Search(t.Context(), smartway.FlightQuery{
			Class: smartway.CabinEconomy, Baggage: smartway.AnyBaggage, Travellers: 3,
			Routes: []smartway.RouteQuery{{From: "LED", To: "MOW", Date: civil.DateOf(time.Now()).AddDays(2)}},
		})
		require.NoError(t, err)
		people := []smartway.Passenger{passenger(), passenger(), passenger()}
		people[1].ID, people[1].INN = "e2", "7799555550"
		people[2].ID = "e3"
		v := offers.Variants[0]
		id, err := c.Airlines.Buy(t.Context(), smartway.PurchaseRequest{
			Search: offers.Search, Variant: v.ID, Fare: v.Fares[0].ID, Passengers: people,
		})
		require.NoError(t, err)
		_, err = c.Airlines.Wait(t.Context(), id)
		require.NoError(t, err)
		trips, err := rutravel.Collect(c.Trips.AfterChange(t.Context(), 0).All())
		require.NoError(t, err)
		require.Len(t, trips, 2, "nobody's ticket is billed to another's company")
		assert.Equal(t, smartway.INN("1111111111"), trips[0].Items[0].Company.INN)
		assert.Len(t, trips[0].Items[0].Travellers, 2)
		assert.Equal(t, smartway.INN("7799555550"), trips[1].Items[0].Company.INN)
		assert.True(t, v.Fares[0].Price.Equal(trips[0].Amount.Add(trips[1].Amount)))
	})
}
