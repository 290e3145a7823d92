package multitour

// Operations is the table of operations, for the tests in package multitour_test.
var Operations = operations[:]
