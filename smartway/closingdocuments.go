package smartway

import (
	"context"
	"encoding/json"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// ClosingDocuments is the manual's chapter "Закрывающие документы": what the
// accounts department needs.
type ClosingDocuments struct{ core *core }

// ClosingQuery says which packages to list.
type ClosingQuery struct {
	INN  INN        // inn: of the company
	From civil.Date `json:",omitzero"` // start_date; zero: from the first
	To   civil.Date `json:",omitzero"` // end_date; zero: to the last
}

// ClosingPackage is a package of closing documents.
type ClosingPackage struct {
	Number    string            // number: "7133/8"
	Created   civil.DateTime    `json:",omitzero"` // date: no zone is named
	Documents []ClosingDocument // documents
}

// ClosingDocument is a document of a package. Its type says which of the other fields
// is set.
type ClosingDocument struct {
	Type    ClosingDocumentType // type
	Acts    []ActItem           // items of an act
	Tickets []TicketItem        // items of a registry or an invoice
	Raw     json.RawMessage     `json:",omitempty"` // items of a type that the manual does not know, as they came
}

// ClosingDocumentType is the kind of a closing document.
type ClosingDocumentType string

// The types.
const (
	ClosingAct      ClosingDocumentType = "act"      // акт
	ClosingRegistry ClosingDocumentType = "registry" // реестр
	ClosingInvoice  ClosingDocumentType = "invoice"  // счёт-фактура
)

// ActItem is a row of an act. The manual names no currency; the trips' is the
// rouble.
type ActItem struct {
	Name        string              // name
	Count       decimal.Decimal     // count
	Measurement string              // measurement: "service" or "pc"
	Price       decimal.Decimal     // price: of one
	Amount      decimal.Decimal     // amount
	VAT         decimal.NullDecimal // vat: which the amount contains; may be missing
}

// TicketItem is a row of a registry or an invoice. The manual names no currency
// and does not say which sign a refund has.
type TicketItem struct {
	Event         civil.DateTime                  `json:",omitzero"` // event_date: when the ticket was issued; no zone is named
	Operations    map[TransactionType]ServiceType // operation: one of them in every sample
	TicketNumbers []string                        // ticket_numbers
	Carrier       string                          // carrier
	Route         string                          // route
	Traveller     string                          // traveller
	CheckIn       civil.DateTime                  `json:",omitzero"` // checkin_date: the departure, presumably by the clock of the place
	CheckOut      civil.DateTime                  `json:",omitzero"` // checkout_date: the arrival
	Amount        decimal.Decimal                 // amount
	VAT           decimal.NullDecimal             // vat: which the amount contains; may be missing
}

// List lists the packages of closing documents of a company. If some packages could
// not be read, the others are returned, and the error has a [*rutravel.RowsError] in
// its chain that names them.
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

// decode reads the items once the type is known, which stands behind them.
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
		case "ticket_numbers": // a list; one number as a text is accepted
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
