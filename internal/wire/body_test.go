package wire_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rutravel/rutravel-go/internal/wire"
)

func TestJSON(t *testing.T) {
	t.Parallel()
	request := struct {
		Name string        `json:"name"`
		IDs  []json.Number `json:"ids,omitempty"`
		None []json.Number `json:"none,omitempty"`
		Zero json.Number   `json:"zero"`
	}{"<Ёлка & \"co\">", wire.Numbers([]tripID{"0", "6228"}), wire.Numbers([]tripID(nil)), "0"}
	assert.Equal(t, `{"name":"<Ёлка & \"co\">","ids":[0,6228],"zero":0}`, string(wire.JSON(request)))
	assert.Panics(t, func() { wire.JSON(math.Inf(1)) })
	assert.Panics(t, func() { wire.JSON(wire.Numbers([]tripID{"x"})) })
}
