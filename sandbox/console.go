package sandbox

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/rutravel/rutravel-go/sandbox/record"
)

//go:embed web
var web embed.FS

const consolePrefix = "/sandbox/console/"

// titles are the names of the suppliers for people.
var titles = map[string]string{
	Regionbilet: "Regionbilet", Multitour: "Multitour", Bgoperator: "Biblio-Globus", Ticketscloud: "Ticketscloud", Smartway: "Smartway",
	Catalogue: "Ticketscloud gRPC",
}

// important are the operations whose lost answers matter most.
var important = map[string]string{
	Regionbilet: "pay", Multitour: "booking_set", Bgoperator: "createtour+confirm", Ticketscloud: "orders.change+done", Smartway: "airline.book",
	Catalogue: "Events",
}

// kinds are the faults that the console offers.
var kinds = []struct {
	name  string
	fault Fault
}{
	{"lose", Fault{Drop: true, Processed: true}},
	{"lose-before", Fault{Drop: true}},
	{"reject", Fault{Reject: true}},
	{"refuse", Fault{Refuse: true}},
	{"delay", Fault{Delay: 5 * time.Second}},
	{"error", Fault{Status: http.StatusBadGateway, Body: "<html><body><h1>502 Bad Gateway</h1></body></html>", Header: http.Header{"Content-Type": {"text/html"}}}},
	{"cut", Fault{Cut: 20}},
}

// page is what the console shows.
type page struct {
	Lang, Base, Run string
	Now             time.Time
	Notice          string // what was done
	Selected        string
	Tiles           []tile
	State           record.State
	HasState        bool
	Expires         bool
	Bookings        []record.Booking // the newest first
	Operations      []string
	Kinds           []string
	Faults          []Fault
	Calls           []record.Call // the newest first
	Environment     []string
}

// tile is a supplier in short.
type tile struct {
	Name, Title string
	Bookings    int
	Held        int
	Money       []record.Money
	Faults      int
	SoldOut     bool
}

// Link returns the address of the console with another supplier or language.
func (p page) Link(supplier, lang string) string {
	q := url.Values{"supplier": {supplier}, "lang": {lang}}
	return p.Base + "/?" + q.Encode()
}

// Action returns the address of a form or fragment.
func (p page) Action(name string) string {
	q := url.Values{"supplier": {p.Selected}, "lang": {p.Lang}}
	return p.Base + consolePrefix + name + "?" + q.Encode()
}

// Important is the operation whose answer the first button loses.
func (p page) Important() string { return important[p.Selected] }

// Title is the name of the selected supplier.
func (p page) Title() string { return titles[p.Selected] }

const mostShown = 100 // bookings or calls

func (s *Sandbox) page(t target) page {
	q := t.request.URL.Query()
	p := page{Lang: language(t.request), Base: t.base, Run: t.run.name, Now: t.run.Now(), Selected: Regionbilet}
	if slices.Contains(Suppliers(), q.Get("supplier")) {
		p.Selected = q.Get("supplier")
	}
	states := t.run.State()
	p.Faults = t.run.Faults()
	for _, name := range Suppliers() {
		of := tile{Name: name, Title: titles[name]}
		if state, ok := states[name]; ok {
			of.Bookings, of.Money, of.SoldOut = len(state.Bookings), state.Money, state.SoldOut
			for _, b := range state.Bookings {
				if b.Status == record.Held {
					of.Held++
				}
			}
		}
		for _, f := range p.Faults {
			if f.Supplier == name {
				of.Faults++
			}
		}
		p.Tiles = append(p.Tiles, of)
	}
	p.State, p.HasState = states[p.Selected]
	for _, b := range slices.Backward(p.State.Bookings) {
		if len(p.Bookings) == mostShown {
			break
		}
		p.Bookings = append(p.Bookings, b)
	}
	p.Operations, p.Expires = t.run.suppliers[p.Selected].operations, t.run.suppliers[p.Selected].expire != nil
	for _, k := range kinds {
		p.Kinds = append(p.Kinds, k.name)
	}
	all := t.run.Calls()
	slices.Reverse(all)
	p.Calls = all[:min(len(all), mostShown)]
	scheme := "http"
	if t.request.TLS != nil {
		scheme = "https"
	}
	p.Environment = Environment(scheme+"://"+t.request.Host, t.run.name, "")
	return p
}

