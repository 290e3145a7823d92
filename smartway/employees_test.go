package smartway_test

import (
	"errors"
	"testing"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/smartway"
)

// SW-T13, SW-T14, SW-T15, SW-T75: companies are sent as numbers and ids as numbers
// or texts. Both lists are always sent. Only ListAll sends two empty lists. An empty
// answer is not an error.
func TestEmployeesListSends(t *testing.T) {
	t.Parallel()
	c, queries := asked(t, "[]")
	_, err := c.Employees.List(t.Context(), smartway.EmployeeQuery{Employees: []smartway.ExternalID{"99999", "0042", "e-1", "123456789012345678", "1234567890123456789"}})
	require.NoError(t, err)
	_, err = c.Employees.ListAll(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{
		`{"companies_id":[],"employees_id":[99999,"0042","e-1",123456789012345678,"1234567890123456789"]}`, `{"companies_id":[],"employees_id":[]}`,
	}, *queries)
	_, err = c.Employees.List(t.Context(), smartway.EmployeeQuery{})
	conformance.Invalid(t, err, "Companies")
	_, err = c.Employees.List(t.Context(), smartway.EmployeeQuery{Companies: []smartway.CompanyID{"1", "x"}})
	conformance.Invalid(t, err, "Companies[1]")
	_, err = c.Employees.List(t.Context(), smartway.EmployeeQuery{Employees: []smartway.ExternalID{"1", " "}})
	conformance.Invalid(t, err, "Employees[1]")
}

// An employee becomes a passenger or a traveller, with the names in Latin letters of
// the selected document.
func TestEmployeeConverted(t *testing.T) {
	t.Parallel()
	e := smartway.Employee{
		ID: "159311", ExternalID: "e1", Surname: "Гордина", FirstName: "Елена", MiddleName: "Владимировна", Email: "g@example.com",
		Phone: "+79256666666", Sex: smartway.Female, BirthDate: civil.Date{Year: 1990, Month: 4, Day: 15}, Citizenship: "RU",
		Companies: []smartway.EmployeeCompany{{ID: "7133"}},
		Documents: []smartway.EmployeeDocument{
			{Type: smartway.ForeignPassport, Number: "711234567", Expiry: civil.Date{Year: 2030, Month: 3, Day: 15}, SurnameEng: "HORDINA", FirstNameEng: "ELENA"},
			{Type: smartway.DomesticPassport, Number: "1134111133", SurnameEng: "Gordina", FirstNameEng: "Elena", MiddleNameEng: "Vladimirovna", Selected: true},
		},
		Bonuses: []smartway.EmployeeBonus{
			{Type: smartway.TrainBonus, Code: smartway.RailwayBonus, Number: "555"}, {Type: smartway.AirBonus, Code: "S7", Number: "2143235345"},
		},
	}
	assert.Equal(t, smartway.Passenger{
		ID: "e1", Phone: "+79256666666", Surname: "Гордина", FirstName: "Елена", MiddleName: "Владимировна",
		SurnameEng: "Gordina", FirstNameEng: "Elena", MiddleNameEng: "Vladimirovna", Email: "g@example.com", Citizenship: "RU",
		BirthDate: civil.Date{Year: 1990, Month: 4, Day: 15}, Sex: smartway.Female,
		Cards: []smartway.LoyaltyCard{{Airline: "S7", Number: "2143235345"}},
		Passports: []smartway.TravelDocument{
			{Type: smartway.ForeignPassport, Number: "711234567", Expiry: civil.Date{Year: 2030, Month: 3, Day: 15}},
			{Type: smartway.DomesticPassport, Number: "1134111133", Selected: true},
		},
		Company: "7133",
	}, e.Passenger())
	assert.Equal(t, smartway.Traveller{
		ID: "e1", Surname: "Гордина", FirstName: "Елена", MiddleName: "Владимировна",
		SurnameEng: "Gordina", FirstNameEng: "Elena", MiddleNameEng: "Vladimirovna", Sex: smartway.Female,
		BirthDate: civil.Date{Year: 1990, Month: 4, Day: 15}, Citizenship: "RU", Phone: "+79256666666", Email: "g@example.com",
		Documents: []smartway.Document{
			{Type: smartway.ForeignPassport, Number: "711234567", Expiry: civil.Date{Year: 2030, Month: 3, Day: 15}},
			{Type: smartway.DomesticPassport, Number: "1134111133"},
		},
		Bonuses: []smartway.Bonus{
			{Type: smartway.TrainBonus, Code: smartway.RailwayBonus, Number: "555"}, {Type: smartway.AirBonus, Code: "S7", Number: "2143235345"},
		},
		Companies: []smartway.CompanyID{"7133"},
	}, e.Traveller())
	e.Documents = e.Documents[:1]
	e.Companies = append(e.Companies, smartway.EmployeeCompany{ID: "7134"})
	p := e.Passenger()
	assert.Equal(t, "HORDINA", p.SurnameEng)
	assert.True(t, p.Passports[0].Selected, "a single document is selected")
	assert.Empty(t, p.Company, "there are two companies")
	_, err := with(t, "null").Airlines.Buy(t.Context(), smartway.PurchaseRequest{Search: "s", Variant: "1", Passengers: []smartway.Passenger{p}})
	conformance.Invalid(t, err, "Passengers[0].MiddleNameEng")
	assert.Empty(t, smartway.Employee{}.Passenger().SurnameEng)

	all, err := awkwardly(t, "employees.list-strings").Employees.ListAll(t.Context())
	require.NoError(t, err)
	assert.Equal(t, all[0].ExternalID, all[0].Passenger().ID)
}

// The second of three employees cannot be read. All are returned, as far as they were
// read.
func TestEmployeeRows(t *testing.T) {
	t.Parallel()
	for odd, warning := range map[string]string{
		`{"Id":2,"Birthday":"31 June"}`:                            "result[1].Birthday 2",
		`{"Id":2,"Sex":["Man"]}`:                                   "result[1].Sex 2",
		`{"Id":2,"Documents":[{"Number":{"a":1}},{"Number":"1"}]}`: "result[1].Documents[0].Number 2",
		`{"Id":2,"Tags":"storage"}`:                                "result[1].Tags 2",
		`{"Id":2,"Status":{"a":1}}`:                                "",
		`{"Id":2,"ExternalId":"\ufffd"}`:                           "",
		`{"Id":2,"Companies":[{"CompanyId":null}]}`:                "",
		`{"Id":"2\ufffd"}`:                                         "",
		`{"Surname":"Иванов"}`:                                     "",
	} {
		t.Run(odd, func(t *testing.T) {
			t.Parallel()
			c, warnings := bodied(t, `{"id":1,"result":[{"Id":1},`+odd+`,{"Id":3}]}`)
			got, err := c.Employees.ListAll(t.Context())
			require.NotEmpty(t, got)
			assert.Equal(t, smartway.EmployeeID("1"), got[0].ID)
			assert.Equal(t, smartway.EmployeeID("3"), got[len(got)-1].ID)
			if warning != "" {
				require.NoError(t, err)
				assert.Len(t, got, 3)
				assert.Equal(t, []string{warning}, *warnings)
				return
			}
			assert.Len(t, got, 2)
			conformance.Failure(t, err, rutravel.ErrProtocol)
			rows, ok := errors.AsType[*rutravel.RowsError](err)
			require.True(t, ok)
			require.Len(t, rows.Rows, 1)
			assert.Equal(t, 1, rows.Rows[0].Index)
		})
	}
}
