package regionbilet

import (
	"context"
	"errors"
	"iter"
	"slices"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// DateRange has the days of a report. Both ends are included.
type DateRange struct {
	From civil.Date // date_begin
	To   civil.Date // date_end
}

func (r DateRange) check(v *valid.Check) {
	v.Date("From", r.From)
	v.Date("To", r.To)
	v.That(!r.To.Before(r.From), "To", "must not be before From")
}

// TicketRecord has the fields that both reports have.
type TicketRecord struct {
	Booked    OptDateTime  `json:",omitzero"` // date_booking, time_booking
	Booking   BookingID    // id_booking
	Number    TicketNumber // number_ticket
	Seat      Seat         // seat; may be empty
	Category  Category     // category
	Departure OptDateTime  `json:",omitzero"` // date_trip, time_trip
	TripName  string       // name_trip
	From      string       // name_from: name of the stop of departure
	To        string       // name_to: name of the stop of arrival
}

// Sale is a ticket that was sold.
type Sale struct {
	TicketRecord
	Base decimal.Decimal // ticket_price: the fare (тариф), roubles
	Fee  decimal.Decimal // markup_price: for the service of selling the ticket, roubles
}

// RefundedTicket is a ticket that was refunded.
type RefundedTicket struct {
	TicketRecord
	Refunded        OptDateTime     `json:",omitzero"` // date_refund, time_refund
	Amount          decimal.Decimal // ticket_refund_price: to the passenger, roubles
	WithheldPercent decimal.Decimal // ticket_refund_percent: per cent withheld
}

type reportParams struct {
	DateBegin string `url:"date_begin"`
	DateEnd   string `url:"date_end"`
}

// SalesReport lists the tickets that were paid for on the days of r. All days must be in
// one calendar month. [Client.AllSales] accepts longer ranges. The test user cannot run the
// report (manual, chapter 14).
//
// If rows could not be read, the other rows are returned with a [rutravel.RowsError] that
// names them. AllSales also yields what could be read of them.
//
// Regionbilet: GET report_sale
func (c *Client) SalesReport(ctx context.Context, r DateRange, opts ...rutravel.CallOption) ([]Sale, error) {
	rows, err := saleRows(ctx, c, r, opts)
	return wire.Readable(rows, err), err
}

// AllSales iterates over the tickets that were paid for on the days of r. It sends one
// request for each calendar month. The test user cannot run the report. A row that could
// not be read completely is yielded with a [rutravel.RowError], and the sequence continues.
// Any other error ends it.
//
// Regionbilet: GET report_sale
func (c *Client) AllSales(ctx context.Context, r DateRange, opts ...rutravel.CallOption) iter.Seq2[Sale, error] {
	return monthlyReports(ctx, c, opReportSale, r, saleRows, opts)
}

func saleRows(ctx context.Context, c *Client, r DateRange, opts []rutravel.CallOption) ([]Sale, error) {
	return report(ctx, c, opReportSale, r, (*Sale).decode, (*Sale).id, opts)
}

// RefundsReport lists the tickets that were refunded on the days of r. All days must be in
// one calendar month. [Client.AllRefunds] accepts longer ranges. The test user cannot run
// the report (manual, chapter 15).
//
// If rows could not be read, the other rows are returned with a [rutravel.RowsError] that
// names them. AllRefunds also yields what could be read of them.
//
// Regionbilet: GET report_refund
func (c *Client) RefundsReport(ctx context.Context, r DateRange, opts ...rutravel.CallOption) ([]RefundedTicket, error) {
	rows, err := refundRows(ctx, c, r, opts)
	return wire.Readable(rows, err), err
}

// AllRefunds iterates over the tickets that were refunded on the days of r. It sends one
// request for each calendar month. The test user cannot run the report. A row that could
// not be read completely is yielded with a [rutravel.RowError], and the sequence continues.
// Any other error ends it.
//
// Regionbilet: GET report_refund
func (c *Client) AllRefunds(ctx context.Context, r DateRange, opts ...rutravel.CallOption) iter.Seq2[RefundedTicket, error] {
	return monthlyReports(ctx, c, opReportRefund, r, refundRows, opts)
}

func refundRows(ctx context.Context, c *Client, r DateRange, opts []rutravel.CallOption) ([]RefundedTicket, error) {
	return report(ctx, c, opReportRefund, r, (*RefundedTicket).decode, (*RefundedTicket).id, opts)
}

// report requests one report. Its rows include those that could not be read completely.
func report[T any](ctx context.Context, c *Client, op int, days DateRange, decode func(*T, *wire.Decoder) error, id func(*T) string, opts []rutravel.CallOption) ([]T, error) {
	r := c.request(op)
	days.check(&r.Check)
	r.That(days.From.Year == days.To.Year && days.From.Month == days.To.Month, "To", "must be in the same calendar month as From")
	r.query.AddStruct(reportParams{
		DateBegin: wire.FormatDate(wire.DMY, days.From),
		DateEnd:   wire.FormatDate(wire.DMY, days.To),
	})
	return call(ctx, c, r, rowsOf(decode, id), judgeList, opts)
}

// monthlyReports requests one report for each calendar month.
func monthlyReports[T any](ctx context.Context, c *Client, op int, days DateRange, report func(context.Context, *Client, DateRange, []rutravel.CallOption) ([]T, error), opts []rutravel.CallOption) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		var v valid.Check
		if days.check(&v); v.Err() != nil {
			yield(none, c.engine.Invalid(ctx, &operations[op], v.Err()))
			return
		}
		for begin := days.From; !begin.After(days.To); {
			next := civil.Date{Year: begin.Year, Month: begin.Month, Day: 1}.AddMonths(1)
			month := DateRange{From: begin, To: next.AddDays(-1)}
			if days.To.Before(month.To) {
				month.To = days.To
			}
			rows, err := report(ctx, c, month, opts)
			for row, problem := range transport.Each(rows, err) {
				if !yield(row, problem) {
					return
				}
			}
			if _, ofRows := errors.AsType[*rutravel.RowsError](err); err != nil && !ofRows {
				yield(none, err)
				return
			}
			begin = next
		}
	}
}

