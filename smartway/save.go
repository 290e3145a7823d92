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

	// Clear names fields to be emptied, because an empty text or list is not sent,
	// whether it is nil or not. How a field is emptied is not documented; each constant
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

func (c EmployeeChange) encode() employee {
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
	checkOptID(v, field+"ID", string(c.ID))
	for _, f := range []struct{ name, value string }{
		{"Surname", c.Surname}, {"FirstName", c.FirstName}, {"MiddleName", c.MiddleName},
		{"SurnameEng", c.SurnameEng}, {"FirstNameEng", c.FirstNameEng}, {"MiddleNameEng", c.MiddleNameEng},
		{"Citizenship", c.Citizenship}, {"Phone", c.Phone}, {"Email", c.Email}, {"Number", c.Number},
	} {
		checkOptText(v, field+f.name, f.value)
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

// trimmed is the change without spaces around its texts.
func (c EmployeeChange) trimmed() EmployeeChange {
	trim(&c.Surname, &c.FirstName, &c.MiddleName, &c.SurnameEng, &c.FirstNameEng, &c.MiddleNameEng,
		&c.Citizenship, &c.Phone, &c.Email, &c.Number)
	c.Documents, c.Bonuses = each(c.Documents, Document.trimmed), each(c.Bonuses, Bonus.trimmed)
	return c
}

func (c EmployeeChange) private() []string {
	return slices.Concat([]string{
		c.Surname, c.FirstName, c.MiddleName, c.SurnameEng, c.FirstNameEng, c.MiddleNameEng,
		dateOrNothing(c.BirthDate), c.Phone, c.Email, c.Number,
	}, privateDocuments(c.Documents), privateBonuses(c.Bonuses))
}

// SaveResult is the supplier's answer about one employee.
type SaveResult struct {
	// ID is as the supplier answers: the caller's own, or Smartway's if the
	// employee had none. May be empty.
	ID string
	// Change is the index of the change that this is the result of. It is found
	// by the caller's id or, if there are as many results as changes, by its
	// position, although the manual promises no order. -1: ambiguous.
	Change  int
	Saved   bool   // success
	Problem string // every other text of the result; the manual shows no failure
}

// UnsavedError is in the chain of the error of [Employees.Save] when the supplier
// refused some of the employees. It holds their results. The others were saved.
type UnsavedError []SaveResult

// Error names the changes by their indexes.
func (u UnsavedError) Error() string {
	var changes []string
	for _, s := range u {
		changes = append(changes, strconv.Itoa(s.Change))
	}
	return fmt.Sprintf("%d not saved: [%s]", len(u), strings.Join(changes, " "))
}

// Save creates employees or changes what is stored about them. If the supplier
// refuses some, the error is [rutravel.ErrRejected] with [UnsavedError] in its
// chain and with the supplier's words as its Message. The others were saved, and all
// results are returned with the error.
//
// A call in which every employee has the caller's id can be retried and is. A
// call with an employee without an id is sent once, because a second one might
// create the employee twice. Detach such a call from a user's request. After
// [rutravel.ErrNotConfirmed], see [Employees.SaveOperation] and [Employees.Lost].
//
// Smartway: POST employees.save
func (s Employees) Save(ctx context.Context, changes []EmployeeChange, opts ...rutravel.CallOption) ([]SaveResult, error) {
	changes = each(changes, EmployeeChange.trimmed)
	r := &request{op: opEmployeesSave}
	if slices.ContainsFunc(changes, func(c EmployeeChange) bool { return c.ID == "" }) {
		r.op = opEmployeesSaveNullID
	}
	r.save(changes)
	var results []SaveResult
	saved, err := call(ctx, s.core, r, func(d *wire.Decoder, all *[]SaveResult) error {
		err := wire.List(d, all, (*SaveResult).decode)
		if matchResults(*all, changes); !complete(*all, len(changes)) {
			d.Fail("", "want a result for every employee")
		}
		results = *all
		return err
	}, judgeSaved, opts)
	if _, refused := errors.AsType[UnsavedError](err); refused { // a refusal comes without a value
		saved = results
	}
	return saved, err
}

// save checks the changes and makes the query of them.
func (r *request) save(changes []EmployeeChange) {
	r.That(len(changes) > 0, "changes", "must not be empty")
	query := struct {
		Employees []employee `json:"employees"`
	}{}
	for i, c := range changes {
		at := fmt.Sprintf("changes[%d].", i)
		c.check(&r.Check, at)
		r.That(c.ID == "" || !slices.ContainsFunc(changes[:i], func(other EmployeeChange) bool { return other.ID == c.ID }),
			at+"ID", "must not be another change's too")
		query.Employees = append(query.Employees, c.encode())
		r.private = append(r.private, c.private()...)
	}
	r.query = query
}

// judgeSaved makes a refusal of the results that are not a success.
func judgeSaved(all []SaveResult) error {
	var refused UnsavedError
	for _, r := range all {
		if !r.Saved {
			refused = append(refused, r)
		}
	}
	if len(refused) == 0 {
		return nil
	}
	return &transport.Refusal{Message: refused.words(), Detail: func(conceal func(string) string) error {
		for i := range refused {
			refused[i].Problem = conceal(refused[i].Problem)
		}
		return refused
	}}
}

// words are what the supplier says, each text once.
func (u UnsavedError) words() string {
	var all []string
	for _, s := range u {
		if s.Problem != "" && !slices.Contains(all, s.Problem) {
			all = append(all, s.Problem)
		}
	}
	return strings.Join(all, "; ")
}

// complete reports whether every change has a result, or can have one of those
// that belong to no change for certain.
func complete(results []SaveResult, changes int) bool {
	ambiguous := 0
	answered := map[int]bool{}
	for _, r := range results {
		if r.Change < 0 {
			ambiguous++
		} else {
			answered[r.Change] = true
		}
	}
	return len(answered)+ambiguous >= changes
}

// matchResults finds the change of each result, by the caller's id first.
//
// An employee without an id is answered with Smartway's id, which may equal the
// caller's id of another. So a match at the position of such a change is
// ambiguous while there are results without a change.
func matchResults(results []SaveResult, changes []EmployeeChange) {
	m := matchIDs(results, changes)
	if len(m.unmatched) == 0 || len(results) != len(changes) {
		return
	}
	ambiguous := slices.DeleteFunc(slices.Clone(m.moved), func(i int) bool { return changes[i].ID != "" })
	switch {
	case len(ambiguous) > 0:
		for _, i := range ambiguous {
			results[i].Change = -1
		}
	case len(m.unmatched) == 1 && len(m.free) == 1: // the last ones of both belong together
		for change := range m.free {
			results[m.unmatched[0]].Change = change
		}
	case len(m.moved) == 0: // the others are in order, so these are too
		for _, i := range m.unmatched {
			results[i].Change = i
		}
	}
}

// idMatches says which results and changes have the same id.
type idMatches struct {
	unmatched []int        // indexes of results without a change
	moved     []int        // indexes of results whose change has another index
	free      map[int]bool // indexes of changes without a result
}

// matchIDs sets the change of each result whose id is that of a change.
func matchIDs(results []SaveResult, changes []EmployeeChange) idMatches {
	m := idMatches{free: map[int]bool{}}
	byID := map[string]int{}
	for i, c := range changes {
		m.free[i] = true
		if c.ID != "" {
			byID[string(c.ID)] = i
		}
	}
	for i := range results {
		change, ok := byID[results[i].ID]
		if !ok {
			results[i].Change = -1
			m.unmatched = append(m.unmatched, i)
			continue
		}
		results[i].Change = change
		delete(m.free, change)
		if i != change {
			m.moved = append(m.moved, i)
		}
	}
	return m
}

func (s *SaveResult) decode(d *wire.Decoder) error {
	var said []string
	err := d.Fields(func(name []byte) error {
		switch string(name) {
		case "id": // a text or a number; not said to be there when nothing was saved
			return wire.OptID(d, &s.ID)
		case "success":
			return d.Flag(&s.Saved)
		default:
			return d.Texts(&said)
		}
	}, "id?", "success")
	s.Problem = strings.Join(said, "; ")
	return err
}
