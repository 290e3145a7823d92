package bgoperator

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// The limits of an answer. Its tree may need many times its length.
const (
	maxLength     = 8 << 20 // bytes
	maxDepth      = 32      // nested elements; the manual's answers have six
	maxElements   = 1 << 18
	maxAttributes = 1 << 19
	maxTag        = 16 << 10 // bytes of a start tag
	maxTagAttrs   = 32       // attributes of an element; the manual's answers have seven
)

// element is an element of an answer.
type element struct {
	name      string
	parent    *element
	attrs     []xml.Attr
	text      []byte // its character data, unchanged; without meaning if there are children
	children  []*element
	raw       string // from its first < to its last >, unchanged; only of a flight
	truncated bool   // the document ends inside the element
	repaired  bool   // the document was not UTF-8: U+FFFD replaces the invalid bytes
}

// parse reads an answer, which must be one element. It is strict with one exception: the
// manual's sample closes <variant> with </roommeal>, and the supplier may do the same.
// encoding/xml with Strict = false accepts this as well, but silently loses the text after
// it.
//
// UTF-8 is read whatever the prolog says. A DOCTYPE without definitions is skipped. With
// definitions, the answer is refused, and none of them is carried out.
//
// With an error, parse returns the elements that were complete before it, or nil. An
// answer that is cut off may already say that a tour was booked.
func parse(body []byte) (*element, error) {
	if len(body) > maxLength {
		return nil, &wire.Error{Problem: "too long an answer"}
	}
	body = skipProlog(wire.TrimMarks(body))
	repaired := !utf8.Valid(body)
	if repaired {
		// One bad byte in a name must not make the answer to a booking unreadable.
		body = bytes.ToValidUTF8(body, []byte("\ufffd"))
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, &wire.Error{Problem: "empty answer", Malformed: true}
	}
	p := parser{body: body, repaired: repaired, xml: xml.NewDecoder(bytes.NewReader(body))}
	for {
		start := p.xml.InputOffset()
		if err := p.checkTag(start); err != nil {
			return p.completed(), err
		}
		// RawToken does not compare end tags with start tags; add does.
		token, err := p.xml.RawToken()
		if errors.Is(err, io.EOF) && p.top == nil && p.root != nil {
			return p.root, p.refused
		}
		if err != nil {
			return p.completed(), p.syntax(err)
		}
		if err = p.add(token, start); err != nil {
			return p.completed(), err
		}
	}
}

// skipProlog returns a document without its <?xml …?>, because the decoder refuses versions
// and encodings that it does not know.
func skipProlog(body []byte) []byte {
	rest, found := bytes.CutPrefix(body, []byte("<?xml"))
	if !found || len(rest) == 0 || !unicode.IsSpace(rune(rest[0])) && rest[0] != '?' {
		return body
	}
	if _, rest, found = bytes.Cut(rest, []byte("?>")); found {
		return rest
	}
	return body // cut off: the decoder reports it
}

type parser struct {
	body                 []byte
	repaired             bool
	doctype              string // the root element that a DOCTYPE announces
	refused              error  // a DOCTYPE with definitions; nil if there is none
	xml                  *xml.Decoder
	root, top            *element // top is the innermost open element
	starts               []int64
	elements, attributes int
}

// checkTag checks the size of a start tag at an offset before the decoder makes a list of
// all its attributes.
func (p *parser) checkTag(start int64) error {
	tag := p.body[start:]
	if len(tag) < 2 || tag[0] != '<' || strings.IndexByte("/!?", tag[1]) >= 0 {
		return nil
	}
	var (
		quote byte // the quote that ends the current value
		attrs int
	)
	for i, c := range tag {
		switch {
		case i == maxTag || attrs > maxTagAttrs:
			return p.malformed("too long a tag")
		case c == quote:
			quote = 0
		case quote != 0:
		case c == '"' || c == '\'':
			quote = c
			attrs++
		case c == '>':
			return nil
		}
	}
	return nil // cut off: the decoder reports it
}

