package smartway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// EmployeeService is the manual's chapter "Сотрудники": who travels, and may do
// what at Smartway.
type EmployeeService struct{ e *core }

// EmployeeField is a field of an employee that can be emptied.
type EmployeeField string

// The fields that can be emptied.
const (
	FieldMiddleName     EmployeeField = "patronymic"      // sent as null
	FieldSurnameEng     EmployeeField = "surname_eng"     // sent as null
	FieldFirstNameEng   EmployeeField = "name_eng"        // sent as null
	FieldMiddleNameEng  EmployeeField = "patronymic_eng"  // sent as null
	FieldEmployeeNumber EmployeeField = "employee_number" // sent as ""
	FieldBonuses        EmployeeField = "bonuses"         // sent as []
	FieldDocuments      EmployeeField = "documents"       // sent as []
)

// EmployeeChange says what to store about an employee. Only what is set is sent,
// and only what is sent is changed; to empty a field, name it in Clear.
//
// To create an employee, all fields but those of "may be empty" are needed.
type EmployeeChange struct {
	// ID is the employee's id in the caller's system. Smartway finds whom to change
	// by it; if it finds nobody, or ID is "" (sent as null), by surname, name,
	// patronymic, birthday and citizenship, all equal, and one of the companies. If
	// that finds nobody either, a new employee is created. An id that was given to
	// another person before overwrites that person.
	ID ExternalID

	Surname       string     // surname
	FirstName     string     // name
	MiddleName    string     // patronymic: may be empty if there is none
	SurnameEng    string     // surname_eng: in Latin letters, as on tickets; may be empty
	FirstNameEng  string     // name_eng; may be empty
	MiddleNameEng string     // patronymic_eng; may be empty
	Sex           Sex        // sex
	BirthDate     civil.Date `json:",omitzero"` // birthday
	Citizenship   string     // citizenship_code: two letters, like RU, US, UK
	Phone         string     // mobile_phone: +79990000000
	Email         string     // email
	Number        string     // employee_number: the personnel number; may be empty
	Archived      *bool      // is_archive: true: dismissed, and no longer shown; nil: not sent
	Documents     []Document // documents; may be empty
	Bonuses       []Bonus    // bonuses: loyalty cards; may be empty

	// The companies of the employee, at least one for a new one. A
	// company that is found by its id is not looked for by its INN.
	Companies []CompanyID // companies_id
	INNs      []INN       // companies_inn

	// Clear names fields to be emptied. How is not documented; each constant
	// says what is sent.
	Clear []EmployeeField
}

// The members stand in the order of the manual's sample; what is unset is left
// out.
type employee struct {
	ID             *string         `json:"id"` // null if there is none, as in the sample
	MobilePhone    string          `json:"mobile_phone,omitempty"`
	Surname        string          `json:"surname,omitempty"`
	Name           string          `json:"name,omitempty"`
	Patronymic     json.RawMessage `json:"patronymic,omitempty"`
	SurnameEng     json.RawMessage `json:"surname_eng,omitempty"`
	NameEng        json.RawMessage `json:"name_eng,omitempty"`
	PatronymicEng  json.RawMessage `json:"patronymic_eng,omitempty"`
	Email          string          `json:"email,omitempty"`
	Citizenship    string          `json:"citizenship_code,omitempty"`
	Birthday       string          `json:"birthday,omitempty"`
	Sex            string          `json:"sex,omitempty"`
	EmployeeNumber json.RawMessage `json:"employee_number,omitempty"`
	IsArchive      *bool           `json:"is_archive,omitempty"`
	Bonuses        []bonus         `json:"bonuses,omitzero"`
	Documents      []document      `json:"documents,omitzero"`
	CompaniesINN   []string        `json:"companies_inn,omitempty"`
	CompaniesID    []string        `json:"companies_id,omitempty"`
}

