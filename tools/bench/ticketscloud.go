package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud"
)

type (
	handAmounts struct {
		Price    decimal.Decimal `json:"price"`
		Discount decimal.Decimal `json:"discount"`
		Nominal  decimal.Decimal `json:"nominal"`
		Extra    decimal.Decimal `json:"extra"`
		Full     decimal.Decimal `json:"full"`
	}

	handOrder struct {
		ID           string       `json:"id"`
		Number       int          `json:"number"`
		Code         string       `json:"code"`
		Status       string       `json:"status"`
		Origin       string       `json:"origin"`
		CreatedAt    utcTime      `json:"created_at"`
		DoneAt       utcTime      `json:"done_at"`
		ExpiredAfter utcTime      `json:"expired_after"`
		EventID      string       `json:"event"`
		Event        *handEvent   `json:"-"`
		OrgID        string       `json:"org"`
		Org          *handPartner `json:"-"`
		VendorID     string       `json:"vendor"`
		Vendor       *handPartner `json:"-"`
		PromocodeIDs []string     `json:"promocodes"`
		Settings     struct {
			Customer struct {
				Name  string `json:"name"`
				Email string `json:"email"`
				Phone string `json:"phone"`
				Lang  string `json:"lang"`
			} `json:"customer"`
			SendTickets    bool `json:"send_tickets"`
			Invitation     bool `json:"invitation"`
			Courier        bool `json:"courier"`
			SubscribeAgree bool `json:"subscribe_agree"`
		} `json:"settings"`
		Tickets []handTicket `json:"tickets"`
		Values  struct {
			handAmounts
			Sets  map[string]handSetValue `json:"sets_values"`
			Viral []string                `json:"viral_promocodes"`
		} `json:"values"`
		VendorData struct {
			OrderID string            `json:"order_id"`
			Raw     map[string]string `json:"raw"`
		} `json:"vendor_data"`
	}

	handTicket struct {
		handAmounts
		ID      string   `json:"id"`
		Serial  string   `json:"serial"`
		Number  int      `json:"number"`
		Barcode string   `json:"barcode"`
		SetID   string   `json:"set"`
		Set     *handSet `json:"-"`
		Seat    *struct {
			Row    looseID `json:"row"`
			Number looseID `json:"number"`
			Sector string  `json:"sector"`
		} `json:"seat"`
		Status string `json:"status"`
	}

	handSetValue struct {
		ID        string          `json:"id"`
		Price     decimal.Decimal `json:"price"`
		Discount  decimal.Decimal `json:"discount"`
		Nominal   decimal.Decimal `json:"nominal"`
		Promocode string          `json:"promocode"`
	}

	handRefs struct {
		Events   map[string]*handEvent   `json:"events"`
		Partners map[string]*handPartner `json:"partners"`
		Sets     map[string]*handSet     `json:"sets"`
		Venues   map[string]*handVenue   `json:"venues"`
	}

	handEvent struct {
		ID       string       `json:"id"`
		OrgID    string       `json:"org"`
		Org      *handPartner `json:"-"`
		Status   string       `json:"status"`
		Timezone string       `json:"timezone"`
		VenueID  string       `json:"venue"`
		Venue    *handVenue   `json:"-"`
		Age      int          `json:"age_rating"`
		Title    struct {
			Text string `json:"text"`
			Desc string `json:"desc"`
		} `json:"title"`
		Lifetime struct {
			Start  utcTime `json:"start"`
			Finish utcTime `json:"finish"`
		} `json:"lifetime"`
	}

	handPartner struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}

	handSet struct {
		ID    string          `json:"id"`
		Name  string          `json:"name"`
		Price decimal.Decimal `json:"price"`
		Seats bool            `json:"with_seats"`
	}

	handVenue struct {
		ID      string `json:"id"`
		Name    string `json:"name"`
		Desc    string `json:"desc"`
		Address string `json:"address"`
		City    struct {
			ID       looseID           `json:"_id"`
			Name     map[string]string `json:"name"`
			Timezone string            `json:"timezone"`
		} `json:"city"`
		Country struct {
			ID   looseID           `json:"_id"`
			Name map[string]string `json:"name"`
		} `json:"country"`
	}

	handProblem struct {
		Code string `json:"code"`
		Msg  string `json:"msg"`
	}

	handOrderAnswer struct {
		Data   handOrder     `json:"data"`
		Refs   handRefs      `json:"refs"`
		Errors []handProblem `json:"errors"`
	}

	handOrdersAnswer struct {
		Data       []handOrder   `json:"data"`
		Refs       handRefs      `json:"refs"`
		Errors     []handProblem `json:"errors"`
		Pagination struct {
			Page     int `json:"page"`
			PageSize int `json:"page_size"`
			Total    int `json:"total"`
		} `json:"pagination"`
	}
)

