package smartway

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// Requests is the manual's chapter "Заявки": what a company wants booked,
// for people at Smartway to choose and book. Nothing is bought by it.
type Requests struct{ core *core }

// RequestID identifies a travel request (заявка) in the caller's system.
type RequestID string

// TravelRequest is what a company wants booked.
type TravelRequest struct {
	// ID is the caller's. It may be empty, but what has none can be neither
	// followed nor cancelled, nor found if the answer is lost.
	ID         RequestID
	Travellers []Traveller // travellers: who goes; employees whom Smartway does not know by their id are added
	Creator    Traveller   // creator: who asks for it
	Comment    string      // comment; may be empty

	TrainItems []TrainItem // train_items; may be empty

	// The manual says nothing about what these consist of. Each is a JSON object.
	AirItems      []json.RawMessage // air_items; may be empty
	HotelItems    []json.RawMessage // hotel_items; may be empty
	TransferItems []json.RawMessage // transfer_items; may be empty
}

// Traveller is an employee in a travel request.
type Traveller struct {
	ID            ExternalID  // id
	Surname       string      // surname
	FirstName     string      // name
	MiddleName    string      // patronymic; may be empty
	SurnameEng    string      // surname_eng: in Latin letters
	FirstNameEng  string      // name_eng
	MiddleNameEng string      // patronymic_eng; may be empty
	Sex           Sex         // sex
	BirthDate     civil.Date  // birthday
	Citizenship   string      // citizenship_code: two letters
	Phone         string      // mobile_phone
	Email         string      // email
	Documents     []Document  // documents
	Bonuses       []Bonus     // bonuses; may be empty
	Companies     []CompanyID // companies_id: at least one, or of INNs; a company found by its id is not looked for by its INN
	INNs          []INN       // companies_inn

	// Clear names the fields to be emptied, as in [EmployeeChange]. Here it can be
	// [FieldBonuses] alone.
	Clear []EmployeeField
}

// TrainItem is a train journey that is wanted. The manual shows it in a sample
// alone.
type TrainItem struct {
	Project    string         // project_id; may be empty
	From       StationCode    // departure_station_code
	To         StationCode    // arrival_station_code
	Departure  civil.DateTime // departure_date; the sample's is a midnight
	Travellers []Traveller    // travellers
}

// The members stand in the order of the manual's sample.
type traveller struct {
	ID            string     `json:"id"`
	MobilePhone   string     `json:"mobile_phone"`
	Surname       string     `json:"surname"`
	Name          string     `json:"name"`
	Patronymic    string     `json:"patronymic,omitempty"`
	SurnameEng    string     `json:"surname_eng"`
	NameEng       string     `json:"name_eng"`
	PatronymicEng string     `json:"patronymic_eng,omitempty"`
	Email         string     `json:"email"`
	Citizenship   string     `json:"citizenship_code"`
	Birthday      string     `json:"birthday"`
	Sex           string     `json:"sex"`
	Bonuses       []bonus    `json:"bonuses,omitzero"`
	Documents     []document `json:"documents"`
	CompaniesINN  []string   `json:"companies_inn,omitempty"`
	CompaniesID   []string   `json:"companies_id,omitempty"`
}

type trainItem struct {
	ProjectID     string      `json:"project_id"`
	Departure     string      `json:"departure_station_code"`
	Arrival       string      `json:"arrival_station_code"`
	DepartureDate string      `json:"departure_date"`
	Travellers    []traveller `json:"travellers"`
}

type travelRequest struct {
	ID            string            `json:"id,omitempty"`
	Travellers    []traveller       `json:"travellers"`
	Creator       traveller         `json:"creator"`
	Comment       string            `json:"comment,omitempty"`
	AirItems      []json.RawMessage `json:"air_items,omitempty"`
	TrainItems    []trainItem       `json:"train_items,omitempty"`
	HotelItems    []json.RawMessage `json:"hotel_items,omitempty"`
	TransferItems []json.RawMessage `json:"transfer_items,omitempty"`
}

// RequestStatus is what has become of a travel request.
type RequestStatus string

// The statuses.
const (
	RequestProcessing    RequestStatus = "processing"     // a variant was chosen and put into the basket
	RequestNotProcessing RequestStatus = "not_processing" // nothing was chosen yet
	RequestProcessed     RequestStatus = "processed"      // the trip is issued
	RequestCancelled     RequestStatus = "canceled"       // one l on the wire
	RequestNotFound      RequestStatus = "not_found"
)

