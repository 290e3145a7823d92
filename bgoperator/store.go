package bgoperator

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
)

// SessionStore keeps a session outside of the process, so that it survives a
// restart and several processes can share it: a second login may end the session of
// the first. It is safe for concurrent use.
//
// Load is called before each request, and Save after it, once for each Load that
// returned no error. Between the two nobody else may use the session, because each
// answer changes its cookies. A store that several processes share therefore locks
// in Load and unlocks in Save. The lock must expire, because a process may crash
// between the two; no request takes longer than its attempt timeout and a login.
//
// What is stored signs requests in the agency's name: it is as secret as the
// password. A [rutravel.Secret] prints as a placeholder, also in JSON; the text to
// store is string(session).
type SessionStore interface {
	// Load returns what Save was given last, or "" if there is nothing. What
	// cannot be read, and the session of another Config, count as nothing. An
	// error ends the call before it is sent, with the same kinds as an error of
	// [Authenticator].
	Load(context.Context) (rutravel.Secret, error)

	// Save stores the session after a request; "" if the session has ended. The
	// context is not that of the call, which may have ended, and lasts
	// [SaveTimeout]. An error is not reported by the call. The session that is
	// stored is outdated then, and the next call logs in.
	Save(context.Context, rutravel.Secret) error
}

// SaveTimeout is how long [SessionStore].Save may take.
const SaveTimeout = 5 * time.Second

// storedSession is the session of a store.
type storedSession struct {
	store   SessionStore
	account string // the agency and the addresses that a session is good for
}

// savedSession is the text of a session.
type savedSession struct {
	Account string
	Header  http.Header
	Cookies []byte // as a header has them; they need not be UTF-8
}

// load sets the session to the stored one.
func (st *storedSession) load(ctx context.Context, s *session) error {
	text, err := st.store.Load(ctx)
	if err != nil {
		return err
	}
	saved := parseSession(text)
	if saved.Account != st.account {
		*s = session{}
		return nil
	}
	requests, answered := max(s.requests, 1), s.answered
	*s = *newSession(saved.Header)
	s.cookies.add(string(saved.Cookies))
	s.requests, s.accepted = requests, true // it is not new
	if !answered.IsZero() {
		s.answered = answered
	}
	return nil
}

// parseSession returns the zero value for what it cannot read.
func parseSession(text rutravel.Secret) (saved savedSession) {
	if json.Unmarshal([]byte(text), &saved) != nil {
		return savedSession{}
	}
	return saved
}

// save stores the session, or that there is none.
func (st *storedSession) save(ctx context.Context, s *session) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), SaveTimeout)
	defer stop()
	var text []byte
	if s.open {
		var err error
		if text, err = json.Marshal(savedSession{st.account, s.header, []byte(s.cookies.header())}); err != nil {
			text = nil // the next call logs in
		}
	}
	_ = st.store.Save(ctx, rutravel.Secret(text)) // the store is the caller's, who can see its errors
}
