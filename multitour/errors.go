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
// repeats in it with the token and the passports, is passed over.
type reply struct {
	body     []byte
	echoed   bool     // the header that every answer repeats is there, with a method
	failed   bool     // is_success is false: a newer edition says so beside error
	errors   []string // error
	response bool     // there is a response, if only null
}

// read reads the envelope, and the response with the function given. Errors
// that the supplier names come before anything that is wrong with the
// response, whose members are null then. They count only if the text is JSON to
// its end: half an answer is not a refusal.
func (r *reply) read(response func(*wire.Decoder) error) error {
	err := wire.Decode(r.body, func(d *wire.Decoder) error {
		return d.Object(func(name []byte) error {
			switch string(name) {
			case "header":
				return r.readHeader(d)
			case "response":
				r.response = true
				return response(d)
			case "error":
				return r.readError(d)
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
		return &wire.Error{Path: "response", Problem: "missing"}
	}
	return err
}

func (r *reply) readHeader(d *wire.Decoder) error {
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

// readError collects the texts of the error section. The manual has a list of
// texts; an object in it is one text with its members on one line. A mere 0 is
// no error.
func (r *reply) readError(d *wire.Decoder) error {
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
	const line = 300 // characters of a Message
	if len(r.errors) > 1 || utf8.RuneCountInString(refusal.Message) > line {
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
	var look func(d *wire.Decoder) error
	look = func(d *wire.Decoder) error {
		if d.Nested() {
			return d.Map(func([]byte) error { return look(d) })
		}
		var text string
		err := wire.String(d, &text)
		blank = blank && text == "" && d.Err() == nil
		return err
	}
	err := wire.Decode(r.body, func(d *wire.Decoder) error {
		return d.Object(func(name []byte) error {
			if string(name) == "response" {
				return look(d)
			}
			return d.Skip()
		})
	})
	return blank && err == nil
}

// container reads an object that has data; if it is nothing, as PHP writes an
// empty one, nothing was found.
func container(d *wire.Decoder, field func(name []byte) error) error {
	var something, data bool
	err := d.Map(func(name []byte) error {
		something = true
		data = data || string(name) == "data"
		return field(name)
	})
	if err == nil && something && !data {
		d.Fail("data", missing)
	}
	return err
}

const missing = "missing"

// under reads the member of the response that has one of the names. other, if it
// is not nil, is told of members with other names.
func under(d *wire.Decoder, read func() error, other func(name []byte), names ...string) error {
	var found bool
	err := d.Object(func(name []byte) error {
		if slices.Contains(names, string(name)) {
			found = true
			return read()
		}
		if other != nil {
			other(name)
		}
		return d.Skip()
	})
	if err == nil && !found {
		d.Fail(names[0], missing)
	}
	return err
}
