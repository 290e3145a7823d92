package smartway

import (
	"context"
	"encoding/json"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// ClosingDocuments lists documents for the accounts department. It is the manual's chapter
// "Закрывающие документы".
type ClosingDocuments struct{ core *core }

// ClosingQuery has the conditions of [ClosingDocuments.List].
type ClosingQuery struct {
	INN  INN        // inn: of the company
	From civil.Date `json:",omitzero"` // start_date; zero: from the first
	To   civil.Date `json:",omitzero"` // end_date; zero: to the last
}

// ClosingPackage is a package of closing documents.
type ClosingPackage struct {
	Number    string            // number: "7133/8"
	Created   civil.DateTime    `json:",omitzero"` // date: the manual names no zone
	Documents []ClosingDocument // documents
}

// ClosingDocument is a document of a package. Its Type decides which other field is set.
type ClosingDocument struct {
	Type    ClosingDocumentType // type
	Acts    []ActItem           // items of an act
	Tickets []TicketItem        // items of a registry or an invoice
	Raw     json.RawMessage     `json:",omitempty"` // items of a type that the manual does not have, unchanged
}

// ClosingDocumentType is the type of a closing document.
type ClosingDocumentType string

// Types of closing documents.
const (
	ClosingAct      ClosingDocumentType = "act"      // акт
	ClosingRegistry ClosingDocumentType = "registry" // реестр
	ClosingInvoice  ClosingDocumentType = "invoice"  // счёт-фактура
)

// ActItem is a row of an act. The manual names no currency. Amounts of trips are in roubles.
type ActItem struct {
	Name        string              // name
	Count       decimal.Decimal     // count
	Measurement string              // measurement: "service" or "pc"
	Price       decimal.Decimal     // price: of one
	Amount      decimal.Decimal     // amount
	VAT         decimal.NullDecimal // vat: contained in the amount; may be missing
}

// TicketItem is a row of a registry or an invoice. The manual names no currency
// and does not say which sign a refund has.
type TicketItem struct {
	Event         civil.DateTime                  `json:",omitzero"` // event_date: when the ticket was issued; the manual names no zone
	Operations    map[TransactionType]ServiceType // operation: the samples have one entry
	TicketNumbers []string                        // ticket_numbers
	Carrier       string                          // carrier
	Route         string                          // route
	Traveller     string                          // traveller
	CheckIn       civil.DateTime                  `json:",omitzero"` // checkin_date: departure, presumably in local time
	CheckOut      civil.DateTime                  `json:",omitzero"` // checkout_date: arrival
	Amount        decimal.Decimal                 // amount
	VAT           decimal.NullDecimal             // vat: contained in the amount; may be missing
}

// List lists the packages of closing documents of a company. If some packages cannot be
// read, List returns the others and an error with a [*rutravel.RowsError] in its chain.
//
// Smartway: POST packages.get
func (s ClosingDocuments) List(ctx context.Context, q ClosingQuery, opts ...rutravel.CallOption) ([]ClosingPackage, error) {
	query := struct {
		INN       string `json:"inn"`
		StartDate string `json:"start_date,omitempty"`
		EndDate   string `json:"end_date,omitempty"`
	}{string(q.INN), dateOrNothing(q.From), dateOrNothing(q.To)}
	r := &request{op: opPackagesGet, query: query}
	r.ID("INN", string(q.INN))
	checkOptDate(&r.Check, "From", q.From)
	checkOptDate(&r.Check, "To", q.To)
	return readable(call(ctx, s.core, r, rowsOf((*ClosingPackage).decode, (*ClosingPackage).id), nil, opts))
}

func (p *ClosingPackage) id() string { return p.Number }

func (p *ClosingPackage) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "number":
			return wire.ID(d, &p.Number)
		case "date":
			return d.OptDateTime(&p.Created)
		case "documents":
			return wire.List(d, &p.Documents, (*ClosingDocument).decode)
		default:
			return d.Skip()
		}
	}, "number", "documents?")
}

// decode reads the items last, because the type comes after them.
func (p *ClosingDocument) decode(d *wire.Decoder) error {
	var items []byte
	err := d.Object(func(name []byte) (err error) {
		switch string(name) {
		case "type":
			return wire.ID(d, &p.Type)
		case "items":
			items, err = d.Postpone()
			return err
		default:
			return d.Skip()
		}
	}, "type")
	if err != nil {
		return err
	}
	return d.Later("items", items, func(d *wire.Decoder) error {
		switch p.Type {
		case ClosingAct:
			return wire.List(d, &p.Acts, (*ActItem).decode)
		case ClosingRegistry, ClosingInvoice:
			return wire.List(d, &p.Tickets, (*TicketItem).decode)
		default:
			return d.Raw(&p.Raw)
		}
	})
}

func (i *ActItem) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "name":
			return wire.String(d, &i.Name)
		case "count":
			return d.Decimal(&i.Count)
		case "measurement":
			return wire.String(d, &i.Measurement)
		case "price":
			return d.Decimal(&i.Price)
		case "amount":
			return d.Decimal(&i.Amount)
		case "vat":
			return d.OptDecimal(&i.VAT)
		default:
			return d.Skip()
		}
	}, "count?", "price?", "amount", "vat?")
}

func (i *TicketItem) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "event_date":
			return d.OptDateTime(&i.Event)
		case "operation":
			i.Operations = nil
			return d.Map(func(name []byte) error {
				if i.Operations == nil {
					i.Operations = map[TransactionType]ServiceType{}
				}
				operation := TransactionType(name)
				var service ServiceType
				err := wire.String(d, &service)
				i.Operations[operation] = service
				return err
			})
		case "ticket_numbers": // a list or one text
			i.TicketNumbers = nil
			if d.Nested() {
				return wire.List(d, &i.TicketNumbers, decodeID)
			}
			var one string
			err := wire.OptID(d, &one)
			if one != "" {
				i.TicketNumbers = []string{one}
			}
			return err
		case "carrier":
			return wire.String(d, &i.Carrier)
		case "route":
			return wire.String(d, &i.Route)
		case "traveller":
			return wire.String(d, &i.Traveller)
		case "checkin_date":
			return d.OptDateTime(&i.CheckIn)
		case "checkout_date":
			return d.OptDateTime(&i.CheckOut)
		case "amount":
			return d.Decimal(&i.Amount)
		case "vat":
			return d.OptDecimal(&i.VAT)
		default:
			return d.Skip()
		}
	}, "operation?", "ticket_numbers?", "amount", "vat?")
}
