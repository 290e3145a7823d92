// Baseline is the program with which the others are compared. It compiles the packages
// that every backend with money and JSON over HTTP compiles.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"time"

	"github.com/shopspring/decimal"
)

func main() {
	http.HandleFunc("POST /sum", func(w http.ResponseWriter, r *http.Request) {
		var prices []decimal.Decimal
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&prices); err != nil {
			http.Error(w, "not a list of prices", http.StatusBadRequest)
			return
		}
		if err := json.NewEncoder(w).Encode(decimal.Sum(decimal.Zero, prices...)); err != nil {
			log.Print("answer: ", err)
		}
	})
	client := http.Client{Timeout: time.Minute}
	http.HandleFunc("GET /health", func(w http.ResponseWriter, r *http.Request) {
		ask, err := http.NewRequestWithContext(r.Context(), http.MethodHead, "https://localhost", http.NoBody)
		if err != nil {
			http.Error(w, "unhealthy", http.StatusInternalServerError)
			return
		}
		answer, err := client.Do(ask)
		if err != nil {
			http.Error(w, "unhealthy", http.StatusBadGateway)
			return
		}
		_ = answer.Body.Close()
	})
	server := http.Server{Addr: "localhost:8080", ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.ListenAndServe())
}
