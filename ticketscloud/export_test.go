package ticketscloud

// Operations is the table of operations, for tests outside the package.
var Operations = operations[:]

// Functions for the tests of values.
var (
	ParseOffset   = parseOffset
	FormatDecimal = formatDecimal
)
