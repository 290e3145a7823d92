package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"
)

// quirks reads and writes the quirks of a fake as JSON: an object with the names of
// the Go fields, in which durations are texts.
func quirks[Q any](get func() Q, set func(Q)) (read func() any, write func([]byte) error) {
	read = func() any {
		members := map[string]any{}
		v := reflect.ValueOf(get())
		for _, f := range reflect.VisibleFields(v.Type()) {
			value := v.FieldByIndex(f.Index).Interface()
			if d, ok := value.(time.Duration); ok {
				value = d.String()
			}
			members[f.Name] = value
		}
		return members
	}
	write = func(text []byte) error {
		var members map[string]json.RawMessage
		if err := strict(text, &members); err != nil {
			return err
		}
		var q Q
		for name, raw := range members {
			f := reflect.ValueOf(&q).Elem().FieldByName(name)
			if !f.IsValid() {
				return fmt.Errorf("unknown quirk %q; there are %s", name, strings.Join(fieldNames(q), ", "))
			}
			if f.Type() != reflect.TypeFor[time.Duration]() {
				if err := json.Unmarshal(raw, f.Addr().Interface()); err != nil {
					return fmt.Errorf("%s must be of the type %s", name, f.Kind())
				}
				continue
			}
			var written string
			if json.Unmarshal(raw, &written) != nil {
				return fmt.Errorf(`%s must be a duration: "2s"`, name)
			}
			d, err := duration(written)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			f.SetInt(int64(d))
		}
		set(q)
		return nil
	}
	return read, write
}

func fieldNames(v any) (names []string) {
	for _, f := range reflect.VisibleFields(reflect.TypeOf(v)) {
		names = append(names, f.Name)
	}
	return names
}

// strict reads one JSON value that has no unknown members.
func strict(text []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		var syntax *json.SyntaxError
		switch {
		case errors.Is(err, io.EOF):
			return errors.New("the body is empty; JSON was expected")
		case errors.As(err, &syntax) || errors.Is(err, io.ErrUnexpectedEOF):
			return fmt.Errorf("the body is not JSON: %w", err)
		}
		return errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("the body has more than one JSON value")
	}
	return nil
}