// add adds a token to the tree.
func (p *parser) add(token xml.Token, start int64) error {
	switch t := token.(type) {
	case xml.StartElement:
		p.elements++
		p.attributes += len(t.Attr)
		switch {
		case p.top == nil && p.root != nil:
			return p.malformed("text after the answer")
		case p.root == nil && p.doctype != "" && p.doctype != name(t.Name):
			return p.malformed("a DOCTYPE of another document")
		case len(p.starts) == maxDepth || p.elements > maxElements || p.attributes > maxAttributes:
			return p.malformed("too many elements")
		}
		for i, a := range t.Attr {
			if slices.ContainsFunc(t.Attr[:i], func(o xml.Attr) bool { return o.Name == a.Name }) {
				return p.malformed("an attribute that is there twice")
			}
		}
		e := &element{name: name(t.Name), parent: p.top, attrs: t.Attr, repaired: p.repaired}
		if p.top == nil {
			p.root = e
		} else {
			p.top.children = append(p.top.children, e)
		}
		p.top, p.starts = e, append(p.starts, start)
	case xml.EndElement:
		if p.top == nil || name(t.Name) != p.top.name && !isMisprint(p.top, t) {
			return p.malformed("an end tag that closes nothing")
		}
		last := len(p.starts) - 1
		if p.top.name == "flight" && (p.top.parent == nil || p.top.path() == "tours/flights/flight") {
			p.top.raw = string(p.body[p.starts[last]:p.xml.InputOffset()])
		}
		p.top, p.starts = p.top.parent, p.starts[:last]
	case xml.CharData:
		switch {
		case p.top != nil:
			p.top.text = append(p.top.text, t...)
		case len(bytes.TrimSpace(t)) > 0:
			return p.malformed("text outside of the answer")
		}
	case xml.Directive:
		words := strings.Fields(string(t))
		if p.root != nil || p.doctype != "" || len(words) < 2 || words[0] != "DOCTYPE" {
			return p.malformed("a directive")
		}
		p.doctype = words[1]
		if len(words) > 2 || strings.ContainsAny(p.doctype, "[\"'") {
			p.doctype, _, _ = strings.Cut(p.doctype, "[")
			p.refused = p.malformed("a DOCTYPE with definitions")
		}
	}
	return nil
}

// completed returns the complete part of a document that is cut off: the closed elements,
// inside the elements that are still open.
func (p *parser) completed() *element {
	for e := p.top; e != nil; e = e.parent {
		e.truncated = true
		switch {
		case len(e.children) > 0:
		case e.parent == nil:
			return nil
		default: // an open element is the last of its parent
			e.parent.children = e.parent.children[:len(e.parent.children)-1]
		}
	}
	return p.root
}

// isMisprint reports whether an end tag has the mistake of the manual's sample:
// <variant …>…</roommeal>.
func isMisprint(e *element, end xml.EndElement) bool {
	return e.name == "variant" && name(end.Name) == "roommeal"
}

func name(n xml.Name) string {
	if n.Space != "" {
		return n.Space + ":" + n.Local
	}
	return n.Local
}

func (p *parser) malformed(problem string) error {
	path := ""
	if p.top != nil {
		path = p.top.path()
	}
	return &wire.Error{Path: path, Problem: "not XML: " + problem, Malformed: true}
}

// syntax replaces the error of the XML decoder, which may quote the answer.
func (p *parser) syntax(err error) error {
	if s, ok := errors.AsType[*xml.SyntaxError](err); errors.Is(err, io.EOF) || ok && s.Msg == "unexpected EOF" {
		return p.malformed("cut short")
	}
	line, _ := p.xml.InputPos()
	return p.malformed("broken in line " + strconv.Itoa(line))
}

// path returns the path of an element: "tours/tour/sum".
func (e *element) path() string {
	if e.parent == nil {
		return e.name
	}
	return e.parent.path() + "/" + e.name
}

// find returns the first element below e with one of the names, or nil.
func (e *element) find(names ...string) *element {
	for _, c := range e.children {
		if slices.Contains(names, c.name) {
			return c
		}
		if found := c.find(names...); found != nil {
			return found
		}
	}
	return nil
}

