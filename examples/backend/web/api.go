package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/rutravel/rutravel-go/examples/backend/shop"
)

// api adds the JSON API. Orders, payments and refunds may be sent again after a lost
// answer: an order has its Idempotency-Key, and the others name what they want.
func (s *Site) api(mux *http.ServeMux) {
	handle := func(pattern string, f func(w http.ResponseWriter, r *http.Request) (int, any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			status, v, err := f(w, r)
			if err != nil {
				status, v = s.failure(r, err)
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(v)
		})
	}
	handle("GET /api/places/{kind}", func(_ http.ResponseWriter, r *http.Request) (int, any, error) {
		from, to, err := s.Desk.Places(r.Context(), shop.Kind(r.PathValue("kind")))
		return http.StatusOK, map[string][]shop.Place{"from": from, "to": to}, err
	})
	handle("GET /api/search/{kind}", func(_ http.ResponseWriter, r *http.Request) (int, any, error) {
		q, err := readQuery(r)
		if err != nil {
			return 0, nil, err
		}
		all, err := s.Desk.Search(r.Context(), shop.Kind(r.PathValue("kind")), q)
		return http.StatusOK, all, err
	})
	handle("GET /api/offers/{kind}/{offer}", func(_ http.ResponseWriter, r *http.Request) (int, any, error) {
		o, err := s.Desk.Offer(r.Context(), shop.Kind(r.PathValue("kind")), r.PathValue("offer"))
		return http.StatusOK, o, err
	})
	handle("POST /api/orders", func(_ http.ResponseWriter, r *http.Request) (int, any, error) {
		var b shop.Basket
		d := json.NewDecoder(r.Body)
		d.DisallowUnknownFields()
		if err := d.Decode(&b); err != nil {
			return 0, nil, &shop.Refusal{Reason: shop.Invalid, Field: "body"}
		}
		o, err := s.Desk.Order(r.Context(), b, r.Header.Get("Idempotency-Key"))
		return http.StatusCreated, public(o), err
	})
	handle("GET /api/orders/{id}", func(_ http.ResponseWriter, r *http.Request) (int, any, error) {
		o, err := s.Desk.Store.Get(r.Context(), r.PathValue("id"))
		return http.StatusOK, public(o), err
	})
	handle("POST /api/orders/{id}/pay", func(_ http.ResponseWriter, r *http.Request) (int, any, error) {
		o, err := s.Desk.Pay(r.Context(), r.PathValue("id"))
		return http.StatusAccepted, public(o), err
	})
	handle("POST /api/orders/{id}/refund/{line}", func(_ http.ResponseWriter, r *http.Request) (int, any, error) {
		line, err := strconv.Atoi(r.PathValue("line"))
		if err != nil {
			return 0, nil, &shop.Refusal{Reason: shop.Invalid, Field: "line"}
		}
		o, err := s.Desk.Refund(r.Context(), r.PathValue("id"), line)
		return http.StatusAccepted, public(o), err
	})
}

// public removes what only the suppliers' adapters need.
func public(o shop.Order) shop.Order {
	o.Reference = nil
	lines := make([]shop.Line, len(o.Lines))
	for i, l := range o.Lines {
		l.Request = nil
		lines[i] = l
	}
	o.Lines = lines
	return o
}

// failure is what the API says of an error.
func (s *Site) failure(r *http.Request, err error) (int, any) {
	status := statusOf(err)
	v := map[string]any{"error": "internal"}
	if refusal, ok := errors.AsType[*shop.Refusal](err); ok {
		v = map[string]any{"error": refusal.Reason, "message": translate("en", "error."+refusal.Reason)}
		if refusal.Field != "" {
			v["field"] = refusal.Field
		}
		if refusal.Reason == shop.PriceChanged {
			v["total"] = refusal.Total
		}
	} else if status == http.StatusNotFound {
		v["error"] = "not_found"
	} else {
		s.Log.ErrorContext(r.Context(), "a request failed", "path", r.URL.Path, "error", err)
	}
	return status, v
}

// statusOf is the HTTP status of an error.
func statusOf(err error) int {
	refusal, ok := errors.AsType[*shop.Refusal](err)
	switch {
	case errors.Is(err, shop.ErrNotFound):
		return http.StatusNotFound
	case !ok:
		return http.StatusInternalServerError
	}
	switch refusal.Reason {
	case shop.Invalid, shop.KeyReused:
		return http.StatusUnprocessableEntity
	case shop.Gone, shop.HoldExpired:
		return http.StatusGone
	case shop.Busy:
		return http.StatusServiceUnavailable
	default:
		return http.StatusConflict
	}
}