func (c EmployeeChange) request() employee {
	clears := func(f EmployeeField) bool { return slices.Contains(c.Clear, f) }
	text := func(f EmployeeField, text, none string) json.RawMessage {
		switch {
		case clears(f):
			return json.RawMessage(none)
		case text == "":
			return nil
		default:
			return wire.JSON(text)
		}
	}
	e := employee{
		MobilePhone: c.Phone, Surname: c.Surname, Name: c.FirstName,
		Patronymic:    text(FieldMiddleName, c.MiddleName, "null"),
		SurnameEng:    text(FieldSurnameEng, c.SurnameEng, "null"),
		NameEng:       text(FieldFirstNameEng, c.FirstNameEng, "null"),
		PatronymicEng: text(FieldMiddleNameEng, c.MiddleNameEng, "null"),
		Email:         c.Email, Citizenship: c.Citizenship, Birthday: dateOrNothing(c.BirthDate), Sex: string(c.Sex),
		EmployeeNumber: text(FieldEmployeeNumber, c.Number, `""`),
		IsArchive:      c.Archived,
		CompaniesINN:   strs(c.INNs), CompaniesID: strs(c.Companies),
	}
	if c.ID != "" {
		e.ID = new(string(c.ID))
	}
	if len(c.Bonuses) > 0 || clears(FieldBonuses) {
		e.Bonuses = bonuses(append([]Bonus{}, c.Bonuses...))
	}
	if len(c.Documents) > 0 || clears(FieldDocuments) {
		e.Documents = documents(append([]Document{}, c.Documents...))
	}
	return e
}

func (c EmployeeChange) check(v *valid.Check, field string) {
	v.OptText(field+"ID", string(c.ID))
	for _, f := range []struct{ name, value string }{
		{"Surname", c.Surname}, {"FirstName", c.FirstName}, {"MiddleName", c.MiddleName},
		{"SurnameEng", c.SurnameEng}, {"FirstNameEng", c.FirstNameEng}, {"MiddleNameEng", c.MiddleNameEng},
		{"Citizenship", c.Citizenship}, {"Phone", c.Phone}, {"Email", c.Email}, {"Number", c.Number},
	} {
		v.OptText(field+f.name, f.value)
	}
	if c.Sex != "" {
		checkSex(v, field+"Sex", c.Sex)
	}
	checkOptDate(v, field+"BirthDate", c.BirthDate)
	checkDocuments(v, field+"Documents", c.Documents)
	checkBonuses(v, field+"Bonuses", c.Bonuses)
	checkCompanies(v, field, c.INNs, c.Companies)
	for i, f := range c.Clear {
		at := fmt.Sprintf("%sClear[%d]", field, i)
		filled, ok := map[EmployeeField]bool{
			FieldMiddleName: c.MiddleName != "", FieldSurnameEng: c.SurnameEng != "", FieldFirstNameEng: c.FirstNameEng != "",
			FieldMiddleNameEng: c.MiddleNameEng != "", FieldEmployeeNumber: c.Number != "",
			FieldBonuses: len(c.Bonuses) > 0, FieldDocuments: len(c.Documents) > 0,
		}[f]
		v.That(ok, at, "must be a field that can be emptied")
		v.That(!filled, at, "must not be set and emptied at once")
	}
	if c.ID != "" {
		return
	}
	// Without an id, these are what an employee is found by.
	v.Text(field+"Surname", c.Surname)
	v.Text(field+"FirstName", c.FirstName)
	v.Date(field+"BirthDate", c.BirthDate)
	v.Text(field+"Citizenship", c.Citizenship)
	v.That(len(c.INNs)+len(c.Companies) > 0, field+"Companies", "must not be empty without an ID, unless INNs is set")
}

func (c EmployeeChange) private() []string {
	return slices.Concat([]string{
		c.Surname, c.FirstName, c.MiddleName, c.SurnameEng, c.FirstNameEng, c.MiddleNameEng,
		dateOrNothing(c.BirthDate), c.Phone, c.Email, c.Number,
	}, privateDocuments(c.Documents), privateBonuses(c.Bonuses))
}

