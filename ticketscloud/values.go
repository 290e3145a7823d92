package ticketscloud

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// Period is a range of time in a query. Fractions of a second are not sent. The manual
// does not say whether both ends are included.
type Period struct {
	From, To time.Time
}

func (p Period) isZero() bool { return p == Period{} }

// text returns the period in the form of queries: in UTC, without a zone.
func (p Period) text() string { return formatInstant(p.From) + "," + formatInstant(p.To) }

func (p Period) check(v *valid.Check, field string) {
	if p.isZero() {
		return
	}
	v.Instant(field+".From", p.From)
	v.Instant(field+".To", p.To)
	v.That(!p.To.Before(p.From), field+".To", "must not be before From")
}

func formatInstant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05") }

// instant reads a date and time. An empty value is the zero time.
func instant(d *wire.Decoder, p *time.Time) error {
	var text string
	if err := wire.String(d, &text); err != nil {
		return err
	}
	t, ok := parseInstant(strings.TrimSpace(text))
	if !ok {
		d.Fail("", "want a date and time")
		return nil
	}
	*p = t
	return nil
}

// parseInstant reads the ISO 8601 notations of v1 and v2. Between date and time is a space
// or T. There may be any fraction of a second. The zone is Z, an offset or nothing, which
// means UTC. "" is the zero time.
func parseInstant(text string) (t time.Time, ok bool) {
	if text == "" {
		return time.Time{}, true
	}
	const plain = len("2006-01-02T15:04:05")
	if len(text) < plain || text[10] != ' ' && text[10] != 'T' {
		return time.Time{}, false
	}
	zone := strings.IndexAny(text[plain:], "Z+-")
	clock, offset := text, ""
	if zone >= 0 {
		clock, offset = text[:plain+zone], text[plain+zone:]
	}
	// time.Parse accepts a fraction after the seconds with every layout.
	t, err := time.Parse(time.RFC3339, clock[:10]+"T"+clock[11:]+"Z")
	if err != nil {
		return time.Time{}, false
	}
	east, ok := parseOffset(offset)
	return t.Add(-east), ok
}

// parseOffset reads "", "Z", "+03:00", "+0300" or "+03".
func parseOffset(text string) (east time.Duration, ok bool) {
	if text == "" || text == "Z" {
		return 0, true
	}
	hours, minutes, colon := strings.Cut(text[1:], ":")
	if colon && (len(hours) != 2 || len(minutes) != 2) {
		return 0, false
	}
	digits := hours + minutes
	if len(digits) == 2 {
		digits += "00"
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	if err != nil || len(digits) != 4 || n/100 > 23 || n%100 > 59 {
		return 0, false
	}
	east = time.Duration(n/100)*time.Hour + time.Duration(n%100)*time.Minute
	if text[0] == '-' {
		east = -east
	}
	return east, true
}

// parseEventTime reads DTSTART and DTEND of a VEVENT (RFC 2445), which the supplier
// writes only in UTC. A missing value is the zero time.
func parseEventTime(text string) (start, finish time.Time, ok bool) {
	if strings.TrimSpace(text) == "" {
		return start, finish, true
	}
	// The manual prints the line breaks as letters.
	text = strings.NewReplacer(`\r\n`, "\n", "\r\n", "\n", "\r", "\n").Replace(text)
	// A folded line continues after a break and one white space.
	text = strings.NewReplacer("\n ", "", "\n\t", "").Replace(text)
	var begun, ended bool
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		head, value, _ := strings.Cut(line, ":")
		name, _, _ := strings.Cut(head, ";")
		var p *time.Time
		switch strings.ToUpper(name) {
		case "BEGIN":
			begun = begun || strings.EqualFold(value, "VEVENT")
		case "END":
			ended = ended || strings.EqualFold(value, "VEVENT")
			continue
		case "DTSTART":
			p = &start
		case "DTEND":
			p = &finish
		}
		if ended && line != "" {
			return time.Time{}, time.Time{}, false
		}
		if p == nil {
			continue
		}
		t, err := time.Parse("20060102T150405Z", value)
		if err != nil {
			return time.Time{}, time.Time{}, false
		}
		*p = t
	}
	if !begun || !ended {
		return time.Time{}, time.Time{}, false
	}
	return start, finish, true
}

