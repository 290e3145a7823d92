package main

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
)

// report collects what was measured.
type report struct {
	rows   []row
	growth []string // lines of the second table
}

// row is a line of the table.
type row struct {
	work, measure string
	cells         map[string]string
	bars          map[string]float64 // for the chart; nil if there are none
	least, aim    string
	verdict       string
}

// add adds the lines of a work: one for each measure that it has a goal for.
func (r *report) add(w work, all map[string][]sample) {
	for _, g := range w.goals {
		line := row{work: w.name, measure: string(g.measure), cells: map[string]string{}}
		base := all[byHand]
		for name, samples := range all {
			v := ratio(g.measure, base, samples)
			line.cells[name] = figure(g.measure, v)
			if name == byHand {
				line.cells[name] = quantity(g.measure, absolute(g.measure, base))
			} else if g.measure == duration && name != floor && name != plainJX {
				line.bar(name, v)
			}
			if name == library {
				line.judge(g, v)
			}
		}
		r.rows = append(r.rows, line)
	}
}

func (l *row) bar(name string, v float64) {
	if l.bars == nil {
		l.bars = map[string]float64{}
	}
	l.bars[name] = v
}

// judge holds what was measured against the goal. A time is rounded as it is shown.
func (l *row) judge(g goal, v float64) {
	if g.least == 0 {
		return
	}
	bound, reached := "≤ ", func(limit float64) bool { return math.Round(v*100)/100 <= limit }
	if g.measure.larger() {
		bound, reached = "≥ ", func(limit float64) bool { return math.Round(v*100)/100 >= limit }
	}
	l.least = bound + strings.TrimPrefix(figure(g.measure, g.least), " ")
	if g.aim != 0 {
		l.aim = figure(g.measure, g.aim)
	}
	switch {
	case !reached(g.least):
		l.verdict = "**missed**"
	case g.aim != 0 && reached(g.aim):
		l.verdict = "aim"
	default:
		l.verdict = "met"
	}
}

// figure is how a ratio is shown: of a time, how many times as fast; of all else,
// how much of the baseline's.
func figure(m measure, v float64) string {
	if m.larger() {
		return fmt.Sprintf("%.2f×", v)
	}
	return fmt.Sprintf("%.2f", v)
}

func quantity(m measure, v float64) string {
	switch m {
	case duration:
		switch {
		case v >= 1e9:
			return fmt.Sprintf("%.2f s", v/1e9)
		case v >= 1e6:
			return fmt.Sprintf("%.1f ms", v/1e6)
		case v >= 1e3:
			return fmt.Sprintf("%.1f µs", v/1e3)
		default:
			return fmt.Sprintf("%.0f ns", v)
		}
	case bytesMade:
		switch {
		case v >= 1e6:
			return fmt.Sprintf("%.1f MB", v/1e6)
		case v >= 1e3:
			return fmt.Sprintf("%.1f KB", v/1e3)
		default:
			return fmt.Sprintf("%.0f B", v)
		}
	case rate:
		return fmt.Sprintf("%.0f/s", v)
	default:
		return fmt.Sprintf("%.0f", v)
	}
}

const whole = 200 * megabyte // of the history that is read as a stream

// streamRounds lets those who stream take turns, each time in a new process.
func streamRounds() map[string][]streamed {
	all := map[string][]streamed{}
	for range rounds {
		for _, name := range []string{byHand, library, floor} {
			all[name] = append(all[name], streamApart(name, whole))
		}
	}
	return all
}

func (r *report) addStream(all map[string][]streamed) {
	const name = "smartway: history of 200 MB, as a stream"
	samples := map[string][]sample{}
	for who, list := range all {
		for _, s := range list {
			samples[who] = append(samples[who], sample{duration: s.Seconds * 1e9, bytesMade: s.Bytes})
		}
	}
	r.add(work{name: name, goals: []goal{{duration, 3.3, 3.9}, {bytesMade, 0, 0}}}, samples)
	peak := row{work: name, measure: "peak memory above idle", cells: map[string]string{}, least: "≤ 16 MB", verdict: "met"}
	first := row{work: name, measure: "read at the first trip", cells: map[string]string{}, least: "≤ 64 KB", verdict: "met"}
	for who, list := range all {
		most, latest := 0, 0
		for _, s := range list {
			most, latest = max(most, s.Peak), max(latest, s.First)
		}
		peak.cells[who] = fmt.Sprintf("%.1f MB", float64(most)/megabyte)
		if who == floor {
			continue
		}
		first.cells[who] = fmt.Sprintf("%d KB", latest>>10)
		if who == library && most > 16*megabyte {
			peak.verdict = "**missed**"
		}
		if who == library && latest >= 64<<10 {
			first.verdict = "**missed**"
		}
	}
	r.rows = append(r.rows, peak, first)
}

