package journal_test

import (
	"bytes"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/journal"
)

func sealer(t *testing.T, secrets ...string) journal.Sealer {
	t.Helper()
	var all [][]byte
	for _, s := range secrets {
		all = append(all, bytes.Repeat([]byte(s), 32))
	}
	s, err := journal.NewSealer(all...)
	require.NoError(t, err)
	return s
}

func TestSealer(t *testing.T) {
	t.Parallel()
	a, ba, b := sealer(t, "a"), sealer(t, "b", "a"), sealer(t, "b")
	sealed, err := a.Seal("k", []byte("plain"))
	require.NoError(t, err)
	assert.NotContains(t, string(sealed), "plain")
	plain, err := ba.Open("k", sealed)
	require.NoError(t, err)
	assert.Equal(t, "plain", string(plain))
	_, err = b.Open("k", sealed)
	require.Error(t, err)
	_, err = a.Open("another key", sealed)
	require.Error(t, err)
	_, err = a.Open("k", sealed[:5])
	require.Error(t, err)
	_, err = journal.NewSealer()
	require.Error(t, err)
	_, err = journal.NewSealer([]byte("short"))
	require.Error(t, err)
	assert.NotContains(t, fmt.Sprintf("%v %+v", a, a), "97")
}

// Nothing of a request, a result or an error is stored in plain text.
func TestSealedEntries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := supplier{answer: lose}
		store := journal.NewMemory()
		j := journal.New(store, journal.WithSealer(sealer(t, "a")))
		c := journal.Add(j, s.operation())
		p := purchase{"e", "P4ssenger"}
		_, _ = c.Do(t.Context(), "k", p)
		resolved(t, j)
		o, err := c.Do(t.Context(), "k", p)
		require.NoError(t, err)
		assert.Equal(t, "P4ssenger", o.Name)
		e, err := store.Get(t.Context(), "k")
		require.NoError(t, err)
		assert.NotContains(t, fmt.Sprintf("%+v %s %s %s", e, e.Request, e.Value, e.Failure), "P4ssenger")

		other := journal.Add(journal.New(store, journal.WithSealer(sealer(t, "b"))), s.operation())
		time.Sleep(time.Second)
		_, err = other.Do(t.Context(), "k", p)
		require.ErrorIs(t, err, journal.ErrCorrupt)
		assert.Equal(t, 1, s.arrived)
	})
}
