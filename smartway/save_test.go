package smartway_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/smartway"
)

// SW-T18: a result belongs to the change with its id or, if there are as many results
// as changes, to the change at its position.
func TestSaveResults(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	known := func(id smartway.ExternalID) smartway.EmployeeChange {
		return smartway.EmployeeChange{ID: id, Email: "a@example.com"}
	}
	stranger := smartway.EmployeeChange{
		Surname: "Волина", FirstName: "Ирина", BirthDate: civil.Date{Year: 1991, Month: 5, Day: 4}, Citizenship: "RU", Companies: []smartway.CompanyID{"7133"},
	}
	first, second := known("159307"), known("123e4567-e89b-12d3-a456-426655440000")

	got, err := awkwardly(t, "employees.save-order").Employees.Save(ctx, []smartway.EmployeeChange{first, second})
	conformance.Failure(t, err, rutravel.ErrRejected)
	refused, ok := errors.AsType[smartway.UnsavedError](err)
	require.True(t, ok)
	assert.Equal(t, smartway.UnsavedError{{ID: "123e4567-e89b-12d3-a456-426655440000", Change: 1}}, refused)
	assert.Equal(t, []smartway.SaveResult{refused[0], {ID: "159307", Saved: true}}, got)

	e := conformance.Failure(t, err, rutravel.ErrRejected)
	assert.Equal(t, http.StatusOK, e.HTTPStatus)
	assert.Equal(t, 1, e.Attempts)

	got, err = awkwardly(t, "employees.save-two-results").Employees.Save(ctx, []smartway.EmployeeChange{stranger})
	require.NoError(t, err)
	assert.Equal(t, []smartway.SaveResult{{ID: "112233", Change: -1, Saved: true}, {ID: "112234", Change: -1, Saved: true}}, got)

	got, err = awkwardly(t, "employees.save-two-results").Employees.Save(ctx, []smartway.EmployeeChange{stranger, first})
	require.NoError(t, err)
	assert.Equal(t, []int{0, 1}, []int{got[0].Change, got[1].Change})

	got, err = awkwardly(t, "employees.save-failed-error").Employees.Save(ctx, []smartway.EmployeeChange{known("8754"), known("8755")})
	conformance.Failure(t, err, rutravel.ErrRejected)
	assert.Equal(t, "birthday is required", got[0].Problem)
	assert.Equal(t, "birthday is required", conformance.Failure(t, err, rutravel.ErrRejected).Message)

	_, err = awkwardly(t, "employees.save-fewer").Employees.Save(ctx, []smartway.EmployeeChange{first, second})
	conformance.Failure(t, err, rutravel.ErrProtocol)
	_, err = awkwardly(t, "employees.save-fewer").Employees.Save(ctx, []smartway.EmployeeChange{first, stranger})
	conformance.Failure(t, err, rutravel.ErrNotConfirmed)
	_, err = awkwardly(t, "employees.save-empty").Employees.Save(ctx, nil)
	conformance.Invalid(t, err, "changes")
}

