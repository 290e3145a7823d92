package tcsimple

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"connectrpc.com/connect"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
	"github.com/rutravel/rutravel-go/ticketscloud"
)

// The addresses of the catalogue. Config.BaseURL has no default. Choose the one that
// belongs to the address of the orders.
const (
	Production = "https://simple.ticketscloud.com"
	Stage      = "https://simple.stage.freetc.net" // for integration and debugging
)

// The names of the service for [Config], the newest first.
const (
	ServiceV3 = "v3.Simple" // since June 2026
	ServiceV2 = "v2.Simple" // from June 2025
)

// Config has the API key and the address of the catalogue.
type Config struct {
	Key     rutravel.Secret // the API key, the same as for orders
	BaseURL string          // [Production] or [Stage]; http:// is HTTP/2 in the clear

	// Language is the language of names. If it is empty, the supplier chooses.
	Language ticketscloud.Language
	// Service is the name of the service. If it is empty, the client tries [ServiceV3] and
	// [ServiceV2], and remembers which of them has a method.
	Service string
}

// Client reads the catalogue for one distributor. It is safe for concurrent use. Create it
// with [New]. The zero Client is not usable and panics.
type Client struct {
	engine   *transport.Client
	header   func() http.Header           // a func, so that %v of a Client cannot print the key
	services []string                     // the names to try, in this order
	older    [len(operations)]atomic.Bool // the second name has the method
}

// New returns a client. It checks cfg and opts, and sends nothing.
func New(cfg Config, opts ...rutravel.Option) (*Client, error) {
	engine, err := transport.New(transport.Config{
		Supplier: "tcsimple",
		BaseURL:  cfg.BaseURL,
		Secrets:  []string{string(cfg.Key)},
		HTTP2:    true,
		Check: func(v *valid.Check) {
			v.Secret("Key", cfg.Key)
			v.That(!strings.HasPrefix(strings.ToLower(string(cfg.Key)), "key "), "Key", "must not begin with the word key")
			v.That(printable(string(cfg.Key)), "Key", "must be printable ASCII")
			v.That(strings.TrimSpace(string(cfg.Key)) == string(cfg.Key), "Key", "must not have spaces around it")
			v.That(printable(string(cfg.Language)), "Language", "must be printable ASCII")
			v.That(printable(cfg.Service) && !strings.ContainsAny(cfg.Service, " /?#%"), "Service", "must be a name such as v3.Simple")
		},
	}, opts)
	if bad, ok := errors.AsType[*rutravel.FieldError](err); ok && bad.Field == "BaseURL" {
		bad.Problem += ": Production or Stage"
	}
	if err != nil {
		return nil, err
	}
	// REST has the word key before it.
	header := http.Header{"Authorization": {string(cfg.Key)}}
	if cfg.Language != "" {
		header.Set("Preferred-Language", string(cfg.Language))
	}
	c := &Client{engine: engine, header: func() http.Header { return header }, services: []string{ServiceV3, ServiceV2}}
	if cfg.Service != "" {
		c.services = []string{cfg.Service}
	}
	return c, nil
}

func printable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}

// The rows of the table of operations, in the service's order.
const (
	opArtists = iota
	opCategories
	opCities
	opCountries
	opEvents
	opMaps
	opMetaEvents
	opSeats
	opTags
	opVenues
)

// idleTimeout limits the time without a message from the supplier. The whole stream has no
// limit: all events of a distributor can take minutes.
const idleTimeout = 2 * time.Minute

// operations has a row for each method. All methods only read.
var operations = [...]transport.Operation{
	opArtists:    {Key: "Artists", Safety: transport.Safe, Timeout: idleTimeout},
	opCategories: {Key: "Categories", Safety: transport.Safe, Timeout: idleTimeout},
	opCities:     {Key: "Cities", Safety: transport.Safe, Timeout: idleTimeout},
	opCountries:  {Key: "Countries", Safety: transport.Safe, Timeout: idleTimeout},
	opEvents:     {Key: "Events", Safety: transport.Safe, Timeout: idleTimeout},
	opMaps:       {Key: "Maps", Safety: transport.Safe, Timeout: idleTimeout},
	opMetaEvents: {Key: "MetaEvents", Safety: transport.Safe, Timeout: idleTimeout},
	opSeats:      {Key: "Seats", Safety: transport.Safe, Timeout: idleTimeout},
	opTags:       {Key: "Tags", Safety: transport.Safe, Timeout: idleTimeout},
	opVenues:     {Key: "Venues", Safety: transport.Safe, Timeout: idleTimeout},
}