func (a *handOrderAnswer) finish(func([]byte, any) error) error {
	a.Refs.link()
	a.Data.link(&a.Refs)
	return problem(a.Errors)
}

func (a *handOrderAnswer) value() any { return a.Data }

func (a *handOrdersAnswer) finish(func([]byte, any) error) error {
	a.Refs.link()
	for i := range a.Data {
		a.Data[i].link(&a.Refs)
	}
	return problem(a.Errors)
}

func (a *handOrdersAnswer) value() any { return a.Data }

func problem(all []handProblem) error {
	if len(all) > 0 {
		return errors.New(all[0].Msg)
	}
	return nil
}

func (r *handRefs) link() {
	for _, e := range r.Events {
		e.Org, e.Venue = r.Partners[e.OrgID], r.Venues[e.VenueID]
	}
}

func (o *handOrder) link(r *handRefs) {
	o.Event, o.Org, o.Vendor = r.Events[o.EventID], r.Partners[o.OrgID], r.Partners[o.VendorID]
	for i := range o.Tickets {
		o.Tickets[i].Set = r.Sets[o.Tickets[i].SetID]
	}
}

func (a handAmounts) same() ticketscloud.Amounts { return ticketscloud.Amounts(a) }

func (o handOrder) same() ticketscloud.Order {
	s := ticketscloud.Order{
		ID: ticketscloud.OrderID(o.ID), Number: o.Number, Code: o.Code, Status: ticketscloud.OrderStatus(o.Status), Origin: ticketscloud.Origin(o.Origin),
		CreatedAt: o.CreatedAt.Time, DoneAt: o.DoneAt.Time, ExpiredAfter: o.ExpiredAfter.Time,
		Event: o.Event.same(o.EventID), Org: o.Org.same(o.OrgID), Vendor: o.Vendor.same(o.VendorID),
		Settings: ticketscloud.Settings{
			SendTickets: o.Settings.SendTickets, Invitation: o.Settings.Invitation, Courier: o.Settings.Courier, SubscribeAgree: o.Settings.SubscribeAgree,
			Customer: ticketscloud.Customer{
				Name: o.Settings.Customer.Name, Email: o.Settings.Customer.Email, Phone: o.Settings.Customer.Phone,
				Lang: ticketscloud.Language(o.Settings.Customer.Lang),
			},
		},
		Promocodes: each(o.PromocodeIDs, promocode),
		Totals:     ticketscloud.Totals{Amounts: o.Values.same(), ViralPromocodes: each(o.Values.Viral, promocode)},
		VendorData: ticketscloud.VendorData{OrderID: o.VendorData.OrderID},
	}
	for _, name := range slices.Sorted(maps.Keys(o.VendorData.Raw)) {
		s.VendorData.Raw = append(s.VendorData.Raw, ticketscloud.VendorField{Name: name, Value: o.VendorData.Raw[name]})
	}
	for _, id := range slices.Sorted(maps.Keys(o.Values.Sets)) {
		v := o.Values.Sets[id]
		s.Totals.Sets = append(s.Totals.Sets, ticketscloud.SetPrices{
			Set: ticketscloud.SetID(v.ID), Price: v.Price, Discount: v.Discount, Nominal: v.Nominal, Promocode: promocode(v.Promocode),
		})
	}
	for _, t := range o.Tickets {
		one := ticketscloud.Ticket{
			ID: ticketscloud.TicketID(t.ID), Serial: t.Serial, Number: t.Number, Barcode: t.Barcode, Set: t.Set.same(t.SetID),
			Status: ticketscloud.TicketStatus(t.Status), Amounts: t.same(),
		}
		if t.Seat != nil {
			one.Seat = &ticketscloud.Seat{Row: string(t.Seat.Row), Number: string(t.Seat.Number), Sector: ticketscloud.SectorID(t.Seat.Sector)}
		}
		s.Tickets = append(s.Tickets, one)
	}
	return s
}

