package bgoperator_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/bgoperator/bgoperatortest"
)

// BG-T36: an empty contact is left out, because an empty element might erase it.
func TestEmptyContactsAreLeftOut(t *testing.T) {
	t.Parallel()
	c, asked := answering(t, "<status>OK</status>")
	require.NoError(t, c.SetContacts(t.Context(), bookingID, []bgoperator.Contact{{Tourist: "1", Phone: "2"}, {Tourist: "3", Email: "a@b"}}))
	assert.Equal(t, `<persons><person id="1"><phone>2</phone></person><person id="3"><email>a@b</email></person></persons>`, (*asked)[0].body)
}

// Contacts are sent without the spaces around them.
func TestSpacesAroundContacts(t *testing.T) {
	t.Parallel()
	c, asked := answering(t, "<status>OK</status>")
	require.NoError(t, c.SetContacts(t.Context(), bookingID, []bgoperator.Contact{{Tourist: "1", Phone: " +7 916 1234567\u00a0", Email: "a@b "}}))
	assert.Equal(t, `<persons><person id="1"><email>a@b</email><phone>+7 916 1234567</phone></person></persons>`, (*asked)[0].body)
}

// BG-T36: each tourist has at least one contact.
func TestInvalidContacts(t *testing.T) {
	t.Parallel()
	set := func(contacts ...bgoperator.Contact) func(*bgoperator.Client) error {
		return func(c *bgoperator.Client) error { return c.SetContacts(t.Context(), bookingID, contacts) }
	}
	checkInvalid(
		t,
		invalidCall{"no contacts", "contacts", set()},
		invalidCall{"no tourist", "contacts[0].Tourist", set(bgoperator.Contact{Email: "a@b"})},
		invalidCall{"neither email nor phone", "contacts[0].Email", set(bgoperator.Contact{Tourist: "1"})},
		invalidCall{"a space as email", "contacts[0].Email", set(bgoperator.Contact{Tourist: "1", Email: " "})},
		invalidCall{"phone with a line break", "contacts[0].Phone", set(bgoperator.Contact{Tourist: "1", Phone: "1\n2"})},
		invalidCall{"the same tourist", "contacts[1].Tourist", set(bgoperator.Contact{Tourist: "1", Phone: "1"}, bgoperator.Contact{Tourist: "1", Phone: "2"})},
	)
}

// SetContacts is retried after a lost answer.
func TestSetContactsIsRetried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t, nil)
		booking, err := c.Book(t.Context(), fakeTour(fake, "1"))
		require.NoError(t, err)
		tourists, err := c.TouristTransfers(t.Context(), booking.ID)
		require.NoError(t, err)
		fake.Inject(bgoperatortest.Fault{Op: "addContactInfo", Drop: true, Processed: true})
		contact := bgoperator.Contact{Tourist: tourists[0].ID, Phone: "+7 916 1234567"}
		require.NoError(t, c.SetContacts(t.Context(), booking.ID, []bgoperator.Contact{contact}))
		assert.Equal(t, []bgoperator.Contact{contact}, fake.Bookings()[0].Contacts)
		assert.Zero(t, fake.Pending())
	})
}
