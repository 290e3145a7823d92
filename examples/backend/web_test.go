package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/examples/backend/shop"
	"github.com/rutravel/rutravel-go/sandbox"
)

// ask sends a request and returns the answer.
func askShop(t *testing.T, method, address, body string, header ...string) (int, string, http.Header) {
	t.Helper()
	r, err := http.NewRequest(method, address, strings.NewReader(body))
	require.NoError(t, err)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(text), resp.Header
}

// basketFor returns a basket with the first offer of a search.
func basketFor(t *testing.T, address string, kind shop.Kind, query string) shop.Basket {
	t.Helper()
	_, text, _ := askShop(t, http.MethodGet, address+"/api/search/"+string(kind)+"?"+query, "")
	var found []shop.Offer
	require.NoError(t, json.Unmarshal([]byte(text), &found), text)
	require.NotEmpty(t, found)
	_, text, _ = askShop(t, http.MethodGet, address+"/api/offers/"+string(kind)+"/"+found[0].ID, "")
	var o shop.Offer
	require.NoError(t, json.Unmarshal([]byte(text), &o), text)
	b := shop.Basket{Kind: kind, Offer: o.ID, Seen: o.Price, Buyer: shop.Buyer{Name: "Анна", Email: "anna@example.com", Phone: "+79187557788"}}
	people := o.People
	if len(o.Choices) > 0 {
		b.Choices, b.Seen, people = []string{o.Choices[0].ID}, o.Choices[0].Price, 1
	}
	for range people {
		b.Travellers = append(b.Travellers, shop.Traveller{Surname: "SMIRNOVA", Name: "ANNA", Birth: tomorrow().AddYears(-30), Document: "0701 755756"})
	}
	return b
}

func encode(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	address, _ := shopFor(t, nil)
	good := basketFor(t, address, shop.Coach, "from=101&to=103")
	with := func(change func(*shop.Basket)) string {
		b := good
		b.Travellers = append([]shop.Traveller(nil), good.Travellers...)
		change(&b)
		return encode(t, b)
	}
	for name, c := range map[string]struct {
		method, path, body string
		status             int
		reason, field      string
	}{
		"unknown kind":       {http.MethodGet, "/api/search/hotel", "", http.StatusNotFound, "not_found", ""},
		"date":               {http.MethodGet, "/api/search/coach?from=101&to=102&date=31.12.2026", "", http.StatusUnprocessableEntity, "invalid", "date"},
		"past":               {http.MethodGet, "/api/search/coach?from=101&to=102&date=2020-01-01", "", http.StatusUnprocessableEntity, "invalid", "date"},
		"same place":         {http.MethodGet, "/api/search/coach?from=101&to=101", "", http.StatusUnprocessableEntity, "invalid", "to"},
		"nights":             {http.MethodGet, "/api/search/tour?to=6228&nights=-1", "", http.StatusUnprocessableEntity, "invalid", "nights"},
		"adults":             {http.MethodGet, "/api/search/tour?to=6228&adults=9", "", http.StatusUnprocessableEntity, "invalid", "adults"},
		"garbled offer":      {http.MethodGet, "/api/offers/coach/%00%ff", "", http.StatusGone, "gone", ""},
		"unknown event":      {http.MethodGet, "/api/offers/event/5f0000000000000000000000", "", http.StatusGone, "gone", ""},
		"no JSON":            {http.MethodPost, "/api/orders", "{", http.StatusUnprocessableEntity, "invalid", "body"},
		"unknown member":     {http.MethodPost, "/api/orders", `{"price": 1}`, http.StatusUnprocessableEntity, "invalid", "body"},
		"large":              {http.MethodPost, "/api/orders", `{"offer": "` + strings.Repeat("x", 70<<10) + `"}`, http.StatusUnprocessableEntity, "invalid", "body"},
		"no such order":      {http.MethodGet, "/api/orders/none", "", http.StatusNotFound, "not_found", ""},
		"payment of nothing": {http.MethodPost, "/api/orders/none/pay", "", http.StatusNotFound, "not_found", ""},
		"e-mail":             {http.MethodPost, "/api/orders", with(func(b *shop.Basket) { b.Buyer.Email = "anna" }), http.StatusUnprocessableEntity, "invalid", "email"},
		"no name":            {http.MethodPost, "/api/orders", with(func(b *shop.Basket) { b.Travellers[0].Surname = " " }), http.StatusUnprocessableEntity, "invalid", "surname"},
		"unborn":             {http.MethodPost, "/api/orders", with(func(b *shop.Basket) { b.Travellers[0].Birth = tomorrow() }), http.StatusUnprocessableEntity, "invalid", "birth"},
		"no travellers":      {http.MethodPost, "/api/orders", with(func(b *shop.Basket) { b.Travellers = nil }), http.StatusUnprocessableEntity, "invalid", "travellers"},
		"no seat":            {http.MethodPost, "/api/orders", with(func(b *shop.Basket) { b.Choices = nil }), http.StatusUnprocessableEntity, "invalid", "choices"},
		"taken seat":         {http.MethodPost, "/api/orders", with(func(b *shop.Basket) { b.Choices = []string{"99"} }), http.StatusConflict, "sold_out", ""},
		"a seat twice": {http.MethodPost, "/api/orders", with(func(b *shop.Basket) {
			b.Choices, b.Travellers, b.Seen = []string{"1", "1"}, append(b.Travellers, b.Travellers[0]), b.Seen.Add(b.Seen)
		}), http.StatusConflict, "sold_out", ""},
		"another price": {http.MethodPost, "/api/orders", with(func(b *shop.Basket) { b.Seen = b.Seen.Add(b.Seen) }), http.StatusConflict, "price_changed", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, text, _ := askShop(t, c.method, address+c.path, c.body, "Idempotency-Key", "key of "+name)
			assert.Equal(t, c.status, status, text)
			var v struct{ Error, Field string }
			require.NoError(t, json.Unmarshal([]byte(text), &v))
			assert.Equal(t, c.reason, v.Error)
			assert.Equal(t, c.field, v.Field)
		})
	}
}

