package rutravel

import (
	"errors"
	"net/http"
)

// Party is who can do something about a failure.
type Party string

// The parties.
const (
	PartyUser     Party = "user"     // the user of the application, who can change the request, choose something else or act in time
	PartyOperator Party = "operator" // the operator of the application: credentials, rights, balance, limits
	PartySupplier Party = "supplier" // the supplier, or the network on the way to it
)

// kindTable has what is said of each kind elsewhere than in its text.
var kindTable = map[Kind]struct {
	slug   string
	status int
	party  Party
}{
	ErrInvalid:      {"invalid", http.StatusUnprocessableEntity, PartyUser},
	ErrAuth:         {"auth", http.StatusBadGateway, PartyOperator},
	ErrForbidden:    {"forbidden", http.StatusBadGateway, PartyOperator},
	ErrNotFound:     {"not_found", http.StatusNotFound, PartyUser},
	ErrSoldOut:      {"sold_out", http.StatusConflict, PartyUser},
	ErrExpired:      {"expired", http.StatusGone, PartyUser},
	ErrConflict:     {"conflict", http.StatusConflict, PartyUser},
	ErrFunds:        {"funds", http.StatusServiceUnavailable, PartyOperator},
	ErrRejected:     {"rejected", http.StatusUnprocessableEntity, PartySupplier},
	ErrRateLimited:  {"rate_limited", http.StatusServiceUnavailable, PartyOperator},
	ErrUnavailable:  {"unavailable", http.StatusServiceUnavailable, PartySupplier},
	ErrCanceled:     {"canceled", http.StatusGatewayTimeout, PartyUser},
	ErrProtocol:     {"protocol", http.StatusBadGateway, PartySupplier},
	ErrNotConfirmed: {"not_confirmed", http.StatusAccepted, PartySupplier},
}

// Slug returns the stable name of a kind for logs, metrics and dashboards:
//
//	ErrInvalid    invalid        ErrConflict   conflict       ErrCanceled      canceled
//	ErrAuth       auth           ErrFunds      funds          ErrProtocol      protocol
//	ErrForbidden  forbidden      ErrRejected   rejected       ErrNotConfirmed  not_confirmed
//	ErrNotFound   not_found      ErrRateLimited  rate_limited
//	ErrSoldOut    sold_out       ErrUnavailable  unavailable
//	ErrExpired    expired
//
// It is "unknown" for kinds that this package does not define. The texts of kinds
// may change, slugs do not.
func (k Kind) Slug() string {
	if row, ok := kindTable[k]; ok {
		return row.slug
	}
	return "unknown"
}

// HTTPStatus returns the status with which the API of a backend can report the
// failure: 202 for [ErrNotConfirmed], because the outcome is not known yet; 4xx for
// what the user can change; 5xx for the rest. It is 500 for kinds that this package
// does not define.
func (k Kind) HTTPStatus() int {
	if row, ok := kindTable[k]; ok {
		return row.status
	}
	return http.StatusInternalServerError
}

// Party returns who can do something about a failure of this kind. It is
// [PartySupplier] for kinds that this package does not define.
func (k Kind) Party() Party {
	if row, ok := kindTable[k]; ok {
		return row.party
	}
	return PartySupplier
}

// KindOf returns the kind of the [*Error] in err's chain; "" if there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return ""
}