// Save sends a travel request and returns its status.
//
// Whether a second one with the same id changes the first or stands beside it is
// not documented, so the call is sent once; detach it from a user's request. With
// [rutravel.ErrNotConfirmed] see [Requests.SaveOperation]. If the supplier answered
// another word than the documented ones, or [RequestNotFound], that is the error's
// Code.
//
// Smartway: POST request.save
func (s Requests) Save(ctx context.Context, r TravelRequest, opts ...rutravel.CallOption) (RequestStatus, error) {
	r = r.trimmed()
	query := travelRequest{
		ID: string(r.ID), Travellers: travellers(r.Travellers), Creator: r.Creator.encode(), Comment: r.Comment,
		AirItems: r.AirItems, HotelItems: r.HotelItems, TransferItems: r.TransferItems,
	}
	for _, i := range r.TrainItems {
		query.TrainItems = append(query.TrainItems, trainItem{
			ProjectID: i.Project, Departure: string(i.From), Arrival: string(i.To),
			DepartureDate: i.Departure.String(), Travellers: travellers(i.Travellers),
		})
	}
	sent := &request{op: opRequestSave, query: query, private: r.private()}
	r.check(&sent.Check)
	return call(ctx, s.core, sent, decodeStatus, func(status RequestStatus) error {
		switch status {
		case RequestProcessing, RequestNotProcessing, RequestProcessed, RequestCancelled:
			return nil
		default: // it does not say whether the request was stored
			return &transport.Refusal{Code: string(status), Unsettled: true}
		}
	}, opts)
}

func decodeStatus(d *wire.Decoder, status *RequestStatus) error {
	return decodeToken(d, status, "a status")
}

func (r TravelRequest) private() []string {
	private := append(r.Creator.private(), r.Comment)
	for _, t := range r.Travellers {
		private = append(private, t.private()...)
	}
	for _, i := range r.TrainItems {
		for _, t := range i.Travellers {
			private = append(private, t.private()...)
		}
	}
	for _, item := range slices.Concat(r.AirItems, r.HotelItems, r.TransferItems) {
		private = append(private, leaves(item)...)
	}
	return private
}

// leaves are all texts and numbers in a JSON text. The manual does not say which
// of them are about people.
func leaves(text json.RawMessage) []string {
	var found []string
	_ = wire.Decode(text, nil, func(d *wire.Decoder) error { return d.Texts(&found) })
	return found
}

func travellers(all []Traveller) []traveller {
	var out []traveller
	for _, t := range all {
		out = append(out, t.encode())
	}
	return out
}

// trimmed is the request without spaces around the texts about people.
func (r TravelRequest) trimmed() TravelRequest {
	r.Travellers, r.Creator = each(r.Travellers, Traveller.trimmed), r.Creator.trimmed()
	r.TrainItems = each(r.TrainItems, func(i TrainItem) TrainItem {
		i.Travellers = each(i.Travellers, Traveller.trimmed)
		return i
	})
	return r
}

func (t Traveller) trimmed() Traveller {
	trim(&t.Surname, &t.FirstName, &t.MiddleName, &t.SurnameEng, &t.FirstNameEng, &t.MiddleNameEng, &t.Citizenship, &t.Phone, &t.Email)
	t.Documents, t.Bonuses = each(t.Documents, Document.trimmed), each(t.Bonuses, Bonus.trimmed)
	return t
}

func (t Traveller) encode() traveller {
	out := traveller{
		ID: string(t.ID), MobilePhone: t.Phone, Surname: t.Surname, Name: t.FirstName, Patronymic: t.MiddleName,
		SurnameEng: t.SurnameEng, NameEng: t.FirstNameEng, PatronymicEng: t.MiddleNameEng, Email: t.Email,
		Citizenship: t.Citizenship, Birthday: date(t.BirthDate), Sex: string(t.Sex),
		Documents:    documents(t.Documents),
		CompaniesINN: strs(t.INNs), CompaniesID: strs(t.Companies),
	}
	if len(t.Bonuses) > 0 || slices.Contains(t.Clear, FieldBonuses) {
		out.Bonuses = append([]bonus{}, bonuses(t.Bonuses)...)
	}
	return out
}

func (t Traveller) private() []string {
	return slices.Concat([]string{
		t.Surname, t.FirstName, t.MiddleName, t.SurnameEng, t.FirstNameEng, t.MiddleNameEng,
		dateOrNothing(t.BirthDate), t.Phone, t.Email,
	}, privateDocuments(t.Documents), privateBonuses(t.Bonuses))
}

func (t Traveller) check(v *valid.Check, field string) {
	checkID(v, field+"ID", string(t.ID))
	for _, f := range []struct{ name, value string }{
		{"Surname", t.Surname}, {"FirstName", t.FirstName}, {"SurnameEng", t.SurnameEng}, {"FirstNameEng", t.FirstNameEng},
		{"Citizenship", t.Citizenship}, {"Phone", t.Phone}, {"Email", t.Email},
	} {
		v.Text(field+f.name, f.value)
	}
	checkOptText(v, field+"MiddleName", t.MiddleName)
	checkOptText(v, field+"MiddleNameEng", t.MiddleNameEng)
	checkSex(v, field+"Sex", t.Sex)
	v.Date(field+"BirthDate", t.BirthDate)
	v.That(len(t.Documents) > 0, field+"Documents", "must not be empty")
	checkDocuments(v, field+"Documents", t.Documents)
	checkBonuses(v, field+"Bonuses", t.Bonuses)
	v.That(len(t.INNs)+len(t.Companies) > 0, field+"Companies", "must not be empty, unless INNs is set")
	checkCompanies(v, field, t.INNs, t.Companies)
	for i, f := range t.Clear {
		at := fmt.Sprintf("%sClear[%d]", field, i)
		v.That(f == FieldBonuses, at, "must be FieldBonuses")
		v.That(len(t.Bonuses) == 0, at, "must not be set and emptied at once")
	}
}

