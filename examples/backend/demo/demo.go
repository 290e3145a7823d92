// Package demo is the sandbox that the backend sells from if no supplier's address is
// given: what is for sale, and the faults that a visitor may order.
package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"

	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/examples/backend/suppliers"
	"github.com/rutravel/rutravel-go/multitour"
	"github.com/rutravel/rutravel-go/multitour/multitourtest"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
	"github.com/rutravel/rutravel-go/sandbox"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

// Start serves a sandbox on a free port of this machine until ctx ends. It returns the
// address of its console.
func Start(ctx context.Context, now time.Time) (address string, err error) {
	s, err := sandbox.New(sandbox.Config{Seed: Seed(now)})
	if err != nil {
		return "", err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(l) }() // it ends with Close
	context.AfterFunc(ctx, func() { _ = server.Close() })
	return "http://" + l.Addr().String(), nil
}

// Environment returns the addresses and credentials of a sandbox.
func Environment(address string) map[string]string {
	all := map[string]string{}
	for _, line := range sandbox.Environment(address, "", "") {
		name, value, _ := strings.Cut(line, "=")
		all[name] = value
	}
	return all
}

// Fault is something that a visitor can make go wrong.
type Fault string

// The faults.
const (
	LosePayment Fault = "lose_payment" // the payment succeeds, but its answer is lost
	FailPayment Fault = "fail_payment" // the payment is lost before it arrives
	LoseBooking Fault = "lose_booking"
	LoseRefund  Fault = "lose_refund"
	SellOut     Fault = "sell_out"
	Restock     Fault = "restock"
	EndHolds    Fault = "end_holds"
)

// Faults are all faults.
var Faults = []Fault{LosePayment, FailPayment, LoseBooking, LoseRefund, SellOut, Restock, EndHolds}

// Order makes a fault happen at coach tickets and events.
func (f Fault) Order(ctx context.Context, address string) error {
	type object map[string]any
	post := func(path string, body object) error { return post(ctx, address+"/sandbox/v1/"+path, body) }
	lose := func(coach, event string, processed bool) error {
		return errors.Join(
			post("faults", object{"supplier": sandbox.Regionbilet, "op": coach, "drop": true, "processed": processed}),
			post("faults", object{"supplier": sandbox.Ticketscloud, "op": event, "drop": true, "processed": processed}))
	}
	slow := func(coach, event string) error { // so that a person sees the page of an open payment
		return errors.Join(
			post("faults", object{"supplier": sandbox.Regionbilet, "op": coach, "delay": "3s"}),
			post("faults", object{"supplier": sandbox.Ticketscloud, "op": event, "delay": "3s"}))
	}
	both := func(path, name string, value any) error {
		var all []error
		for _, s := range []string{sandbox.Regionbilet, sandbox.Ticketscloud} {
			body := object{"supplier": s}
			if name != "" {
				body[name] = value
			}
			all = append(all, post(path, body))
		}
		return errors.Join(all...)
	}
	switch f {
	case LosePayment:
		return errors.Join(lose("pay", "orders.change+done", true), slow("status_ticket+order", "orders.list"))
	case FailPayment:
		return lose("pay", "orders.change+done", false)
	case LoseBooking:
		return lose("booking", "orders.create", true)
	case LoseRefund:
		return lose("refund", "refunds.create", true)
	case SellOut:
		return both("sold-out", "sold_out", true)
	case Restock:
		return both("sold-out", "sold_out", false)
	case EndHolds:
		return both("expire", "", nil)
	default:
		return fmt.Errorf("no fault %q", f)
	}
}

var client = &http.Client{Timeout: 10 * time.Second}

func post(ctx context.Context, url string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(string(text)))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(r)
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	if resp.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s: %s", url, resp.Status)
	}
	return nil
}

// Tour is the tour of Biblio-Globus that the shop sells.
func Tour(now time.Time) suppliers.SeededTour {
	stay := bgoperator.Stay{RoomMeal: "104623691678", Nights: 7}
	return suppliers.SeededTour{
		Title: "Side Crown Palace 5*", Venue: "Сиде, Турция", Detail: "Москва — Анталья, номер Standard, всё включено", People: 2, Citizenship: "100410000050",
		Offer: bgoperator.Offer{
			Prx: "103810219600+A/b", Country: "100410504525", TemplateID: "121178311485", Insurance: "0-100000-USD-0", Main: stay,
			StartDate: fmt.Sprintf("10.07.%d", now.Year()+1),
			SR:        "43UpM9e04HAuj04HAu+04HAvK04HAvf08YLk208YLkN08YLki08YLk*0CpWZQ0CpWZl0CpWa10CpWaM0H1hOo0H1hP40H1hPP0H1hPk",
		},
	}
}

// Seed is what the sandbox sells.
func Seed(now time.Time) []byte {
	type price struct{ Offer, PerTourist any }
	text, err := json.Marshal(map[string]any{
		"regionbilet":  map[string]any{"Settlements": settlements(), "Trips": trips()},
		"ticketscloud": map[string]any{"Events": events(now)},
		"multitour":    map[string]any{"Hotels": hotels()},
		"bgoperator": map[string]any{"Offers": []price{{Tour(now).Offer, []bgoperator.Price{
			{Currency: "RUR", Full: amount(84500), Commission: amount(7605), Amount: amount(76895)},
			{Currency: "EUR", Full: amount(845), Commission: amount(76), Amount: amount(769)},
		}}}},
	})
	if err != nil {
		panic(err) // the values above can be written
	}
	return text
}