// SavedEmployee is what became of one employee.
type SavedEmployee struct {
	// ID is as the supplier answers: the caller's own, or Smartway's if the
	// employee had none.
	ID string
	// Change is the index of the change that this is the result of: found by
	// the caller's id or, if there are as many results as changes, by its place,
	// although the manual promises no order. -1: not known beyond doubt.
	Change  int
	Saved   bool   // success
	Problem string // whatever the supplier says beside; the manual shows no failure
}

// UnsavedError is in the chain of the error of [EmployeeService.Save] when the
// supplier refused some of the employees: their results. The others were saved.
type UnsavedError []SavedEmployee

// Error names the changes by their indexes.
func (u UnsavedError) Error() string {
	var changes []string
	for _, s := range u {
		changes = append(changes, strconv.Itoa(s.Change))
	}
	return fmt.Sprintf("%d not saved: [%s]", len(u), strings.Join(changes, " "))
}

// Save creates employees or changes what is stored about them. If the supplier
// refuses some, the error is [rutravel.ErrRejected] with [UnsavedError] in its chain;
// the others were saved, and all results are returned beside it.
//
// With the caller's id for everybody, the call may be repeated at will, and is.
// If anybody has none, it is sent once, for a second might create one employee
// twice; with [rutravel.ErrNotConfirmed], look with [EmployeeService.List] by the
// company, or with [EmployeeService.ListAll] if only its INN is known, for some
// minutes before it is made again. Detach such a call from a user's request.
//
// Smartway: POST employees.save
func (s EmployeeService) Save(ctx context.Context, changes []EmployeeChange, opts ...rutravel.CallOption) ([]SavedEmployee, error) {
	var v valid.Check
	v.That(len(changes) > 0, "changes", "must not be empty")
	op := opEmployeesSave
	var private []string
	query := struct {
		Employees []employee `json:"employees"`
	}{}
	for i, c := range changes {
		c.check(&v, fmt.Sprintf("changes[%d].", i))
		v.That(c.ID == "" || !slices.ContainsFunc(changes[:i], func(other EmployeeChange) bool { return other.ID == c.ID }),
			fmt.Sprintf("changes[%d].ID", i), "must not be another change's too")
		if c.ID == "" {
			op = opEmployeesSaveNullID
		}
		query.Employees = append(query.Employees, c.request())
		private = append(private, c.private()...)
	}
	var results []SavedEmployee
	saved, err := judged(ctx, s.e, op, query, private, v, func(d *wire.Decoder, all *[]SavedEmployee) error {
		err := wire.List(d, all, (*SavedEmployee).decode)
		if len(*all) < len(changes) {
			d.Fail("", "want a result for every employee")
		}
		correlate(*all, changes)
		return err
	}, func(all []SavedEmployee) error {
		var refused UnsavedError
		for _, r := range all {
			if !r.Saved {
				refused = append(refused, r)
			}
		}
		if len(refused) == 0 {
			return nil
		}
		results = all
		return &transport.Refusal{Detail: func(func(string) string) error { return refused }}
	}, opts)
	if _, ok := errors.AsType[UnsavedError](err); ok { // a refusal comes without a value
		saved = results
	}
	return saved, err
}

// correlate finds the changes that results belong to: by the caller's id first.
// Whoever has none is answered with Smartway's, which may be the same as
// another's of the caller's: a match at the place of such a change proves
// nothing while there are results without one. The places of the others count
// as long as no match is out of place, and one that is left over belongs to
// what is left over.
func correlate(results []SavedEmployee, changes []EmployeeChange) {
	known := map[string]int{}
	for i, c := range changes {
		if c.ID != "" {
			known[string(c.ID)] = i
		}
	}
	free := map[int]bool{}
	for i := range changes {
		free[i] = true
	}
	var unmatched, doubtful []int
	ordered := len(results) == len(changes)
	for i, r := range results {
		change, ok := known[r.ID]
		if !ok {
			results[i].Change = -1
			unmatched = append(unmatched, i)
			continue
		}
		results[i].Change = change
		delete(free, change)
		if i != change {
			ordered = false
			if i < len(changes) && changes[i].ID == "" {
				doubtful = append(doubtful, i)
			}
		}
	}
	switch {
	case len(unmatched) == 0 || len(results) != len(changes):
	case len(doubtful) > 0:
		for _, i := range doubtful {
			results[i].Change = -1
		}
	case len(unmatched) == 1 && len(free) == 1:
		for change := range free {
			results[unmatched[0]].Change = change
		}
	case ordered:
		for _, i := range unmatched {
			if free[i] {
				results[i].Change = i
			}
		}
	}
}

