package multitour

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// Messages has the texts of a refusal if there are several, or if one is too long for the
// Message of the [rutravel.Error]. The Message has all texts on one line, cut. Messages has
// at most a hundred texts of some thousand characters each. Use [errors.AsType] to get it.
type Messages []string

// Error returns the number of texts: "2 messages".
func (m Messages) Error() string {
	if len(m) == 1 {
		return "1 message"
	}
	return strconv.Itoa(len(m)) + " messages"
}

const maxMessages = 100

// reply is the envelope of every answer. It repeats the request with the token and the
// passports.
type reply struct {
	method string // the method of the request
	sent   any    // the request section of the request

	body     []byte
	echo     string   // the method in the answer's header
	foreign  bool     // the answer belongs to another request
	failed   bool     // is_success is false, which a newer edition of the API has next to error
	errors   []string // error
	response bool     // there is a response; it may be null
}

// read reads the envelope and returns its error. The function decodes the response.
//
//   - A body that is not JSON up to its end is not a refusal.
//   - An answer to another request or with another method is not a refusal.
//   - A refusal comes before an error in the response, whose members are then null.
func (r *reply) read(a transport.Answer, result func(*wire.Decoder) error) error {
	r.body = a.Body
	err := wire.Decode(a.Body, a.Warn, func(d *wire.Decoder) error {
		return d.Object(func(name []byte) error {
			switch string(name) {
			case "header":
				return r.decodeHeader(d)
			case "request":
				return r.decodeEcho(d)
			case "response":
				r.response = true
				return result(d)
			case "error":
				return r.decodeErrors(d)
			case "is_success":
				success := true
				err := d.OptFlag(&success)
				r.failed = !success
				return err
			default:
				return d.Skip()
			}
		})
	})
	bad, ok := errors.AsType[*wire.Error](err)
	switch {
	case ok && bad.Malformed:
		return err
	case r.foreign:
		return &wire.Error{Path: "request", Problem: "not the request that was sent"}
	case r.echo != "" && r.echo != r.method:
		r.foreign = true
		return &wire.Error{Path: "header.method", Problem: "not the method that was called"}
	case r.failed || len(r.errors) > 0:
		return r.refusal()
	case err == nil && !r.response:
		return &wire.Error{Path: "response", Problem: missing}
	}
	return err
}

const missing = "missing"

func (r *reply) decodeHeader(d *wire.Decoder) error {
	return d.Map(func(name []byte) error {
		if string(name) != "method" || d.Nested() {
			return d.Skip()
		}
		return wire.String(d, &r.echo)
	})
}

// decodeEcho compares the request that the answer repeats with the one that was sent.
func (r *reply) decodeEcho(d *wire.Decoder) error {
	sent := json.NewDecoder(bytes.NewReader(wire.JSON(r.sent)))
	sent.UseNumber()
	var value any
	if err := sent.Decode(&value); err != nil {
		panic(err) // it was sent as JSON
	}
	return r.compare(d, value)
}

// compare compares a value that the answer repeats with the one that was sent. It sets
// foreign if they differ. It compares only numbers and dates, because the supplier may write
// texts in another way. It ignores members that were not sent or are not repeated.
func (r *reply) compare(d *wire.Decoder, sent any) error {
	switch sent := sent.(type) {
	case map[string]any:
		if !d.AtObject() {
			return d.Skip()
		}
		return d.Map(func(name []byte) error {
			if value, ok := sent[string(name)]; ok {
				return r.compare(d, value)
			}
			return d.Skip()
		})
	case []any:
		if !d.AtList() {
			return d.Skip()
		}
		var n int
		err := d.Map(func([]byte) error {
			if n++; n <= len(sent) {
				return r.compare(d, sent[n-1])
			}
			return d.Skip()
		})
		r.foreign = r.foreign || n != len(sent)
		return err
	default:
		var text string
		_, err := d.Apart(func(d *wire.Decoder) error { return wire.String(d, &text) })
		r.foreign = r.foreign || differ(fmt.Sprint(sent), text)
		return err
	}
}

// differ reports whether both texts are numbers, or both are dates, and differ.
func differ(a, b string) bool {
	n, isNumber := wire.ParseDecimal(a)
	m, ok := wire.ParseDecimal(b)
	day, isDate := wire.ParseDate(wire.DMY, a)
	other, alike := wire.ParseDate(wire.DMY, b)
	return isNumber && ok && !n.Equal(m) || isDate && alike && day != other
}

// decodeErrors reads the texts of the error section. The manual has a list of texts. An
// object in the list becomes one text with its members on one line. 0 is not an error.
func (r *reply) decodeErrors(d *wire.Decoder) error {
	add := func() error {
		var parts []string
		err := d.Texts(&parts)
		text := strings.Join(parts, ": ")
		if text != "" && text != "0" && len(r.errors) < maxMessages {
			r.errors = append(r.errors, text)
		}
		return err
	}
	if d.Nested() {
		return d.Map(func([]byte) error { return add() })
	}
	return add()
}

// refusal returns the error of the error section. Without the header that every answer
// repeats, the error may be a gateway's.
func (r *reply) refusal() *transport.Refusal {
	refusal := &transport.Refusal{Message: strings.Join(r.errors, "; "), Undocumented: r.echo == ""}
	if strings.Contains(refusal.Message, "Некорректный идентификатор") { // the manual's only sample is about a country
		refusal.Kind = rutravel.ErrInvalid
	}
	const longest = 300 // characters of a Message
	if len(r.errors) > 1 || utf8.RuneCountInString(refusal.Message) > longest {
		texts := r.errors
		refusal.Detail = func(conceal func(string) string) error {
			all := make(Messages, len(texts))
			for i, text := range texts {
				all[i] = conceal(text)
			}
			return all
		}
	}
	return refusal
}

// blank reports whether all values in the response are null or empty, as in the manual's
// sample of an error.
func (r *reply) blank() bool {
	blank := true
	var check func(d *wire.Decoder) error
	check = func(d *wire.Decoder) error {
		if d.Nested() {
			return d.Map(func([]byte) error { return check(d) })
		}
		var text string
		err := wire.String(d, &text)
		blank = blank && text == "" && d.Err() == nil
		return err
	}
	err := wire.Decode(r.body, nil, func(d *wire.Decoder) error {
		return d.Object(func(name []byte) error {
			if string(name) == "response" {
				return check(d)
			}
			return d.Skip()
		})
	})
	return blank && err == nil
}

// decodeMember decodes the member of the response that has one of the names. decode is
// called for it.
func decodeMember(d *wire.Decoder, decode func() error, names ...string) error {
	var found bool
	err := d.Object(func(name []byte) error {
		if slices.Contains(names, string(name)) {
			found = true
			return decode()
		}
		return d.Skip()
	})
	if err == nil && !found {
		d.Fail(names[0], missing)
	}
	return err
}

// decodeData decodes an object that has data. field decodes one member. Members other than
// data are minor. An empty object means that nothing was found. PHP writes it as a list.
func decodeData(d *wire.Decoder, field func(name []byte) error) error {
	empty, data := true, false
	member := func(name []byte) error {
		empty = false
		data = data || string(name) == "data"
		return field(name)
	}
	var err error
	if d.AtObject() {
		err = d.Fields(member, "data?")
	} else {
		err = d.Map(func([]byte) error { return member(nil) })
	}
	if err == nil && !empty && !data {
		d.Fail("data", missing)
	}
	return err
}
