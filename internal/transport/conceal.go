package transport

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	rutravel "github.com/rutravel/rutravel-go"
)

const hidden = "[…]"

// concealer hides values in texts. It finds them in any case, escaped as in a
// query, and numbers with any separators between the digits.
type concealer struct {
	forms   [][]rune // in lower case
	numbers [][]rune // digits alone
}

func newConcealer(values []string) concealer {
	const (
		shortest       = 2 // runes; a shorter value identifies nobody
		shortestNumber = 4 // digits
	)
	var c concealer
	for _, v := range values {
		v = strings.TrimSpace(v)
		if utf8.RuneCountInString(v) < shortest {
			continue
		}
		plus := url.QueryEscape(v)
		percent := strings.ReplaceAll(plus, "+", "%20")
		colon := strings.ReplaceAll(percent, "%3A", ":") // as package wire writes it
		json := strings.Trim(strconv.QuoteToASCII(v), `"`)
		for _, form := range []string{v, plus, percent, colon, url.PathEscape(v), json} {
			c.forms = append(c.forms, lower(form))
		}
		if digits := digitsOf(v); len(digits) >= shortestNumber {
			c.numbers = append(c.numbers, digits)
		}
	}
	return c
}

// lower folds case, and ё to е, rune by rune, so that indexes into the text stay
// valid.
func lower(text string) []rune {
	runes := []rune(text)
	for i, r := range runes {
		if runes[i] = unicode.ToLower(r); runes[i] == 'ё' {
			runes[i] = 'е'
		}
	}
	return runes
}

// digitsOf returns the digits of a value that consists of them and separators.
func digitsOf(v string) []rune {
	var digits []rune
	for _, r := range v {
		switch {
		case r >= '0' && r <= '9':
			digits = append(digits, r)
		case unicode.IsLetter(r):
			return nil
		}
	}
	return digits
}

// conceal replaces the private values in text.
func (c concealer) conceal(text string) string {
	folded := lower(text)
	var cover []int // where a value begins, the index of its end; nil while none was found
	for at := range folded {
		var end int
		for _, form := range c.forms {
			if matches(folded, at, form) {
				end = max(end, at+len(form))
			}
		}
		for _, number := range c.numbers {
			end = max(end, matchDigits(folded, at, number))
		}
		if end > 0 {
			if cover == nil {
				cover = make([]int, len(folded))
			}
			cover[at] = end
		}
	}
	if cover == nil {
		return text
	}
	original := []rune(text)
	var b strings.Builder
	for at := 0; at < len(original); {
		end := cover[at]
		if end == 0 {
			b.WriteRune(original[at])
			at++
			continue
		}
		for ; at < end; at++ { // values may overlap
			end = max(end, cover[at])
		}
		b.WriteString(hidden)
	}
	return b.String()
}

// matches reports whether form is in text at an index. A short form matches only
// a whole word, because otherwise it would hide parts of others.
func matches(text []rune, at int, form []rune) bool {
	const short = 3
	end := at + len(form)
	if end > len(text) || !slices.Equal(text[at:end], form) {
		return false
	}
	word := func(i int) bool {
		return i >= 0 && i < len(text) && (unicode.IsLetter(text[i]) || unicode.IsDigit(text[i]))
	}
	return len(form) > short || !word(at-1) && !word(end)
}

// matchDigits finds digits in text at an index, with up to three separators
// between two of them. It returns the index of their end, or 0 if they are not
// there.
func matchDigits(text []rune, at int, digits []rune) (end int) {
	const separators = 3
	for i, d := range digits {
		if i > 0 {
			for n := 0; n < separators && at < len(text) && strings.ContainsRune(" \u00a0().+/-", text[at]); n++ {
				at++
			}
		}
		if at >= len(text) || text[at] != d {
			return 0
		}
		at++
	}
	return at
}

// message returns text for one line of an error: the result of detail, cut to 300
// runes.
func (c concealer) message(text string) string {
	const longest = 300 // runes
	text = c.detail(text)
	if r := []rune(text); len(r) > longest {
		text = string(r[:longest]) + "…"
	}
	return text
}

// detail returns text for an error, without private values and control
// characters, and of limited length.
func (c concealer) detail(text string) string {
	const looked = 4 << 10 // in bytes; text after them is never shown
	if len(text) > looked {
		// Half of a value would not be recognized.
		end := strings.LastIndexAny(text[:looked], " \n") + 1
		if end == 0 {
			longest := 0
			for _, form := range c.forms {
				longest = max(longest, len(string(form)))
			}
			end = max(looked-4*longest, 0) // a number may have separators between its digits
		}
		text = text[:end]
	}
	text = strings.ToValidUTF8(text, "\ufffd")
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, c.conceal(text))
	return strings.TrimSpace(text)
}

// code returns a supplier's code for an error. A code that looks like a code
// stays unchanged, because callers compare it.
func (c concealer) code(code string) string {
	const longest = 20
	plain := len(code) <= longest && !strings.ContainsFunc(code, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_.-", r)
	})
	if plain && c.message(code) != hidden {
		return code
	}
	return c.message(code)
}

// cause makes an error of a connection fit for an [*rutravel.Error]. Go's HTTP
// client wraps errors with the URL, and quotes text that it could not parse.
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
		return conceal(c.message(text), err)
	}
	return c.hide(err)
}

// hide makes an error fit for an [*rutravel.Error]. It checks the text and the
// fields. Quotations in it are our own and stay.
func (c concealer) hide(err error) error {
	text := c.message(err.Error())
	fields := fmt.Sprintf("%#v", err)
	if text != err.Error() || c.conceal(fields) != fields {
		return conceal(text, err)
	}
	return err
}

// rows makes the error of a list fit for an [*rutravel.Error].
func (c concealer) rows(err *rutravel.RowsError) error {
	shown := &rutravel.RowsError{Rows: make([]rutravel.RowError, len(err.Rows))}
	for i, row := range err.Rows {
		shown.Rows[i] = *c.row(row)
	}
	return shown
}

// row makes the error of one row fit for an [*rutravel.Error].
func (c concealer) row(row rutravel.RowError) *rutravel.RowError {
	row.ID, row.Problem = c.message(row.ID), c.message(row.Problem)
	return &row
}

// concealed is an error whose text was changed. errors.Is compares it with the
// original error, but errors.As and %#v do not reach the original.
type concealed struct {
	text string
	is   func(error) bool
}

func conceal(text string, err error) error {
	return &concealed{text: text, is: func(target error) bool { return errors.Is(err, target) }}
}

func (c *concealed) Error() string        { return c.text }
func (c *concealed) Is(target error) bool { return c.is(target) }
