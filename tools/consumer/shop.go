// Package shop is a booking backend as a user of rutravel-go writes one: a
// module of its own, which sees only what is public.
package shop

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
)

// Sale sells what an order of type O, posted as JSON, asks for and answers with
// what was sold.
func Sale[O, S any](sell func(context.Context, O) (S, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var order O
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&order); err != nil {
			http.Error(w, "not an order", http.StatusBadRequest)
			return
		}
		// A user who leaves does not undo what the supplier has begun.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), 2*time.Minute)
		defer cancel()
		sold, err := sell(ctx, order)
		if err != nil {
			http.Error(w, err.Error(), status(err))
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(sold); err != nil {
			log.Print("answer: ", err)
		}
	})
}

// status tells the shop's user what has become of the order.
func status(err error) int {
	if kind := rutravel.KindOf(err); kind != "" {
		return kind.HTTPStatus()
	}
	return http.StatusConflict // nothing to sell
}

// Opener makes a department of the shop of its environment.
type Opener func(getenv func(string) string) (http.Handler, error)

// Open serves departments by their paths until the server fails.
func Open(departments map[string]Opener) {
	mux := http.NewServeMux()
	for path, open := range departments {
		department, err := open(os.Getenv)
		if err != nil {
			log.Fatal(err)
		}
		mux.Handle("POST "+path, department)
	}
	server := http.Server{Addr: "localhost:8080", Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.ListenAndServe())
}
