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
)

// Format is the format of a supplier's answers: [JSON] or [XML].
type Format struct {
	suffix   string                                              // of the golden files
	leaves   func(t *testing.T, text string) []leaf              // returns the values in an answer
	walk     func(t *testing.T, text string, visit func(extent)) // visits the objects and scalars, or the elements, in an answer
	odd      []string                                            // well-formed texts that answer no operation
	trailing string                                              // text that must not follow an answer
	echo     func(private string) ([]byte, error)                // returns an odd text that contains private in names and values
	escape   func(value string) (string, error)                  // writes a text as a value

	level       level                      // one level of nesting
	levels      func(good string) []level  // returns levels that use the names in a good answer
	forbidden   func(good string) []string // returns texts that the format allows and the library rejects
	unendedText string                     // the beginning of an answer with a text that has no end
}

// level is what opens and closes one level of nesting.
type level struct{ open, close string }

// orJSON returns f, or JSON if f is the zero value.
func (f Format) orJSON() Format {
	if f.leaves == nil {
		return JSON()
	}
	return f
}

// JSON is the format of suppliers that answer with JSON objects and lists.
func JSON() Format {
	return Format{
		suffix:   "json",
		leaves:   jsonLeaves,
		walk:     jsonValues,
		odd:      []string{"null", "true", "7", `"text"`, "[]", "{}", `[{"x":1}]`, `{"x":{}}`},
		trailing: "<!-- -->",
		echo: func(private string) ([]byte, error) {
			return json.Marshal(map[string]any{"error": private, "result": []any{map[string]any{private: private}}})
		},
		escape: func(value string) (string, error) {
			text, err := json.Marshal(value)
			return string(text), err
		},
		level: level{"[", "]"},
		levels: func(good string) []level {
			all := []level{{"[", "]"}, {`{"a":`, "}"}, {`[{"0":`, "}]"}}
			for _, name := range slices.Compact(slices.Sorted(slices.Values(names.FindAllString(good, -1)))) {
				all = append(all, level{"{" + name, "}"})
			}
			return all
		},
		forbidden:   func(string) []string { return nil },
		unendedText: `{"error":"`,
	}
}

var names = regexp.MustCompile(`"\w+":`)

// XML is the format of suppliers that answer with XML elements.
func XML() Format {
	return Format{
		suffix: "xml",
		leaves: xmlLeaves,
		walk:   xmlElements,
		odd: []string{
			"text", "{}", "<answer/>", "<html/>", "<status/>", "<errors/>", "<TOURS/>", "<tours", "</tours>",
			`<?xml version="1.0"?>`, "<!DOCTYPE html><tours/>", "<!-- <tours/> -->", "<answer><tours/></answer>",
			"<errors><error/></errors>", "<errors><error><error>101</error></error></errors>",
		},
		trailing: "<!--",
		echo: func(private string) ([]byte, error) {
			var b bytes.Buffer
			err := xml.EscapeText(&b, []byte(private))
			text := b.String()
			return fmt.Appendf(nil, `<tours><tour clientTourId="%s"><sum><currency>%s</currency><amount>%s</amount></sum><id>%[1]s</id></tour></tours><%[1]s`,
				text, text, text), err
		},
		escape: func(value string) (string, error) {
			var b bytes.Buffer
			err := xml.EscapeText(&b, []byte(value))
			return b.String(), err
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
				"<!DOCTYPE html>" + good,
				good + "<!DOCTYPE tours>",
				"<!DOCTYPE tours><!DOCTYPE tours>" + good,
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
		unendedText: "<tours><tour><id>",
	}
}

var tags = regexp.MustCompile(`<\w+`)
