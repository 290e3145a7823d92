package regionbilet

// Operations is the table of operations, for the tests in package regionbilet_test.
var Operations = operations[:]
