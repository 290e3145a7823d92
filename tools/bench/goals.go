package main

import (
	"fmt"
	"math"
	"strings"
)

// The works that have goals.
const (
	workHistory   = "smartway: history of 10 MB, whole"
	workStream    = "smartway: history of 200 MB, as a stream"
	workHotels    = "multitour: 20,000 hotels"
	workOrder     = "ticketscloud: an order of 5 KB"
	workOrders    = "ticketscloud: 200 orders with refs"
	workCoaches   = "regionbilet: 200 coach trips"
	workTransfers = "bgoperator: 2,000 transfers (XML)"
	workCall      = "one call, 5 KB, connection kept"
	workCallers   = "64 callers over TLS, no delay"
)

// goal is a figure that the library must reach with the newest Go release.
type goal struct {
	work    string
	measure measure
	against string  // the contestant that the library is compared with; "" if the figure is absolute
	least   float64 // the least; the most for measures of which less is better
	aim     float64 // 0 if there is none
}

// goals are the rows of the last table.
var goals = []goal{
	{workHistory, duration, byHand, 3.6, 4},
	{workHistory, duration, withV2, 2, 2.4},
	{workHistory, duration, withSonic, 1, 0},
	{workHistory, duration, withGoccy, 1, 0},
	{workStream, duration, byHand, 2.5, 3},
	{workStream, duration, withV2, 1.5, 2},
	{workStream, peakMemory, "", 16, 0},
	{workStream, firstRead, "", 64, 0},
	{workHotels, duration, byHand, 2.4, 2.8},
	{workHotels, duration, withV2, 1.8, 2.2},
	{workHotels, duration, withSonic, 1, 0},
	{workHotels, duration, withGoccy, 1, 0},
	{workOrder, duration, byHand, 2, 2.3},
	{workOrder, duration, withV2, 1.6, 1.9},
	{workOrder, duration, withSonic, 1, 0},
	{workOrder, duration, withGoccy, 1, 0},
	{workOrders, duration, byHand, 2.2, 2.5},
	{workOrders, duration, withV2, 1.7, 2},
	{workOrders, duration, withSonic, 1, 0},
	{workOrders, duration, withGoccy, 1, 0},
	{workCoaches, duration, byHand, 2.2, 2.5},
	{workCoaches, duration, withV2, 1.7, 2},
	{workCoaches, duration, withSonic, 1, 0},
	{workCoaches, duration, withGoccy, 1, 0},
	{workTransfers, duration, byHand, 1.3, 2},
	{workCall, duration, byHand, 1.4, 1.7},
	{workCall, duration, withV2, 1.3, 1.5},
	{workCallers, newConnections, "", 0, 0},
}

// measured returns the figure that the library has reached. ok is false if the
// contestant did not run.
func (g goal) measured(rows []row) (v float64, ok bool) {
	for _, r := range rows {
		if r.Work != g.work || r.Measure != g.measure {
			continue
		}
		v, ok = r.Values[library]
		if g.against != "" {
			other, ran := r.Values[g.against]
			v, ok = v/other, ok && ran
		}
		return math.Round(v*100) / 100, ok
	}
	return 0, false
}

// judge returns the row of a goal.
func (g goal) judge(rows []row) string {
	v, ok := g.measured(rows)
	bound, verdict, aim := "≥", "met", ""
	reached := func(limit float64) bool { return v >= limit }
	if !g.measure.larger() {
		bound, reached = "≤", func(limit float64) bool { return v <= limit }
	}
	if g.aim != 0 {
		aim = g.measure.figure(g.aim)
	}
	switch {
	case !ok:
		verdict = "not measured"
	case !reached(g.least):
		verdict = "**missed**"
	case g.aim != 0 && reached(g.aim):
		verdict = "aim met"
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s %s | %s | %s |", g.work, g.measure, g.against, g.measure.figure(v), bound, g.measure.figure(g.least), aim, verdict)
}

// goalTable returns the table of the goals, met and missed.
func goalTable(rows []row) string {
	var b strings.Builder
	b.WriteString("| work | measure | against | rutravel | at least | aim | |\n|---|---|---|--:|--:|--:|---|\n")
	for _, g := range goals {
		fmt.Fprintln(&b, g.judge(rows))
	}
	return b.String()
}
