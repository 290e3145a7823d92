package tcsimple

import (
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
	"github.com/rutravel/rutravel-go/ticketscloud"
)

// The addresses of the catalogue. One of them must be chosen, that of the place
// where orders are made.
const (
	Production = "https://simple.ticketscloud.com"
	Stage      = "https://simple.stage.freetc.net" // for integration and debugging
)

// The names of the service, for [Config], the newer first.
const (
	ServiceV3 = "v3.Simple" // since June 2026
	ServiceV2 = "v2.Simple" // from June 2025
)

// Config says who reads the catalogue and where.
type Config struct {
	Key     rutravel.Secret // the API key, the same as for orders
	BaseURL string          // [Production] or [Stage]; http:// is HTTP/2 in the clear

	// Language is the language of names; the supplier's choice if it is not set.
	Language ticketscloud.Language
	// Service is the name of the service. If it is not set, [ServiceV3] and
	// [ServiceV2] are tried, and which of them has a method is remembered.
	Service string
}

// Client reads the catalogue on behalf of one distributor. It is safe for
// concurrent use.
type Client struct {
	line     *transport.Client
	header   func() http.Header           // a function, so that no printer of values finds the key
	services []string                     // to be tried in this order
	older    [len(operations)]atomic.Bool // the second of them has the method
}

// New returns a client. It checks cfg and opts and sends nothing.
func New(cfg Config, opts ...rutravel.Option) (*Client, error) {
	line, err := transport.New(transport.Config{
		Supplier: "ticketscloud",
		BaseURL:  cfg.BaseURL,
		Secrets:  []string{string(cfg.Key)},
		HTTP2:    true,
		Check: func(v *valid.Check) {
			v.Secret("Key", cfg.Key)
			v.That(!strings.HasPrefix(strings.ToLower(string(cfg.Key)), "key "), "Key", "must not begin with the word key")
			v.That(printable(string(cfg.Key)), "Key", "must be printable ASCII")
			v.That(printable(string(cfg.Language)), "Language", "must be printable ASCII")
			v.That(printable(cfg.Service) && !strings.ContainsAny(cfg.Service, " /?#%"), "Service", "must be a name such as v3.Simple")
		},
	}, opts)
	if err != nil {
		return nil, err
	}
	// REST puts the word key before it.
	header := http.Header{"Authorization": {string(cfg.Key)}}
	if cfg.Language != "" {
		header.Set("Preferred-Language", string(cfg.Language))
	}
	c := &Client{line: line, header: func() http.Header { return header }, services: []string{ServiceV3, ServiceV2}}
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

// silence is how long the supplier may send nothing. The whole of a stream is
// not bounded: all events of a distributor were seen to take minutes.
const silence = 2 * time.Minute

// operations has a row for each method; all of them read.
var operations = [...]transport.Operation{
	opArtists:    {Key: "Artists", Safety: transport.Safe, Timeout: silence},
	opCategories: {Key: "Categories", Safety: transport.Safe, Timeout: silence},
	opCities:     {Key: "Cities", Safety: transport.Safe, Timeout: silence},
	opCountries:  {Key: "Countries", Safety: transport.Safe, Timeout: silence},
	opEvents:     {Key: "Events", Safety: transport.Safe, Timeout: silence},
	opMaps:       {Key: "Maps", Safety: transport.Safe, Timeout: silence},
	opMetaEvents: {Key: "MetaEvents", Safety: transport.Safe, Timeout: silence},
	opSeats:      {Key: "Seats", Safety: transport.Safe, Timeout: silence},
	opTags:       {Key: "Tags", Safety: transport.Safe, Timeout: silence},
	opVenues:     {Key: "Venues", Safety: transport.Safe, Timeout: silence},
}

// stream is a call of a method: message is what is sent, and read makes of each
// message that arrives what is handed out.
func stream[T, Req, Res any](ctx context.Context, c *Client, op int, message *Req, v valid.Check, read func(*Res) T, opts []rutravel.CallOption) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		first, second := c.names(op)
		var begun bool
		var missing error
		for value, err := range call(ctx, c, op, first, message, v, read, opts) {
			if !begun && second != "" && unimplemented(err) {
				missing = err
				break
			}
			begun = true
			if !yield(value, err) {
				return
			}
		}
		if missing == nil {
			return
		}
		there := func() {
			if errors.Is(missing, CodeUnimplemented) { // what a gateway says may be true for a moment
				c.older[op].Store(second == ServiceV2)
			}
		}
		var failed bool
		for value, err := range call(ctx, c, op, second, message, v, read, opts) {
			if failed = err != nil; !failed {
				begun = true
				there()
			}
			if !begun && unimplemented(err) {
				err = missing // neither is there; the first says why
			}
			if !yield(value, err) {
				return
			}
		}
		if !failed { // there may have been nothing
			there()
		}
	}
}

// names returns the names of the service that are to be tried, first the one
// that had the method last: it may go away while a program runs.
func (c *Client) names(op int) (first, second string) {
	switch {
	case len(c.services) == 1:
		return c.services[0], ""
	case c.older[op].Load():
		return c.services[1], c.services[0]
	default:
		return c.services[0], c.services[1]
	}
}

// call calls the method of the service of one name.
func call[T, Req, Res any](ctx context.Context, c *Client, op int, service string, message *Req, v valid.Check, read func(*Res) T, opts []rutravel.CallOption) iter.Seq2[T, error] {
	req := transport.Request{
		Method: http.MethodPost, Path: service + "/" + operations[op].Key, Header: c.header(), Invalid: v.Err(),
	}
	return transport.Relay(ctx, c.line, &operations[op], req, func(ctx context.Context, line *transport.HTTPClient, yield func(T) bool) error {
		client := connect.NewClient[Req, Res](line, line.Address(), connect.WithGRPC(), connect.WithReadMaxBytes(transport.MaxElement))
		answer, err := client.CallServerStream(ctx, connect.NewRequest(message))
		if err != nil {
			return failure(ctx, err)
		}
		defer func() { _ = answer.Close() }() // frees the stream, read to its end or not
		for answer.Receive() {
			if !yield(read(answer.Msg())) {
				return nil
			}
		}
		return failure(ctx, answer.Err())
	}, opts...)
}
