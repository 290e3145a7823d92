package ticketscloud

// Operations is the table, for the tests beside the package.
var Operations = operations[:]

// For the tests of values.
var (
	ParseOffset   = parseOffset
	FormatDecimal = formatDecimal
)
