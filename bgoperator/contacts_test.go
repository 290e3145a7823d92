package bgoperator_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/bgoperator/bgoperatortest"
)

// BG-T34, T36: what says what shall be is sent again when an answer is lost.
func TestKeyedCallsAreRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t, nil)
		booking, err := c.Book(t.Context(), sample(fake, "1"))
		require.NoError(t, err)
		tourists, err := c.TouristTransfers(t.Context(), booking.ID)
		require.NoError(t, err)
		fake.Inject(
			bgoperatortest.Fault{Op: "addContactInfo", Drop: true, Processed: true},
			bgoperatortest.Fault{Op: "addtransfers", Status: http.StatusBadGateway, Processed: true},
		)
		contact := bgoperator.Contact{Tourist: tourists[0].ID, Phone: "+7 916 1234567"}
		require.NoError(t, c.SetContacts(t.Context(), booking.ID, []bgoperator.Contact{contact}))
		slot := tourists[0].Slots[0]
		bus, ok := slot.Choose(slot.Variants[1].ID) // not of the airport
		require.True(t, ok)
		changed, err := c.SetTransfers(t.Context(), booking.ID, []bgoperator.ChosenTransfers{{Tourist: tourists[0].ID, Transfers: []bgoperator.Transfer{bus}}})
		require.NoError(t, err)
		assert.Equal(t, "1218.5", changed.Prices[0].Full.String())
		assert.Equal(t, []bgoperator.Contact{contact}, fake.Bookings()[0].Contacts)
		assert.Equal(t, map[bgoperator.TouristID][]bgoperator.VariantID{tourists[0].ID: {bus.Variant}}, fake.Bookings()[0].Chosen)
	})
}
