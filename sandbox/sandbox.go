package sandbox

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// The names of the suppliers, in paths and everywhere else.
const (
	Regionbilet  = "regionbilet"
	Multitour    = "multitour"
	Bgoperator   = "bgoperator"
	Ticketscloud = "ticketscloud"
	Smartway     = "smartway"
	Catalogue    = "tcsimple" // the gRPC catalogue of Ticketscloud
)

// Suppliers are the names of all suppliers, in the order in which they are shown.
func Suppliers() []string {
	return []string{Regionbilet, Multitour, Bgoperator, Ticketscloud, Smartway, Catalogue}
}

// RunHeader is the header, or the gRPC metadata, that names the run of a request.
const RunHeader = "Rutravel-Run"

// maxBody is how many bytes a request may have.
const maxBody = 4 << 20

// Config is what [New] needs. The zero value is a sandbox with the default stock.
type Config struct {
	// Seed is JSON with the stock of each run; see [Run.Seed].
	Seed []byte
	// Latency is how long each supplier waits before it answers.
	Latency time.Duration
	// Hosts are the names under which browsers may open the control API and the console,
	// next to localhost and IP addresses. Requests for other names are refused, which
	// protects from DNS rebinding.
	Hosts []string
	// MaxRuns is the maximum number of runs, without the default run; 0 means 32. To
	// make room for another run, the sandbox removes the run that was not used for the
	// longest time, if that is an hour or more. Otherwise it answers the request with
	// 429.
	MaxRuns int
	// MaxCalls is how many calls a run keeps: the newest ones; 0 means 500.
	MaxCalls int
}

// Sandbox serves all suppliers, with separate runs. It is safe for concurrent use.
type Sandbox struct {
	cfg    Config
	cross  *http.CrossOriginProtection
	routes map[string]map[string]endpoint

	mu          sync.Mutex
	main        *Run
	runs        map[string]*Run
	subscribers int
}

// New returns a sandbox. It returns an error if cfg has a negative value or a Seed that
// [Run.Seed] does not accept.
func New(cfg Config) (*Sandbox, error) {
	if cfg.Latency < 0 || cfg.MaxRuns < 0 || cfg.MaxCalls < 0 {
		return nil, errors.New("sandbox: Config must not have negative values")
	}
	cfg.MaxRuns, cfg.MaxCalls = cmp.Or(cfg.MaxRuns, 32), cmp.Or(cfg.MaxCalls, 500)
	s := &Sandbox{cfg: cfg, cross: http.NewCrossOriginProtection(), runs: map[string]*Run{}}
	s.routes = s.api()
	var err error
	s.main, err = s.newRun("")
	return s, err
}

var runName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// Run returns the run with a name, and makes it if there is none. "" is the default
// run.
func (s *Sandbox) Run(name string) (*Run, error) {
	if name == "" {
		return s.main, nil
	}
	if !runName.MatchString(name) {
		return nil, badRequest("the name of a run must have 1 to 64 letters, digits, dots, hyphens and underscores")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.runs[name]; r != nil {
		r.used = time.Now()
		return r, nil
	}
	if len(s.runs) >= s.cfg.MaxRuns && !s.makeRoom() {
		return nil, &apiError{http.StatusTooManyRequests, fmt.Sprintf("there are %d runs already; delete one with DELETE /sandbox/v1/runs/NAME", len(s.runs))}
	}
	r, err := s.newRun(name)
	if err != nil {
		return nil, err
	}
	s.runs[name] = r
	return r, nil
}

// makeRoom removes the run that was not used for the longest time.
func (s *Sandbox) makeRoom() bool {
	var oldest *Run
	for _, r := range s.runs {
		if oldest == nil || r.used.Before(oldest.used) {
			oldest = r
		}
	}
	if oldest == nil || time.Since(oldest.used) < time.Hour {
		return false
	}
	delete(s.runs, oldest.name)
	oldest.close()
	return true
}

// Runs returns the names of all runs but the default one.
func (s *Sandbox) Runs() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := []string{}
	for name := range s.runs {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// RemoveRun removes a run and all that it holds. It reports whether there was one.
func (s *Sandbox) RemoveRun(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.runs[name]
	if ok {
		delete(s.runs, name)
		r.close()
	}
	return ok
}

// ServeHTTP makes the sandbox an [http.Handler].
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer recovered(w)
	to, err := s.route(r)
	if err != nil {
		writeError(w, err)
		return
	}
	switch name, _, _ := strings.Cut(strings.TrimPrefix(to.path, "/"), "/"); {
	case to.run.suppliers[name] != nil && name != Catalogue:
		s.supply(w, to.run, name, to.strip("/"+name).request)
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc"):
		s.supply(w, to.run, Catalogue, to.request)
	default:
		s.control(w, to)
	}
}

// Handler returns a handler of one supplier without a path prefix, for its own
// port. It returns nil if there is no such supplier.
func (s *Sandbox) Handler(supplier string) http.Handler {
	if !slices.Contains(Suppliers(), supplier) {
		return nil
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer recovered(w)
		to, err := s.route(r)
		if err != nil {
			writeError(w, err)
			return
		}
		s.supply(w, to.run, supplier, to.request)
	})
}