// The same Idempotency-Key makes one order. For another basket it is refused.
func TestIdempotency(t *testing.T) {
	t.Parallel()
	address, _ := shopFor(t, nil)
	b := basketFor(t, address, shop.Coach, "from=101&to=103")
	post := func(b shop.Basket, key string) (status int, o shop.Order) {
		status, text, _ := askShop(t, http.MethodPost, address+"/api/orders", encode(t, b), "Idempotency-Key", key)
		require.NoError(t, json.Unmarshal([]byte(text), &o))
		return status, o
	}
	status, first := post(b, "a-key-of-mine")
	require.Equal(t, http.StatusCreated, status)
	status, second := post(b, "a-key-of-mine")
	assert.Equal(t, http.StatusCreated, status)
	assert.Equal(t, first.ID, second.ID)
	other := b
	other.Seen = other.Seen.Add(other.Seen)
	status, _ = post(other, "a-key-of-mine")
	assert.Equal(t, http.StatusUnprocessableEntity, status, "for another price")
	b.Buyer.Name = "Илья"
	status, _ = post(b, "a-key-of-mine")
	assert.Equal(t, http.StatusUnprocessableEntity, status)
	status, _ = post(b, "")
	assert.Equal(t, http.StatusUnprocessableEntity, status, "without a key")
}

// Pages of other sites cannot send forms, and no page runs a foreign script.
func TestProtection(t *testing.T) {
	t.Parallel()
	address, _ := shopFor(t, nil)
	status, _, _ := askShop(t, http.MethodPost, address+"/orders", "kind=coach", "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site",
		"Content-Type", "application/x-www-form-urlencoded")
	assert.Equal(t, http.StatusForbidden, status)
	status, text, header := askShop(t, http.MethodGet, address+"/search/event?text="+url.QueryEscape(`"><script>alert(1)</script>`), "")
	assert.Equal(t, http.StatusOK, status)
	assert.NotContains(t, text, "<script>alert")
	assert.Contains(t, header.Get("Content-Security-Policy"), "default-src 'none'")
	for _, path := range []string{"/operator", "/operator/jobs/", "/operator/jobs/api/jobs"} {
		status, _, _ = askShop(t, http.MethodGet, address+path, "")
		assert.Equal(t, http.StatusUnauthorized, status, path)
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		status, _, _ = askShop(t, http.MethodGet, address+path, "")
		assert.Equal(t, http.StatusOK, status, path)
	}
}

