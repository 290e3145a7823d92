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
	code           string // error: "0" means success; "" if it is missing or empty, which the manual does not explain
	description    string // error_description
	hasDescription bool   // also true for an empty description
	descriptionErr error  // why the description cannot be read
	hasResult      bool   // also true for null
	noResult       bool   // the command has no result
}

// read reads the envelope and returns its error. The function decodes the result.
//
//   - A refusal comes before an error in the result.
//   - A missing code is a success if there is a result. A command without a result
//     succeeds only with the documented code.
//   - A body that is not JSON up to its end is not a refusal.
//   - A refusal without a description does not have the documented shape. Gateways answer
//     {"error": "timeout"} after the supplier has carried out the call.
//   - Without a code, a description that cannot be read is an error, because it may
//     describe one.
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
					r.descriptionErr = d.Err()
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
	case r.code == "" && r.descriptionErr != nil:
		return r.descriptionErr
	case err != nil:
		return err
	case r.noResult && r.code == "":
		return &wire.Error{Path: "error", Problem: `want "0"`}
	case !r.noResult && !r.hasResult:
		return &wire.Error{Path: "result", Problem: "missing"}
	}
	return nil
}

// describesError reports whether there is no code and the description names an error.
// The manual writes "no errors" in three ways.
func (r *reply) describesError() bool {
	d := strings.ToLower(strings.TrimSpace(r.description))
	return r.code == "" && d != "" && !strings.HasPrefix(d, "нет ошиб") && !strings.HasPrefix(d, "ошибок нет")
}

// withDescription adds the supplier's description to the error of an unsafe call. Without
// a code, a description does not refuse the call.
func (r *reply) withDescription(err error) error {
	if bad, ok := errors.AsType[*wire.Error](err); !ok || bad.Malformed || !r.describesError() {
		return err
	}
	return &transport.Refusal{
		Message: r.description, Undocumented: true,
		Detail: func(func(string) string) error { return err },
	}
}

// judgeList returns the error of an answer whose list may be empty. An empty list with a
// description that names an error is a refusal.
func judgeList[T any](r *reply, all *[]T, err error) error {
	if err == nil && len(*all) == 0 && r.describesError() {
		return &transport.Refusal{Message: r.description}
	}
	return err
}

// judgeMoney returns the error of the answer to Book, Pay or Refund. Only a complete
// answer is a success. After a refusal with a part of the result, the outcome is unknown.
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

// strictID decodes an id that a payment or refund depends on. "0" and a text with spaces
// are not ids.
func strictID[T ~string](d *wire.Decoder, p *T) error {
	err := wire.ID(d, p)
	if *p == "0" || strings.ContainsFunc(string(*p), unicode.IsSpace) {
		*p = ""
		d.Fail("", "want an id")
	}
	return err
}
