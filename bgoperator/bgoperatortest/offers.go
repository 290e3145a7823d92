package bgoperatortest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/internal/testing/fake"
)

// sale is a tour that is sold.
type sale struct {
	offer  bgoperator.Offer
	prices []bgoperator.Price // what one tourist pays
}

// Offers returns the tours that the fake sells: first the manual's sample, the same
// tour on another date without extra stays, and one of another country that is
// named by its CommissionID and has all five stays.
func (s *Server) Offers() (all []bgoperator.Offer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range s.stock {
		all = append(all, v.offer)
	}
	return all
}

// AddOffer sells another tour. perTourist is what one tourist pays, in one currency
// or several; nothing means 1193.00 USD or 74563.00 RUR. An offer with the Prx, the
// ids and the StartDate of one that is sold takes its place. It panics if the offer
// has no prx, country, template or date, because no client would book it.
func (s *Server) AddOffer(o bgoperator.Offer, perTourist ...bgoperator.Price) {
	if _, ok := date(o.StartDate); !ok || o.Prx == "" || o.Country == "" || (o.TemplateID == "") == (o.CommissionID == "") {
		panic("incomplete offer")
	}
	if len(perTourist) == 0 {
		perTourist = samplePrices
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stock = slices.DeleteFunc(s.stock, func(v sale) bool {
		return v.offer.Prx == o.Prx && v.offer.TemplateID == o.TemplateID && v.offer.CommissionID == o.CommissionID && v.offer.StartDate == o.StartDate
	})
	s.stock = append(s.stock, sale{o, slices.Clone(perTourist)})
}

// AddExport serves a page to [bgoperator.Client.Export]: "/yandex?action=countries".
// The fake has none of its own, because the manual describes none.
func (s *Server) AddExport(path string, page []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.exports[path] = slices.Clone(page)
}

// Seed adds what a JSON text describes, as AddOffer and AddExport do:
//
//	{
//	  "Offers": [{"Offer": {"Prx": "1", …}, "PerTourist": [{"Currency": "USD", "Full": "100", …}]}],
//	  "Exports": {"/yandex?action=countries": "[]"}
//	}
//
// Offers and prices are those of package bgoperator as encoding/json writes them. A
// name that is not known is an error, and nothing is added then.
func (s *Server) Seed(text []byte) (err error) {
	var seed struct {
		Offers []struct {
			Offer      bgoperator.Offer
			PerTourist []bgoperator.Price
		}
		Exports map[string]string
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err = d.Decode(&seed); err != nil {
		return err
	}
	trial := New()
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("bgoperatortest: %v", problem)
		}
	}()
	for _, to := range []*Server{trial, s} {
		for _, o := range seed.Offers {
			to.AddOffer(o.Offer, o.PerTourist...)
		}
	}
	for path, page := range seed.Exports {
		s.AddExport(path, []byte(page))
	}
	return nil
}

// export answers with an export page.
func (s *Server) export(r fake.Request) fake.Answer {
	body, ok := s.exports[r.URL.RequestURI()]
	if !ok || r.Method != http.MethodGet {
		return page(http.StatusNotFound)
	}
	return fake.Answer{Body: slices.Clone(body)}
}

const samplePrx = "103810219600+A/b"

var standardStock = []sale{
	{bgoperator.Offer{
		Prx: samplePrx, Country: "100410504525", TemplateID: "121178311485", StartDate: "01.03.2014", Insurance: "0-100000-USD-0",
		Before: bgoperator.Stay{RoomMeal: "104625776787", Nights: 1},
		Main:   bgoperator.Stay{RoomMeal: "104623691678", Nights: 7},
		After:  bgoperator.Stay{RoomMeal: "104625776787", Nights: 1},
		SR:     "43UpM9e04HAuj04HAu+04HAvK04HAvf08YLk208YLkN08YLki08YLk*0CpWZQ0CpWZl0CpWa10CpWaM0H1hOo0H1hP40H1hPP0H1hPk",
	}, samplePrices},
	{bgoperator.Offer{
		Prx: samplePrx, Country: "100410504525", TemplateID: "121178311485", StartDate: "08.03.2014", DefaultInsurance: true,
		Main: bgoperator.Stay{RoomMeal: "104623691678", Nights: 10},
		SR:   "43UpM9e04HAuj*0CpWZQ",
	}, samplePrices},
	{bgoperator.Offer{
		Prx: samplePrx, Country: "100410615636", CommissionID: "121178422596", StartDate: "05.04.2014", DefaultInsurance: true,
		Before:      bgoperator.Stay{RoomMeal: "104625776787", Nights: 1},
		AfterBefore: bgoperator.Stay{RoomMeal: "104627861896", Nights: 2},
		Main:        bgoperator.Stay{RoomMeal: "104634117223", Nights: 10},
		BeforeAfter: bgoperator.Stay{RoomMeal: "104629947005", Nights: 3},
		After:       bgoperator.Stay{RoomMeal: "104632032114", Nights: 4},
		SR:          "51VqN0f15IBvk*15IBv+15IBwL",
	}, samplePrices},
	{bgoperator.Offer{
		Prx: samplePrx, Country: "100410504525", TemplateID: "121178311485", StartDate: "15.03.2014", Insurance: "0-50000-EUR-1",
		Main: bgoperator.Stay{RoomMeal: "104638287441", Nights: 14},
		SR:   "43UpM9e04HAuj*0CpWZr",
	}, []bgoperator.Price{price("EUR", "1903.25", "190.25", "1713.0")}},
	{bgoperator.Offer{
		Prx: samplePrx, Country: "100410504525", TemplateID: "121178311485", StartDate: "22.03.2014", DefaultInsurance: true,
		Main: bgoperator.Stay{RoomMeal: "104623691678", Nights: 2},
		SR:   "43UpM9e04HAuj*0CpWa9",
	}, []bgoperator.Price{price("RUR", "18990.0", "0.0", "18990.0")}},
}

