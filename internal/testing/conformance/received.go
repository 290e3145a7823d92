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

// receivedRequest is a request as a server reads it.
type receivedRequest struct {
	shape  []string // the names of all parts, in order
	values []string // the values of these parts
}

// add adds one part.
func (w *receivedRequest) add(name, value string) {
	w.shape = append(w.shape, name)
	w.values = append(w.values, value)
}

var errTrailingBytes = errors.New("there are bytes after the request")

// receive writes a request and reads it as a server does. The body of r can be
// read again afterwards.
func receive(r *http.Request) (w receivedRequest, err error) {
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
		return w, errTrailingBytes
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
		return w, errors.New("unknown Content-Type of the body: " + kind)
	}
}

// pairs adds the pairs of a query or a form.
func (w *receivedRequest) pairs(kind, text string) error {
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

// json adds the tokens of a JSON text.
func (w *receivedRequest) json(text []byte) error {
	if !json.Valid(text) {
		return errors.New("the body is not JSON")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	next := func() json.Token {
		token, _ := d.Token() // text is valid JSON
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

// xml adds the tokens of an XML text.
func (w *receivedRequest) xml(text []byte) error {
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
