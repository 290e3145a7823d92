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
// before the order is done. It works while the order is [OrderExecuted]. The
// call is not in the manual; it comes with the gRPC catalogue's description.
//
// It is a desired state: it is sent again if need be, and may be made again
// after any error.
//
// Ticketscloud: PUT /v2/services/orders/mosbilet/user_data
func (c *Client) SetMosbiletBuyers(ctx context.Context, id OrderID, buyers []MosbiletBuyer, opts ...rutravel.CallOption) error {
	var v valid.Check
	checkID(&v, "id", id)
	v.That(len(buyers) > 0, "buyers", "must not be empty")
	body := mosbiletBody{Order: id}
	var private []string
	for i, b := range buyers {
		field := at("buyers", i)
		if b.Ticket != "" {
			checkID(&v, field+".Ticket", b.Ticket)
		}
		v.Text(field+".UserID", b.UserID)
		v.Text(field+".FirstName", b.FirstName)
		v.Text(field+".Surname", b.Surname)
		v.OptText(field+".MiddleName", b.MiddleName)
		private = append(private, b.UserID, b.FirstName, b.Surname, b.MiddleName)
		body.UserData = append(body.UserData, mosbiletBuyerBody{
			Ticket: b.Ticket, UserID: b.UserID, Name: b.FirstName, Surname: b.Surname, MiddleName: b.MiddleName,
		})
	}
	if v.Err() == nil {
		release, err := c.locks.acquire(ctx, id)
		if err != nil {
			return c.line.NotSent(&operations[opMosbilet], rutravel.ErrCanceled, err)
		}
		defer release()
	}
	req := c.send(http.MethodPut, "/v2/services/orders/mosbilet/user_data", body, v, private...)
	_, err := call(ctx, c, opMosbilet, req, func(r *reply, _ *struct{}) error {
		if r.status == http.StatusAccepted { // text/html, whatever it says
			return nil
		}
		return r.readEmpty()
	}, opts)
	return err
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
