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

// fault is an error of the network or of a supplier for one request or connection.
type fault string

const (
	none           fault = ""
	unread         fault = "closed while connecting or being read"
	halfRead       fault = "closed in the middle of a body"
	notDone        fault = "closed before it was carried out"
	done           fault = "carried out, then closed"
	cut            fault = "carried out, answer cut"
	cutAtEnd       fault = "carried out, answer cut after its last byte"
	empty          fault = "carried out, answer empty"
	late           fault = "carried out, answer after the deadline"
	tooLate        fault = "carried out after the deadline"
	slow           fault = "slow"
	doubled        fault = "carried out, answered twice"
	mislabelled    fault = "carried out, false Content-Encoding"
	pageBefore     fault = "HTML 502, not carried out"
	pageAfter      fault = "HTML 503, carried out"
	gateway        fault = "a gateway's JSON, carried out"
	limited        fault = "429"
	limitedFor     fault = "429 with Retry-After"
	redirectBefore fault = "redirect, not carried out"
	redirectAfter  fault = "redirect, carried out"
	stale          fault = "answered, then closed while idle"
	thrownOut      fault = "session thrown out"
	conflict       fault = "409, not carried out"
	refused        fault = "refused, with a text that contains the request"
	goneAway       fault = "GOAWAY storm, not carried out"
	gaveUp         fault = "the caller gave up"
)

// chances has the number of faults in a thousand requests, in usual weather. The last two
// faults are only for the requests of one supplier.
var chances = []struct {
	fault fault
	in    int
}{
	{halfRead, 8}, {notDone, 15}, {done, 30}, {cut, 20}, {cutAtEnd, 10}, {empty, 5}, {late, 6}, {tooLate, 6}, {slow, 20},
	{doubled, 25}, {mislabelled, 20},
	{pageBefore, 8}, {pageAfter, 10}, {gateway, 10}, {limited, 6}, {limitedFor, 3}, {redirectBefore, 3}, {redirectAfter, 5}, {stale, 25},
	{refused, 8}, {thrownOut, 15}, {conflict, 40},
}

// faults returns all faults, in the order of the report.
func faults() []fault {
	all := []fault{unread}
	for _, c := range chances {
		all = append(all, c.fault)
	}
	return append(all, goneAway, gaveUp)
}

// network connects callers and suppliers. The seed determines the faults of the n-th request
// and of the n-th connection.
type network struct {
	seed    uint64
	timeout time.Duration // of an attempt
	start   time.Time
	ledger  *ledger
	healed  chan struct{} // closed when there are no more faults

	requests, accepted atomic.Uint64
	dialed, served     atomic.Int64 // open connections

	mu      sync.Mutex
	pairing map[string][]*owner // connections with one known end, by both addresses
}

// owner is shared by the two ends of a connection. It has the act that opened the
// connection, if there is one, until the supplier has processed it.
type owner struct {
	client, server bool // the ends that are known
	act            *act
	done           bool
}

func newNetwork(seed uint64, timeout time.Duration, l *ledger) *network {
	return &network{seed: seed, timeout: timeout, start: time.Now(), ledger: l, healed: make(chan struct{}), pairing: map[string][]*owner{}}
}

func (n *network) isHealed() bool {
	select {
	case <-n.healed:
		return true
	default:
		return false
	}
}

// weather returns how often faults happen, in percent of the usual. It changes every second.
func (n *network) weather() int {
	second := uint64(time.Since(n.start) / time.Second)
	return []int{20, 60, 100, 100, 150, 300}[rand.New(rand.NewPCG(n.seed, second)).IntN(6)]
}

// stormy reports whether every HTTP/2 connection now ends with GOAWAY. A storm is long
// enough to find a request that is sent again without end.
func (n *network) stormy() bool {
	const every, length = 4 * time.Second, 1600 * time.Millisecond
	return !n.isHealed() && (time.Since(n.start)+every/2)%every < length
}

