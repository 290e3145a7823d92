package wire

import (
	"bytes"
	"encoding/json"

	"github.com/go-faster/jx"
)

// Null reports whether null follows.
func (d *Decoder) Null() bool { return d.json.Next() == jx.Null }

// Raw returns a copy of the value that follows as it is written: one that this
// library has no type for, or whose type stands behind it.
func (d *Decoder) Raw() (json.RawMessage, error) {
	raw, err := d.json.Raw()
	if err != nil {
		return nil, d.syntax(err)
	}
	if !json.Valid(raw) { // jx passes over more than it reads
		d.Fail("", "want JSON")
		return nil, nil
	}
	return json.RawMessage(bytes.Clone(bytes.TrimSpace(raw))), nil
}

// Later reads a value that [Decoder.Raw] has returned of the named field, once
// the fields beside it have said what it is.
func (d *Decoder) Later(field string, raw json.RawMessage, read func(*Decoder) error) error {
	if len(raw) == 0 {
		return nil
	}
	whole := &Decoder{last: new(byte), path: append(d.path, step{name: []byte(field)}), bad: d.bad} // no end of raw is a cut
	whole.json.ResetBytes(raw)
	err := read(whole)
	d.bad = whole.bad
	return err
}
