package web

import (
	"bytes"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/rutravel/rutravel-go/examples/backend/demo"
	"github.com/rutravel/rutravel-go/examples/backend/shop"
)

//go:embed pages
var pages embed.FS

var templates = template.Must(template.ParseFS(pages, "pages/*.html"))

// page is what all templates get. Its methods are the templates' functions.
type page struct {
	Lang     string
	Path     string // with the query, for the switch of languages
	Title    string
	Kind     shop.Kind
	Sandbox  string
	Data     any
	Operator bool
}

// T translates.
func (p page) T(key string) string { return translate(p.Lang, key) }

// Other is the other language.
func (p page) Other() string {
	if p.Lang == "ru" {
		return "en"
	}
	return "ru"
}

// Switch is the address of this page in the other language.
func (p page) Switch() string {
	u, err := url.Parse(p.Path)
	if err != nil {
		return "/?lang=" + p.Other()
	}
	q := u.Query()
	q.Set("lang", p.Other())
	u.RawQuery = q.Encode()
	return u.String()
}

// Money writes an amount.
func (p page) Money(m shop.Money) string {
	whole, part, _ := strings.Cut(m.Amount.StringFixed(2), ".")
	minus, whole := "", strings.TrimPrefix(whole, "-")
	if m.Amount.IsNegative() {
		minus = "−"
	}
	var b strings.Builder
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString("\u00a0")
		}
		b.WriteRune(digit)
	}
	if part != "00" {
		b.WriteString(map[string]string{"ru": ",", "en": "."}[p.Lang] + part)
	}
	if m.Currency == "RUB" || m.Currency == "" {
		return minus + b.String() + "\u00a0₽"
	}
	return minus + b.String() + "\u00a0" + m.Currency
}

// Day writes a date.
func (p page) Day(d civil.Date) string {
	return fmt.Sprintf("%d %s %d", d.Day, p.T("month."+strconv.Itoa(int(d.Month))), d.Year)
}

// Clock writes a time of day.
func (p page) Clock(t civil.DateTime) string {
	return fmt.Sprintf("%02d:%02d", t.Time.Hour, t.Time.Minute)
}

// Moment writes when something happened, by Moscow's clocks.
func (p page) Moment(t time.Time) string {
	return t.In(time.FixedZone("MSK", 3*60*60)).Format("15:04:05")
}

// Kinds are the entries of the menu.
func (p page) Kinds() []shop.Kind { return shop.Kinds }

// Tomorrow is the first day of a search.
func (p page) Tomorrow() string { return tomorrow().String() }

// page makes a handler of a function that writes a page or fails.
func (s *Site) page(f func(w http.ResponseWriter, r *http.Request, p page) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p := page{Lang: language(w, r), Path: r.URL.RequestURI(), Sandbox: s.Sandbox, Kind: shop.Kind(r.PathValue("kind"))}
		if r.Method != http.MethodGet {
			p.Path = "/"
		}
		if err := f(w, r, p); err != nil {
			s.fail(w, r, p, err)
		}
	}
}

// language is that of the address, of the cookie or of the browser.
func language(w http.ResponseWriter, r *http.Request) string {
	if lang := r.URL.Query().Get("lang"); lang == "ru" || lang == "en" {
		//nolint:gosec // not secret, and the sandbox has no TLS
		http.SetCookie(w, &http.Cookie{Name: "lang", Value: lang, Path: "/", MaxAge: 365 * 24 * 60 * 60, HttpOnly: true, SameSite: http.SameSiteLaxMode})
		return lang
	}
	if c, err := r.Cookie("lang"); err == nil && (c.Value == "ru" || c.Value == "en") {
		return c.Value
	}
	if strings.HasPrefix(strings.ToLower(r.Header.Get("Accept-Language")), "ru") {
		return "ru"
	}
	return "en"
}

// fail shows the message for the customer about an error.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, p page, err error) {
	status := statusOf(err)
	key, back := "error.internal", "/"
	var detail string
	if refusal, ok := errors.AsType[*shop.Refusal](err); ok {
		key = "error." + refusal.Reason
		if refusal.Field != "" {
			detail = p.T("field." + refusal.Field)
		}
		if refusal.Reason == shop.PriceChanged {
			detail = p.Money(refusal.Total)
		}
		if refusal.Offer != nil {
			back = "/offers/" + string(refusal.Offer.Kind) + "/" + refusal.Offer.ID
		}
	} else if status == http.StatusNotFound {
		key = "error.not_found"
	} else {
		s.Log.ErrorContext(r.Context(), "a request failed", "path", r.URL.Path, "error", err)
	}
	if id := r.PathValue("id"); id != "" && status != http.StatusNotFound {
		back = "/orders/" + id
	}
	p.Title = p.T(key)
	p.Data = map[string]any{"Key": key, "Detail": detail, "Back": back}
	if err := s.render(w, status, "message.html", p); err != nil {
		s.Log.ErrorContext(r.Context(), "the page of an error failed", "error", err)
	}
}

