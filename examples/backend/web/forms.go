package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"

	"github.com/rutravel/rutravel-go/examples/backend/shop"
)

func invalid(field string) error { return &shop.Refusal{Reason: shop.Invalid, Field: field} }

// readQuery reads a search. Fields that are not given have defaults.
func readQuery(r *http.Request) (q shop.Query, err error) {
	form := r.URL.Query()
	q = shop.Query{From: form.Get("from"), To: form.Get("to"), Text: form.Get("text"), Date: tomorrow(), Nights: 7, Adults: 2}
	if text := form.Get("date"); text != "" {
		if q.Date, err = civil.ParseDate(text); err != nil {
			return q, invalid("date")
		}
	}
	for name, into := range map[string]*int{"nights": &q.Nights, "adults": &q.Adults} {
		if text := form.Get(name); text != "" {
			if *into, err = strconv.Atoi(text); err != nil || *into < 1 || *into > 30 {
				return q, invalid(name)
			}
		}
	}
	switch kind := shop.Kind(r.PathValue("kind")); {
	case q.Date.Before(tomorrow().AddDays(-1)):
		return q, invalid("date")
	case kind == shop.Coach && (q.From == "" || q.To == "" || q.From == q.To):
		return q, invalid("to")
	case kind == shop.Tour && (q.To == "" || q.Adults > shop.Most):
		return q, invalid("adults")
	}
	return q, nil
}

// tomorrow is the day after today in Moscow.
func tomorrow() civil.Date {
	const moscow = 3 * time.Hour
	return civil.DateOf(time.Now().UTC().Add(moscow)).AddDays(1)
}

// chosen reads the choices of a form. Each comes with the price that was shown:
// "choice=17|500.00" for a seat, "count:set:5f|700=2" for tickets of a category.
func chosen(form url.Values) (choices []string, seen shop.Money, err error) {
	take := func(value string, n int) error {
		id, price, _ := strings.Cut(value, "|")
		amount, invalidPrice := decimal.NewFromString(price)
		if invalidPrice != nil || len(choices)+n > shop.Most {
			return invalid("choices")
		}
		for range n {
			choices, seen = append(choices, id), seen.Add(shop.Rubles(amount))
		}
		return nil
	}
	for _, value := range form["choice"] {
		if err = take(value, 1); err != nil {
			return nil, seen, err
		}
	}
	for name := range form {
		value, ok := strings.CutPrefix(name, "count:")
		if !ok {
			continue
		}
		n, err := strconv.Atoi(form.Get(name))
		if err != nil || n < 0 || n > shop.Most {
			return nil, seen, invalid("choices")
		}
		if err = take(value, n); err != nil {
			return nil, seen, err
		}
	}
	return choices, seen, nil
}

// readBasket reads the form of an order.
func readBasket(r *http.Request, lang string) (b shop.Basket, err error) {
	if err = r.ParseForm(); err != nil {
		return b, invalid("form")
	}
	f := r.PostForm
	b = shop.Basket{
		Kind: shop.Kind(f.Get("kind")), Offer: f.Get("offer"), Choices: f["choice"], Lang: lang,
		Buyer: shop.Buyer{Name: f.Get("buyer"), Email: f.Get("email"), Phone: f.Get("phone")},
	}
	b.Seen.Currency = "RUB"
	if b.Seen.Amount, err = decimal.NewFromString(f.Get("seen")); err != nil {
		return b, invalid("seen")
	}
	for i, surname := range f["surname"] {
		at := func(name string) string {
			if i < len(f[name]) {
				return f[name][i]
			}
			return ""
		}
		birth, err := civil.ParseDate(at("birth"))
		if err != nil {
			return b, invalid("birth")
		}
		b.Travellers = append(b.Travellers, shop.Traveller{
			Surname: surname, Name: at("first_name"), Patronymic: at("patronymic"), Female: at("sex") == "f", Birth: birth, Document: at("document"),
		})
	}
	return b, nil
}