// samplePrices are those of the manual's sample.
var samplePrices = []bgoperator.Price{price("USD", "1193.0", "119.0", "1074.0"), price("RUR", "74563.0", "7438.0", "67125.0")}

func price(currency bgoperator.Currency, full, commission, amount string) bgoperator.Price {
	return bgoperator.Price{
		Currency: currency, Full: decimal.RequireFromString(full), Commission: decimal.RequireFromString(commission), Amount: decimal.RequireFromString(amount),
	}
}

// perDollar are the rates of the sample's prices: transfers are priced in dollars,
// and change the price of a tour in each of its currencies.
var perDollar = map[bgoperator.Currency]decimal.Decimal{
	"USD": decimal.NewFromInt(1), "RUR": decimal.RequireFromString("62.5"), "EUR": decimal.RequireFromString("0.8"),
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
	costs    []bgoperator.Price // without transfers
	begins   time.Time          // of the first group
	nights   int
}

type tourist struct {
	id, first, last, birthday string
	contact                   bgoperator.Contact
	transfers                 []bgoperator.VariantID
}

// readTour checks a tour against the manual and the offers.
func (s *Server) readTour(prx string, e *element) (t tour, p *problem) {
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
	sold := slices.DeleteFunc(slices.Clone(s.stock), func(v sale) bool {
		return v.offer.Prx != prx || string(v.offer.TemplateID) != template || string(v.offer.CommissionID) != commission
	})
	switch {
	case len(sold) == 0 && template != "":
		return t, &problem{code: "105"}
	case len(sold) == 0:
		return t, &problem{code: "106"}
	case string(sold[0].offer.Country) != e.child("countryId").text:
		return t, &problem{code: "108"}
	case len(e.child("groups").children) == 0:
		return t, &problem{code: "127"}
	case s.soldOut:
		return t, &problem{code: "121"}
	}
	t.key = template + commission
	for _, g := range e.child("groups").children {
		if p = t.readGroup(sold, g); p != nil {
			return t, p
		}
	}
	if len(t.costs) == 0 { // no currency in which all groups are sold
		return t, &problem{code: "125"}
	}
	return t, nil
}

var stays = []string{"roommeal", "roommealb", "roommealab", "roommealba", "roommeala"}

func (t *tour) readGroup(sold []sale, g *element) *problem {
	if !g.only(slices.Concat([]string{"startDate", "ins", "sr", "persons"}, stays)...) || !g.child("persons").only("person+") ||
		g.has("ins") && g.child("ins").text == "" || len(g.child("persons").children) == 0 {
		return &problem{code: "101"}
	}
	start := g.child("startDate").text
	begins, valid := date(start)
	i := slices.IndexFunc(sold, func(v sale) bool { return v.offer.StartDate == start })
	if !valid || i < 0 {
		return &problem{code: "111"}
	}
	o := sold[i].offer
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
		t.add(sold[i].prices)
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

// add adds what a tourist pays, in the currencies that all tourists pay in.
func (t *tour) add(prices []bgoperator.Price) {
	if t.costs == nil {
		t.costs = slices.Clone(prices)
		return
	}
	t.costs = slices.DeleteFunc(t.costs, func(c bgoperator.Price) bool {
		return !slices.ContainsFunc(prices, func(p bgoperator.Price) bool { return p.Currency == c.Currency })
	})
	for i := range t.costs {
		c := &t.costs[i]
		p := prices[slices.IndexFunc(prices, func(p bgoperator.Price) bool { return p.Currency == c.Currency })]
		c.Full, c.Commission, c.Amount = c.Full.Add(p.Full), c.Commission.Add(p.Commission), c.Amount.Add(p.Amount)
	}
}

// prices are what a tour costs with its transfers.
func (t *tour) prices() []bgoperator.Price {
	transfers := decimal.Zero
	for _, p := range t.tourists {
		for _, id := range p.transfers {
			transfers = transfers.Add(priceOf(id))
		}
	}
	all := slices.Clone(t.costs)
	for i := range all {
		more := transfers.Mul(perDollar[all[i].Currency])
		all[i].Full, all[i].Amount = all[i].Full.Add(more), all[i].Amount.Add(more)
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
		a.printf("%s", p.Full.StringFixed(max(1, -p.Full.Exponent())))
		a.b.WriteString("</" + full + ">")
		a.printf("<comission>%s</comission>", p.Commission.StringFixed(max(1, -p.Commission.Exponent())))
		a.printf("<amount>%s</amount></sum>", p.Amount.StringFixed(max(1, -p.Amount.Exponent())))
	}
}
