package bgoperator

import (
	"net/http"
	"slices"
	"strings"
)

// cookies are the cookies of one session, in the order in which they were set.
type cookies []cookie

type cookie struct {
	name, value string // value as it came, with its quotes
}

// update applies the Set-Cookie headers of an answer. Max-Age 0 and an empty
// value delete a cookie. Expires is ignored: Max-Age takes precedence over it,
// and this machine's clock may be wrong.
func (all *cookies) update(answer http.Header) {
	for _, c := range (&http.Response{Header: answer}).Cookies() {
		if c.MaxAge < 0 || c.Value == "" {
			*all = slices.DeleteFunc(*all, func(o cookie) bool { return o.name == c.Name })
			continue
		}
		value := c.Value
		if c.Quoted {
			value = `"` + value + `"`
		}
		all.set(cookie{c.Name, value})
	}
}

// add adds the cookies of the headers of a request.
func (all *cookies) add(request http.Header) {
	for _, header := range request["Cookie"] {
		for pair := range strings.SplitSeq(header, ";") {
			if name, value, ok := strings.Cut(strings.TrimSpace(pair), "="); ok {
				all.set(cookie{name, value})
			}
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

// hasAny reports whether there is a cookie with one of the names.
func (all cookies) hasAny(names ...string) bool {
	return slices.ContainsFunc(all, func(c cookie) bool { return slices.Contains(names, c.name) })
}

// header returns the value of a request's Cookie header.
func (all cookies) header() string {
	var pairs []string
	for _, c := range all {
		pairs = append(pairs, c.name+"="+c.value)
	}
	return strings.Join(pairs, "; ")
}
