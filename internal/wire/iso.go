package wire

import (
	"strings"
	"time"

	"cloud.google.com/go/civil"
)

// OptDateTime reads a date and time of day in ISO 8601 that may be missing. If it
// is missing, *p becomes the zero DateTime. The first of January of the year 1,
// which .NET writes for nothing, is also missing. Seconds, their fraction and the
// time itself may be left out. A zone is skipped: the result is the local clock
// time as written.
func (d *Decoder) OptDateTime(p *civil.DateTime) error {
	return value(d, p, "a date and time or nothing", true, parseDateTime)
}

// OptDay is [Decoder.OptDateTime] without the time of day.
func (d *Decoder) OptDay(p *civil.Date) error {
	return value(d, p, "a date or nothing", true, func(text []byte) (civil.Date, bool) {
		t, ok := parseDateTime(text)
		return t.Date, ok
	})
}

// OptInstant reads a date and time in RFC 3339, with a zone, that may be missing.
// If it is missing, *p becomes the zero Time.
func (d *Decoder) OptInstant(p *time.Time) error {
	return value(d, p, "a date and time with a zone, or nothing", true, func(text []byte) (time.Time, bool) {
		t, err := time.Parse(time.RFC3339Nano, string(text))
		return t.UTC(), err == nil
	})
}

// UnixClock reads a local clock written as UNIX time, as if its zone were UTC.
func (d *Decoder) UnixClock(p *civil.DateTime) error {
	return value(d, p, "a local time as UNIX time", false, func(text []byte) (civil.DateTime, bool) {
		seconds, ok := parseDecimal(text)
		if !ok || !seconds.IsInteger() {
			return civil.DateTime{}, false
		}
		t := time.Unix(seconds.IntPart(), 0).UTC()
		return civil.DateTimeOf(t), seconds.IsPositive() && t.Year() > 1970 && t.Year() <= 9999
	})
}

func parseDateTime(text []byte) (v civil.DateTime, ok bool) {
	if v, ok = plainClock(text); !ok {
		s := strings.Replace(string(text), " ", "T", 1)
		var t time.Time
		var err error
		for _, layout := range []string{"2006-01-02T15:04:05", time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04", time.DateOnly} {
			if t, err = time.Parse(layout, s); err == nil {
				break
			}
		}
		v, ok = civil.DateTimeOf(t), err == nil
	}
	if ok && v.Date == (civil.Date{Year: 1, Month: time.January, Day: 1}) {
		return civil.DateTime{}, true
	}
	return v, ok
}

// plainClock reads 2006-01-02T15:04:05 and fractions of a second, many times as
// fast as package time. Histories have many such values.
func plainClock(text []byte) (v civil.DateTime, ok bool) {
	const layout = "0000-00-00T00:00:00"
	if len(text) < len(layout) {
		return v, false
	}
	var n [6]int // year, month, …
	var part int
	for i, c := range text[:len(layout)] {
		switch {
		case layout[i] != '0' && c == layout[i]:
			part++
		case layout[i] == '0' && c >= '0' && c <= '9':
			n[part] = n[part]*10 + int(c-'0')
		default:
			return v, false
		}
	}
	v.Date = civil.Date{Year: n[0], Month: time.Month(n[1]), Day: n[2]}
	v.Time = civil.Time{Hour: n[3], Minute: n[4], Second: n[5]}
	v.Time.Nanosecond, ok = fraction(text[len(layout):])
	return v, ok && validDate(v.Date) && v.Time.Hour < 24 && v.Time.Minute < 60 && v.Time.Second < 60
}

// fraction reads a fraction of a second. An empty text is 0.
func fraction(text []byte) (nanoseconds int, ok bool) {
	const digits = 9
	if len(text) == 0 {
		return 0, true
	}
	if text[0] != '.' || len(text) == 1 || len(text) > 1+digits {
		return 0, false
	}
	for i := range digits {
		nanoseconds *= 10
		switch {
		case 1+i >= len(text):
		case text[1+i] < '0' || text[1+i] > '9':
			return 0, false
		default:
			nanoseconds += int(text[1+i] - '0')
		}
	}
	return nanoseconds, true
}

// validDate is [civil.Date.IsValid], but faster for most dates.
func validDate(d civil.Date) bool {
	const everyMonth = 28 // days
	return d.Month >= time.January && d.Month <= time.December && d.Day >= 1 && d.Day <= everyMonth || d.IsValid()
}
