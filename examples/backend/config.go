package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/rutravel/rutravel-go/examples/backend/suppliers"
)

const usage = `A shop for coach tickets, event tickets and tours. Without any environment it sells from
a sandbox in its own process, and keeps its orders in a temporary SQLite database.

Environment:
  ADDR                where to listen (default 127.0.0.1:8000)
  DATABASE_URL        PostgreSQL, as postgres://user:password@host/name; needed for two instances
  DATABASE_FILE       file of the SQLite database (default: a temporary one)
  REDIS_ADDR          Redis, as host:6379, for limits and directories that instances share
  SANDBOX_URL         address of a sandbox in another process
  REGIONBILET_URL …   addresses and credentials of the suppliers' accounts, as in the other examples
  CALLS_PER_SECOND    calls to each supplier (default 20)
  OPERATOR_PASSWORD   of the user "operator" (default with a sandbox: "sandbox")
  JOURNAL_SECRET      64 hexadecimal digits; requests and results are sealed with it
  OTEL_EXPORTER_OTLP_ENDPOINT
                      where traces are sent, as http://localhost:4318
  LOG                 "json" for structured logs in JSON
  CALL_TIMEOUT, CALL_GRACE, CALL_PATIENCE, LOOK_UP_TIMEOUT
                      durations that replace the library's; for tests

Flags:
  -seed               print what the sandbox sells, for rutravel-sandbox -seed
  -h                  this text
`

// config is the environment.
type config struct {
	addr, databaseURL, databaseFile string
	redis, sandbox                  string
	password, secret, otlp          string
	json                            bool
	tuning                          suppliers.Tuning
	lookUp                          time.Duration
	getenv                          func(string) string
	remove                          string // a temporary folder
}

func readConfig(getenv func(string) string) (c config, err error) {
	c = config{
		addr: or(getenv("ADDR"), "127.0.0.1:8000"), databaseURL: getenv("DATABASE_URL"), databaseFile: getenv("DATABASE_FILE"),
		redis: getenv("REDIS_ADDR"), sandbox: getenv("SANDBOX_URL"), password: getenv("OPERATOR_PASSWORD"), secret: getenv("JOURNAL_SECRET"),
		otlp: getenv("OTEL_EXPORTER_OTLP_ENDPOINT"), json: getenv("LOG") == "json", getenv: getenv,
	}
	for name, into := range map[string]*time.Duration{
		"CALL_TIMEOUT": &c.tuning.Timeout, "CALL_GRACE": &c.tuning.Grace, "CALL_PATIENCE": &c.tuning.Patience, "LOOK_UP_TIMEOUT": &c.lookUp,
	} {
		if text := getenv(name); text != "" {
			if *into, err = time.ParseDuration(text); err != nil || *into <= 0 {
				return c, fmt.Errorf("%s must be a duration, as 30s", name)
			}
		}
	}
	if _, _, err = net.SplitHostPort(c.addr); err != nil {
		return c, errors.New("ADDR must be an address and a port, as 127.0.0.1:8000")
	}
	if c.sandbox != "" && !c.isDemo() {
		return c, errors.New("SANDBOX_URL and a supplier's address exclude each other")
	}
	if !c.isDemo() && c.databaseURL == "" && c.databaseFile == "" {
		return c, errors.New("DATABASE_URL or DATABASE_FILE must be set: a temporary database would lose orders")
	}
	if c.password == "" {
		if !c.isDemo() {
			return c, errors.New("OPERATOR_PASSWORD must be set")
		}
		c.password = "sandbox"
	}
	if c.databaseURL == "" && c.databaseFile == "" {
		if c.remove, err = os.MkdirTemp("", "backend"); err != nil {
			return c, err
		}
		c.databaseFile = filepath.Join(c.remove, "orders.db")
	}
	return c, nil
}

// isDemo reports whether the suppliers are a sandbox: no supplier's address is given.
// A shop never asks some suppliers and a sandbox.
func (c config) isDemo() bool {
	return or(c.getenv("REGIONBILET_URL"), c.getenv("TICKETSCLOUD_URL")) == "" && or(c.getenv("MULTITOUR_URL"), c.getenv("BGOPERATOR_URL")) == ""
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