func (s *Sale) decode(d *wire.Decoder) error {
	err := d.Fields(func(name []byte) error {
		switch string(name) {
		case "ticket_price":
			return d.Amount(&s.Base)
		case "markup_price":
			return d.Amount(&s.Fee)
		default:
			return s.TicketRecord.decodeField(d, name)
		}
	}, saleFields...)
	s.settle()
	return err
}

func (r *RefundedTicket) decode(d *wire.Decoder) error {
	err := d.Fields(func(name []byte) error {
		switch string(name) {
		case "ticket_refund_price":
			return d.Amount(&r.Amount)
		case "ticket_refund_percent":
			return d.Percent(&r.WithheldPercent)
		case "date_refund":
			return d.OptDate(wire.DMY, &r.Refunded.Date)
		case "time_refund":
			return d.OptTime(wire.HM, &r.Refunded.Time)
		default:
			return r.TicketRecord.decodeField(d, name)
		}
	}, refundFields...)
	r.settle()
	r.Refunded.settle()
	return err
}

// The essential fields. The seat is in the samples of the manual, which describes it only
// in chapter 15.
var (
	recordFields = []string{"id_booking", "number_ticket", "seat?", "category"}
	saleFields   = slices.Concat(recordFields, []string{"ticket_price", "markup_price"})
	refundFields = slices.Concat(recordFields, []string{"ticket_refund_price", "ticket_refund_percent"})
)

func (r *TicketRecord) id() string { return string(r.Number) }

func (r *TicketRecord) settle() {
	r.Booked.settle()
	r.Departure.settle()
}

// decodeField decodes a field that both reports have.
func (r *TicketRecord) decodeField(d *wire.Decoder, name []byte) error {
	switch string(name) {
	case "date_booking":
		return d.OptDate(wire.DMY, &r.Booked.Date)
	case "time_booking":
		return d.OptTime(wire.HM, &r.Booked.Time)
	case "id_booking":
		return wire.ID(d, &r.Booking)
	case "number_ticket":
		return wire.ID(d, &r.Number)
	case "seat":
		return wire.OptID(d, &r.Seat)
	case "category":
		return wire.ID(d, &r.Category)
	case "date_trip":
		return d.OptDate(wire.DMY, &r.Departure.Date)
	case "time_trip":
		return d.OptTime(wire.HM, &r.Departure.Time)
	case "name_trip":
		return wire.String(d, &r.TripName)
	case "name_from":
		return wire.String(d, &r.From)
	case "name_to":
		return wire.String(d, &r.To)
	default:
		return d.Skip()
	}
}
