package regionbilettest

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rutravel/rutravel-go/regionbilet"
)

// command is what the fake does for one command of the manual. run returns an
// object, a list of objects, or a problem in words.
type commandFunc struct {
	params []string // that must be there, and no others
	run    func(s *Server, p url.Values, now time.Time) (result any, problem string)
}

var commands = map[string]commandFunc{
	"from":            {nil, from},
	"to":              {nil, to},
	"segment":         {nil, segment},
	"nationality":     {nil, directory(nationalities)},
	"type_doc":        {nil, directory(documentTypes)},
	"trip":            {[]string{"id_from", "id_to", "date_trip"}, trips},
	"trip_info":       {[]string{"id_from_point", "id_to_point", "id_trip", "time_trip"}, tripInfo},
	"trip_free_seats": {[]string{"id_from_point", "id_to_point", "id_trip", "date_trip", "time_trip"}, tripFreeSeats},
	"booking":         {orderParams, booking},
	"pay":             {[]string{"id_booking"}, pay},
	"cancel":          {[]string{"id_booking"}, cancel},
	"status_ticket":   {[]string{"number_ticket", "id_booking"}, statusTicket},
	"refund":          {[]string{"number_ticket", "id_booking"}, refund},
	"report_sale":     {[]string{"date_begin", "date_end"}, reportSale},
	"report_refund":   {[]string{"date_begin", "date_end"}, reportRefund},
}

var (
	orderParams     = []string{"date_trip", "time_trip", "id_trip", "id_from_point", "id_to_point", "user_phone"}
	passengerParams = []string{
		"surname", "first_name", "middle_name", "sex", "category", "dob", "nationality", "type_doc",
		"value_doc", "seat", "total_ticket_price",
	}
	mayBeEmpty = []string{"middle_name", "number_ticket"}
)

// check holds the parameters against the manual.
func (c commandFunc) check(p url.Values) (problem string) {
	want := slices.Clone(c.params)
	for n := 1; n <= regionbilet.MaxPassengers && slices.Contains(want, "user_phone"); n++ {
		if n > 1 && !p.Has("surname"+strconv.Itoa(n)) {
			break
		}
		for _, name := range passengerParams {
			want = append(want, name+strconv.Itoa(n))
		}
	}
	for _, name := range want {
		switch {
		case !p.Has(name):
			return "Не передан параметр " + name
		case len(p[name]) > 1:
			return "Параметр передан дважды: " + name
		case p.Get(name) == "" && !slices.Contains(mayBeEmpty, strings.TrimRight(name, "1234")):
			return "Пустое значение параметра " + name
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p)) {
		if !slices.Contains(want, name) {
			return "Неизвестный параметр " + name
		}
	}
	return ""
}

func from(s *Server, _ url.Values, _ time.Time) (any, string) {
	return s.settlementList("id_from", func(t Trip) regionbilet.SettlementID { return t.FromSettlement }), ""
}

func to(s *Server, _ url.Values, _ time.Time) (any, string) {
	return s.settlementList("id_to", func(t Trip) regionbilet.SettlementID { return t.ToSettlement }), ""
}

// settlementList lists the settlements at one end of a trip.
func (s *Server) settlementList(id string, end func(Trip) regionbilet.SettlementID) []object {
	list := []object{}
	for _, p := range s.stock.Settlements {
		if slices.ContainsFunc(s.stock.Trips, func(t Trip) bool { return end(t) == p.ID }) {
			list = append(list, object{{"name", p.Name}, {id, string(p.ID)}, {"address", p.Address}})
		}
	}
	return list
}

// segment lists each pair of settlements once.
func segment(s *Server, _ url.Values, _ time.Time) (any, string) {
	list := []object{}
	listed := map[[2]regionbilet.SettlementID]bool{}
	for _, t := range s.stock.Trips {
		pair := [2]regionbilet.SettlementID{t.FromSettlement, t.ToSettlement}
		if !listed[pair] {
			list = append(list, object{{"id_from", string(pair[0])}, {"id_to", string(pair[1])}})
		}
		listed[pair] = true
	}
	return list, ""
}

func directory(list []object) func(*Server, url.Values, time.Time) (any, string) {
	return func(*Server, url.Values, time.Time) (any, string) { return list, "" }
}