// request describes a call before it is sent.
type request[Req any] struct {
	valid.Check
	op      int
	message *Req
}

// stream calls a method. If the first name of the service does not have it, stream tries the
// second one. decode converts each message to a value.
func stream[T, Req, Res any](ctx context.Context, c *Client, r *request[Req], decode func(*reading, *Res) T, opts []rutravel.CallOption) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		first, second := c.serviceNames(r.op)
		missing := yieldUnlessMissing(call(ctx, c, first, r, decode, opts), yield)
		if missing == nil {
			return
		}
		if second != "" {
			found := func() {
				if errors.Is(missing, CodeUnimplemented) { // a gateway's 404 may be temporary
					c.older[r.op].Store(second == ServiceV2)
				}
			}
			values := whenFound(call(ctx, c, second, r, decode, opts), found)
			if yieldUnlessMissing(values, yield) == nil {
				return
			}
		}
		var none T
		yield(none, missing) // neither name has the method; the first error is more useful
	}
}

// yieldUnlessMissing yields values. If the first one is the error of a missing service, it
// yields nothing and returns that error.
func yieldUnlessMissing[T any](values iter.Seq2[T, error], yield func(T, error) bool) (missing error) {
	first := true
	for value, err := range values {
		if first && unimplemented(err) {
			return err
		}
		first = false
		if !yield(value, err) {
			return nil
		}
	}
	return nil
}

// whenFound calls found for each value, and when the values end without an error.
func whenFound[T any](values iter.Seq2[T, error], found func()) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var failed bool
		for value, err := range values {
			if failed = err != nil; !failed {
				found()
			}
			if !yield(value, err) {
				return
			}
		}
		if !failed { // an empty answer is a success
			found()
		}
	}
}

// serviceNames returns the names of the service in the order in which they are tried. The
// first one had the method last; it may disappear while a program runs.
func (c *Client) serviceNames(op int) (first, second string) {
	switch {
	case len(c.services) == 1:
		return c.services[0], ""
	case c.older[op].Load():
		return c.services[1], c.services[0]
	default:
		return c.services[0], c.services[1]
	}
}

// call calls the method of the service with one name. It leaves out messages that cannot be
// read, with a warning. If none can be read, that is an error.
func call[T, Req, Res any](ctx context.Context, c *Client, service string, r *request[Req], decode func(*reading, *Res) T, opts []rutravel.CallOption) iter.Seq2[T, error] {
	sent := transport.Request{
		Method: http.MethodPost, Path: service + "/" + operations[r.op].Key, Header: c.header(), Invalid: r.Err(),
	}
	rows := transport.Relay(ctx, c.engine, &operations[r.op], sent, func(ctx context.Context, client *transport.HTTPClient, yield func(row[T]) bool) error {
		method := connect.NewClient[Req, Res](escapingClient{client}, client.Address(),
			connect.WithGRPC(), connect.WithCodec(lenient{}), connect.WithReadMaxBytes(transport.MaxElement))
		answer, err := method.CallServerStream(ctx, connect.NewRequest(r.message))
		if err != nil {
			return failure(ctx, err)
		}
		defer func() { _ = answer.Close() }() // frees the stream at any point
		var some bool
		var unread *wire.Error
		for n := 0; answer.Receive(); n++ {
			var one reading
			v := decode(&one, answer.Msg())
			for _, w := range one.all(messageID(answer.Msg())) {
				w.Path = element("", n) + "." + w.Path
				client.Warn(ctx, w)
			}
			some, unread = some || one.bad == nil, cmp.Or(unread, one.bad)
			if !yield(row[T]{v, one.bad == nil}) {
				return nil
			}
		}
		if err = failure(ctx, answer.Err()); err != nil || some || unread == nil {
			return err
		}
		return unread
	}, opts...)
	return func(yield func(T, error) bool) {
		for row, err := range rows {
			if (row.readable || err != nil) && !yield(row.value, err) {
				return
			}
		}
	}
}

// row is a message of a stream.
type row[T any] struct {
	value    T
	readable bool
}
