package ticketscloud

import (
	"context"
	"net/http"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// OrderExport asks for a list of orders by mail.
type OrderExport struct {
	Email            string        // email: where to send the file
	Status           []OrderStatus // status
	CreatedAt        Period        // created_at
	Events           []EventID     // events
	OnlyWithCustomer bool          // only_with_customer

	// ByGet sends GET /v2/resources/orders/export with a query, as the manual's
	// heading says, in place of a POST, as its sample does.
	ByGet bool
}

// ExportOrders has the supplier mail a file of orders.
//
// The call is sent once: each sends a mail. With [rutravel.ErrNotConfirmed] the
// mail may come; wait for it before another try. See [Client.ExportOrdersOperation].
// Its answer is empty, and one that is not is no success.
//
// Ticketscloud: GET /v2/resources/orders/export (with ByGet)
//
// Ticketscloud: POST /v2/resources/orders/export
func (c *Client) ExportOrders(ctx context.Context, e OrderExport, opts ...rutravel.CallOption) error {
	r := &request{op: opExport, method: http.MethodPost, path: exportPath, noBody: true}
	e.Email = valid.Trim(e.Email)
	r.Text("Email", e.Email)
	q := OrderQuery{Status: e.Status, CreatedAt: e.CreatedAt, Events: e.Events, OnlyWithCustomer: e.OnlyWithCustomer}
	q.filter(r)
	if e.ByGet {
		r.op, r.method = opExportByGet, http.MethodGet
		r.query.AddPrivate("email", e.Email)
	} else {
		r.query, r.body, r.private = wire.Query{}, e.body(), []string{e.Email}
	}
	_, err := call(ctx, c, r, nothing, nil, opts)
	return err
}

const exportPath = ordersPath + "/export"

func (e OrderExport) body() exportBody {
	b := exportBody{Email: e.Email, Status: e.Status, Events: e.Events, OnlyWithCustomer: e.OnlyWithCustomer}
	if !e.CreatedAt.isZero() {
		b.CreatedAt = e.CreatedAt.text()
	}
	return b
}

type exportBody struct {
	CreatedAt        string        `json:"created_at,omitempty"`
	Email            string        `json:"email"`
	Status           []OrderStatus `json:"status,omitempty"`
	Events           []EventID     `json:"events,omitempty"`
	OnlyWithCustomer bool          `json:"only_with_customer,omitempty"`
}
