package smartwaytest

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/rutravel/rutravel-go/smartway"
)

// request is a travel request.
type request struct {
	id     string
	status string
	sent   requestQuery
}

type requestQuery struct {
	ID         string            `json:"id"`
	Travellers []json.RawMessage `json:"travellers"`
	Creator    json.RawMessage   `json:"creator"`
	Comment    string            `json:"comment"`
	TrainItems []struct {
		ProjectID  string            `json:"project_id"`
		Departure  string            `json:"departure_station_code"`
		Arrival    string            `json:"arrival_station_code"`
		Date       string            `json:"departure_date"`
		Travellers []json.RawMessage `json:"travellers"`
	} `json:"train_items"`
	AirItems      []json.RawMessage `json:"air_items"`
	HotelItems    []json.RawMessage `json:"hotel_items"`
	TransferItems []json.RawMessage `json:"transfer_items"`
}

func saveRequest(s *Server, query json.RawMessage, _ time.Time) (any, *problem) {
	var q requestQuery
	if p := parse(query, &q); p != nil {
		return nil, p
	}
	people := append(slices.Clone(q.Travellers), q.Creator)
	for _, item := range q.TrainItems {
		if _, err := time.Parse("2006-01-02T15:04:05", item.Date); err != nil {
			return nil, invalid("Invalid departure_date")
		}
		people = append(people, item.Travellers...)
	}
	if len(q.Travellers) == 0 || q.Creator == nil {
		return nil, invalid("travellers and creator are required")
	}
	for _, raw := range people {
		if _, p := s.store(raw); p != nil {
			return nil, p
		}
	}
	if old := s.request(q.ID); old != nil && q.ID != "" {
		old.sent = q
		return old.status, nil
	}
	s.requests = append(s.requests, &request{q.ID, string(smartway.RequestNotProcessing), q})
	return smartway.RequestNotProcessing, nil
}

func (s *Server) request(id string) *request {
	i := slices.IndexFunc(s.requests, func(r *request) bool { return r.id == id })
	if i < 0 {
		return nil
	}
	return s.requests[i]
}

func cancelRequest(s *Server, query json.RawMessage, _ time.Time) (any, *problem) {
	id, p := prefix(query)
	if p != nil {
		return nil, p
	}
	r := s.request(id)
	if r == nil {
		return smartway.RequestNotFound, nil
	}
	r.status = string(smartway.RequestCancelled)
	return r.status, nil
}

func requestStatus(s *Server, query json.RawMessage, _ time.Time) (any, *problem) {
	var ids []string
	if p := parse(query, &ids); p != nil {
		return nil, p
	}
	statuses := dictionary{}
	for _, id := range ids {
		status := string(smartway.RequestNotFound)
		if r := s.request(id); r != nil {
			status = r.status
		}
		statuses = append(statuses, member{id, status})
	}
	return statuses, nil
}

// SetRequestStatus sets the status of a travel request, as people at Smartway do. A request
// that is processed becomes a trip by train for 2916.60 roubles. SetRequestStatus reports
// whether there is such a request.
func (s *Server) SetRequestStatus(id smartway.RequestID, status smartway.RequestStatus) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.request(string(id))
	if r == nil {
		return false
	}
	if status == smartway.RequestProcessed && r.status != string(status) {
		s.issue(r, s.now())
	}
	r.status = string(status)
	return true
}

// issue adds a trip for a travel request.
func (s *Server) issue(r *request, now time.Time) {
	const kopecks = 291660
	t := &trip{
		name: "Санкт-Петербург", status: "Booked", amount: decimal.New(kopecks, -2), booked: now,
		begins: now.AddDate(0, 0, 7).Truncate(time.Second), request: r.id, service: "Train", takes: 519 * time.Minute, company: &companies[0],
		info: object{{"station_arrive", "Санкт-Петербург-Главн. (московский Вокзал)"}, {"station_depart", "Москва Октябрьская (ленинградский Вокзал)"}},
	}
	t.ends = t.begins.Add(t.takes)
	for _, raw := range r.sent.Travellers {
		var p person
		_ = json.Unmarshal(raw, &p) // it was stored
		papers := []object{}
		for _, d := range p.Documents {
			papers = append(papers, object{{"number", d.Number}, {"type", pascal(d.Type)}})
			t.papers = append(t.papers, d.Number)
		}
		t.people = append(t.people, object{
			{"birthday", p.Birthday + "T00:00:00"}, {"documents", papers}, {"email", p.Email}, {"external_id", p.ID}, {"name", p.Name},
			{"patronymic", deref(p.Patronymic)}, {"phone", p.MobilePhone}, {"sex", p.listedSex()}, {"surname", p.Surname},
		})
	}
	s.addTrip(t)
}

