package wire

import (
	"bytes"

	"github.com/go-faster/jx"
)

// Null reports whether null follows.
func (d *Decoder) Null() bool { return d.json.Next() == jx.Null }

// Postpone returns the next value as it is written, for [Decoder.Later].
func (d *Decoder) Postpone() ([]byte, error) {
	raw, err := d.json.Raw()
	if err != nil {
		return nil, d.syntax(err)
	}
	if d.last == nil { // a stream overwrites what was read
		raw = bytes.Clone(raw)
	}
	return raw, nil
}

// Later reads a postponed value of the named field. Call it when other fields
// have said what the value is.
func (d *Decoder) Later(field string, raw []byte, read func(*Decoder) error) error {
	if len(raw) == 0 {
		return nil
	}
	return d.inner(raw, append(d.path, step{name: []byte(field)}), read)
}
