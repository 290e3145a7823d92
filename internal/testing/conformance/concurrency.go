package conformance

import (
	"net/http"
	"sync"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
)

// concurrency makes every call from 50 goroutines on one client. Each call must
// get its own answer.
func (s Suite[C]) concurrency(t *testing.T) {
	t.Parallel()
	const callers = 50
	type answer struct {
		status int
		body   string
	}
	answers := map[string]answer{}
	for _, c := range s.Calls {
		answers[s.file(t, c, ".request.txt")] = answer{c.status(), s.answer(t, c)}
	}
	client := s.client(t, respondWith(func(r *http.Request) (*http.Response, error) {
		sent, err := renderRequest(r)
		if err != nil {
			return nil, err
		}
		if s.Renumber != nil {
			golden, numbered := s.Renumber(sent)
			return httpmock.NewStringResponse(answers[golden].status, numbered(answers[golden].body)), nil
		}
		return httpmock.NewStringResponse(answers[sent].status, answers[sent].body), nil
	}))
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			for j := range s.Calls {
				c := s.Calls[(i+j)%len(s.Calls)]
				value, err := c.Do(t.Context(), client)
				assert.NoError(t, err, c.Op)
				assert.Equal(t, c.Want, value, c.Op)
			}
		})
	}
	wg.Wait()
}
