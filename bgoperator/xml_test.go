package bgoperator_test

import (
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
)

// A prolog, a byte-order mark, comments and bytes that are not UTF-8 do not make an
// answer unreadable.
func TestHarmlessXML(t *testing.T) {
	t.Parallel()
	text := goldenAnswer(t, "createtour")
	for name, body := range map[string]string{
		"prolog":                awkward(t, "createtour-prolog"),
		"byte-order mark":       "\ufeff" + text,
		"comments":              "<!-- a -->" + strings.ReplaceAll(text, "<sum>", "<!-- <id>1</id> --><sum>") + "<!-- b -->",
		"bytes not UTF-8":       strings.ReplaceAll(text, "<sum>", "\xff<sum>"),
		"unknown elements":      strings.ReplaceAll(text, "<currency>", "<new x='1'><y/></new><currency>"),
		"CDATA":                 strings.ReplaceAll(text, "1193.0", "<![CDATA[1193.0]]>"),
		"namespaced attribute":  strings.ReplaceAll(text, "<tour ", `<tour x:clientTourId="7" `),
		"text between elements": strings.ReplaceAll(text, "<sum>", "\u00a0…\n...<sum>"), // BG-T11, BG-T39
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, body)
			quote, err := c.Quote(t.Context(), tour("1"))
			require.NoError(t, err)
			assert.Len(t, quote.Prices, strings.Count(body, "</sum>"))
		})
	}
}

// XML that could hide or invent a value is an error.
func TestHarmfulXML(t *testing.T) {
	t.Parallel()
	text := goldenAnswer(t, "createtour+confirm")
	for name, body := range map[string]string{
		"a document type": "<!DOCTYPE tours [<!ENTITY x '1'>]>" + text,
		"an entity":       strings.Replace(text, "214150198", "&x;", 1),
		"depth":           strings.Replace(text, "<id>", strings.Repeat("<a>", 40)+strings.Repeat("</a>", 40)+"<id>", 1),
		"another root":    strings.ReplaceAll(text, "tours>", "Tours>"), // BG-T06
		"namespaces":      strings.NewReplacer("<tours", "<a:tours", "</tours", "</a:tours").Replace(text),
		"two prologs":     `<?xml version="1.0"?><?xml version="1.1"?>` + text,
		"an open prolog":  `<?xml version="1.0"` + text,
		"another DOCTYPE": "<!DOCTYPE html>" + text,
		"DOCTYPE behind":  text + "<!DOCTYPE tours>",
		"external DTD":    `<!DOCTYPE tours SYSTEM "http://127.0.0.1:1/tours.dtd">` + text,
		"public DTD":      `<!DOCTYPE tours PUBLIC "-//X//Y" "http://127.0.0.1:1/tours.dtd">` + text,
		"an element type": "<!DOCTYPE tours [<!ELEMENT tours ANY>]>" + text,
		"defined, used":   "<!DOCTYPE tours [<!ENTITY x '1'>]>" + strings.Replace(text, "214150198", "&x;", 1),
		"two ids":         strings.Replace(text, "<id>", "<id>1</id><id>", 1),
		"id 0":            strings.Replace(text, "104400000842366804", "0", 1),
		"attributes":      strings.Replace(text, `clientTourId="2"`, `clientTourId="2" clientTourId="2"`, 1),
		"id of two words": strings.Replace(text, "104400000842366804", "1 2", 1),
		"text behind":     text + "x",
		"elements":        "<tours>" + strings.Repeat("<a/>", 1<<18) + text[len("<tours>"):],
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, asked := answering(t, body)
			_, err := c.Book(t.Context(), tour("2"))
			conformance.Failure(t, err, rutravel.ErrNotConfirmed)
			assert.Len(t, *asked, 1)
		})
	}
}