func (r TravelRequest) check(v *valid.Check) {
	checkOptID(v, "ID", string(r.ID))
	v.That(len(r.Travellers) > 0, "Travellers", "must not be empty")
	for i, t := range r.Travellers {
		t.check(v, fmt.Sprintf("Travellers[%d].", i))
	}
	r.Creator.check(v, "Creator.")
	v.That(utf8.ValidString(r.Comment), "Comment", "must be UTF-8")
	for i, item := range r.TrainItems {
		at := fmt.Sprintf("TrainItems[%d].", i)
		v.OptText(at+"Project", item.Project)
		v.ID(at+"From", string(item.From))
		v.ID(at+"To", string(item.To))
		v.DateTime(at+"Departure", item.Departure)
		v.That(item.Departure.Time.Nanosecond == 0, at+"Departure.Time", "must be in whole seconds")
		v.That(len(item.Travellers) > 0, at+"Travellers", "must not be empty")
		for j, t := range item.Travellers {
			t.check(v, fmt.Sprintf("%sTravellers[%d].", at, j))
		}
	}
	for _, list := range []struct {
		field string
		items []json.RawMessage
	}{{"AirItems", r.AirItems}, {"HotelItems", r.HotelItems}, {"TransferItems", r.TransferItems}} {
		for i, item := range list.items {
			v.That(json.Valid(item) && bytes.HasPrefix(bytes.TrimSpace(item), []byte("{")),
				fmt.Sprintf("%s[%d]", list.field, i), "must be a JSON object")
		}
	}
}

// Cancel ends a travel request. It is no way to cancel or refund tickets: what it
// does to a request whose trip is issued is not documented. A request that is not
// found is [rutravel.ErrNotFound].
//
// The call is sent once, for what a second one is answered is not documented;
// detach it from a user's request. With [rutravel.ErrNotConfirmed] see
// [Requests.CancelOperation]. If the supplier answered another word than the manual's
// two, it is the error's Code.
//
// Smartway: POST request.cancel
func (s Requests) Cancel(ctx context.Context, id RequestID, opts ...rutravel.CallOption) error {
	r := &request{op: opRequestCancel, query: string(id)}
	checkID(&r.Check, "id", string(id))
	_, err := call(ctx, s.core, r, decodeStatus, func(status RequestStatus) error {
		switch status {
		case RequestCancelled:
			return nil
		case RequestNotFound:
			return &transport.Refusal{Kind: rutravel.ErrNotFound, Code: string(status)}
		default:
			return &transport.Refusal{Code: string(status), Unsettled: true}
		}
	}, opts)
	return err
}

// Statuses returns the statuses of travel requests. One that the supplier does not
// know is [RequestNotFound].
//
// If the status of some is missing or unreadable, the error has a
// [*rutravel.RowsError] in its chain that names them by their index in ids, and the
// others are returned with it.
//
// Smartway: POST request.status
func (s Requests) Statuses(ctx context.Context, ids []RequestID, opts ...rutravel.CallOption) (map[RequestID]RequestStatus, error) {
	r := &request{op: opRequestStatus, query: strs(ids)}
	r.That(len(ids) > 0, "ids", "must not be empty")
	for i, id := range ids {
		checkID(&r.Check, fmt.Sprintf("ids[%d]", i), string(id))
	}
	unread := map[RequestID]string{} // what is wrong with a status
	return call(ctx, s.core, r, func(d *wire.Decoder, all *map[RequestID]RequestStatus) error {
		*all = map[RequestID]RequestStatus{}
		clear(unread)
		err := d.Object(func(name []byte) error {
			id := RequestID(name)
			var status RequestStatus
			bad, err := d.Apart(func(d *wire.Decoder) error { return wire.ID(d, &status) })
			switch {
			case !slices.Contains(ids, id): // nobody asked
			case bad != nil:
				unread[id] = bad.Error()
			default:
				(*all)[id] = status
			}
			return err
		})
		if len(*all) == 0 && len(unread) == 0 {
			d.Fail("", "want a status for every id")
		}
		return err
	}, func(all map[RequestID]RequestStatus) error {
		var err error
		for i, id := range ids {
			if all[id] == "" {
				err = wire.WithRow(err, rutravel.RowError{Index: i, ID: string(id), Problem: cmp.Or(unread[id], "result: missing")})
			}
		}
		return err
	}, opts)
}
