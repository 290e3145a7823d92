package bgoperator

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// cookies are the cookies of one session, in the order in which they were set.
type cookies []cookie

type cookie struct {
	name, value string // value as it came, with its quotes
}

// update applies the Set-Cookie headers of an answer. Name and value are not changed, up
// to the first semicolon, because the supplier compares them byte for byte. Package
// net/http drops bytes that it considers invalid. Max-Age 0 and an empty value delete a
// cookie. Expires is ignored: Max-Age takes precedence over it, and this machine's clock
// may be wrong.
func (all *cookies) update(answer http.Header) {
	for _, header := range answer["Set-Cookie"] {
		pair, attrs, _ := strings.Cut(header, ";")
		c, ok := parseCookie(pair)
		switch {
		case !ok:
		case strings.Trim(c.value, `"`) == "" || expires(attrs):
			*all = slices.DeleteFunc(*all, func(o cookie) bool { return o.name == c.name })
		default:
			all.set(c)
		}
	}
}

// parseCookie reads name=value. It rejects a cookie that could not be sent in a header or
// could not be distinguished from the next one.
func parseCookie(pair string) (c cookie, ok bool) {
	name, value, ok := strings.Cut(pair, "=")
	c = cookie{strings.Trim(name, " \t"), strings.Trim(value, " \t")}
	control := func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }
	return c, ok && c.name != "" && !strings.ContainsFunc(c.name, unicode.IsSpace) && !strings.ContainsFunc(c.name+c.value, control)
}

// expires reports whether the attributes of a cookie have a Max-Age that is not
// positive.
func expires(attrs string) bool {
	for attr := range strings.SplitSeq(attrs, ";") {
		name, value, _ := strings.Cut(attr, "=")
		seconds, err := strconv.Atoi(strings.TrimSpace(value))
		if err == nil && seconds <= 0 && strings.EqualFold(strings.TrimSpace(name), "Max-Age") {
			return true
		}
	}
	return false
}

// add adds the cookies of a Cookie header.
func (all *cookies) add(header string) {
	for pair := range strings.SplitSeq(header, ";") {
		if c, ok := parseCookie(pair); ok {
			all.set(c)
		}
	}
}

func (all *cookies) set(c cookie) {
	if i := slices.IndexFunc(*all, func(o cookie) bool { return o.name == c.name }); i >= 0 {
		(*all)[i] = c
		return
	}
	*all = append(*all, c)
}

// has reports whether there is a cookie whose name matches.
func (all cookies) has(name *regexp.Regexp) bool {
	return slices.ContainsFunc(all, func(c cookie) bool { return name.MatchString(c.name) })
}

// header returns the value of a request's Cookie header.
func (all cookies) header() string {
	var pairs []string
	for _, c := range all {
		pairs = append(pairs, c.name+"="+c.value)
	}
	return strings.Join(pairs, "; ")
}