// UTF-8 is read whatever the version and encoding of the prolog. A DOCTYPE without
// definitions is skipped. A booking with either of them is returned.
func TestHarmlessProlog(t *testing.T) {
	t.Parallel()
	text := goldenAnswer(t, "createtour+confirm")
	for _, before := range []string{
		`<?xml version="1.0" encoding="UTF-8"?>`, `<?xml version="1.0" encoding="UTF8"?>`, `<?xml version='1.0' encoding='utf_8'?>`,
		`<?xml version="1.0" encoding="us-ascii"?>`, `<?xml version="1.0" encoding="windows-1251"?>`, `<?xml version="1.0" encoding="Windows-1251" standalone="yes"?>`,
		`<?xml version="1.1"?>`, `<?xml version="1.1" encoding="UTF-8"?>`, `<?xml encoding="KOI8-R"?>`, "<?xml?>", "<?xml\nversion=\"1.0\"\n?>",
		"<!DOCTYPE tours>", "\n<!DOCTYPE tours >\n", `<?xml version="1.0" encoding="windows-1251"?>` + "\n<!DOCTYPE tours>\n", "\ufeff" + `<?xml version="1.1"?>` + "\n<!-- a -->",
	} {
		t.Run(before, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, before+text)
			booking, err := c.Book(t.Context(), tour("2"))
			require.NoError(t, err)
			assert.Equal(t, bgoperator.Booking{ClientTourID: "2", ID: bookingID, Number: "214150198"}, booking)

			c, _ = answering(t, before+strings.Replace(goldenAnswer(t, "showtransfers"), "bus 45", "автобус", 1))
			tourists, err := c.TouristTransfers(t.Context(), transfersBooking)
			require.NoError(t, err)
			assert.Equal(t, "Каир(город) - Шарм-эль-шейх(отель) / автобус", tourists[0].Slots[0].Variants[1].Name)
		})
	}
}

// A DOCTYPE with definitions is an error. The id of a booking is returned with it, because
// there is no look-up. Entities are not expanded.
func TestDoctypeWithDefinitions(t *testing.T) {
	t.Parallel()
	text := goldenAnswer(t, "createtour+confirm")
	for _, before := range []string{"<!DOCTYPE tours [<!ENTITY x '1'>]>", `<!DOCTYPE tours SYSTEM "tours.dtd">`, "<!DOCTYPE tours[<!ELEMENT tours ANY>]>"} {
		c, _ := answering(t, before+text)
		booking, err := c.Book(t.Context(), tour("2"))
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		assert.Equal(t, bookingID, booking.ID, before)
		c, _ = answering(t, before+strings.Replace(text, "104400000842366804", "&x;", 1))
		booking, err = c.Book(t.Context(), tour("2"))
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		assert.Empty(t, booking.ID, before)
	}
}

// BG-T12: only the manual's misprint is repaired.
func TestMisprintOfVariants(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, awkward(t, "showtransfers-malformed"))
	all, err := c.TouristTransfers(t.Context(), transfersBooking)
	require.NoError(t, err)
	c, _ = answering(t, awkward(t, "showtransfers-malformed-mixed"))
	mixed, err := c.TouristTransfers(t.Context(), transfersBooking)
	require.NoError(t, err)
	assert.Equal(t, all, mixed)
	c, _ = answering(t, goldenAnswer(t, "showtransfers"))
	good, err := c.TouristTransfers(t.Context(), transfersBooking)
	require.NoError(t, err)
	assert.Equal(t, good[:1], all, "no slot and no variant is lost")

	for name, body := range map[string]string{
		"of a slot":            awkward(t, "showtransfers-other-malformed"),
		"another name":         awkward(t, "showtransfers-other-malformed-name"),
		"cut off":              awkward(t, "showtransfers-cut"),
		"of persons":           "<tours><persons></roommeal></tours>",
		"of the root":          "<tours></roommeal>",
		"in upper case":        "<tours><variant></Roommeal></tours>",
		"overlapping":          "<tours><variant><roommeal></variant></roommeal></tours>",
		"of another namespace": "<tours><variant></a:roommeal></tours>",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, body)
			_, err := c.TouristTransfers(t.Context(), transfersBooking)
			conformance.Failure(t, err, rutravel.ErrProtocol)
		})
	}
}