func (s *SavedEmployee) decode(d *wire.Decoder) error {
	var said []string
	err := d.Object(func(name []byte) error {
		switch string(name) {
		case "id": // a text or a number; not said to be there when nothing was saved
			return wire.String(d, &s.ID)
		case "success":
			return d.Flag(&s.Saved)
		default:
			return d.Texts(&said)
		}
	}, "success")
	s.Problem = strings.Join(said, "; ")
	return err
}

// EmployeeQuery says whom to list. Of both lists, at least one must not be
// empty: nobody gets the personal data of a whole account by mistake.
type EmployeeQuery struct {
	Companies []CompanyID  // companies_id: whose employees to list
	Employees []ExternalID // employees_id: whom to list, by the caller's ids; empty: all of the companies'
}

// Employee is an employee as Smartway lists them.
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

// EmployeeStatus is whether an employee is at work and may log in.
type EmployeeStatus string

// The statuses. Employees at work are those with the first two.
const (
	EmployeeWithoutLogin EmployeeStatus = "Active"   // at work, without access to the service
	EmployeeUser         EmployeeStatus = "User"     // at work, with access to the service
	EmployeeArchived     EmployeeStatus = "Archived" // dismissed
)

// EmployeeCompany is a company in which an employee works.
type EmployeeCompany struct {
	ID        CompanyID  // CompanyId
	Name      string     // CompanyName
	ShortName string     // ShortCompanyName
	Employee  EmployeeID // EmployeeId: the employee's at Smartway
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
	Employee EmployeeID // EmployeeId: the employee's at Smartway
	Type     BonusType  // Type
	Code     string     // Code: the airline's IATA code, or [RailwayBonus]
	Number   string     // Number
}

// List lists the employees of companies, or those with the given ids. A user
// who may not edit others is the only one listed, without an error.
//
// Smartway: POST employees.list
func (s EmployeeService) List(ctx context.Context, q EmployeeQuery, opts ...rutravel.CallOption) ([]Employee, error) {
	var v valid.Check
	v.That(len(q.Companies)+len(q.Employees) > 0, "Companies", "must not be empty, unless Employees is set (ListAll lists everybody)")
	for i, id := range q.Companies {
		v.Number(fmt.Sprintf("Companies[%d]", i), string(id))
	}
	for i, id := range q.Employees {
		v.Text(fmt.Sprintf("Employees[%d]", i), string(id))
	}
	return call(ctx, s.e, opEmployeesList, q.request(), nil, v, decodeEmployees, opts)
}

// ListAll lists the employees of all companies of the account: everybody's
// personal data.
//
// Smartway: POST employees.list
func (s EmployeeService) ListAll(ctx context.Context, opts ...rutravel.CallOption) ([]Employee, error) {
	return call(ctx, s.e, opEmployeesList, EmployeeQuery{}.request(), nil, valid.Check{}, decodeEmployees, opts)
}

type employeeQuery struct {
	CompaniesID []json.Number `json:"companies_id"`
	EmployeesID []any         `json:"employees_id"`
}

func (q EmployeeQuery) request() employeeQuery {
	out := employeeQuery{CompaniesID: numbers(q.Companies), EmployeesID: []any{}}
	for _, id := range q.Employees {
		out.EmployeesID = append(out.EmployeesID, id.asWritten())
	}
	return out
}

