package ticketscloud

import (
	"cmp"
	"context"
	"net/http"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// PromocodeTerms is what a promocode gives and when.
type PromocodeTerms struct {
	Discount Discount  // discount
	Start    time.Time // lifetime.start; zero if there is none
	Finish   time.Time // lifetime.finish; zero if there is none
	Sets     []Set     // sets: the categories with a discount; empty means all
	// MinTickets is tickets_count.min: the number of tickets from which the discount
	// applies. 0 means no limit.
	MinTickets int
	// MaxTickets is tickets_count.max: with more tickets there is no discount. 0 means
	// no limit.
	MaxTickets int
}

// CheckPromocode returns the discount of a promocode for an event and its conditions. A
// promocode that cannot be applied is refused, with the supplier's text. The error is
// [rutravel.ErrNotFound] if the promocode does not exist.
//
// Ticketscloud: POST /v2/services/promocodes/check
func (c *Client) CheckPromocode(ctx context.Context, event EventID, code string, opts ...rutravel.CallOption) (PromocodeTerms, error) {
	r := &request{op: opCheckPromocode, method: http.MethodPost, path: "/v2/services/promocodes/check", private: []string{code}}
	checkID(&r.Check, "event", event)
	r.Text("code", code)
	r.body = promocodeBody{Code: code, Event: event}
	decode := func(d *wire.Decoder, p *PromocodeTerms) error { return p.decode(d) }
	return call(ctx, c, r, decode, func(answer *reply, p *PromocodeTerms, err error) error {
		for i := range p.Sets {
			err = cmp.Or(err, resolve(answer.refs.sets, p.Sets[i].ID, &p.Sets[i]))
		}
		return err
	}, opts)
}

type promocodeBody struct {
	Code  string  `json:"code"`
	Event EventID `json:"event"`
}

// decode has no minor fields, because the zero value of each means that there is no limit.
func (p *PromocodeTerms) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "discount":
			return p.Discount.decode(d)
		case "lifetime":
			return lifetime(d, &p.Start, &p.Finish)
		case "sets":
			return wire.List(d, &p.Sets, func(s *Set, d *wire.Decoder) error { return wire.ID(d, &s.ID) })
		case "tickets_count":
			return d.Map(func(name []byte) error {
				switch string(name) {
				case "min":
					return d.Int(&p.MinTickets)
				case "max":
					return d.Int(&p.MaxTickets)
				default:
					return d.Skip()
				}
			})
		default:
			return d.Skip()
		}
	}, "discount")
}
