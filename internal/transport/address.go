package transport

import (
	"net/netip"
	"net/url"

	"github.com/rutravel/rutravel-go/internal/valid"
)

// address checks the address to which requests are sent. Its errors do not
// contain the address, because a wrong value may be a key.
func address(v *valid.Check, field, raw string, plain bool) *url.URL {
	u, err := url.Parse(raw)
	if err != nil {
		u = new(url.URL)
	}
	v.That(u.Hostname() != "" && (u.Scheme == "https" || u.Scheme == "http"), field, "must be an absolute http or https address")
	v.That(u.User == nil && u.RawQuery == "" && u.Fragment == "", field, "must have no user, query or fragment")
	v.That(u.Scheme == "https" || plain || loopback(u.Hostname()), field, "must be https (see WithPlainHTTP)")
	u.ForceQuery = false // the manual of Regionbilet writes its address with a bare "?"
	return u
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
