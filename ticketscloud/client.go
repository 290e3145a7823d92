package ticketscloud

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// The documented addresses. One of them must be chosen: nobody sells by
// default.
const (
	Production = "https://ticketscloud.com"
	Stage      = "https://stage.freetc.net" // for integration and debugging
)

// Config says who talks to Ticketscloud and where.
type Config struct {
	Key     rutravel.Secret // the API key, without the word key before it
	BaseURL string          // [Production] or [Stage]
}

// Client talks to Ticketscloud on behalf of one distributor. It is safe for
// concurrent use; make one per account and share it: changes of one order wait
// for each other within a client.
type Client struct {
	line   *transport.Client
	header func() http.Header // a function, so that no printer of values finds the key
	locks  *locks
}

// New returns a client. It checks cfg and opts and sends nothing.
func New(cfg Config, opts ...rutravel.Option) (*Client, error) {
	line, err := transport.New(transport.Config{
		Supplier: "ticketscloud",
		BaseURL:  cfg.BaseURL,
		Secrets:  []string{string(cfg.Key)},
		Check: func(v *valid.Check) {
			v.Secret("Key", cfg.Key)
			v.That(!strings.HasPrefix(string(cfg.Key), "key "), "Key", "must not begin with the word key, which is added")
		},
	}, opts)
	if err != nil {
		return nil, err
	}
	// The manual also says "HTTP Basic Auth"; its samples say this.
	header := http.Header{"Authorization": {"key " + string(cfg.Key)}}
	return &Client{line: line, header: func() http.Header { return header }, locks: &locks{held: map[OrderID]*lock{}}}, nil
}

// The rows of the table of operations, in the manual's order.
const (
	opCreate = iota
	opChange
	opPromocodes
	opDone
	opCancel
	opRefund
	opApprove
	opReject
	opCheckPromocode
	opOrders
	opExport
	opExportByGet
	opRefunds
	opEvents
	opEventTickets
	opMosbilet
)

// operations says of every method what its operation is, what sending it twice
// would do, and how long one attempt may take. What follows a "+" tells apart
// uses of one verb and path: a change of an order is as safe as the most
// dangerous thing in it.
var operations = [...]transport.Operation{
	opCreate:         {Key: "orders.create", Safety: transport.Unsafe, Timeout: 60 * time.Second},
	opChange:         {Key: "orders.change", Safety: transport.Keyed, Timeout: 60 * time.Second},
	opPromocodes:     {Key: "orders.change+promocodes", Safety: transport.Unsafe, Timeout: 60 * time.Second},
	opDone:           {Key: "orders.change+done", Safety: transport.Unsafe, Timeout: 60 * time.Second},
	opCancel:         {Key: "orders.change+cancel", Safety: transport.Unsafe, Timeout: 60 * time.Second},
	opRefund:         {Key: "refunds.create", Safety: transport.Unsafe, Timeout: 60 * time.Second},
	opApprove:        {Key: "refunds.approve", Safety: transport.Unsafe, Timeout: 60 * time.Second},
	opReject:         {Key: "refunds.reject", Safety: transport.Unsafe, Timeout: 60 * time.Second},
	opCheckPromocode: {Key: "promocodes.check", Safety: transport.Safe, Timeout: 30 * time.Second},
	opOrders:         {Key: "orders.list", Safety: transport.Safe, Timeout: 60 * time.Second},
	opExport:         {Key: "orders.export", Safety: transport.Unsafe, Timeout: 60 * time.Second},
	opExportByGet:    {Key: "orders.export+get", Safety: transport.Unsafe, Timeout: 60 * time.Second},
	opRefunds:        {Key: "refunds.list", Safety: transport.Safe, Timeout: 60 * time.Second},
	opEvents:         {Key: "simple.events", Safety: transport.Safe, Timeout: 90 * time.Second},
	opEventTickets:   {Key: "events.tickets", Safety: transport.Safe, Timeout: 90 * time.Second},
	opMosbilet:       {Key: "mosbilet", Safety: transport.Keyed, Timeout: 60 * time.Second},
}

// get makes a request without a body.
func (c *Client) get(path string, q *wire.Query, v valid.Check) transport.Request {
	return transport.Request{
		Method: http.MethodGet, Path: path, Query: q.String(), Header: c.header(),
		Private: q.Private(), Invalid: v.Err(),
	}
}

// send makes a request with a body; private is what it says about people.
func (c *Client) send(method, path string, body any, v valid.Check, private ...string) transport.Request {
	return transport.Request{
		Method: method, Path: path, Header: c.header(), ContentType: "application/json", Body: wire.JSON(body),
		Private: private, Invalid: v.Err(),
	}
}

// call sends a request and reads its answer with read.
func call[T any](ctx context.Context, c *Client, op int, req transport.Request, read func(*reply, *T) error, opts []rutravel.CallOption) (T, error) {
	return transport.Do(ctx, c.line, &operations[op], req, func(a transport.Answer) (v T, err error) {
		return v, read(&reply{op: op, status: a.Status, body: a.Body}, &v)
	}, opts...)
}

// sub is the path of one object of a collection, whose id was checked.
func sub[ID ~string](collection string, id ID, rest ...string) string {
	return strings.Join(append([]string{collection, url.PathEscape(string(id))}, rest...), "/")
}

// checkID checks an id that a path or body will hold.
func checkID[ID ~string](v *valid.Check, field string, id ID) {
	v.ID(field, string(id))
	// A server that resolves these would change another object.
	v.That(id != "." && id != "..", field, "must be an id")
}

// checkListed checks a value of a list that a query will hold.
func checkListed[T ~string](v *valid.Check, field string, value T) {
	checkID(v, field, value)
	v.That(!strings.Contains(string(value), ","), field, "must not contain a comma")
}

// checkKey checks what an object is looked for by: its id and, if it is known, its
// event.
func checkKey[ID ~string](v *valid.Check, field string, id ID, event EventID) {
	checkID(v, field+".ID", id)
	if event != "" {
		checkListed(v, field+".Event", event)
	}
}

// checkList checks the values of a list that a query will hold.
func checkList[T ~string](v *valid.Check, field string, list []T) {
	for i, value := range list {
		checkListed(v, at(field, i), value)
	}
}

// addList adds a list to a query: one parameter, with commas.
func addList[T ~string](q *wire.Query, name string, list []T) {
	if len(list) == 0 {
		return
	}
	values := make([]string, len(list))
	for i, value := range list {
		values[i] = string(value)
	}
	q.Add(name, strings.Join(values, ","))
}
