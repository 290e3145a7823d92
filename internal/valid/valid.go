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

// Check remembers the first field that is wrong. The zero value is ready to
// use.
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

// That checks a condition.
func (c *Check) That(ok bool, field, problem string) {
	if !ok && c.err == nil {
		c.err = &rutravel.FieldError{Field: field, Problem: problem}
	}
}

// ID checks an identifier: not empty, without spaces and control characters.
func (c *Check) ID(field, value string) {
	c.That(value != "", field, "must not be empty")
	c.That(utf8.ValidString(value), field, "must be UTF-8")
	c.That(!strings.ContainsFunc(value, func(r rune) bool { return unicode.IsSpace(r) || control(r) }),
		field, "must not contain spaces or control characters")
}

// Number checks an identifier that is written as a JSON number: digits without
// leading zeros.
func (c *Check) Number(field, value string) {
	digits := strings.Trim(value, "0123456789") == ""
	c.That(value != "" && digits && (value == "0" || value[0] != '0'), field, "must be a whole number")
}

// Text checks a text that must say something.
func (c *Check) Text(field, value string) {
	c.That(strings.TrimSpace(value) != "", field, "must not be empty")
	c.OptText(field, value)
}

// OptText checks a text that may be empty.
func (c *Check) OptText(field, value string) {
	c.That(utf8.ValidString(value), field, "must be UTF-8")
	c.That(!strings.ContainsFunc(value, control), field, "must not contain control characters")
}

// Trim removes the spaces around a text about people. Line breaks and tabs stay, so
// that the text is refused.
func Trim(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return unicode.Is(unicode.Zs, r) })
}

// control reports whether a character is one that nobody types: XML has no place
// for the last two, not even as a reference to them.
func control(r rune) bool { return unicode.IsControl(r) || r == '\ufffe' || r == '\uffff' }

// Secret checks a credential. The placeholder that a Secret shows in JSON and
// logs is none: a Config was stored and read back.
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

// Instant checks a time of which the year will be written in UTC with four digits.
func (c *Check) Instant(field string, t time.Time) {
	c.That(!t.IsZero(), field, "must be set")
	year := t.UTC().Year()
	c.That(year > 0 && year <= 9999, field, "must be in the years 1 to 9999")
}
