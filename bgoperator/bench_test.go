package bgoperator_test

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/internal/conformance"
)

// handTransfers is the answer to showtransfers as one would write it by hand.
type handTransfers struct {
	Persons struct {
		Person []struct {
			ID        string `xml:"id,attr"`
			FirstName string `xml:"firstName"`
			LastName  string `xml:"lastName"`
			Birthday  string `xml:"birthday"`
			Slots     []struct {
				Dir      string `xml:"dir,attr"`
				Point    string `xml:"point,attr"`
				Type     string `xml:"ptype,attr"`
				Date     string `xml:"date,attr"`
				Variants []struct {
					ID       string          `xml:"id,attr"`
					Price    decimal.Decimal `xml:"price,attr"`
					Currency string          `xml:"currency,attr"`
					TType    string          `xml:"ttype,attr"`
					Point    string          `xml:"point,attr"`
					PID      string          `xml:"pid,attr"`
					PType    string          `xml:"ptype,attr"`
					Name     string          `xml:",chardata"`
				} `xml:"variant"`
			} `xml:"transferSlot"`
		} `xml:"person"`
	} `xml:"persons"`
}

// BenchmarkTransfers reads the answer to showtransfers with 2,000 variants, by
// this library and by hand with encoding/xml, in turn; "ratio" is how many times
// as long the latter takes. Both go through an HTTP client without a network.
func BenchmarkTransfers(b *testing.B) {
	const tourists, slots, variants = 4, 2, 250
	var body strings.Builder
	fmt.Fprintf(&body, `<tours><persons tourId="%s">`, transfers)
	for p := range tourists {
		fmt.Fprintf(&body, "<person id=\"%d\">\n<firstName>JOHN</firstName>\n<lastName>DOE</lastName>\n<birthday>11.06.1982</birthday>\n", 1+p)
		for s := range slots {
			body.WriteString(`<transferSlot dir="to" point="102640012614" ptype="h" date="14.03.2015">` + "\n")
			for v := range variants {
				fmt.Fprintf(&body, `  <variant id="1038%08d" price="%d.50" currency="USD" ttype="ind" point="103940001962" pid="1038%08d" ptype="a">`+
					"ШАРМ ЭЛЬ ШЕЙХ(аэропорт) - Шарм-эль-шейх(отель) / minibus 10</variant>\n", s*variants+v, v, v)
			}
			body.WriteString("</transferSlot>\n")
		}
		body.WriteString("</person>\n")
	}
	body.WriteString("</persons></tours>")
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(httpmock.NewStringResponder(http.StatusOK, body.String()))
	line := &http.Client{Transport: m}
	client, err := bgoperator.New(bgoperator.Config{Authenticator: signedIn{}}, rutravel.WithHTTPClient(line))
	require.NoError(b, err)

	library := func(b *testing.B) {
		b.Helper()
		all, err := client.Transfers(b.Context(), transfers)
		require.NoError(b, err)
		require.Len(b, all[tourists-1].Slots[slots-1].Variants, variants)
	}
	byHand := func(b *testing.B) {
		b.Helper()
		req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, bgoperator.Production+"?action=showtransfers", nil)
		require.NoError(b, err)
		resp, err := line.Do(req)
		require.NoError(b, err)
		var answer handTransfers
		require.NoError(b, xml.NewDecoder(resp.Body).Decode(&answer))
		require.NoError(b, resp.Body.Close())
		require.Len(b, answer.Persons.Person[tourists-1].Slots[slots-1].Variants, variants)
	}
	conformance.Ratio(b, body.Len(), library, byHand)
}
