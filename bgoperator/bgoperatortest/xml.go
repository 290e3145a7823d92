package bgoperatortest

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/rutravel/rutravel-go/internal/testing/fake"
)

// element is an element of a request.
type element struct {
	name     string
	attrs    []xml.Attr
	text     string
	raw      string // from its first < to its last >
	children []*element
}

// parse reads the body of a request strictly. ok is false if it is not an XML document.
func parse(body []byte) (root *element, ok bool) {
	d := xml.NewDecoder(bytes.NewReader(body))
	var open []*element
	var starts []int64
	for {
		start := d.InputOffset()
		token, err := d.Token()
		if err == io.EOF { //nolint:errorlint // not wrapped: the end of the document
			return root, root != nil
		}
		if err != nil {
			return nil, false
		}
		switch t := token.(type) {
		case xml.StartElement:
			e := &element{name: t.Name.Local, attrs: slices.Clone(t.Attr)}
			if len(open) > 0 {
				open[len(open)-1].children = append(open[len(open)-1].children, e)
			} else {
				root = e
			}
			open, starts = append(open, e), append(starts, start)
		case xml.EndElement:
			last := len(open) - 1
			open[last].raw = string(body[starts[last]:d.InputOffset()])
			open, starts = open[:last], starts[:last]
		case xml.CharData:
			if len(open) > 0 {
				open[len(open)-1].text += string(t)
			}
		default: // requests have neither prologs nor comments
			return nil, false
		}
	}
}

func (e *element) attr(name string) string {
	for _, a := range e.attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// child returns the first child with a name, or an empty element.
func (e *element) child(name string) *element {
	for _, c := range e.children {
		if c.name == name {
			return c
		}
	}
	return &element{}
}

// has reports whether there is a child with the name.
func (e *element) has(name string) bool { return e.child(name).name != "" }

// only reports whether all children and attributes have one of the names. The name of an
// attribute begins with "@". A child must not be there twice unless its name ends in "+".
func (e *element) only(names ...string) bool {
	var seen []string
	for _, c := range e.children {
		once := slices.Contains(names, c.name)
		if !once && !slices.Contains(names, c.name+"+") || once && slices.Contains(seen, c.name) {
			return false
		}
		seen = append(seen, c.name)
	}
	for _, a := range e.attrs {
		if !slices.Contains(names, "@"+a.Name.Local) {
			return false
		}
	}
	return len(e.children) == 0 || strings.TrimSpace(e.text) == ""
}

// answer writes an XML document.
type answer struct {
	b      strings.Builder
	spaces bool
}

func (a *answer) printf(format string, args ...any) {
	for i, arg := range args {
		var b strings.Builder
		_ = xml.EscapeText(&b, fmt.Append(nil, arg)) // writes to a builder do not fail
		args[i] = b.String()
		if a.spaces && i == 0 {
			args[i] = "\n" + b.String() + " "
		}
	}
	fmt.Fprintf(&a.b, format, args...)
}

func (a *answer) finish() fake.Answer {
	return fake.Answer{Body: []byte(a.b.String())}
}

// problem is a code of the manual with its info.
type problem struct {
	code string
	info string
}

// refuse returns an error. tour is the clientTourId of the refused tour, or "".
func refuse(tour string, p *problem) fake.Answer {
	var a answer
	if tour != "" {
		a.printf(`<errors clientTourId="%s">`, tour)
	} else {
		a.printf("<errors>")
	}
	a.printf("<error>%s</error>", p.code)
	if p.info != "" {
		a.printf("<info>%s</info>", p.info)
	}
	a.printf("</errors>")
	return a.finish()
}

func ok() fake.Answer { return fake.Answer{Body: []byte("<status>OK</status>")} }