// SW-T18: an ambiguous result has no change.
func TestSaveMatching(t *testing.T) {
	t.Parallel()
	stranger := smartway.EmployeeChange{
		Surname: "Волина", FirstName: "Ирина", BirthDate: civil.Date{Year: 1991, Month: 5, Day: 4}, Citizenship: "RU", Companies: []smartway.CompanyID{"7133"},
	}
	known := func(id smartway.ExternalID) smartway.EmployeeChange { return smartway.EmployeeChange{ID: id} }
	a, b := smartway.EmployeeChange{ID: "1", FirstName: "a"}, smartway.EmployeeChange{ID: "2", FirstName: "b"}
	for _, test := range []struct {
		name    string
		changes []smartway.EmployeeChange
		ids     []string
		want    []int
	}{
		{"another order", []smartway.EmployeeChange{a, b}, []string{"2", "1"}, []int{1, 0}},
		{"one id missing", []smartway.EmployeeChange{a, b}, []string{"2", ""}, []int{1, 0}},
		{"one without an id", []smartway.EmployeeChange{a, stranger}, []string{"1", "7"}, []int{0, 1}},
		{"the id is Smartway's or the caller's", []smartway.EmployeeChange{stranger, a}, []string{"1", "7"}, []int{-1, -1}},
		{"two without an id, in order", []smartway.EmployeeChange{stranger, a, stranger}, []string{"7", "1", "8"}, []int{0, 1, 2}},
		{"the only one left over", []smartway.EmployeeChange{a, b, stranger}, []string{"2", "1", "7"}, []int{1, 0, 2}},
		{"more results than changes", []smartway.EmployeeChange{a, stranger}, []string{"1", "7", "8"}, []int{0, -1, -1}},
		{"the same id twice", []smartway.EmployeeChange{a, stranger, stranger}, []string{"1", "1", "7"}, []int{0, -1, -1}},
		{"two left over, in order", []smartway.EmployeeChange{a, b, stranger}, []string{"7", "2", "8"}, []int{0, 1, 2}},
		{"two left over, out of order", []smartway.EmployeeChange{a, b, stranger}, []string{"2", "8", "7"}, []int{1, -1, -1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var results []string
			for _, id := range test.ids {
				results = append(results, `{"id":"`+id+`","success":true}`)
			}
			got, err := with(t, "["+strings.Join(results, ",")+"]").Employees.Save(t.Context(), test.changes)
			require.NoError(t, err)
			for i, change := range test.want {
				assert.Equal(t, change, got[i].Change, "result %d", i)
			}
		})
	}
	for name, test := range map[string]struct {
		changes []smartway.EmployeeChange
		ids     []string
		kind    rutravel.Kind
	}{
		"both have the first id":         {[]smartway.EmployeeChange{a, b}, []string{"1", "1"}, rutravel.ErrProtocol},
		"an id twice, and two left over": {[]smartway.EmployeeChange{a, b, known("3")}, []string{"1", "1", "7"}, rutravel.ErrProtocol},
		"three have the first id":        {[]smartway.EmployeeChange{a, b}, []string{"1", "1", "1"}, rutravel.ErrProtocol},
		"no result of the new employee":  {[]smartway.EmployeeChange{a, b, stranger}, []string{"1", "2", "2"}, rutravel.ErrNotConfirmed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var results []string
			for _, id := range test.ids {
				results = append(results, `{"id":"`+id+`","success":true}`)
			}
			got, err := with(t, "["+strings.Join(results, ",")+"]").Employees.Save(t.Context(), test.changes)
			conformance.Failure(t, err, test.kind)
			assert.Len(t, got, len(test.ids))
		})
	}
	_, err := with(t, "null").Employees.Save(t.Context(), []smartway.EmployeeChange{a, b, a})
	conformance.Invalid(t, err, "changes[2].ID")
}

