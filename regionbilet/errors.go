package regionbilet

import (
	"errors"
	"slices"
	"strings"
	"unicode"

	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// reply is the envelope of every answer: error, error_description, result.
// "0" is the documented word for no error.
type reply struct {
	body        []byte
	code        string // "" if it is missing or empty, which the manual does not explain
	description string
	described   bool // there is a description, if only an empty one
	result      bool // there is a result, if only null
}

// read reads the envelope, and result with the function given. An error that
// the supplier names comes before anything that is wrong with the result. A
// missing code is no error as long as there is a result.
//
// Without a description an error is not in the documented shape: gateways
// answer {"error": "timeout"} after the supplier has acted.
func (r *reply) read(result func(*wire.Decoder) error) error {
	err := r.decode(result)
	switch {
	case r.code != "" && r.code != "0":
		return &transport.Refusal{Code: r.code, Message: r.description, Undocumented: !r.described}
	case err == nil && !r.result:
		return &wire.Error{Path: "result", Problem: "missing"}
	}
	return err
}

// complains reports whether the description speaks of an error that has no
// code. It decides nothing else: the manual writes "no errors" in three ways.
func (r *reply) complains() bool {
	d := strings.ToLower(strings.TrimSpace(r.description))
	return r.code == "" && d != "" && !strings.HasPrefix(d, "нет ошиб") && !strings.HasPrefix(d, "ошибок нет")
}

// readMoney reads the answer of a command that moves money or places: a list,
// or one element in its place. Elements of which nothing arrived are dropped.
// It is a success only if what is left is complete; a refusal beside anything
// that arrived settles nothing.
func readMoney[T any](r *reply, elem func(*T, *wire.Decoder) error, arrived func(T) bool, complete func([]T) bool) ([]T, error) {
	var all []T
	err := r.read(func(d *wire.Decoder) error { return wire.List(d, &all, elem) })
	all = slices.DeleteFunc(all, func(v T) bool { return !arrived(v) })
	refusal, refused := errors.AsType[*transport.Refusal](err)
	switch {
	case refused && len(all) > 0:
		refusal.Unsettled = true
	case err == nil && !complete(all):
		return all, &wire.Error{Path: "result", Problem: "incomplete"}
	}
	return all, err
}

// moneyID reads an id that a payment or refund will depend on: one that is "0"
// or holds a space is none.
func moneyID[T ~string](d *wire.Decoder, p *T) error {
	err := wire.ID(d, p)
	if *p == "0" || strings.ContainsFunc(string(*p), unicode.IsSpace) {
		*p = ""
		d.Fail("", "want an id")
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
				r.described = true
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
