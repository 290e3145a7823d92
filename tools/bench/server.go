package main

import (
	"bufio"
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// These are the answers of the plain server.
const (
	airportsPath   = "/smartway"
	airportsLength = 5_000 // bytes
)

// server is a supplier on this machine, with and without TLS.
type server struct {
	Plain, TLS string // addresses
	CA         []byte // in PEM

	close func()
}

// listen starts the servers.
func listen() *server {
	var opened atomic.Int64
	info := strings.Replace(string(golden("smartway", "trip.info.answer.json")), `"id":1,`, `"id":`+ownID+`,`, 1)
	small, large := string(airportsText(0)), string(airportsText(airportsLength))
	answer := func(text string, sent []byte) string { return strings.Replace(text, ownID, idOf(sent), 1) }
	send := func(w http.ResponseWriter, text string) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, text)
	}
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body)
		if r.URL.Path == airportsPath {
			send(w, answer(large, sent))
			return
		}
		send(w, strconv.FormatInt(opened.Load(), 10))
	}))
	secure := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body)
		text := small
		if bytes.Contains(sent, []byte("trip.info")) {
			text = info
		}
		send(w, answer(text, sent))
	}))
	secure.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // clients abandon connections
	secure.StartTLS()                                   // HTTP/1.1, because HTTP/2 needs one connection for any client
	return &server{
		Plain: plain.URL, TLS: secure.URL,
		CA:    pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw}),
		close: func() { plain.Close(); secure.Close() },
	}
}

// serve answers requests until its input ends.
func serve() error {
	s := listen()
	defer s.close()
	if err := json.NewEncoder(os.Stdout).Encode(s); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// listenApart starts the servers in another process, so that their work does not
// count as the client's.
func listenApart() *server {
	cmd := exec.Command(must(os.Executable()), "serve")
	cmd.Stderr = os.Stderr
	in, out := must(cmd.StdinPipe()), must(cmd.StdoutPipe())
	if err := cmd.Start(); err != nil {
		panic(err)
	}
	s := parse[server](must(bufio.NewReader(out).ReadBytes('\n')))
	s.close = func() {
		_ = in.Close()
		_ = cmd.Wait()
	}
	return &s
}

func (s *server) roots() *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(s.CA)
	return roots
}

// connections returns how many connections were opened over TLS. It waits until
// the number is stable, because a transport continues to dial when its caller has
// gone.
func (s *server) connections() int {
	count := func() int {
		resp := must(http.Get(s.Plain + "/connections"))
		defer resp.Body.Close()
		return parse[int](must(io.ReadAll(resp.Body)))
	}
	for n := count(); ; {
		time.Sleep(20 * time.Millisecond)
		before := n
		if n = count(); n == before {
			return n
		}
	}
}