func trips(s *Server, p url.Values, now time.Time) (any, string) {
	day, problem := date(p, "date_trip")
	list := []object{}
	for _, t := range s.stock.Trips {
		if string(t.FromSettlement) == p.Get("id_from") && string(t.ToSettlement) == p.Get("id_to") && t.sold(day, now) && len(s.freeSeats(t, day)) > 0 {
			list = append(list, s.tripObject(t, day))
		}
	}
	return list, problem
}

func tripInfo(s *Server, p url.Values, _ time.Time) (any, string) {
	t, problem := s.tripOf(p)
	list := []object{}
	for _, st := range t.Stops {
		var departs string
		if st.Departure != nil {
			departs = clock(*st.Departure)
		}
		list = append(list, object{{"time_trip", departs}, {"name", st.Name}})
	}
	return list, problem
}

func tripFreeSeats(s *Server, p url.Values, now time.Time) (any, string) {
	t, day, problem := s.departure(p, now)
	if problem != "" {
		return nil, problem
	}
	return s.seatList(s.freeSeats(t, day)), ""
}

func booking(s *Server, p url.Values, now time.Time) (any, string) {
	t, day, problem := s.departure(p, now)
	if problem != "" {
		return nil, problem
	}
	var tickets []*ticket
	for n := 1; p.Has("surname" + strconv.Itoa(n)); n++ {
		k, problem := s.passenger(p, strconv.Itoa(n), t, day)
		switch {
		case problem != "":
			return nil, problem
		case slices.ContainsFunc(tickets, func(other *ticket) bool { return other.seat == k.seat }):
			return nil, "Место указано дважды: " + k.seat
		}
		tickets = append(tickets, k)
	}
	return object{{"id_booking", s.newOrder(t, day, now, tickets).id}}, ""
}

// passenger reads the n-th passenger of a booking.
func (s *Server) passenger(p url.Values, n string, t Trip, day time.Time) (k *ticket, problem string) {
	get := func(name string) string { return p.Get(name + n) }
	k = &ticket{
		status: booked, seat: get("seat"), category: get("category"), fare: t.Adult,
		surname: get("surname"), firstName: get("first_name"), middleName: get("middle_name"),
	}
	if k.category == string(regionbilet.Child) {
		k.fare = t.Child
	}
	born, problem := date(p, "dob"+n)
	switch {
	case problem != "":
	case born.After(day):
		problem = "Неверная дата рождения пассажира " + n
	case get("sex") != "1" && get("sex") != "2":
		problem = "Неверный пол пассажира " + n
	case k.category != "1" && k.category != "2":
		problem = "Неверная категория пассажира " + n
	case !listed(nationalities, get("nationality")):
		problem = "Неизвестное гражданство пассажира " + n
	case !listed(documentTypes, get("type_doc")):
		problem = "Неизвестный тип документа пассажира " + n
	case k.fare.total().IsZero():
		problem = "Билеты этой категории не продаются, пассажир " + n
	case get("total_ticket_price") != money(k.fare.total()):
		problem = "Стоимость билета не соответствует рейсу, пассажир " + n
	case !slices.Contains(s.freeSeats(t, day), k.seat):
		problem = "Место занято: " + k.seat
	}
	return k, problem
}

func listed(list []object, id string) bool {
	return slices.ContainsFunc(list, func(o object) bool { return o[0].value == id })
}

func pay(s *Server, p url.Values, now time.Time) (any, string) {
	o, problem := s.waiting(p)
	if problem != "" {
		return nil, problem
	}
	s.issue(o, now)
	list := []object{}
	for _, t := range o.tickets {
		list = append(list, object{{"seat", t.seat}, {"number_ticket", t.number}})
	}
	return list, ""
}

func cancel(s *Server, p url.Values, _ time.Time) (any, string) {
	o, problem := s.waiting(p)
	if problem != "" {
		return nil, problem
	}
	o.set(cancelled)
	o.onDemand = true
	if s.quirks.Cancelled != "" {
		o.set(status(s.quirks.Cancelled))
	}
	return done, ""
}

// waiting finds an order that waits for payment.
func (s *Server) waiting(p url.Values) (o *order, problem string) {
	switch o = s.findOrder(p.Get("id_booking")); {
	case o == nil:
		return nil, "Заказ не найден"
	case !o.is(booked):
		return nil, "Заказ не ожидает оплаты"
	default:
		return o, ""
	}
}

