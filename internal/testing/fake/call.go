package fake

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rutravel/rutravel-go/sandbox/record"
)

// secret are the names of fields that hold credentials, in requests and answers.
var secret = []string{"skey", "token", "authorization", "password", "pwd", "login", "guid", "verification_code"}

// personal are the names of fields that hold personal data. Digits at the end of
// a name do not count.
var personal = []string{
	"surname", "first_name", "middle_name", "dob", "value_doc", "user_phone", // Regionbilet
	"firstname", "middlename", "birthday", "passports", "passportn", "passportdate", "passport_ser", "passport_num",
	"passport_date", "tel", "main_tourist", "tourist_name", "fname", "sname", // Multitour
	"lastname", "passportseries", "passportnumber", "passporttill", "email", "phone", // Biblio-Globus
	"user_id", // Mosbilet
	"patronymic", "surname_e", "name_e", "patronymic_e", "surname_eng", "name_eng", "patronymic_eng", "mobile_phone",
	"mobilephone", "number", "document_numbers", "traveller", "username",
}

// people are members whose objects have the name of a person in "name".
var people = []string{"customer", "user_data", "travellers", "employees", "tourists", "persons", "creator", "result"}

// limit is how many bytes of a document are kept.
const limit = 64 << 10

const masked = "•••"

// call describes what became of a request.
func (f Fault) call(op string, r Request, a Answer, err error) record.Call {
	c := record.Call{
		Time: time.Now(), Op: op, Method: r.Method, Path: r.URL.Path, Processed: !f.Refuse && f.processes(),
		Request: request(r), Outcome: record.Answered,
	}
	switch {
	case f.Refuse:
		c.Outcome = record.Refused
		return c
	case err != nil:
		c.Outcome, c.Processed = record.Left, c.Processed && !f.Late
	case f.Drop:
		c.Outcome = record.Lost
	case f.Cut > 0:
		c.Outcome = record.Cut
	case f.instead():
		c.Outcome = record.Replaced
	case f.Reject:
		c.Outcome = record.Rejected
	}
	if c.Processed || f.instead() {
		c.Status, c.Answer = a.Status, Print(unpacked(a))
	}
	return c
}

func unpacked(a Answer) []byte {
	if a.Header.Get("Content-Encoding") != "gzip" {
		return a.Body
	}
	z, err := gzip.NewReader(bytes.NewReader(a.Body))
	if err != nil {
		return a.Body
	}
	text, err := io.ReadAll(io.LimitReader(z, 16*limit))
	if err != nil {
		return a.Body
	}
	return text
}

// request prints the query and the body of a request.
func request(r Request) record.Document {
	var p printer
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		p.line(false, "(a query that cannot be read)")
	} else {
		p.query(r.URL.RawQuery, query)
	}
	switch form := strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded"); {
	case form && len(r.Text) > 0:
		p.line(false, "(a form with credentials)")
	default:
		p.body(r.Text)
	}
	return p.document(len(r.URL.RawQuery) + len(r.Text))
}

// Print prints a JSON or XML document with one field on each line, without
// credentials. What looks like JSON and cannot be read is not printed, because
// credentials in it could not be found.
func Print(body []byte) record.Document {
	var p printer
	p.body(body)
	return p.document(len(body))
}

// printer prints documents, line by line.
type printer struct {
	b        strings.Builder
	lines    int
	personal []int
}

func (p *printer) line(isPersonal bool, text string) {
	if p.b.Len() > limit {
		return
	}
	for part := range strings.SplitSeq(text, "\n") {
		if len(part) > limit {
			part = part[:limit] + "…"
		}
		p.b.WriteString(strings.ToValidUTF8(part, "�") + "\n")
		if isPersonal {
			p.personal = append(p.personal, p.lines)
		}
		p.lines++
	}
}

func (p *printer) document(length int) record.Document {
	if p.b.Len() > limit {
		p.b.WriteString("…\n")
	}
	return record.Document{Text: p.b.String(), Personal: p.personal, Bytes: length}
}

