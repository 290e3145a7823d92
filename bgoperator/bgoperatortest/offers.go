package bgoperatortest

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/rutravel/rutravel-go/bgoperator"
)

// Offers returns the tours that the fake sells: the manual's sample, the same
// tour on another date without extra stays, and one of another country that is
// named by its CommissionID and has all five stays.
func (s *Server) Offers() []bgoperator.Offer { return offers() }

func offers() []bgoperator.Offer {
	const prx = "103810219600+A/b"
	return []bgoperator.Offer{
		{
			Prx: prx, Country: "100410504525", TemplateID: "121178311485", StartDate: "01.03.2014", Insurance: "0-100000-USD-0",
			Before: bgoperator.Stay{RoomMeal: "104625776787", Nights: 1},
			Main:   bgoperator.Stay{RoomMeal: "104623691678", Nights: 7},
			After:  bgoperator.Stay{RoomMeal: "104625776787", Nights: 1},
			SR:     "43UpM9e04HAuj04HAu+04HAvK04HAvf08YLk208YLkN08YLki08YLk*0CpWZQ0CpWZl0CpWa10CpWaM0H1hOo0H1hP40H1hPP0H1hPk",
		},
		{
			Prx: prx, Country: "100410504525", TemplateID: "121178311485", StartDate: "08.03.2014", DefaultInsurance: true,
			Main: bgoperator.Stay{RoomMeal: "104623691678", Nights: 10},
			SR:   "43UpM9e04HAuj*0CpWZQ",
		},
		{
			Prx: prx, Country: "100410615636", CommissionID: "121178422596", StartDate: "05.04.2014", DefaultInsurance: true,
			Before:      bgoperator.Stay{RoomMeal: "104625776787", Nights: 1},
			AfterBefore: bgoperator.Stay{RoomMeal: "104627861896", Nights: 2},
			Main:        bgoperator.Stay{RoomMeal: "104634117223", Nights: 10},
			BeforeAfter: bgoperator.Stay{RoomMeal: "104629947005", Nights: 3},
			After:       bgoperator.Stay{RoomMeal: "104632032114", Nights: 4},
			SR:          "51VqN0f15IBvk*15IBv+15IBwL",
		},
	}
}

// perTourist is what one tourist pays, whatever the tour.
var perTourist = []struct{ currency, full, commission, amount string }{
	{"USD", "1193.0", "119.0", "1074.0"},
	{"RUR", "74563.0", "7438.0", "67125.0"},
}

const dateLayout = "02.01.2006"

func date(text string) (time.Time, bool) {
	t, err := time.Parse(dateLayout, text)
	return t, err == nil
}

// tour is a tour that a request describes.
type tour struct {
	client   string
	confirm  bool
	key      string // what makes a duplicate: template, dates and passports
	tourists []tourist
	begins   time.Time // of the first group
	nights   int
}

type tourist struct {
	id, first, last, birthday string
	contact                   bgoperator.Contact
	transfers                 []bgoperator.VariantID
}

// readTour checks a tour against the manual and the offers.
func readTour(prx string, e *element) (t tour, p *problem) {
	t = tour{client: e.attr("clientTourId"), confirm: e.has("confirm")}
	template, commission := e.child("templateId").text, e.child("comissionId").text
	switch {
	case !e.only("@clientTourId", "confirm", "countryId", "templateId", "comissionId", "groups") || !e.child("groups").only("group+"):
		return t, &problem{code: "101"}
	case template == "" && commission == "":
		return t, &problem{code: "102"}
	case e.has("templateId") && e.has("comissionId"):
		return t, &problem{code: "104"}
	case e.child("countryId").text == "":
		return t, &problem{code: "107"}
	}
	sold := slices.DeleteFunc(offers(), func(o bgoperator.Offer) bool {
		return o.Prx != prx || string(o.TemplateID) != template || string(o.CommissionID) != commission
	})
	switch {
	case len(sold) == 0 && template != "":
		return t, &problem{code: "105"}
	case len(sold) == 0:
		return t, &problem{code: "106"}
	case string(sold[0].Country) != e.child("countryId").text:
		return t, &problem{code: "108"}
	case len(e.child("groups").children) == 0:
		return t, &problem{code: "127"}
	}
	t.key = template + commission
	for _, g := range e.child("groups").children {
		if p = t.readGroup(sold, g); p != nil {
			return t, p
		}
	}
	return t, nil
}

var stays = []string{"roommeal", "roommealb", "roommealab", "roommealba", "roommeala"}

