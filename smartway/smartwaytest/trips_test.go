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

// A purchase becomes a trip with versions, vouchers and documents. A cancellation outside
// of the API appears in the history.
func TestTrips(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		fake := smartwaytest.New()
		c := client(t, fake)
		id := buy(t, c, "EC-PLUS")
		info, err := c.Trips.Info(ctx, id)
		require.NoError(t, err)
		assert.Equal(t, "12240", info.Amount.String(), "both directions, with the chosen fare")
		assert.Equal(t, smartway.TripBooked, info.Status)

		history := c.Trips.AfterChange(ctx, 0)
		all, err := rutravel.Collect(history.All())
		require.NoError(t, err)
		require.Len(t, all, 1)
		cursor, ok := history.Cursor()
		require.True(t, ok)
		item := all[0].Items[0]
		assert.Equal(t, info.Items[0].ID, item.ID)
		assert.Len(t, item.Details.Air, 2)
		assert.Equal(t, smartway.ExternalID("e1"), item.Travellers[0].ExternalID)
		assert.Equal(t, "1112.73", item.VATs[0].Amount.Decimal.String())

		require.True(t, fake.CancelTrip(id))
		assert.False(t, fake.CancelTrip(id))
		all, err = rutravel.Collect(c.Trips.AfterChange(ctx, cursor).All())
		require.NoError(t, err)
		require.Len(t, all, 1)
		assert.Equal(t, smartway.TripCancelled, all[0].Status)
		last := all[0].Items[0].Versions[1]
		assert.Equal(t, []smartway.TransactionType{smartway.TransactionRefund, smartway.TransactionPenalty}, []smartway.TransactionType{last.Transactions[0].Type, last.Transactions[1].Type})

		// SW-T80: Start is included.
		versions, err := c.Trips.Versions(ctx, smartway.VersionQuery{Start: last.ID, INNs: []smartway.INN{"1111111111"}, Documents: []string{"5608999999"}})
		require.NoError(t, err)
		assert.Equal(t, []smartway.VersionID{last.ID}, []smartway.VersionID{versions[0].ID})
		versions, err = c.Trips.Versions(ctx, smartway.VersionQuery{INNs: []smartway.INN{"7799555550"}})
		require.NoError(t, err)
		assert.Empty(t, versions)
		pdf, err := c.Trips.VersionVoucher(ctx, last.ID)
		require.NoError(t, err)
		assert.Contains(t, string(pdf), "Cancelled")
		_, err = c.Trips.ItemVoucher(ctx, "1")
		require.ErrorIs(t, err, rutravel.ErrNotFound)

		today := civil.DateOf(time.Now())
		list, err := c.Trips.Between(ctx, smartway.DateRange{From: today.AddDays(-1), To: today.AddDays(1)})
		require.NoError(t, err)
		assert.Len(t, list.Trips, 1)
		assert.Equal(t, last.ID, list.LastVersion)
		list, err = c.Trips.Between(ctx, smartway.DateRange{From: today.AddDays(-9), To: today.AddDays(-5)})
		require.NoError(t, err)
		assert.Empty(t, list.Trips)
		packages, err := c.ClosingDocuments.List(ctx, smartway.ClosingQuery{INN: "1111111111"})
		require.NoError(t, err)
		require.Len(t, packages, 1)
		assert.Equal(t, "6120", packages[0].Documents[0].Acts[0].Amount.String())
		assert.Equal(t, map[smartway.TransactionType]smartway.ServiceType{smartway.TransactionPenalty: smartway.ServiceAir}, packages[0].Documents[1].Tickets[0].Operations)
	})
}
