package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"html"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// fault is what goes wrong with one request or connection.
type fault string

const (
	none       fault = ""
	unread     fault = "closed while connecting or being read"
	halfRead   fault = "closed in the middle of a body"
	notDone    fault = "closed before it was carried out"
	done       fault = "carried out, then closed"
	cut        fault = "carried out, answer cut"
	empty      fault = "carried out, answer empty"
	late       fault = "carried out, answer after the deadline"
	tooLate    fault = "carried out after the deadline"
	slow       fault = "slow"
	pageFirst  fault = "HTML 502, not carried out"
	pageAfter  fault = "HTML 503, carried out"
	gateway    fault = "a gateway's JSON, carried out"
	limited    fault = "429"
	limitedFor fault = "429 with Retry-After"
	elsewhere  fault = "redirect, not carried out"
	elsewhere2 fault = "redirect, carried out"
	stale      fault = "answered, then closed while idle"
	thrownOut  fault = "session thrown out"
	conflict   fault = "409, not carried out"
	refused    fault = "refused, in words that repeat the request"
	gaveUp     fault = "the caller gave up"
)

// chances are how many of a thousand requests a fault befalls in usual weather;
// the last two, of those of one supplier.
var chances = []struct {
	fault fault
	in    int
}{
	{halfRead, 8}, {notDone, 15}, {done, 30}, {cut, 20}, {empty, 5}, {late, 6}, {tooLate, 6}, {slow, 20},
	{pageFirst, 8}, {pageAfter, 10}, {gateway, 10}, {limited, 6}, {limitedFor, 3}, {elsewhere, 3}, {elsewhere2, 5}, {stale, 25},
	{refused, 8}, {thrownOut, 15}, {conflict, 40},
}

// faults are all of them, in the order of the table.
func faults() []fault {
	all := []fault{unread}
	for _, c := range chances {
		all = append(all, c.fault)
	}
	return append(all, gaveUp)
}

// line is what lies between callers and suppliers. What it does to the n-th
// request and the n-th connection follows from the seed.
type line struct {
	seed    uint64
	timeout time.Duration // of an attempt
	start   time.Time
	ledger  *ledger
	fair    chan struct{} // closed when nothing goes wrong any more

	requests, accepted atomic.Uint64
	dialled, served    atomic.Int64 // connections that are open

	mu      sync.Mutex
	meeting map[string][]*owner // by both addresses
}

// owner is what the two ends of a connection know together: the act that has
// opened it, if one has, until the supplier is done with it.
type owner struct {
	client, server bool // who has come
	act            *act
	done           bool
}

func newLine(seed uint64, timeout time.Duration, l *ledger) *line {
	return &line{seed: seed, timeout: timeout, start: time.Now(), ledger: l, fair: make(chan struct{}), meeting: map[string][]*owner{}}
}

func (l *line) isFair() bool {
	select {
	case <-l.fair:
		return true
	default:
		return false
	}
}

// weather is by how much the line is worse than usual, per cent. It changes
// every second.
func (l *line) weather() int {
	second := uint64(time.Since(l.start) / time.Second)
	return []int{20, 60, 100, 100, 150, 300}[rand.New(rand.NewPCG(l.seed, second)).IntN(6)]
}

// dial opens a connection for a caller. A call that books, pays, cancels or
// refunds has one of its own, so a connection tells whose request it carries.
func (l *line) dial(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	c, err := d.DialContext(context.WithoutCancel(ctx), network, address) // or the supplier might know of one that nobody has noted
	if err != nil {
		return nil, err
	}
	l.dialled.Add(1)
	a, _ := ctx.Value(actKey{}).(*act)
	l.mu.Lock()
	defer l.mu.Unlock()
	if o := l.meet(c.LocalAddr(), c.RemoteAddr(), false); !o.done {
		o.act = a
		a.opened()
	}
	return &counted{Conn: c, open: &l.dialled}, nil
}

// meet returns what an end of a connection shares with the other, whichever
// comes first. Addresses are used again.
func (l *line) meet(client, server net.Addr, atServer bool) *owner {
	key := client.String() + " " + server.String()
	queue := l.meeting[key]
	i := slices.IndexFunc(queue, func(o *owner) bool { return atServer && !o.server || !atServer && !o.client })
	if i < 0 {
		i, queue = len(queue), append(queue, new(owner))
	}
	o := queue[i]
	o.server, o.client = o.server || atServer, o.client || !atServer
	if o.server && o.client {
		queue = slices.Delete(queue, i, i+1)
	}
	if l.meeting[key] = queue; len(queue) == 0 {
		delete(l.meeting, key)
	}
	return o
}

// done notes that a supplier has closed a connection or waits for the next
// request on it: it works on none.
func (l *line) done(c net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	o := below(c).owner
	o.done = true
	o.act.closed()
	o.act = nil
}

// whose returns the act that has opened a request's connection.
func (l *line) whose(c net.Conn) *act {
	l.mu.Lock()
	defer l.mu.Unlock()
	return below(c).owner.act
}

// counted is an open connection.
type counted struct {
	net.Conn
	open *atomic.Int64
	once sync.Once
}

