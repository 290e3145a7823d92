package smartwaytest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/rutravel/rutravel-go/smartway"
)

const (
	firstTrip    = 189700
	firstItem    = 246200
	firstVersion = 263400
)

// trip has one service: a flight, or the train of a travel request.
type trip struct {
	id      int
	name    string
	status  string
	amount  decimal.Decimal
	booked  time.Time
	changed time.Time
	begins  time.Time // local
	ends    time.Time

	item     int
	request  string
	service  string
	number   string
	info     any
	takes    time.Duration
	people   []object
	papers   []string // numbers of documents
	company  *company
	versions []version
}

type version struct {
	id      int
	status  string
	made    time.Time
	changes []object // transaction_details
}

func (s *Server) newVersion(status string, made time.Time, changes ...object) version {
	s.versions++
	return version{id: s.versions, status: status, made: made, changes: changes}
}

func (s *Server) addTrip(t *trip) *trip {
	n := len(s.trips)
	t.id, t.item, t.changed = firstTrip+n, firstItem+n, t.booked
	t.number = fmt.Sprintf("421-%010d", 2888857716+int64(n))
	t.versions = []version{s.newVersion("Created", t.booked, transaction("Booking", t.amount))}
	s.trips = append(s.trips, t)
	return t
}

// transaction returns a transaction that contains VAT of 10 %.
func transaction(kind string, amount decimal.Decimal) object {
	return object{{"amount", amount}, {"type", kind}, {"vats", vats(amount)}}
}

func vats(amount decimal.Decimal) []object {
	return []object{{{"vat_amount", tax(amount)}, {"vat_rate", "10%"}}}
}

// tax returns the VAT that an amount contains.
func tax(amount decimal.Decimal) decimal.Decimal {
	const base = 11
	return decimal.NewFromBigInt(amount.Shift(2).BigInt(), 0).DivRound(decimal.NewFromInt(base), 0).Shift(-2)
}

// newTrip returns the trip of a purchase.
func (s *Server) newTrip(p *purchase) *trip {
	first, last := p.routes[0], p.routes[len(p.routes)-1]
	t := &trip{
		name: first.to.city, status: "Booked", amount: p.price, booked: p.ends, begins: first.departs,
		ends: last.departs.Add(last.takes), service: "Air", company: p.company,
	}
	routes := []object{}
	for _, r := range p.routes {
		t.takes += r.takes
		routes = append(routes, object{{"segments", []object{{
			{"date_arrive", r.departs.Add(r.takes)}, {"date_depart", r.departs},
			{"place_arrive", r.to.object()}, {"place_depart", r.from.object()},
		}}}, {"travel_time", int(r.takes.Minutes())}})
	}
	t.info = routes
	for _, e := range p.people {
		papers := []object{}
		for _, d := range e.Passports {
			papers = append(papers, object{{"number", d.Number}, {"type", pascal(d.Type)}})
			t.papers = append(t.papers, d.Number)
		}
		t.people = append(t.people, object{
			{"birthday", e.Birthday + "T00:00:00"}, {"documents", papers}, {"email", e.Email}, {"external_id", e.ID},
			{"name", e.Name}, {"patronymic", e.Patronymic}, {"phone", e.Phone}, {"sex", person{Sex: e.Sex}.listedSex()}, {"surname", e.Surname},
		})
	}
	return s.addTrip(t)
}

func (p *place) object() object {
	return object{{"city", p.city}, {"country", p.country}, {"place", p.rus}}
}

// CancelTrip cancels a trip, as people do outside of the API, and refunds half of its
// price. It reports whether there is such a trip.
func (s *Server) CancelTrip(id smartway.TripID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.trip(string(id))
	if t == nil || t.status == "Cancelled" {
		return false
	}
	now := s.now()
	t.status, t.changed = "Cancelled", now
	penalty := t.amount.Shift(2).DivRound(decimal.NewFromInt(2), 0).Shift(-2)
	t.versions = append(t.versions, s.newVersion("Cancelled", now, transaction("Return", t.amount), transaction("Penalty", penalty)))
	s.balance = s.balance.Add(t.amount).Sub(penalty)
	t.amount = penalty
	return true
}

func (s *Server) trip(id string) *trip {
	i := slices.IndexFunc(s.trips, func(t *trip) bool { return strconv.Itoa(t.id) == id })
	if i < 0 {
		return nil
	}
	return s.trips[i]
}

// listed returns the trips that are already listed.
func (s *Server) listed() []*trip {
	if s.quirks.Unlisted {
		return nil
	}
	now := s.now()
	return slices.DeleteFunc(slices.Clone(s.trips), func(t *trip) bool { return now.Before(t.booked.Add(s.quirks.ListedAfter)) })
}

