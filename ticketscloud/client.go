package ticketscloud

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// The documented addresses. Config.BaseURL has no default, so that nobody buys by
// accident.
const (
	Production = "https://ticketscloud.com"
	Stage      = "https://stage.freetc.net" // for integration and debugging
)

// Config has the API key and the address of Ticketscloud.
type Config struct {
	Key     rutravel.Secret // the API key, without the word key before it
	BaseURL string          // [Production] or [Stage]
}

// Client talks to Ticketscloud for one distributor. It is safe for concurrent use.
// Create one per account with [New] and share it, because changes of one order wait
// for each other only within a client. The zero Client is not usable and panics.
type Client struct {
	engine *transport.Client
	header func() http.Header // a func, so that %v of a Client cannot print the key
	locks  *locks
}

// New returns a client. It checks cfg and opts, and sends nothing.
func New(cfg Config, opts ...rutravel.Option) (*Client, error) {
	engine, err := transport.New(transport.Config{
		Supplier: "ticketscloud",
		BaseURL:  cfg.BaseURL,
		Secrets:  []string{string(cfg.Key)},
		Check: func(v *valid.Check) {
			key := string(cfg.Key)
			v.Secret("Key", cfg.Key)
			v.That(!strings.HasPrefix(strings.ToLower(key), "key "), "Key", "must not begin with the word key, which is added")
			v.That(!strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r > '~' }), "Key", "must be printable ASCII")
			v.That(strings.TrimSpace(key) == key, "Key", "must not have spaces around it")
		},
	}, opts)
	if bad, ok := errors.AsType[*rutravel.FieldError](err); ok && bad.Field == "BaseURL" {
		bad.Problem += ": Production or Stage"
	}
	if err != nil {
		return nil, err
	}
	// The manual also says "HTTP Basic Auth". Its samples have this header.
	header := http.Header{"Authorization": {"key " + string(cfg.Key)}}
	return &Client{engine: engine, header: func() http.Header { return header }, locks: &locks{held: map[OrderID]*lock{}}}, nil
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

// operations lists the operation of each method: its key, what a retry would do, and the
// time limit of one attempt. The part after "+" distinguishes several uses of one verb
// and path. A change of an order has the safety of the most dangerous field in it.
var operations = [...]transport.Operation{
	opCreate:         {Key: "orders.create", Safety: transport.Unsafe, Timeout: 60 * time.Second, LookUp: "Client.LostOrders"},
	opChange:         {Key: "orders.change", Safety: transport.Keyed, Timeout: 60 * time.Second},
	opPromocodes:     {Key: "orders.change+promocodes", Safety: transport.Unsafe, Timeout: 60 * time.Second, LookUp: "Client.FindOrder"},
	opDone:           {Key: "orders.change+done", Safety: transport.Unsafe, Timeout: 60 * time.Second, LookUp: "Client.FindOrder"},
	opCancel:         {Key: "orders.change+cancel", Safety: transport.Unsafe, Timeout: 60 * time.Second, LookUp: "Client.FindOrder"},
	opRefund:         {Key: "refunds.create", Safety: transport.Unsafe, Timeout: 60 * time.Second, LookUp: "Client.LostRefunds"},
	opApprove:        {Key: "refunds.approve", Safety: transport.Unsafe, Timeout: 60 * time.Second, LookUp: "Client.FindRefund"},
	opReject:         {Key: "refunds.reject", Safety: transport.Unsafe, Timeout: 60 * time.Second, LookUp: "Client.FindRefund"},
	opCheckPromocode: {Key: "promocodes.check", Safety: transport.Safe, Timeout: 30 * time.Second},
	opOrders:         {Key: "orders.list", Safety: transport.Safe, Timeout: 60 * time.Second, Decides: true},
	opExport:         {Key: "orders.export", Safety: transport.Unsafe, Timeout: 60 * time.Second},
	opExportByGet:    {Key: "orders.export+get", Safety: transport.Unsafe, Timeout: 60 * time.Second},
	opRefunds:        {Key: "refunds.list", Safety: transport.Safe, Timeout: 60 * time.Second, Decides: true},
	opEvents:         {Key: "simple.events", Safety: transport.Safe, Timeout: 90 * time.Second},
	opEventTickets:   {Key: "events.tickets", Safety: transport.Safe, Timeout: 90 * time.Second},
	opMosbilet:       {Key: "mosbilet", Safety: transport.Keyed, Timeout: 60 * time.Second},
}

