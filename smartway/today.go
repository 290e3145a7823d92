package smartway

import (
	"cloud.google.com/go/civil"

	"github.com/rutravel/rutravel-go/internal/wire"
)

// Today returns the current date in Moscow.
func Today() civil.Date { return wire.MoscowToday() }
