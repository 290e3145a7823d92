package rutravelriver_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	rutravelriver "github.com/rutravel/rutravel-go/contrib/river"
	"github.com/rutravel/rutravel-go/contrib/river/internal/postgresserver"
	"github.com/rutravel/rutravel-go/journal"
	"github.com/rutravel/rutravel-go/journal/journaltest"
)

// server is the address of the PostgreSQL of all tests, or why there is none.
var server struct {
	dsn string
	err error
}

func TestMain(m *testing.M) {
	var stop func() error
	server.dsn, stop, server.err = postgresserver.Start(context.Background(), "fsync=off", "max_connections=300")
	code := m.Run()
	if server.err == nil {
		if err := stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// database is an empty database, PostgreSQL or SQLite, and how to use it.
type database[Tx any] struct {
	open func(rutravelriver.Config[Tx]) *rutravelriver.Store[Tx] // as another instance does
	// driver is River's driver of the instance that was opened last.
	driver func() riverdriver.Driver[Tx]
	exec   func(statement string, args ...any) error // outside of transactions
	// execTx is exec in a transaction.
	execTx func(ctx context.Context, tx Tx, statement string, args ...any) error
	// row scans one row.
	row func(query string, to ...any) error
}

var databases atomic.Int64

// newPostgres makes a database of its own. The test is skipped if PostgreSQL is not
// installed, but not in CI.
func newPostgres(t testing.TB) *database[pgx.Tx] {
	t.Helper()
	if errors.Is(server.err, postgresserver.ErrMissing) && os.Getenv("CI") != "true" {
		t.Skip(server.err)
	}
	require.NoError(t, server.err)
	name := fmt.Sprintf("test%d", databases.Add(1))
	ctx := context.Background()
	admin, err := pgx.Connect(ctx, server.dsn)
	require.NoError(t, err)
	_, err = admin.Exec(ctx, "CREATE DATABASE "+name)
	require.NoError(t, err)
	require.NoError(t, admin.Close(ctx))
	pool := func() *pgxpool.Pool {
		pool, err := pgxpool.New(ctx, strings.Replace(server.dsn, "dbname=postgres", "dbname="+name, 1))
		require.NoError(t, err)
		t.Cleanup(pool.Close)
		return pool
	}
	own := pool()
	last := own
	return &database[pgx.Tx]{
		open: func(config rutravelriver.Config[pgx.Tx]) *rutravelriver.Store[pgx.Tx] {
			last = pool()
			s, err := rutravelriver.NewPostgres(last, config)
			require.NoError(t, err)
			return s
		},
		driver: func() riverdriver.Driver[pgx.Tx] { return riverpgxv5.New(last) },
		exec: func(statement string, args ...any) error {
			_, err := own.Exec(ctx, statement, args...)
			return err
		},
		execTx: func(ctx context.Context, tx pgx.Tx, statement string, args ...any) error {
			_, err := tx.Exec(ctx, statement, args...)
			return err
		},
		row: func(query string, to ...any) error { return own.QueryRow(ctx, query).Scan(to...) },
	}
}

const sqliteOptions = "?_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)"

func newSQLite(t testing.TB) *database[*sql.Tx] {
	t.Helper()
	name := "file:" + filepath.Join(t.TempDir(), "journal.db") + sqliteOptions
	db := func() *sql.DB {
		db, err := sql.Open("sqlite", name)
		require.NoError(t, err)
		t.Cleanup(func() { assert.NoError(t, db.Close()) })
		return db
	}
	own := db()
	last := own
	return &database[*sql.Tx]{
		open: func(config rutravelriver.Config[*sql.Tx]) *rutravelriver.Store[*sql.Tx] {
			last = db()
			s, err := rutravelriver.NewSQLite(last, config)
			require.NoError(t, err)
			return s
		},
		driver: func() riverdriver.Driver[*sql.Tx] { return riversqlite.New(last) },
		exec: func(statement string, args ...any) error {
			_, err := own.Exec(statement, args...)
			return err
		},
		execTx: func(ctx context.Context, tx *sql.Tx, statement string, args ...any) error {
			_, err := tx.ExecContext(ctx, statement, args...)
			return err
		},
		row: func(query string, to ...any) error { return own.QueryRow(query).Scan(to...) },
	}
}

// onBoth runs a test on PostgreSQL and on SQLite.
func onBoth(t *testing.T, postgres func(*testing.T, *database[pgx.Tx]), sqlite func(*testing.T, *database[*sql.Tx])) {
	t.Helper()
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		postgres(t, newPostgres(t))
	})
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		sqlite(t, newSQLite(t))
	})
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestStores(t *testing.T) {
	t.Parallel()
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		testStore(t, func(t *testing.T) *database[pgx.Tx] { return newPostgres(t) })
	})
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		testStore(t, func(t *testing.T) *database[*sql.Tx] { return newSQLite(t) })
	})
}

func testStore[Tx any](t *testing.T, database func(*testing.T) *database[Tx]) {
	t.Helper()
	opened := map[journal.Store]func() journal.Store{}
	journaltest.TestStore(t, func(t *testing.T) journal.Store {
		db := database(t)
		s := db.open(rutravelriver.Config[Tx]{Logger: quiet()})
		require.NoError(t, s.Migrate(t.Context()))
		opened[s] = func() journal.Store { return db.open(rutravelriver.Config[Tx]{Logger: quiet()}) }
		return s
	}, func(_ *testing.T, s journal.Store) journal.Store { return opened[s]() })
}
