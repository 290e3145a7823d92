package wire

import (
	"bytes"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"cloud.google.com/go/civil"
	"github.com/go-faster/jx"
	"github.com/shopspring/decimal"
)

// The layouts of dates and times without a zone.
const (
	DMY = "02.01.2006"
	HM  = "15:04"
)

// String reads a text that may be empty.
func String[T ~string](d *Decoder, p *T) error {
	s, err := d.scalar()
	switch {
	case err != nil:
		return err
	case s.text == nil && !s.nothing:
		d.Fail("", "want a text, got "+s.describe())
	default:
		*p = T(d.known.text(s.text))
	}
	return nil
}

// ID reads an identifier: a string, or a number of digits alone, that is not empty
// once the spaces around it are gone. One in which bytes had to be replaced is
// unreadable: it would name something else.
func ID[T ~string](d *Decoder, p *T) error {
	return value(d, p, "an id", false, parseID[T](d))
}

// OptID reads an identifier that may be missing.
func OptID[T ~string](d *Decoder, p *T) error {
	return value(d, p, "an id or nothing", true, parseID[T](d))
}

func parseID[T ~string](d *Decoder) func(text []byte) (T, bool) {
	return func(text []byte) (T, bool) {
		if d.value.kind == jx.Number && bytes.ContainsAny(text, ".eE-") || !utf8.Valid(text) || bytes.ContainsRune(text, utf8.RuneError) {
			return "", false
		}
		return T(d.known.text(text)), true
	}
}

// Texts appends all texts and numbers in a value of any shape, without the spaces
// around them.
func (d *Decoder) Texts(p *[]string) error {
	if d.Nested() {
		return d.Map(func([]byte) error { return d.Texts(p) })
	}
	var text string
	err := String(d, &text)
	if text = strings.TrimSpace(text); text != "" {
		*p = append(*p, text)
	}
	return err
}

// Fold makes names comparable however they are typed: letters alone, in one case,
// and ё is е.
func Fold(name string) string {
	return strings.Map(func(r rune) rune {
		switch r = unicode.ToLower(r); {
		case r == 'ё':
			return 'е'
		case unicode.IsLetter(r):
			return r
		default:
			return -1
		}
	}, name)
}

// Int reads a whole number.
func (d *Decoder) Int(p *int) error {
	return value(d, p, "a whole number", false, func(text []byte) (int, bool) {
		n, err := strconv.Atoi(string(text))
		return n, err == nil
	})
}

// OptInt reads a whole number that may be missing; it is nil then, for 0 is a
// number.
func (d *Decoder) OptInt(p **int) error {
	return value(d, p, "a whole number or nothing", true, func(text []byte) (*int, bool) {
		n, err := strconv.Atoi(string(text))
		return &n, err == nil
	})
}

// Flag reads a yes or no: true and false, 1 and 0, or one of these as a
// text in any case.
func (d *Decoder) Flag(p *bool) error {
	return d.flag(false, func(yes bool) { *p = yes })
}

// OptFlag reads a yes or no that may be missing; *p is left as it was then.
func (d *Decoder) OptFlag(p *bool) error {
	return d.flag(true, func(yes bool) { *p = yes })
}

func (d *Decoder) flag(optional bool, set func(bool)) error {
	s, err := d.scalar()
	if err != nil {
		return err
	}
	switch text := string(bytes.TrimSpace(s.text)); {
	case s.kind == jx.Bool:
		set(!s.nothing)
	case text == "1" || strings.EqualFold(text, "true"):
		set(true)
	case text == "0" || strings.EqualFold(text, "false"):
		set(false)
	case !optional || !s.nothing && (text != "" || s.text == nil):
		d.Fail("", "want yes or no, got "+s.describe())
	}
	return nil
}

// Decimal reads a decimal number; its digits are kept, trailing zeros too.
func (d *Decoder) Decimal(p *decimal.Decimal) error {
	return value(d, p, "a decimal number", false, func(text []byte) (decimal.Decimal, bool) {
		return d.known.decimal(text)
	})
}

