package transport

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

const hidden = "[…]"

// concealer hides values in texts, however they are written: in another case,
// escaped as in a query, and numbers with other separators between the digits.
type concealer struct {
	pattern *regexp.Regexp // nil: nothing to hide
}

// conceals makes a concealer. The shortest values are left out: they would blot
// out parts of words and give nobody away.
func conceals(values []string) concealer {
	const shortest = 3
	var forms []string
	for _, v := range values {
		if len(v) < shortest {
			continue
		}
		plus := url.QueryEscape(v)
		percent := strings.ReplaceAll(plus, "+", "%20")
		colon := strings.ReplaceAll(percent, "%3A", ":") // as package wire writes it
		for _, form := range []string{v, plus, percent, colon, url.PathEscape(v)} {
			forms = append(forms, regexp.QuoteMeta(strings.ToValidUTF8(form, "\ufffd")))
		}
		if digits := digitsOf(v); len(digits) > shortest {
			forms = append(forms, strings.Join(digits, `[\s().+/-]{0,3}`))
		}
	}
	if len(forms) == 0 {
		return concealer{}
	}
	// The longest first: a value may be a part of another.
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) })
	return concealer{regexp.MustCompile("(?i)" + strings.Join(slices.Compact(forms), "|"))}
}

// digitsOf returns the digits of a value that consists of them and separators.
func digitsOf(v string) []string {
	var digits []string
	for _, r := range v {
		switch {
		case r >= '0' && r <= '9':
			digits = append(digits, string(r))
		case unicode.IsLetter(r):
			return nil
		}
	}
	return digits
}

// conceal replaces the private values in text.
func (c concealer) conceal(text string) string {
	if c.pattern == nil {
		return text
	}
	return c.pattern.ReplaceAllLiteralString(text, hidden)
}

// message makes words fit for an error: without private values and control
// characters, and not endless.
func (c concealer) message(text string) string {
	const longest = 300
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, c.conceal(strings.ToValidUTF8(text, "\ufffd")))
	text = strings.TrimSpace(text)
	if r := []rune(text); len(r) > longest {
		text = string(r[:longest]) + "…"
	}
	return text
}

// cause makes an error of a connection fit for an [*rutravel.Error]. Go's HTTP
// client wraps errors with the URL and quotes what it could not parse.
func (c concealer) cause(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	text := err.Error()
	for _, quote := range []string{`"`, "header line: ", "initial line: "} {
		if before, _, found := strings.Cut(text, quote); found {
			text = before + hidden
		}
	}
	if _, nested := errors.AsType[*url.Error](err); nested || text != err.Error() {
		return &concealed{text: c.message(text), err: err}
	}
	return c.hide(err)
}

// hide makes an error of this library's own fit for an [*rutravel.Error]: what
// it quotes is its own.
func (c concealer) hide(err error) error {
	if text := c.message(err.Error()); text != err.Error() {
		return &concealed{text: text, err: err}
	}
	return err
}

// concealed is an error whose text was changed. What it conceals can be
// compared with, but not reached.
type concealed struct {
	text string
	err  error
}

func (c *concealed) Error() string        { return c.text }
func (c *concealed) Is(target error) bool { return errors.Is(c.err, target) }
