package regionbilet

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// Production is the documented address, for tests and sales alike.
const Production = "https://regionbilet.ru/apicrm/api_v2"

// Config says who talks to Regionbilet and where.
type Config struct {
	User      string          // user: the agent's name (логин)
	SecretKey rutravel.Secret // skey: the agent's secret key (пароль)
	BaseURL   string          // "" means [Production]
}

// Client talks to Regionbilet on behalf of one account. It is safe for
// concurrent use; make one per account and share it.
type Client struct {
	line        *transport.Client
	credentials func(*wire.Query) // a function, so that no printer of values finds them
}

// New returns a client. It checks cfg and opts and sends nothing.
func New(cfg Config, opts ...rutravel.Option) (*Client, error) {
	line, err := transport.New(transport.Config{
		Supplier: "regionbilet",
		BaseURL:  cmp.Or(cfg.BaseURL, Production),
		Secrets:  []string{cfg.User, string(cfg.SecretKey)},
		Check: func(v *valid.Check) {
			v.Text("User", cfg.User)
			v.Secret("SecretKey", cfg.SecretKey)
		},
	}, opts)
	if err != nil {
		return nil, err
	}
	return &Client{line: line, credentials: func(q *wire.Query) {
		q.Add("user", cfg.User)
		q.Add("skey", string(cfg.SecretKey))
	}}, nil
}

// The rows of the table of operations, in the manual's order.
const (
	opFrom = iota
	opTo
	opTrip
	opTripInfo
	opNationality
	opTypeDoc
	opFreeSeats
	opBooking
	opPay
	opCancel
	opStatusTicket
	opStatusOrder
	opRefund
	opReportSale
	opReportRefund
	opSegment
)

// operations says of every method what its command is, what sending it twice
// would do, and how long one attempt may take. What follows a "+" tells apart
// two uses of one command.
var operations = [...]transport.Operation{
	opFrom:         {Key: "from", Safety: transport.Safe, Timeout: 30 * time.Second},
	opTo:           {Key: "to", Safety: transport.Safe, Timeout: 30 * time.Second},
	opTrip:         {Key: "trip", Safety: transport.Safe, Timeout: 60 * time.Second},
	opTripInfo:     {Key: "trip_info", Safety: transport.Safe, Timeout: 30 * time.Second},
	opNationality:  {Key: "nationality", Safety: transport.Safe, Timeout: 30 * time.Second},
	opTypeDoc:      {Key: "type_doc", Safety: transport.Safe, Timeout: 30 * time.Second},
	opFreeSeats:    {Key: "trip_free_seats", Safety: transport.Safe, Timeout: 30 * time.Second},
	opBooking:      {Key: "booking", Safety: transport.Unsafe, Timeout: 60 * time.Second},
	opPay:          {Key: "pay", Safety: transport.Unsafe, Timeout: 60 * time.Second},
	opCancel:       {Key: "cancel", Safety: transport.Unsafe, Timeout: 60 * time.Second},
	opStatusTicket: {Key: "status_ticket", Safety: transport.Safe, Timeout: 30 * time.Second},
	opStatusOrder:  {Key: "status_ticket+order", Safety: transport.Safe, Timeout: 30 * time.Second},
	opRefund:       {Key: "refund", Safety: transport.Unsafe, Timeout: 60 * time.Second},
	opReportSale:   {Key: "report_sale", Safety: transport.Safe, Timeout: 2 * time.Minute},
	opReportRefund: {Key: "report_refund", Safety: transport.Safe, Timeout: 2 * time.Minute},
	opSegment:      {Key: "segment", Safety: transport.Safe, Timeout: 30 * time.Second},
}

// query begins a request: user, skey, command, then the command's own
// parameters, in the order of the manual's samples.
func (c *Client) query(op int) *wire.Query {
	command, _, _ := strings.Cut(operations[op].Key, "+")
	q := new(wire.Query)
	c.credentials(q)
	q.Add("command", command)
	return q
}

// call sends a command, if the check has found nothing wrong with it, and reads
// its answer with read.
func call[T any](ctx context.Context, c *Client, op int, q *wire.Query, v valid.Check, read func(*reply, *T) error, opts []rutravel.CallOption) (T, error) {
	req := transport.Request{Method: http.MethodGet, Query: q.String(), Private: q.Private(), Invalid: v.Err()}
	return transport.Do(ctx, c.line, &operations[op], req, func(a transport.Answer) (v T, err error) {
		return v, read(&reply{body: a.Body}, &v)
	}, opts...)
}

// list sends a command whose result is a list.
func list[T any](ctx context.Context, c *Client, op int, q *wire.Query, v valid.Check, elem func(*T, *wire.Decoder) error, opts []rutravel.CallOption) ([]T, error) {
	return call(ctx, c, op, q, v, func(r *reply, all *[]T) error {
		err := r.read(func(d *wire.Decoder) error { return wire.List(d, all, elem) })
		if err == nil && len(*all) == 0 && r.complains() {
			return &transport.Refusal{Message: r.description}
		}
		return err
	}, opts)
}
