package ticketscloudtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rutravel/rutravel-go/internal/testing/fake"
	"github.com/rutravel/rutravel-go/ticketscloud"
)

// order is an order and the tickets that it holds.
type order struct {
	id         string
	number     int
	status     string
	created    time.Time
	done       time.Time
	expires    time.Time
	event      *event
	tickets    []*ticket
	promocodes []promocode
	customer   map[string]string
	send       bool
	vendorData object
	barcodes   map[*ticket]string
	named      bool // Mosbilet has the buyers
	answered   bool // the payment was answered; that answer has no barcodes
}

// expire expires the orders that were not paid in time.
func (s *Server) expire(now time.Time) {
	for _, o := range s.orders {
		if o.status == "executed" && !now.Before(o.expires) {
			o.release("expired")
		}
	}
}

// release puts an order's tickets on sale again.
func (o *order) release(status string) {
	for _, t := range o.tickets {
		t.holder = nil
	}
	o.status, o.tickets = status, nil
}

func (s *Server) order(id string) *order {
	i := slices.IndexFunc(s.orders, func(o *order) bool { return o.id == id })
	if i < 0 {
		return nil
	}
	return s.orders[i]
}

// newID makes an id that begins with the time, like the supplier's ids.
func (s *Server) newID(now time.Time) string {
	s.counted++
	return fmt.Sprintf("%08x%016x", uint32(now.Unix()), s.counted) //nolint:gosec // good until 2106, like the supplier's ids
}

type newOrder struct {
	Event   string         `json:"event"`
	Tickets []string       `json:"tickets"`
	Random  map[string]int `json:"random"`
}

func (s *Server) create(r request) fake.Answer {
	var b newOrder
	if problem := read(r.body, &b); problem != "" {
		return refuse(problem)
	}
	o, problem := s.add(b, r.now)
	if problem != "" {
		return refuse(problem)
	}
	return s.data(s.show(o, r.now), s.refs(o))
}

// add creates an order.
func (s *Server) add(b newOrder, now time.Time) (o *order, problem string) {
	e := s.event(b.Event)
	if e == nil {
		return nil, "Event " + b.Event + " not found"
	}
	o = &order{
		id: s.newID(now), number: 54000 + s.counted, status: "executed", created: now, expires: now.Add(OrderLifetime),
		event: e, vendorData: object{},
	}
	if problem = o.reserve(s, b.Tickets, b.Random, false); problem != "" {
		return nil, problem
	}
	s.orders = append(s.orders, o)
	return o, ""
}

// reserve makes the order hold the requested tickets that are vacant.
func (o *order) reserve(s *Server, ids []string, random map[string]int, all bool) (problem string) {
	if ids != nil && random != nil {
		return "Only one of tickets or random can be set"
	}
	if ids == nil && random == nil {
		return ""
	}
	var want []*ticket
	wanted := len(ids)
	for _, id := range ids {
		t := o.event.ticket(id)
		if t == nil {
			return "ticket (id = " + id + ") does not belong to current event"
		}
		if (t.holder == o || t.vacant()) && !slices.Contains(want, t) {
			want = append(want, t)
		}
	}
	for id, n := range random {
		set := o.event.set(id)
		if set == nil || n < 0 {
			return "random: bad set " + id
		}
		wanted += n
		want = append(want, o.draw(set, n, s.quirks.Reseat && set.seats || s.quirks.Redraw && !set.seats)...)
	}
	if all && len(want) < wanted {
		return ""
	}
	for _, t := range o.tickets {
		t.holder = nil
	}
	for _, t := range want {
		t.holder = o
	}
	slices.SortFunc(want, func(a, b *ticket) int { return a.number - b.number })
	o.tickets = want
	return ""
}

// restore undoes a change that was refused.
func (o *order) restore(before order) {
	for _, t := range o.tickets {
		t.holder = nil
	}
	*o = before
	for _, t := range o.tickets {
		t.holder = o
	}
}

// draw picks tickets of a category. Those that the order holds come first, or last if
// others is set.
func (o *order) draw(set *set, n int, others bool) []*ticket {
	var held, vacant []*ticket
	for _, t := range set.tickets {
		switch {
		case t.holder == o:
			held = append(held, t)
		case t.vacant():
			vacant = append(vacant, t)
		}
	}
	from := slices.Concat(held, vacant)
	if others {
		from = slices.Concat(vacant, held)
	}
	return from[:min(n, len(from))]
}

