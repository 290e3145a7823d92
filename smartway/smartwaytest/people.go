package smartwaytest

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

type company struct {
	id         int
	inn        string
	name, full string
}

var companies = []company{
	{11525, "7799555550", `ООО "Конфетпром"`, `Общество с ограниченной ответственностью "Конфетпром"`},
	{7134, "1111111111", `ООО "Бета"`, `Общество с ограниченной ответственностью "Бета"`},
}

// findCompany finds a company by its id or, without one, by its INN.
func findCompany(id, inn string) *company {
	for i, c := range companies {
		if id == strconv.Itoa(c.id) || id == "" && inn == c.inn {
			return &companies[i]
		}
	}
	return nil
}

// person is an employee in the form of employees.save and request.save.
type person struct {
	ID             *string    `json:"id"`
	MobilePhone    string     `json:"mobile_phone"`
	Surname        string     `json:"surname"`
	Name           string     `json:"name"`
	Patronymic     *string    `json:"patronymic"`
	SurnameEng     *string    `json:"surname_eng"`
	NameEng        *string    `json:"name_eng"`
	PatronymicEng  *string    `json:"patronymic_eng"`
	Email          string     `json:"email"`
	Citizenship    string     `json:"citizenship_code"`
	Birthday       string     `json:"birthday"`
	Sex            string     `json:"sex"`
	EmployeeNumber *string    `json:"employee_number"`
	IsArchive      *bool      `json:"is_archive"`
	Bonuses        []bonus    `json:"bonuses"`
	Documents      []document `json:"documents"`
	CompaniesINN   texts      `json:"companies_inn"`
	CompaniesID    []string   `json:"companies_id"`
}

type bonus struct {
	Code   string `json:"code"`
	Number string `json:"number"`
	Type   string `json:"type"`
}

type document struct {
	Number  string  `json:"number"`
	DueDate *string `json:"due_date"`
	Type    string  `json:"type"`
}

// texts is a list of texts or one text.
type texts []string

func (t *texts) UnmarshalJSON(raw []byte) error {
	if raw[0] == '"' {
		*t = make(texts, 1)
		return json.Unmarshal(raw, &(*t)[0])
	}
	return json.Unmarshal(raw, (*[]string)(t))
}

// employee is an employee who is stored at the supplier.
type employee struct {
	id     int
	status string
	person // as sent
}

func (s *Server) agent() *employee {
	id, none := "agent-1", ""
	return &employee{id: 159304, status: "User", person: person{
		ID: &id, MobilePhone: "+79990000000", Surname: "Агентов", Name: "Агент", Patronymic: &none, EmployeeNumber: &none,
		Email: Username, Citizenship: "RU", Birthday: "1981-01-01", Sex: "male", CompaniesID: []string{"11525"},
	}}
}