// OptDecimal reads a decimal number that may be missing.
func (d *Decoder) OptDecimal(p *decimal.NullDecimal) error {
	return value(d, p, "a decimal number or nothing", true, func(text []byte) (decimal.NullDecimal, bool) {
		v, ok := d.known.decimal(text)
		return decimal.NewNullDecimal(v), ok
	})
}

// Amount reads a decimal number that is not negative: money.
func (d *Decoder) Amount(p *decimal.Decimal) error {
	return value(d, p, "an amount", false, func(text []byte) (decimal.Decimal, bool) {
		v, ok := d.known.decimal(text)
		return v, ok && !v.IsNegative()
	})
}

// OptAmount reads an amount that may be missing.
func (d *Decoder) OptAmount(p *decimal.NullDecimal) error {
	return value(d, p, "an amount or nothing", true, func(text []byte) (decimal.NullDecimal, bool) {
		v, ok := d.known.decimal(text)
		return decimal.NewNullDecimal(v), ok && !v.IsNegative()
	})
}

// Percent reads a decimal number from 0 to 100.
func (d *Decoder) Percent(p *decimal.Decimal) error {
	return value(d, p, "a percentage", false, func(text []byte) (decimal.Decimal, bool) {
		v, ok := d.known.decimal(text)
		return v, ok && !v.IsNegative() && v.LessThanOrEqual(hundred)
	})
}

// OptPercent reads a percentage that may be missing.
func (d *Decoder) OptPercent(p *decimal.NullDecimal) error {
	return value(d, p, "a percentage or nothing", true, func(text []byte) (decimal.NullDecimal, bool) {
		v, ok := d.known.decimal(text)
		return decimal.NewNullDecimal(v), ok && !v.IsNegative() && v.LessThanOrEqual(hundred)
	})
}

var hundred = decimal.NewFromInt(100)

// OptDigits reads the text of a decimal number, which must go back to the
// supplier as it came; nothing is "".
func OptDigits[T ~string](d *Decoder, p *T) error {
	return value(d, p, "a decimal number or nothing", true, func(text []byte) (T, bool) {
		_, ok := parseDecimal(text)
		return T(text), ok
	})
}

// Date reads a date.
func (d *Decoder) Date(layout string, p *civil.Date) error {
	return value(d, p, "a date", false, dateIn(layout))
}

// OptDate reads a date that may be missing; it is the zero Date then, and so is
// one of zeros, as databases write it.
func (d *Decoder) OptDate(layout string, p *civil.Date) error {
	parse := dateIn(layout)
	return value(d, p, "a date or nothing", true, func(text []byte) (civil.Date, bool) {
		if len(text) == len(layout) && !bytes.ContainsAny(text, "123456789") {
			return civil.Date{}, true
		}
		return parse(text)
	})
}

// MoscowDate reads the UNIX time of a midnight in Moscow.
func (d *Decoder) MoscowDate(p *civil.Date) error {
	return value(d, p, "a date as UNIX time", false, ParseMoscowDate)
}

// moscow has no daylight saving time.
var moscow = time.FixedZone("MSK", 3*60*60)

// MoscowToday returns the date that it is in Moscow.
func MoscowToday() civil.Date { return civil.DateOf(InMoscow(time.Now())) }

// InMoscow returns an instant as the clocks in Moscow show it.
func InMoscow(t time.Time) time.Time { return t.In(moscow) }

// ParseMoscowDate reads the UNIX time of a midnight in Moscow.
func ParseMoscowDate(text []byte) (civil.Date, bool) {
	seconds, err := strconv.ParseInt(string(text), 10, 64)
	day := civil.DateOf(time.Unix(seconds, 0).In(moscow))
	return day, err == nil && seconds > 0 && day.Year <= 9999
}

// Time reads a time of day; in layout [HM] it may have seconds.
func (d *Decoder) Time(layout string, p *civil.Time) error {
	return value(d, p, "a time of day", false, timeIn(layout))
}