func tripInfo(s *Server, query json.RawMessage, _ time.Time) (any, *problem) {
	var id int
	if p := parse(query, &id); p != nil {
		return nil, p
	}
	t := s.trip(strconv.Itoa(id))
	if t == nil {
		return nil, notFound("Trip not found")
	}
	return object{
		{"amount", t.amount}, {"book_date", t.booked}, {"id", t.id},
		{"items", []object{{
			{"amount", t.amount}, {"checkin", t.begins}, {"checkout", t.ends}, {"id", t.item}, {"service_type", t.service},
		}}},
		{"name", t.name}, {"status", t.status},
	}, nil
}

// details returns the info of a trip.
func (s *Server) details(t *trip) any {
	if list, ok := t.info.([]object); ok && len(list) == 1 && s.quirks.AirObject {
		return list[0]
	}
	return t.info
}

func (s *Server) people(t *trip) []object {
	if !s.quirks.NoExternalID {
		return t.people
	}
	var all []object
	for _, p := range t.people {
		p = slices.Clone(p)
		for i, m := range p {
			if m.name == "external_id" {
				p[i].value = nil
			}
		}
		all = append(all, p)
	}
	return all
}

func (s *Server) version(t *trip, v version) object {
	return object{
		{"checkin_date", t.begins}, {"checkout_date", t.ends},
		{"company", object{{"id", t.company.id}, {"inn", t.company.inn}, {"name", t.company.full}}},
		{"event_date", v.made}, {"info", s.details(t)}, {"item_id", t.item}, {"number", t.number},
		{"service_type", t.service}, {"status", v.status}, {"transaction_details", v.changes},
		{"travel_time", int(t.takes.Minutes())}, {"travellers", s.people(t)}, {"trip_id", t.id}, {"version_id", v.id},
	}
}

func (s *Server) object(t *trip) object {
	versions := []object{}
	for _, v := range t.versions {
		versions = append(versions, s.version(t, v))
	}
	last := t.versions[len(t.versions)-1]
	item := object{
		{"amount", t.amount}, {"book_date", t.booked}, {"checkin_date", t.begins}, {"checkout_date", t.ends},
		{"company", object{{"inn", t.company.inn}, {"name", t.company.full}}},
		{"id", t.item}, {"info", s.details(t)}, {"last_change_date", t.changed}, {"number", t.number}, {"project", ""},
		{"request_id", t.request}, {"service_type", t.service}, {"status", last.status}, {"travel_time", int(t.takes.Minutes())},
		{"travellers", s.people(t)}, {"vats", vats(t.amount)}, {"versions", versions},
	}
	return object{
		{"amount", t.amount}, {"book_date", t.booked}, {"checkin_date", t.begins}, {"checkout_date", t.ends}, {"id", t.id},
		{"items", []object{item}}, {"last_change_date", t.changed}, {"name", t.name}, {"status", t.status},
	}
}

// list returns an answer with the trips that match and the greatest of their versions. If
// no trip matches, it has the given version.
func (s *Server) list(last int, match func(*trip) bool) object {
	list := []object{}
	for _, t := range s.listed() {
		if s.quirks.NoFilters || match(t) {
			list = append(list, s.object(t))
			last = max(last, t.versions[len(t.versions)-1].id)
		}
	}
	cursor, trips := member{"last_version_id", last}, member{"trips", list}
	if s.quirks.NoCursor {
		cursor.value = nil
	}
	if s.quirks.CursorBehind {
		return object{trips, cursor}
	}
	return object{cursor, trips}
}

func tripsAfter(s *Server, query json.RawMessage, _ time.Time) (any, *problem) {
	var after int
	if p := parse(query, &after); p != nil {
		return nil, p
	}
	return s.list(after, func(t *trip) bool { return t.versions[len(t.versions)-1].id > after }), nil
}

func tripsBetween(s *Server, query json.RawMessage, _ time.Time) (any, *problem) {
	var q struct {
		StartDate string `json:"start_date"`
		EndDate   string `json:"end_date"`
	}
	if p := parse(query, &q); p != nil {
		return nil, p
	}
	start, p := date(q.StartDate)
	end, p2 := date(q.EndDate)
	if p != nil || p2 != nil || start.IsZero() || end.IsZero() {
		return nil, invalid("start_date and end_date are required")
	}
	return s.list(0, func(t *trip) bool { return !t.changed.Before(start) && t.booked.Before(end.AddDate(0, 0, 1)) }), nil
}

func tripsOfRequest(s *Server, query json.RawMessage, _ time.Time) (any, *problem) {
	id, p := prefix(query)
	if p != nil {
		return nil, p
	}
	return s.list(0, func(t *trip) bool { return t.request == id }), nil
}

