package smartway

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// ExternalID identifies an employee in the caller's system. Smartway stores it and finds
// the employee by it.
type ExternalID string

// EmployeeID identifies an employee at Smartway.
type EmployeeID string

// CompanyID identifies a company (организация) of the account at Smartway.
type CompanyID string

// INN is a company's taxpayer number (ИНН).
type INN string

// Sex is a person's sex. The manual has three spellings, this package one.
type Sex string

// Sexes.
const (
	Male   Sex = "male"
	Female Sex = "female"
)

// DocumentType is the type of an identity document. The manual has two spellings, this
// package one.
type DocumentType string

// Types of identity documents.
const (
	DomesticPassport DocumentType = "domestic_passport" // for use inside the country
	ForeignPassport  DocumentType = "foreign_passport"  // for travel abroad, usually of Russian citizens
)

// BonusType is the type of a loyalty card.
type BonusType string

// Types of loyalty cards.
const (
	AirBonus   BonusType = "air"
	TrainBonus BonusType = "train"
)

// RailwayBonus is the code of the railway's loyalty cards, which have [TrainBonus].
const RailwayBonus = "FPK"

// Document is an identity document to be stored.
type Document struct {
	Type   DocumentType // type
	Number string       // number
	Expiry civil.Date   `json:",omitzero"` // due_date: last valid day; zero: none, as for the Russian domestic passport
}

// Bonus is a loyalty card to be stored.
type Bonus struct {
	Type   BonusType // type
	Code   string    // code: the airline's IATA code, or [RailwayBonus]
	Number string    // number
}

type document struct {
	Number  string  `json:"number"`
	DueDate *string `json:"due_date"` // null if there is none, as in the samples
	Type    string  `json:"type"`
}

type bonus struct {
	Code   string `json:"code"`
	Number string `json:"number"`
	Type   string `json:"type"`
}

func documents(all []Document) []document {
	return each(all, func(d Document) document { return document{d.Number, optDate(d.Expiry), string(d.Type)} })
}

func bonuses(all []Bonus) []bonus {
	return each(all, func(b Bonus) bonus { return bonus{b.Code, b.Number, string(b.Type)} })
}

// each applies a function to each element of a list. A nil list stays nil.
func each[T, U any](all []T, one func(T) U) []U {
	if all == nil {
		return nil
	}
	out := make([]U, 0, len(all))
	for _, v := range all {
		out = append(out, one(v))
	}
	return out
}

// trim removes the spaces around texts about people. A text of spaces is not changed, so
// that its check fails.
func trim(texts ...*string) {
	for _, text := range texts {
		*text = cmp.Or(valid.Trim(*text), *text)
	}
}

// checkOptText checks a text about people that may be empty.
func checkOptText(v *valid.Check, field, text string) {
	v.OptText(field, text)
	v.That(text == "" || strings.TrimSpace(text) != "", field, "must not consist of spaces")
}

func (d Document) trimmed() Document {
	trim(&d.Number)
	return d
}

func (b Bonus) trimmed() Bonus {
	trim(&b.Code, &b.Number)
	return b
}

// checkID checks an id that may contain spaces.
func checkID(v *valid.Check, field, id string) {
	v.Text(field, id)
	v.That(strings.TrimSpace(id) == id, field, "must not begin or end with a space")
}

// checkOptID checks an id that may be empty.
func checkOptID(v *valid.Check, field, id string) {
	if id != "" {
		checkID(v, field, id)
	}
}

// optDate writes a date. The zero Date is null.
func optDate(d civil.Date) *string {
	if d.IsZero() {
		return nil
	}
	return new(date(d))
}

func date(d civil.Date) string { return wire.FormatDate(time.DateOnly, d) }

func checkDocuments(v *valid.Check, field string, all []Document) {
	for i, d := range all {
		at := fmt.Sprintf("%s[%d].", field, i)
		v.Text(at+"Number", d.Number)
		v.Text(at+"Type", string(d.Type))
		checkOptDate(v, at+"Expiry", d.Expiry)
	}
}

func checkBonuses(v *valid.Check, field string, all []Bonus) {
	for i, b := range all {
		at := fmt.Sprintf("%s[%d].", field, i)
		v.Text(at+"Type", string(b.Type))
		v.Text(at+"Code", b.Code)
		v.Text(at+"Number", b.Number)
	}
}

func checkOptDate(v *valid.Check, field string, d civil.Date) {
	if !d.IsZero() {
		v.Date(field, d)
	}
}

func checkSex(v *valid.Check, field string, s Sex) {
	v.That(s == Male || s == Female, field, "must be Male or Female")
}

func checkCompanies(v *valid.Check, field string, inns []INN, ids []CompanyID) {
	for i, inn := range inns {
		v.ID(fmt.Sprintf("%sINNs[%d]", field, i), string(inn))
	}
	for i, id := range ids {
		v.Number(fmt.Sprintf("%sCompanies[%d]", field, i), string(id))
	}
}

// privateDocuments returns the values of documents that must not be shown.
func privateDocuments(all []Document) (private []string) {
	for _, d := range all {
		private = append(private, d.Number, dateOrNothing(d.Expiry))
	}
	return private
}

func privateBonuses(all []Bonus) (private []string) {
	for _, b := range all {
		private = append(private, b.Number)
	}
	return private
}

func dateOrNothing(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return date(d)
}

func strs[T ~string](ids []T) []string {
	var all []string
	for _, id := range ids {
		all = append(all, string(id))
	}
	return all
}

// numbers writes ids as numbers. No ids are an empty list, not null.
func numbers[T ~string](ids []T) []json.Number {
	return append([]json.Number{}, wire.Numbers(ids)...)
}

// decodeSex reads a sex in any case: "male", "man", "Woman". Unknown values are kept.
func decodeSex(d *wire.Decoder, p *Sex) error {
	err := wire.String(d, p)
	switch strings.ToLower(strings.TrimSpace(string(*p))) {
	case "male", "man":
		*p = Male
	case "female", "woman":
		*p = Female
	}
	return err
}

// decodeDocumentType reads a type in both spellings. Unknown values are kept.
func decodeDocumentType(d *wire.Decoder, p *DocumentType) error {
	err := wire.String(d, p)
	switch strings.ReplaceAll(strings.ToLower(strings.TrimSpace(string(*p))), "_", "") {
	case "domesticpassport":
		*p = DomesticPassport
	case "foreignpassport":
		*p = ForeignPassport
	}
	return err
}

// decodeBonusType reads a type in any case. Unknown values are kept.
func decodeBonusType(d *wire.Decoder, p *BonusType) error {
	err := wire.String(d, p)
	switch t := BonusType(strings.ToLower(strings.TrimSpace(string(*p)))); t {
	case AirBonus, TrainBonus:
		*p = t
	}
	return err
}