// A hostile answer needs memory of at most 16 times its length.
func TestMemoryOfAnswers(t *testing.T) { //nolint:paralleltest // allocations of other tests would be counted
	const room = bgoperator.MaxLength - 100
	var attrs strings.Builder
	for i := range bgoperator.MaxTagAttrs {
		attrs.WriteString(" a" + strconv.Itoa(i) + `=""`)
	}
	full := "<a" + attrs.String() + "/>"
	for name, test := range map[string]struct {
		body string
		ok   bool
	}{
		"attributes of one tag":     {"<tours" + strings.Repeat(` b=""`, room/5) + "></tours>", false},
		"attributes without end":    {"<tours" + strings.Repeat(` b=""`, room/5), false},
		"attributes of many":        {"<tours>" + strings.Repeat(full, room/len(full)) + "</tours>", false},
		"a long value":              {`<tours a="` + strings.Repeat("x", room) + `"></tours>`, false},
		"a long name":               {"<" + strings.Repeat("x", room) + "/>", false},
		"elements":                  {"<tours>" + strings.Repeat("<a/>", room/4) + "</tours>", false},
		"flights in flights":        {strings.Repeat("<flight>", 30) + strings.Repeat("x", room-600) + strings.Repeat("</flight>", 30), true},
		"text":                      {"<tours>" + strings.Repeat("x<!---->", room/8) + "</tours>", true},
		"too long":                  {"<tours>" + strings.Repeat(" ", bgoperator.MaxLength) + "</tours>", false},
		"open tags, one in another": {strings.Repeat("<flight>", room/8), false},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := bgoperator.Parse([]byte(test.body))
		runtime.ReadMemStats(&after)
		assert.Equal(t, test.ok, err == nil, "%s: %v", name, err)
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(16*bgoperator.MaxLength), name)
	}
}

// A tag may have more attributes than in the manual, up to a limit.
func TestManyAttributes(t *testing.T) {
	t.Parallel()
	for n, ok := range map[int]bool{bgoperator.MaxTagAttrs: true, bgoperator.MaxTagAttrs + 1: false} {
		var tag strings.Builder
		for i := range n {
			tag.WriteString(" a" + strconv.Itoa(i) + `='"'`)
		}
		_, err := bgoperator.Parse([]byte("<tours" + tag.String() + "/>"))
		assert.Equal(t, ok, err == nil, n)
	}
}

// A large answer with ordinary elements is accepted.
func TestLargeAnswers(t *testing.T) {
	t.Parallel()
	const variant = `<variant id="103825996892" price="80.00" currency="USD" ttype="ind" point="103940001962" pid="103840004162" ptype="a">` +
		"ШАРМ ЭЛЬ ШЕЙХ(аэропорт) - Шарм-эль-шейх(отель) / minibus 10</variant>\n"
	children, err := bgoperator.Parse([]byte("<tours>" + strings.Repeat(variant, bgoperator.MaxLength/len(variant)) + "</tours>"))
	require.NoError(t, err)
	assert.Equal(t, bgoperator.MaxLength/len(variant), children)
	for name, body := range map[string]string{
		"a long attribute": `<tours note='` + strings.Repeat(`>"x`, 5000) + `'/>`,
		"a long comment":   `<tours><!-- ` + strings.Repeat(`a="1" `, 5000) + `--></tours>`,
		"a long CDATA":     `<tours><![CDATA[` + strings.Repeat(`a="1" `, 5000) + `]]></tours>`,
	} {
		_, err = bgoperator.Parse([]byte(body))
		assert.NoError(t, err, name)
	}
}