// request describes a call before it is sent.
type request struct {
	valid.Check
	op      int
	method  string
	path    string
	query   wire.Query // it knows which of its values are private
	body    any        // nil: the request has no body
	private []string   // personal data in the body
	v1Name  string     // v1: the answer is the data itself, or an object that has it under this name
	noBody  bool       // the answer of a success has no body
}

// call sends a request if its check found no error, and reads the answer. result decodes
// the data. checkAnswer may be nil. It gets the error of reply.read and returns the error of
// the answer. It may remove unusable values.
func call[T any](ctx context.Context, c *Client, r *request, result func(*wire.Decoder, *T) error, checkAnswer func(*reply, *T, error) error, opts []rutravel.CallOption) (T, error) {
	sent := transport.Request{
		Method: r.method, Path: r.path, Query: r.query.String(), Header: c.header(),
		Private: append(r.query.Private(), r.private...), Invalid: r.Err(),
	}
	if r.body != nil {
		sent.ContentType, sent.Body = "application/json", wire.JSON(r.body)
	}
	return transport.Do(ctx, c.engine, &operations[r.op], sent, func(a transport.Answer) (v T, err error) {
		answer := reply{op: r.op, v1Name: r.v1Name, noBody: r.noBody, status: a.Status, sent: sent.Path + string(sent.Body), warn: a.Warn}
		if !a.Date.IsZero() {
			answer.clock = clock{ahead: time.Until(a.Date)}
		}
		err = answer.read(a.Body, func(d *wire.Decoder) error { return result(d, &v) })
		if checkAnswer != nil {
			err = checkAnswer(&answer, &v, err)
		}
		return v, err
	}, opts...)
}

// listOf decodes data that is a list, with one function per element. One element that
// cannot be read makes the whole answer an error. It is for answers about money.
func listOf[T any](elem func(*T, *wire.Decoder) error) func(*wire.Decoder, *[]T) error {
	return func(d *wire.Decoder, all *[]T) error { return wire.List(d, all, elem) }
}

// foundOf is listOf for searches: it leaves out rows that cannot be read, with a
// warning.
func foundOf[T any](elem func(*T, *wire.Decoder) error, id func(*T) string) func(*wire.Decoder, *[]T) error {
	return func(d *wire.Decoder, all *[]T) error { return wire.Found(d, all, elem, id) }
}

// rowsOf is listOf for lists of existing objects: a [rutravel.RowsError] names the rows
// that cannot be read.
func rowsOf[T any](elem func(*T, *wire.Decoder) error, id func(*T) string) func(*wire.Decoder, *[]T) error {
	return func(d *wire.Decoder, all *[]T) error { return wire.Rows(d, all, elem, id) }
}

// only returns the element of a list of one element, and the error of the call.
func only[T any](all []T, err error) (one T, _ error) {
	if len(all) == 1 {
		one = all[0]
	}
	return one, err
}

// skipData decodes the answer of a call that returns nothing.
func skipData(d *wire.Decoder, _ *struct{}) error { return d.Skip() }

// objectPath is the path of one object of a collection. Its id was checked before.
func objectPath[ID ~string](collection string, id ID, rest ...string) string {
	return strings.Join(append([]string{collection, url.PathEscape(string(id))}, rest...), "/")
}

// checkID checks an id for a path or body.
func checkID[ID ~string](v *valid.Check, field string, id ID) {
	v.ID(field, string(id))
	// A server that resolves these would change another object.
	v.That(id != "." && id != "..", field, "must be an id")
}

// checkListed checks an element of a list in a query.
func checkListed[T ~string](v *valid.Check, field string, value T) {
	checkID(v, field, value)
	v.That(!strings.Contains(string(value), ","), field, "must not contain a comma")
}

// checkKey checks a look-up key: an id and, if it is known, an event.
func checkKey[ID ~string](v *valid.Check, field string, id ID, event EventID) {
	checkID(v, field+".ID", id)
	if event != "" {
		checkListed(v, field+".Event", event)
	}
}

// checkList checks a list in a query.
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