// asWritten is a number if the id is one, as in the sample, and otherwise a text.
func (id ExternalID) asWritten() any {
	const longest = 18 // digits that an int64 holds
	if number := new(valid.Check); len(id) <= longest {
		if number.Number("", string(id)); number.Err() == nil {
			return json.Number(id)
		}
	}
	return string(id)
}

func decodeEmployees(d *wire.Decoder, all *[]Employee) error {
	return wire.List(d, all, (*Employee).decode)
}

func (e *Employee) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "Id":
			return wire.ID(d, &e.ID)
		case "ExternalId":
			return wire.String(d, &e.ExternalID)
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
			return sexOf(d, &e.Sex)
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
			return wire.List(d, &e.Tags, text)
		default:
			return d.Skip()
		}
	}, "Id")
}

// text reads an element of a list of texts.
func text[T ~string](p *T, d *wire.Decoder) error { return wire.String(d, p) }

func (c *EmployeeCompany) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "CompanyId":
			return wire.ID(d, &c.ID)
		case "CompanyName":
			return wire.String(d, &c.Name)
		case "ShortCompanyName":
			return wire.String(d, &c.ShortName)
		case "EmployeeId":
			return wire.String(d, &c.Employee)
		default:
			return d.Skip()
		}
	}, "CompanyId")
}

func (c *EmployeeDocument) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "Id":
			return wire.String(d, &c.ID)
		case "Type":
			return documentTypeOf(d, &c.Type)
		case "Number":
			return wire.String(d, &c.Number)
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
	})
}

func (b *EmployeeBonus) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "Id":
			return wire.String(d, &b.ID)
		case "EmployeeId": // a text in the table, a number in the sample
			return wire.String(d, &b.Employee)
		case "Type":
			return bonusTypeOf(d, &b.Type)
		case "Code":
			return wire.String(d, &b.Code)
		case "Number":
			return wire.String(d, &b.Number)
		default:
			return d.Skip()
		}
	})
}

// Rights are what an employee may do at Smartway. In a request, what is "" is
// not sent; whether it keeps its value then is not said, and no method reads
// rights, so compare what the answer says.
type Rights struct {
	CanLogin        *bool         // CanLogin: may log in; needed, for either value by default would do harm
	Approve         Access        // Approve: may approve the trips of others
	BuyTripAccount  Buying        // BuyTripAccount: buys trips for all employees of the account
	BuyTripPersonal Buying        // BuyTripPersonal: buys own trips
	EditEmployee    Scope         // EditEmployee: whose data may be edited
	EditRights      Access        // EditRights: may edit the rights of others
	Finance         Access        // Finance: sees financial documents
	Notifications   Notifications // Notifications: what is mailed
	ViewTrips       Scope         // ViewTrips: whose trips are shown
}

// Access is whether a right is given.
type Access string

// The accesses.
const (
	AccessUndefined   Access = "Undefined"
	AccessUnavailable Access = "Unavailable"
	AccessAvailable   Access = "Available"
)

// Buying is under which conditions trips may be bought.
type Buying string

// The conditions.
const (
	BuyUndefined        Buying = "Undefined"
	BuyUnavailable      Buying = "Unavailable"
	BuyOnlyAfterApprove Buying = "OnlyAfterApprove" // only after an approval
	BuyUnlimited        Buying = "Unlimited"
	BuyWithinPolicy     Buying = "TravelPolicy" // within the employees' travel policies
)

// Scope is on whose data a right is given. There is no "Unavailable" here.
type Scope string

// The scopes.
const (
	ScopeUndefined Scope = "Undefined"
	ScopePersonal  Scope = "Personal" // the employee's own
	ScopeAll       Scope = "All"      // everybody's
)

// Notifications are what an employee is mailed.
type Notifications string