// dial opens a connection for a caller. A call that books, pays, cancels or refunds has its
// own connection, so its connection identifies the act.
func (n *network) dial(ctx context.Context, protocol, address string) (net.Conn, error) {
	k, _ := ctx.Value(callKey{}).(*call)
	if k != nil {
		n.ledger.count(k.shop.name, rowConnections, 1)
		k.dial(ctx, n.ledger)
	}
	var d net.Dialer
	// Without cancellation: the supplier must not have a connection that is not recorded
	// here.
	c, err := d.DialContext(context.WithoutCancel(ctx), protocol, address)
	if err != nil {
		return nil, err
	}
	n.dialed.Add(1)
	n.mu.Lock()
	defer n.mu.Unlock()
	if o := n.pair(c.LocalAddr(), c.RemoteAddr(), false); !o.done && k != nil {
		o.act = k.act
		k.act.opened()
	}
	return &counted{Conn: c, open: &n.dialed}, nil
}

// pair returns the owner of a connection. Each end calls it, in any order. Addresses are
// used again.
func (n *network) pair(client, server net.Addr, atServer bool) *owner {
	key := client.String() + " " + server.String()
	queue := n.pairing[key]
	i := slices.IndexFunc(queue, func(o *owner) bool { return atServer && !o.server || !atServer && !o.client })
	if i < 0 {
		i, queue = len(queue), append(queue, new(owner))
	}
	o := queue[i]
	o.server, o.client = o.server || atServer, o.client || !atServer
	if o.server && o.client {
		queue = slices.Delete(queue, i, i+1)
	}
	if n.pairing[key] = queue; len(queue) == 0 {
		delete(n.pairing, key)
	}
	return o
}

// finish records that a supplier has closed a connection or waits for the next request on
// it, so that it processes none.
func (n *network) finish(c net.Conn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	o := unwrapTLS(c).owner
	o.done = true
	o.act.closed()
	o.act = nil
}

// opener returns the act that opened the connection of a request, or nil.
func (n *network) opener(c net.Conn) *act {
	n.mu.Lock()
	defer n.mu.Unlock()
	return unwrapTLS(c).owner.act
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

// listener accepts connections, some of which break.
type listener struct {
	net.Listener
	network *network
}

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	n := l.network
	n.served.Add(1)
	n.mu.Lock()
	b := &breaking{counted: counted{Conn: c, open: &n.served}, network: n, owner: n.pair(c.RemoteAddr(), c.LocalAddr(), true), left: -1}
	n.mu.Unlock()
	const most = 4500 // bytes of a handshake and a request
	rng := rand.New(rand.NewPCG(n.seed+1, n.accepted.Add(1)))
	switch rng.IntN(100) {
	case 0:
		b.left = 0
	case 1, 2, 3:
		b.left = rng.IntN(most)
	}
	if n.isHealed() {
		b.left = -1
	}
	return b, nil
}

// breaking is a connection that breaks after a number of bytes.
type breaking struct {
	counted
	network *network
	owner   *owner
	left    int // bytes until it breaks; -1 if it does not break
	broken  atomic.Bool
}

// unwrapTLS returns the connection below TLS.
func unwrapTLS(c net.Conn) *breaking {
	return c.(*tls.Conn).NetConn().(*breaking)
}

func (b *breaking) Read(p []byte) (int, error) {
	switch {
	case b.left < 0:
		return b.Conn.Read(p)
	case b.left == 0:
		b.broken.Store(true)
		b.network.ledger.fault(unread)
		_ = b.Close()
		return 0, io.EOF
	}
	n, err := b.Conn.Read(p[:min(b.left, len(p))])
	b.left -= n
	return n, err
}

type connKey struct{}

