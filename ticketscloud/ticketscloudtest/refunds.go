package ticketscloudtest

import (
	"slices"
	"time"

	"github.com/rutravel/rutravel-go/internal/testing/fake"
)

// refund is a refund request.
type refund struct {
	id, status, culprit string
	created, finished   time.Time
	requested           string
	order               *order
	tickets             []*ticket
	amount              int64 // kopecks
}

func (s *Server) createRefund(r request) fake.Answer {
	var b struct {
		Order       string   `json:"order"`
		Culprit     string   `json:"culprit"`
		Tickets     []string `json:"tickets"`
		RequestedAt string   `json:"requested_at"`
	}
	if problem := read(r.body, &b); problem != "" {
		return refuse(problem)
	}
	var problems []string
	if b.Culprit != "user" && b.Culprit != "org" {
		problems = append(problems, "culprit Value '"+b.Culprit+"' not in list of avaiable values ['user', 'org']") //nolint:misspell // as in the manual
	}
	if len(b.Tickets) == 0 {
		problems = append(problems, "tickets list length is less than 1")
	}
	requested, err := time.Parse(layoutRequest, b.RequestedAt)
	if b.RequestedAt != "" && err != nil {
		problems = append(problems, "requested_at is not a date and time")
	}
	if len(problems) > 0 {
		return refuse(problems...)
	}
	o := s.order(b.Order)
	if o == nil {
		return refuse("Order " + b.Order + " not found")
	}
	f := &refund{status: "new", culprit: b.Culprit, created: r.now, order: o}
	if b.RequestedAt != "" {
		f.requested = requested.Format(layout)
	}
	if problem := f.fill(s, b.Tickets, r.now); problem != "" {
		return refuse(problem)
	}
	f.id = s.newID(r.now)
	s.refunds = append(s.refunds, f)
	return s.data(s.showRefund(f), s.refundRefs(f))
}

// fill sets the tickets of a refund request, by the manual's rules.
func (f *refund) fill(s *Server, ids []string, now time.Time) (problem string) {
	const notice = 3 * 24 * time.Hour
	o := f.order
	if o.status != "done" {
		return "wrong order (id: " + o.id + ") status: " + o.status
	}
	discounts := map[int64]bool{}
	for _, id := range ids {
		i := slices.IndexFunc(o.tickets, func(t *ticket) bool { return t.id == id })
		if i < 0 || slices.Contains(f.tickets, o.tickets[i]) {
			return "bad tickets"
		}
		t := o.tickets[i]
		price, discount, nominal, fee := o.prices(t)
		f.tickets = append(f.tickets, t)
		f.amount += nominal
		if f.culprit == "org" {
			f.amount += fee
		}
		discounts[discount*10000/price] = true
	}
	switch {
	case f.culprit == "org" && s.quirks.Core && len(ids) < len(o.tickets):
		return "Refund with culprit core must take all tickets from order"
	case len(discounts) > 1:
		return "Operation failed: Mixed percentage values of tickets in one refund"
	case f.culprit == "org":
		return ""
	case !discounts[0]:
		return "Operation failed: there is discounted ticket"
	case !now.Before(o.event.start):
		return "Operation failed: event already start"
	case now.After(o.event.start.Add(-notice)):
		return "Operation failed: less than three days before event start"
	default:
		return ""
	}
}

func (s *Server) decide(r request) fake.Answer {
	var b struct {
		Status string `json:"status"`
	}
	if problem := read(r.body, &b); problem != "" {
		return refuse(problem)
	}
	i := slices.IndexFunc(s.refunds, func(f *refund) bool { return f.id == r.id })
	if i < 0 {
		return refuse("Refund request " + r.id + " not found")
	}
	f := s.refunds[i]
	var problem string
	switch b.Status {
	case "approved":
		problem = s.approve(f, r.now)
	case "rejected":
		if f.status != "new" {
			problem = "Failed to reject refund request " + f.id
		}
	default:
		problem = "Incorrect status " + b.Status + " for this operation"
	}
	if problem != "" {
		return refuse(problem)
	}
	f.status, f.finished = b.Status, r.now
	return s.data(s.showRefund(f), s.refundRefs(f))
}

// approve refunds the tickets. They are on sale again.
func (s *Server) approve(f *refund, now time.Time) (problem string) {
	used := func(t *ticket) bool {
		return slices.ContainsFunc(s.refunds, func(o *refund) bool {
			return o.status == "approved" && o.order == f.order && slices.Contains(o.tickets, t)
		})
	}
	switch {
	case f.status != "new":
		return "RefundRequest in wrong status " + f.status + " for approve"
	case !now.Before(f.order.event.finish):
		return "Not allowed to approve refund for finished event"
	case slices.ContainsFunc(f.tickets, used):
		return "Some tickets already use in another refund request"
	case s.quirks.NoMoney:
		return "Not enough money, сontact to TicketsCloud manager"
	}
	for _, t := range f.tickets {
		t.holder = nil
	}
	return ""
}

func (s *Server) showRefund(f *refund) object {
	tickets := []string{}
	for _, t := range f.tickets {
		tickets = append(tickets, t.id)
	}
	shown := object{
		"id": f.id, "status": f.status, "culprit": f.culprit, "policy": "law_ru_193", "created_at": f.created.Format(layout),
		"refund_nominal": money(f.amount), "delta": money(f.amount), "customer_money": money(f.amount),
		"event": f.order.event.id, "order": f.order.id, "org": organiser, "vendor": vendor, "tickets": tickets,
	}
	if f.culprit == "org" {
		shown["policy"] = "general"
	}
	if f.requested != "" {
		shown["requested_at"] = f.requested
	}
	if !f.finished.IsZero() {
		shown["finished_at"] = f.finished.Format(layout)
	}
	return shown
}

func (s *Server) refundRefs(refunds ...*refund) object {
	var orders []*order
	shown, tickets := object{}, object{}
	for _, f := range refunds {
		orders = append(orders, f.order)
		o := s.show(f.order, f.created)
		o["custom_fields"], o["payments"] = object{"order": []string{}, "tickets": []string{}}, []string{}
		shown[f.order.id] = o
		for _, t := range f.tickets {
			tickets[t.id] = s.showTicket(f.order, t)
		}
	}
	refs := s.refs(orders...)
	refs["orders"], refs["tickets"] = shown, tickets
	return refs
}

func (s *Server) listRefunds(r request) fake.Answer {
	created, problem := period(r.params, "created_at")
	if problem != "" {
		return refuse(problem)
	}
	finished, problem := period(r.params, "finished_at")
	if problem != "" {
		return refuse(problem)
	}
	status, events := oneOf(r.params, "status"), oneOf(r.params, "events")
	var found []*refund
	for _, f := range slices.Backward(s.refunds) {
		if s.unlisted(f.created, r.now) {
			continue
		}
		if s.quirks.IgnoreFilters || created(f.created) && finished(f.finished) && status(f.status) && events(f.order.event.id) {
			found = append(found, f)
		}
	}
	part, pagination, problem := page(s, r.params, found)
	if problem != "" {
		return refuse(problem)
	}
	list := []object{}
	for _, f := range part {
		list = append(list, s.showRefund(f))
	}
	return s.data(list, s.refundRefs(part...), object{"pagination": pagination})
}
