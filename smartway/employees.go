package smartway

import (
	"context"
	"encoding/json"
	"fmt"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// Employees lists and changes employees and their rights. It is the manual's chapter
// "Сотрудники".
type Employees struct{ core *core }

// EmployeeQuery has the conditions of [Employees.List]. At least one of the lists must not
// be empty, so that nobody reads the personal data of a whole account by mistake.
type EmployeeQuery struct {
	Companies []CompanyID  // companies_id: lists the employees of these companies
	Employees []ExternalID // employees_id: lists these employees; empty: all employees of the companies
}

// Employee is an employee who is stored at Smartway.
type Employee struct {
	ID           EmployeeID         // Id
	ExternalID   ExternalID         // ExternalId: the caller's id; "" if there is none
	Surname      string             // Surname
	FirstName    string             // Name
	MiddleName   string             // Patronymic; may be empty
	Email        string             // Email
	Phone        string             // MobilePhone
	Sex          Sex                // Sex
	Number       string             // EmployeeNumber; may be empty
	BirthDate    civil.Date         `json:",omitzero"` // Birthday; zero if it is missing
	Citizenship  string             // Code: two letters
	Citizenship3 string             // Code3: the citizenship in three letters
	Companies    []EmployeeCompany  // Companies
	Documents    []EmployeeDocument // Documents
	Bonuses      []EmployeeBonus    // Bonuses
	Status       EmployeeStatus     // Status
	Tags         []string           // Tags
}

// Passenger returns the employee as a passenger of a purchase, with the ID in the caller's
// system. The names in Latin letters come from the selected document. If no document with
// them is selected, they come from the first document that has them. A single document is
// selected. The company, which is billed, is set if the employee has exactly one. Fields
// that [Airlines.Buy] needs and the employee does not have stay empty.
func (e Employee) Passenger() Passenger {
	surname, first, middle := e.latinNames()
	p := Passenger{
		ID: e.ExternalID, Phone: e.Phone, Surname: e.Surname, FirstName: e.FirstName, MiddleName: e.MiddleName,
		SurnameEng: surname, FirstNameEng: first, MiddleNameEng: middle, Email: e.Email, Citizenship: e.Citizenship,
		BirthDate: e.BirthDate, Sex: e.Sex,
	}
	for _, b := range e.Bonuses {
		if b.Type == AirBonus {
			p.Cards = append(p.Cards, LoyaltyCard{Airline: b.Code, Number: b.Number})
		}
	}
	for _, d := range e.Documents {
		p.Passports = append(p.Passports, TravelDocument{d.Type, d.Number, d.Expiry, d.Selected || len(e.Documents) == 1})
	}
	if len(e.Companies) == 1 {
		p.Company = e.Companies[0].ID
	}
	return p
}

// Traveller returns the employee as a traveller of a [TravelRequest], with the ID in
// the caller's system and with the names in Latin letters as in [Employee.Passenger].
func (e Employee) Traveller() Traveller {
	surname, first, middle := e.latinNames()
	t := Traveller{
		ID: e.ExternalID, Surname: e.Surname, FirstName: e.FirstName, MiddleName: e.MiddleName,
		SurnameEng: surname, FirstNameEng: first, MiddleNameEng: middle, Sex: e.Sex, BirthDate: e.BirthDate,
		Citizenship: e.Citizenship, Phone: e.Phone, Email: e.Email,
	}
	for _, d := range e.Documents {
		t.Documents = append(t.Documents, Document{d.Type, d.Number, d.Expiry})
	}
	for _, b := range e.Bonuses {
		t.Bonuses = append(t.Bonuses, Bonus{b.Type, b.Code, b.Number})
	}
	for _, c := range e.Companies {
		t.Companies = append(t.Companies, c.ID)
	}
	return t
}

// latinNames returns the names in Latin letters, which only documents have.
func (e Employee) latinNames() (surname, first, middle string) {
	for _, d := range e.Documents {
		if d.SurnameEng != "" && (surname == "" || d.Selected) {
			surname, first, middle = d.SurnameEng, d.FirstNameEng, d.MiddleNameEng
		}
		if d.SurnameEng != "" && d.Selected {
			break
		}
	}
	return surname, first, middle
}

// EmployeeStatus says whether an employee works at the company and may log in.
type EmployeeStatus string

// Statuses of employees.
const (
	EmployeeWithoutLogin EmployeeStatus = "Active"   // works, without access to the service
	EmployeeUser         EmployeeStatus = "User"     // works, with access to the service
	EmployeeArchived     EmployeeStatus = "Archived" // dismissed
)

// EmployeeCompany is a company in which an employee works.
type EmployeeCompany struct {
	ID        CompanyID  // CompanyId
	Name      string     // CompanyName
	ShortName string     // ShortCompanyName
	Employee  EmployeeID // EmployeeId
}

// EmployeeDocument is an identity document of an employee.
type EmployeeDocument struct {
	ID            string       // Id
	Type          DocumentType // Type
	Number        string       // Number
	Expiry        civil.Date   `json:",omitzero"` // DueDate; zero: none
	Surname       string       // Surname: as in the passport
	FirstName     string       // Name
	MiddleName    string       // MiddleName
	SurnameEng    string       // LastName: in Latin letters
	FirstNameEng  string       // FirstName
	MiddleNameEng string       // Patronymic; may be empty
	Selected      bool         // Selected
}

// EmployeeBonus is a loyalty card of an employee.
type EmployeeBonus struct {
	ID       string     // Id
	Employee EmployeeID // EmployeeId
	Type     BonusType  // Type
	Code     string     // Code: the airline's IATA code, or [RailwayBonus]
	Number   string     // Number
}

// List lists the employees of companies, or employees with the given ids. If the client's
// user may not edit others, the list has only this user, and there is no error.
//
// If some employees cannot be read, List returns the others and an error with a
// [*rutravel.RowsError] in its chain.
//
// Smartway: POST employees.list
func (s Employees) List(ctx context.Context, q EmployeeQuery, opts ...rutravel.CallOption) ([]Employee, error) {
	r := &request{op: opEmployeesList, query: q.encode()}
	r.That(len(q.Companies)+len(q.Employees) > 0, "Companies", "must not be empty, unless Employees is set (ListAll lists everybody)")
	for i, id := range q.Companies {
		r.Number(fmt.Sprintf("Companies[%d]", i), string(id))
	}
	for i, id := range q.Employees {
		checkID(&r.Check, fmt.Sprintf("Employees[%d]", i), string(id))
	}
	return readable(call(ctx, s.core, r, rowsOf((*Employee).decode, (*Employee).id), nil, opts))
}

// ListAll lists the employees of all companies of the account, with their personal data.
// Employees who cannot be read are reported as in [Employees.List].
//
// Smartway: POST employees.list
func (s Employees) ListAll(ctx context.Context, opts ...rutravel.CallOption) ([]Employee, error) {
	return readable(s.list(ctx, EmployeeQuery{}, opts))
}

// list lists the employees of companies, or of all companies if there are none in q.
// Employees who could not be read are among them, as far as they were read.
func (s Employees) list(ctx context.Context, q EmployeeQuery, opts []rutravel.CallOption) ([]Employee, error) {
	r := &request{op: opEmployeesList, query: q.encode()}
	return call(ctx, s.core, r, rowsOf((*Employee).decode, (*Employee).id), nil, opts)
}

type employeeQuery struct {
	CompaniesID []json.Number `json:"companies_id"`
	EmployeesID []any         `json:"employees_id"`
}

func (q EmployeeQuery) encode() employeeQuery {
	out := employeeQuery{CompaniesID: numbers(q.Companies), EmployeesID: []any{}}
	for _, id := range q.Employees {
		out.EmployeesID = append(out.EmployeesID, id.wireValue())
	}
	return out
}

// wireValue returns a number if the id is one, as in the sample, and otherwise a text.
func (id ExternalID) wireValue() any {
	const longest = 18 // digits that an int64 holds
	if number := new(valid.Check); len(id) <= longest {
		if number.Number("", string(id)); number.Err() == nil {
			return json.Number(id)
		}
	}
	return string(id)
}

func (e *Employee) id() string { return string(e.ID) }

func (e *Employee) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "Id":
			return wire.ID(d, &e.ID)
		case "ExternalId":
			return wire.OptID(d, &e.ExternalID)
		case "Surname":
			return wire.String(d, &e.Surname)
		case "Name":
			return wire.String(d, &e.FirstName)
		case "Patronymic":
			return wire.String(d, &e.MiddleName)
		case "Email":
			return wire.String(d, &e.Email)
		case "MobilePhone":
			return wire.String(d, &e.Phone)
		case "Sex":
			return decodeSex(d, &e.Sex)
		case "EmployeeNumber":
			return wire.String(d, &e.Number)
		case "Birthday": // a date and time
			return d.OptDay(&e.BirthDate)
		case "Code":
			return wire.String(d, &e.Citizenship)
		case "Code3":
			return wire.String(d, &e.Citizenship3)
		case "Companies":
			return wire.List(d, &e.Companies, (*EmployeeCompany).decode)
		case "Documents":
			return wire.List(d, &e.Documents, (*EmployeeDocument).decode)
		case "Bonuses":
			return wire.List(d, &e.Bonuses, (*EmployeeBonus).decode)
		case "Status":
			return wire.String(d, &e.Status)
		case "Tags":
			return wire.List(d, &e.Tags, decodeText)
		default:
			return d.Skip()
		}
	}, "Id", "ExternalId?", "Companies?", "Status?")
}