func deref(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

// find finds an employee by the manual's rules: by the client's id, then by name and
// company.
func (s *Server) find(p person) *employee {
	for _, e := range s.employees {
		if p.ID != nil && deref(e.ID) == *p.ID {
			return e
		}
	}
	for _, e := range s.employees {
		if e.Surname == p.Surname && e.Name == p.Name && deref(e.Patronymic) == deref(p.Patronymic) &&
			e.Birthday == p.Birthday && e.Citizenship == p.Citizenship && p.Surname != "" && sharesCompany(e.person, p) {
			return e
		}
	}
	return nil
}

func sharesCompany(a, b person) bool {
	return slices.ContainsFunc(a.employers(), func(c *company) bool { return slices.Contains(b.employers(), c) })
}

// employers returns the companies of a person that the supplier knows.
func (p person) employers() (all []*company) {
	for _, id := range p.CompaniesID {
		if c := findCompany(id, ""); c != nil {
			all = append(all, c)
		}
	}
	if len(all) > 0 {
		return all
	}
	for _, inn := range p.CompaniesINN {
		if c := findCompany("", inn); c != nil {
			all = append(all, c)
		}
	}
	return all
}

// store creates an employee or changes the fields that are sent. It returns a problem if a
// field is missing.
func (s *Server) store(raw json.RawMessage) (e *employee, p *problem) {
	var sent person
	if p = parse(raw, &sent); p != nil {
		return nil, p
	}
	if e = s.find(sent); e == nil {
		for _, field := range []struct{ name, value string }{
			{"surname", sent.Surname}, {"name", sent.Name}, {"sex", sent.Sex}, {"birthday", sent.Birthday},
			{"citizenship_code", sent.Citizenship}, {"mobile_phone", sent.MobilePhone}, {"email", sent.Email},
		} {
			if field.value == "" {
				return nil, invalid("Не заполнено поле " + field.name)
			}
		}
		if len(sent.employers()) == 0 {
			return nil, invalid("Не найдена компания сотрудника")
		}
		s.ids++
		e = &employee{id: 159304 + s.ids, status: "Active"}
		s.employees = append(s.employees, e)
	}
	id := e.ID
	if err := json.Unmarshal(raw, &e.person); err != nil {
		return nil, invalid("Invalid params")
	}
	if sent.ID == nil {
		e.ID = id
	}
	if e.IsArchive != nil {
		e.status = "Active"
		if *e.IsArchive {
			e.status = "Archived"
		}
	}
	return e, nil
}

func saveEmployees(s *Server, query json.RawMessage, _ time.Time) (any, *problem) {
	var q struct {
		Employees []json.RawMessage `json:"employees"`
	}
	if p := parse(query, &q); p != nil || len(q.Employees) == 0 {
		return nil, invalid("Invalid params")
	}
	var results []object
	for _, raw := range q.Employees {
		var sent person
		_ = json.Unmarshal(raw, &sent)
		e, p := s.store(raw)
		switch {
		case p != nil:
			results = append(results, object{{"id", sent.ID}, {"success", false}, {"error", p.message}})
		case e.ID != nil:
			results = append(results, object{{"id", *e.ID}, {"success", true}})
		default:
			results = append(results, object{{"id", e.id}, {"success", true}})
		}
	}
	return results, nil
}

func listEmployees(s *Server, query json.RawMessage, _ time.Time) (any, *problem) {
	var q struct {
		CompaniesID []int             `json:"companies_id"`
		EmployeesID []json.RawMessage `json:"employees_id"`
	}
	if p := parse(query, &q); p != nil {
		return nil, p
	}
	if q.CompaniesID == nil || q.EmployeesID == nil {
		return nil, invalid("companies_id and employees_id are required")
	}
	list := []object{}
	for _, e := range s.employees {
		works := len(q.CompaniesID) == 0 || slices.ContainsFunc(e.employers(), func(c *company) bool { return slices.Contains(q.CompaniesID, c.id) })
		asked := len(q.EmployeesID) == 0 || slices.ContainsFunc(q.EmployeesID, func(raw json.RawMessage) bool {
			return strings.Trim(string(raw), `"`) == deref(e.ID)
		})
		if works && asked || s.quirks.NoFilters {
			list = append(list, e.object())
		}
	}
	return list, nil
}

// pascal converts a word to the form of employees.list.
func pascal(word string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(word, "_") {
		if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}

func (p person) listedSex() string {
	switch strings.ToLower(p.Sex) {
	case "male", "man":
		return "Man"
	default:
		return "Woman"
	}
}

func (e *employee) object() object {
	bonuses, documents, works := []object{}, []object{}, []object{}
	for i, b := range e.Bonuses {
		bonuses = append(bonuses, object{
			{"Code", b.Code}, {"EmployeeId", e.id}, {"Id", i + 1}, {"Number", b.Number}, {"Type", pascal(b.Type)},
		})
	}
	for i, d := range e.Documents {
		var due any
		if d.DueDate != nil {
			due = *d.DueDate + "T00:00:00"
		}
		documents = append(documents, object{
			{"DueDate", due}, {"FirstName", deref(e.NameEng)}, {"Id", i + 1}, {"LastName", deref(e.SurnameEng)},
			{"MiddleName", deref(e.Patronymic)}, {"Name", e.Name}, {"Number", d.Number}, {"Patronymic", deref(e.PatronymicEng)},
			{"Selected", false}, {"Surname", e.Surname}, {"Type", pascal(d.Type)},
		})
	}
	for _, c := range e.employers() {
		works = append(works, object{{"CompanyId", c.id}, {"CompanyName", c.full}, {"EmployeeId", e.id}, {"ShortCompanyName", c.name}})
	}
	var birthday any
	if e.Birthday != "" {
		birthday = e.Birthday + "T00:00:00"
	}
	return object{
		{"Birthday", birthday}, {"Bonuses", bonuses}, {"Code", e.Citizenship}, {"Code3", e.Citizenship + "S"},
		{"Companies", works}, {"Documents", documents}, {"Email", e.Email}, {"EmployeeNumber", deref(e.EmployeeNumber)},
		{"ExternalId", e.ID}, {"Id", e.id}, {"MobilePhone", e.MobilePhone}, {"Name", e.Name}, {"Patronymic", deref(e.Patronymic)},
		{"Sex", e.listedSex()}, {"Status", e.status}, {"Surname", e.Surname}, {"Tags", []string{}},
	}
}

// Rights and their values.
var rights = []struct {
	name   string
	values []string
}{
	{"Approve", []string{"Undefined", "Unavailable", "Available"}},
	{"BuyTripAccount", []string{"Undefined", "Unavailable", "OnlyAfterApprove", "Unlimited", "TravelPolicy"}},
	{"BuyTripPersonal", []string{"Undefined", "Unavailable", "OnlyAfterApprove", "Unlimited", "TravelPolicy"}},
	{"CanLogin", nil},
	{"EditEmployee", []string{"Undefined", "Personal", "All"}},
	{"EditRights", []string{"Undefined", "Unavailable", "Available"}},
	{"Finance", []string{"Undefined", "Unavailable", "Available"}},
	{"Notifications", []string{
		"Undefined", "Unavailable", "PersonalVouchers", "PersonalVouchersAndInvoices", "AccountVouchers",
		"AccountVouchersAndInvoices", "PersonalInvoices", "AccountInvoices",
	}},
	{"ViewTrips", []string{"Undefined", "Personal", "All"}},
}

func setRights(s *Server, query json.RawMessage, _ time.Time) (any, *problem) {
	var q struct {
		EmployeeID int            `json:"employeeId"`
		Rights     map[string]any `json:"rights"`
	}
	if p := parse(query, &q); p != nil {
		return nil, p
	}
	e := s.byID(q.EmployeeID)
	if e == nil {
		return nil, notFound("Employee not found")
	}
	given := object{}
	for _, right := range rights {
		value, set := q.Rights[right.name]
		text, isText := value.(string)
		can, isBool := value.(bool)
		switch {
		case right.name == "CanLogin" && !isBool:
			return nil, invalid("CanLogin is required")
		case right.name == "CanLogin":
			if e.status != "Archived" {
				e.status = map[bool]string{true: "User", false: "Active"}[can]
			}
		case !set:
			value = "Undefined"
		case !isText || !slices.Contains(right.values, text):
			return nil, invalid("Invalid value of " + right.name)
		}
		delete(q.Rights, right.name)
		given = append(given, member{right.name, value})
	}
	if len(q.Rights) > 0 {
		return nil, invalid("Unknown right")
	}
	return object{{"Rights", given}}, nil
}

func (s *Server) byID(id int) *employee {
	i := slices.IndexFunc(s.employees, func(e *employee) bool { return e.id == id })
	if i < 0 {
		return nil
	}
	return s.employees[i]
}

func (s *Server) byExternalID(id string) *employee {
	i := slices.IndexFunc(s.employees, func(e *employee) bool { return e.ID != nil && *e.ID == id })
	if i < 0 {
		return nil
	}
	return s.employees[i]
}
