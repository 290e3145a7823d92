package multitour

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

// Production is the documented address, for tests and sales. It ends with a slash.
const Production = "https://multitour.ru/mtapi/"

// PublicToken is the manual's token for everybody. It is meant for directories and prices.
// Bookings need the agency's own token, although the manual's samples of bookings have this
// one.
const PublicToken rutravel.Secret = "9251343b6574c9986afa9704d2abf4cf8ffc2b71"

// UserKey identifies the user who owns the bookings.
type UserKey string

// Config has the credentials and the address.
type Config struct {
	Token   rutravel.Secret // token: the agency's own, or [PublicToken]
	UserKey UserKey         // us_key; may be empty if the client makes and reads no bookings
	BaseURL string          // "" means [Production]
}

// Client is a client of Multitour for one agency. It is safe for concurrent use. Create one
// per account with [New] and share it. The zero Client panics.
type Client struct {
	engine *transport.Client
	user   UserKey
	token  func() string // a func, so that %v of a Client cannot print the secret
}

// New returns a client. It checks cfg and opts and sends nothing.
func New(cfg Config, opts ...rutravel.Option) (*Client, error) {
	engine, err := transport.New(transport.Config{
		Supplier: "multitour",
		BaseURL:  cmp.Or(cfg.BaseURL, Production),
		Secrets:  []string{string(cfg.Token)},
		Check: func(v *valid.Check) {
			v.Secret("Token", cfg.Token)
			if cfg.UserKey != "" {
				v.Number("UserKey", string(cfg.UserKey))
			}
		},
	}, opts)
	if err != nil {
		return nil, err
	}
	return &Client{engine: engine, user: cfg.UserKey, token: func() string { return string(cfg.Token) }}, nil
}

// The rows of the table of operations, in the manual's order.
const (
	opCountry = iota
	opResort
	opCity
	opHotel
	opCategory
	opTreatment
	opPansion
	opHighway
	opBeachType
	opSeaDistance
	opOptions
	opTourType
	opListPrice
	opHotelPrice
	opBookingSet
	opBookingSetFull
	opBookingList
	opBookingInfo
)

// operations has the method, the safety and the timeout of one attempt of every operation.
// A suffix after "+" distinguishes two uses of one method.
var operations = [...]transport.Operation{
	opCountry:        {Key: "map.country", Safety: transport.Safe, Timeout: 30 * time.Second},
	opResort:         {Key: "map.resort", Safety: transport.Safe, Timeout: 30 * time.Second},
	opCity:           {Key: "map.city", Safety: transport.Safe, Timeout: 30 * time.Second},
	opHotel:          {Key: "map.hotel", Safety: transport.Safe, Timeout: 60 * time.Second},
	opCategory:       {Key: "map.category", Safety: transport.Safe, Timeout: 30 * time.Second},
	opTreatment:      {Key: "map.treatment", Safety: transport.Safe, Timeout: 30 * time.Second},
	opPansion:        {Key: "map.pansion", Safety: transport.Safe, Timeout: 30 * time.Second},
	opHighway:        {Key: "map.highway", Safety: transport.Safe, Timeout: 30 * time.Second},
	opBeachType:      {Key: "map.beach.type", Safety: transport.Safe, Timeout: 30 * time.Second},
	opSeaDistance:    {Key: "map.sea.distance", Safety: transport.Safe, Timeout: 30 * time.Second},
	opOptions:        {Key: "map.options", Safety: transport.Safe, Timeout: 30 * time.Second},
	opTourType:       {Key: "map.tour.type", Safety: transport.Safe, Timeout: 30 * time.Second},
	opListPrice:      {Key: "list.price", Safety: transport.Safe, Timeout: 90 * time.Second},
	opHotelPrice:     {Key: "hotel.price", Safety: transport.Safe, Timeout: 90 * time.Second},
	opBookingSet:     {Key: "booking_set", Safety: transport.Unsafe, Timeout: 90 * time.Second, LookUp: "Client.LostBookings"},
	opBookingSetFull: {Key: "booking_set+full", Safety: transport.Unsafe, Timeout: 90 * time.Second, LookUp: "Client.LostBookings"},
	opBookingList:    {Key: "booking_list", Safety: transport.Safe, Timeout: 60 * time.Second, Decides: true},
	opBookingInfo:    {Key: "booking_info", Safety: transport.Safe, Timeout: 30 * time.Second, Decides: true},
}

// request describes a call before it is sent.
type request struct {
	valid.Check
	op      int
	body    any      // the request section of the document
	private []string // the tourists' data in body
}

// document is the document of every request.
type document struct {
	Header struct {
		Token  string `json:"token"`
		Method string `json:"method"`
	} `json:"header"`
	Request any `json:"request"`
}

// userRequest returns a request of a method that needs the user.
func (c *Client) userRequest(op int) *request {
	r := &request{op: op}
	r.That(c.user != "", "Config.UserKey", "must be set: bookings belong to a user")
	return r
}

// call sends a request unless its check failed, and reads the answer. result decodes the
// response. judge may be nil. It receives the error of reply.read, may remove unusable
// parts, and returns the error of the answer. If the answer belongs to another request,
// call returns only an error.
func call[T any](ctx context.Context, c *Client, r *request, result func(*wire.Decoder, *T) error, judge func(*reply, *T, error) error, opts []rutravel.CallOption) (T, error) {
	sent := transport.Request{
		Method: http.MethodPost, ContentType: "application/json; charset=utf-8",
		Private: r.private, Invalid: r.Err(),
	}
	method, _, _ := strings.Cut(operations[r.op].Key, "+")
	if sent.Invalid == nil {
		doc := document{Request: r.body}
		doc.Header.Token = c.token()
		doc.Header.Method = method
		sent.Body = wire.JSON(doc)
	}
	return transport.Do(ctx, c.engine, &operations[r.op], sent, func(a transport.Answer) (v T, err error) {
		answer := reply{method: method, sent: r.body}
		err = answer.read(a, func(d *wire.Decoder) error { return result(d, &v) })
		if answer.foreign {
			var none T
			return none, err
		}
		if judge != nil {
			err = judge(&answer, &v, err)
		}
		return v, err
	}, opts...)
}
