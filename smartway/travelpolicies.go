package smartway

import (
	"context"
	"encoding/json"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// TravelPolicies limits what employees may spend. It is the manual's chapter "Travel
// политики".
type TravelPolicies struct{ core *core }

// TravelPolicyID identifies a travel policy.
type TravelPolicyID string

// TravelPolicy is a travel policy of the account.
type TravelPolicy struct {
	ID          TravelPolicyID // Id
	Name        string         // Name
	Description string         // Description; may be empty
}

// List lists the travel policies of the account. A policy without a readable id is
// left out with a [rutravel.Warning].
//
// Smartway: POST travel_policy.list
func (s TravelPolicies) List(ctx context.Context, opts ...rutravel.CallOption) ([]TravelPolicy, error) {
	r := &request{op: opTravelPolicyList, query: struct{}{}}
	return call(ctx, s.core, r, foundOf((*TravelPolicy).decode, (*TravelPolicy).id), nil, opts)
}

func (p *TravelPolicy) id() string { return string(p.ID) }

func (p *TravelPolicy) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
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

// PolicyAssignment is a travel policy for an employee.
type PolicyAssignment struct {
	Employee EmployeeID     // employee_id: [Employee].ID
	Policy   TravelPolicyID // travel_policy_id
}

// Apply assigns a travel policy to an employee. If the supplier does not know the
// employee, the error is [rutravel.ErrNotFound].
//
// Smartway: POST travel_policy.apply
func (s TravelPolicies) Apply(ctx context.Context, a PolicyAssignment, opts ...rutravel.CallOption) error {
	query := struct {
		EmployeeID     json.Number `json:"employee_id"`
		TravelPolicyID string      `json:"travel_policy_id"`
	}{json.Number(a.Employee), string(a.Policy)}
	r := &request{op: opTravelPolicyApply, query: query}
	r.Number("Employee", string(a.Employee))
	r.ID("Policy", string(a.Policy))
	_, err := call(ctx, s.core, r, func(d *wire.Decoder, _ *struct{}) error {
		return d.Object(func(name []byte) error { return decodeSuccess(d, name) }, "success")
	}, nil, opts)
	return err
}

// decodeSuccess decodes the members that show whether a method has failed, and skips
// others. [reply.failureInResult] returns the error.
func decodeSuccess(d *wire.Decoder, name []byte) error {
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
