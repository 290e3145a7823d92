package multitour

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// Messages are the texts of a refusal, each whole, when there are several: the
// [rutravel.Error]'s Message has them on one line and may be cut. It is reached
// with [errors.AsType].
type Messages []string

// Error returns how many texts there are.
func (m Messages) Error() string { return strconv.Itoa(len(m)) + " messages" }

// reply is the envelope of every answer. The request, which the supplier
// repeats in it with the token and the passports, is passed over.
type reply struct {
	body     []byte
	echoed   bool     // the header that every answer repeats is there
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
				r.echoed = true
				return d.Skip()
			case "response":
				r.response = true
				return response(d)
			case "error":
				return r.readError(d)
			case "is_success":
				success := true
				err := d.Flag(&success)
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

// readError collects the texts of the error section. The manual has a list of
// texts; an object in it is one text with its members on one line.
func (r *reply) readError(d *wire.Decoder) error {
	add := func() error {
		var parts []string
		err := texts(d, &parts)
		if len(parts) > 0 {
			r.errors = append(r.errors, strings.Join(parts, ": "))
		}
		return err
	}
	if d.Nested() {
		return d.Map(func([]byte) error { return add() })
	}
	return add()
}

// texts collects all texts and numbers in a value.
func texts(d *wire.Decoder, all *[]string) error {
	if d.Nested() {
		return d.Map(func([]byte) error { return texts(d, all) })
	}
	var text string
	err := wire.String(d, &text)
	if text = strings.TrimSpace(text); text != "" {
		*all = append(*all, text)
	}
	return err
}

// refusal makes an error of the error section. Without the header that the
// supplier repeats in every answer, it may be a gateway's.
func (r *reply) refusal() *transport.Refusal {
	refusal := &transport.Refusal{Message: strings.Join(r.errors, "; "), Undocumented: !r.echoed}
	if strings.Contains(refusal.Message, "Некорректн") { // the one text that the manual shows
		refusal.Kind = rutravel.ErrInvalid
	}
	if len(r.errors) > 1 {
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

// under reads the member of the response that has one of the names.
func under(d *wire.Decoder, read func() error, names ...string) error {
	var found bool
	err := d.Object(func(name []byte) error {
		if slices.Contains(names, string(name)) {
			found = true
			return read()
		}
		return d.Skip()
	})
	if err == nil && !found {
		d.Fail(names[0], "missing")
	}
	return err
}
