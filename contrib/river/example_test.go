package rutravelriver_test

import (
	"context"
	"log"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	rutravelriver "github.com/rutravel/rutravel-go/contrib/river"
	"github.com/rutravel/rutravel-go/journal"
	"github.com/rutravel/rutravel-go/regionbilet"
)

// ticketShop is an application. Its table orders has the key of the payment and the state of each
// order.
type ticketShop struct {
	book *journal.Call[regionbilet.BookRequest, regionbilet.Hold]
	pay  *journal.Call[regionbilet.Hold, []regionbilet.IssuedTicket]
}

// open starts an instance. stop lets its calls and look-ups end.
func open(ctx context.Context, pool *pgxpool.Pool, coaches *regionbilet.Client) (_ *ticketShop, stop func(context.Context) error, err error) {
	var shop ticketShop
	store, err := rutravelriver.NewPostgres(pool, rutravelriver.Config[pgx.Tx]{Settled: shop.settled, EraseAfter: 30 * 24 * time.Hour})
	if err != nil {
		return nil, nil, err
	}
	j := journal.New(store)
	shop.book = journal.Add(j, coaches.BookOperation())
	shop.pay = journal.Add(j, coaches.PayOperation())
	config := &river.Config{} // and the application's own queues and workers
	store.Configure(config, j)
	jobs, err := river.NewClient(riverpgxv5.New(pool), config)
	if err != nil {
		return nil, nil, err
	}
	stop = func(ctx context.Context) error {
		if err := j.Shutdown(ctx); err != nil {
			return err
		}
		return jobs.Stop(ctx)
	}
	return &shop, stop, jobs.Start(ctx)
}

// settled changes the order in the transaction that stores the outcome of a call.
func (s *ticketShop) settled(ctx context.Context, tx pgx.Tx, e journal.Entry) error {
	_, err := tx.Exec(ctx, "UPDATE orders SET state = $1 WHERE key = $2", e.Operation+" "+string(e.Outcome), e.Key)
	return err
}

// buy books and pays once, however often it is called for an order.
func (s *ticketShop) buy(ctx context.Context, order string, request regionbilet.BookRequest) ([]regionbilet.IssuedTicket, error) {
	hold, err := s.book.Do(ctx, "order "+order+", book", request)
	if err != nil {
		return nil, err
	}
	return s.pay.Do(ctx, "order "+order+", pay", hold)
}

// All instances of the application run this. The tables were made by Store.Migrate
// when this version was deployed.
func Example() {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, "postgres://localhost/shop")
	if err != nil {
		log.Fatal(err)
	}
	coaches, err := regionbilet.New(regionbilet.Config{User: "agent", SecretKey: "…"})
	if err != nil {
		log.Fatal(err)
	}
	shop, stop, err := open(ctx, pool, coaches)
	if err != nil {
		log.Fatal(err)
	}
	if _, err = shop.buy(ctx, "17", regionbilet.BookRequest{}); err != nil {
		log.Print(err) // an *journal.Error says whether it is not done or not known yet
	}
	if err = stop(ctx); err != nil {
		log.Print(err)
	}
}
