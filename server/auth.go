package server

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"emurun/server/store"
)

// need is what a route asks of a principal.
type need int

const (
	anyone   need = iota
	holder        // of any token; the handler looks at what it is for
	reader        // and above: of a bearer token with that role
	operator      //
	admin         //
)

var needed = map[need]store.Role{reader: store.RoleReader, operator: store.RoleOperator, admin: store.RoleAdmin}

// principal is who asks.
type principal struct {
	owner     string     // in whose name packs are put
	role      store.Role // of a bearer token
	namespace string     // the only one that it opens; all if empty
	job       *JobToken  // of a job token
}

// JobToken is what a job token says: that a worker has the lease of a job. It opens that
// job's data as long as the epoch is the newest.
type JobToken struct {
	Job    string `json:"job"`
	Epoch  uint64 `json:"epoch"`
	Worker string `json:"worker,omitempty"`
}

const jobTokenPrefix = "emujob_"

var (
	errNoToken  = fmt.Errorf("send a token as \"Authorization: Bearer …\": %w", store.ErrToken)
	errNotYours = fmt.Errorf("the token is not for this: %w", store.ErrForbidden)
)

// IssueJobToken returns a job token.
func (s *Server) IssueJobToken(t JobToken) (string, error) {
	if len(s.jobKey) < 32 {
		return "", errors.New("the server has no key for job tokens")
	}
	p, err := json.Marshal(t)
	if err != nil {
		return "", err
	}
	body := base64.RawURLEncoding.EncodeToString(p)
	return jobTokenPrefix + body + "." + base64.RawURLEncoding.EncodeToString(s.sign(body)), nil
}

func (s *Server) sign(body string) []byte {
	h := hmac.New(sha256.New, s.jobKey)
	h.Write([]byte(jobTokenPrefix + body))
	return h.Sum(nil)
}

// jobToken reads what IssueJobToken makes.
func (s *Server) jobToken(text string) (*JobToken, error) {
	body, sum, ok := strings.Cut(strings.TrimPrefix(text, jobTokenPrefix), ".")
	got, err := base64.RawURLEncoding.DecodeString(sum)
	if !ok || err != nil || len(s.jobKey) < 32 || !hmac.Equal(got, s.sign(body)) {
		return nil, store.ErrToken
	}
	p, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		return nil, store.ErrToken
	}
	t := new(JobToken)
	if err := json.Unmarshal(p, t); err != nil {
		return nil, store.ErrToken
	}
	return t, nil
}

// socketKey marks the context of requests that came over the Unix socket.
type socketKey struct{}

// authenticate finds out who asks.
func (s *Server) authenticate(r *http.Request) (principal, error) {
	auth := r.Header.Get("Authorization")
	text, ok := strings.CutPrefix(auth, "Bearer ")
	switch {
	case auth == "" && r.Context().Value(socketKey{}) != nil:
		return principal{owner: "socket", role: store.RoleAdmin}, nil
	case !ok:
		return principal{}, errNoToken
	case strings.HasPrefix(text, jobTokenPrefix):
		return s.authenticateJob(r, text)
	}
	t, err := s.store.Token(text)
	if err != nil {
		return principal{}, err
	}
	return principal{owner: "token:" + t.ID, role: t.Role, namespace: t.Namespace}, nil
}

// authenticateJob tests a job token: the lease is still this worker's, and the
// certificate, where there is TLS, is its.
func (s *Server) authenticateJob(r *http.Request, text string) (principal, error) {
	t, err := s.jobToken(text)
	if err != nil {
		return principal{}, err
	}
	if r.TLS != nil && t.Worker != worker(r) {
		return principal{}, fmt.Errorf("the job token is of worker %q, the certificate is not: %w", t.Worker, store.ErrToken)
	}
	h, err := s.store.Head(t.Job)
	if err != nil {
		return principal{}, err
	}
	if h.Epoch != t.Epoch {
		return principal{}, fmt.Errorf("job %q, epoch %d, its lease has %d: %w", t.Job, t.Epoch, h.Epoch, store.ErrFenced)
	}
	return principal{owner: "job:" + t.Job, namespace: h.Namespace, job: t}, nil
}

// worker returns the name in the verified certificate of the client.
func worker(r *http.Request) string {
	if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 {
		return ""
	}
	return r.TLS.VerifiedChains[0][0].Subject.CommonName
}

// may tests that p has what a route needs.
func (p *principal) may(n need) error {
	switch role := needed[n]; {
	case n == anyone || n == holder:
		return nil
	case !p.role.Includes(role):
		return fmt.Errorf("this needs the role %s: %w", role, store.ErrForbidden)
	}
	return nil
}

// mayJob tests that p may do with a job what the role may. A job that is in another
// namespace is not there for it.
func (s *Server) mayJob(p *principal, job string, role store.Role) error {
	if p.job != nil {
		if p.job.Job != job || role == store.RoleAdmin {
			return errNotYours
		}
		return nil
	}
	if !p.role.Includes(role) {
		return fmt.Errorf("this needs the role %s: %w", role, store.ErrForbidden)
	}
	if p.namespace == "" {
		return nil
	}
	h, err := s.store.Head(job)
	if err != nil {
		return err
	}
	if h.Namespace != p.namespace {
		return fmt.Errorf("job %q: %w", job, store.ErrNotFound)
	}
	return nil
}
