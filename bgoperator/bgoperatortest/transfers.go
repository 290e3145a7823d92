package bgoperatortest

import (
	"net/url"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/internal/testing/fake"
)

// The points of all transfers.
const (
	hotel   = "102640012614"
	airport = "103940001962"
	city    = "102540003719"
)

// variant is a transfer to the hotel or from it. Requests must have its unchanged pid.
type variant struct {
	id, price, kind, pid string
	other, otherType     string // the point that is not the hotel
	name                 string
}

// routes has the transfers to the hotel and from it.
var routes = []struct {
	dir      string // to the hotel or from it
	variants []variant
}{
	{"to", []variant{
		{"103825996892", "80.00", "ind", "103840004162", airport, "a", "ШАРМ ЭЛЬ ШЕЙХ(аэропорт) - Шарм-эль-шейх(отель) / minibus 10"},
		{"103825997003", "25.50", "grp", "103840005273 ", city, "c", "Каир(город) - Шарм-эль-шейх(отель) / bus 45"},
	}},
	{"from", []variant{
		{"103825996895", "80.00", "ind", "103840004167", airport, "a", "Шарм-эль-шейх(отель) - ШАРМ ЭЛЬ ШЕЙХ(аэропорт) / minibus 10"},
		{"103825997114", "19", "grp", " 103840006384", city, "c", "Шарм-эль-шейх(отель) - Каир(город) / bus 28"},
	}},
}

// flights has the flights that arrive at the airport and depart from it on any day. Requests
// must have their unchanged elements.
var flights = []struct{ id, dir, begin, end string }{
	{"103162337682", "a", `<flight id="103162337682" seats="12">UN 651 (Y)#`, `#10:45-14:25</flight>`},
	{"103162448793", "a", `<flight id="103162448793" airline="B&amp;G">BG  417 (C)#`, `#22:50-03:10 </flight>`},
	{"103139177213", "d", `<flight id="103139177213">SU2075 (Y)#`, `#19:15-00:05</flight>`},
}

// dates returns the dates of a booking's routes.
func (b *booking) dates() []string {
	return []string{b.begins.Format(dateLayout), b.lastDay().Format(dateLayout)}
}

func (s *Server) showTransfers(q url.Values, _ []byte) fake.Answer {
	b := s.find(q.Get("idTour"))
	if b == nil {
		return refuse("", &problem{code: "129"})
	}
	a := answer{spaces: s.quirks.Spaces}
	a.printf(`<tours><persons tourId="%s">`, b.id)
	for _, t := range b.tourists {
		a.printf(`<person id="%s">`, t.id)
		a.printf("<firstName>%s</firstName>", t.first)
		a.printf("<lastName>%s</lastName>", t.last)
		a.printf("<birthday>%s</birthday>", t.birthday)
		for i, r := range routes {
			s.writeSlots(&a, r.dir, b.dates()[i], r.variants)
		}
		a.printf("</person>")
	}
	a.printf("</persons></tours>")
	return a.finish()
}

// writeSlots writes one slot at the hotel with all variants. With AirportSlots, it writes a
// slot at the other point of each variant.
func (s *Server) writeSlots(a *answer, dir, date string, variants []variant) {
	if !s.quirks.AirportSlots {
		a.printf(`<transferSlot dir="%s" point="`, dir)
		a.printf(`%s" ptype="h" date="%s">`, hotel, date)
		for _, v := range variants {
			s.writeVariant(a, v, v.other, v.otherType)
		}
		a.printf("</transferSlot>")
		return
	}
	other := map[string]string{"to": "from", "from": "to"}[dir]
	for _, v := range variants {
		a.printf(`<transferSlot dir="%s" point="`, other)
		a.printf(`%s" ptype="%s" date="%s">`, v.other, v.otherType, date)
		s.writeVariant(a, v, hotel, "h")
		a.printf("</transferSlot>")
	}
}

func (s *Server) writeVariant(a *answer, v variant, point, kind string) {
	a.printf(`<variant id="%s" price="`, v.id)
	a.printf(`%s" currency="USD" ttype="%s" point="%s"`, v.price, v.kind, point)
	if !s.quirks.NoPID {
		a.b.WriteString(` pid="` + v.pid + `"`)
	}
	end := "</variant>"
	if s.quirks.RoomMeal {
		end = "</roommeal>"
	}
	a.printf(` ptype="%s">`, kind)
	a.printf("%s", v.name)
	a.b.WriteString(end)
}

func (s *Server) showFlights(q url.Values, _ []byte) fake.Answer {
	day, dir := q.Get("dt"), q.Get("dir")
	_, valid := date(day)
	switch {
	case q.Get("idAir") != airport:
		return refuse("", &problem{code: "141"})
	case !valid:
		return refuse("", &problem{code: "146"})
	case dir != "a" && dir != "d":
		return refuse("", &problem{code: "145"})
	}
	a := answer{spaces: s.quirks.Spaces}
	a.printf(`<tours><flights idAirport="%s" date="`, airport)
	a.printf(`%s" dir="`, day)
	a.printf(`%s">`, dir)
	for _, f := range flights {
		if f.dir == dir {
			a.b.WriteString(f.begin + day + f.end)
		}
	}
	a.printf("</flights></tours>")
	return a.finish()
}

