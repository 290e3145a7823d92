package ticketscloud

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Locks that nobody holds or waits for are deleted, also after a waiting caller gave up.
func TestLocksAreFreed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &locks{held: map[OrderID]*lock{}}
		release, err := l.acquire(t.Context(), "a")
		require.NoError(t, err)
		other, err := l.acquire(t.Context(), "b")
		require.NoError(t, err)
		var entered func()
		go func() {
			again, err := l.acquire(t.Context(), "a")
			assert.NoError(t, err)
			entered = again
		}()
		ctx, cancel := context.WithCancel(t.Context())
		var gaveUp error
		go func() { _, gaveUp = l.acquire(ctx, "a") }()
		synctest.Wait()
		assert.Nil(t, entered, "two callers hold one lock")
		assert.NoError(t, gaveUp)
		cancel()
		synctest.Wait()
		assert.ErrorIs(t, gaveUp, context.Canceled)
		assert.Nil(t, entered)
		release()
		synctest.Wait()
		require.NotNil(t, entered)
		assert.Len(t, l.held, 2)
		entered()
		other()
		assert.Empty(t, l.held)
	})
}
