package smartway

// Operations is the table, for the tests next to the package.
var Operations = operations[:]

// Numbered makes the first call of a client have the id 1, as the golden answers do.
func Numbered(c *Client) *Client {
	c.core.number(1)
	return c
}