// open starts a supplier and returns its address and the roots of its certificate.
func (n *network) open(s *shop) (url string, roots *x509.CertPool, stop func()) {
	srv := httptest.NewUnstartedServer(&server{network: n, shop: s})
	srv.Listener = listener{srv.Listener, n}
	srv.EnableHTTP2 = true
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(ctx, connKey{}, c)
	}
	srv.Config.ConnState = func(c net.Conn, state http.ConnState) {
		if state == http.StateIdle || state == http.StateClosed {
			n.finish(c)
		}
	}
	srv.StartTLS()
	roots = x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	return srv.URL, roots, srv.Close
}

// transport returns a transport of callers for HTTP/2 or for HTTP/1.1.
func (n *network) transport(roots *x509.CertPool, http2 bool) *http.Transport {
	const idle = 64
	t := &http.Transport{
		DialContext: n.dial, TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: time.Minute, MaxIdleConnsPerHost: idle, Protocols: new(http.Protocols),
	}
	t.Protocols.SetHTTP1(true)
	t.Protocols.SetHTTP2(http2)
	return t
}

// server receives the requests to a supplier.
type server struct {
	network *network
	shop    *shop
}

// pick chooses the fault of a request.
func (s *server) pick(rng *rand.Rand, r *http.Request) fault {
	const all = 1000
	http2 := r.ProtoMajor == 2
	switch {
	case s.network.isHealed():
		return none
	case http2 && s.network.stormy():
		return goneAway
	}
	n := rng.IntN(all) * 100 / s.network.weather()
	for _, c := range chances {
		if n -= c.in; n >= 0 {
			continue
		}
		switch {
		case c.fault == thrownOut && s.shop.throwOut == nil,
			c.fault == conflict && (s.shop.name != "ticketscloud" || r.Method != http.MethodPatch),
			c.fault == doubled && http2:
			return none
		case c.fault == halfRead && r.ContentLength < 2:
			return notDone
		}
		return c.fault
	}
	return none
}

// ServeHTTP lets the supplier carry out a request and answers it, with the fault of the
// request.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rng := rand.New(rand.NewPCG(s.network.seed, s.network.requests.Add(1)<<32))
	conn, _ := r.Context().Value(connKey{}).(net.Conn)
	if r.Header.Get("Referer") != "" { // set by net/http after a redirect
		s.network.ledger.problem(s.shop.name, rowOdd, "a redirect was followed")
	}
	v := &visit{server: s, rng: rng, conn: conn, r: r, w: w, act: s.network.opener(conn)}
	if session := v.session(); s.shop.isLost(session) {
		s.network.ledger.problem(s.shop.name, rowOdd, "a session was used again after a lost answer")
	}
	f := s.pick(rng, r)
	if f != none {
		s.network.ledger.fault(f)
	}
	if f == halfRead {
		_, _ = io.CopyN(io.Discard, r.Body, rng.Int64N(r.ContentLength))
		v.abort()
	}
	var err error
	if v.body, err = io.ReadAll(r.Body); err != nil {
		v.abort()
	}
	w.Header().Set("Date", time.Now().Add(s.shop.skew).UTC().Format(http.TimeFormat))
	v.answer(f) //nolint:contextcheck // the supplier continues after the caller has left
}

// answer is a supplier's answer.
type answer = *httptest.ResponseRecorder

// visit is a request that has arrived.
type visit struct {
	*server
	rng     *rand.Rand
	conn    net.Conn
	r       *http.Request
	w       http.ResponseWriter
	act     *act
	changed bool // the request has changed something
	body    []byte
}

// session returns the cookie of the request's session; "" if it has none.
func (v *visit) session() string {
	if c, err := v.r.Cookie("A1"); err == nil {
		return c.Value
	}
	return ""
}

