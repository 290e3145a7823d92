package sandbox

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/sandbox/record"
)

//go:embed openapi.yaml
var openAPI []byte

// apiError is an error with its HTTP status.
type apiError struct {
	status  int
	message string
}

func (e *apiError) Error() string { return e.message }

func badRequest(message string) error { return &apiError{http.StatusBadRequest, message} }

// writeError answers with an error as JSON. An error without a status is the
// caller's.
func writeError(w http.ResponseWriter, err error) {
	status := http.StatusBadRequest
	var withStatus *apiError
	if errors.As(err, &withStatus) {
		status = withStatus.status
	}
	writeJSON(w, status, map[string]string{"error": strings.ToValidUTF8(err.Error(), "�")})
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"error": "the answer cannot be written"}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n'))
}

// call is a request to the control API.
type call struct {
	target
	body []byte
	rest string // of the path, behind the route
}

// endpoint answers a request with a value that is written as JSON; nil is 204.
type endpoint func(call) (any, error)

const apiPrefix = "/sandbox/v1/"

// api returns the endpoints by path and method. A path that ends in a slash takes
// one more segment.
func (s *Sandbox) api() map[string]map[string]endpoint {
	get, post, put, del := http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
	return map[string]map[string]endpoint{
		"":         {get: s.index},
		"state":    {get: state},
		"calls":    {get: calls, del: func(c call) (any, error) { c.run.ClearCalls(); return nil, nil }},
		"faults":   {get: func(c call) (any, error) { return c.run.Faults(), nil }, post: addFault, del: removeFaults},
		"faults/":  {del: removeFault},
		"quirks/":  {get: func(c call) (any, error) { return c.run.Quirks(c.rest) }, put: putQuirks},
		"clock":    {get: clock, post: advance},
		"expire":   {post: expire},
		"sold-out": {post: soldOut},
		"reset":    {post: func(c call) (any, error) { return nil, c.run.Reset() }},
		"seed":     {post: func(c call) (any, error) { return nil, c.run.Seed(c.body) }},
		"runs":     {get: s.listRuns},
		"runs/":    {del: s.deleteRun},
	}
}

// control answers requests that are for no supplier.
func (s *Sandbox) control(w http.ResponseWriter, t target) {
	r := t.request
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	if err := s.checkHost(r); err != nil {
		writeError(w, err)
		return
	}
	t.path = cmp.Or(t.path, "/") // /run/NAME
	path, isAPI := strings.CutPrefix(t.path, apiPrefix)
	switch {
	case isAPI && path == "openapi.yaml" && isRead(r):
		h.Set("Content-Type", "application/yaml")
		_, _ = w.Write(openAPI)
	case isAPI && path == "events" && isRead(r):
		s.events(w, t, func(e event) string {
			if e.call == nil {
				return "event: changed\ndata: {}\n\n"
			}
			text, err := json.Marshal(e.call)
			if err != nil {
				return ""
			}
			return "event: call\ndata: " + string(text) + "\n\n"
		})
	case isAPI:
		s.serveAPI(w, t, path)
	default:
		s.console(w, t)
	}
}

func isRead(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

func (s *Sandbox) serveAPI(w http.ResponseWriter, t target, path string) {
	c := call{target: t}
	methods := s.routes[path]
	if folder, rest, ok := strings.Cut(path, "/"); ok && rest != "" && !strings.Contains(rest, "/") {
		methods, c.rest = s.routes[folder+"/"], rest
	} else if strings.HasSuffix(path, "/") {
		methods = nil
	}
	method := t.request.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	to := methods[method]
	switch {
	case methods == nil:
		writeError(w, &apiError{http.StatusNotFound, "there is no such path; see " + apiPrefix + "openapi.yaml"})
		return
	case to == nil:
		var allowed []string
		for name := range methods {
			allowed = append(allowed, name)
		}
		slices.Sort(allowed)
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		writeError(w, &apiError{http.StatusMethodNotAllowed, "the methods of this path are " + strings.Join(allowed, ", ")})
		return
	}
	var err error
	if c.body, err = apiBody(t.request); err != nil {
		writeError(w, err)
		return
	}
	answer, err := to(c)
	switch {
	case err != nil:
		writeError(w, err)
	case answer == nil:
		w.WriteHeader(http.StatusNoContent)
	default:
		writeJSON(w, http.StatusOK, answer)
	}
}

// apiBody reads the body of a request. A body must be JSON by its label, because a
// form of another site could not send that.
func apiBody(r *http.Request) ([]byte, error) {
	body, err := readBody(r, maxBody)
	if err != nil || len(body) == 0 {
		return nil, err
	}
	if isRead(r) || r.Method == http.MethodDelete {
		return nil, badRequest("a body was not expected")
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return nil, &apiError{http.StatusUnsupportedMediaType, "Content-Type must be application/json"}
	}
	return body, nil
}

// query reads the parameters of a request, which must all be known.
func (c call) query(known ...string) (map[string]string, error) {
	got := map[string]string{}
	for name, values := range c.request.URL.Query() {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("unknown parameter %q", name)
		}
		if len(values) > 1 {
			return nil, fmt.Errorf("the parameter %s must be given once", name)
		}
		got[name] = values[0]
	}
	return got, nil
}

