package bgoperator

import (
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An answer that is made to be costly costs some times its length at most.
func TestCostOfAnswers(t *testing.T) { //nolint:paralleltest // what others allocate would be counted
	const room = maxLength - 100
	var attrs strings.Builder
	for i := range maxTagAttrs {
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
		"too long":                  {"<tours>" + strings.Repeat(" ", maxLength) + "</tours>", false},
		"open tags, one in another": {strings.Repeat("<flight>", room/8), false},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := parse([]byte(test.body))
		runtime.ReadMemStats(&after)
		assert.Equal(t, test.ok, err == nil, "%s: %v", name, err)
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(16*maxLength), name)
	}
}

// A tag may have more attributes than the manual's, and not very many.
func TestManyAttributes(t *testing.T) {
	t.Parallel()
	for n, ok := range map[int]bool{maxTagAttrs: true, maxTagAttrs + 1: false} {
		var tag strings.Builder
		for i := range n {
			tag.WriteString(" a" + strconv.Itoa(i) + `='"'`)
		}
		_, err := parse([]byte("<tours" + tag.String() + "/>"))
		assert.Equal(t, ok, err == nil, n)
	}
}

// Of an answer of the usual size nothing is refused.
func TestLargeAnswers(t *testing.T) {
	t.Parallel()
	const variant = `<variant id="103825996892" price="80.00" currency="USD" ttype="ind" point="103940001962" pid="103840004162" ptype="a">` +
		"ШАРМ ЭЛЬ ШЕЙХ(аэропорт) - Шарм-эль-шейх(отель) / minibus 10</variant>\n"
	root, err := parse([]byte("<tours>" + strings.Repeat(variant, maxLength/len(variant)) + "</tours>"))
	require.NoError(t, err)
	assert.Len(t, root.children, maxLength/len(variant))
	for _, body := range []string{
		`<tours note='` + strings.Repeat(`>"x`, 5000) + `'/>`,
		`<tours><!-- ` + strings.Repeat(`a="1" `, 5000) + `--></tours>`,
		`<tours><![CDATA[` + strings.Repeat(`a="1" `, 5000) + `]]></tours>`,
	} {
		_, err = parse([]byte(body))
		assert.NoError(t, err)
	}
}
