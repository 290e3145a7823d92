package multitourtest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/rutravel/rutravel-go/multitour"
)

// status is the status of a booking. The manual has only OK.
type status struct {
	entry
	filter string
}

var (
	statusOK      = status{entry{1, "OK"}, "ok"}
	statusNotPaid = status{entry{4, "Не оплачено"}, "not_pay"}
)

type booking struct {
	number   int
	made     time.Time
	code     string
	user     string
	created  time.Time
	offer    offer
	tourists []query
	status   status
	paid     decimal.Decimal
}

// Pay records a payment for a booking. Agencies pay outside the API. A booking that is paid in
// full is OK.
func (s *Server) Pay(code multitour.BookingCode, amount decimal.Decimal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.bookings, func(b *booking) bool { return b.code == string(code) })
	if i < 0 {
		return fmt.Errorf("multitourtest: there is no booking %s", code)
	}
	b := s.bookings[i]
	b.paid = b.paid.Add(amount)
	if !b.paid.LessThan(b.offer.price()) {
		b.status = statusOK
	}
	return nil
}

func bookingSet(s *Server, q query, now time.Time) (any, string) {
	tourists, problem := people(q)
	o, ok := s.findOffer(get[string](q, "price_key"), now)
	var adults int
	for _, t := range tourists {
		if code := get[int](t, "sex"); code == int(multitour.Male) || code == int(multitour.Female) {
			adults++
		}
	}
	switch {
	case problem != "":
		return nil, problem
	case !ok:
		return nil, "Цена тура не найдена"
	case len(tourists) != o.party.seated()+o.party.infants || adults != o.party.adults:
		return nil, "Список туристов не соответствует цене тура"
	case slices.ContainsFunc(tourists, func(t query) bool { return get[time.Time](t, "birthday").After(now) }):
		return nil, "Неверная дата рождения туриста"
	}
	n := len(s.bookings) + 1
	b := &booking{
		number: n, made: now, code: fmt.Sprintf("X%02d%05d", now.Year()%100, n), user: get[string](q, "us_key"),
		created: get[time.Time](q, "date"), offer: o, tourists: tourists, status: statusNotPaid,
	}
	if s.quirks.ClockAhead != 0 {
		b.created = midnight(now.Add(s.quirks.ClockAhead))
	}
	if s.guaranteed(o) {
		b.status = statusOK
		for _, p := range o.takes() {
			s.taken[p]++
		}
	}
	s.bookings = append(s.bookings, b)
	switch {
	case get[string](q, "view") == "full":
		return s.details(b), ""
	case s.quirks.InfoCode:
		return object{{"info", s.info(b)}}, ""
	default:
		return object{{"code", b.code}}, ""
	}
}

func bookingInfo(s *Server, q query, _ time.Time) (any, string) {
	for _, b := range s.bookings {
		if b.user == get[string](q, "us_key") && b.code == get[string](q, "code") {
			return s.details(b), ""
		}
	}
	return nil, "Заявка не найдена"
}

func bookingList(s *Server, q query, now time.Time) (any, string) {
	var found []*booking
	var persons int
	var price, paid decimal.Decimal
	for _, b := range s.bookings {
		if b.user == get[string](q, "us_key") && (s.quirks.IgnoreFilters || b.passes(q)) && !now.Before(b.made.Add(s.quirks.ListDelay)) {
			found = append(found, b)
			persons += len(b.tourists)
			price, paid = price.Add(b.offer.price()), paid.Add(b.paid)
		}
	}
	const usual = 30
	size, page := usual, 1
	if n := get[int](q, "count"); n > 0 {
		size = n
	}
	if s.quirks.PageLimit > 0 {
		size = min(size, s.quirks.PageLimit)
	}
	if n := get[int](q, "page"); n > 0 && !s.quirks.IgnorePage {
		page = n
	}
	var data []object
	for i, b := range found {
		if i/size == page-1 {
			data = append(data, s.summary(b))
		}
	}
	return object{
		{"data", s.unreadable(data, "price")},
		{"count", whole(len(found))},
		{"persons", whole(persons)},
		{"price", number(money(price))},
		{"payed", number(money(paid))},
	}, ""
}

// passes reports whether a booking fits all filters that were sent.
func (b *booking) passes(q query) bool {
	since := func(name string, day time.Time) bool { return !day.Before(get[time.Time](q, name)) }
	until := func(name string, day time.Time) bool {
		_, set := q[name]
		return !set || !day.After(get[time.Time](q, name))
	}
	is := func(name, value string) bool { want := get[string](q, name); return want == "" || want == value }
	has := func(name, value string) bool {
		return strings.Contains(strings.ToLower(value), strings.ToLower(get[string](q, name)))
	}
	year := get[int](q, "year")
	return b.user == get[string](q, "us_key") && is("code", b.code) && is("status", b.status.filter) &&
		(year == 0 || year == b.created.Year()) &&
		since("create_date_begin", b.created) && until("create_date_end", b.created) &&
		since("tour_date_begin", b.offer.day) && until("tour_date_end", b.offer.day) &&
		since("tour_date", b.offer.day) && until("tour_date", b.offer.day) &&
		has("tour_name", b.offer.hotel.tour.name) &&
		slices.ContainsFunc(b.tourists, func(t query) bool { return has("tourist_name", fullName(t)) })
}