func (s *Site) render(w http.ResponseWriter, status int, name string, p page) error {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, p); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
	return nil
}

// home shows the searches.
func (s *Site) home(w http.ResponseWriter, r *http.Request, p page) error {
	from, to, err := s.Desk.Places(r.Context(), shop.Coach)
	if err != nil {
		return err
	}
	_, countries, err := s.Desk.Places(r.Context(), shop.Tour)
	if err != nil {
		return err
	}
	p.Title = p.T("title.home")
	p.Data = map[string]any{"From": from, "To": to, "Countries": countries}
	return s.render(w, http.StatusOK, "home.html", p)
}

// search shows what was found.
func (s *Site) search(w http.ResponseWriter, r *http.Request, p page) error {
	q, err := readQuery(r)
	if err != nil {
		return err
	}
	all, err := s.Desk.Search(r.Context(), p.Kind, q)
	if err != nil {
		return err
	}
	p.Title = p.T("title." + string(p.Kind))
	p.Data = map[string]any{"Offers": all, "Query": q}
	return s.render(w, http.StatusOK, "search.html", p)
}

// offer shows an offer, and lets the customer choose.
func (s *Site) offer(w http.ResponseWriter, r *http.Request, p page) error {
	o, err := s.Desk.Offer(r.Context(), p.Kind, r.PathValue("offer"))
	if err != nil {
		return err
	}
	p.Title = o.Title
	p.Data = map[string]any{"Offer": o, "Groups": groups(o), "Plan": p.Kind == shop.Coach}
	return s.render(w, http.StatusOK, "offer.html", p)
}

// group is choices that are shown together. Choices without an ID are taken.
type group struct {
	Name    string
	Price   shop.Money
	Seats   bool
	Choices []shop.Choice
}

// groups sorts choices. The seats of a coach are shown with those that are taken.
func groups(o shop.Offer) (all []group) {
	if o.Kind == shop.Coach {
		free, last := map[int]shop.Choice{}, 0
		for _, c := range o.Choices {
			n, err := strconv.Atoi(c.Label)
			if err != nil || n < 1 || n > 100 {
				return []group{{Price: o.Price, Seats: true, Choices: o.Choices}} // seats with letters
			}
			free[n], last = c, max(last, n)
		}
		g := group{Price: o.Price, Seats: true}
		for n := 1; n <= last; n++ {
			c := free[n]
			c.Label = strconv.Itoa(n)
			g.Choices = append(g.Choices, c)
		}
		return []group{g}
	}
	for _, c := range o.Choices {
		i := slices.IndexFunc(all, func(g group) bool { return g.Name == c.Group && g.Seats })
		if i < 0 || c.Group == "" {
			all, i = append(all, group{Name: c.Group, Price: c.Price, Seats: c.Group != ""}), len(all)
		}
		all[i].Choices = append(all[i].Choices, c)
	}
	return all
}

// people asks who travels. The form has a key, so that it makes one order however often it
// is sent.
func (s *Site) people(w http.ResponseWriter, r *http.Request, p page) error {
	o, err := s.Desk.Offer(r.Context(), p.Kind, r.PathValue("offer"))
	if err != nil {
		return err
	}
	choices, seen, err := chosen(r.URL.Query())
	if err != nil {
		return err
	}
	n := len(choices)
	if len(o.Choices) == 0 && o.People > 0 {
		n, seen = o.People, o.Price
	}
	if n == 0 {
		return invalid("choices")
	}
	var lines []shop.Line
	for _, id := range choices {
		i := slices.IndexFunc(o.Choices, func(c shop.Choice) bool { return c.ID == id })
		if i < 0 {
			return &shop.Refusal{Reason: shop.SoldOut, Offer: &o}
		}
		lines = append(lines, shop.Line{Choice: id, Label: strings.TrimPrefix(o.Choices[i].Group+", "+o.Choices[i].Label, ", "), Price: o.Choices[i].Price})
	}
	people := make([]int, 0, n)
	for i := range n {
		if o.Named {
			people = append(people, i+1)
		}
	}
	p.Title = o.Title
	p.Data = map[string]any{"Offer": o, "Lines": lines, "People": people, "Seen": seen, "Key": rand.Text()}
	return s.render(w, http.StatusOK, "people.html", p)
}

func (s *Site) order(w http.ResponseWriter, r *http.Request, p page) error {
	b, err := readBasket(r, p.Lang)
	if err != nil {
		return err
	}
	o, err := s.Desk.Order(r.Context(), b, r.PostForm.Get("key"))
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/orders/"+o.ID, http.StatusSeeOther)
	return nil
}