// eventTime reads a lifetime: a VEVENT or, in v2, an object with start and finish.
func eventTime(d *wire.Decoder, start, finish *time.Time) error {
	if d.AtObject() {
		return lifetime(d, start, finish)
	}
	var text string
	if err := wire.String(d, &text); err != nil {
		return err
	}
	from, to, ok := parseEventTime(text)
	if !ok {
		d.Fail("", "want a VEVENT")
		return nil
	}
	*start, *finish = from, to
	return nil
}

// lifetime reads an object with start and finish. Each may be missing.
func lifetime(d *wire.Decoder, start, finish *time.Time) error {
	var names, known int
	err := d.Map(func(name []byte) error {
		names++
		switch string(name) {
		case "start":
			known++
			return instant(d, start)
		case "finish":
			known++
			return instant(d, finish)
		default:
			return d.Skip()
		}
	})
	if names > 0 && known == 0 {
		d.Fail("", "want start and finish")
	}
	return err
}

// percent reads "5%", with or without the sign, from 0 to 100. An empty value is not valid.
func percent(d *wire.Decoder, p *decimal.NullDecimal) error {
	var text string
	if err := wire.String(d, &text); err != nil {
		return err
	}
	text = strings.TrimSpace(text)
	if text == "" {
		*p = decimal.NullDecimal{}
		return nil
	}
	value, ok := wire.ParseDecimal(strings.TrimSpace(strings.TrimSuffix(text, "%")))
	if !ok || value.IsNegative() || value.GreaterThan(decimal.NewFromInt(100)) { //nolint:mnd // per cent
		d.Fail("", "want a percentage")
		return nil
	}
	*p = decimal.NewNullDecimal(value)
	return nil
}

// age reads an age rating: 16, "16" or "16+".
func age(d *wire.Decoder, p *int) error {
	var text string
	if err := wire.String(d, &text); err != nil {
		return err
	}
	text = strings.TrimSuffix(strings.TrimSpace(text), "+")
	if text == "" {
		return nil
	}
	const oldest = 999 // a larger number is not an age and may not fit into an int
	value, ok := wire.ParseDecimal(text)
	if !ok || !value.IsInteger() || value.IsNegative() || value.GreaterThan(decimal.NewFromInt(oldest)) {
		d.Fail("", "want an age")
		return nil
	}
	*p = int(value.IntPart())
	return nil
}

// optFields is [wire.Decoder.Fields] of an object that may be missing.
func optFields(d *wire.Decoder, field func(name []byte) error, essential ...string) error {
	if !d.AtObject() {
		return d.Map(func([]byte) error { return d.Skip() })
	}
	return d.Fields(field, essential...)
}

// texts reads a list of texts, or one text instead of a list.
func texts[T ~string](d *wire.Decoder, p *[]T) error {
	if !d.AtText() {
		return wire.List(d, p, func(t *T, d *wire.Decoder) error { return wire.String(d, t) })
	}
	var one T
	err := wire.String(d, &one)
	if *p = nil; one != "" {
		*p = []T{one}
	}
	return err
}

// at names an element of a list in an error: "Tickets[0]".
func at(field string, i int) string { return field + "[" + strconv.Itoa(i) + "]" }

// inZone converts an instant to a time zone.
func inZone(t time.Time, zone string) (time.Time, error) {
	if t.IsZero() {
		return t, errors.New("ticketscloud: the instant is not known")
	}
	// LoadLocation takes these values for UTC and the zone of this machine.
	if zone == "" || zone == "Local" {
		return time.Time{}, fmt.Errorf("ticketscloud: %q is not a time zone of an event", zone)
	}
	where, err := time.LoadLocation(zone)
	if err != nil {
		return time.Time{}, fmt.Errorf(`ticketscloud: the event's time zone cannot be loaded; where a system has no zones, import _ "time/tzdata": %w`, err)
	}
	return t.In(where), nil
}