func (r *report) addCrowds(w work, all map[string][]sample, opened map[string]int, calls map[string]float64) {
	w.name, w.goals = fmt.Sprintf("%d callers over TLS, no delay", callers), []goal{{rate, 5, 7}}
	r.add(w, all)
	fresh := r.addConnections(w, opened, calls)
	fresh.least, fresh.verdict = "0", "met"
	if n := opened[library]; n > 0 {
		fresh.cells[library] = fmt.Sprintf("%.2f", float64(n)/calls[library]*1000)
		fresh.verdict = "**missed**"
	}
}

// addConnections adds how many connections were opened.
func (r *report) addConnections(w work, opened map[string]int, calls map[string]float64) *row {
	fresh := row{work: w.name, measure: "new connections in 1,000 calls, once warm", cells: map[string]string{}}
	for name, n := range opened {
		fresh.cells[name] = fmt.Sprintf("%.0f", float64(n)/calls[name]*1000)
	}
	r.rows = append(r.rows, fresh)
	return &r.rows[len(r.rows)-1]
}

// grow measures the library alone, at three sizes in turn.
func (r *report) grow(g growth) {
	var w work
	sizes := []int{g.most / 100, g.most / 10, g.most}
	for _, n := range sizes {
		c := g.build(n).find(library)
		c.name = strconv.Itoa(n)
		w.contestants = append(w.contestants, c)
	}
	all := compare(w)
	line := fmt.Sprintf("| %s, per %s | %s |", g.name, g.element, thousands(g.most))
	for _, m := range []measure{duration, bytesMade} {
		var first float64
		for i, n := range sizes {
			each := absolute(m, all[strconv.Itoa(n)]) / float64(n)
			if i == 0 {
				first = each
				line += " " + quantity(m, each) + " |"
			} else {
				line += fmt.Sprintf(" %.2f |", each/first)
			}
		}
	}
	r.growth = append(r.growth, line)
}

// growStream does so with the stream, whose memory must not grow at all.
func (r *report) growStream() {
	const times = 5
	var seconds, peaks [3]float64
	for i, length := range []int{whole / 100, whole / 10, whole} {
		var took, most []float64
		for range times {
			s := streamApart(library, length)
			took, most = append(took, s.Seconds/float64(length>>20)), append(most, float64(s.Peak)/megabyte)
		}
		seconds[i], peaks[i] = median(took), median(most)
	}
	r.growth = append(r.growth, fmt.Sprintf("| smartway: history as a stream, per MB (memory: peak) | 200 MB | %s | %.2f | %.2f | %.1f MB | %.1f MB | %.1f MB |",
		quantity(duration, seconds[0]*1e9), seconds[1]/seconds[0], seconds[2]/seconds[0], peaks[0], peaks[1], peaks[2]))
}

func thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

// table writes both tables.
func (r *report) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s/%s, %d cores. Medians of %d rounds in turn; × is how many times as fast, figures without it are shares of the client by hand.\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), rounds)
	fmt.Fprintf(&b, "| work | measure | %s | at least | aim | |\n", strings.Join(columns, " | "))
	fmt.Fprintf(&b, "|---|---|%s---|---|---|\n", strings.Repeat("--:|", len(columns)))
	for _, l := range r.rows {
		fmt.Fprintf(&b, "| %s | %s |", l.work, l.measure)
		for _, c := range columns {
			text := l.cells[c]
			if c == library && text != "" {
				text = "**" + text + "**"
			}
			fmt.Fprintf(&b, " %s |", text)
		}
		fmt.Fprintf(&b, " %s | %s | %s |\n", l.least, l.aim, l.verdict)
	}
	fmt.Fprint(&b, "\nTime and memory for each element, at a hundredth and, beside that, at a tenth and the whole of the size:\n\n")
	fmt.Fprint(&b, "| decoder | whole | time, 1/100 | 1/10 | whole | bytes, 1/100 | 1/10 | whole |\n|---|--:|--:|--:|--:|--:|--:|--:|\n")
	fmt.Fprintln(&b, strings.Join(r.growth, "\n"))
	fmt.Fprintf(&b, "\nCompared with: %s.\n", strings.Join(versions(), ", "))
	return b.String()
}

