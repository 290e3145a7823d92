package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// JSON writes a request: structs, strings and numbers, as encoding/json writes
// them. HTML characters are not escaped.
func JSON(request any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(request); err != nil {
		panic(fmt.Sprintf("wire: %T as JSON: %v", request, err))
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// Numbers writes ids as JSON numbers.
func Numbers[T ~string](ids []T) []json.Number {
	var all []json.Number
	for _, id := range ids {
		all = append(all, json.Number(id))
	}
	return all
}
