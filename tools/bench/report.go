package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
)

// report has the results of one Go release.
type report struct {
	Go       string
	Rows     []row
	Growth   []string // rows of the table of growth
	Versions []string // versions of the alternatives
}

// row is a row of the table.
type row struct {
	Work    string
	Measure measure
	Cells   map[string]string  // by contestant
	Values  map[string]float64 // how many times as fast, shares of the client by hand, or absolute figures
}

// add adds a row for each measure of a work.
func (r *report) add(w work, all map[string][]sample, measures ...measure) {
	for _, m := range measures {
		line := row{Work: w.name, Measure: m, Cells: map[string]string{}, Values: map[string]float64{}}
		base := all[byHand]
		for name, samples := range all {
			v := ratio(m, base, samples)
			line.Values[name], line.Cells[name] = v, m.figure(v)
			if name == byHand {
				line.Cells[name] = quantity(m, absolute(m, base))
			}
		}
		r.Rows = append(r.Rows, line)
	}
}

// addAbsolute adds a row of figures that are not compared.
func (r *report) addAbsolute(name string, m measure, values map[string]float64) {
	line := row{Work: name, Measure: m, Cells: map[string]string{}, Values: values}
	for who, v := range values {
		line.Cells[who] = m.figure(v)
	}
	r.Rows = append(r.Rows, line)
}

// figure formats a value: how many times as fast, or the share of the baseline.
func (m measure) figure(v float64) string {
	switch {
	case m.larger():
		return fmt.Sprintf("%.2f×", v)
	case m == firstRead || m == newConnections:
		return fmt.Sprintf("%.0f", v)
	case m == peakMemory:
		return fmt.Sprintf("%.1f", v)
	default:
		return fmt.Sprintf("%.2f", v)
	}
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

const wholeHistory = 200 * megabyte // the length of the history that is read as a stream

// streamRounds reads the stream with each contestant in turn, each time in a new
// process.
func streamRounds() map[string][]streamed {
	const times = 3
	all := map[string][]streamed{}
	for range times {
		for name := range streamers {
			all[name] = append(all[name], streamApart(name, wholeHistory))
		}
	}
	return all
}

func (r *report) addStream(all map[string][]streamed) {
	samples, peak, first := map[string][]sample{}, map[string]float64{}, map[string]float64{}
	for who, list := range all {
		for _, s := range list {
			samples[who] = append(samples[who], sample{duration: s.Seconds * 1e9, bytesMade: s.Bytes})
			peak[who] = max(peak[who], float64(s.Peak)/megabyte)
			if who != floor {
				first[who] = max(first[who], float64(s.First)/1024)
			}
		}
	}
	r.add(work{name: workStream}, samples, duration, bytesMade)
	r.addAbsolute(workStream, peakMemory, peak)
	r.addAbsolute(workStream, firstRead, first)
}

// addCrowds adds rows for the calls of many callers and for their connections.
func (r *report) addCrowds(w work, all map[string][]sample, opened map[string]int, calls map[string]float64) {
	r.add(w, all, rate)
	fresh := map[string]float64{}
	for name, n := range opened {
		fresh[name] = float64(n) / calls[name] * 1000
	}
	r.addAbsolute(w.name, newConnections, fresh)
}

// grow measures the library at three sizes, in turn.
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
	r.Growth = append(r.Growth, line)
}

// growStream measures the stream at three sizes. Its memory must not grow at all.
func (r *report) growStream() {
	const times = 3
	var seconds, peaks [3]float64
	for i, length := range []int{wholeHistory / 100, wholeHistory / 10, wholeHistory} {
		var took, most []float64
		for range times {
			s := streamApart(library, length)
			took, most = append(took, s.Seconds/float64(length>>20)), append(most, float64(s.Peak)/megabyte)
		}
		seconds[i], peaks[i] = median(took), median(most)
	}
	r.Growth = append(r.Growth, fmt.Sprintf("| smartway: history as a stream, per MB (memory: peak) | 200 MB | %s | %.2f | %.2f | %.1f MB | %.1f MB | %.1f MB |",
		quantity(duration, seconds[0]*1e9), seconds[1]/seconds[0], seconds[2]/seconds[0], peaks[0], peaks[1], peaks[2]))
}

func thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

// tables writes the table of all releases, the table of growth and the table of
// the goals. The last release is the newest. The other two tables have only its
// figures.
func tables(all []report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s/%s, %d cores. Medians of %d rounds in turn (3 for the stream). × is how many times as fast as the client by hand with the same Go release. Figures without × are shares of the client by hand, or absolute where the row says so.\n\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), rounds)
	fmt.Fprintf(&b, "| work | measure | Go | %s |\n", strings.Join(columns, " | "))
	fmt.Fprintf(&b, "|---|---|---|%s\n", strings.Repeat("--:|", len(columns)))
	for i := range all[0].Rows {
		for _, r := range all {
			l := r.Rows[i]
			fmt.Fprintf(&b, "| %s | %s | %s |", l.Work, l.Measure, strings.TrimPrefix(r.Go, "go"))
			for _, c := range columns {
				text := l.Cells[c]
				if c == library && text != "" {
					text = "**" + text + "**"
				}
				fmt.Fprintf(&b, " %s |", text)
			}
			b.WriteString("\n")
		}
	}
	newest := all[len(all)-1]
	fmt.Fprintf(&b, "\nTime and memory for each element with %s at a hundredth of the size. The other columns are multiples of it, at a tenth and at the whole size:\n\n", newest.Go)
	fmt.Fprint(&b, "| decoder | whole | time, 1/100 | 1/10 | whole | bytes, 1/100 | 1/10 | whole |\n|---|--:|--:|--:|--:|--:|--:|--:|\n")
	fmt.Fprintln(&b, strings.Join(newest.Growth, "\n"))
	fmt.Fprintf(&b, "\nCompared with: %s.\n", strings.Join(newest.Versions, ", "))
	fmt.Fprintf(&b, "\nThe goals with %s:\n\n%s", newest.Go, goalTable(newest.Rows))
	return b.String()
}

// versions returns the versions of the alternatives.
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

// write puts the tables into the README, and writes the chart next to it.
func write(table string, newest report) error {
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
	return os.WriteFile("ratios.svg", newest.chart(), 0o644)
}

// chart draws how many times as fast as the client by hand the others are.
func (r report) chart() []byte {
	const (
		width, left, right = 760, 290, 60
		bar, gap, head     = 12, 14, 44
	)
	shown := []string{library, withV2, withResty, withRetry, withSonic, withGoccy}
	var most float64
	height := head
	var lines []row // the rows of times
	for _, l := range r.Rows {
		if l.Measure != duration {
			continue
		}
		lines = append(lines, l)
		height += gap
		for _, name := range shown {
			if v, ok := l.Values[name]; ok {
				most = max(most, v)
				height += bar
			}
		}
	}
	x := func(v float64) float64 { return left + v/most*(width-left-right) }
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12" role="img">
<title>How many times as fast as net/http with encoding/json</title>
<style>
text { fill: #24292f } .small { font-size: 10px } .axis { stroke: #8c959f; stroke-dasharray: 3 3 }
.b0 { fill: #0969da } .b1 { fill: #8f6fb5 } .b2 { fill: #b6bcc4 } .b3 { fill: #98a1ab } .b4 { fill: #c98a3a } .b5 { fill: #6f9c6a }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .b0 { fill: #4493f8 } .b2 { fill: #59616b } .b3 { fill: #7a828c } }
</style>
<text x="8" y="16" font-weight="bold">Times as fast as a client written by hand (dashed: as fast)</text>
`, width, height)
	for i, name := range shown {
		fmt.Fprintf(&b, "<rect class=\"b%d\" x=\"%d\" y=\"25\" width=\"10\" height=\"10\"/><text class=\"small\" x=\"%d\" y=\"34\">%s</text>\n", i, 8+i*100, 22+i*100, name)
	}
	fmt.Fprintf(&b, "<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>\n", x(1), x(1), head, height)
	y := head
	for _, l := range lines {
		fmt.Fprintf(&b, "<text x=\"8\" y=\"%d\">%s</text>\n", y+bar-2, l.Work)
		for i, name := range shown {
			if v, ok := l.Values[name]; ok {
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