func fullName(t query) string {
	return strings.TrimSpace(get[string](t, "surname") + " " + get[string](t, "firstname") + " " + get[string](t, "middlename"))
}

// days returns the number of days of a tour.
func (o offer) days() string { return text(o.nights + 1) }

// summary returns a booking as in booking_list.
func (s *Server) summary(b *booking) object {
	main := b.tourists[0]
	if s.quirks.MainLast {
		main = b.tourists[len(b.tourists)-1]
	}
	return object{
		{"code", b.code},
		{"create_date", b.created.Format(dateLayout)},
		{"tour_key", text(b.offer.hotel.tour.id)},
		{"tour_date", b.offer.day.Format(dateLayout)},
		{"tour_name", b.offer.hotel.tour.name},
		{"count_tourist", text(len(b.tourists))},
		{"main_tourist", fullName(main)},
		{"price", money(b.offer.price())},
		{"payed", money(b.paid)},
		{"days", b.offer.days()},
		{"status_key", whole(b.status.id)},
		{"status_name", b.status.name},
	}
}

// date formats a date of booking_info. A zero date is an empty text.
func (s *Server) date(t time.Time) string {
	layout := dateLayout
	if s.quirks.ISODates {
		layout = time.DateOnly
	}
	if s.quirks.Times {
		layout += " 15:04:05"
	}
	if t.IsZero() {
		return ""
	}
	return t.Format(layout)
}

func (s *Server) info(b *booking) object {
	return object{
		{"code", b.code},
		{"tour_date", s.date(b.offer.day)},
		{"days", b.offer.days()},
		{"nights", text(b.offer.nights)},
		{"price", money(b.offer.price())},
		{"payed", money(b.paid)},
	}
}

// details returns a booking as in booking_info. The ids of its services and tourists are
// counted.
func (s *Server) details(b *booking) object {
	const perBooking = 100
	last := b.number * perBooking
	key := func() member { last++; return member{"key", text(last)} }

	o, r := b.offer, b.offer.rate()
	leaves := o.day.AddDate(0, 0, o.nights)
	tours := object{
		key(),
		{"name", "Проживание в отеле"},
		{"hotel_key", text(o.hotel.id)},
		{"hotel_name", o.hotel.name},
		{"date_begin", s.date(o.day)},
		{"date_end", s.date(leaves)},
		{"room_key", text(r.room.id)},
		{"room_name", r.room.name + ", " + strings.TrimSpace(r.room.category.name) + ", " + o.accommodation().name},
		{"pansion_key", text(r.meals.id)},
		{"pansion_name", r.meals.name},
	}
	var transfers, tickets, tourists []object
	for _, t := range o.hotel.transfers {
		transfers = append(transfers, append(object{key()}, t...))
	}
	insurances := []object{{
		key(),
		{"type", "от несчастного случая"},
		{"name", "Страхование туриста от несчастного случая, 100000 руб."},
		{"days", o.days()},
	}}
	for _, t := range o.hotel.tickets {
		date := o.day
		if t.back {
			date = leaves
		}
		tickets = append(tickets, object{
			key(), {"name", t.name}, {"num", t.flight}, {"route", t.route}, {"class", t.class}, {"date", s.date(date)},
			{"time_from", t.from}, {"time_to", t.to}, {"airport", t.airport},
		})
	}
	for _, t := range b.tourists {
		tourists = append(tourists, object{
			key(),
			{"name", get[string](t, "surname")}, // these three have other names than in the request
			{"fname", get[string](t, "firstname")},
			{"sname", get[string](t, "middlename")},
			{"sex", text(get[int](t, "sex"))},
			{"birthday", s.date(get[time.Time](t, "birthday"))},
			{"passport_ser", get[string](t, "passports")},
			{"passport_num", get[string](t, "passportn")},
			{"passport_date", s.date(get[time.Time](t, "passportdate"))},
			{"phone", get[string](t, "tel")},
			{"citizen", get[string](t, "citizen")},
		})
	}
	var stays any = tours
	if s.quirks.ToursList {
		stays = []object{tours}
	}
	return object{
		{"info", s.info(b)},
		{"tours", stays},
		{"transfers", transfers},
		{"insurances", insurances},
		{"tickets", tickets},
		{"tourists", tourists},
	}
}
