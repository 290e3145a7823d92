// Package web is what browsers and programs see of the shop: pages in English and
// Russian, a JSON API, and the operator's pages.
package web

import (
	"crypto/subtle"
	"embed"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rutravel/rutravel-go/examples/backend/checkout"
)

//go:embed static
var static embed.FS

// JobsPath is where River's web interface is.
const JobsPath = "/operator/jobs"

// Config is what New needs.
type Config struct {
	Desk     *checkout.Desk
	Log      *slog.Logger
	Jobs     http.Handler // River's web interface
	Metrics  http.Handler
	Password string // of the operator
	Sandbox  string // address of the sandbox; "" if real suppliers are asked
}

// Site is the shop's web site.
type Site struct {
	Config
	handler http.Handler
	closed  atomic.Bool
}

// Close makes the readiness check fail, so that a proxy sends no new requests.
func (s *Site) Close() { s.closed.Store(true) }

// New returns the site.
func New(c Config) *Site {
	s := &Site{Config: c}
	mux := http.NewServeMux()
	mux.Handle("GET /static/", http.FileServerFS(static))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", s.ready)
	mux.Handle("GET /metrics", c.Metrics)

	mux.HandleFunc("GET /{$}", s.page(s.home))
	mux.HandleFunc("GET /search/{kind}", s.page(s.search))
	mux.HandleFunc("GET /offers/{kind}/{offer}", s.page(s.offer))
	mux.HandleFunc("GET /offers/{kind}/{offer}/people", s.page(s.people))
	mux.HandleFunc("POST /orders", s.page(s.order))
	mux.HandleFunc("GET /orders/{id}", s.page(s.show))
	mux.HandleFunc("GET /orders/{id}/version", s.version)
	mux.HandleFunc("POST /orders/{id}/pay", s.page(s.pay))
	mux.HandleFunc("POST /orders/{id}/refund", s.page(s.refund))
	if c.Sandbox != "" {
		mux.HandleFunc("GET /sandbox", s.page(s.faults))
		mux.HandleFunc("POST /sandbox", s.page(s.orderFault))
	}
	mux.Handle("GET /operator", s.operator(s.page(s.overview)))
	mux.Handle("POST /operator/decide", s.operator(s.page(s.decide)))
	mux.Handle(JobsPath+"/", s.operator(c.Jobs.ServeHTTP))
	s.api(mux)

	// A page of another site cannot make a browser send anything but reads.
	s.handler = http.NewCrossOriginProtection().Handler(mux)
	return s
}

// ServeHTTP implements [http.Handler].
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "+
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	switch {
	case strings.HasPrefix(r.URL.Path, JobsPath+"/"): // River's page has its own scripts and styles
		h.Set("Content-Security-Policy", "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "+
			"img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'")
	case strings.HasPrefix(r.URL.Path, "/static/"):
		h.Set("Cache-Control", "max-age=3600")
	default:
		h.Set("Cache-Control", "private, no-cache")
	}
	start := time.Now()
	status := &statusWriter{ResponseWriter: w, status: http.StatusOK}
	s.handler.ServeHTTP(status, r)
	if strings.HasPrefix(r.URL.Path, "/orders") || status.status >= http.StatusInternalServerError {
		s.Log.InfoContext(r.Context(), "request", "method", r.Method, "path", r.URL.Path, "order", r.PathValue("id"),
			"status", status.status, "duration", time.Since(start))
	}
}

// statusWriter notes the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements [http.ResponseWriter].
func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap is for [http.ResponseController].
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// ready says whether a proxy may send requests here.
func (s *Site) ready(w http.ResponseWriter, r *http.Request) {
	if s.closed.Load() || s.Desk.Store.Ping(r.Context()) != nil {
		http.Error(w, "not ready", http.StatusServiceUnavailable)
		return
	}
	_, _ = w.Write([]byte("ok\n"))
}

// operator lets the operator through.
func (s *Site) operator(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		if user != "operator" || subtle.ConstantTimeCompare([]byte(password), []byte(s.Password)) != 1 {
			w.Header().Set("WWW-Authenticate", `Basic realm="operator", charset="UTF-8"`)
			http.Error(w, "The operator's name and password are needed.", http.StatusUnauthorized)
			return
		}
		next(w, r)
	})
}
