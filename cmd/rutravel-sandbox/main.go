// The command serves fakes of all suppliers on one port, with a control API and a
// web console, for tests in any language. It prints the environment with which the
// example programs reach it. Nothing is kept on disk.
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/rutravel/rutravel-go/sandbox"
)

const usage = `Serves fakes of Regionbilet, Multitour, Biblio-Globus, Ticketscloud and Smartway, with
a control API and a web console. Open the printed address in a browser.

Flags:
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "rutravel-sandbox:", err)
		os.Exit(1)
	}
}

// settings are the flags.
type settings struct {
	listen, tlsListen string
	tlsFolder         string
	hosts             []string
	ports, public     bool
	seed              string
	latency           time.Duration
}

func parse(args []string, out io.Writer) (s settings, err error) {
	flags := flag.NewFlagSet("rutravel-sandbox", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() {
		fmt.Fprint(out, usage)
		flags.PrintDefaults()
	}
	flags.StringVar(&s.listen, "listen", "127.0.0.1:8080", "`address` for HTTP; empty means none")
	flags.StringVar(&s.tlsListen, "tls", "", "`address` for HTTPS, with a certificate that is made at the start")
	flags.StringVar(&s.tlsFolder, "tls-dir", "", "`folder` for ca.pem, the authority of the certificate (default: a new temporary folder)")
	flags.Func("host", "`name` under which clients reach the sandbox, in addition to localhost; may be given several times", func(name string) error {
		if name == "" || strings.ContainsAny(name, ":/ ") {
			return errors.New("a name without a port was expected")
		}
		s.hosts = append(s.hosts, strings.ToLower(name))
		return nil
	})
	flags.BoolVar(&s.ports, "separate-ports", false, "also serve each supplier on its own port, without a path prefix")
	flags.BoolVar(&s.public, "public", false, "allow addresses that other machines reach; the sandbox has no access control")
	flags.StringVar(&s.seed, "seed", "", "JSON `file` with what is for sale")
	flags.DurationVar(&s.latency, "latency", 0, "how long each supplier waits before it answers")
	if err = flags.Parse(args); err != nil {
		return s, err
	}
	switch {
	case flags.NArg() > 0:
		err = fmt.Errorf("%q is not a flag; see -h", flags.Arg(0))
	case s.listen == "" && s.tlsListen == "":
		err = errors.New("-listen and -tls are both empty")
	case s.tlsFolder != "" && s.tlsListen == "":
		err = errors.New("-tls-dir needs -tls")
	case s.ports && s.listen == "":
		err = errors.New("-separate-ports needs -listen")
	case s.latency < 0:
		err = errors.New("-latency must not be negative")
	}
	for _, address := range []string{s.listen, s.tlsListen} {
		if err == nil && address != "" && !s.public && !loopback(address) {
			err = fmt.Errorf("%s can be reached from other machines, and the sandbox has no access control; add -public if you mean it", address)
		}
	}
	return s, err
}

// loopback reports whether only this machine reaches an address.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	return err == nil && (host == "localhost" || net.ParseIP(host).IsLoopback())
}

func run(ctx context.Context, args []string, out io.Writer) error {
	s, err := parse(args, out)
	if err != nil {
		return err
	}
	cfg := sandbox.Config{Latency: s.latency, Hosts: s.hosts}
	if s.seed != "" {
		if cfg.Seed, err = os.ReadFile(s.seed); err != nil {
			return fmt.Errorf("-seed: %w", err)
		}
	}
	box, err := sandbox.New(cfg)
	if err != nil {
		return err
	}
	servers := group{}
	defer servers.close()
	if s.public {
		fmt.Fprintln(out, "# WARNING: the sandbox has no access control, and other machines can reach it.")
	}
	if s.listen != "" {
		if err = servers.open(ctx, box, s.listen, nil, ""); err != nil {
			return err
		}
		s.print(out, "http://"+s.visible(servers.last()), "")
		if err = s.openPorts(ctx, out, &servers, box); err != nil {
			return err
		}
	}
	if s.tlsListen != "" {
		authority, certificate, err := newCertificate(s.hosts)
		if err != nil {
			return err
		}
		ca, err := writeAuthority(s.tlsFolder, authority)
		if err != nil {
			return err
		}
		if s.tlsFolder == "" {
			defer func() { _ = os.RemoveAll(filepath.Dir(ca)) }()
		}
		if err = servers.open(ctx, box, s.tlsListen, &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}, ""); err != nil {
			return err
		}
		s.print(out, "https://"+s.visible(servers.last()), ca)
	}
	fmt.Fprintln(out, "# Ready.")
	return servers.wait(ctx)
}

// visible returns the address under which clients reach the sandbox.
func (s settings) visible(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil || !net.ParseIP(host).IsUnspecified() {
		return address
	}
	if len(s.hosts) > 0 {
		return net.JoinHostPort(s.hosts[0], port)
	}
	return net.JoinHostPort("localhost", port)
}

// print prints the environment of the example programs, to be pasted into a shell.
func (s settings) print(out io.Writer, address, ca string) {
	fmt.Fprintf(out, "# Console: %s/   Control API: %s/sandbox/v1/\n", address, address)
	for _, v := range sandbox.Environment(address, "", ca) {
		name, value, _ := strings.Cut(v, "=")
		fmt.Fprintf(out, "export %s='%s'\n", name, strings.ReplaceAll(value, "'", `'\''`))
	}
}

// openPorts serves each supplier on its own port, in addition to the sandbox's.
func (s settings) openPorts(ctx context.Context, out io.Writer, servers *group, box *sandbox.Sandbox) error {
	if !s.ports {
		return nil
	}
	host, _, err := net.SplitHostPort(s.listen)
	if err != nil {
		return err
	}
	for _, name := range sandbox.Suppliers() {
		if err = servers.open(ctx, box, net.JoinHostPort(host, "0"), nil, name); err != nil {
			return err
		}
		fmt.Fprintf(out, "# %s alone: http://%s/\n", name, s.visible(servers.last()))
	}
	return nil
}

// group is a set of servers that start and stop together.
type group struct {
	servers   []*http.Server
	addresses []string
	failed    chan error
}

func (g *group) last() string { return g.addresses[len(g.addresses)-1] }

// open serves the sandbox, or one supplier of it, on an address.
func (g *group) open(ctx context.Context, box *sandbox.Sandbox, address string, secure *tls.Config, supplier string) error {
	var listening net.ListenConfig
	l, err := listening.Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	if g.failed == nil {
		const most = 20
		g.failed = make(chan error, most)
	}
	handler := http.Handler(box)
	if supplier != "" {
		handler = box.Handler(supplier)
	}
	const headerTimeout, idleTimeout = 10 * time.Second, 2 * time.Minute
	server := &http.Server{
		Handler: handler, TLSConfig: secure, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout,
		Protocols: new(http.Protocols), ErrorLog: log.New(io.Discard, "", 0), // faults break connections on purpose
		BaseContext: func(net.Listener) context.Context { return ctx }, // the end of the process ends event streams
	}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetHTTP2(true)
	server.Protocols.SetUnencryptedHTTP2(true) // for gRPC
	g.servers, g.addresses = append(g.servers, server), append(g.addresses, l.Addr().String())
	go func() {
		if secure != nil {
			g.failed <- server.ServeTLS(l, "", "")
		} else {
			g.failed <- server.Serve(l)
		}
	}()
	return nil
}

// wait waits until ctx ends or a server fails. After ctx ends,
// running calls have three seconds to end.
func (g *group) wait(ctx context.Context) error {
	select {
	case err := <-g.failed:
		return err
	case <-ctx.Done():
	}
	const patience = 3 * time.Second
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	for _, server := range g.servers {
		if server.Shutdown(closing) != nil {
			_ = server.Close()
		}
	}
	return nil
}

func (g *group) close() {
	for _, server := range g.servers {
		_ = server.Close()
	}
}
