package regionbilet

import (
	"errors"
	"strings"

	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// reply is the envelope of every answer: error, error_description, result.
// "0" is the documented word for no error; error_description is never looked
// at for that, the manual writes it in three ways.
type reply struct {
	body        []byte
	code        string // "" if it is missing or empty, which the manual does not explain
	description string
	result      bool // there is a result, if only null
}

// read reads the envelope, and result with the function given. An error that
// the supplier names comes before anything that is wrong with the result. A
// missing code is no error as long as there is a result.
func (r *reply) read(result func(*wire.Decoder) error) error {
	err := r.decode(result)
	switch {
	case r.code != "" && r.code != "0":
		return &transport.Refusal{Code: r.code, Message: r.description}
	case err == nil && !r.result:
		return &wire.Error{Path: "result", Problem: "missing"}
	}
	return err
}

// readMoney reads the answer of a command that moves money or places, which is
// a success only with its payload: complete says whether it is there.
func (r *reply) readMoney(result func(*wire.Decoder) error, complete func() bool) error {
	err := r.read(result)
	refusal, refused := errors.AsType[*transport.Refusal](err)
	switch {
	case refused && complete():
		refusal.Unsettled = true
	case err == nil && !complete():
		return &wire.Error{Path: "result", Problem: "incomplete"}
	}
	return err
}

// readDone reads the answer of a command that has no payload. Nothing but the
// documented code is left to tell success by.
func (r *reply) readDone() error {
	r.result = true
	err := r.read((*wire.Decoder).Skip)
	if err == nil && r.code != "0" {
		return &wire.Error{Path: "error", Problem: `want "0"`}
	}
	return err
}

// decode reads the envelope. The code survives only if the text is JSON to its
// end: half an answer is not a refusal.
func (r *reply) decode(result func(*wire.Decoder) error) error {
	err := wire.Decode(r.body, func(d *wire.Decoder) error {
		return d.Object(func(name []byte) error {
			switch string(name) {
			case "error":
				return wire.String(d, &r.code)
			case "error_description":
				return wire.String(d, &r.description)
			case "result":
				r.result = true
				return result(d)
			default:
				return d.Skip()
			}
		})
	})
	r.code = strings.TrimSpace(r.code)
	if bad, ok := errors.AsType[*wire.Error](err); ok && bad.Malformed {
		r.code = ""
	}
	return err
}
