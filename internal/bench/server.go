package main

import (
	"bufio"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
)

// server is a supplier in a process of its own, so that its work is not taken for
// the client's.
type server struct {
	Plain, TLS string // addresses: of Ticketscloud, of Smartway
	CA         []byte // in PEM

	cmd  *exec.Cmd
	stop io.Closer
}

// serve answers until its input ends.
func serve() error {
	var opened atomic.Int64
	order, info := orderText(), golden("smartway", "trip.info.answer.json")
	info = []byte(strings.Replace(string(info), `"id":1,`, `"id":`+ownID+`,`, 1))
	before, after, _ := strings.Cut(string(info), ownID)
	send := func(w http.ResponseWriter, text ...string) {
		w.Header().Set("Content-Type", "application/json")
		for _, t := range text {
			_, _ = io.WriteString(w, t)
		}
	}
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.URL.Path == "/connections" {
			send(w, fmt.Sprint(opened.Load()))
			return
		}
		send(w, string(order))
	}))
	defer plain.Close()
	secure := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body)
		send(w, before, idOf(sent), after)
	}))
	secure.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	secure.StartTLS() // HTTP/1.1: HTTP/2 needs one connection whatever the client
	defer secure.Close()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})
	if err := json.NewEncoder(os.Stdout).Encode(server{Plain: plain.URL, TLS: secure.URL, CA: ca}); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// startServer runs serve.
func startServer() *server {
	cmd := exec.Command(must(os.Executable()), "serve")
	cmd.Stderr = os.Stderr
	in, out := must(cmd.StdinPipe()), must(cmd.StdoutPipe())
	if err := cmd.Start(); err != nil {
		panic(err)
	}
	s := parse[server](must(bufio.NewReader(out).ReadBytes('\n')))
	s.cmd, s.stop = cmd, in
	return &s
}

func (s *server) close() {
	_ = s.stop.Close()
	_ = s.cmd.Wait()
}

func (s *server) roots() *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(s.CA)
	return roots
}

// connections is how many have been opened over TLS so far.
func (s *server) connections() int {
	resp := must(http.Get(s.Plain + "/connections"))
	defer resp.Body.Close()
	return parse[int](must(io.ReadAll(resp.Body)))
}
