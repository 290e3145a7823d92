// Package shop is a booking backend as a user of rutravel-go writes one. It is a
// separate module and uses only the public API.
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

// Sale returns a handler for orders of type O, posted as JSON. It calls sell and
// answers with the result.
func Sale[O, S any](sell func(context.Context, O) (S, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var order O
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&order); err != nil {
			http.Error(w, "not an order", http.StatusBadRequest)
			return
		}
		// If the user leaves, the call to the supplier still goes on.
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

// status returns the HTTP status for an order that failed.
func status(err error) int {
	if kind := rutravel.KindOf(err); kind != "" {
		return kind.HTTPStatus()
	}
	return http.StatusConflict // nothing to sell
}

// Opener returns a department of the shop, configured by the environment.
type Opener func(getenv func(string) string) (http.Handler, error)

// Open serves departments at their paths until the server fails.
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
