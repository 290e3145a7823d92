package main

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var decoders = map[string]func() work{
	"history":   func() work { return history(40) },
	"hotels":    func() work { return hotels(40) },
	"order":     order,
	"orders":    func() work { return orders(60) },
	"coaches":   func() work { return coaches(40) },
	"transfers": func() work { return transfers(80) },
}

// All contestants must read the same values, because reading less is faster.
func TestSame(t *testing.T) {
	t.Parallel()
	for name, build := range decoders {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			same(t, build())
		})
	}
}

func same(t *testing.T, w work) {
	t.Helper()
	want, err := w.find(library).run()
	require.NoError(t, err)
	require.NotEmpty(t, want)
	for _, c := range w.contestants {
		got, err := c.run()
		require.NoError(t, err, c.name)
		if c.name != library && c.name != floor {
			require.Equal(t, want, w.same(got), c.name)
		}
	}
}

func TestSameStream(t *testing.T) {
	t.Parallel()
	text := []byte(strings.Join(trips(40), ","))
	read := func(name string) (all []any) {
		require.NoError(t, streamers[name](newFlow(text, 3*len(text)), func(v any) { all = append(all, v) }), name)
		return all
	}
	want := read(library)
	require.Len(t, want, 3*40)
	for name := range streamers {
		got := read(name)
		if name == library || name == floor {
			continue
		}
		require.Len(t, got, len(want), name)
		for i := range want {
			require.Equal(t, want[i], got[i].(handTrip).same(), name)
		}
	}
}

// Each goal refers to a row of the table.
func TestGoals(t *testing.T) {
	t.Parallel()
	s := &server{Plain: "http://127.0.0.1", TLS: "https://127.0.0.1"}
	lines := map[string][]measure{workStream: {duration, bytesMade, peakMemory, firstRead}, workCallers: {rate, newConnections}}
	for _, w := range works(s) {
		lines[w.name] = w.measures
	}
	for _, g := range goals {
		assert.Contains(t, lines[g.work], g.measure, g.work)
		assert.Contains(t, append(columns, ""), g.against)
	}
	rows := []row{{Work: workOrder, Measure: duration, Values: map[string]float64{byHand: 1, library: 2.1, withGoccy: 2.5}}}
	assert.Equal(t, "| ticketscloud: an order of 5 KB | time | by hand | 2.10× | ≥ 2.00× | 2.30× | met |", goal{workOrder, duration, byHand, 2, 2.3}.judge(rows))
	assert.Equal(t, "| ticketscloud: an order of 5 KB | time | goccy | 0.84× | ≥ 1.00× |  | **missed** |", goal{workOrder, duration, withGoccy, 1, 0}.judge(rows))
	assert.Contains(t, goal{workOrder, duration, withV2, 1, 0}.judge(rows), "not measured")
}

func TestSameCalls(t *testing.T) {
	t.Parallel()
	s := listen()
	t.Cleanup(s.close)
	same(t, oneCall(s))
	same(t, overTLS(s))
	same(t, decidingOverTLS(s))
}

func TestSameRequests(t *testing.T) {
	t.Parallel()
	body := bookingBody()
	assert.JSONEq(t, string(must(body.find(byHand).run()).([]byte)), string(must(body.find(library).run()).([]byte)))
	query := tripQuery()
	parse := func(v any) url.Values { return must(url.ParseQuery(v.(string))) }
	assert.Equal(t, parse(must(query.find(byHand).run())), parse(must(query.find(library).run())))
}

// The elements of a fixture differ, so that a decoder cannot share copies of
// their texts.
func TestVaried(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, trip := range trips(500) {
		assert.False(t, seen[trip])
		seen[trip] = true
	}
	ids := map[any]bool{}
	for _, o := range must(orders(100).find(byHand).run()).([]handOrder) {
		ids[o.ID] = true
		assert.NotNil(t, o.Event)
		assert.NotNil(t, o.Org)
	}
	assert.Len(t, ids, 100)
}

// benchName returns a contestant's name for the name of a benchmark.
func benchName(name string) string { return strings.NewReplacer(" ", "-", "/", "-").Replace(name) }

// BenchmarkStream reads 20 MB.
func BenchmarkStream(b *testing.B) {
	const length = 20 * megabyte
	text := []byte(strings.Join(trips(templateTrips), ","))
	for name, read := range streamers {
		b.Run(benchName(name), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(length)
			for b.Loop() {
				require.NoError(b, read(newFlow(text, length), func(any) {}))
			}
		})
	}
}

// BenchmarkWorks runs each work on its own, to profile it.
func BenchmarkWorks(b *testing.B) {
	s := listen()
	b.Cleanup(s.close)
	for name, build := range map[string]func() work{
		"history": func() work { return history(historyTrips) }, "hotels": func() work { return hotels(20_000) }, "order": order,
		"orders": func() work { return orders(200) }, "coaches": func() work { return coaches(200) }, "transfers": func() work { return transfers(2_000) },
		"query": tripQuery, "body": bookingBody, "call": func() work { return oneCall(s) }, "tls": func() work { return overTLS(s) },
		"deciding": func() work { return decidingOverTLS(s) },
	} {
		b.Run(name, func(b *testing.B) {
			w := build()
			for _, c := range w.contestants {
				b.Run(benchName(c.name), func(b *testing.B) {
					b.ReportAllocs()
					b.SetBytes(int64(w.length))
					for b.Loop() {
						_, err := c.run()
						require.NoError(b, err)
					}
				})
			}
		})
	}
}
