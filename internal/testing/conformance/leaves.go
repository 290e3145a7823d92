package conformance

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// leaf is a string, number, boolean or null in an answer.
type leaf struct {
	path       string // "result[].seat", "tours.tour.sum.amount", "tours.persons@tourId"
	text       string
	start, end int    // where it is in whole
	whole      string // the answer
	other      string // a different value of the same form
	broken     string // text that no field accepts
}

// replace returns the answer with another text in the place of the leaf.
func (l leaf) replace(value string) string {
	return l.whole[:l.start] + value + l.whole[l.end:]
}

// another returns a different text of the same form.
func another(value string) string {
	text := []byte(value)
	const unixTime = 10 // digits; another second may be the same day, so the first digit changes
	if n := len(text); n > 0 && text[n-1] >= '0' && text[n-1] <= '9' {
		at := n - 1
		if n == unixTime && text[0] == '1' {
			at = 0
		}
		text[at] = '0' + (text[at]-'0'+1)%10
	} else {
		text = append(text, 'X')
	}
	return string(text)
}

// jsonLeaves finds the strings, numbers, booleans and nulls of a JSON text.
func jsonLeaves(t *testing.T, text string) []leaf {
	t.Helper()
	var found []leaf
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var walk func(path string)
	next := func() json.Token {
		tok, err := d.Token()
		require.NoError(t, err)
		return tok
	}
	walk = func(path string) {
		switch tok := next(); tok {
		case json.Delim('{'):
			for d.More() {
				name := fmt.Sprint(next())
				walk(strings.TrimPrefix(path+"."+name, "."))
			}
			next()
		case json.Delim('['):
			for d.More() {
				walk(path + "[]")
			}
			next()
		default:
			end := int(d.InputOffset())
			raw, err := json.Marshal(tok)
			require.NoError(t, err)
			start := strings.LastIndex(text[:end], string(raw))
			require.GreaterOrEqual(t, start, 0, "golden files must escape nothing: %s", raw)
			l := leaf{path: path, text: fmt.Sprint(tok), start: start, end: end, whole: text, broken: `{"broken":[]}`}
			l.other = another(l.text)
			if raw, err = json.Marshal(l.other); text[start] == '"' || !json.Valid([]byte(l.other)) {
				require.NoError(t, err)
				l.other = string(raw)
			}
			found = append(found, l)
		}
	}
	walk("")
	return found
}

// xmlLeaves finds the texts and attributes of an XML text. Golden files escape
// nothing.
func xmlLeaves(t *testing.T, text string) []leaf {
	t.Helper()
	var (
		found []leaf
		path  []string
	)
	add := func(attr, value string, start int, broken string) {
		require.GreaterOrEqual(t, start, 0, "golden files must escape nothing: %s", value)
		found = append(found, leaf{
			path: strings.Join(path, ".") + attr, text: value, start: start, end: start + len(value), whole: text,
			other: another(value), broken: broken,
		})
	}
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		start := int(d.InputOffset())
		tok, err := d.Token()
		if tok == nil {
			break
		}
		require.NoError(t, err)
		switch tok := tok.(type) {
		case xml.StartElement:
			path = append(path, tok.Name.Local)
			tag := text[start:d.InputOffset()]
			for _, a := range tok.Attr {
				name := " " + a.Name.Local + `="`
				add("@"+a.Name.Local, a.Value, start+strings.Index(tag, name+a.Value+`"`)+len(name), "")
			}
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			if value := strings.TrimSpace(string(tok)); value != "" {
				add("", value, start+strings.Index(text[start:], value), "<broken/>")
			}
		}
	}
	require.NotEmpty(t, found)
	return slices.Clip(found)
}

// jsonValues visits the objects and scalars of a JSON text.
func jsonValues(t *testing.T, text string, visit func(extent)) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	next := func() json.Token {
		tok, err := d.Token()
		require.NoError(t, err)
		return tok
	}
	var walk func(path string)
	walk = func(path string) {
		before := text[d.InputOffset():]
		start := len(text) - len(strings.TrimLeft(before, ": ,\r\n\t"))
		switch next() {
		case json.Delim('{'):
			for d.More() {
				name := fmt.Sprint(next())
				walk(strings.TrimPrefix(path+"."+name, "."))
			}
			next()
			visit(extent{path, start, int(d.InputOffset())})
		case json.Delim('['):
			for d.More() {
				walk(path + "[]")
			}
			next()
		default:
			visit(extent{path, start, int(d.InputOffset())})
		}
	}
	walk("")
}

// xmlElements visits the elements of an XML text.
func xmlElements(t *testing.T, text string, visit func(extent)) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	var (
		path   []string
		starts []int
	)
	for {
		start := int(d.InputOffset())
		tok, err := d.Token()
		if tok == nil {
			return
		}
		require.NoError(t, err)
		switch tok := tok.(type) {
		case xml.StartElement:
			path, starts = append(path, tok.Name.Local), append(starts, start)
		case xml.EndElement:
			last := len(path) - 1
			visit(extent{strings.Join(path, "."), starts[last], int(d.InputOffset())})
			path, starts = path[:last], starts[:last]
		}
	}
}

// members returns the start and the end of each member of each object in a JSON
// text.
func members(t *testing.T, text string) (all [][2]int) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	var walk func(json.Token)
	next := func() json.Token {
		tok, err := d.Token()
		require.NoError(t, err)
		return tok
	}
	walk = func(tok json.Token) {
		object := tok == json.Delim('{')
		if !object && tok != json.Delim('[') {
			return
		}
		for d.More() {
			if !object {
				walk(next())
				continue
			}
			_ = next()
			start := strings.LastIndexByte(text[:d.InputOffset()-1], '"')
			walk(next())
			all = append(all, [2]int{start, int(d.InputOffset())})
		}
		next()
	}
	walk(next())
	return all
}
