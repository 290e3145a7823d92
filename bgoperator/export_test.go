package bgoperator

// Operations is the table of operations.
var Operations = operations[:]

// The limits of an answer.
const (
	MaxLength   = maxLength
	MaxTagAttrs = maxTagAttrs
)

// Parse parses an answer and returns the number of children of its root.
func Parse(body []byte) (children int, err error) {
	root, err := parse(body)
	if err != nil {
		return 0, err
	}
	return len(root.children), nil
}
