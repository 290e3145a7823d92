package main

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-resty/resty/v2"
	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/smartway"
)

// ordinary returns a transport with net/http's defaults.
func ordinary() *http.Transport {
	return http.DefaultTransport.(*http.Transport).Clone()
}

// oneCall asks for airports over a kept-alive connection.
func oneCall(s *server) work {
	x := airportsCall(s.Plain + airportsPath)
	cfg := account()
	cfg.BaseURL = x.url
	client := must(smartway.New(cfg))
	return work{
		length: airportsLength, same: sameAirports,
		contestants: append(others(x, ordinary()), airports(client)),
	}
}

func airports(c *smartway.Client) contestant {
	return contestant{library, func() (any, error) { return c.Airlines.Airports(context.Background(), "Санкт") }}
}

type (
	handInfo struct {
		ID     looseID         `json:"id"`
		Name   string          `json:"name"`
		Status string          `json:"status"`
		Amount decimal.Decimal `json:"amount"`
		Booked localTime       `json:"book_date"`
		Items  []struct {
			ID       looseID         `json:"id"`
			Type     string          `json:"service_type"`
			Amount   decimal.Decimal `json:"amount"`
			CheckIn  localTime       `json:"checkin"`
			CheckOut localTime       `json:"checkout"`
		} `json:"items"`
	}

	handInfoAnswer struct {
		ID     looseID    `json:"id"`
		Fault  *handFault `json:"error"`
		Result handInfo   `json:"result"`
	}
)

func (a *handInfoAnswer) finish(func([]byte, any) error) error {
	if a.Fault != nil {
		return errors.New(a.Fault.Message)
	}
	return nil
}

func (a *handInfoAnswer) value() any { return a.Result }

func sameInfo(v any) any {
	h := v.(handInfo)
	s := smartway.TripInfo{
		ID: smartway.TripID(h.ID), Name: h.Name, Status: smartway.TripStatus(h.Status), Amount: h.Amount, Booked: h.Booked.DateTime,
	}
	for _, i := range h.Items {
		s.Items = append(s.Items, smartway.TripInfoItem{
			ID: smartway.ItemID(i.ID), Type: smartway.ServiceType(i.Type), Amount: i.Amount, CheckIn: i.CheckIn.DateTime, CheckOut: i.CheckOut.DateTime,
		})
	}
	return s
}

// overTLS asks for airports over TLS. Each client uses its default transport.
func overTLS(s *server) work {
	x := airportsCall(s.TLS)
	return work{same: sameAirports, contestants: append(clientsOverTLS(s, x), airports(secureClient(s)))}
}

// decidingOverTLS reads a trip in brief. Such a read decides about money, so the
// library uses its own connection for it.
func decidingOverTLS(s *server) work {
	x := exchange{
		method: http.MethodPost, url: s.TLS, header: http.Header{"Content-Type": {"application/json"}},
		request: rpc("trip.info", 7949), answer: func() answer { return new(handInfoAnswer) },
	}
	client := secureClient(s)
	return work{same: sameInfo, contestants: append(clientsOverTLS(s, x), contestant{library, func() (any, error) {
		return client.Trips.Info(context.Background(), "7949")
	}})}
}

func secureClient(s *server) *smartway.Client {
	cfg := account()
	cfg.BaseURL = s.TLS
	return must(smartway.New(cfg, rutravel.WithRootCAs(s.roots())))
}

func clientsOverTLS(s *server, x exchange) []contestant {
	trusted := &tls.Config{RootCAs: s.roots()}
	plain := ordinary()
	plain.TLSClientConfig = trusted
	byItself := &http.Client{Transport: plain}
	pooled := retryable(nil)
	pooled.HTTPClient.Transport.(*http.Transport).TLSClientConfig = trusted.Clone()
	return []contestant{
		{byHand, func() (any, error) { return x.do(byItself.Do, decode) }},
		{withResty, x.resty(resty.New().SetTLSClientConfig(trusted.Clone()))},
		{withRetry, x.retryable(pooled)},
	}
}

const (
	callers = 64
	while   = 300 * time.Millisecond
)

// crowd runs many callers for a while and returns the calls per second.
func crowd(c contestant) float64 {
	var (
		all   sync.WaitGroup
		calls atomic.Int64
	)
	start := time.Now()
	for range callers {
		all.Go(func() {
			for time.Since(start) < while {
				if _, err := c.run(); err != nil {
					panic(err)
				}
				calls.Add(1)
			}
		})
	}
	all.Wait()
	return float64(calls.Load()) / time.Since(start).Seconds()
}

// crowds runs the contestants in turn. opened is how many connections each has
// opened after the warm-up.
func crowds(s *server, w work) (all map[string][]sample, opened map[string]int, calls map[string]float64) {
	all, opened, calls = map[string][]sample{}, map[string]int{}, map[string]float64{}
	for _, c := range w.contestants {
		crowd(c)
	}
	for range rounds {
		for _, c := range w.contestants {
			before := s.connections()
			persecond := crowd(c)
			opened[c.name] += s.connections() - before
			calls[c.name] += persecond * while.Seconds()
			all[c.name] = append(all[c.name], sample{rate: persecond})
		}
	}
	return all, opened, calls
}