// recovered answers with 500 after a panic that is a bug.
func recovered(w http.ResponseWriter) {
	switch problem := recover(); problem {
	case nil:
	case http.ErrAbortHandler:
		panic(problem)
	default:
		writeError(w, &apiError{http.StatusInternalServerError, fmt.Sprint("the sandbox has a bug: ", problem)})
	}
}

// target is what a request asks for.
type target struct {
	request *http.Request // without the prefix of the run
	run     *Run
	base    string // "/run/NAME" if the path named the run
	path    string
}

// foreign reports whether a page of another site made a browser send the request.
func foreign(r *http.Request) bool {
	return slices.Contains([]string{"cross-site", "same-site"}, r.Header.Get("Sec-Fetch-Site"))
}

var consolePath = regexp.MustCompile(`^(/run/[^/]+)?/?$`)

// opensConsole reports whether somebody follows a link to the console, which shows
// nothing to the other page.
func opensConsole(r *http.Request) bool {
	return isRead(r) && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document" && consolePath.MatchString(r.URL.Path)
}

// route finds the run of a request.
func (s *Sandbox) route(r *http.Request) (target, error) {
	t := target{request: r, path: r.URL.Path}
	if err := s.cross.Check(r); err != nil || foreign(r) && !opensConsole(r) {
		return t, &apiError{http.StatusForbidden, "requests from other sites are refused"}
	}
	names := r.Header.Values(RunHeader)
	if len(names) > 1 {
		return t, badRequest("the header " + RunHeader + " must be given once")
	}
	name := r.Header.Get(RunHeader)
	if len(names) > 0 && name == "" {
		return t, badRequest("the header " + RunHeader + " is empty")
	}
	if rest, ok := strings.CutPrefix(r.URL.Path, "/run/"); ok {
		inPath, _, _ := strings.Cut(rest, "/")
		if name != "" && name != inPath {
			return t, badRequest("the path and the header " + RunHeader + " name two runs")
		}
		if name = inPath; name == "" {
			return t, badRequest("the path names no run")
		}
		t = t.strip("/run/" + name)
		t.base = "/run/" + name
	}
	var err error
	t.run, err = s.Run(name)
	return t, err
}

// strip removes a prefix from the path of the request.
func (t target) strip(prefix string) target {
	request := new(http.Request)
	*request = *t.request
	request.URL = new(url.URL)
	*request.URL = *t.request.URL
	request.URL.Path = strings.TrimPrefix(request.URL.Path, prefix)
	request.URL.RawPath = strings.TrimPrefix(request.URL.RawPath, prefix)
	t.request, t.path = request, request.URL.Path
	return t
}

// supply passes a request on to a supplier.
func (s *Sandbox) supply(w http.ResponseWriter, run *Run, supplier string, r *http.Request) {
	body, err := readBody(r, maxBody)
	if err != nil {
		writeError(w, err)
		return
	}
	r = r.WithContext(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	if s.cfg.Latency > 0 {
		t := time.NewTimer(s.cfg.Latency)
		defer t.Stop()
		select {
		case <-t.C:
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		}
	}
	run.suppliers[supplier].handler.ServeHTTP(w, r)
}

// readBody reads a body within limits.
func readBody(r *http.Request, limit int64) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	switch {
	case err != nil:
		return nil, badRequest("the body cannot be read")
	case int64(len(body)) > limit:
		return nil, &apiError{http.StatusRequestEntityTooLarge, fmt.Sprintf("a body may have at most %d bytes", limit)}
	}
	return body, nil
}

// checkHost refuses names that a hostile page could have made point here.
func (s *Sandbox) checkHost(r *http.Request) error {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if net.ParseIP(strings.Trim(host, "[]")) != nil || host == "localhost" || strings.HasSuffix(host, ".localhost") || slices.Contains(s.cfg.Hosts, host) {
		return nil
	}
	return &apiError{http.StatusMisdirectedRequest, fmt.Sprintf("the sandbox is not known as %q; name the host in Config.Hosts or with -host", host)}
}

// Environment returns the environment variables, as NAME=VALUE, with which the example
// programs use the sandbox in place of the suppliers. address is the address of the
// sandbox, such as http://127.0.0.1:8080. ca is the file with the certificate of the
// sandbox's authority. run and ca may be empty. If run is set, the variable for the gRPC
// catalogue is left out, because the catalogue takes the run from metadata.
func Environment(address, run, ca string) []string {
	address = strings.TrimSuffix(address, "/")
	base := address
	if run != "" {
		base += "/run/" + run
	}
	all := environment(base)
	if run == "" {
		all = append(all, "TICKETSCLOUD_GRPC="+address)
	}
	if ca != "" {
		for _, name := range []string{"REGIONBILET", "MULTITOUR", "BGOPERATOR", "TICKETSCLOUD", "SMARTWAY"} {
			all = append(all, name+"_CA="+ca)
		}
	}
	return all
}