// decodeID reads an element of a list of ids.
func decodeID[T ~string](p *T, d *wire.Decoder) error { return wire.ID(d, p) }

// decodeText reads an element of a list of texts.
func decodeText[T ~string](p *T, d *wire.Decoder) error { return wire.String(d, p) }

func (c *EmployeeCompany) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "CompanyId":
			return wire.ID(d, &c.ID)
		case "CompanyName":
			return wire.String(d, &c.Name)
		case "ShortCompanyName":
			return wire.String(d, &c.ShortName)
		case "EmployeeId":
			return wire.OptID(d, &c.Employee)
		default:
			return d.Skip()
		}
	}, "CompanyId", "EmployeeId?")
}

func (c *EmployeeDocument) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "Id":
			return wire.OptID(d, &c.ID)
		case "Type":
			return decodeDocumentType(d, &c.Type)
		case "Number":
			return wire.OptID(d, &c.Number)
		case "DueDate":
			return d.OptDay(&c.Expiry)
		case "Surname":
			return wire.String(d, &c.Surname)
		case "Name":
			return wire.String(d, &c.FirstName)
		case "MiddleName":
			return wire.String(d, &c.MiddleName)
		case "LastName":
			return wire.String(d, &c.SurnameEng)
		case "FirstName":
			return wire.String(d, &c.FirstNameEng)
		case "Patronymic": // in Latin letters, unlike MiddleName
			return wire.String(d, &c.MiddleNameEng)
		case "Selected": // false by default
			return d.OptFlag(&c.Selected)
		default:
			return d.Skip()
		}
	}, "Id?", "Number?", "DueDate?", "Selected?")
}

func (b *EmployeeBonus) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "Id":
			return wire.OptID(d, &b.ID)
		case "EmployeeId": // a text in the table, a number in the sample
			return wire.OptID(d, &b.Employee)
		case "Type":
			return decodeBonusType(d, &b.Type)
		case "Code":
			return wire.OptID(d, &b.Code)
		case "Number":
			return wire.OptID(d, &b.Number)
		default:
			return d.Skip()
		}
	}, "Id?", "EmployeeId?", "Code?", "Number?")
}
