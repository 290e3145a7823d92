package conformance

import (
	"errors"
	"maps"
	"net"
	"net/http"
)

// Sessions handles the logins and sessions of one supplier. It is called with each
// request that reaches the supplier, from any goroutine.
//
// It returns the answer to a login and to a request whose session is not valid.
// For any other request it returns a nil answer, and a function that is called
// after the request has arrived. That function returns headers to add to the
// supplier's answer.
type Sessions func(*http.Request) (answer *http.Response, arrived func() http.Header)

// sessionTransport passes the requests that have a valid session on to next.
type sessionTransport struct {
	sessions Sessions
	next     http.RoundTripper
}

func (g sessionTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, arrived := g.sessions(r)
	if answer != nil {
		return answer, nil
	}
	answer, err := g.next.RoundTrip(r)
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return nil, err
	}
	add := arrived()
	if err != nil {
		return nil, err
	}
	maps.Copy(answer.Header, add)
	return answer, nil
}
