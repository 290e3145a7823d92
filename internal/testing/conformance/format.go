package conformance

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Format is how a supplier writes its answers.
type Format struct {
	suffix string                                 // of the golden files
	leaves func(t *testing.T, text string) []leaf // the values in an answer
	odd    []string                               // texts that are no answer to anything
	behind string                                 // text that may not follow an answer
	echo   func(private string) ([]byte, error)   // no answer, with a text in names and values

	level     level                      // of nesting
	levels    func(good string) []level  // the same of the names in a good answer, too
	forbidden func(good string) []string // texts that the format allows, and this library does not
	text      string                     // the beginning of an answer that is one text
}

// level is a level of nesting.
type level struct{ open, close string }

func (f Format) orJSON() Format {
	if f.leaves == nil {
		return JSON()
	}
	return f
}

// JSON is an object in every answer.
func JSON() Format {
	return Format{
		suffix: "json",
		leaves: jsonLeaves,
		odd:    []string{"null", "true", "7", `"text"`, "[]", "{}", `[{"x":1}]`, `{"x":{}}`},
		behind: "<!-- -->",
		echo: func(private string) ([]byte, error) {
			return json.Marshal(map[string]any{"error": private, "result": []any{map[string]any{private: private}}})
		},
		level: level{"[", "]"},
		levels: func(good string) []level {
			all := []level{{"[", "]"}, {`{"a":`, "}"}, {`[{"0":`, "}]"}}
			for _, name := range slices.Compact(slices.Sorted(slices.Values(names.FindAllString(good, -1)))) {
				all = append(all, level{"{" + name, "}"})
			}
			return all
		},
		forbidden: func(string) []string { return nil },
		text:      `{"error":"`,
	}
}

var names = regexp.MustCompile(`"\w+":`)

// XML is an element in every answer.
func XML() Format {
	return Format{
		suffix: "xml",
		leaves: xmlLeaves,
		odd: []string{
			"text", "{}", "<answer/>", "<html/>", "<status/>", "<errors/>", "<TOURS/>", "<tours", "</tours>",
			`<?xml version="1.0"?>`, "<!DOCTYPE html><tours/>", "<!-- <tours/> -->", "<answer><tours/></answer>",
			"<errors><error/></errors>", "<errors><error><error>101</error></error></errors>",
		},
		behind: "<!--",
		echo: func(private string) ([]byte, error) {
			var b bytes.Buffer
			err := xml.EscapeText(&b, []byte(private))
			text := b.String()
			return fmt.Appendf(nil, `<tours><tour clientTourId="%s"><sum><currency>%s</currency><amount>%s</amount></sum><id>%[1]s</id></tour></tours><%[1]s`,
				text, text, text), err
		},
		level: level{"<a>", "</a>"},
		levels: func(good string) []level {
			all := []level{{"<a>", "</a>"}, {"<tours>", "</tours>"}, {`<error a="1">`, "</error>"}}
			for _, tag := range slices.Compact(slices.Sorted(slices.Values(tags.FindAllString(good, -1)))) {
				all = append(all, level{tag + ">", "</" + tag[1:] + ">"})
			}
			return all
		},
		forbidden: func(good string) []string {
			const laughs = `<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">`
			return []string{
				"<!DOCTYPE tours>" + good,
				"<!DOCTYPE tours [" + laughs + "]>" + good,
				"<!DOCTYPE tours [" + laughs + "]><tours><tour>&c;</tour></tours>",
				`<!DOCTYPE tours [<!ENTITY a SYSTEM "file:///etc/hostname">]><tours>&a;</tours>`,
				`<!DOCTYPE tours SYSTEM "http://127.0.0.1:1/tours.dtd">` + good,
				"<tours><tour>&a;</tour></tours>",
				strings.Replace(good, "</", "&a;</", 1),
				"<tours" + strings.Repeat(` a="1"`, 100_000) + "/>",
				"<tours" + strings.Repeat(" ", 1<<20) + "/>",
				"<tours>" + strings.Repeat("<tour/>", 1<<20) + "</tours>",
			}
		},
		text: "<tours><tour><id>",
	}
}

var tags = regexp.MustCompile(`<\w+`)

// leaf is a value in an answer.
type leaf struct {
	path       string // "result[].seat", "tours.tour.sum.amount", "tours.persons@tourId"
	text       string
	start, end int // of what replaces it
	whole      string
	other      string // a value like it, but another one
	broken     string // what no value is
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
			require.GreaterOrEqual(t, start, 0, "the golden files escape nothing: %s", raw)
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

// replace returns the whole text with another value in the leaf's place.
func (l leaf) replace(value string) string {
	return l.whole[:l.start] + value + l.whole[l.end:]
}

// another returns a text like a value's, but another one.
func another(value string) string {
	text := []byte(value)
	const unixTime = 10 // digits: a second more is the same day
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

// xmlLeaves finds the texts and attributes of an XML text whose golden file
// escapes nothing.
func xmlLeaves(t *testing.T, text string) []leaf {
	t.Helper()
	var (
		found []leaf
		path  []string
	)
	add := func(attr, value string, start int, broken string) {
		require.GreaterOrEqual(t, start, 0, "the golden files escape nothing: %s", value)
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