type orderChange struct {
	Tickets      []string       `json:"tickets"`
	Random       map[string]int `json:"random"`
	AllOrNothing bool           `json:"all_or_nothing"`
	Status       string         `json:"status"`
	Promocodes   []string       `json:"promocodes"`
	Settings     struct {
		Customer *struct {
			Name  *string `json:"name"`
			Email *string `json:"email"`
			Phone *string `json:"phone"`
			Lang  *string `json:"lang"`
		} `json:"customer"`
		SendTickets *bool `json:"send_tickets"`
	} `json:"settings"`
	VendorData *struct {
		OrderID *string            `json:"order_id"`
		Raw     *map[string]string `json:"raw"`
	} `json:"vendor_data"`
}

func (s *Server) change(r request) fake.Answer {
	var b orderChange
	if problem := read(r.body, &b); problem != "" {
		return refuse(problem)
	}
	o := s.order(r.id)
	switch {
	case o == nil:
		return refuse("Order " + r.id + " not found")
	case o.status != "executed" && b.Status != "":
		return refuse("Incorrect status " + b.Status + " for this operation")
	case o.status != "executed":
		return refuse("Not allow to update order in status " + o.status)
	}
	if problem := b.vendorProblem(); problem != "" {
		return refuse(problem)
	}
	before := *o
	// With all_or_nothing, tickets that cannot be reserved are not a refusal. The rest of
	// the change, for example a payment, applies to the tickets that the order holds.
	if problem := o.reserve(s, b.Tickets, b.Random, b.AllOrNothing); problem != "" {
		return refuse(problem)
	}
	o.configure(b)
	more := object{}
	if problems := o.apply(b.Promocodes); len(problems) > 0 {
		more["errors"] = problems
	}
	if problem := o.setStatus(s, b.Status, r.now); problem != "" {
		o.restore(before)
		return refuse(problem)
	}
	shown := s.show(o, r.now)
	o.answered = o.status == "done"
	return s.data(shown, s.refs(o), more)
}

func (b orderChange) vendorProblem() string {
	if b.VendorData == nil {
		return ""
	}
	if id := b.VendorData.OrderID; id != nil && utf8.RuneCountInString(*id) > ticketscloud.MaxVendorOrderID {
		return fmt.Sprintf("String is longer than %d characters", ticketscloud.MaxVendorOrderID)
	}
	if b.VendorData.Raw == nil {
		return ""
	}
	if len(*b.VendorData.Raw) > ticketscloud.MaxVendorFields {
		return fmt.Sprintf("list length is greater than %d", ticketscloud.MaxVendorFields)
	}
	for name, value := range *b.VendorData.Raw {
		if utf8.RuneCountInString(name) > ticketscloud.MaxVendorFieldName || utf8.RuneCountInString(value) > ticketscloud.MaxVendorFieldValue {
			return fmt.Sprintf("String is longer than %d characters", ticketscloud.MaxVendorFieldValue)
		}
	}
	return ""
}

// configure sets the settings that were sent and keeps the others.
func (o *order) configure(b orderChange) {
	if c := b.Settings.Customer; c != nil {
		o.customer = map[string]string{}
		for name, p := range map[string]*string{"name": c.Name, "email": c.Email, "phone": c.Phone, "lang": c.Lang} {
			if p != nil {
				o.customer[name] = *p
			}
		}
	}
	if p := b.Settings.SendTickets; p != nil {
		o.send = *p
	}
	if v := b.VendorData; v != nil {
		o.vendorData = maps.Clone(o.vendorData)
		if v.OrderID != nil {
			o.vendorData["order_id"] = *v.OrderID
		}
		if v.Raw != nil {
			o.vendorData["raw"] = *v.Raw
		}
	}
}

// apply applies promocodes. Those that cannot be applied become problems.
func (o *order) apply(codes []string) (problems []object) {
	problem := func(code ticketscloud.Code, message string) {
		problems = append(problems, object{"code": code, "msg": message})
	}
	for _, code := range codes {
		p, ok := findPromocode(o.event.id, code)
		switch {
		case !ok:
			problem(ticketscloud.CodePromocodeNotFound, "Promocode not found")
		case slices.ContainsFunc(o.promocodes, func(q promocode) bool { return q.id == p.id }):
			problem(ticketscloud.CodePromocodeAlreadyUsed, "Promocode already used")
		case len(o.tickets) < p.min:
			problem(ticketscloud.CodePromocodeMinTickets, fmt.Sprintf("Mimimum count of tickets in order for promocode activation is %d", p.min)) //nolint:misspell // as in the manual
		default:
			o.promocodes = append(o.promocodes, p)
		}
	}
	return problems
}