func promocode(id string) ticketscloud.Promocode {
	return ticketscloud.Promocode{ID: ticketscloud.PromocodeID(id)}
}

func (e *handEvent) same(id string) ticketscloud.Event {
	if e == nil {
		return ticketscloud.Event{ID: ticketscloud.EventID(id)}
	}
	return ticketscloud.Event{
		ID: ticketscloud.EventID(e.ID), Status: ticketscloud.EventStatus(e.Status), Title: e.Title.Text, Description: e.Title.Desc,
		Start: e.Lifetime.Start.Time, Finish: e.Lifetime.Finish.Time, Timezone: e.Timezone, AgeRating: e.Age,
		Org: e.Org.same(e.OrgID), Venue: e.Venue.same(e.VenueID),
	}
}

func (p *handPartner) same(id string) ticketscloud.Partner {
	if p == nil {
		return ticketscloud.Partner{ID: ticketscloud.PartnerID(id)}
	}
	return ticketscloud.Partner{ID: ticketscloud.PartnerID(p.ID), Name: p.Name}
}

func (s *handSet) same(id string) ticketscloud.Set {
	if s == nil {
		return ticketscloud.Set{ID: ticketscloud.SetID(id)}
	}
	return ticketscloud.Set{ID: ticketscloud.SetID(s.ID), Name: s.Name, Price: s.Price, WithSeats: s.Seats}
}

func (v *handVenue) same(id string) ticketscloud.Venue {
	if v == nil {
		return ticketscloud.Venue{ID: ticketscloud.VenueID(id)}
	}
	return ticketscloud.Venue{
		ID: ticketscloud.VenueID(v.ID), Name: v.Name, Description: v.Desc, Address: v.Address,
		City:    ticketscloud.City{ID: ticketscloud.CityID(v.City.ID), Name: v.City.Name, Timezone: v.City.Timezone},
		Country: ticketscloud.Country{ID: ticketscloud.CountryID(v.Country.ID), Name: v.Country.Name},
	}
}

const orderID = "5b0eab671b2042000ea83850"

// orderText is an order of 5 KB.
func orderText() []byte {
	a := parse[object](golden("ticketscloud", "orders.change.answer.json"))
	data := parse[object](a["data"])
	tickets := parse[[]json.RawMessage](data["tickets"])
	const length = 5_000
	for i := 0; ; i++ {
		a["data"] = must(json.Marshal(data))
		text := must(json.Marshal(a))
		if len(text) >= length {
			return text
		}
		one := parse[object](tickets[i%2])
		one["id"] = json.RawMessage(variedIDs(string(one["id"]), i+1))
		tickets = append(tickets, must(json.Marshal(one)))
		data["tickets"] = must(json.Marshal(tickets))
	}
}

// orderCall changes an order.
func orderCall() exchange {
	return exchange{
		method: http.MethodPatch, url: ticketscloud.Stage + "/v2/resources/orders/" + orderID,
		header:  http.Header{"Authorization": {"key test-key"}, "Content-Type": {"application/json"}},
		request: map[string]map[string]bool{"settings": {"send_tickets": true}},
		answer:  func() answer { return new(handOrderAnswer) },
	}
}

