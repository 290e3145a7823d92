package rutravelriver_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	rutravelriver "github.com/rutravel/rutravel-go/contrib/river"
	"github.com/rutravel/rutravel-go/contrib/river/internal/postgresserver"
	"github.com/rutravel/rutravel-go/journal"
)

// BenchmarkDo states what the journal adds to a call whose answer arrives: the time, and
// the round trips to PostgreSQL. Both databases write to the disk.
func BenchmarkDo(b *testing.B) {
	b.Run("PostgreSQL", func(b *testing.B) {
		dsn, stop, err := postgresserver.Start(context.Background())
		if errors.Is(err, postgresserver.ErrMissing) && os.Getenv("CI") != "true" {
			b.Skip(err)
		}
		require.NoError(b, err)
		defer func() { require.NoError(b, stop()) }()
		config, err := pgxpool.ParseConfig(dsn)
		require.NoError(b, err)
		var trips atomic.Int64
		dial := config.ConnConfig.DialFunc
		config.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			return countingConn{conn, &trips}, err
		}
		pool, err := pgxpool.NewWithConfig(context.Background(), config)
		require.NoError(b, err)
		defer pool.Close()
		store, err := rutravelriver.NewPostgres(pool, rutravelriver.Config[pgx.Tx]{Logger: quiet()})
		require.NoError(b, err)
		require.NoError(b, store.Migrate(context.Background()))
		benchmarkDo(b, store, &trips)
	})
	b.Run("SQLite", func(b *testing.B) {
		db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "journal.db")+sqliteOptions)
		require.NoError(b, err)
		defer db.Close()
		store, err := rutravelriver.NewSQLite(db, rutravelriver.Config[*sql.Tx]{Logger: quiet()})
		require.NoError(b, err)
		require.NoError(b, store.Migrate(context.Background()))
		benchmarkDo(b, store, nil)
	})
}

// countingConn counts the messages to the server: each waits for an answer.
type countingConn struct {
	net.Conn
	written *atomic.Int64
}

func (c countingConn) Write(p []byte) (int, error) {
	c.written.Add(1)
	return c.Conn.Write(p)
}

func benchmarkDo(b *testing.B, store journal.Store, trips *atomic.Int64) {
	pay := journal.Add(journal.New(store), rutravel.Operation[payment, string]{
		Name:    "acme.pay",
		Send:    func(context.Context, payment) (string, error) { return "receipt 5", nil },
		Silence: rutravel.OutcomeUndecidable,
		Subject: func(p payment) string { return "acme/pay/" + p.Order },
	})
	n := 0
	do := func() {
		n++
		order := fmt.Sprint(n)
		if _, err := pay.Do(context.Background(), "order "+order+", pay", payment{Order: order}); err != nil {
			b.Fatal(err)
		}
	}
	do() // prepares the statements
	var before int64
	if trips != nil {
		before = trips.Load()
	}
	for b.Loop() {
		do()
	}
	if trips != nil {
		b.ReportMetric(float64(trips.Load()-before)/float64(b.N), "roundtrips/op")
	}
}
