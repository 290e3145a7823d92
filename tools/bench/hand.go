package main

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"
)

// These are the wrapper types that one writes by hand for values which
// encoding/json does not read as the suppliers write them.

var null = []byte("null")

// looseID is an id: a text or a number.
type looseID string

func (v *looseID) UnmarshalJSON(text []byte) error {
	switch {
	case bytes.Equal(text, null):
		*v = ""
	case len(text) > 1 && text[0] == '"' && !bytes.ContainsRune(text, '\\'):
		*v = looseID(text[1 : len(text)-1])
	case text[0] == '"':
		return json.Unmarshal(text, (*string)(v))
	default:
		*v = looseID(text)
	}
	return nil
}

// looseInt is a number, or a text that consists of one.
type looseInt int

func (v *looseInt) UnmarshalJSON(text []byte) error {
	if bytes.Equal(text, null) {
		return nil
	}
	n, err := strconv.Atoi(string(bytes.Trim(text, `"`)))
	*v = looseInt(n)
	return err
}

// optDecimal is a decimal number, a text that consists of one, "" or null.
type optDecimal struct{ decimal.NullDecimal }

func (v *optDecimal) UnmarshalJSON(text []byte) error {
	if string(text) == `""` {
		return nil
	}
	return v.NullDecimal.UnmarshalJSON(text)
}

// localTime is a date and time without a zone, "" or null.
type localTime struct{ civil.DateTime }

func (v *localTime) UnmarshalJSON(text []byte) error {
	s := string(bytes.Trim(text, `"`))
	if s == "" || s == "null" {
		return nil
	}
	t, err := time.Parse("2006-01-02T15:04:05", s)
	v.DateTime = civil.DateTimeOf(t)
	return err
}

// utcTime is a date and time in UTC, "" or null.
type utcTime struct{ time.Time }

func (v *utcTime) UnmarshalJSON(text []byte) error {
	s := string(bytes.Trim(text, `"`))
	if s == "" || s == "null" {
		return nil
	}
	t, err := time.Parse(time.DateTime, s)
	v.Time = t
	return err
}

// russianDate is a date as DD.MM.YYYY, in JSON or XML.
type russianDate struct{ civil.Date }

func (v *russianDate) UnmarshalText(text []byte) error {
	t, err := time.Parse("02.01.2006", string(text))
	v.Date = civil.DateOf(t)
	return err
}

// clock is a time of day as HH:MM.
type clock struct{ civil.Time }

func (v *clock) UnmarshalText(text []byte) error {
	t, err := time.Parse("15:04", string(text))
	v.Time = civil.TimeOf(t)
	return err
}