func (v *visit) answer(f fault) {
	const long = "120"
	switch f {
	case notDone:
		v.abort()
	case goneAway:
		v.goAway()
	case pageBefore:
		v.page(http.StatusBadGateway, nil)
	case limited:
		v.page(http.StatusTooManyRequests, nil)
	case limitedFor:
		v.page(http.StatusTooManyRequests, http.Header{"Retry-After": {[]string{"1", long}[v.rng.IntN(2)]}})
	case redirectBefore:
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
			time.Sleep(time.Duration(v.rng.Int64N(int64(v.network.timeout / 4))))
		}
		v.reply(v.carryOut())
	default:
		v.answerAfter(f, v.carryOut())
	}
}

// answerAfter answers a request that was carried out.
func (v *visit) answerAfter(f fault, a answer) {
	const cutShort = 32 // bytes: the least range of a cut
	switch f {
	case done:
		v.abort()
	case cut:
		v.cut(a, v.rng.IntN(max(a.Body.Len(), cutShort))%max(a.Body.Len(), 1))
	case cutAtEnd:
		v.cut(a, a.Body.Len())
	case empty:
		v.w.WriteHeader(http.StatusOK)
	case late:
		v.wait(v.r.Context().Done())
		v.reply(a)
	case doubled:
		v.replyTwice(a)
	case mislabelled:
		v.mislabel(a)
		v.reply(a)
	case pageAfter:
		v.page(http.StatusServiceUnavailable, nil)
	case gateway:
		// Not in the supplier's shape, and not always with an error status.
		v.w.Header().Set("Content-Type", "application/json")
		v.w.WriteHeader([]int{http.StatusGatewayTimeout, http.StatusBadRequest, http.StatusOK}[v.rng.IntN(3)])
		_, _ = io.WriteString(v.w, `{"error":"timeout"}`)
	case redirectAfter:
		v.page(http.StatusTemporaryRedirect, http.Header{"Location": {v.r.URL.RequestURI()}})
	default: // stale
		v.reply(a)
		v.note(answerLost) // it may be lost
		time.AfterFunc(time.Duration(v.rng.Int64N(int64(5*time.Millisecond))), func() { _ = v.conn.Close() })
	}
}

// carryOut lets the supplier carry out the request, even if the caller no longer waits, and
// records its change.
func (v *visit) carryOut() answer {
	q := v.r.Clone(context.WithoutCancel(v.r.Context()))
	q.Body = io.NopCloser(bytes.NewReader(v.body))
	a := httptest.NewRecorder()
	v.shop.fake.ServeHTTP(a, q)
	v.network.ledger.count(v.shop.name, rowCarriedOut, 1)
	var what change
	if what, v.changed = v.shop.changeOf(q, v.body, a); v.changed {
		v.network.ledger.record(v.shop, v.act, what)
	}
	return a
}

func (v *visit) head(a answer, length int) {
	if v.r.Context().Err() != nil { // the caller does not read it
		v.shop.lose(v.session())
	}
	for name, values := range a.Header() {
		v.w.Header()[name] = values
	}
	v.w.Header().Set("Content-Length", strconv.Itoa(length))
	v.w.WriteHeader(a.Code)
}

func (v *visit) reply(a answer) {
	v.note(answerWhole)
	v.head(a, a.Body.Len())
	_, _ = v.w.Write(a.Body.Bytes())
}

// cut sends the first bytes of an answer and breaks the connection.
func (v *visit) cut(a answer, length int) {
	v.note(answerCut)
	v.head(a, a.Body.Len()+1) // one byte more than is sent
	_, _ = v.w.Write(a.Body.Bytes()[:length])
	_ = http.NewResponseController(v.w).Flush() // otherwise nothing would be sent
	v.abort()
}

// note records how much of the answer to an act arrives.
func (v *visit) note(how arrival) {
	if v.act != nil && v.changed {
		v.act.note(how, unwrapTLS(v.conn))
	}
}