// query prints each parameter on a line, in the order of the query.
func (p *printer) query(raw string, query url.Values) {
	for pair := range strings.SplitSeq(raw, "&") {
		name, _, _ := strings.Cut(pair, "=")
		name, _ = url.QueryUnescape(name) // it was read before
		values := query[name]
		if len(values) == 0 {
			continue
		}
		query[name] = values[1:]
		value := values[0]
		if isOneOf(secret, name) {
			value = masked
		}
		p.line(isOneOf(personal, name), name+" = "+value)
	}
}

func (p *printer) body(body []byte) {
	text := bytes.TrimSpace(body)
	switch {
	case len(text) == 0:
	case json.Valid(text):
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		p.json(d, place{})
	case text[0] == '<' && p.xml(text):
	case strings.ContainsAny(string(text[:1]), `{["`) || !utf8.Valid(text):
		p.line(false, "(a document that cannot be read)")
	default:
		p.line(true, string(text))
	}
}

// place is where a value of a document is.
type place struct {
	indent   string
	name     string // of the member, with its quotes and colon
	personal bool
	secret   bool
	person   bool // the value is a person, or a list of people
}

// json prints the next value of a document, which is valid.
func (p *printer) json(d *json.Decoder, at place) {
	token, err := d.Token()
	if err != nil {
		return
	}
	open, isList := token.(json.Delim)
	if !isList {
		p.value(at, quoted(token), d.More())
		return
	}
	if !d.More() {
		_, _ = d.Token()
		p.value(at, map[json.Delim]string{'{': "{}", '[': "[]"}[open], d.More())
		return
	}
	p.line(false, at.indent+at.name+open.String())
	for d.More() {
		in := place{indent: at.indent + "  ", personal: at.personal, secret: at.secret, person: at.person}
		if open == '{' {
			key, _ := d.Token()
			name, _ := key.(string)
			in.name = quoted(name) + ": "
			in.personal = at.personal || isOneOf(personal, name) || at.person && strings.EqualFold(name, "name")
			in.secret = at.secret || isOneOf(secret, name)
			in.person = isOneOf(people, name)
		}
		p.json(d, in)
	}
	end, _ := d.Token()
	closing, _ := end.(json.Delim)
	p.value(place{indent: at.indent}, closing.String(), d.More())
}

// value prints a value, with a comma if another follows.
func (p *printer) value(at place, text string, comma bool) {
	if at.secret {
		text = `"` + masked + `"`
	}
	if comma {
		text += ","
	}
	p.line(at.personal, at.indent+at.name+text)
}

// quoted writes a value without escaping HTML.
func quoted(value any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(value) // strings, numbers, booleans and null
	return strings.TrimSpace(b.String())
}

// xml prints each element on a line. It reports whether the document could be read.
func (p *printer) xml(text []byte) bool {
	var read printer
	d := xml.NewDecoder(bytes.NewReader(text))
	var open []string
	for {
		start := d.InputOffset()
		token, err := d.Token()
		if err == io.EOF { //nolint:errorlint // itself: the end of the document
			break
		}
		if err != nil {
			return false
		}
		raw := strings.TrimSpace(string(text[start:d.InputOffset()]))
		switch t := token.(type) {
		case xml.StartElement:
			read.line(false, strings.Repeat("  ", len(open))+raw)
			open = append(open, t.Name.Local)
		case xml.EndElement:
			open = open[:len(open)-1]
			read.line(false, strings.Repeat("  ", len(open))+raw)
		case xml.CharData:
			if raw != "" && len(open) > 0 {
				read.line(isOneOf(personal, open[len(open)-1]), strings.Repeat("  ", len(open))+raw)
			}
		default:
			read.line(false, raw)
		}
	}
	p.b.WriteString(read.b.String())
	for _, line := range read.personal {
		p.personal = append(p.personal, p.lines+line)
	}
	p.lines += read.lines
	return true
}

// isOneOf reports whether a name is in a list, whatever its case and the digits at
// its end.
func isOneOf(list []string, name string) bool {
	name = strings.ToLower(strings.TrimRight(name, "0123456789"))
	return slices.Contains(list, name)
}