func (s *Server) addTransfers(q url.Values, body []byte) fake.Answer {
	b := s.find(q.Get("idTour"))
	root, valid := parse(body)
	switch {
	case !valid || root.name != "persons" || !root.only("@tourId", "person+") || len(root.children) == 0:
		return refuse("", &problem{code: "130"})
	case root.attr("tourId") == "":
		return refuse("", &problem{code: "135"})
	case b == nil || root.attr("tourId") != b.id:
		return refuse("", &problem{code: "129"})
	case s.closed:
		return refuse("", &problem{code: "148"})
	}
	changed := slices.Clone(b.tourists)
	for i := range changed {
		named := slices.ContainsFunc(root.children, func(e *element) bool { return e.attr("id") == changed[i].id })
		if named || !s.quirks.OthersKeep {
			changed[i].transfers = nil // the request replaces all
		}
	}
	for _, e := range root.children {
		i := slices.IndexFunc(changed, func(t tourist) bool { return t.id == e.attr("id") })
		switch {
		case !e.only("@id", "transferSlot+"):
			return refuse("", &problem{code: "130"})
		case e.attr("id") == "":
			return refuse("", &problem{code: "136"})
		case i < 0:
			return refuse("", &problem{code: "137"})
		}
		for _, slot := range e.children {
			v, p := s.readTransfer(b, slot)
			if p != nil {
				if p.code == "133" {
					p.info = e.attr("id")
				}
				return refuse("", p)
			}
			changed[i].transfers = append(changed[i].transfers, bgoperator.VariantID(v.id))
		}
	}
	b.tourists = changed
	if s.quirks.TransfersDone == "status" {
		return ok()
	}
	a := answer{spaces: s.quirks.Spaces}
	a.printf("<tours><tour>")
	if s.quirks.TransfersDone == "id" {
		a.printf("<id>%s</id>", b.id)
		a.printf("<number>%s</number>", b.number)
	} else {
		s.writePrice(&a, b.prices())
	}
	a.printf("</tour></tours>")
	return a.finish()
}

// priceOf returns the price of a transfer.
func priceOf(id bgoperator.VariantID) decimal.Decimal {
	for _, r := range routes {
		for _, v := range r.variants {
			if v.id == string(id) {
				return decimal.RequireFromString(v.price)
			}
		}
	}
	return decimal.Zero
}

// readTransfer compares a transfer with the answers of showtransfers and showflightdata.
func (s *Server) readTransfer(b *booking, e *element) (v variant, p *problem) {
	if !e.only("@date", "@variantId", "@pointFrom", "@pointTo", "@dir", "@id", "@pid", "flight") {
		return v, &problem{code: "130"}
	}
	at := func(name string) string { return e.attr(name) }
	_, valid := date(at("date"))
	route, found := 0, false
	for i, r := range routes {
		for _, o := range r.variants {
			if o.id == at("variantId") {
				v, route, found = o, i, true
			}
		}
	}
	from, to, dir := v.other, hotel, routes[route].dir
	if dir == "from" {
		from, to = to, from
	}
	if s.quirks.AirportSlots {
		dir = map[string]string{"to": "from", "from": "to"}[dir]
	}
	points := []string{hotel, airport, city}
	code := ""
	switch {
	case at("variantId") == "":
		code = "134"
	case !found:
		code = "132"
	case !valid:
		code = "144"
	case at("dir") != "to" && at("dir") != "from":
		code = "145"
	case at("pointFrom") == "":
		code = "140"
	case at("pointTo") == "":
		code = "138"
	case !slices.Contains(points, at("pointFrom")):
		code = "141"
	case !slices.Contains(points, at("pointTo")):
		code = "139"
	case at("dir") != dir || at("pointFrom") != from || at("pointTo") != to:
		code = "131"
	case at("date") != b.dates()[route]:
		code = "133"
	case s.quirks.NoPID:
	case at("pid") == "":
		code = "149"
	case at("pid") != v.pid:
		code = "150"
	}
	if code != "" {
		return v, &problem{code: code}
	}
	return v, readFlight(v, routes[route].dir, at("date"), e)
}

// readFlight checks that a transfer from or to the airport has an unchanged
// flight.
func readFlight(v variant, dir, day string, e *element) *problem {
	if v.otherType != "a" {
		if e.has("flight") {
			return &problem{code: "130"}
		}
		return nil
	}
	want := map[string]string{"to": "a", "from": "d"}[dir]
	f := e.child("flight")
	i := slices.IndexFunc(flights, func(o struct{ id, dir, begin, end string }) bool {
		return o.id == strings.TrimSpace(f.attr("id")) && o.dir == want
	})
	switch {
	case f.attr("id") == "":
		return &problem{code: "142"}
	case i < 0:
		return &problem{code: "143"}
	case f.raw != flights[i].begin+day+flights[i].end:
		return &problem{code: "147"}
	}
	return nil
}