// versions are those of what the library is compared with.
func versions() (all []string) {
	info, _ := debug.ReadBuildInfo()
	for _, m := range info.Deps {
		switch m.Path {
		case "github.com/go-resty/resty/v2", "github.com/hashicorp/go-retryablehttp", "github.com/bytedance/sonic", "github.com/goccy/go-json",
			"github.com/go-faster/jx", "github.com/shopspring/decimal":
			all = append(all, m.Path+" "+m.Version)
		}
	}
	return all
}

const (
	beginTable = "<!-- table: make bench writes it -->\n"
	endTable   = "<!-- end of table -->\n"
)

// write puts the table into the README, and the chart beside it.
func (r *report) write(table string) error {
	const readme = "README.md"
	text, err := os.ReadFile(readme)
	if err != nil {
		return err
	}
	before, rest, ok := bytes.Cut(text, []byte(beginTable))
	_, after, ok2 := bytes.Cut(rest, []byte(endTable))
	if !ok || !ok2 {
		return fmt.Errorf("%s has no place for the table", readme)
	}
	text = slices.Concat(before, []byte(beginTable+"\n"+table+"\n"+endTable), after)
	if err := os.WriteFile(readme, text, 0o644); err != nil {
		return err
	}
	return os.WriteFile("ratios.svg", r.chart(), 0o644)
}

// chart draws how many times as fast as the client written by hand all others are.
func (r *report) chart() []byte {
	const (
		width, left, right = 760, 290, 60
		bar, gap, head     = 12, 14, 44
	)
	shown := []string{library, withResty, withRetry, withSonic, withGoccy}
	var most float64
	height := head
	for _, l := range r.rows {
		for v := range maps.Values(l.bars) {
			most = max(most, v)
		}
		if len(l.bars) > 0 {
			height += bar*len(l.bars) + gap
		}
	}
	x := func(v float64) float64 { return left + v/most*(width-left-right) }
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12" role="img">
<title>How many times as fast as net/http with encoding/json</title>
<style>
text { fill: #24292f } .small { font-size: 10px } .axis { stroke: #8c959f; stroke-dasharray: 3 3 }
.b0 { fill: #0969da } .b1 { fill: #b6bcc4 } .b2 { fill: #98a1ab } .b3 { fill: #c98a3a } .b4 { fill: #6f9c6a }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .b0 { fill: #4493f8 } .b1 { fill: #59616b } .b2 { fill: #7a828c } }
</style>
<text x="8" y="16" font-weight="bold">Times as fast as a client written by hand (dashed: as fast)</text>
`, width, height)
	for i, name := range shown {
		fmt.Fprintf(&b, "<rect class=\"b%d\" x=\"%d\" y=\"25\" width=\"10\" height=\"10\"/><text class=\"small\" x=\"%d\" y=\"34\">%s</text>\n", i, 8+i*100, 22+i*100, name)
	}
	fmt.Fprintf(&b, "<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>\n", x(1), x(1), head, height)
	y := head
	for _, l := range r.rows {
		if len(l.bars) == 0 {
			continue
		}
		fmt.Fprintf(&b, "<text x=\"8\" y=\"%d\">%s</text>\n", y+bar-2, l.work)
		for i, name := range shown {
			if v, ok := l.bars[name]; ok {
				fmt.Fprintf(&b, "<rect class=\"b%d\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/><text class=\"small\" x=\"%.1f\" y=\"%d\">%.1f</text>\n",
					i, left, y, x(v)-left, bar-2, x(v)+4, y+bar-3, v)
				y += bar
			}
		}
		y += gap
	}
	fmt.Fprint(&b, "</svg>\n")
	return b.Bytes()
}
