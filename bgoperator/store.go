package bgoperator

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
)

// SessionStore keeps a session outside of the process. The session survives a restart,
// and several processes can share it: a second login might end the session of the first.
// A SessionStore must be safe for concurrent use.
//
// Load is called before each request. Save is called after it, once for each Load that
// returned no error. Between the two, no other process may use the session, because each
// answer changes its cookies. So a store that several processes share must lock in Load
// and unlock in Save. The lock must expire, because a process may crash between the two.
// A request takes no longer than its attempt timeout and a login.
//
// A stored session is as secret as the password, because it signs requests for the
// agency. A [rutravel.Secret] prints as a placeholder, also in JSON. The text to store is
// string(session).
type SessionStore interface {
	// Load returns the session that was saved last, or "" if there is none. The client
	// ignores a text that it cannot read, and the session of another Config. An error
	// ends the call before it is sent, with the same kinds as an error of
	// [Authenticator].
	Load(context.Context) (rutravel.Secret, error)

	// Save stores the session after a request; "" if the session has ended. Its context
	// is not the context of the call, which may have ended, and lasts [SaveTimeout]. The
	// call does not report an error of Save. The stored session is then outdated, and
	// the next call logs in.
	Save(context.Context, rutravel.Secret) error
}

// SaveTimeout is how long [SessionStore].Save may take.
const SaveTimeout = 5 * time.Second

// storedSession is the session of a store.
type storedSession struct {
	store   SessionStore
	account string // the agency and the addresses of the session
}

// savedSession is the JSON of a stored session.
type savedSession struct {
	Account string
	Header  http.Header
	Cookies []byte // as in a Cookie header; they may be invalid UTF-8
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

// parseSession returns the zero value if it cannot read the text.
func parseSession(text rutravel.Secret) (saved savedSession) {
	if json.Unmarshal([]byte(text), &saved) != nil {
		return savedSession{}
	}
	return saved
}

// save stores the session, or "" if it has ended.
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
	_ = st.store.Save(ctx, rutravel.Secret(text)) // the caller's store can report its own errors
}
