//go:build go1.27

package main

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"io"
	"net/http"
	"strconv"
	"time"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"
)

// v2 returns the contestant that reads with encoding/json/v2. It reads objects by
// their tags, and values with functions that read the text in place.
func v2(x exchange, client *http.Client) []contestant {
	return []contestant{{withV2, func() (any, error) { return x.do(client.Do, whole(unmarshalV2)) }}}
}

// streamV2 reads a history element by element.
var streamV2 = func(transport http.RoundTripper, trip func(any)) error {
	return received(transport, func(body io.Reader) error {
		return streamWith(tokensV2{jsontext.NewDecoder(body, v2Options)}, unmarshalV2, trip)
	})
}

func unmarshalV2(text []byte, v any) error { return json.Unmarshal(text, v, v2Options) }

// tokensV2 is a jsontext.Decoder with the methods of a json.Decoder.
type tokensV2 struct{ d *jsontext.Decoder }

func (t tokensV2) Decode(v any) error { return json.UnmarshalDecode(t.d, v, v2Options) }
func (t tokensV2) More() bool         { return t.d.PeekKind() != '}' && t.d.PeekKind() != ']' }
func (t tokensV2) Token() (any, error) {
	token, err := t.d.ReadToken()
	return token.String(), err
}

// The first two options are not the defaults. Without them, encoding/json/v2 is
// slower and refuses answers that encoding/json reads.
var v2Options = json.JoinOptions(
	jsontext.AllowDuplicateNames(true),
	jsontext.AllowInvalidUTF8(true),
	json.WithUnmarshalers(json.JoinUnmarshalers(
		json.UnmarshalFromFunc(func(d *jsontext.Decoder, v *looseID) error {
			text, err := scalarText(d)
			*v = looseID(text)
			return err
		}),
		json.UnmarshalFromFunc(func(d *jsontext.Decoder, v *looseInt) error {
			text, err := scalarText(d)
			if err != nil || text == "" {
				return err
			}
			n, err := strconv.Atoi(text)
			*v = looseInt(n)
			return err
		}),
		json.UnmarshalFromFunc(func(d *jsontext.Decoder, v *decimal.Decimal) error {
			text, err := scalarText(d)
			if err != nil || text == "" {
				return err
			}
			*v, err = decimal.NewFromString(text)
			return err
		}),
		json.UnmarshalFromFunc(func(d *jsontext.Decoder, v *decimal.NullDecimal) error { return nullDecimal(d, v) }),
		json.UnmarshalFromFunc(func(d *jsontext.Decoder, v *optDecimal) error { return nullDecimal(d, &v.NullDecimal) }),
		json.UnmarshalFromFunc(func(d *jsontext.Decoder, v *localTime) error {
			t, err := timeIn(d, "2006-01-02T15:04:05")
			if !t.IsZero() {
				v.DateTime = civil.DateTimeOf(t)
			}
			return err
		}),
		json.UnmarshalFromFunc(func(d *jsontext.Decoder, v *utcTime) (err error) {
			v.Time, err = timeIn(d, time.DateTime)
			return err
		}),
		json.UnmarshalFromFunc(func(d *jsontext.Decoder, v *russianDate) error {
			t, err := timeIn(d, "02.01.2006")
			v.Date = civil.DateOf(t)
			return err
		}),
		json.UnmarshalFromFunc(func(d *jsontext.Decoder, v *clock) error {
			t, err := timeIn(d, "15:04")
			v.Time = civil.TimeOf(t)
			return err
		}),
	)),
)

// scalarText returns the text of a string or number. It returns "" for null.
func scalarText(d *jsontext.Decoder) (string, error) {
	t, err := d.ReadToken()
	if err != nil || t.Kind() == jsontext.KindNull {
		return "", err
	}
	return t.String(), nil
}

func nullDecimal(d *jsontext.Decoder, v *decimal.NullDecimal) error {
	text, err := scalarText(d)
	if err != nil || text == "" {
		return err
	}
	v.Decimal, err = decimal.NewFromString(text)
	v.Valid = err == nil
	return err
}

// timeIn reads a time. A missing value is the zero Time.
func timeIn(d *jsontext.Decoder, layout string) (time.Time, error) {
	text, err := scalarText(d)
	if err != nil || text == "" {
		return time.Time{}, err
	}
	return time.Parse(layout, text)
}
