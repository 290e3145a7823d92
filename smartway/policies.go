package smartway

import (
	"context"
	"encoding/json"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// PolicyService is the manual's chapter "Travel политики": what employees may
// spend.
type PolicyService struct{ e *core }

// PolicyID identifies a travel policy.
type PolicyID string

// Policy is a travel policy of the account.
type Policy struct {
	ID          PolicyID // Id
	Name        string   // Name
	Description string   // Description; may be empty
}

// List lists the travel policies of the account.
//
// Smartway: POST travel_policy.list
func (s PolicyService) List(ctx context.Context, opts ...rutravel.CallOption) ([]Policy, error) {
	return call(ctx, s.e, opTravelPolicyList, struct{}{}, nil, valid.Check{}, func(d *wire.Decoder, all *[]Policy) error {
		return wire.List(d, all, (*Policy).decode)
	}, opts)
}

func (p *Policy) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "Id":
			return wire.ID(d, &p.ID)
		case "Name":
			return wire.String(d, &p.Name)
		case "Description":
			return wire.String(d, &p.Description)
		default:
			return d.Skip()
		}
	}, "Id")
}

// PolicyAssignment says which policy shall bind an employee.
type PolicyAssignment struct {
	Employee EmployeeID // employee_id: at Smartway, [Employee].ID
	Policy   PolicyID   // travel_policy_id
}

// Apply gives an employee a travel policy. An employee who is not found is
// [rutravel.ErrNotFound].
//
// Smartway: POST travel_policy.apply
func (s PolicyService) Apply(ctx context.Context, a PolicyAssignment, opts ...rutravel.CallOption) error {
	var v valid.Check
	v.Number("Employee", string(a.Employee))
	v.ID("Policy", string(a.Policy))
	query := struct {
		EmployeeID     json.Number `json:"employee_id"`
		TravelPolicyID string      `json:"travel_policy_id"`
	}{json.Number(a.Employee), string(a.Policy)}
	_, err := call(ctx, s.e, opTravelPolicyApply, query, nil, v, func(d *wire.Decoder, _ *struct{}) error {
		return d.Object(func(name []byte) error { return succeeded(d, name) }, "success")
	}, opts)
	return err
}

// succeeded reads the members that say whether a method has failed, and passes
// over others. [reply.hidden] makes the error.
func succeeded(d *wire.Decoder, name []byte) error {
	switch string(name) {
	case "success":
		var success bool
		err := d.Flag(&success)
		if !success {
			d.Fail("", "want true")
		}
		return err
	case "error":
		var said []string
		err := d.Texts(&said)
		if len(said) > 0 {
			d.Fail("", "want nothing")
		}
		return err
	default:
		return d.Skip()
	}
}