func findPromocode(event, code string) (promocode, bool) {
	i := slices.IndexFunc(promocodes, func(p promocode) bool {
		return strings.EqualFold(p.code, code) && slices.Contains(p.events, event)
	})
	if i < 0 {
		return promocode{}, false
	}
	return promocodes[i], true
}

// setStatus changes the order's status.
func (o *order) setStatus(s *Server, status string, now time.Time) (problem string) {
	switch {
	case status == "":
	case status == "cancelled":
		o.release("cancelled")
	case status != "done":
		return "Incorrect status " + status + " for this operation"
	case len(o.tickets) == 0:
		return "there is no tickets in order"
	case o.event.venue.mosbilet && !o.named:
		return "user data is required" // the supplier's text is not known
	case s.quirks.NoMoney:
		return "Not enough money, сontact to TicketsCloud manager" // with a Cyrillic letter, as in the manual
	default:
		o.status, o.done, o.barcodes = "done", now, map[*ticket]string{}
		for _, t := range o.tickets {
			s.sold++
			o.barcodes[t] = fmt.Sprintf("%017d", 17174251182000000+int64(s.sold))
		}
	}
	return ""
}

// discount is the discount of the order's promocodes for a ticket of a category.
func (o *order) discount(set *set) (kopecks int64, by any) {
	for _, p := range o.promocodes {
		if len(p.sets) > 0 && !slices.Contains(p.sets, set.id) {
			continue
		}
		by = p.id
		if p.percent > 0 {
			kopecks += set.price * p.percent / 100
		} else {
			kopecks += p.fix
		}
	}
	return min(kopecks, set.price), by
}

// prices returns the amounts of a ticket.
func (o *order) prices(t *ticket) (price, discount, nominal, fee int64) {
	discount, _ = o.discount(t.set)
	nominal = t.set.price - discount
	return t.set.price, discount, nominal, extra(nominal)
}

// show is an order in answers.
func (s *Server) show(o *order, now time.Time) object {
	tickets := []object{}
	var price, discount, nominal, fee int64
	for _, t := range o.tickets {
		shown := s.showTicket(o, t)
		shown["barcode"] = nil
		if o.status == "done" && (o.answered || s.quirks.Barcodes) && now.Sub(o.done) >= s.quirks.BarcodeDelay {
			shown["barcode"] = o.barcodes[t]
		}
		tickets = append(tickets, shown)
		p, d, n, f := o.prices(t)
		price, discount, nominal, fee = price+p, discount+d, nominal+n, fee+f
	}
	sets := object{}
	for _, set := range o.event.sets {
		off, by := o.discount(set)
		sets[set.id] = object{
			"id": set.id, "price": money(set.price), "discount": money(off), "nominal": money(set.price - off), "promocode": by,
		}
	}
	applied := []string{}
	for _, p := range o.promocodes {
		applied = append(applied, p.id)
	}
	shown := object{
		"id": o.id, "number": o.number, "status": o.status, "origin": "api", "event": o.event.id, "org": organiser, "vendor": vendor,
		"created_at": o.created.Format(layout), "expired_after": o.expires.Format(layout),
		"promocodes": applied, "tickets": tickets, "vendor_data": o.vendorData,
		"values": object{
			"price": money(price), "discount": money(discount), "nominal": money(nominal), "extra": money(fee), "full": money(nominal + fee),
			"sets_values": sets, "viral_promocodes": []string{},
		},
	}
	if !s.quirks.NoSettings {
		settings := object{"invitation": false, "send_tickets": o.send, "subscribe_agree": false}
		if o.customer != nil {
			settings["customer"] = o.customer
		}
		shown["settings"] = settings
	}
	if o.status == "done" {
		shown["done_at"], shown["code"] = o.done.Format(layout), fmt.Sprintf("code%04d", o.number%10000)
	}
	return shown
}

// showTicket is a ticket without its barcode.
func (s *Server) showTicket(o *order, t *ticket) object {
	price, discount, nominal, fee := o.prices(t)
	shown := object{
		"id": t.id, "number": t.number, "serial": "TST", "set": t.set.id, "status": "reserved",
		"price": money(price), "discount": money(discount), "nominal": money(nominal), "extra": money(fee), "full": money(nominal + fee),
	}
	if t.seat > 0 {
		shown["seat"] = object{"row": strconv.Itoa(t.row), "number": strconv.Itoa(t.seat), "sector": sector}
	}
	if s.quirks.Sold && o.status == "done" {
		shown["status"] = "sold"
	}
	return shown
}

