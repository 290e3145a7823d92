package multitour

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// Messages are the texts of a refusal, when there are several or one too long
// for the [rutravel.Error]'s Message, which has them on one line, cut. There are
// at most a hundred, of some thousand characters each. It is reached with
// [errors.AsType].
type Messages []string

// Error says how many there are.
func (m Messages) Error() string {
	if len(m) == 1 {
		return "1 message"
	}
	return strconv.Itoa(len(m)) + " messages"
}

const maxMessages = 100

// reply is the envelope of every answer. The request, which the supplier
// repeats in it with the token and the passports, is skipped.
type reply struct {
	body     []byte
	echoed   bool     // the header that every answer repeats is there, with a method
	failed   bool     // is_success is false: a newer edition says so next to error
	errors   []string // error
	response bool     // there is a response, if only null
}

// read reads the envelope and judges it. The function decodes the response.
//
// Errors that the supplier names come before anything that is wrong with the
// response, whose members are null then. They count only if the text is JSON to
// its end: half an answer is not a refusal.
func (r *reply) read(body []byte, result func(*wire.Decoder) error) error {
	r.body = body
	err := wire.Decode(body, nil, func(d *wire.Decoder) error {
		return d.Object(func(name []byte) error {
			switch string(name) {
			case "header":
				return r.decodeHeader(d)
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
		var text string
		if string(name) != "method" || d.Nested() {
			return d.Skip()
		}
		err := wire.String(d, &text)
		r.echoed = text != ""
		return err
	})
}

// decodeErrors collects the texts of the error section. The manual has a list of
// texts. An object in the list is one text with its members on one line. A mere
// 0 is not an error.
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

// refusal makes an error of the error section. Without the header that the
// supplier repeats in every answer, it may be a gateway's.
func (r *reply) refusal() *transport.Refusal {
	refusal := &transport.Refusal{Message: strings.Join(r.errors, "; "), Undocumented: !r.echoed}
	if strings.Contains(refusal.Message, "Некорректный идентификатор") { // of a country, in the one text that the manual shows
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

// blank reports whether there is nothing in the response but null and what is
// empty, as in the manual's sample of an error.
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

// decodeMember decodes the member of the response that has one of the names.
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

// decodeData decodes an object that has data, with one function per member. If
// the object is empty, which PHP writes as a list, nothing was found.
func decodeData(d *wire.Decoder, field func(name []byte) error) error {
	empty, data := true, false
	err := d.Map(func(name []byte) error {
		empty = false
		data = data || string(name) == "data"
		return field(name)
	})
	if err == nil && !empty && !data {
		d.Fail("data", missing)
	}
	return err
}
