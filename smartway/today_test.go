package smartway_test

import (
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"

	"github.com/rutravel/rutravel-go/smartway"
)

func TestToday(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // begins at 2000-01-01 00:00 UTC
		assert.Equal(t, civil.Date{Year: 2000, Month: 1, Day: 1}, smartway.Today())
		time.Sleep(21 * time.Hour)
		assert.Equal(t, civil.Date{Year: 2000, Month: 1, Day: 2}, smartway.Today())
	})
}
