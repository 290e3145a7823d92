package smartway

// Operations exports the table of operations to tests of package smartway_test.
var Operations = operations[:]

// Numbered sets the id of the client's first call to 1, as in the golden answers.
func Numbered(c *Client) *Client {
	c.core.setNextID(1)
	return c
}