func tripVersions(s *Server, query json.RawMessage, _ time.Time) (any, *problem) {
	var q struct {
		INNCompanies    []string `json:"inn_companies"`
		DocumentNumbers []string `json:"document_numbers"`
		StartDate       string   `json:"start_date"`
		EndDate         string   `json:"end_date"`
		StartID         int      `json:"start_id"`
	}
	if p := parse(query, &q); p != nil {
		return nil, p
	}
	start, p := date(q.StartDate)
	end, p2 := date(q.EndDate)
	if p != nil || p2 != nil {
		return nil, invalid("Invalid date")
	}
	list := []object{}
	for _, t := range s.listed() {
		if len(q.INNCompanies) > 0 && !slices.Contains(q.INNCompanies, t.company.inn) ||
			len(q.DocumentNumbers) > 0 && !slices.ContainsFunc(t.papers, func(n string) bool { return slices.Contains(q.DocumentNumbers, n) }) {
			continue
		}
		for _, v := range t.versions {
			if v.id >= q.StartID && !v.made.Before(start) && (end.IsZero() || v.made.Before(end.AddDate(0, 0, 1))) {
				list = append(list, s.version(t, v))
			}
		}
	}
	return list, nil
}

// voucher returns a PDF of one page with a text.
func voucher(what string) object {
	var b strings.Builder
	var offsets []int
	b.WriteString("%PDF-1.4\n")
	text := "BT /F1 12 Tf 20 50 Td (" + what + ") Tj ET"
	for i, o := range []string{
		"<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 100]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
		fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(text), text),
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
	} {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, at := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, start)
	return object{{"content", base64.StdEncoding.EncodeToString([]byte(b.String()))}}
}

func itemVoucher(s *Server, query json.RawMessage, _ time.Time) (any, *problem) {
	var id int
	if p := parse(query, &id); p != nil {
		return nil, p
	}
	for _, t := range s.trips {
		if t.item == id {
			return voucher(fmt.Sprintf("Voucher of item %d, ticket %s", id, t.number)), nil
		}
	}
	return nil, notFound("Item not found")
}

func versionVoucher(s *Server, query json.RawMessage, _ time.Time) (any, *problem) {
	var id int
	if p := parse(query, &id); p != nil {
		return nil, p
	}
	for _, t := range s.trips {
		for _, v := range t.versions {
			if v.id == id {
				return voucher(fmt.Sprintf("Voucher of version %d, ticket %s: %s", id, t.number, v.status)), nil
			}
		}
	}
	return nil, notFound("Version not found")
}

// packages returns a package for each trip: an act and a registry.
func packages(s *Server, query json.RawMessage, _ time.Time) (any, *problem) {
	var q struct {
		INN       string `json:"inn"`
		StartDate string `json:"start_date"`
		EndDate   string `json:"end_date"`
	}
	if p := parse(query, &q); p != nil {
		return nil, p
	}
	start, p := date(q.StartDate)
	end, p2 := date(q.EndDate)
	if p != nil || p2 != nil || q.INN == "" {
		return nil, invalid("inn is required")
	}
	list := []object{}
	for i, t := range s.trips {
		if t.company.inn != q.INN || t.booked.Before(start) || !end.IsZero() && !t.booked.Before(end.AddDate(0, 0, 1)) {
			continue
		}
		var traveller string
		if len(t.people) > 0 {
			for _, m := range t.people[0] {
				if m.name == "surname" || m.name == "name" {
					traveller = strings.TrimSpace(fmt.Sprint(m.value) + " " + traveller)
				}
			}
		}
		operation := dictionary{{"Booking", t.service}}
		if t.status == "Cancelled" {
			operation = dictionary{{"Penalty", t.service}}
		}
		list = append(list, object{
			{"date", t.booked.Truncate(time.Second)},
			{"documents", []object{
				{{"items", []object{{
					{"amount", t.amount}, {"count", 1}, {"measurement", "pc"}, {"name", "Билет #" + t.number}, {"price", t.amount}, {"vat", tax(t.amount)},
				}}}, {"type", "act"}},
				{{"items", []object{{
					{"amount", t.amount}, {"carrier", "S7"}, {"checkin_date", t.begins}, {"checkout_date", t.ends}, {"event_date", t.booked},
					{"operation", operation}, {"route", t.name}, {"ticket_numbers", []string{t.number}}, {"traveller", traveller}, {"vat", tax(t.amount)},
				}}}, {"type", "registry"}},
			}},
			{"number", fmt.Sprintf("%d/%d", t.company.id, i+1)},
		})
	}
	return list, nil
}