// OptTime reads a time of day that may be missing; it is nil then, for
// midnight is a time of day.
func (d *Decoder) OptTime(layout string, p **civil.Time) error {
	parse := timeIn(layout)
	return value(d, p, "a time of day or nothing", true, func(text []byte) (*civil.Time, bool) {
		t, ok := parse(text)
		return &t, ok
	})
}

// value reads a scalar that parse understands, without the spaces around it.
// Where there is nothing, an optional *p becomes zero: of two equal names the
// last wins. *p is left as it was if the value cannot be read.
func value[T any](d *Decoder, p *T, want string, optional bool, parse func(text []byte) (T, bool)) error {
	s, err := d.scalar()
	if err != nil {
		return err
	}
	text := bytes.TrimSpace(s.text)
	switch {
	case len(text) > 0:
		if v, ok := parse(text); ok {
			*p = v
			return nil
		}
	case optional && (s.nothing || s.text != nil):
		var none T
		*p = none
		return nil
	}
	d.Fail("", "want "+want+", got "+s.describe())
	return nil
}

func dateIn(layout string) func([]byte) (civil.Date, bool) {
	return func(text []byte) (civil.Date, bool) {
		t, err := time.Parse(layout, string(text))
		return civil.DateOf(t), err == nil
	}
}

func timeIn(layout string) func([]byte) (civil.Time, bool) {
	return func(text []byte) (civil.Time, bool) {
		t, err := time.Parse(layout, string(text))
		if err != nil && layout == HM {
			t, err = time.Parse(layout+":05", string(text))
		}
		return civil.TimeOf(t), err == nil
	}
}

// FormatDate writes a date.
func FormatDate(layout string, d civil.Date) string {
	return d.In(time.UTC).Format(layout)
}

// FormatTime writes a time of day.
func FormatTime(layout string, t civil.Time) string {
	return time.Date(1, 1, 1, t.Hour, t.Minute, t.Second, t.Nanosecond, time.UTC).Format(layout)
}

// parseDecimal reads -?digits[.digits][e±digits] with all its digits. Numbers
// that no price or rate can be are refused, for decimal would spend time and
// memory by their exponent.
func parseDecimal(text []byte) (decimal.Decimal, bool) {
	var none *repeated
	return none.decimal(text)
}

// decimal is parseDecimal.
func (r *repeated) decimal(text []byte) (decimal.Decimal, bool) {
	const (
		longest  = 64 // bytes
		fast     = 18 // digits that an int64 holds
		exponent = 3  // bytes of an exponent, its sign included
	)
	var (
		n      int64
		scale  int32
		digits int
		dot    = -1
	)
	if len(text) > longest {
		return decimal.Decimal{}, false
	}
	i := 0
	if len(text) > 0 && text[0] == '-' {
		i = 1
	}
	for ; i < len(text); i++ {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			if digits++; digits <= fast {
				n = n*10 + int64(c-'0')
			}
			if dot >= 0 {
				scale++
			}
			continue
		case c == '.' && dot < 0 && digits > 0:
			dot = i
			continue
		case c|0x20 == 'e' && len(text)-i-1 <= exponent:
		default:
			return decimal.Decimal{}, false
		}
		break
	}
	if digits == 0 || dot >= 0 && scale == 0 {
		return decimal.Decimal{}, false
	}
	if i == len(text) && digits <= fast {
		if text[0] == '-' {
			n = -n
		}
		return r.short(n, -scale), true
	}
	// Not decimal.NewFromString, which obeys a process-wide limit.
	var power int64
	if i < len(text) {
		var err error
		if power, err = strconv.ParseInt(string(text[i+1:]), 10, 32); err != nil {
			return decimal.Decimal{}, false
		}
	}
	all, _ := new(big.Int).SetString(strings.Replace(string(text[:i]), ".", "", 1), 10)
	return decimal.NewFromBigInt(all, int32(power)-scale), true
}

// ParseDecimal reads a decimal number as the suppliers write it, with its
// digits.
func ParseDecimal(s string) (v decimal.Decimal, ok bool) { return parseDecimal([]byte(s)) }

// ParseDate reads a date.
func ParseDate(layout, s string) (d civil.Date, ok bool) { return dateIn(layout)([]byte(s)) }