// The notifications.
const (
	NotifyUndefined                   Notifications = "Undefined"
	NotifyUnavailable                 Notifications = "Unavailable"
	NotifyPersonalVouchers            Notifications = "PersonalVouchers"
	NotifyPersonalVouchersAndInvoices Notifications = "PersonalVouchersAndInvoices"
	NotifyAccountVouchers             Notifications = "AccountVouchers"
	NotifyAccountVouchersAndInvoices  Notifications = "AccountVouchersAndInvoices"
	NotifyPersonalInvoices            Notifications = "PersonalInvoices"
	NotifyAccountInvoices             Notifications = "AccountInvoices"
)

// RightsChange says what an employee shall be allowed to do.
type RightsChange struct {
	Employee EmployeeID // employeeId: at Smartway, [Employee].ID
	Rights   Rights     // rights
}

// The members stand in the order of the manual's sample.
type rights struct {
	Approve         string `json:"Approve,omitempty"`
	BuyTripAccount  string `json:"BuyTripAccount,omitempty"`
	BuyTripPersonal string `json:"BuyTripPersonal,omitempty"`
	EditEmployee    string `json:"EditEmployee,omitempty"`
	EditRights      string `json:"EditRights,omitempty"`
	Finance         string `json:"Finance,omitempty"`
	Notifications   string `json:"Notifications,omitempty"`
	ViewTrips       string `json:"ViewTrips,omitempty"`
	CanLogin        bool   `json:"CanLogin"`
}

// SetRights sets an employee's rights and returns them as they are then.
//
// Smartway: POST employees.setRights
func (s EmployeeService) SetRights(ctx context.Context, c RightsChange, opts ...rutravel.CallOption) (Rights, error) {
	var v valid.Check
	v.Number("Employee", string(c.Employee))
	v.That(c.Rights.CanLogin != nil, "Rights.CanLogin", "must be set")
	r := c.Rights
	for _, f := range []struct{ name, value string }{
		{"Approve", string(r.Approve)}, {"BuyTripAccount", string(r.BuyTripAccount)}, {"BuyTripPersonal", string(r.BuyTripPersonal)},
		{"EditEmployee", string(r.EditEmployee)}, {"EditRights", string(r.EditRights)}, {"Finance", string(r.Finance)},
		{"Notifications", string(r.Notifications)}, {"ViewTrips", string(r.ViewTrips)},
	} {
		v.OptText("Rights."+f.name, f.value)
	}
	query := struct {
		EmployeeID json.Number `json:"employeeId"`
		Rights     rights      `json:"rights"`
	}{json.Number(c.Employee), rights{
		Approve: string(r.Approve), BuyTripAccount: string(r.BuyTripAccount), BuyTripPersonal: string(r.BuyTripPersonal),
		EditEmployee: string(r.EditEmployee), EditRights: string(r.EditRights), Finance: string(r.Finance),
		Notifications: string(r.Notifications), ViewTrips: string(r.ViewTrips),
		CanLogin: r.CanLogin != nil && *r.CanLogin,
	}}
	return call(ctx, s.e, opEmployeesSetRights, query, nil, v, func(d *wire.Decoder, r *Rights) error {
		return d.Object(func(name []byte) error {
			if string(name) != "Rights" {
				return d.Skip()
			}
			return r.decode(d)
		}, "Rights")
	}, opts)
}

func (r *Rights) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "CanLogin":
			var can bool
			err := d.Flag(&can)
			r.CanLogin = &can
			return err
		case "Approve":
			return wire.String(d, &r.Approve)
		case "BuyTripAccount":
			return wire.String(d, &r.BuyTripAccount)
		case "BuyTripPersonal":
			return wire.String(d, &r.BuyTripPersonal)
		case "EditEmployee":
			return wire.String(d, &r.EditEmployee)
		case "EditRights":
			return wire.String(d, &r.EditRights)
		case "Finance":
			return wire.String(d, &r.Finance)
		case "Notifications":
			return wire.String(d, &r.Notifications)
		case "ViewTrips":
			return wire.String(d, &r.ViewTrips)
		default:
			return d.Skip()
		}
	}, "CanLogin")
}