// refs describes the objects that orders name.
func (s *Server) refs(orders ...*order) object {
	events, venues, sets, applied := object{}, object{}, object{}, object{}
	for _, o := range orders {
		events[o.event.id] = o.event.eventRef()
		venues[o.event.venue.id] = o.event.venue.venueRef()
		for _, t := range o.tickets {
			sets[t.set.id] = t.set.ref()
		}
		for _, p := range o.promocodes {
			applied[p.id] = p.ref()
		}
	}
	return object{
		"events": events, "venues": venues, "sets": sets, "promocodes": applied,
		"partners": object{organiser: s.partner(organiser), vendor: s.partner(vendor)},
	}
}

func (s *Server) list(r request) fake.Answer {
	found, problem := s.find(r)
	if problem != "" {
		return refuse(problem)
	}
	part, pagination, problem := page(s, r.params, found)
	if problem != "" {
		return refuse(problem)
	}
	list := []object{}
	for _, o := range part {
		list = append(list, s.show(o, r.now))
	}
	return s.data(list, s.refs(part...), object{"pagination": pagination})
}

// find filters the orders. The newest is first.
func (s *Server) find(r request) (found []*order, problem string) {
	created, problem := period(r.params, "created_at")
	if problem != "" {
		return nil, problem
	}
	status, events := oneOf(r.params, "status"), oneOf(r.params, "events")
	for _, o := range slices.Backward(s.orders) {
		if s.unlisted(o.created, r.now) {
			continue
		}
		if s.quirks.IgnoreFilters || created(o.created) && status(o.status) && events(o.event.id) && (r.params.Get("only_with_customer") != "true" || o.customer != nil) {
			found = append(found, o)
		}
	}
	return found, ""
}

// unlisted reports whether lists do not have an object yet that was created at made.
func (s *Server) unlisted(made, now time.Time) bool { return now.Before(made.Add(s.quirks.Unlisted)) }

func (s *Server) export(r request) fake.Answer {
	var b struct {
		CreatedAt        string   `json:"created_at"`
		Email            string   `json:"email"`
		Status           []string `json:"status"`
		Events           []string `json:"events"`
		OnlyWithCustomer bool     `json:"only_with_customer"`
	}
	if problem := read(r.body, &b); problem != "" {
		return refuse(problem)
	}
	r.params = map[string][]string{"created_at": {b.CreatedAt}, "email": {b.Email}}
	return s.exportByGet(r)
}

func (s *Server) exportByGet(r request) fake.Answer {
	if r.params.Get("email") == "" {
		return refuse("email is required")
	}
	if _, problem := period(r.params, "created_at"); problem != "" {
		return refuse(problem)
	}
	s.mails = append(s.mails, r.params.Get("email"))
	return noBody(http.StatusOK)
}

func (s *Server) mosbilet(r request) fake.Answer {
	var b struct {
		Order    string `json:"order"`
		UserData []struct {
			Ticket     string `json:"ticket_id"`
			User       string `json:"user_id"`
			Name       string `json:"name"`
			Surname    string `json:"surname"`
			MiddleName string `json:"middle_name"`
		} `json:"user_data"`
	}
	if problem := read(r.body, &b); problem != "" {
		return refuse(problem)
	}
	o := s.order(b.Order)
	switch {
	case o == nil:
		return refuse("Order " + b.Order + " not found")
	case o.status != "executed":
		return refuse("Not allow to update order in status " + o.status)
	}
	for _, u := range b.UserData {
		if u.User == "" || u.Name == "" || u.Surname == "" {
			return refuse("user_id, name and surname are required")
		}
	}
	o.named = len(b.UserData) > 0
	return noBody(http.StatusAccepted)
}

func (s *Server) check(r request) fake.Answer {
	var b struct {
		Event string `json:"event"`
		Code  string `json:"code"`
	}
	if problem := read(r.body, &b); problem != "" {
		return refuse(problem)
	}
	e := s.event(b.Event)
	p, ok := findPromocode(b.Event, b.Code)
	if e == nil || !ok {
		return refuseWith(http.StatusBadRequest, "HTTPBadRequest", "Promocode not found")
	}
	sets, limits := object{}, object{}
	for _, id := range p.sets {
		set := e.set(id)
		sets[id] = object{"id": id, "name": set.name, "price": money(set.price)}
	}
	if p.min > 0 {
		limits["min"] = p.min
	}
	only := p.sets
	if only == nil {
		only = []string{}
	}
	return s.data(object{"discount": p.discount(), "sets": only, "tickets_count": limits}, object{"sets": sets})
}

// raw returns a text as JSON without changing it.
func raw(text string) json.RawMessage { return json.RawMessage(text) }
