package rutravel_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/regionbilet"
)

// A handler of a shop gives a payment a context of its own: the customer may
// close the page, the payment goes on.
func Example_detached() {
	client, err := regionbilet.New(regionbilet.Config{
		User:      "agent",
		SecretKey: rutravel.Secret(os.Getenv("REGIONBILET_SKEY")),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	http.HandleFunc("/pay", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), 2*time.Minute)
		defer cancel()
		tickets, err := client.Pay(ctx, regionbilet.BookingID(r.FormValue("booking")))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		fmt.Fprintln(w, len(tickets), "tickets")
	})
	// Output: regionbilet: new: invalid request: SecretKey must not be empty
}