func ping(_ *Server, query json.RawMessage, _ time.Time) (any, *problem) {
	return nil, parse(query, &struct{}{})
}

var policies = []struct{ id, name, description string }{
	{"5d4c002af915aa000701e436", "ТОП", "для топ менеджеров"},
	{"5d4c002af915aa000701e437", "Стандарт", ""},
}

func listPolicies(_ *Server, query json.RawMessage, _ time.Time) (any, *problem) {
	list := []object{}
	for _, p := range policies {
		list = append(list, object{{"Description", p.description}, {"Id", p.id}, {"Name", p.name}})
	}
	return list, parse(query, &struct{}{})
}

func applyPolicy(s *Server, query json.RawMessage, _ time.Time) (any, *problem) {
	var q struct {
		EmployeeID     int    `json:"employee_id"`
		TravelPolicyID string `json:"travel_policy_id"`
	}
	if p := parse(query, &q); p != nil {
		return nil, p
	}
	if s.byID(q.EmployeeID) == nil {
		return failure(fmt.Sprintf("Employee with id = %d", q.EmployeeID)), nil
	}
	for _, p := range policies {
		if p.id == q.TravelPolicyID {
			return object{{"error", nil}, {"success", true}}, nil
		}
	}
	return failure("Travel policy with id = " + q.TravelPolicyID), nil
}

// failure returns a failure in place of a result.
func failure(text string) object { return object{{"error", text}, {"success", false}} }

func issueGUID(s *Server, query json.RawMessage, now time.Time) (any, *problem) {
	email, p := prefix(query)
	if p != nil {
		return nil, p
	}
	for _, e := range s.employees {
		if e.Email == email && e.status == "User" {
			return object{
				{"expiration_date", now.UTC().Add(time.Hour).Format("2006-01-02T15:04:05.000000-07:00")}, {"uuid", s.uuid()},
			}, nil
		}
	}
	return failure("employee with email " + email + " not found"), nil
}

// code is a verification code.
type code struct {
	text      string
	employees []string
	expires   string
	super     bool
}

// Approved reports whether an employee needs no approval, as the cabinet shows: there is a
// super code for this employee or for everybody.
func (s *Server) Approved(id smartway.ExternalID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.codes, func(c code) bool {
		return c.super && (len(c.employees) == 0 || slices.Contains(c.employees, string(id)))
	})
}

func addCode(s *Server, query json.RawMessage, _ time.Time) (any, *problem) {
	var q struct {
		VerificationCode *string   `json:"verification_code"`
		Employees        *[]string `json:"employees"`
		ExpirationDate   *string   `json:"expiration_date"`
		AutoVerification bool      `json:"auto_verification"`
	}
	if p := parse(query, &q); p != nil {
		return nil, p
	}
	const longest = 50
	if q.Employees == nil || !q.AutoVerification && (q.VerificationCode == nil || q.ExpirationDate == nil) ||
		utf8.RuneCountInString(deref(q.VerificationCode)) > longest {
		return nil, invalid("verification_code, employees and expiration_date are required")
	}
	if _, err := time.Parse(time.RFC3339, deref(q.ExpirationDate)); err != nil && q.ExpirationDate != nil {
		return nil, invalid("Invalid expiration_date")
	}
	for _, id := range *q.Employees {
		if s.byExternalID(id) == nil {
			return failure("employee with id=”" + id + "” not found"), nil
		}
	}
	c := code{deref(q.VerificationCode), *q.Employees, deref(q.ExpirationDate), q.AutoVerification}
	s.codes = slices.DeleteFunc(s.codes, func(old code) bool { return old.text == c.text && slices.Equal(old.employees, c.employees) })
	s.codes = append(s.codes, c)
	return object{{"expiration_date", q.ExpirationDate}, {"verification_code", q.VerificationCode}}, nil
}
