package bgoperatortest_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/bgoperator/bgoperatortest"
)

// The same tour for the same passports is a duplicate until it is cancelled.
func TestDuplicates(t *testing.T) {
	t.Parallel()
	fake, c := start(t)
	request := tour(fake.Offers()[1], "1")
	booking, err := c.Book(t.Context(), request)
	require.NoError(t, err)
	_, err = c.Book(t.Context(), request)
	require.ErrorIs(t, err, bgoperator.CodeDuplicate)
	assert.ErrorIs(t, err, rutravel.ErrConflict)
	assert.ErrorContains(t, err, string(booking.ID))

	other := tour(fake.Offers()[1], "2")
	_, err = c.Book(t.Context(), other)
	require.NoError(t, err, "a tourist with another passport")
	cost, err := c.QuoteCancel(t.Context(), booking.ID)
	require.NoError(t, err)
	require.NoError(t, c.Cancel(t.Context(), booking.ID, cost.Ticket))
	_, err = c.Book(t.Context(), request)
	require.NoError(t, err, "the first booking is cancelled")
	fake.SetQuirks(bgoperatortest.Quirks{SameBooking: true})
	_, err = c.Book(t.Context(), request)
	require.NoError(t, err)
	assert.Len(t, fake.Bookings(), 4)
}

// If many calls book the same tour at the same time, one succeeds.
func TestBookedOnce(t *testing.T) {
	t.Parallel()
	fake := bgoperatortest.New()
	cfg := fake.Config()
	cfg.Sessions = 5
	c, err := bgoperator.New(cfg, rutravel.WithHTTPClient(fake.HTTPClient()))
	require.NoError(t, err)
	var got atomic.Int32
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := c.Book(t.Context(), tour(fake.Offers()[0], "1")); err == nil {
				got.Add(1)
			} else {
				assert.ErrorIs(t, err, bgoperator.CodeDuplicate)
			}
		})
	}
	wg.Wait()
	assert.EqualValues(t, 1, got.Load())
	assert.Len(t, fake.Bookings(), 1)
}

// The fake refuses contacts of bookings and tourists that it does not know, and
// wrong e-mail addresses.
func TestRefusedContacts(t *testing.T) {
	t.Parallel()
	fake, c := start(t)
	booking, err := c.Book(t.Context(), tour(fake.Offers()[0], "1"))
	require.NoError(t, err)
	tourists, err := c.TouristTransfers(t.Context(), booking.ID)
	require.NoError(t, err)
	contact := bgoperator.Contact{Tourist: "1", Email: "nobody"}
	assert.ErrorIs(t, c.SetContacts(t.Context(), "1", []bgoperator.Contact{contact}), bgoperator.CodeBookingNotFound)
	assert.ErrorIs(t, c.SetContacts(t.Context(), booking.ID, []bgoperator.Contact{contact}), bgoperator.CodeTouristNotFound)
	contact.Tourist = tourists[0].ID
	assert.ErrorIs(t, c.SetContacts(t.Context(), booking.ID, []bgoperator.Contact{contact}), bgoperator.CodeBadEmail)
	assert.Empty(t, fake.Bookings()[0].Contacts)
}

// The fake does not cancel or confirm a booking that it does not know.
func TestUnknownBooking(t *testing.T) {
	t.Parallel()
	fake, c := start(t)
	_, err := c.QuoteCancel(t.Context(), "1")
	assert.ErrorIs(t, err, bgoperator.CodeBookingNotFound)
	assert.False(t, fake.Confirm("1"))
}