// SW-T19, SW-T20, SW-T21, SW-T23, SW-T72: unset fields are not sent and cleared fields
// are sent empty. Without an id the fields that identify an employee are required.
func TestSaveSends(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for _, test := range []struct {
		name   string
		change smartway.EmployeeChange
		want   string
	}{
		{"an id", smartway.EmployeeChange{ID: "1"}, `{"id":"1"}`},
		{"empty lists", smartway.EmployeeChange{ID: "1", Documents: []smartway.Document{}, Bonuses: []smartway.Bonus{}, INNs: []smartway.INN{}}, `{"id":"1"}`},
		{"not archived", smartway.EmployeeChange{ID: "1", Archived: new(false)}, `{"id":"1","is_archive":false}`},
		{"a sex", smartway.EmployeeChange{ID: "1", Sex: smartway.Female}, `{"id":"1","sex":"female"}`},
		{"a citizenship that is not in ISO 3166", smartway.EmployeeChange{ID: "1", Citizenship: "UK"}, `{"id":"1","citizenship_code":"UK"}`}, // SW-T72
		{"special characters", smartway.EmployeeChange{ID: "1", Surname: `О"Нил & <Ко>`}, `{"id":"1","surname":"О\"Нил & <Ко>"}`},
		{
			"cleared fields",
			smartway.EmployeeChange{ID: "1", Clear: []smartway.EmployeeField{smartway.FieldSurnameEng, smartway.FieldFirstNameEng, smartway.FieldEmployeeNumber}},
			`{"id":"1","surname_eng":null,"name_eng":null,"employee_number":""}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, queries := asked(t, `[{"id":"1","success":true}]`)
			_, err := c.Employees.Save(ctx, []smartway.EmployeeChange{test.change})
			require.NoError(t, err)
			assert.Equal(t, []string{`{"employees":[` + test.want + `]}`}, *queries)
		})
	}
	for field, change := range map[string]smartway.EmployeeChange{
		"changes[0].Surname":             {},
		"changes[0].BirthDate":           {Surname: "a", FirstName: "b", Citizenship: "RU", Companies: []smartway.CompanyID{"1"}},
		"changes[0].Citizenship":         {Surname: "a", FirstName: "b", BirthDate: civil.Date{Year: 1991, Month: 5, Day: 4}, Companies: []smartway.CompanyID{"1"}},
		"changes[0].Companies":           {Surname: "a", FirstName: "b", BirthDate: civil.Date{Year: 1991, Month: 5, Day: 4}, Citizenship: "RU"},
		"changes[0].ID":                  {ID: "a\n"},
		"changes[0].FirstName":           {Surname: "a", BirthDate: civil.Date{Year: 1991, Month: 5, Day: 4}, Citizenship: "RU", Companies: []smartway.CompanyID{"1"}},
		"changes[0].Number":              {ID: "1", Number: "a\n"},
		"changes[0].INNs[1]":             {ID: "1", INNs: []smartway.INN{"1", ""}},
		"changes[0].Documents[1].Type":   {ID: "1", Documents: []smartway.Document{{Type: "a", Number: "1"}, {Number: "1"}}},
		"changes[0].Bonuses[1].Type":     {ID: "1", Bonuses: []smartway.Bonus{{Type: "a", Code: "1", Number: "1"}, {Code: "1", Number: "1"}}},
		"changes[0].Bonuses[0].Number":   {ID: "1", Bonuses: []smartway.Bonus{{Type: "a", Code: "1"}}},
		"changes[0].Documents[0].Expiry": {ID: "1", Documents: []smartway.Document{{Type: "a", Number: "1", Expiry: civil.Date{Year: 2030, Month: 2, Day: 30}}}},
		"changes[0].Clear[0]":            {ID: "1", Number: "7", Clear: []smartway.EmployeeField{smartway.FieldEmployeeNumber}},
		"changes[0].Clear[1]":            {ID: "1", Clear: []smartway.EmployeeField{smartway.FieldBonuses, "surname"}},
		"changes[0].Sex":                 {ID: "1", Sex: "Man"},
		"changes[0].Email":               {ID: "1", Email: "a\n"},
		"changes[0].Companies[0]":        {ID: "1", Companies: []smartway.CompanyID{"x"}},
		"changes[0].Documents[0].Number": {ID: "1", Documents: []smartway.Document{{Type: smartway.DomesticPassport}}},
		"changes[0].Bonuses[0].Code":     {ID: "1", Bonuses: []smartway.Bonus{{Type: smartway.AirBonus, Number: "1"}}},
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			_, err := with(t, "null").Employees.Save(ctx, []smartway.EmployeeChange{change})
			conformance.Invalid(t, err, field)
		})
	}
}

// Clear must not name a field that is set. The error has the index in Clear.
func TestClearChecked(t *testing.T) {
	t.Parallel()
	for field, set := range map[smartway.EmployeeField]func(*smartway.EmployeeChange){
		smartway.FieldMiddleName:     func(c *smartway.EmployeeChange) { c.MiddleName = "a" },
		smartway.FieldSurnameEng:     func(c *smartway.EmployeeChange) { c.SurnameEng = "a" },
		smartway.FieldFirstNameEng:   func(c *smartway.EmployeeChange) { c.FirstNameEng = "a" },
		smartway.FieldMiddleNameEng:  func(c *smartway.EmployeeChange) { c.MiddleNameEng = "a" },
		smartway.FieldEmployeeNumber: func(c *smartway.EmployeeChange) { c.Number = "a" },
		smartway.FieldBonuses: func(c *smartway.EmployeeChange) {
			c.Bonuses = []smartway.Bonus{{Type: smartway.AirBonus, Code: "SU", Number: "1"}}
		},
		smartway.FieldDocuments: func(c *smartway.EmployeeChange) {
			c.Documents = []smartway.Document{{Type: smartway.DomesticPassport, Number: "1"}}
		},
	} {
		t.Run(string(field), func(t *testing.T) {
			t.Parallel()
			other := smartway.FieldMiddleName
			if field == other {
				other = smartway.FieldSurnameEng
			}
			change := smartway.EmployeeChange{ID: "1", Clear: []smartway.EmployeeField{other, field}}
			set(&change)
			_, err := with(t, "null").Employees.Save(t.Context(), []smartway.EmployeeChange{{ID: "0"}, change})
			conformance.Invalid(t, err, "changes[1].Clear[1]")
		})
	}
}

// The supplier's words are the error's message, without personal data of the request.
func TestSaveWords(t *testing.T) {
	t.Parallel()
	_, err := with(t, `[{"id":"1","success":false,"error":"Не заполнено поле name"},{"id":"2","success":false,"error":["Не заполнено поле name","Иванов уволен"]}]`).
		Employees.Save(t.Context(), []smartway.EmployeeChange{{ID: "1"}, {ID: "2", Surname: "Иванов"}})
	e := conformance.Failure(t, err, rutravel.ErrRejected)
	assert.Contains(t, e.Message, "Не заполнено поле name")
	assert.Contains(t, err.Error(), "Не заполнено поле name")
	assert.Contains(t, err.Error(), "2 not saved: [0 1]")
	assert.NotContains(t, err.Error(), "Иванов")
	refused, ok := errors.AsType[smartway.UnsavedError](err)
	require.True(t, ok)
	assert.NotContains(t, refused[1].Problem, "Иванов")
	fake, c := newFake(t)
	_, err = c.Employees.Save(t.Context(), []smartway.EmployeeChange{{ID: "e7", Surname: "Иванов", Companies: []smartway.CompanyID{"11525"}}})
	assert.Contains(t, err.Error(), "Не заполнено поле name")
	assert.Equal(t, "employees.save", fake.Requests()[0].Op)

	// Other members of a result are ignored.
	got, err := with(t, `[{"id":"1","success":true,"archived":true,"more":{"a":[1]}}]`).Employees.Save(t.Context(), []smartway.EmployeeChange{{ID: "1"}})
	require.NoError(t, err)
	assert.True(t, got[0].Saved)
}

// Texts about people are sent without spaces around them. The caller's values are not
// changed. Ids with spaces around them are refused.
func TestSpacesAround(t *testing.T) {
	t.Parallel()
	spaced := "\u00a0a "
	change := smartway.EmployeeChange{
		ID: "1", Surname: spaced, FirstName: spaced, MiddleName: spaced, SurnameEng: spaced, FirstNameEng: spaced, MiddleNameEng: spaced,
		Citizenship: spaced, Phone: spaced, Email: spaced, Number: spaced,
		Documents: []smartway.Document{{Type: smartway.DomesticPassport, Number: spaced}},
		Bonuses:   []smartway.Bonus{{Type: smartway.AirBonus, Code: spaced, Number: spaced}},
	}
	c, queries := asked(t, `[{"id":"1","success":true}]`)
	_, err := c.Employees.Save(t.Context(), []smartway.EmployeeChange{change})
	require.NoError(t, err)
	assert.Equal(t, 13, strings.Count((*queries)[0], `"a"`))
	assert.NotContains(t, (*queries)[0], "a ")
	assert.Equal(t, spaced, change.Documents[0].Number)

	b := booking()
	p := &b.Passengers[0]
	p.Surname, p.Phone, p.Passports[0].Number, p.Cards = spaced, spaced, spaced, []smartway.LoyaltyCard{{Airline: "SU", Number: spaced}}
	c, queries = asked(t, `"ebb84671-2a79-4352-be59-12f04485dcb1"`)
	_, err = c.Airlines.Buy(t.Context(), b)
	require.NoError(t, err)
	assert.Equal(t, 4, strings.Count((*queries)[0], `"a"`))
	assert.Equal(t, spaced, p.Passports[0].Number)

	r := travelRequest()
	r.Creator.Surname, r.Travellers[0].Documents[0].Number = spaced, spaced
	c, queries = asked(t, `"not_processing"`)
	_, err = c.Requests.Save(t.Context(), r)
	require.NoError(t, err)
	assert.Equal(t, 2, strings.Count((*queries)[0], `"a"`))
	assert.Equal(t, spaced, r.Creator.Surname)

	c, queries = asked(t, `{"uuid":"a"}`)
	_, err = c.Logins.Issue(t.Context(), spaced)
	require.NoError(t, err)
	c2, versions := asked(t, `[]`)
	_, err = c2.Trips.Versions(t.Context(), smartway.VersionQuery{Documents: []string{spaced}})
	require.NoError(t, err)
	assert.Equal(t, []string{`"a"`}, *queries)
	assert.Equal(t, []string{`{"inn_companies":[],"document_numbers":["a"]}`}, *versions)

	bad := with(t, "null")
	_, err = bad.Employees.Save(t.Context(), []smartway.EmployeeChange{{ID: "1", MiddleName: " "}})
	conformance.Invalid(t, err, "changes[0].MiddleName")
	for field, call := range map[string]func() error{
		"changes[0].ID": func() error {
			_, err := bad.Employees.Save(t.Context(), []smartway.EmployeeChange{{ID: " 1"}})
			return err
		},
		"Passengers[0].ID": func() error {
			b := booking()
			b.Passengers[0].ID += " "
			_, err := bad.Airlines.Buy(t.Context(), b)
			return err
		},
		"Fare": func() error {
			b := booking()
			b.Fare = " a"
			_, err := bad.Airlines.Buy(t.Context(), b)
			return err
		},
		"ID": func() error {
			r := travelRequest()
			r.ID = "\u00a0rq1"
			_, err := bad.Requests.Save(t.Context(), r)
			return err
		},
		"Employees[0]": func() error {
			_, err := bad.Employees.List(t.Context(), smartway.EmployeeQuery{Employees: []smartway.ExternalID{"1 "}})
			return err
		},
		"ids[0]": func() error {
			_, err := bad.Requests.Statuses(t.Context(), []smartway.RequestID{"1 "})
			return err
		},
		"id": func() error { return bad.Requests.Cancel(t.Context(), " 1") },
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			conformance.Invalid(t, call(), field)
		})
	}
}