// console answers requests for the console.
func (s *Sandbox) console(w http.ResponseWriter, t target) {
	r := t.request
	name, isConsole := strings.CutPrefix(t.path, consolePrefix)
	asset, isAsset := strings.CutPrefix(t.path, "/sandbox/assets/")
	kind, known := map[string]string{
		"console.css": "text/css; charset=utf-8", "console.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml",
	}[asset]
	switch {
	case t.path == "/" && isRead(r):
		s.render(w, "page", s.page(t))
	case isConsole && name == "state" && isRead(r):
		s.render(w, "state", s.page(t))
	case isConsole && name == "events" && isRead(r):
		s.events(w, t, liveCall(language(r)))
	case isConsole && r.Method == http.MethodPost:
		s.act(w, t, name)
	case isAsset && known && isRead(r):
		text, err := web.ReadFile("web/" + asset)
		if err != nil {
			writeError(w, err)
			return
		}
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write(text)
	case t.path == "/" || isConsole:
		writeError(w, &apiError{http.StatusMethodNotAllowed, "this method has no meaning here"})
	default:
		writeError(w, &apiError{http.StatusNotFound, "there is no such path; suppliers are below " + strings.Join(Suppliers()[:5], "/, ") + "/, the control API below " + apiPrefix})
	}
}

func (s *Sandbox) render(w http.ResponseWriter, name string, p page) {
	var b bytes.Buffer
	if err := templates[p.Lang].ExecuteTemplate(&b, name, p); err != nil {
		writeError(w, &apiError{http.StatusInternalServerError, err.Error()})
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", p.Lang)
	_, _ = w.Write(b.Bytes())
}

// liveCall writes a call as an event whose data is HTML.
func liveCall(lang string) func(event) string {
	return func(e event) string {
		switch {
		case e.cleared:
			return "event: cleared\ndata: -\n\n"
		case e.call == nil:
			return "event: changed\ndata: -\n\n"
		}
		var b bytes.Buffer
		if templates[lang].ExecuteTemplate(&b, "call", *e.call) != nil {
			return ""
		}
		return "event: call\ndata: " + strings.Join(strings.Split(strings.TrimSpace(b.String()), "\n"), "\ndata: ") + "\n\n"
	}
}

// act carries out a form of the console and goes back to it.
func (s *Sandbox) act(w http.ResponseWriter, t target, name string) {
	r := t.request
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		writeError(w, &apiError{http.StatusUnsupportedMediaType, "the console sends forms; programs use " + apiPrefix})
		return
	}
	body, err := readBody(r, 64<<10)
	var form url.Values
	if err == nil {
		if form, err = url.ParseQuery(string(body)); err != nil {
			err = badRequest("the form cannot be read")
		}
	}
	if err == nil {
		err = t.run.act(name, form)
	}
	if err != nil {
		writeError(w, err)
		return
	}
	if r.Header.Get("Accept") == "text/plain" { // sent by the script, which shows the new state by itself
		w.WriteHeader(http.StatusNoContent)
		return
	}
	selected := r.URL.Query().Get("supplier")
	if !slices.Contains(Suppliers(), selected) {
		selected = Regionbilet
	}
	http.Redirect(w, r, page{Base: t.base}.Link(selected, language(r)), http.StatusSeeOther)
}

func (r *Run) act(name string, form url.Values) error {
	supplier := form.Get("supplier")
	switch name {
	case "fault":
		i := slices.IndexFunc(kinds, func(k struct {
			name  string
			fault Fault
		},
		) bool {
			return k.name == form.Get("kind")
		})
		if i < 0 {
			return badRequest("there is no such fault")
		}
		f := kinds[i].fault
		f.Supplier, f.Op = supplier, form.Get("op")
		_, err := r.Inject(f)
		return err
	case "remove-fault":
		r.RemoveFault(form.Get("id")) // it may have applied in the meantime
		return nil
	case "advance":
		d, err := duration(strings.TrimSpace(form.Get("by")))
		if err != nil {
			return err
		}
		return r.Advance(d)
	case "expire":
		return r.Expire(supplier)
	case "sold-out":
		return r.SetSoldOut(supplier, form.Get("sold_out") == "true")
	case "clear":
		r.ClearCalls()
		return nil
	case "reset":
		return r.Reset()
	default:
		return &apiError{http.StatusNotFound, "there is no such form"}
	}
}

// language chooses Russian or English.
func language(r *http.Request) string {
	if lang := r.URL.Query().Get("lang"); lang == "ru" || lang == "en" {
		return lang
	}
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		switch tag := strings.ToLower(strings.TrimSpace(part)); {
		case strings.HasPrefix(tag, "ru"):
			return "ru"
		case strings.HasPrefix(tag, "en"):
			return "en"
		}
	}
	return "en"
}

