package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-faster/jx"
	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/multitour"
)

type (
	handHotel struct {
		ID        looseID    `json:"id"`
		Name      string     `json:"name"`
		CountryID looseID    `json:"country_id"`
		ResortID  looseID    `json:"resort_id"`
		CityID    looseID    `json:"city_id"`
		MinAge    *looseInt  `json:"min_age"`
		Image     string     `json:"img_src"`
		X         optDecimal `json:"x"`
		Y         optDecimal `json:"y"`
	}

	handHotels struct {
		Header struct {
			Method string `json:"method"`
		} `json:"header"`
		Error    []string `json:"error"`
		Response struct {
			Hotel []handHotel `json:"hotel"`
		} `json:"response"`
	}
)

func (a *handHotels) finish(func([]byte, any) error) error {
	if len(a.Error) > 0 {
		return errors.New(strings.Join(a.Error, "; "))
	}
	for i := range a.Response.Hotel { // some end with a newline
		a.Response.Hotel[i].Name = strings.TrimSpace(a.Response.Hotel[i].Name)
	}
	return nil
}

func (a *handHotels) value() any { return a.Response.Hotel }

// jx reads the answer with only the library's parser: strings where the samples
// have strings, and no paths in errors.
func (a *handHotels) jx(d *jx.Decoder) error {
	return d.ObjBytes(func(d *jx.Decoder, name []byte) error {
		switch string(name) {
		case "error":
			return d.Arr(func(d *jx.Decoder) error {
				text, err := d.Str()
				a.Error = append(a.Error, text)
				return err
			})
		case "response":
			return d.ObjBytes(func(d *jx.Decoder, name []byte) error {
				if string(name) != "hotel" {
					return d.Skip()
				}
				return d.Arr(func(d *jx.Decoder) error {
					a.Response.Hotel = append(a.Response.Hotel, handHotel{})
					return a.Response.Hotel[len(a.Response.Hotel)-1].jx(d)
				})
			})
		default:
			return d.Skip()
		}
	})
}

func (h *handHotel) jx(d *jx.Decoder) error {
	return d.ObjBytes(func(d *jx.Decoder, name []byte) (err error) {
		text := func(p *string) error {
			*p, err = d.Str()
			return err
		}
		degrees := func(p *optDecimal) error {
			s, err := d.Str()
			if err != nil {
				return err
			}
			v, err := decimal.NewFromString(s)
			p.NullDecimal = decimal.NewNullDecimal(v)
			return err
		}
		switch string(name) {
		case "id":
			return text((*string)(&h.ID))
		case "name":
			return text(&h.Name)
		case "country_id":
			return text((*string)(&h.CountryID))
		case "resort_id":
			return text((*string)(&h.ResortID))
		case "city_id":
			return text((*string)(&h.CityID))
		case "min_age":
			if d.Next() == jx.Null {
				return d.Null()
			}
			s, err := d.StrBytes()
			if err != nil {
				return err
			}
			n, err := strconv.Atoi(string(s))
			h.MinAge = new(looseInt(n))
			return err
		case "img_src":
			return text(&h.Image)
		case "x":
			return degrees(&h.X)
		case "y":
			return degrees(&h.Y)
		default:
			return d.Skip()
		}
	})
}

// hotels reads a directory of hotels.
func hotels(number int) work {
	a := parse[struct {
		Header   json.RawMessage
		Request  json.RawMessage
		Response struct{ Hotel []json.RawMessage }
	}](golden("multitour", "map.hotel.answer.json"))
	rows := make([]string, number)
	for i := range rows {
		rows[i] = strings.ReplaceAll(varied(string(a.Response.Hotel[i%2]), i), "/", `\/`) // as PHP writes addresses
		rows[i] = strings.Replace(rows[i], `"id":"`, `"id":"`+digits(i), 1)
	}
	var b bytes.Buffer
	b.WriteString(`{"header":` + string(a.Header) + `,"request":` + string(a.Request) + `,"response":{"hotel":[`)
	b.WriteString(strings.Join(rows, ","))
	b.WriteString(`]}}`)
	transport := answering(b.Bytes())
	client := must(multitour.New(multitour.Config{Token: "t"}, rutravel.WithHTTPClient(&http.Client{Transport: transport})))
	x := exchange{
		method: http.MethodPost, url: multitour.Production, header: http.Header{"Content-Type": {"application/json; charset=utf-8"}},
		request: map[string]any{"header": map[string]string{"token": "t", "method": "map.hotel"}, "request": map[string]int{"country_id": 6228}},
		answer:  func() answer { return new(handHotels) },
	}
	w := work{
		length: b.Len(), contestants: others(x, transport),
		same: func(v any) any {
			return each(v.([]handHotel), func(h handHotel) multitour.Hotel {
				s := multitour.Hotel{
					ID: multitour.HotelID(h.ID), Name: h.Name, Country: multitour.CountryID(h.CountryID), Resort: multitour.ResortID(h.ResortID),
					City: multitour.CityID(h.CityID), Image: h.Image, Latitude: h.X.NullDecimal, Longitude: h.Y.NullDecimal,
				}
				if h.MinAge != nil {
					s.MinAge = new(int(*h.MinAge))
				}
				return s
			})
		},
	}
	hand := &http.Client{Transport: transport}
	w.contestants = append(w.contestants, contestant{plainJX, func() (any, error) {
		return x.do(hand.Do, func(resp *http.Response, a answer) error {
			var text bytes.Buffer
			text.Grow(int(resp.ContentLength) + bytes.MinRead)
			if _, err := text.ReadFrom(resp.Body); err != nil {
				return err
			}
			if err := a.(*handHotels).jx(jx.DecodeBytes(text.Bytes())); err != nil {
				return err
			}
			return a.finish(nil)
		})
	}}, contestant{library, func() (any, error) {
		return client.Hotels(context.Background(), multitour.Area{Country: "6228"})
	}}, skipping(b.Bytes()))
	return w
}