func (c *counted) Close() error {
	c.once.Do(func() { c.open.Add(-1) })
	return c.Conn.Close()
}

// listener hands out connections, some of which break.
type listener struct {
	net.Listener
	line *line
}

func (n listener) Accept() (net.Conn, error) {
	c, err := n.Listener.Accept()
	if err != nil {
		return nil, err
	}
	n.line.served.Add(1)
	n.line.mu.Lock()
	b := &breaking{counted: counted{Conn: c, open: &n.line.served}, line: n.line, owner: n.line.meet(c.RemoteAddr(), c.LocalAddr(), true), left: -1}
	n.line.mu.Unlock()
	const most = 4500 // bytes: a handshake and a request
	rng := rand.New(rand.NewPCG(n.line.seed+1, n.line.accepted.Add(1)))
	switch rng.IntN(100) {
	case 0:
		b.left = 0
	case 1, 2, 3:
		b.left = rng.IntN(most)
	}
	if n.line.isFair() {
		b.left = -1
	}
	return b, nil
}

// breaking is a connection that breaks when so many bytes were read from it.
type breaking struct {
	counted
	line  *line
	owner *owner
	left  int // -1: it does not
}

// below returns what lies below TLS.
func below(c net.Conn) *breaking {
	return c.(*tls.Conn).NetConn().(*breaking)
}

func (b *breaking) Read(p []byte) (int, error) {
	switch {
	case b.left < 0:
		return b.Conn.Read(p)
	case b.left == 0:
		b.line.ledger.fault(unread)
		_ = b.Close()
		return 0, io.EOF
	}
	n, err := b.Conn.Read(p[:min(b.left, len(p))])
	b.left -= n
	return n, err
}

type connKey struct{}

// open starts a supplier behind the line and returns its address and what
// authorities vouch for it.
func (l *line) open(s *shop) (url string, roots *x509.CertPool, stop func()) {
	h := &door{line: l, shop: s}
	srv := httptest.NewUnstartedServer(h)
	srv.Listener = listener{srv.Listener, l}
	srv.EnableHTTP2 = true
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(ctx, connKey{}, c)
	}
	srv.Config.ConnState = func(c net.Conn, state http.ConnState) {
		if state == http.StateIdle || state == http.StateClosed {
			l.done(c)
		}
	}
	srv.StartTLS()
	roots = x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	return srv.URL, roots, srv.Close
}

// transport makes callers' connections, for HTTP/2 or for HTTP/1.1.
func (l *line) transport(roots *x509.CertPool, http2 bool) *http.Transport {
	const idle = 64
	t := &http.Transport{
		DialContext: l.dial, TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		MaxIdleConnsPerHost: idle, Protocols: new(http.Protocols),
	}
	t.Protocols.SetHTTP1(true)
	t.Protocols.SetHTTP2(http2)
	return t
}

// door is where requests arrive at a supplier.
type door struct {
	line *line
	shop *shop
}

// pick says what goes wrong with a request.
func (d *door) pick(rng *rand.Rand, r *http.Request) fault {
	if d.line.isFair() {
		return none
	}
	const all = 1000
	n := rng.IntN(all) * 100 / d.line.weather()
	for _, c := range chances {
		if n -= c.in; n >= 0 {
			continue
		}
		if c.fault == thrownOut && d.shop.throwOut == nil || c.fault == conflict && (d.shop.name != "ticketscloud" || r.Method != http.MethodPatch) {
			return none
		}
		return c.fault
	}
	return none
}

// ServeHTTP has a request carried out and answered, as far as the line lets it.
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rng := rand.New(rand.NewPCG(d.line.seed, d.line.requests.Add(1)<<32))
	conn, _ := r.Context().Value(connKey{}).(net.Conn)
	if r.Header.Get("Referer") != "" { // net/http names there what has sent it elsewhere
		d.line.ledger.problem(d.shop.name, rowOdd, "a redirect was followed")
	}
	v := &visit{door: d, rng: rng, conn: conn, r: r, w: w, act: d.line.whose(conn)}
	f := d.pick(rng, r)
	if f == halfRead && r.ContentLength < 2 {
		f = notDone
	}
	if f != none {
		d.line.ledger.fault(f)
	}
	if f == halfRead {
		_, _ = io.CopyN(io.Discard, r.Body, rng.Int64N(r.ContentLength))
		v.abort()
	}
	var err error
	if v.body, err = io.ReadAll(r.Body); err != nil {
		v.abort()
	}
	v.answer(f) //nolint:contextcheck // the supplier works on when the caller has left
}

// answer is the supplier's.
type answer = *httptest.ResponseRecorder

// visit is a request at the door.
type visit struct {
	*door
	rng  *rand.Rand
	conn net.Conn
	r    *http.Request
	w    http.ResponseWriter
	act  *act
	body []byte
}

