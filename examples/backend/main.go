// The program is a shop for travel: it searches, books, sells and takes back coach
// tickets, event tickets and tours of four suppliers. Run two instances of it on one
// PostgreSQL, and stop any of them at any time: no payment is lost or made twice.
package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"

	rutravelredis "github.com/rutravel/rutravel-go/contrib/redis"
	"github.com/rutravel/rutravel-go/examples/backend/checkout"
	"github.com/rutravel/rutravel-go/examples/backend/demo"
	"github.com/rutravel/rutravel-go/examples/backend/store"
	"github.com/rutravel/rutravel-go/examples/backend/suppliers"
	"github.com/rutravel/rutravel-go/examples/backend/web"
	"github.com/rutravel/rutravel-go/journal"
)

func main() {
	if len(os.Args) > 1 {
		if os.Args[1] == "-seed" {
			fmt.Println(string(demo.Seed(time.Now())))
			return
		}
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Getenv, os.Stdout, nil)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "backend:", err)
		os.Exit(1)
	}
}

// grace is how long requests and calls to suppliers may take at shutdown. It is longer
// than the timeout of a payment.
const grace = 100 * time.Second

// run serves the shop until ctx ends. It calls ready with the address when it serves.
func run(ctx context.Context, getenv func(string) string, out io.Writer, ready func(address string)) (err error) {
	c, err := readConfig(getenv)
	if err != nil {
		return err
	}
	if c.remove != "" {
		defer func() { _ = os.RemoveAll(c.remove) }()
	}
	log := slog.New(slog.NewTextHandler(out, nil))
	if c.json {
		log = slog.New(slog.NewJSONHandler(out, nil))
	}
	lasting, cancel := context.WithCancel(context.WithoutCancel(ctx)) // outlives ctx until all calls have ended
	defer cancel()

	if c.isDemo() {
		if c.sandbox == "" {
			if c.sandbox, err = demo.Start(lasting, time.Now()); err != nil {
				return err
			}
		}
		environment := demo.Environment(c.sandbox)
		c.getenv = func(name string) string { return or(getenv(name), environment[name]) }
	}
	observer, metrics, flush, err := telemetry(lasting, c.otlp != "")
	if err != nil {
		return err
	}
	desk := &checkout.Desk{Log: log}
	db, err := store.Open(lasting, store.Config{
		URL: c.databaseURL, File: c.databaseFile, Settle: desk.Settle, LookUpTimeout: c.lookUp,
		Log: slog.New(quiet{log.Handler()}),
	})
	if err != nil {
		return err
	}
	defer db.Close()
	if err = db.Migrate(lasting); err != nil {
		return fmt.Errorf("the database: %w", err)
	}
	calls, err := newJournal(db, c.secret, log)
	if err != nil {
		return err
	}
	var shared *redis.Client
	if c.redis != "" {
		shared = rutravelredis.Open("tcp", c.redis)
		defer func() { _ = shared.Close() }()
	}
	desk.Store = db
	desk.Suppliers, err = suppliers.Connect(suppliers.Config{
		Getenv: c.getenv, Redis: shared, Session: db.Session("bgoperator"), Observer: observer, Journal: calls, Tuning: c.tuning,
		Tour: demo.Tour(time.Now()),
	})
	if err != nil {
		return err
	}
	if err = db.Start(lasting, calls, desk.Drive); err != nil {
		return err
	}
	console, err := db.Console(lasting, web.JobsPath)
	if err != nil {
		return err
	}
	site := web.New(web.Config{Desk: desk, Log: log, Jobs: console, Metrics: metrics, Password: c.password, Sandbox: c.sandbox})
	server := &http.Server{Handler: site, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", c.addr)
	if err != nil {
		return err
	}
	log.Info("ready", "shop", "http://"+listener.Addr().String(), "sandbox", c.sandbox)
	if ready != nil {
		ready("http://" + listener.Addr().String())
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err = <-failed:
		return err
	case <-ctx.Done():
	}

	// No new requests; then the calls that were sent end and are stored; then the jobs.
	log.Info("stopping")
	site.Close()
	ending, cancelEnding := context.WithTimeout(lasting, grace)
	defer cancelEnding()
	err = server.Shutdown(ending)
	err = errors.Join(err, calls.Shutdown(ending))
	desk.Wait()
	return errors.Join(err, db.Stop(ending), flush(ending))
}

// newJournal returns the journal of all unsafe calls.
func newJournal(db store.Store, secret string, log *slog.Logger) (*journal.Journal, error) {
	opts := []journal.Option{journal.WithObserver(func(ctx context.Context, e journal.Event) {
		log.InfoContext(ctx, "journal", "step", e.Step, "key", e.Key, "operation", e.Operation, "outcome", e.Outcome, "age", e.Age, "error", e.Err)
	})}
	if secret != "" {
		key, err := hex.DecodeString(secret)
		if err != nil {
			return nil, errors.New("JOURNAL_SECRET must be 64 hexadecimal digits")
		}
		sealer, err := journal.NewSealer(key)
		if err != nil {
			return nil, err
		}
		opts = append(opts, journal.WithSealer(sealer))
	}
	return journal.New(db.Journal(), opts...), nil
}

// quiet passes on warnings and errors. River logs much at the level Info.
type quiet struct{ slog.Handler }

// Enabled implements [slog.Handler].
func (q quiet) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }
