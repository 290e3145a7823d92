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
// again when a kept-alive connection has ended. It asks without end when a server
// closes each new connection or sends GOAWAY on it. An attempt that asks for one
// more is stopped. The server may still see that connection or a request on it.
const maxConnections = 3

var errConnections = fmt.Errorf("the server closed %d connections or streams without an answer", maxConnections)

// evidence counts the connections that an attempt asked for and got. It stops the
// attempt when there are too many.
type evidence struct {
	getConns, gotConns atomic.Int32
	reused             atomic.Bool // a connection had carried other requests
	stop               context.CancelFunc
	closeIdle          func()        // closes the client's idle connections
	timeout            time.Duration // of the attempt
}

// begin returns the context of an attempt, and its evidence. The timer of count
// ends the attempt.
func (c *Client) begin(ctx context.Context, timeout time.Duration) (context.Context, *evidence) {
	attempt, stop := context.WithCancel(ctx)
	return attempt, &evidence{stop: stop, closeIdle: c.closeIdle, timeout: timeout}
}

// beginWithin is begin for an attempt whose context ends after its timeout.
func (c *Client) beginWithin(ctx context.Context, timeout time.Duration) (context.Context, *evidence) {
	attempt, stop := context.WithTimeout(ctx, timeout)
	return attempt, &evidence{stop: stop, closeIdle: c.closeIdle, timeout: timeout}
}

// end releases the resources of the attempt's context.
func (e *evidence) end() { e.stop() }

// traced returns a context for a request of the attempt.
func (e *evidence) traced(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, e.trace())
}

func (e *evidence) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) {
			if e.getConns.Add(1) > maxConnections {
				e.stop()
			}
		},
		GotConn: func(info httptrace.GotConnInfo) {
			if info.Reused {
				e.reused.Store(true)
			}
			switch n := e.gotConns.Add(1); {
			case n == maxConnections-1: // the idle connections have ended as well: force a new one
				e.closeIdle()
			case n > maxConnections: // HTTP/2 may send again without asking
				e.stop()
			}
		},
	}
}

// stopped reports whether the attempt was stopped because of its connections.
func (e *evidence) stopped() bool {
	return e.getConns.Load() > maxConnections || e.gotConns.Load() > maxConnections
}

// cause returns the reason why a request ended with err.
func (e *evidence) cause(err error) error {
	if e.stopped() {
		return errConnections
	}
	return err
}

// expired returns the attempt's timeout if it is over and the caller's context
// has not ended. Otherwise it returns 0.
func (e *evidence) expired(ctx, attempt context.Context) time.Duration {
	if ctx.Err() == nil && attempt.Err() != nil && !e.stopped() {
		return e.timeout
	}
	return 0
}

// notSent reports whether the request that ended with err never left this
// machine, because there was no connection. A foreign RoundTripper may send
// without calling the trace. Then err must be the error of a failed connection.
func (e *evidence) notSent(err error, foreign bool) bool {
	if e.gotConns.Load() > 0 {
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

// untrusted reports whether this side did not accept the server's certificate.
func untrusted(err error) bool {
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	return certificate
}

// permanent reports whether a connection failed in a way that another attempt
// does not fix: the two sides do not agree on certificates or on a version of
// TLS. crypto/tls has types for few of these errors.
func permanent(err error) bool {
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

// noDescriptor reports whether this machine had no file descriptor left for a
// connection.
func noDescriptor(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}

// closeIdle closes the idle connections of the client's shared transport, if it
// knows the transport.
func (c *Client) closeIdle() {
	if c.transport != nil {
		c.transport.CloseIdleConnections()
	}
	if r := c.http2.Load(); r != nil {
		r.transport.CloseIdleConnections()
	}
}