// row is a row of seats.
type row struct {
	Name  string
	Seats []record.Seat
}

// part is lines of a document that all hold personal data, or none.
type part struct {
	Text     string
	Personal bool
}

// parts cuts a document into parts.
func parts(d record.Document) (all []part) {
	const most = 400 // lines
	n := 0
	for text := range strings.Lines(d.Text) {
		if n == most {
			return append(all, part{Text: "…"})
		}
		_, isPersonal := slices.BinarySearch(d.Personal, n)
		if len(all) == 0 || all[len(all)-1].Personal != isPersonal {
			all = append(all, part{Personal: isPersonal})
		}
		all[len(all)-1].Text += text
		n++
	}
	return all
}

var templates = map[string]*template.Template{"en": parse("en"), "ru": parse("ru")}

func parse(lang string) *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{
		"t": func(key string) string {
			if w, ok := words[key]; ok {
				return w[map[string]int{"en": 0, "ru": 1}[lang]]
			}
			return key
		},
		"money": amount,
		"clock": func(at time.Time) string { return at.In(moscow).Format("15:04:05") },
		"day":   func(at time.Time) string { return at.In(moscow).Format("02.01.2006 15:04:05") },
		"left": func(now, until time.Time) string {
			d := max(until.Sub(now), 0).Truncate(time.Second)
			return fmt.Sprintf("%d:%02d", int(d.Minutes()), int(d.Seconds())%60)
		},
		"rows": func(seats []record.Seat) (rows []row) {
			for _, s := range seats {
				if len(rows) == 0 || rows[len(rows)-1].Name != s.Row {
					rows = append(rows, row{Name: s.Row})
				}
				rows[len(rows)-1].Seats = append(rows[len(rows)-1].Seats, s)
			}
			return rows
		},
		"parts": parts,
		"title": func(supplier string) string { return titles[supplier] },
		"key":   func(parts ...string) string { return strings.ReplaceAll(strings.Join(parts, "-"), " ", "_") },
		"taken": func(seats []record.Seat) bool {
			return slices.ContainsFunc(seats, func(s record.Seat) bool { return s.Status != record.Free })
		},
		"counted": func(n int) string { return words[countForm(lang, n)][map[string]int{"en": 0, "ru": 1}[lang]] },
		"effect":  effect,
		"anyOp":   func(op string) string { return cmp.Or(op, "*") },
		"shorten": shorten,
	}).ParseFS(web, "web/*.html"))
}

// countForm is the word for bookings that goes with a number.
func countForm(lang string, n int) string {
	switch {
	case lang == "en" && n == 1, lang == "ru" && n%10 == 1 && n%100 != 11:
		return "bookings-one"
	case lang == "ru" && n%10 >= 2 && n%10 <= 4 && (n%100 < 12 || n%100 > 14):
		return "bookings-few"
	default:
		return "bookings-many"
	}
}

// moscow is the zone in which the console shows times.
var moscow = time.FixedZone("MSK", 3*60*60)

// amount writes an amount with spaces between thousands.
func amount(d decimal.Decimal) string {
	text := d.StringFixed(2)
	for i := len(text) - len(".00") - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "\u202f" + text[i:]
	}
	return text
}

// shorten leaves out the middle of a long id.
func shorten(id string) string {
	const most, begin, end = 26, 18, 6
	if len(id) <= most {
		return id
	}
	return id[:begin] + "…" + id[len(id)-end:]
}

// effect is the kind of a fault in a word of the dictionary.
func effect(f Fault) string {
	switch {
	case f.Refuse:
		return "refuse"
	case f.Drop && f.Processed:
		return "lose"
	case f.Drop:
		return "lose-before"
	case f.Reject:
		return "reject"
	case f.Status != 0 || f.Body != "":
		return "error"
	case f.Cut > 0:
		return "cut"
	default:
		return "delay"
	}
}

// Steps are by how much the clock can be moved on.
func (page) Steps() []string { return []string{"1m", "5m", "20m", "24h"} }

// First is the place in Environment of the address of the selected supplier.
func (p page) First() int {
	return max(slices.IndexFunc(p.Environment, func(v string) bool {
		return strings.HasPrefix(v, strings.ToUpper(p.Selected)+"_URL=")
	}), 0)
}
