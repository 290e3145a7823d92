package bgoperator

import (
	"context"
	"fmt"
	"slices"
	"strings"

	rutravel "github.com/rutravel/rutravel-go"
)

// Contact has the e-mail address and phone number of a tourist. One of the two must be
// set. An empty one is not sent.
type Contact struct {
	Tourist TouristID // person id, from [Client.TouristTransfers]
	Email   string    // email
	Phone   string    // phone: as in the manual's sample "+7 916 1234567"; no format is documented
}

// SetContacts sets the contacts of a booking's tourists.
//
// The request has the desired contacts, so it is sent again if an answer is lost. An
// error that is not a refusal leaves open whether the contacts were changed: make the
// call again. A refusal with Attempts above 1 is the answer to the last attempt. An
// earlier attempt, whose answer was lost, may have been carried out.
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