func changeOrder(c *ticketscloud.Client) contestant {
	return contestant{library, func() (any, error) {
		return c.ChangeOrder(context.Background(), ticketscloud.OrderKey{ID: orderID}, ticketscloud.OrderChange{SendTickets: new(true)})
	}}
}

func sameOrder(v any) any { return v.(handOrder).same() }

// order reads an order of 5 KB.
func order() work {
	text := orderText()
	transport := answering(text)
	client := must(ticketscloud.New(ticketscloud.Config{Key: "test-key", BaseURL: ticketscloud.Stage}, rutravel.WithHTTPClient(&http.Client{Transport: transport})))
	return work{
		length: len(text), same: sameOrder,
		contestants: append(others(orderCall(), transport), changeOrder(client), skipping(text)),
	}
}

// orders reads a page of orders of several events, each with its own sets of
// tickets, which refs describe.
func orders(number int) work {
	const alike = 20 // orders of one event
	list := parse[object](golden("ticketscloud", "orders.list.answer.json"))
	change := parse[object](golden("ticketscloud", "orders.change.answer.json"))
	templates := append(parse[[]json.RawMessage](list["data"]), change["data"])
	refs := parse[map[string]object](list["refs"])
	for kind, all := range parse[map[string]object](change["refs"]) {
		if refs[kind] == nil {
			refs[kind] = object{}
		}
		maps.Copy(refs[kind], all)
	}
	all := map[string]object{"partners": refs["partners"], "venues": refs["venues"], "promocodes": {}, "events": {}, "sets": {}}
	kept := slices.Collect(maps.Keys(refs["partners"]))
	kept = slices.AppendSeq(kept, maps.Keys(refs["venues"]))
	// Events and sets change with each group of orders. Partners and venues are
	// always the same.
	another := func(text string, i int) string {
		return hexID.ReplaceAllStringFunc(text, func(id string) string {
			if slices.Contains(kept, id[1:25]) {
				return id
			}
			return variedIDs(id, i)
		})
	}
	var rows []string
	for i := range number {
		group := i / alike
		text := another(string(templates[i%len(templates)]), group)
		o := parse[object]([]byte(text))
		o["id"] = json.RawMessage(variedIDs(string(o["id"]), i))
		tickets := parse[[]object](o["tickets"])
		for _, t := range tickets {
			t["id"] = json.RawMessage(variedIDs(string(t["id"]), i))
		}
		o["tickets"] = must(json.Marshal(tickets))
		rows = append(rows, string(must(json.Marshal(o))))
		for _, kind := range []string{"events", "sets"} {
			for id, ref := range refs[kind] {
				all[kind][strings.Trim(another(`"`+id+`"`, group), `"`)] = json.RawMessage(another(string(ref), group))
			}
		}
	}
	var b bytes.Buffer
	b.WriteString(`{"data":[` + strings.Join(rows, ",") + `],"pagination":` + string(list["pagination"]) + `,"refs":`)
	b.Write(must(json.Marshal(all)))
	b.WriteString(`}`)
	transport := answering(b.Bytes())
	client := must(ticketscloud.New(ticketscloud.Config{Key: "test-key", BaseURL: ticketscloud.Stage}, rutravel.WithHTTPClient(&http.Client{Transport: transport})))
	x := exchange{
		method: http.MethodGet, url: ticketscloud.Stage + "/v2/resources/orders?page_size=200",
		header: http.Header{"Authorization": {"key test-key"}}, answer: func() answer { return new(handOrdersAnswer) },
	}
	return work{
		length: b.Len(),
		same:   func(v any) any { return each(v.([]handOrder), handOrder.same) },
		contestants: append(others(x, transport), contestant{library, func() (any, error) {
			p, err := client.OrdersPage(context.Background(), ticketscloud.OrderQuery{PageSize: ticketscloud.MaxPageSize})
			return p.Orders, err
		}}, skipping(b.Bytes())),
	}
}