func (s *Site) show(w http.ResponseWriter, r *http.Request, p page) error {
	o, err := s.Desk.Store.Get(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	p.Title, p.Kind = o.Offer.Title, o.Basket.Kind
	p.Data = map[string]any{
		"Order": o, "Busy": len(o.Pending()) > 0, "Left": max(0, int(time.Until(o.PayBefore).Seconds())),
		"Status": status(o), "Refundable": o.Basket.Kind != shop.Tour, "Names": names(o),
	}
	return s.render(w, http.StatusOK, "order.html", p)
}

// names are who has each line.
func names(o shop.Order) []string {
	all := make([]string, len(o.Lines))
	for i, t := range o.Basket.Travellers {
		line := min(i, len(all)-1) // a tour has one line
		all[line] = strings.TrimPrefix(all[line]+", "+t.Surname+" "+t.Name, ", ")
	}
	return all
}

// status is the key of the first message on the page of an order.
func status(o shop.Order) string {
	pending := o.Pending()
	switch {
	case len(pending) == 0 && o.State == shop.Refunded && !slices.ContainsFunc(o.Lines, func(l shop.Line) bool { return l.Back.Amount.IsPositive() }):
		return "status.kept"
	case len(pending) == 0:
		return "status." + string(o.State)
	case o.Human:
		return "status.human." + string(o.Cases[0].Name)
	case o.Unsure:
		return "status.unsure." + string(pending[0].Name)
	default:
		return "status.busy." + string(pending[0].Name)
	}
}

// version is what the page of an order asks for.
func (s *Site) version(w http.ResponseWriter, r *http.Request) {
	o, err := s.Desk.Store.Get(r.Context(), r.PathValue("id"))
	if err != nil {
		http.Error(w, "", statusOf(err))
		return
	}
	_, _ = fmt.Fprint(w, o.Version)
}

func (s *Site) pay(w http.ResponseWriter, r *http.Request, _ page) error {
	return s.change(w, r, func(id string) (shop.Order, error) { return s.Desk.Pay(r.Context(), id) })
}

func (s *Site) refund(w http.ResponseWriter, r *http.Request, _ page) error {
	line, err := strconv.Atoi(r.PostFormValue("line"))
	if err != nil {
		return invalid("line")
	}
	return s.change(w, r, func(id string) (shop.Order, error) { return s.Desk.Refund(r.Context(), id, line) })
}

func (s *Site) change(w http.ResponseWriter, r *http.Request, f func(id string) (shop.Order, error)) error {
	o, err := f(r.PathValue("id"))
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/orders/"+o.ID, http.StatusSeeOther)
	return nil
}

// overview is the operator's page.
func (s *Site) overview(w http.ResponseWriter, r *http.Request, p page) error {
	human, err := s.Desk.Store.Latest(r.Context(), true, 100)
	if err != nil {
		return err
	}
	last, err := s.Desk.Store.Latest(r.Context(), false, 30)
	if err != nil {
		return err
	}
	books, err := s.Desk.Store.Books(r.Context())
	if err != nil {
		return err
	}
	var cases []map[string]any
	for _, o := range human {
		var reasons []string
		for _, step := range o.Cases {
			if e, getErr := s.Desk.Store.Journal().Get(r.Context(), step.Key()); getErr == nil {
				reasons = append(reasons, e.Reason)
			}
		}
		cases = append(cases, map[string]any{"Order": o, "Reasons": reasons, "Status": status(o)})
	}
	counts, err := s.Desk.Store.Counts(r.Context())
	if err != nil {
		return err
	}
	p.Title, p.Operator = p.T("title.operator"), true
	p.Data = map[string]any{"Cases": cases, "Orders": last, "Books": books, "Jobs": JobsPath + "/", "Counts": counts}
	return s.render(w, http.StatusOK, "operator.html", p)
}

func (s *Site) decide(w http.ResponseWriter, r *http.Request, _ page) error {
	done := r.PostFormValue("done")
	if done != "yes" && done != "no" {
		return invalid("done")
	}
	if err := s.Desk.Decide(r.Context(), r.PostFormValue("order"), done == "yes", strings.TrimSpace(r.PostFormValue("number")), "operator"); err != nil {
		return err
	}
	http.Redirect(w, r, "/operator", http.StatusSeeOther)
	return nil
}

// faults lets a visitor of the sandbox make something go wrong.
func (s *Site) faults(w http.ResponseWriter, r *http.Request, p page) error {
	p.Title = p.T("title.sandbox")
	p.Data = map[string]any{"Faults": demo.Faults, "Ordered": r.URL.Query().Get("ordered")}
	return s.render(w, http.StatusOK, "sandbox.html", p)
}

func (s *Site) orderFault(w http.ResponseWriter, r *http.Request, _ page) error {
	f := demo.Fault(r.PostFormValue("fault"))
	if !slices.Contains(demo.Faults, f) {
		return invalid("fault")
	}
	if err := f.Order(r.Context(), s.Sandbox); err != nil {
		return err
	}
	http.Redirect(w, r, "/sandbox?ordered="+string(f), http.StatusSeeOther)
	return nil
}
