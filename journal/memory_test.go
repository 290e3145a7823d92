package journal_test

import (
	"testing"

	"github.com/rutravel/rutravel-go/journal"
	"github.com/rutravel/rutravel-go/journal/journaltest"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	journaltest.TestStore(t, func(*testing.T) journal.Store { return journal.NewMemory() }, nil)
}
