package wire

import (
	"strings"
	"time"

	"cloud.google.com/go/civil"
)

// OptDateTime reads a date and time of day in ISO 8601 that may be missing; it
// is the zero DateTime then, and so is the first of January of the year 1, which
// .NET writes for nothing. Seconds, their fraction and the time itself may be
// left out. A zone is passed over: the clock on the wall is what counts.
func (d *Decoder) OptDateTime(p *civil.DateTime) error {
	return value(d, p, "a date and time or nothing", true, parseDateTime)
}

// OptDay is [Decoder.OptDateTime] of which only the date counts.
func (d *Decoder) OptDay(p *civil.Date) error {
	return value(d, p, "a date or nothing", true, func(text []byte) (civil.Date, bool) {
		t, ok := parseDateTime(text)
		return t.Date, ok
	})
}

// OptInstant reads a date and time in RFC 3339, with a zone, that may be
// missing; it is the zero Time then.
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

func parseDateTime(text []byte) (civil.DateTime, bool) {
	s := string(text)
	t, err := time.Parse(time.RFC3339, s+"Z") // of any fraction; no layout is read as fast
	if err != nil {
		s = strings.Replace(s, " ", "T", 1)
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly} {
			if t, err = time.Parse(layout, s); err == nil {
				break
			}
		}
	}
	v := civil.DateTimeOf(t)
	if err == nil && v.Date == (civil.Date{Year: 1, Month: time.January, Day: 1}) {
		return civil.DateTime{}, true
	}
	return v, err == nil
}
