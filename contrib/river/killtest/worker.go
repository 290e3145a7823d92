package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"log"
	"log/slog"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver of the application's own tables
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	_ "modernc.org/sqlite"

	rutravelriver "github.com/rutravel/rutravel-go/contrib/river"
	"github.com/rutravel/rutravel-go/journal"
)

// The databases.
const (
	postgres = "postgres"
	sqlite   = "sqlite"
)

// database holds the application's tables and the journal.
type database struct {
	Kind, DSN string
	db        *sql.DB
}

func (d *database) open() (err error) {
	driver := map[string]string{postgres: "pgx", sqlite: "sqlite"}[d.Kind]
	d.db, err = sql.Open(driver, d.DSN)
	if err == nil && d.Kind == sqlite {
		d.db.SetMaxOpenConns(1)
	}
	return err
}

// The application's tables. The table settled is written by Settled.
const tables = `
CREATE TABLE orders (id integer PRIMARY KEY, supplier text NOT NULL, finished boolean NOT NULL DEFAULT FALSE, closing boolean NOT NULL DEFAULT FALSE);
CREATE TABLE carts (key text PRIMARY KEY, request text NOT NULL);
CREATE TABLE settled (key text PRIMARY KEY, outcome text NOT NULL);`

const writeSettled = "INSERT INTO settled (key, outcome) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET outcome = excluded.outcome"

// order is what a customer wants.
type order struct {
	ID       int
	Supplier string
	Closing  bool // not tried again
}

// unfinished returns the orders that are not finished.
func (d *database) unfinished(ctx context.Context) ([]order, error) {
	rows, err := d.db.QueryContext(ctx, "SELECT id, supplier, closing FROM orders WHERE NOT finished")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []order
	for rows.Next() {
		var o order
		if err = rows.Scan(&o.ID, &o.Supplier, &o.Closing); err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, rows.Err()
}

// cart returns the stored request of a key, which is chosen once.
func (d *database) cart(ctx context.Context, key string, choose func() (string, error)) (text string, err error) {
	const query = "SELECT request FROM carts WHERE key = $1"
	if err = d.db.QueryRowContext(ctx, query, key).Scan(&text); err != sql.ErrNoRows {
		return text, err
	}
	if text, err = choose(); err != nil {
		return "", err
	}
	if _, err = d.db.ExecContext(ctx, "INSERT INTO carts (key, request) VALUES ($1, $2) ON CONFLICT DO NOTHING", key, text); err != nil {
		return "", err
	}
	err = d.db.QueryRowContext(ctx, query, key).Scan(&text) // another instance may have been faster
	return text, err
}

// settings are what a worker gets through its environment.
type settings struct {
	Database database
	URLs     map[string]string
	Bug      string
}

// runWorker is the process of an instance. It serves orders until it is killed.
func runWorker() error {
	var s settings
	if err := json.Unmarshal([]byte(os.Getenv(environment)), &s); err != nil {
		return err
	}
	ctx := context.Background()
	if err := s.Database.open(); err != nil {
		return err
	}
	if s.Database.Kind == postgres {
		pool, err := pgxpool.New(ctx, s.Database.DSN)
		if err != nil {
			return err
		}
		store, err := rutravelriver.NewPostgres(pool, config(func(ctx context.Context, tx pgx.Tx, query string, args ...any) error {
			_, err := tx.Exec(ctx, query, args...)
			return err
		}))
		return work(ctx, s, store, riverpgxv5.New(pool), err)
	}
	store, err := rutravelriver.NewSQLite(s.Database.db, config(func(ctx context.Context, tx *sql.Tx, query string, args ...any) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	}))
	return work(ctx, s, store, riversqlite.New(s.Database.db), err)
}

func quiet() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
}

// lookUpTimeout is short, so that the look-ups of a process that was killed are soon
// made by another one.
const lookUpTimeout = 8 * time.Second

func config[Tx any](exec func(context.Context, Tx, string, ...any) error) rutravelriver.Config[Tx] {
	return rutravelriver.Config[Tx]{
		LookUpTimeout: lookUpTimeout,
		Logger:        quiet(),
		Settled: func(ctx context.Context, tx Tx, e journal.Entry) error {
			return exec(ctx, tx, writeSettled, e.Key, string(e.Outcome))
		},
	}
}

// work serves orders, and looks up what became of lost calls.
func work[Tx any](ctx context.Context, s settings, store *rutravelriver.Store[Tx], driver riverdriver.Driver[Tx], err error) error {
	if err != nil {
		return err
	}
	j := journal.New(store)
	shop, err := newShop(s.Database, j, s.URLs, s.Bug)
	if err != nil {
		return err
	}
	config := &river.Config{Logger: quiet(), JobTimeout: lookUpTimeout, FetchPollInterval: 500 * time.Millisecond}
	store.Configure(config, j)
	client, err := river.NewClient(driver, config)
	if err != nil {
		return err
	}
	if err = client.Start(ctx); err != nil {
		return err
	}
	var serving sync.Map
	for {
		orders, err := s.Database.unfinished(ctx)
		if err != nil {
			log.Print(err)
		}
		rand.Shuffle(len(orders), func(i, k int) { orders[i], orders[k] = orders[k], orders[i] })
		for _, o := range orders {
			if _, busy := serving.LoadOrStore(o.ID, true); busy {
				continue
			}
			go func() {
				defer serving.Delete(o.ID)
				shop.serveAndFinish(ctx, o)
			}()
		}
		time.Sleep(300 * time.Millisecond)
	}
}

func (s *shop) serveAndFinish(ctx context.Context, o order) {
	if s.serve(ctx, o) != nil {
		return
	}
	if _, err := s.db.db.ExecContext(ctx, "UPDATE orders SET finished = TRUE WHERE id = $1", o.ID); err != nil && !strings.Contains(err.Error(), "canceled") {
		log.Print(err)
	}
}