// valuePath returns the path of an attribute, or of the element if attr is "".
func (e *element) valuePath(attr string) string {
	if attr == "" {
		return e.path()
	}
	return e.path() + "@" + attr
}

// value is the value of an attribute or, if attr is "", of an element.
type value struct {
	e    *element
	attr string
}

func (v value) path() string { return v.e.valuePath(v.attr) }

// attr returns an attribute's value without the spaces around it; "" if it is
// missing.
func (e *element) attr(name string) string { return strings.TrimSpace(e.rawAttr(name)) }

// rawAttr returns an attribute's value unchanged.
func (e *element) rawAttr(attr string) string {
	for _, a := range e.attrs {
		if name(a.Name) == attr {
			return a.Value
		}
	}
	return ""
}

// all returns the children with a name.
func (e *element) all(name string) []*element {
	return slices.DeleteFunc(slices.Clone(e.children), func(c *element) bool { return c.name != name })
}

// reader reads values and keeps the first failure. It continues after a failure: if one
// field is wrong, the others may still say that a tour was booked.
type reader struct {
	bad      *wire.Error
	rows     []rutravel.RowError
	warnings []rutravel.Warning
}

func (r *reader) fail(path, problem string) {
	if r.bad == nil {
		r.bad = &wire.Error{Path: path, Problem: problem}
	}
}

// err returns the first failure or, if there is none, the rows that could not be
// read.
func (r *reader) err() error {
	switch {
	case r.bad != nil:
		return r.bad
	case r.rows != nil:
		return &rutravel.RowsError{Rows: r.rows}
	}
	return nil
}

// separately reads a value and returns its failure, which does not become a failure of r.
func (r *reader) separately(read func()) (bad *wire.Error) {
	before := r.bad
	r.bad = nil
	read()
	bad, r.bad = r.bad, before
	return bad
}

// minor reads a minor value. If it cannot be read, there is a warning.
func (r *reader) minor(read func()) {
	if bad := r.separately(read); bad != nil {
		r.warn(bad, "")
	}
}

// mostWarnings bounds the warnings of one answer.
const mostWarnings = 100

func (r *reader) warn(bad *wire.Error, id string) {
	if len(r.warnings) < mostWarnings {
		r.warnings = append(r.warnings, rutravel.Warning{Path: bad.Path, ID: id, Problem: bad.Problem})
	}
}

// fields reads the attributes and children of an element. The name of an attribute begins
// with @. essential has the names of the essential values, which must all be present unless
// the name ends in ?. If another value cannot be read, there is a warning.
func (r *reader) fields(e *element, field func(name string, v value), essential ...string) {
	var seen []string
	read := func(name string, v value) {
		seen = append(seen, name)
		if slices.Contains(essential, name) || slices.Contains(essential, name+"?") {
			field(name, v)
		} else {
			r.minor(func() { field(name, v) })
		}
	}
	for _, a := range e.attrs {
		read("@"+name(a.Name), value{e, name(a.Name)})
	}
	for _, c := range e.children {
		read(c.name, value{c, ""})
	}
	for _, n := range essential {
		if attr, ok := strings.CutPrefix(n, "@"); !strings.HasSuffix(n, "?") && !slices.Contains(seen, n) {
			if ok {
				r.fail(e.valuePath(attr), "missing")
			} else {
				r.fail(e.path()+"/"+n, "missing")
			}
		}
	}
}

// rows reads a list of existing things, such as tourists. Rows that cannot be read stay in
// *p as far as they were read, and err returns a [*rutravel.RowsError] with them. id returns
// the supplier's id of a row.
func rows[T any](r *reader, all []*element, p *[]T, decode func(*T, *reader, *element), id func(*T) string) {
	for _, e := range all {
		v, bad := row(r, e, decode, id)
		if bad != nil {
			r.rows = append(r.rows, rutravel.RowError{Index: len(*p), ID: id(&v), Problem: bad.Error()})
		}
		*p = append(*p, v)
	}
}

