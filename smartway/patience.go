package smartway

import "time"

// How long to ask after a call whose outcome is not known, from its end. A look-up
// that finds nothing before proves nothing. The manual has no figures: all of them
// are chosen.
const (
	// BuyPatience is for [Airlines.Buy], with [Airlines.Wait] or [Trips.Lost]. If no
	// trip is found after it, the tickets were presumably not bought.
	BuyPatience = 30 * time.Minute
	// SaveEmployeePatience is for [Employees.Save] of a change without an ID, with
	// [Employees.Lost]. If nobody is found after it, the employee was presumably not
	// created.
	SaveEmployeePatience = 10 * time.Minute
	// SaveRequestPatience is for [Requests.Save] with an ID, with [Requests.Statuses].
	// [RequestNotFound] after it means that the request was presumably not stored.
	SaveRequestPatience = 10 * time.Minute
	// CancelRequestPatience is for [Requests.Cancel], with [Requests.Statuses]. Another
	// status than [RequestCancelled] after it means that it was presumably not canceled.
	CancelRequestPatience = 10 * time.Minute
)
