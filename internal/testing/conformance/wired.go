package conformance

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// wired is a request as whoever receives it reads it.
type wired struct {
	shape  []string // the names of all its parts, in their order
	values []string // their values, one for each
}

func (w *wired) add(name, value string) {
	w.shape = append(w.shape, name)
	w.values = append(w.values, value)
}

var errRest = errors.New("something stands behind the request")

// onWire writes a request and reads it as a server does. The request stays
// readable.
func onWire(r *http.Request) (w wired, err error) {
	var body []byte
	if r.Body != nil {
		if body, err = io.ReadAll(r.Body); err != nil {
			return w, err
		}
	}
	var written bytes.Buffer
	copied := r.Clone(r.Context())
	copied.Body, copied.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	if err := copied.Write(&written); err != nil {
		return w, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	rest := bufio.NewReader(&written)
	read, err := http.ReadRequest(rest)
	if err != nil {
		return w, err
	}
	text, err := io.ReadAll(read.Body)
	if err != nil {
		return w, err
	}
	if rest.Buffered() > 0 || written.Len() > 0 || !bytes.Equal(text, body) {
		return w, errRest
	}

	w.add("method", read.Method)
	w.add("host", read.Host)
	for part := range strings.SplitSeq(read.URL.EscapedPath(), "/") {
		value, err := url.PathUnescape(part)
		if err != nil {
			return w, err
		}
		w.add("path", value)
	}
	if err := w.pairs("?", read.URL.RawQuery); err != nil {
		return w, err
	}
	for _, name := range slices.Sorted(maps.Keys(read.Header)) {
		if name == "Content-Length" {
			continue
		}
		if len(r.Header[name]) > 0 && !slices.Equal(r.Header[name], read.Header[name]) {
			return w, fmt.Errorf("the header %s cannot be sent", name)
		}
		w.add(name+":", strings.Join(read.Header[name], "\n"))
	}
	if !utf8.Valid(text) {
		return w, errors.New("the body is not UTF-8")
	}
	switch kind := read.Header.Get("Content-Type"); {
	case len(text) == 0:
		return w, nil
	case strings.HasPrefix(kind, "application/json"):
		return w, w.json(text)
	case strings.HasPrefix(kind, "text/xml"):
		return w, w.xml(text)
	case kind == "application/x-www-form-urlencoded":
		return w, w.pairs("&", string(text))
	default:
		return w, errors.New("a body of an unknown kind: " + kind)
	}
}

// pairs reads a query.
func (w *wired) pairs(kind, text string) error {
	for pair := range strings.SplitSeq(text, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return err
		}
		value, err = url.QueryUnescape(value)
		if err != nil {
			return err
		}
		w.add(kind+name, value)
	}
	return nil
}

func (w *wired) json(text []byte) error {
	if !json.Valid(text) {
		return errors.New("the body is no JSON")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	next := func() json.Token {
		token, _ := d.Token() // it is valid
		return token
	}
	var walk func()
	walk = func() {
		token := next()
		delim, ok := token.(json.Delim)
		if !ok {
			w.add("value", fmt.Sprint(token))
			return
		}
		w.add(delim.String(), "")
		for d.More() {
			if delim == '{' {
				w.add(fmt.Sprintf("%q:", next()), "")
			}
			walk()
		}
		w.add(fmt.Sprint(next()), "")
	}
	walk()
	return nil
}

func (w *wired) xml(text []byte) error {
	d := xml.NewDecoder(bytes.NewReader(text))
	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		switch v := token.(type) {
		case xml.StartElement:
			w.add("<"+v.Name.Local, "")
			for _, a := range v.Attr {
				w.add("@"+a.Name.Local, a.Value)
			}
		case xml.EndElement:
			w.add("</"+v.Name.Local, "")
		case xml.CharData:
			w.add("text", string(v))
		default:
			w.add(fmt.Sprintf("%T", v), "")
		}
	}
}