func (s *Sandbox) index(c call) (any, error) {
	operations := map[string][]string{}
	for name, of := range c.run.suppliers {
		operations[name] = of.operations
	}
	scheme := "http"
	if c.request.TLS != nil {
		scheme = "https"
	}
	return map[string]any{
		"version": rutravel.Version, "run": c.run.name, "operations": operations,
		"environment": Environment(scheme+"://"+c.request.Host, c.run.name, ""),
	}, nil
}

func state(c call) (any, error) {
	q, err := c.query("supplier")
	if err != nil {
		return nil, err
	}
	all := c.run.State()
	name, one := q["supplier"]
	if !one {
		return all, nil
	}
	of, ok := all[name]
	if !ok {
		return nil, fmt.Errorf("there is no supplier %q that sells", name)
	}
	return of, nil
}

func calls(c call) (any, error) {
	q, err := c.query("supplier", "op", "after")
	if err != nil {
		return nil, err
	}
	if name, given := q["supplier"]; given {
		if _, err = c.run.supplier(name); err != nil {
			return nil, err
		}
	}
	after := 0
	if text, given := q["after"]; given {
		if after, err = strconv.Atoi(text); err != nil || after < 0 {
			return nil, errors.New("after must be the id of a call")
		}
	}
	found := []record.Call{}
	for _, one := range c.run.Calls() {
		op, given := q["op"]
		if one.ID > after && (q["supplier"] == "" || one.Supplier == q["supplier"]) && (!given || one.Op == op) {
			found = append(found, one)
		}
	}
	return found, nil
}

func addFault(c call) (any, error) {
	var f Fault
	if err := strict(c.body, &f); err != nil {
		return nil, err
	}
	return c.run.Inject(f)
}

func removeFaults(c call) (any, error) {
	for _, f := range c.run.Faults() {
		c.run.RemoveFault(f.ID)
	}
	return nil, nil
}

func removeFault(c call) (any, error) {
	if !c.run.RemoveFault(c.rest) {
		return nil, &apiError{http.StatusNotFound, "there is no such fault; it may have applied already"}
	}
	return nil, nil
}

func putQuirks(c call) (any, error) {
	if err := c.run.SetQuirks(c.rest, c.body); err != nil {
		return nil, err
	}
	return c.run.Quirks(c.rest)
}

func clock(c call) (any, error) {
	return map[string]time.Time{"now": c.run.Now()}, nil
}

func advance(c call) (any, error) {
	var b struct {
		Advance string `json:"advance"`
	}
	if err := strict(c.body, &b); err != nil {
		return nil, err
	}
	d, err := duration(b.Advance)
	if err != nil {
		return nil, fmt.Errorf("advance: %w", err)
	}
	if err = c.run.Advance(d); err != nil {
		return nil, err
	}
	return clock(c)
}

func expire(c call) (any, error) {
	var b struct {
		Supplier string `json:"supplier"`
	}
	if err := strict(c.body, &b); err != nil {
		return nil, err
	}
	return nil, c.run.Expire(b.Supplier)
}

func soldOut(c call) (any, error) {
	var b struct {
		Supplier string `json:"supplier"`
		SoldOut  *bool  `json:"sold_out"`
	}
	if err := strict(c.body, &b); err != nil {
		return nil, err
	}
	if b.SoldOut == nil {
		return nil, errors.New("sold_out must be true or false")
	}
	return nil, c.run.SetSoldOut(b.Supplier, *b.SoldOut)
}

var errIsolated = &apiError{http.StatusForbidden, "an isolated run does not see other runs"}

func (s *Sandbox) listRuns(c call) (any, error) {
	if c.run.name != "" {
		return nil, errIsolated
	}
	return s.Runs(), nil
}

func (s *Sandbox) deleteRun(c call) (any, error) {
	if c.run.name != "" && c.run.name != c.rest {
		return nil, errIsolated
	}
	if !s.RemoveRun(c.rest) {
		return nil, &apiError{http.StatusNotFound, "there is no such run"}
	}
	return nil, nil
}

// events answers with server-sent events until the caller leaves.
func (s *Sandbox) events(w http.ResponseWriter, t target, write func(event) string) {
	const most = 100
	s.mu.Lock()
	tooMany := s.subscribers >= most
	if !tooMany {
		s.subscribers++
	}
	s.mu.Unlock()
	if tooMany {
		writeError(w, &apiError{http.StatusTooManyRequests, "too many listeners"})
		return
	}
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.subscribers--
	}()
	events, stop := t.run.listen()
	defer stop()
	w.Header().Set("Content-Type", "text/event-stream")
	if t.request.Method == http.MethodHead {
		return
	}
	flush := http.NewResponseController(w)
	if _, err := fmt.Fprint(w, "retry: 1000\n\n"); err != nil || flush.Flush() != nil {
		return
	}
	const heartbeat = 15 * time.Second
	alive := time.NewTicker(heartbeat)
	defer alive.Stop()
	for {
		text := ": alive\n\n"
		select {
		case <-t.request.Context().Done():
			return
		case e, ok := <-events:
			if !ok { // too slow: the caller connects again
				return
			}
			text = write(e)
		case <-alive.C:
		}
		if _, err := fmt.Fprint(w, text); err != nil || flush.Flush() != nil {
			return
		}
	}
}