func (t *tour) readGroup(sold []bgoperator.Offer, g *element) *problem {
	if !g.only(slices.Concat([]string{"startDate", "ins", "sr", "persons"}, stays)...) || !g.child("persons").only("person+") ||
		g.has("ins") && g.child("ins").text == "" || len(g.child("persons").children) == 0 {
		return &problem{code: "101"}
	}
	start := g.child("startDate").text
	begins, valid := date(start)
	i := slices.IndexFunc(sold, func(o bgoperator.Offer) bool { return o.StartDate == start })
	if !valid || i < 0 {
		return &problem{code: "111"}
	}
	o := sold[i]
	nights := 0
	for n, want := range []bgoperator.Stay{o.Main, o.Before, o.AfterBefore, o.BeforeAfter, o.After} {
		got := g.child(stays[n])
		switch duration := got.attr("duration"); {
		case !g.has(stays[n]) && want == bgoperator.Stay{}:
			continue
		case !g.has(stays[n]) && n == 0:
			return &problem{code: "127"}
		case got.text == "":
			return &problem{code: "114"}
		case got.text != string(want.RoomMeal):
			return &problem{code: "115"}
		case duration == "":
			return &problem{code: "116"}
		case duration != strconv.Itoa(want.Nights):
			return &problem{code: "117"}
		}
		nights += want.Nights
	}
	switch g.child("sr").text {
	case o.SR:
	case "":
		return &problem{code: "118"}
	default:
		return &problem{code: "119"}
	}
	if t.nights == 0 {
		t.begins, t.nights = begins, nights
	}
	t.key += "|" + start
	for _, e := range g.child("persons").children {
		if p := t.readTourist(e, begins); p != nil {
			return p
		}
	}
	return nil
}

func (t *tour) readTourist(e *element, begins time.Time) *problem {
	text := func(name string) string { return e.child(name).text }
	born, validBirth := date(text("birthday"))
	till, validTill := date(text("passportTill"))
	citizenship := text("citizenship")
	code := ""
	switch {
	case !e.only("birthday", "firstName", "lastName", "citizenship", "passportSeries", "passportNumber", "passportTill", "gender"):
		code = "101"
	case !validBirth || born.After(begins):
		code = "113"
	case text("firstName") == "":
		code = "159"
	case text("lastName") == "":
		code = "160"
	case strings.Trim(text("firstName")+text("lastName"), "ABCDEFGHIJKLMNOPQRSTUVWXYZ -'") != "":
		code = "101"
	case citizenship == "":
		code = "122"
	case !strings.HasPrefix(citizenship, "100410") || strings.Trim(citizenship, "0123456789") != "":
		code = "123"
	case text("passportSeries") == "" || text("passportNumber") == "":
		code = "161"
	case !validTill || till.Before(begins):
		code = "124"
	case text("gender") != "m" && text("gender") != "f":
		code = "154"
	}
	if code != "" {
		return &problem{code: code}
	}
	t.key += "|" + text("passportSeries") + " " + text("passportNumber")
	t.tourists = append(t.tourists, tourist{first: text("firstName"), last: text("lastName"), birthday: text("birthday")})
	return nil
}

// prices are what a tour costs, with what its transfers cost in dollars.
func (t *tour) prices() (all []bgoperator.Price) {
	transfers := decimal.Zero
	for _, p := range t.tourists {
		for _, id := range p.transfers {
			transfers = transfers.Add(priceOf(id))
		}
	}
	for _, p := range perTourist {
		of := func(amount string) decimal.Decimal {
			return decimal.RequireFromString(amount).Mul(decimal.NewFromInt(int64(len(t.tourists))))
		}
		v := bgoperator.Price{Currency: bgoperator.Currency(p.currency), Full: of(p.full), Commission: of(p.commission), Amount: of(p.amount)}
		if p.currency == "USD" {
			v.Full, v.Amount = v.Full.Add(transfers), v.Amount.Add(transfers)
		}
		all = append(all, v)
	}
	return all
}

// writePrice writes what a tour costs.
func (s *Server) writePrice(a *answer, all []bgoperator.Price) {
	full := "fullamount"
	if s.quirks.Fullamout {
		full = "fullamout"
	}
	for _, p := range all {
		a.printf("<sum><currency>%s</currency>", string(p.Currency))
		a.b.WriteString("<" + full + ">")
		a.printf("%s", p.Full.StringFixed(1))
		a.b.WriteString("</" + full + ">")
		a.printf("<comission>%s</comission>", p.Commission.StringFixed(1))
		a.printf("<amount>%s</amount></sum>", p.Amount.StringFixed(1))
	}
}
