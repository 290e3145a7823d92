package bgoperatortest_test

import (
	"testing"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/bgoperator/bgoperatortest"
)

func start(t *testing.T) (*bgoperatortest.Server, *bgoperator.Client) {
	t.Helper()
	fake := bgoperatortest.New()
	c, err := bgoperator.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	require.NoError(t, err)
	return fake, c
}

func tourist(passport string) bgoperator.Tourist {
	return bgoperator.Tourist{
		BirthDate: civil.Date{Year: 1982, Month: 6, Day: 11}, FirstName: "IVAN", Surname: "IVANOV", Citizenship: "100410000050",
		PassportSeries: "62", PassportNumber: passport, PassportExpiry: civil.Date{Year: 2036, Month: 11, Day: 11}, Sex: bgoperator.Male,
	}
}

func tour(o bgoperator.Offer, passports ...string) bgoperator.Tour {
	g := bgoperator.Group{Offer: o}
	for _, p := range passports {
		g.Tourists = append(g.Tourists, tourist(p))
	}
	return bgoperator.Tour{ClientTourID: "1", Groups: []bgoperator.Group{g}}
}

// flow makes all calls from the price to the cancellation.
func flow(t *testing.T, fake *bgoperatortest.Server, c *bgoperator.Client) {
	t.Helper()
	ctx := t.Context()
	request := tour(fake.Offers()[0], "12345678", "12345679")
	quote, err := c.Quote(ctx, request)
	require.NoError(t, err)
	require.Len(t, quote.Prices, 2)
	assert.Equal(t, "2386", quote.Prices[0].Full.String())
	assert.Empty(t, fake.Bookings(), "a quote books nothing")

	booking, err := c.Book(ctx, request)
	require.NoError(t, err)
	require.Len(t, fake.Bookings(), 1)
	if fake.Bookings()[0].Status == bgoperatortest.StatusRequested {
		_, err = c.QuoteCancel(ctx, booking.ID)
		require.ErrorIs(t, err, bgoperator.CodeCannotCancel)
		require.True(t, fake.Confirm(booking.ID))
	}
	tourists, err := c.TouristTransfers(ctx, booking.ID)
	require.NoError(t, err)
	require.Len(t, tourists, 2)
	var all []bgoperator.ChosenTransfers
	for _, p := range tourists {
		chosen := bgoperator.ChosenTransfers{Tourist: p.ID}
		for _, slot := range p.Slots {
			transfer, ok := slot.Choose(slot.Variants[len(chosen.Transfers)%len(slot.Variants)].ID)
			require.True(t, ok)
			if transfer.Airport != "" {
				flights, err := c.Flights(ctx, transfer)
				require.NoError(t, err)
				require.NotEmpty(t, flights)
				transfer.Flight = flights[len(flights)-1]
			}
			chosen.Transfers = append(chosen.Transfers, transfer)
		}
		all = append(all, chosen)
	}
	changed, err := c.SetTransfers(ctx, booking.ID, all)
	require.NoError(t, err)
	if len(changed.Prices) > 0 {
		assert.True(t, changed.Prices[0].Full.GreaterThan(quote.Prices[0].Full))
	}
	assert.Len(t, fake.Bookings()[0].Chosen, 2)
	_, err = c.SetTransfers(ctx, booking.ID, all[:1])
	require.NoError(t, err)
	assert.Len(t, fake.Bookings()[0].Chosen, 1, "the request replaces all transfers")

	contact := bgoperator.Contact{Tourist: tourists[0].ID, Email: "test@mail.ru", Phone: "+7 916 1234567"}
	require.NoError(t, c.SetContacts(ctx, booking.ID, []bgoperator.Contact{contact}))
	assert.Equal(t, []bgoperator.Contact{contact}, fake.Bookings()[0].Contacts)

	cost, err := c.QuoteCancel(ctx, booking.ID)
	require.NoError(t, err)
	assert.Equal(t, "20", cost.Costs[0].Amount.String())
	require.ErrorIs(t, c.Cancel(ctx, booking.ID, "another"), bgoperator.CodeCannotCancel)
	require.NoError(t, c.Cancel(ctx, booking.ID, cost.Ticket))
	assert.Equal(t, bgoperatortest.StatusCancelled, fake.Bookings()[0].Status)
	_, err = c.QuoteCancel(ctx, booking.ID)
	assert.ErrorIs(t, err, bgoperator.CodeAlreadyCancelled)
}