// offers reads a list of offers, such as flights. Rows that cannot be read are left out with
// a warning. If no row can be read, this is a failure of the list.
func offers[T any](r *reader, all []*element, p *[]T, decode func(*T, *reader, *element), id func(*T) string) {
	var first *wire.Error
	for _, e := range all {
		v, bad := row(r, e, decode, id)
		if bad == nil {
			*p = append(*p, v)
			continue
		}
		r.warn(bad, id(&v))
		first = cmp.Or(first, bad)
	}
	if first != nil && len(*p) == 0 {
		r.fail(first.Path, first.Problem)
	}
}

// row reads a row and returns its failure, which does not become a failure of r.
func row[T any](r *reader, e *element, decode func(*T, *reader, *element), id func(*T) string) (v T, bad *wire.Error) {
	before := len(r.warnings)
	bad = r.separately(func() { decode(&v, r, e) })
	for i := before; i < len(r.warnings); i++ {
		r.warnings[i].ID = cmp.Or(r.warnings[i].ID, id(&v))
	}
	return v, bad
}

// text returns a value without the spaces around it.
func (r *reader) text(v value) string {
	switch {
	case v.attr != "":
		return v.e.attr(v.attr)
	case len(v.e.children) > 0:
		r.fail(v.path(), "want a text")
		return ""
	}
	return string(bytes.TrimSpace(v.e.text))
}

// checkUnchanged checks a value that is sent back unchanged. It fails if the value was
// repaired.
func (r *reader) checkUnchanged(v value, text string) {
	if v.e.repaired && strings.ContainsRune(text, utf8.RuneError) {
		r.fail(v.path(), "is not UTF-8, so it could not be sent back unchanged")
	}
}

// id reads an id. An id in which bytes had to be replaced is unreadable, because it would
// name something else.
func id[T ~string](r *reader, v value, p *T) {
	text := r.text(v)
	switch {
	case text == "" || text == "0" || strings.ContainsFunc(text, unicode.IsSpace) || strings.ContainsRune(text, utf8.RuneError):
		r.fail(v.path(), "want an id")
	case *p != "" && *p != T(text):
		r.fail(v.path(), "want one id, got several")
	default:
		*p = T(text)
	}
}

// amount reads an amount of money and keeps its decimal places.
func (r *reader) amount(v value, p *decimal.NullDecimal) {
	d, ok := wire.ParseDecimal(r.text(v))
	if !ok || d.IsNegative() {
		r.fail(v.path(), "want a decimal number that is not negative")
		return
	}
	*p = decimal.NewNullDecimal(d)
}

func (r *reader) date(v value, p *civil.Date) {
	d, ok := wire.ParseDate(wire.DMY, r.text(v))
	if !ok {
		r.fail(v.path(), "want a date")
		return
	}
	*p = d
}

// checkEcho checks that an attribute has the value of the request.
func (r *reader) checkEcho(e *element, attr, asked string) {
	if e.attr(attr) != asked {
		r.fail(e.valuePath(attr), "differs from the request")
	}
}

// writer writes a request: compact, without a prolog, in the manual's case.
type writer struct {
	text []byte
}

// attr is an attribute to write.
type attr struct{ name, value string }

// open begins an element.
func (w *writer) open(name string, attrs ...attr) {
	w.text = append(append(w.text, '<'), name...)
	for _, a := range attrs {
		w.text = append(append(append(w.text, ' '), a.name...), '=', '"')
		w.text = append(append(w.text, escapedAttr.Replace(a.value)...), '"')
	}
	w.text = append(w.text, '>')
}

// close ends an element.
func (w *writer) close(name string) {
	w.text = append(append(append(w.text, '<', '/'), name...), '>')
}

// leaf writes an element with a text.
func (w *writer) leaf(name, text string, attrs ...attr) {
	w.open(name, attrs...)
	w.text = append(w.text, escapedText.Replace(text)...)
	w.close(name)
}

// raw writes XML.
func (w *writer) raw(text string) { w.text = append(w.text, text...) }

// xml.EscapeText is not used, because it escapes quotes in values that must be sent back
// unchanged.
var (
	escapedText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	escapedAttr = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;",
		"\t", "&#9;", "\n", "&#10;", "\r", "&#13;") // unescaped, they would be read as spaces
)