func (v *visit) answer(f fault) {
	const (
		cutShort = 32 // the least of an answer that arrives
		patience = "120"
	)
	switch f {
	case notDone:
		v.abort()
	case pageFirst:
		v.page(http.StatusBadGateway, nil)
	case limited:
		v.page(http.StatusTooManyRequests, nil)
	case limitedFor:
		v.page(http.StatusTooManyRequests, http.Header{"Retry-After": {[]string{"1", patience}[v.rng.IntN(2)]}})
	case elsewhere:
		v.page(http.StatusFound, http.Header{"Location": {v.r.URL.RequestURI()}})
	case conflict:
		v.w.Header().Set("Content-Type", "application/json")
		v.w.WriteHeader(http.StatusConflict)
		_, _ = io.WriteString(v.w, `{"error": "HTTPConflict", "reason": "Conflict"}`)
	case refused:
		v.refuse()
	case thrownOut:
		v.shop.throwOut()
		v.reply(v.carryOut())
	case tooLate:
		v.wait(nil)
		v.reply(v.carryOut())
	case none, slow:
		if f == slow {
			time.Sleep(time.Duration(v.rng.Int64N(int64(v.line.timeout / 4))))
		}
		v.reply(v.carryOut())
	default:
		v.carriedOut(f, v.carryOut(), cutShort)
	}
}

// carriedOut answers a request that was carried out.
func (v *visit) carriedOut(f fault, a answer, cutShort int) {
	switch f {
	case done:
		v.abort()
	case cut:
		text := a.Body.Bytes()
		v.head(a, len(text)+1) // it never ends
		_, _ = v.w.Write(text[:v.rng.IntN(max(len(text), cutShort))%max(len(text), 1)])
		_ = http.NewResponseController(v.w).Flush() // or nothing of it would leave
		v.abort()
	case empty:
		v.w.WriteHeader(http.StatusOK)
	case late:
		v.wait(v.r.Context().Done())
		v.reply(a)
	case pageAfter:
		v.page(http.StatusServiceUnavailable, nil)
	case gateway:
		// Not in the words of the supplier, and not always under a status that says so.
		v.w.Header().Set("Content-Type", "application/json")
		v.w.WriteHeader([]int{http.StatusGatewayTimeout, http.StatusBadRequest, http.StatusOK}[v.rng.IntN(3)])
		_, _ = io.WriteString(v.w, `{"error":"timeout"}`)
	case elsewhere2:
		v.page(http.StatusTemporaryRedirect, http.Header{"Location": {v.r.URL.RequestURI()}})
	default: // stale
		v.reply(a)
		time.AfterFunc(time.Duration(v.rng.Int64N(int64(5*time.Millisecond))), func() { _ = v.conn.Close() })
	}
}

// carryOut has the supplier carry the request out, whether or not the caller
// still waits, and notes what that did.
func (v *visit) carryOut() answer {
	q := v.r.Clone(context.WithoutCancel(v.r.Context()))
	q.Body = io.NopCloser(bytes.NewReader(v.body))
	a := httptest.NewRecorder()
	v.shop.fake.ServeHTTP(a, q)
	v.line.ledger.count(v.shop.name, rowCarriedOut, 1)
	if what, ok := v.shop.did(q, v.body, a); ok {
		v.line.ledger.record(v.shop, v.act, what)
	}
	return a
}

func (v *visit) head(a answer, length int) {
	for name, values := range a.Header() {
		v.w.Header()[name] = values
	}
	v.w.Header().Set("Content-Length", strconv.Itoa(length))
	v.w.WriteHeader(a.Code)
}

func (v *visit) reply(a answer) {
	v.head(a, a.Body.Len())
	_, _ = v.w.Write(a.Body.Bytes())
}

// page answers as something in front of the supplier does. It repeats what was
// asked, as such pages do.
func (v *visit) page(status int, h http.Header) {
	for name, values := range h {
		v.w.Header()[name] = values
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	_, _ = fmt.Fprintf(v.w, "<html><body><h1>%s</h1><p>%s %s</p><pre>%s</pre></body></html>",
		http.StatusText(status), v.r.Method, html.EscapeString(v.r.URL.String()), html.EscapeString(string(v.body)))
}

// refuse answers as the supplier does when something is wrong with a request.
func (v *visit) refuse() {
	said := fmt.Sprint(v.r.URL.RawQuery, " ", string(v.body), " ", v.r.Header["Authorization"], v.r.Header["Cookie"])
	status, text := v.shop.refusal(v.body, said)
	v.w.WriteHeader(status)
	_, _ = io.WriteString(v.w, text)
}

// wait waits until a caller's patience is over.
func (v *visit) wait(left <-chan struct{}) {
	t := time.NewTimer(v.line.timeout + time.Duration(v.rng.Int64N(int64(v.line.timeout/4))))
	defer t.Stop()
	select {
	case <-t.C:
	case <-left:
	case <-v.line.fair:
	}
}

// abort breaks the line: the request's alone, or the connection's with all that
// it carries, and at times without a farewell.
func (v *visit) abort() {
	if v.rng.IntN(3) == 0 {
		if tcp, ok := below(v.conn).Conn.(*net.TCPConn); ok && v.rng.IntN(2) == 0 {
			_ = tcp.SetLinger(0)
		}
		_ = below(v.conn).Close()
	}
	panic(http.ErrAbortHandler)
}