func statusTicket(s *Server, p url.Values, _ time.Time) (any, string) {
	o := s.findOrder(p.Get("id_booking"))
	if o == nil {
		return []object{unknown()}, ""
	}
	if number := p.Get("number_ticket"); number != "" && !s.quirks.WholeOrder {
		t := o.find(number)
		if t == nil {
			return []object{unknown()}, ""
		}
		return []object{s.state(o, t)}, ""
	}
	list := []object{}
	for _, t := range o.tickets {
		list = append(list, s.state(o, t))
	}
	return list, ""
}

// state is a ticket as status_ticket shows it.
func (s *Server) state(o *order, t *ticket) object { return s.shaped(o.state(t)) }

// shaped removes the times of sales and refunds, if they are not shown.
func (s *Server) shaped(row object) object {
	for i, m := range row {
		if s.quirks.NoTimes && (m.name == "timesale" || m.name == "time_refund" || m.name == "time_booking") {
			row[i].value = ""
		}
	}
	return row
}

func refund(s *Server, p url.Values, now time.Time) (any, string) {
	o := s.findOrder(p.Get("id_booking"))
	if o == nil {
		return nil, "Заказ не найден"
	}
	t := o.find(p.Get("number_ticket"))
	if t == nil || t.status != paid {
		return nil, "Нет оплаченного билета с таким номером"
	}
	percent, ok := withheldPercent(o.trip.on(o.day), now)
	if !ok {
		return nil, "Возврат через 3 часа после отправления не производится"
	}
	t.giveBack(percent, now)
	return []object{{
		{"proc_refund", strconv.FormatInt(percent, 10)},
		{"number_ticket", t.number},
		{"sum_refund_ticket", money(t.refund)},
	}}, ""
}

func reportSale(s *Server, p url.Values, _ time.Time) (any, string) {
	return s.report(p, func(t *ticket) time.Time { return t.sold }, (*order).saleRecord)
}

func reportRefund(s *Server, p url.Values, _ time.Time) (any, string) {
	return s.report(p, func(t *ticket) time.Time { return t.returned }, (*order).refundRecord)
}

// report lists the tickets to which something happened in a range of dates.
func (s *Server) report(p url.Values, when func(*ticket) time.Time, record func(*order, *ticket) object) (any, string) {
	begin, problem := date(p, "date_begin")
	if problem != "" {
		return nil, problem
	}
	end, problem := date(p, "date_end")
	switch {
	case problem != "":
		return nil, problem
	case end.Before(begin) || begin.Year() != end.Year() || begin.Month() != end.Month():
		return nil, "Диапазон дат должен находиться в пределах одного месяца и года"
	}
	list := []object{}
	for _, o := range s.orders {
		if o.user != s.user {
			continue
		}
		for _, t := range o.tickets {
			if at := when(t); !at.IsZero() && !at.Before(begin) && at.Before(end.AddDate(0, 0, 1)) {
				row := s.shaped(record(o, t))
				if s.quirks.NoSeat {
					row = slices.DeleteFunc(row, func(m member) bool { return m.name == "seat" })
				}
				list = append(list, row)
			}
		}
	}
	return list, ""
}

// departure finds the trip of a request on its day, if it has not left yet.
func (s *Server) departure(p url.Values, now time.Time) (t Trip, day time.Time, problem string) {
	if t, problem = s.tripOf(p); problem != "" {
		return t, day, problem
	}
	if day, problem = date(p, "date_trip"); problem != "" {
		return t, day, problem
	}
	if !t.sold(day, now) {
		problem = "Продажа билетов на рейс закрыта"
	}
	return t, day, problem
}

func (s *Server) tripOf(p url.Values) (t Trip, problem string) {
	for _, t := range s.stock.Trips {
		if t.is(p.Get("id_trip"), p.Get("id_from_point"), p.Get("id_to_point"), p.Get("time_trip")) {
			return t, ""
		}
	}
	return t, "Рейс не найден"
}

// date reads a parameter as a day in Moscow.
func date(p url.Values, name string) (day time.Time, problem string) {
	day, err := time.ParseInLocation(dateLayout, p.Get(name), moscow)
	if err != nil {
		problem = "Неверная дата: параметр " + name
	}
	return day, problem
}