// replyTwice sends an answer twice, like a broken gateway. The second copy follows at once
// or a little later. net/http reads the second copy as the answer to the next request on the
// connection.
func (v *visit) replyTwice(a answer) {
	const (
		little = 300 * time.Microsecond
		linger = 200 * time.Millisecond // for the next request
	)
	if v.r.Context().Err() != nil {
		v.shop.lose(v.session())
	}
	v.note(answerWhole)
	resp := a.Result()
	resp.ContentLength, resp.Close = int64(a.Body.Len()), v.r.Close
	resp.Header["Date"] = v.w.Header()["Date"]
	var text bytes.Buffer
	_ = resp.Write(&text) // writes to a buffer do not fail
	conn, _, err := http.NewResponseController(v.w).Hijack()
	if err != nil {
		v.abort()
	}
	defer v.network.finish(v.conn)
	defer func() { _ = conn.Close() }()
	if v.rng.IntN(2) == 0 {
		_, _ = conn.Write(text.Bytes())
		time.Sleep(little)
		_, _ = conn.Write(text.Bytes())
	} else {
		_, _ = conn.Write(bytes.Repeat(text.Bytes(), 2))
	}
	_ = conn.SetReadDeadline(time.Now().Add(linger))
	_, _ = io.Copy(io.Discard, conn)
}

// mislabel gives an answer a Content-Encoding that its body does not have.
func (v *visit) mislabel(a answer) {
	labels := []string{"gzip", "br", "deflate"}
	if bytes.HasPrefix(a.Body.Bytes(), []byte("\x1f\x8b")) {
		labels[0] = "identity"
	}
	a.Header().Set("Content-Encoding", labels[v.rng.IntN(len(labels))])
}

// page answers like a gateway in front of the supplier. Like such pages, it contains the
// request.
func (v *visit) page(status int, h http.Header) {
	for name, values := range h {
		v.w.Header()[name] = values
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	_, _ = fmt.Fprintf(v.w, "<html><body><h1>%s</h1><p>%s %s</p><pre>%s</pre></body></html>",
		http.StatusText(status), v.r.Method, html.EscapeString(v.r.URL.String()), html.EscapeString(string(v.body)))
}

// refuse answers like the supplier after a wrong request.
func (v *visit) refuse() {
	detail := fmt.Sprint(v.r.URL.RawQuery, " ", string(v.body), " ", v.r.Header["Authorization"], v.r.Header["Cookie"])
	status, text := v.shop.refusal(v.body, detail)
	v.w.WriteHeader(status)
	_, _ = io.WriteString(v.w, text)
}

// wait waits until the attempt of the caller has timed out.
func (v *visit) wait(left <-chan struct{}) {
	t := time.NewTimer(v.network.timeout + time.Duration(v.rng.Int64N(int64(v.network.timeout/4))))
	defer t.Stop()
	select {
	case <-t.C:
	case <-left:
	case <-v.network.healed:
	}
}

// goAway ends an HTTP/2 connection like a server that shuts down, with the information that
// no request was processed. net/http sends such requests again by itself.
func (v *visit) goAway() {
	const frame = "\x00\x00\x08\x07\x00\x00\x00\x00\x00" + // 8 bytes of GOAWAY on stream 0
		"\x00\x00\x00\x00\x00\x00\x00\x00" // last stream 0, NO_ERROR
	_, _ = io.WriteString(v.conn, frame)
	_ = unwrapTLS(v.conn).Close()
	panic(http.ErrAbortHandler)
}

// abort ends the request without an answer or in the middle of the answer. It may close the
// whole connection, and may send RST.
func (v *visit) abort() {
	if v.w.Header().Get("Content-Length") == "" { // no head was sent
		v.shop.lose(v.session())
	}
	if v.rng.IntN(3) == 0 {
		if tcp, ok := unwrapTLS(v.conn).Conn.(*net.TCPConn); ok && v.rng.IntN(2) == 0 {
			_ = tcp.SetLinger(0)
		}
		_ = unwrapTLS(v.conn).Close()
	}
	panic(http.ErrAbortHandler)
}
