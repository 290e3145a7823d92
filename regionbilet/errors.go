package regionbilet

import (
	"errors"
	"strings"
	"unicode"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// reply is the envelope of every answer: error, error_description, result.
type reply struct {
	code           string // error: "0" is no error; "" if it is missing or empty, which the manual does not explain
	description    string // error_description
	hasDescription bool   // true for an empty description too
	unread         error  // what is wrong with the description
	hasResult      bool   // true for a result that is null too
	noResult       bool   // the command has no result
}

// read reads the envelope and judges it. The function decodes the result.
//
// An error that the supplier names comes before anything that is wrong with the
// result. A missing code is no error if there is a result. A command without a
// result succeeds with the documented code alone.
//
// Text that is not JSON to its end is not a refusal. A refusal without a
// description is not in the documented shape: gateways answer
// {"error": "timeout"} after the supplier has acted. A description that cannot be
// read spoils an answer without a code, because it may be what describes an error.
func (r *reply) read(body []byte, warn func(rutravel.Warning), result func(*wire.Decoder) error) error {
	err := wire.Decode(body, warn, func(d *wire.Decoder) error {
		return d.Object(func(name []byte) error {
			switch string(name) {
			case "error":
				return wire.String(d, &r.code)
			case "error_description":
				r.hasDescription = true
				return d.Minor(func(d *wire.Decoder) error {
					err := wire.String(d, &r.description)
					r.unread = d.Err()
					return err
				})
			case "result":
				r.hasResult = true
				return result(d)
			default:
				return d.Skip()
			}
		})
	})
	if bad, ok := errors.AsType[*wire.Error](err); ok && bad.Malformed {
		return err
	}
	r.code = strings.TrimSpace(r.code)
	switch {
	case r.code != "" && r.code != "0":
		return &transport.Refusal{Code: r.code, Message: r.description, Undocumented: !r.hasDescription}
	case r.code == "" && r.unread != nil:
		return r.unread
	case err != nil:
		return err
	case r.noResult && r.code == "":
		return &wire.Error{Path: "error", Problem: `want "0"`}
	case !r.noResult && !r.hasResult:
		return &wire.Error{Path: "result", Problem: "missing"}
	}
	return nil
}

// describesError reports whether the description names an error that has no
// code. It decides nothing else: the manual writes "no errors" in three ways.
func (r *reply) describesError() bool {
	d := strings.ToLower(strings.TrimSpace(r.description))
	return r.code == "" && d != "" && !strings.HasPrefix(d, "нет ошиб") && !strings.HasPrefix(d, "ошибок нет")
}

// inWords returns the error of an unsafe call together with what the supplier says
// next to it. Without a code its words refuse nothing.
func (r *reply) inWords(err error) error {
	if bad, ok := errors.AsType[*wire.Error](err); !ok || bad.Malformed || !r.describesError() {
		return err
	}
	return &transport.Refusal{
		Message: r.description, Undocumented: true,
		Detail: func(func(string) string) error { return err },
	}
}

// judgeList judges a list that may be empty. An empty list whose description
// names an error is a refusal.
func judgeList[T any](r *reply, all *[]T, err error) error {
	if err == nil && len(*all) == 0 && r.describesError() {
		return &transport.Refusal{Message: r.description}
	}
	return err
}

// judgeMoney judges the answer of a command that moves money or seats. It is a
// success only if it is complete. A refusal next to anything that arrived
// leaves open what was done.
func judgeMoney(err error, arrived, complete bool) error {
	refusal, refused := errors.AsType[*transport.Refusal](err)
	switch {
	case refused && arrived:
		refusal.Unsettled = true
	case err == nil && !complete:
		return &wire.Error{Path: "result", Problem: "incomplete"}
	}
	return err
}

// strictID decodes an id that a payment or refund depends on. "0" and text with
// a space are not ids.
func strictID[T ~string](d *wire.Decoder, p *T) error {
	err := wire.ID(d, p)
	if *p == "0" || strings.ContainsFunc(string(*p), unicode.IsSpace) {
		*p = ""
		d.Fail("", "want an id")
	}
	return err
}
