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

// Config has the credentials and the address.
type Config struct {
	User      string          // user: the agent's name (логин)
	SecretKey rutravel.Secret // skey: the agent's secret key (пароль)
	BaseURL   string          // "" means [Production]
}

// Client is a client of Regionbilet for one account. It is safe for concurrent use.
// Create one per account with [New] and share it. The zero Client panics.
type Client struct {
	engine      *transport.Client
	credentials func(*wire.Query) // a func, so that %v of a Client cannot print the secrets
}

// New returns a client. It checks cfg and opts and sends nothing.
func New(cfg Config, opts ...rutravel.Option) (*Client, error) {
	engine, err := transport.New(transport.Config{
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
	return &Client{engine: engine, credentials: func(q *wire.Query) {
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

const lookUp = "Client.BookingTickets"

// operations has the command, the safety and the timeout of one attempt of every method.
// A suffix after "+" distinguishes two uses of one command.
var operations = [...]transport.Operation{
	opFrom:         {Key: "from", Safety: transport.Safe, Timeout: 30 * time.Second},
	opTo:           {Key: "to", Safety: transport.Safe, Timeout: 30 * time.Second},
	opTrip:         {Key: "trip", Safety: transport.Safe, Timeout: 60 * time.Second},
	opTripInfo:     {Key: "trip_info", Safety: transport.Safe, Timeout: 30 * time.Second},
	opNationality:  {Key: "nationality", Safety: transport.Safe, Timeout: 30 * time.Second},
	opTypeDoc:      {Key: "type_doc", Safety: transport.Safe, Timeout: 30 * time.Second},
	opFreeSeats:    {Key: "trip_free_seats", Safety: transport.Safe, Timeout: 30 * time.Second},
	opBooking:      {Key: "booking", Safety: transport.Unsafe, Timeout: 60 * time.Second},
	opPay:          {Key: "pay", Safety: transport.Unsafe, Timeout: 60 * time.Second, LookUp: lookUp},
	opCancel:       {Key: "cancel", Safety: transport.Unsafe, Timeout: 60 * time.Second, LookUp: lookUp},
	opStatusTicket: {Key: "status_ticket", Safety: transport.Safe, Timeout: 30 * time.Second, Decides: true},
	opStatusOrder:  {Key: "status_ticket+order", Safety: transport.Safe, Timeout: 30 * time.Second, Decides: true},
	opRefund:       {Key: "refund", Safety: transport.Unsafe, Timeout: 60 * time.Second, LookUp: lookUp},
	opReportSale:   {Key: "report_sale", Safety: transport.Safe, Timeout: 2 * time.Minute, Decides: true},
	opReportRefund: {Key: "report_refund", Safety: transport.Safe, Timeout: 2 * time.Minute, Decides: true},
	opSegment:      {Key: "segment", Safety: transport.Safe, Timeout: 30 * time.Second},
}

// request describes a call before it is sent.
type request struct {
	valid.Check
	op       int
	query    wire.Query // it also records which values are private
	noResult bool       // the answer has no result
}

// request returns a request that has user, skey and command. The caller adds the
// command's own parameters in the order of the manual's samples.
func (c *Client) request(op int) *request {
	command, _, _ := strings.Cut(operations[op].Key, "+")
	r := &request{op: op}
	c.credentials(&r.query)
	r.query.Add("command", command)
	return r
}

// call sends a request unless its check failed, and reads the answer. result decodes
// the result. judge may be nil. It receives the error of reply.read, may remove unusable
// elements, and returns the error of the answer.
//
// The error of an unsafe call keeps a description that has no code.
func call[T any](ctx context.Context, c *Client, r *request, result func(*wire.Decoder, *T) error, judge func(*reply, *T, error) error, opts []rutravel.CallOption) (T, error) {
	sent := transport.Request{Method: http.MethodGet, Query: r.query.String(), Private: r.query.Private(), Invalid: r.Err()}
	return transport.Do(ctx, c.engine, &operations[r.op], sent, func(a transport.Answer) (v T, err error) {
		answer := reply{noResult: r.noResult}
		err = answer.read(a.Body, a.Warn, func(d *wire.Decoder) error { return result(d, &v) })
		if judge != nil {
			err = judge(&answer, &v, err)
		}
		if operations[r.op].Safety == transport.Unsafe {
			err = answer.withDescription(err)
		}
		return v, err
	}, opts...)
}

// listOf decodes a result that is a list. elem decodes one element. If an element cannot
// be read, the answer is an error. It is for the answers of unsafe calls.
func listOf[T any](elem func(*T, *wire.Decoder) error) func(*wire.Decoder, *[]T) error {
	return func(d *wire.Decoder, all *[]T) error { return wire.List(d, all, elem) }
}

// foundOf is listOf for searches and directories. Rows that cannot be read are left out
// with a warning.
func foundOf[T any](elem func(*T, *wire.Decoder) error, id func(*T) string) func(*wire.Decoder, *[]T) error {
	return func(d *wire.Decoder, all *[]T) error { return wire.Found(d, all, elem, id) }
}

// rowsOf is listOf for tickets and reports. Rows that cannot be read are named in a
// [rutravel.RowsError].
func rowsOf[T any](elem func(*T, *wire.Decoder) error, id func(*T) string) func(*wire.Decoder, *[]T) error {
	return func(d *wire.Decoder, all *[]T) error { return wire.Rows(d, all, elem, id) }
}

// single returns the element of a list of one, and the error of the call.
func single[T any](all []T, err error) (one T, _ error) {
	if len(all) == 1 {
		one = all[0]
	}
	return one, err
}
