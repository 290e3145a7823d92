package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
)

type (
	handTourist struct {
		ID        string      `xml:"id,attr"`
		FirstName string      `xml:"firstName"`
		LastName  string      `xml:"lastName"`
		Birthday  russianDate `xml:"birthday"`
		Slots     []handSlot  `xml:"transferSlot"`
	}

	handSlot struct {
		Direction string        `xml:"dir,attr"`
		Point     string        `xml:"point,attr"`
		PointType string        `xml:"ptype,attr"`
		Date      string        `xml:"date,attr"`
		Variants  []handVariant `xml:"variant"`
	}

	handVariant struct {
		ID        string          `xml:"id,attr"`
		Price     decimal.Decimal `xml:"price,attr"`
		Currency  string          `xml:"currency,attr"`
		Type      string          `xml:"ttype,attr"`
		Point     string          `xml:"point,attr"`
		PID       string          `xml:"pid,attr"`
		PointType string          `xml:"ptype,attr"`
		Name      string          `xml:",chardata"`
	}

	handTransfers struct {
		Persons struct {
			Tour   string        `xml:"tourId,attr"`
			Person []handTourist `xml:"person"`
		} `xml:"persons"`
	}
)

// signedIn is an authenticator that has logged in already.
type signedIn struct{}

func (signedIn) Login(context.Context) (http.Header, error) {
	return http.Header{"Cookie": {"session=1"}}, nil
}

const booking = "104400000817245901"

var (
	xmlID   = regexp.MustCompile(`(id|pid|point)="(\d+)"`)
	betwixt = regexp.MustCompile(`>\s+<`)
)

// transfers reads the transfers of four tourists, two slots each.
func transfers(number int) work {
	const tourists, slots = 4, 2
	text := string(must(os.ReadFile(filepath.Join("..", "..", "testdata", "bgoperator", "showtransfers.answer.xml"))))
	text = betwixt.ReplaceAllString(text, ">\n<")
	variants := regexp.MustCompile(`(?s)<variant .*?</variant>\n`).FindAllString(text, -1)
	var b bytes.Buffer
	fmt.Fprintf(&b, `<tours><persons tourId="%s">`, booking)
	for p := range tourists {
		fmt.Fprintf(&b, "<person id=\"%d\">\n<firstName>JOHN</firstName>\n<lastName>DOE</lastName>\n<birthday>11.06.1982</birthday>\n", 102300000817246001+p)
		for s := range slots {
			fmt.Fprintf(&b, "<transferSlot dir=\"%s\" point=\"102640012614\" ptype=\"h\" date=\"14.03.2015\">\n", []string{"to", "from"}[s])
			for v := (p*slots + s) * number / (tourists * slots); v < (p*slots+s+1)*number/(tourists*slots); v++ {
				one := xmlID.ReplaceAllStringFunc(variants[v%len(variants)], func(attr string) string { return varied(attr, v) })
				b.WriteString(strings.Replace(one, "</variant>", " "+word(v)+"</variant>", 1))
			}
			b.WriteString("</transferSlot>\n")
		}
		b.WriteString("</person>\n")
	}
	b.WriteString("</persons></tours>")
	transport := answering(b.Bytes())
	client := must(bgoperator.New(bgoperator.Config{Authenticator: signedIn{}}, rutravel.WithHTTPClient(&http.Client{Transport: transport})))
	hand := &http.Client{Transport: transport}
	return work{
		length: b.Len(),
		same: func(v any) any {
			return each(v.([]handTourist), func(t handTourist) bgoperator.BookedTourist {
				return bgoperator.BookedTourist{
					ID: bgoperator.TouristID(t.ID), FirstName: t.FirstName, Surname: t.LastName, BirthDate: t.Birthday.Date, Slots: each(t.Slots, handSlot.same),
				}
			})
		},
		contestants: []contestant{{byHand, func() (any, error) {
			req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, bgoperator.Production+"?action=showtransfers&tourid="+booking, http.NoBody)
			if err != nil {
				return nil, err
			}
			req.AddCookie(&http.Cookie{Name: "session", Value: "1"})
			resp, err := hand.Do(req)
			if err != nil {
				return nil, err
			}
			defer resp.Body.Close()
			var a handTransfers
			err = xml.NewDecoder(io.LimitReader(resp.Body, longest)).Decode(&a)
			return a.Persons.Person, err
		}}, {library, func() (any, error) { return client.TouristTransfers(context.Background(), booking) }}},
	}
}

func (s handSlot) same() bgoperator.TransferSlot {
	return bgoperator.TransferSlot{
		Direction: bgoperator.Direction(s.Direction), Point: bgoperator.PointID(s.Point), PointType: bgoperator.PointType(s.PointType),
		Date: bgoperator.TransferDate(s.Date), Variants: each(s.Variants, handVariant.same),
	}
}

func (v handVariant) same() bgoperator.Variant {
	return bgoperator.Variant{
		ID: bgoperator.VariantID(v.ID), Name: strings.TrimSpace(v.Name), Price: v.Price, Currency: bgoperator.Currency(v.Currency),
		Type: bgoperator.TransferType(v.Type), Point: bgoperator.PointID(v.Point), PointType: bgoperator.PointType(v.PointType), PID: v.PID,
	}
}
