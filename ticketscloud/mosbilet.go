package ticketscloud

import (
	"context"
	"net/http"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
)

// MosbiletBuyer is the holder of a ticket to a venue that sells through
// Mosbilet.
type MosbiletBuyer struct {
	Ticket     TicketID // ticket_id; optional
	UserID     string   // user_id
	FirstName  string   // name
	Surname    string   // surname
	MiddleName string   // middle_name: the patronymic; optional
}

// SetMosbiletBuyers tells who the tickets of an order are for, which venues that
// sell through Mosbilet (with_mosbilet in the gRPC catalogue) want to know
// before the order is done. It works while the order is [OrderHeld]. The
// call is not in the manual; it comes with the gRPC catalogue's description.
//
// It is a desired state: it is sent again if need be, and may be made again
// after any error.
//
// Ticketscloud: PUT /v2/services/orders/mosbilet/user_data
func (c *Client) SetMosbiletBuyers(ctx context.Context, key OrderKey, buyers []MosbiletBuyer, opts ...rutravel.CallOption) error {
	r := &request{op: opMosbilet, method: http.MethodPut, path: "/v2/services/orders/mosbilet/user_data", noBody: true}
	key.check(&r.Check, "key")
	r.That(len(buyers) > 0, "buyers", "must not be empty")
	body := mosbiletBody{Order: key.ID}
	for i, b := range buyers {
		field := at("buyers", i)
		b = b.trimmed()
		if b.Ticket != "" {
			checkID(&r.Check, field+".Ticket", b.Ticket)
		}
		r.Text(field+".UserID", b.UserID)
		r.Text(field+".FirstName", b.FirstName)
		r.Text(field+".Surname", b.Surname)
		r.OptText(field+".MiddleName", b.MiddleName)
		r.private = append(r.private, b.UserID, b.FirstName, b.Surname, b.MiddleName)
		body.UserData = append(body.UserData, mosbiletBuyerBody{
			Ticket: b.Ticket, UserID: b.UserID, Name: b.FirstName, Surname: b.Surname, MiddleName: b.MiddleName,
		})
	}
	r.body = body
	_, err := inTurn(ctx, c, r, key.ID, func(ctx context.Context) (struct{}, error) {
		return call(ctx, c, r, nothing, nil, opts)
	})
	return err
}

// trimmed returns a buyer without spaces around the texts.
func (b MosbiletBuyer) trimmed() MosbiletBuyer {
	b.FirstName, b.Surname, b.MiddleName = valid.Trim(b.FirstName), valid.Trim(b.Surname), valid.Trim(b.MiddleName)
	b.UserID = valid.Trim(b.UserID)
	return b
}

type mosbiletBody struct {
	Order    OrderID             `json:"order"`
	UserData []mosbiletBuyerBody `json:"user_data"`
}

type mosbiletBuyerBody struct {
	Ticket     TicketID `json:"ticket_id,omitempty"`
	UserID     string   `json:"user_id"`
	Name       string   `json:"name"`
	Surname    string   `json:"surname"`
	MiddleName string   `json:"middle_name,omitempty"`
}