// A booking at Biblio-Globus whose answer is lost cannot be looked up. A person decides.
func TestNeedsHuman(t *testing.T) {
	t.Parallel()
	address, box := shopFor(t, map[string]string{"JOURNAL_SECRET": strings.Repeat("0f", 32)})
	decide := func(done, number string) shop.Order {
		b := basketFor(t, address, shop.Package, "")
		status, text, _ := askShop(t, http.MethodPost, box+"/sandbox/v1/faults",
			encode(t, map[string]any{"supplier": sandbox.Bgoperator, "op": "createtour+confirm", "drop": true, "processed": true}), "Content-Type", "application/json")
		require.Equal(t, http.StatusOK, status, text)
		_, text, _ = askShop(t, http.MethodPost, address+"/api/orders", encode(t, b), "Idempotency-Key", "the key for "+done)
		var o shop.Order
		require.NoError(t, json.Unmarshal([]byte(text), &o))
		look := func(until func() bool) {
			require.Eventually(t, func() bool {
				_, text, _ := askShop(t, http.MethodGet, address+"/api/orders/"+o.ID, "")
				o = shop.Order{}
				return json.Unmarshal([]byte(text), &o) == nil && until()
			}, 30*time.Second, 100*time.Millisecond)
		}
		look(func() bool { return o.Human })
		assert.Equal(t, shop.Booking, o.State)
		if number == "" {
			form := url.Values{"order": {o.ID}, "done": {"yes"}}.Encode()
			status, _, _ = askShop(t, http.MethodPost, address+"/operator/decide", form, "Authorization", "Basic b3BlcmF0b3I6c2FuZGJveA==",
				"Content-Type", "application/x-www-form-urlencoded")
			assert.Equal(t, http.StatusUnprocessableEntity, status, "a booking without a number could not be found again")
		}
		_, text, _ = askShop(t, http.MethodGet, address+"/operator?lang=en", "", "Authorization", "Basic b3BlcmF0b3I6c2FuZGJveA==")
		assert.Contains(t, text, "Check in the agency&#39;s account")
		form := url.Values{"order": {o.ID}, "done": {done}, "number": {number}}.Encode()
		status, text, _ = askShop(t, http.MethodPost, address+"/operator/decide", form, "Authorization", "Basic b3BlcmF0b3I6c2FuZGJveA==",
			"Content-Type", "application/x-www-form-urlencoded")
		require.Equal(t, http.StatusSeeOther, status, text)
		look(func() bool { return !o.Human })
		return o
	}
	assert.Equal(t, shop.Held, decide("yes", "102610029151").State)
	assert.Equal(t, shop.Failed, decide("no", "").State)
}

// A second booking of the same travellers is not shown as sold out.
func TestDuplicate(t *testing.T) {
	t.Parallel()
	address, _ := shopFor(t, nil)
	var o shop.Order
	for n, want := range []shop.State{shop.Held, shop.Failed} {
		b := basketFor(t, address, shop.Package, "")
		_, text, _ := askShop(t, http.MethodPost, address+"/api/orders", encode(t, b), "Idempotency-Key", "duplicate-"+string(rune('a'+n)))
		require.NoError(t, json.Unmarshal([]byte(text), &o))
		require.Eventually(t, func() bool {
			_, text, _ := askShop(t, http.MethodGet, address+"/api/orders/"+o.ID, "")
			o = shop.Order{}
			return json.Unmarshal([]byte(text), &o) == nil && o.State == want
		}, 20*time.Second, 50*time.Millisecond, want)
	}
	assert.Equal(t, "duplicate", o.Why)
	for lang, words := range map[string]string{"en": "a booking for these travellers already", "ru": "уже есть бронь на этих туристов"} {
		_, text, _ := askShop(t, http.MethodGet, address+"/orders/"+o.ID+"?lang="+lang, "")
		assert.Contains(t, text, words)
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	for name, environment := range map[string]map[string]string{
		"ADDR must be":              {"ADDR": "8000"},
		"CALL_TIMEOUT must be":      {"CALL_TIMEOUT": "soon"},
		"OPERATOR_PASSWORD must be": {"TICKETSCLOUD_URL": "https://ticketscloud.example", "DATABASE_FILE": "orders.db"},
		"DATABASE_URL or DATABASE_": {"REGIONBILET_URL": "https://regionbilet.example", "OPERATOR_PASSWORD": "secret"},
		"SANDBOX_URL and a":         {"BGOPERATOR_URL": "https://bgoperator.example", "SANDBOX_URL": "http://127.0.0.1:1"},
		"CALLS_PER_SECOND must be":  {"CALLS_PER_SECOND": "0"},
		"JOURNAL_SECRET must be":    {"JOURNAL_SECRET": "secret"},
	} {
		err := run(t.Context(), func(key string) string { return environment[key] }, io.Discard, nil)
		assert.ErrorContains(t, err, name)
	}
}
