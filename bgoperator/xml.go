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
	name      string
	parent    *element
	attrs     []xml.Attr
	text      []byte // its own character data, as it came; meaningless if there are children
	children  []*element
	raw       string // from its first < to its last >, as it came; only of a flight
	truncated bool   // the document ends inside it
	repaired  bool   // the document was not UTF-8: U+FFFD stands for bytes that are lost
}

// parse reads the one element that an answer must consist of. It is strict with
// one exception: the manual's sample closes <variant> with </roommeal>, and the
// supplier may do so. encoding/xml with Strict = false accepts that as well, but
// it silently loses what follows.
//
// With an error, parse returns what was complete before it, or nil: an answer
// that is cut off may already have said that a tour was booked.
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
		if err := p.checkTag(start); err != nil {
			return p.completed(), err
		}
		// RawToken does not compare end tags with start tags; add does.
		token, err := p.xml.RawToken()
		if errors.Is(err, io.EOF) && p.top == nil && p.root != nil {
			return p.root, nil
		}
		if err != nil {
			return p.completed(), p.syntax(err)
		}
		if err = p.add(token, start); err != nil {
			return p.completed(), err
		}
	}
}

type parser struct {
	body                 []byte
	repaired             bool
	xml                  *xml.Decoder
	root, top            *element // top is the innermost open element
	starts               []int64
	elements, attributes int
}

// checkTag checks the size of the start tag at an offset, if there is one, before
// the decoder makes a list of all its attributes.
func (p *parser) checkTag(start int64) error {
	tag := p.body[start:]
	if len(tag) < 2 || tag[0] != '<' || strings.IndexByte("/!?", tag[1]) >= 0 {
		return nil
	}
	var (
		quote byte // that ends the current value
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
		return p.malformed("a directive")
	}
	return nil
}

// completed returns what is complete of a document that is cut off: the closed
// elements, inside those that are still open.
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

// isMisprint reports whether an end tag closes an element as the manual's sample
// does by mistake: <variant …>…</roommeal>.
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

// valuePath returns the path of an attribute, or of the element if attr is "".
func (e *element) valuePath(attr string) string {
	if attr == "" {
		return e.path()
	}
	return e.path() + "@" + attr
}

// reader reads values and keeps the first failure. It goes on after a failure: if
// one field is wrong, the others may still say that a tour was booked.
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

// checkUnchanged checks a value that is sent back as it came. It fails if the
// value was repaired.
func (r *reader) checkUnchanged(e *element, attr, value string) {
	if e.repaired && strings.ContainsRune(value, utf8.RuneError) {
		r.fail(e.valuePath(attr), "is not UTF-8, and could not go back unchanged")
	}
}

// scalar returns the value of an attribute, or of the element if attr is "".
func (r *reader) scalar(e *element, attr string) string {
	if attr == "" {
		return r.value(e)
	}
	return e.attr(attr)
}

// id reads an id from an attribute, or from the element if attr is "". A booking
// or a cancellation can depend on it.
func id[T ~string](r *reader, e *element, attr string, p *T) {
	value := r.scalar(e, attr)
	switch {
	case value == "" || value == "0" || strings.ContainsFunc(value, unicode.IsSpace):
		r.fail(e.valuePath(attr), "want an id")
	case *p != "" && *p != T(value):
		r.fail(e.valuePath(attr), "want one id, got several")
	default:
		*p = T(value)
	}
}

// amount reads an amount of money and keeps its decimal places.
func (r *reader) amount(e *element, attr string, p *decimal.NullDecimal) {
	v, ok := wire.ParseDecimal(r.scalar(e, attr))
	if !ok {
		r.fail(e.valuePath(attr), "want a decimal number")
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

// checkEcho checks that an attribute repeats the value of the request.
func (r *reader) checkEcho(e *element, attr, asked string) {
	if e.attr(attr) != asked {
		r.fail(e.valuePath(attr), "is not what was asked for")
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

// leaf writes an element that holds a text.
func (w *writer) leaf(name, text string, attrs ...attr) {
	w.open(name, attrs...)
	w.text = append(w.text, escapedText.Replace(text)...)
	w.close(name)
}

// raw writes a text that is XML already.
func (w *writer) raw(text string) { w.text = append(w.text, text...) }

// These are used instead of xml.EscapeText, which would escape quotes in values
// that must be sent back unchanged.
var (
	escapedText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	escapedAttr = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;",
		"\t", "&#9;", "\n", "&#10;", "\r", "&#13;") // unescaped, they would be read as spaces
)
