package bgoperator

// Operations is the table, for the tests beside the package.
var Operations = operations[:]
