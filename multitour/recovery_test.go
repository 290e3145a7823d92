package multitour_test

import (
	"context"
	"testing"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/internal/testing/fake"
	"github.com/rutravel/rutravel-go/multitour"
	"github.com/rutravel/rutravel-go/multitour/multitourtest"
)

type (
	supplier = multitourtest.Server
	caller   = multitour.Client
)

// wanted is what a backend stores before it books.
type wanted struct {
	Request multitour.BookRequest
	Offer   multitour.Offer
	CheckIn civil.Date
}

// MT-T44: whatever fails, a booking is sent once. It is found by its request, or
// made if there is none. In the end there is one booking.
func TestRecovery(t *testing.T) {
	t.Parallel()
	conformance.RecoverySuite[*supplier, *caller]{
		Operations: multitour.Operations,
		GoldenDir:  "../testdata/multitour",
		NewFake: func() *supplier {
			f := multitourtest.New()
			f.SetQuirks(multitourtest.Quirks{MainLast: true})
			return f
		},
		NewClient: func(f *supplier) (*caller, error) {
			return multitour.New(f.Config(), rutravel.WithHTTPClient(f.HTTPClient()))
		},
		Inject: func(f *supplier, fault fake.Fault) { f.Inject(multitourtest.Fault(fault)) },
		Arrived: func(f *supplier) (all []string) {
			for _, r := range f.Requests() {
				all = append(all, r.Op)
			}
			return all
		},
		Cases: []conformance.RecoveryCase[*supplier, *caller]{
			conformance.Recovery("booking_set", "", chosen, func(ctx context.Context, c *caller, w wanted) error {
				_, err := c.Book(ctx, w.Request)
				return err
			}, lostBooking),
			conformance.Recovery("booking_set+full", "", chosen, func(ctx context.Context, c *caller, w wanted) error {
				_, err := c.BookFull(ctx, w.Request)
				return err
			}, lostBooking),
		},
	}.Run(t)
}

// chosen asks for an offer for the tourists of the samples, beside bookings of
// theirs and of others that are not looked for.
func chosen(t *testing.T, _ *supplier, c *caller) wanted {
	t.Helper()
	w := wanted{Request: bookRequest(), CheckIn: multitour.Today().AddDays(10)}
	w.Request.BookingDate = multitour.Today()
	w.Request.Tourists[1].Surname = "Петрова" // any of them may be the main one
	offer := func(hotel multitour.HotelID) multitour.Offer {
		offers, err := c.Offers(t.Context(), multitour.OfferQuery{
			Hotel: hotel, Stay: multitour.Stay{Dates: []civil.Date{w.CheckIn}, Nights: []int{7}, Adults: 2},
		})
		require.NoError(t, err)
		require.NotEmpty(t, offers)
		return offers[0]
	}
	other := w.Request
	other.Offer = offer("4952").ID
	_, err := c.Book(t.Context(), other)
	require.NoError(t, err)
	w.Offer = offer("9044")
	w.Request.Offer = w.Offer.ID
	return w
}

// lostBooking finds the booking among its tourists' others, by the stay, the
// price and the number of tourists, as LostBookings says.
func lostBooking(t *testing.T, _ *supplier, c *caller, w wanted, done bool) {
	t.Helper()
	find := func() (codes []multitour.BookingCode) {
		candidates, err := c.LostBookings(t.Context(), w.Request)
		require.NoError(t, err)
		assert.NotEmpty(t, candidates, "the other booking is one")
		for _, b := range candidates {
			if b.TourDate == w.CheckIn && b.Price.Decimal.Equal(w.Offer.Price) && *b.TouristCount == len(w.Request.Tourists) {
				codes = append(codes, b.Code)
			}
		}
		return codes
	}
	found := conformance.AskAgain(func() bool { return len(find()) > 0 })
	require.Equal(t, done, found)
	if !found {
		_, err := c.Book(t.Context(), w.Request)
		require.NoError(t, err)
	}
	codes := find()
	require.Len(t, codes, 1)
	booking, err := c.BookingInfo(t.Context(), codes[0])
	require.NoError(t, err)
	assert.Equal(t, w.CheckIn, booking.TourDate)
	require.Len(t, booking.Tourists, 2)
	all, err := rutravel.Collect(c.Bookings(t.Context(), multitour.BookingQuery{}))
	require.NoError(t, err)
	assert.Len(t, all, 2)
}
