package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// maxConnections is how many connections one attempt may ask for. net/http asks
// again when a kept-alive connection has ended, and without end when a server
// closes each new one or sends GOAWAY on it.
const maxConnections = 3

var errConnections = fmt.Errorf("the server closed %d connections without an answer", maxConnections)

// evidence counts the connections that an attempt asked for and got, and ends
// the attempt when they are too many.
type evidence struct {
	asked, got atomic.Int32
	stop       context.CancelCauseFunc
	timeout    time.Duration // of the attempt
}

// begin returns the context of an attempt and what is known about it.
func begin(ctx context.Context, timeout time.Duration) (context.Context, *evidence) {
	attempt, stop := context.WithCancelCause(ctx)
	return attempt, &evidence{stop: stop, timeout: timeout}
}

// end frees what the attempt's context holds.
func (e *evidence) end() { e.stop(context.Canceled) }

func (e *evidence) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) {
			if e.asked.Add(1) > maxConnections {
				e.stop(errConnections)
			}
		},
		GotConn: func(httptrace.GotConnInfo) {
			if e.got.Add(1) > maxConnections { // HTTP/2 may send again without asking
				e.stop(errConnections)
			}
		},
	}
}

// stopped reports whether the attempt was ended for its connections.
func (e *evidence) stopped() bool {
	return e.asked.Load() > maxConnections || e.got.Load() > maxConnections
}

// cause returns why a request ended with err.
func (e *evidence) cause(err error) error {
	if e.stopped() {
		return errConnections
	}
	return err
}

// expired returns the attempt's own time if it is over and the caller's is not.
func (e *evidence) expired(ctx, attempt context.Context) time.Duration {
	if ctx.Err() == nil && attempt.Err() != nil && !e.stopped() {
		return e.timeout
	}
	return 0
}

// notSent reports whether the request that ended with err never left this
// machine: no connection was had. A foreign RoundTripper may send without
// telling; there, the error itself must be that of a connection that was not
// made.
func (e *evidence) notSent(err error, foreign bool) bool {
	if e.got.Load() > 0 {
		return false
	}
	if !foreign {
		return true
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Op == "dial" || op.Op == "proxyconnect"
	}
	_, dns := errors.AsType[*net.DNSError](err)
	return dns || untrusted(err) || errors.Is(err, http.ErrSchemeMismatch)
}

// untrusted reports whether a certificate was not accepted, by either side.
func untrusted(err error) bool {
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	return certificate
}

// lasting reports whether a connection failed in a way that another attempt will
// not mend: the two sides do not agree on certificates or on a version of TLS.
// crypto/tls has types for few of these errors.
func lasting(err error) bool {
	_, record := errors.AsType[tls.RecordHeaderError](err)
	if record || untrusted(err) || errors.Is(err, http.ErrSchemeMismatch) {
		return true
	}
	text := err.Error()
	return slices.ContainsFunc([]string{
		"tls: handshake failure", "tls: protocol version not supported", "tls: server selected unsupported protocol version",
		"tls: no supported versions", "tls: no application protocol", "tls: server selected unadvertised ALPN protocol",
		"tls: unrecognized name", "tls: inappropriate fallback", "tls: insufficient security level", "tls: access denied",
		"tls: bad certificate", "tls: unsupported certificate", "tls: revoked certificate", "tls: expired certificate",
		"tls: unknown certificate", "tls: unknown certificate authority", "tls: certificate required",
	}, func(known string) bool { return strings.Contains(text, known) })
}

// exhausted reports whether this machine had no descriptor left for a
// connection.
func exhausted(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}

// relieve closes idle connections if an attempt found too few descriptors, or
// only connections that had ended.
func (c *Client) relieve(o outcome) {
	if errors.Is(o.sendErr, errConnections) || exhausted(o.sendErr) {
		c.shared.CloseIdleConnections()
	}
}
