package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/examples/backend/shop"
)

// Two instances share limits, directories and the session at Biblio-Globus.
func TestSharedState(t *testing.T) {
	t.Parallel()
	redis := program(t, "redis-server", "redis-server")
	address := freePort(t)
	_, port, _ := strings.Cut(address, ":")
	server := exec.Command(redis, "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", t.TempDir())
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	environment := map[string]string{"REDIS_ADDR": address, "DATABASE_URL": postgres(t)}
	first, box := shopFor(t, environment)
	environment["SANDBOX_URL"] = box
	second, _ := shopFor(t, environment)
	for n, kind := range []shop.Kind{shop.Package, shop.Package, shop.Coach, shop.Coach} {
		at := []string{first, second}[n%2]
		require.Eventually(t, func() bool { // Redis starts
			status, _, _ := askShop(t, http.MethodGet, at+"/api/places/coach", "")
			return status == http.StatusOK
		}, 20*time.Second, 100*time.Millisecond)
		b := basketFor(t, at, kind, "from=101&to=103")
		for i := range b.Travellers { // Biblio-Globus refuses the same tourists on the same tour
			b.Travellers[i].Surname += string(rune('A' + n))
			b.Travellers[i].Document = fmt.Sprintf("0701 75%d", 1000+10*n+i)
		}
		status, text, _ := askShop(t, http.MethodPost, at+"/api/orders", encode(t, b), "Idempotency-Key", "shared-"+string(rune('a'+n)))
		require.Equal(t, http.StatusCreated, status, text)
		var o shop.Order
		require.NoError(t, json.Unmarshal([]byte(text), &o))
		id := o.ID
		assert.Eventually(t, func() bool { // each instance shows the orders of both
			_, text, _ := askShop(t, http.MethodGet, []string{second, first}[n%2]+"/api/orders/"+id, "")
			o = shop.Order{}
			return json.Unmarshal([]byte(text), &o) == nil && o.State == shop.Held
		}, 20*time.Second, 100*time.Millisecond, kind)
	}
	_, text, _ := askShop(t, http.MethodGet, box+"/sandbox/v1/calls", "")
	assert.Equal(t, 1, strings.Count(text, `"login"`), "both instances use one session")
}
