package bgoperator

import (
	"bytes"
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

	"github.com/rutravel/rutravel-go/internal/wire"
)

// The limits of an answer: the tree of one may take many times its length.
const (
	maxLength     = 8 << 20 // bytes
	maxDepth      = 32      // of elements; the manual's have six
	maxElements   = 1 << 18
	maxAttributes = 1 << 19
	maxTag        = 16 << 10 // bytes of a start tag
	maxTagAttrs   = 32       // the manual's have seven
)

// element is an element of an answer.
type element struct {
	name     string
	parent   *element
	attrs    []xml.Attr
	text     []byte // its own character data, as it came; of no use beside children
	children []*element
	raw      string // from its first < to its last >, as it came; only of a flight
	cut      bool   // the document breaks off inside of it
	repaired bool   // the document was not UTF-8: what is U+FFFD now may have been anything
}

// parse reads the one element that an answer must consist of. It is strict, but
// for one thing: the manual's sample closes <variant> with </roommeal>, and so
// may the supplier. encoding/xml's Strict = false would read that, too, and
// silently lose what follows.
//
// Beside an error it returns what was whole by then, nil if nothing was: an
// answer that breaks off may have said before that a tour was booked.
func parse(body []byte) (*element, error) {
	if len(body) > maxLength {
		return nil, &wire.Error{Problem: "too long an answer"}
	}
	body = wire.TrimMarks(body)
	repaired := !utf8.Valid(body)
	if repaired {
		// One bad byte in a name must not make a paid answer unreadable.
		body = bytes.ToValidUTF8(body, []byte("\ufffd"))
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, &wire.Error{Problem: "empty answer", Malformed: true}
	}
	p := parser{body: body, repaired: repaired, xml: xml.NewDecoder(bytes.NewReader(body))}
	for {
		start := p.xml.InputOffset()
		if err := p.fits(start); err != nil {
			return p.rest(), err
		}
		// RawToken leaves it to us to hold end tags against start tags.
		token, err := p.xml.RawToken()
		if errors.Is(err, io.EOF) && p.top == nil && p.root != nil {
			return p.root, nil
		}
		if err != nil {
			return p.rest(), p.syntax(err)
		}
		if err = p.take(token, start); err != nil {
			return p.rest(), err
		}
	}
}

type parser struct {
	body                 []byte
	repaired             bool
	xml                  *xml.Decoder
	root, top            *element // top is the innermost element that is open
	starts               []int64
	elements, attributes int
}

