// Package valid checks requests before they are sent.
package valid

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
)

// Check records the first wrong field. The zero value is ready to use.
type Check struct {
	err *rutravel.FieldError
}

// Err returns the error of the first wrong field, or nil.
func (c *Check) Err() error {
	if c.err == nil {
		return nil
	}
	return c.err
}

// That records a problem with a field if ok is false.
func (c *Check) That(ok bool, field, problem string) {
	if !ok && c.err == nil {
		c.err = &rutravel.FieldError{Field: field, Problem: problem}
	}
}

// ID checks an identifier. It must not be empty or contain spaces or control
// characters.
func (c *Check) ID(field, value string) {
	c.That(value != "", field, "must not be empty")
	c.That(utf8.ValidString(value), field, "must be UTF-8")
	c.That(!strings.ContainsFunc(value, func(r rune) bool { return unicode.IsSpace(r) || control(r) }),
		field, "must not contain spaces or control characters")
}

// Number checks an identifier that is sent as a JSON number. It must consist of
// digits, without leading zeros.
func (c *Check) Number(field, value string) {
	digits := strings.Trim(value, "0123456789") == ""
	c.That(value != "" && digits && (value == "0" || value[0] != '0'), field, "must be a whole number")
}

// Text checks a text that must not be empty.
func (c *Check) Text(field, value string) {
	c.That(strings.TrimSpace(value) != "", field, "must not be empty")
	c.OptText(field, value)
}

// OptText checks a text that may be empty.
func (c *Check) OptText(field, value string) {
	c.That(utf8.ValidString(value), field, "must be UTF-8")
	c.That(!strings.ContainsFunc(value, control), field, "must not contain control characters")
}

// Trim removes the spaces around a text. Line breaks and tabs stay, so that the text
// is refused.
func Trim(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return unicode.Is(unicode.Zs, r) })
}

// control reports whether a character is a control character, or one of two that XML
// does not allow, not even as a reference.
func control(r rune) bool { return unicode.IsControl(r) || r == '\ufffe' || r == '\uffff' }

// Secret checks a credential. It refuses the placeholder that a Secret shows in JSON
// and logs, because then a Config was stored and read back.
func (c *Check) Secret(field string, s rutravel.Secret) {
	c.Text(field, string(s))
	c.That(string(s) != s.String(), field, "must be the secret itself, not its placeholder")
}

// Date checks a date.
func (c *Check) Date(field string, d civil.Date) {
	c.That(d != civil.Date{}, field, "must be set")
	c.That(d.IsValid() && d.Year > 0 && d.Year <= 9999, field, "must be a date of the calendar")
}

// DateTime checks a date and time of day.
func (c *Check) DateTime(field string, t civil.DateTime) {
	c.Date(field+".Date", t.Date)
	c.That(t.Time.IsValid(), field+".Time", "must be a time of day")
}

// Instant checks a time. It must be set, with a year from 1 to 9999 in UTC.
func (c *Check) Instant(field string, t time.Time) {
	c.That(!t.IsZero(), field, "must be set")
	year := t.UTC().Year()
	c.That(year > 0 && year <= 9999, field, "must be in the years 1 to 9999")
}
