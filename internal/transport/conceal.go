package transport

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

const hidden = "[…]"

// concealable returns the values that must not be shown, as they are and as
// they stand in a query, the longest first. The shortest are left out: they
// would blot out parts of words and give nobody away.
func concealable(values []string) []string {
	const shortest = 3
	var all []string
	for _, v := range values {
		if len(v) >= shortest {
			all = append(all, v, url.QueryEscape(v), url.PathEscape(v))
		}
	}
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(all)
}

// conceal replaces the private values in text.
func conceal(text string, private []string) string {
	for _, v := range private {
		text = strings.ReplaceAll(text, v, hidden)
	}
	return text
}

// message makes a supplier's words fit for an error: without private values
// and control characters, and not endless.
func message(text string, private []string) string {
	const longest = 300
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, conceal(strings.ToValidUTF8(text, "\ufffd"), private))
	text = strings.TrimSpace(text)
	if r := []rune(text); len(r) > longest {
		text = string(r[:longest]) + "…"
	}
	return text
}

// cause makes an error of a connection fit for an [*rutravel.Error]. Go's HTTP
// client wraps errors with the URL and quotes what it could not parse.
func cause(err error, private []string) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	text := err.Error()
	for _, quote := range []string{`"`, "header line: "} {
		if before, _, found := strings.Cut(text, quote); found {
			text = before + hidden
		}
	}
	text = conceal(text, private)
	if _, nested := errors.AsType[*url.Error](err); !nested && text == err.Error() {
		return err
	}
	return &concealed{text: text, err: err}
}

// concealed is an error whose text was changed. What it conceals can be
// compared with, but not reached.
type concealed struct {
	text string
	err  error
}

func (c *concealed) Error() string        { return c.text }
func (c *concealed) Is(target error) bool { return errors.Is(c.err, target) }