// fits checks the start tag that stands at a place, if one does, before the
// decoder makes a list of all its attributes.
func (p *parser) fits(start int64) error {
	tag := p.body[start:]
	if len(tag) < 2 || tag[0] != '<' || strings.IndexByte("/!?", tag[1]) >= 0 {
		return nil
	}
	var (
		quote byte // that a value ends with
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
	return nil // the decoder says that it is cut
}

func (p *parser) take(token xml.Token, start int64) error {
	switch t := token.(type) {
	case xml.StartElement:
		p.elements++
		p.attributes += len(t.Attr)
		switch {
		case p.top == nil && p.root != nil:
			return p.malformed("text after the answer")
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
		if p.top == nil || name(t.Name) != p.top.name && !misprint(p.top, t) {
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
		return p.malformed("a directive")
	}
	return nil
}

// rest returns what is whole of a document that breaks off: the elements that
// were closed, in those that were not.
func (p *parser) rest() *element {
	for e := p.top; e != nil; e = e.parent {
		e.cut = true
		switch {
		case len(e.children) > 0:
		case e.parent == nil:
			return nil
		default: // its parent's last, for it is open
			e.parent.children = e.parent.children[:len(e.parent.children)-1]
		}
	}
	return p.root
}

// misprint reports whether an end tag is the one that the manual's sample has
// by mistake: <variant …>…</roommeal>.
func misprint(e *element, end xml.EndElement) bool {
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

// syntax makes an error of what the XML decoder said, which may quote the text.
func (p *parser) syntax(err error) error {
	if s, ok := errors.AsType[*xml.SyntaxError](err); errors.Is(err, io.EOF) || ok && s.Msg == "unexpected EOF" {
		return p.malformed("cut short")
	}
	line, _ := p.xml.InputPos()
	return p.malformed("broken in line " + strconv.Itoa(line))
}

// path says where an element stands: "tours/tour/sum".
func (e *element) path() string {
	if e.parent == nil {
		return e.name
	}
	return e.parent.path() + "/" + e.name
}

// find returns the first element below e that has one of the names, or nil.
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

// place is the path of an element or, by its name, of an attribute.
func (e *element) place(attr string) string {
	if attr == "" {
		return e.path()
	}
	return e.path() + "@" + attr
}

// reader remembers the first value of an answer that is not what it should be.
// The others are still read: an answer that says a tour was booked is worth
// more than its worst field.
type reader struct {
	bad *wire.Error
}

func (r *reader) fail(path, problem string) {
	if r.bad == nil {
		r.bad = &wire.Error{Path: path, Problem: problem}
	}
}

func (r *reader) err() error {
	if r.bad == nil {
		return nil
	}
	return r.bad
}

// value returns an element's text without the spaces around it.
func (r *reader) value(e *element) string {
	if len(e.children) > 0 {
		r.fail(e.path(), "want a text")
		return ""
	}
	return string(bytes.TrimSpace(e.text))
}

// attr returns an attribute's value without the spaces around it; "" if it is
// missing.
func (e *element) attr(name string) string { return strings.TrimSpace(e.rawAttr(name)) }

// rawAttr returns an attribute's value as it came.
func (e *element) rawAttr(name string) string {
	for _, a := range e.attrs {
		if a.Name.Space == "" && a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// verbatim checks what is to go back as it came: it cannot if it was repaired.
func (r *reader) verbatim(e *element, attr, value string) {
	if e.repaired && strings.ContainsRune(value, utf8.RuneError) {
		r.fail(e.place(attr), "is not UTF-8, and could not go back unchanged")
	}
}

// scalar returns the value of an element or, by its name, of an attribute.
func (r *reader) scalar(e *element, attr string) string {
	if attr == "" {
		return r.value(e)
	}
	return e.attr(attr)
}

// id reads an identifier out of an element or, by its name, an attribute: one
// that a booking or a cancellation can depend on.
func id[T ~string](r *reader, e *element, attr string, p *T) {
	value := r.scalar(e, attr)
	switch {
	case value == "" || value == "0" || strings.ContainsFunc(value, unicode.IsSpace):
		r.fail(e.place(attr), "want an id")
	case *p != "" && *p != T(value):
		r.fail(e.place(attr), "want one id, got several")
	default:
		*p = T(value)
	}
}

// amount reads an amount of money, with its digits.
func (r *reader) amount(e *element, attr string, p *decimal.NullDecimal) {
	v, ok := wire.ParseDecimal(r.scalar(e, attr))
	if !ok {
		r.fail(e.place(attr), "want a decimal number")
		return
	}
	*p = decimal.NewNullDecimal(v)
}

func (r *reader) date(e *element, p *civil.Date) {
	d, ok := wire.ParseDate(wire.DMY, r.value(e))
	if !ok {
		r.fail(e.path(), "want a date")
		return
	}
	*p = d
}

// echo checks that the answer speaks of what was asked for.
func (r *reader) echo(e *element, attr, asked string) {
	if e.attr(attr) != asked {
		r.fail(e.place(attr), "is not what was asked for")
	}
}

// writer writes a request: compact, without a prolog, in the manual's case.
type writer struct {
	text []byte
}

// attr is an attribute of an element that is written.
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

// leaf writes an element that holds a text.
func (w *writer) leaf(name, text string, attrs ...attr) {
	w.open(name, attrs...)
	w.text = append(w.text, escapedText.Replace(text)...)
	w.close(name)
}

// verbatim writes what is XML already.
func (w *writer) verbatim(text string) { w.text = append(w.text, text...) }

// Not xml.EscapeText: what must go back unchanged keeps its quotes.
var (
	escapedText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	escapedAttr = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;",
		"\t", "&#9;", "\n", "&#10;", "\r", "&#13;") // or they would be read as spaces
)
