package bgoperator

import (
	"context"
	"fmt"
	"slices"
	"strings"

	rutravel "github.com/rutravel/rutravel-go"
)

// Contact is how a tourist can be reached. What is empty is not sent; one of
// the two must be there.
type Contact struct {
	Tourist TouristID // person id, from [Client.TouristTransfers]
	Email   string    // email
	Phone   string    // phone: no format is documented, the manual's sample is "+7 916 1234567"
}

// SetContacts changes the contacts of a booking's tourists.
//
// A request names what the contacts shall be, so sending it twice changes
// nothing: it is repeated when an answer is lost. An error that is no refusal
// leaves open whether they were changed; make the call again. A refusal with
// Attempts above 1 speaks of the last attempt alone; an earlier one, whose answer
// was lost, may have been carried out.
//
// Bgoperator: POST addContactInfo
func (c *Client) SetContacts(ctx context.Context, booking BookingID, contacts []Contact, opts ...rutravel.CallOption) error {
	r := bookingRequest(opSetContacts, booking, "status")
	r.body = new(writer)
	r.That(len(contacts) > 0, "contacts", "must not be empty")
	r.body.open("persons")
	for i, p := range contacts {
		field := fmt.Sprintf("contacts[%d].", i)
		r.ID(field+"Tourist", string(p.Tourist))
		r.That(!slices.ContainsFunc(contacts[:i], func(o Contact) bool { return o.Tourist == p.Tourist }),
			field+"Tourist", "must not be given twice")
		r.That(p.Email != "" || p.Phone != "", field+"Email", "or Phone must be set")
		r.body.open("person", attr{"id", string(p.Tourist)})
		if p.Email != "" { // an empty element might erase it
			r.Text(field+"Email", p.Email)
			r.writePrivate("email", strings.TrimSpace(p.Email))
		}
		if p.Phone != "" {
			r.Text(field+"Phone", p.Phone)
			r.writePrivate("phone", strings.TrimSpace(p.Phone))
		}
		r.body.close("person")
	}
	r.body.close("persons")
	_, err := call(ctx, c, r, decodeOK, opts)
	return err
}