func amount(roubles int64) decimal.Decimal { return decimal.NewFromInt(roubles) }

var cities = []string{"Москва", "Тула", "Воронеж", "Ростов-на-Дону", "Ставрополь", "Пятигорск"}

func settlements() (all []regionbilet.Settlement) {
	for i, name := range cities {
		all = append(all, regionbilet.Settlement{ID: settlement(i), Name: name})
	}
	return all
}

func settlement(i int) regionbilet.SettlementID {
	return regionbilet.SettlementID(strconv.Itoa(101 + i))
}

// trips connects each city with each other one, three times a day.
func trips() (all []regionbilettest.Trip) {
	var seats []regionbilet.Seat
	for n := range 44 {
		seats = append(seats, regionbilet.Seat(strconv.Itoa(n+1)))
	}
	buses := []string{"Neoplan Tourliner", "Mercedes-Benz Tourismo", "Yutong ZK6122"}
	carriers := []string{"ООО «Южный экспресс»", "ИП Мельников", "АО «Автоколонна 1880»"}
	for i, from := range cities {
		for j, to := range cities {
			if i == j {
				continue
			}
			minutes := 180 * max(i-j, j-i)
			for n := range 3 {
				all = append(all, regionbilettest.Trip{
					ID: regionbilet.TripID(strconv.Itoa(7000 + 100*i + 10*j + n)), Name: from + " - " + to, FromSettlement: settlement(i), ToSettlement: settlement(j),
					From:    regionbilet.Stop{ID: regionbilet.StopID(strconv.Itoa(501 + i)), Name: from, Address: "Автовокзал"},
					To:      regionbilet.Stop{ID: regionbilet.StopID(strconv.Itoa(501 + j)), Name: to, Address: "Автовокзал"},
					Departs: civil.Time{Hour: 7 + 6*n, Minute: (10*i + 5*j) % 60}, Minutes: minutes + 15*n, Seats: seats, Bus: buses[n],
					Adult:   regionbilettest.Fare{Base: amount(int64(450*max(i-j, j-i) + 60*n)), Fee: amount(50)},
					Carrier: regionbilet.Carrier{Name: carriers[(i+n)%3]},
				})
			}
		}
	}
	return all
}

func events(now time.Time) (all []ticketscloudtest.Event) {
	moscow := ticketscloudtest.Venue{ID: "5f0000000000000000000a01", Name: "Малый театр", City: "524901", CityName: "Москва", Timezone: "Europe/Moscow"}
	hall := ticketscloudtest.Venue{ID: "5f0000000000000000000a02", Name: "Зал «Причал»", City: "501175", CityName: "Ростов-на-Дону", Timezone: "Europe/Moscow"}
	park := ticketscloudtest.Venue{ID: "5f0000000000000000000a03", Name: "Парк Победы", City: "487846", CityName: "Ставрополь", Timezone: "Europe/Moscow"}
	day := time.Date(now.Year(), now.Month(), now.Day(), 16, 0, 0, 0, time.UTC)
	for i, e := range []struct {
		title, text string
		days, age   int
		venue       ticketscloudtest.Venue
		sets        []ticketscloudtest.Set
	}{
		{"Вишнёвый сад", "Комедия в четырёх действиях", 9, 12, moscow, []ticketscloudtest.Set{
			{Name: "Партер", Price: amount(2400), Rows: 6, Tickets: 12}, {Name: "Балкон", Price: amount(900), Rows: 3, Tickets: 14},
		}},
		{"Джаз на набережной", "Квартет Андрея Полякова", 16, 6, hall, []ticketscloudtest.Set{
			{Name: "Столики", Price: amount(1800), Rows: 4, Tickets: 8}, {Name: "Танцпол", Price: amount(700), Tickets: 200},
		}},
		{"Открытое небо", "Летний фестиваль, два дня музыки", 30, 0, park, []ticketscloudtest.Set{
			{Name: "Входной билет", Price: amount(1200), Tickets: 2000}, {Name: "Фан-зона", Price: amount(2500), Tickets: 500},
		}},
	} {
		id := func(kind string, n int) string { return fmt.Sprintf("5f00000000000000000%s%02d%02d", kind, i, n) }
		for n := range e.sets {
			e.sets[n].ID = ticketscloud.SetID(id("c", n))
		}
		start := day.AddDate(0, 0, e.days)
		all = append(all, ticketscloudtest.Event{
			ID: ticketscloud.EventID(id("e", 0)), Title: e.title, Description: e.text, AgeRating: e.age,
			Start: start, Finish: start.Add(3 * time.Hour), Venue: e.venue, Sets: e.sets,
		})
	}
	return all
}

func hotels() (all []multitourtest.Hotel) {
	for i, name := range []string{"Прибой Пансионат", "Маяк Отель", "Жемчужина Санаторий"} {
		per := int64(1900 + 800*i)
		all = append(all, multitourtest.Hotel{ID: multitour.HotelID(strconv.Itoa(9901 + i)), Name: name, City: "1440", Rates: []multitourtest.Rate{
			{Room: "2-х местный стандарт", Places: 2, Quota: 40, Tariff: "Завтрак", MealType: "3", Adult: amount(per), Child: amount(per / 2)},
			{Room: "2-х местный, вид на море", Places: 2, Quota: 20, Tariff: "Полный пансион", MealType: "2", Adult: amount(per + 1100), Child: amount(per)},
		}})
	}
	return all
}
