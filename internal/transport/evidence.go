package transport

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// evidence counts the connections that an attempt asked for and got.
type evidence struct {
	asked, got atomic.Int32
}

func (e *evidence) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { e.asked.Add(1) },
		GotConn: func(httptrace.GotConnInfo) { e.got.Add(1) },
	}
}

// notSent reports whether the request that ended with err never left this
// machine: no connection was had. A foreign RoundTripper may have asked for
// connections to other places, or have sent without telling; there, the error
// itself must be that of a connection that was not made.
func (e *evidence) notSent(err error, foreign bool) bool {
	if e.got.Load() > 0 {
		return false
	}
	if !foreign && e.asked.Load() > 0 {
		return true
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Op == "dial" || op.Op == "proxyconnect"
	}
	_, dns := errors.AsType[*net.DNSError](err)
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	return dns || certificate || errors.Is(err, http.ErrSchemeMismatch)
}
