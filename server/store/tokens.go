package store

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Role is what the holder of a token may do.
type Role string

// The roles, each of which may do what those before it may.
const (
	RoleReader   Role = "reader"   // look at jobs and read checkpoints
	RoleOperator Role = "operator" // put, commit and delete checkpoints, steer jobs
	RoleAdmin    Role = "admin"    // everything
)

// roles has the order of the roles.
var roles = map[Role]int{RoleReader: 1, RoleOperator: 2, RoleAdmin: 3}

// Includes reports whether r may do what other may.
func (r Role) Includes(other Role) bool { return roles[r] > 0 && roles[r] >= roles[other] }

// ParseRole reads the name of a role.
func ParseRole(s string) (Role, error) {
	if roles[Role(s)] == 0 {
		return "", fmt.Errorf("role %q: want %s, %s or %s: %w", s, RoleReader, RoleOperator, RoleAdmin, ErrBadRequest)
	}
	return Role(s), nil
}

// Token is the record of a bearer token, of which only the hash is kept. The token has
// 256 random bits, so one hash is enough.
type Token struct {
	ID        string    `json:"id"`
	Sum       string    `json:"sum"`
	Role      Role      `json:"role"`
	Namespace string    `json:"namespace,omitempty"` // the only one that it opens; all if empty
	Note      string    `json:"note,omitempty"`
	Created   time.Time `json:"created"`
	Expires   time.Time `json:"expires,omitzero"`
}

const tokenPrefix = "emu_"

// ErrToken says that a token opens nothing.
var ErrToken = errors.New("the token is not known, or has expired")

// AddToken makes a token and returns it; nobody will see it again.
func (s *Store) AddToken(t Token) (string, Token, error) {
	if _, err := ParseRole(string(t.Role)); err != nil {
		return "", t, err
	}
	if t.Namespace != "" {
		if err := CheckNamespace(t.Namespace); err != nil {
			return "", t, err
		}
	}
	if len(t.Note) > 256 {
		return "", t, fmt.Errorf("a note has at most 256 bytes: %w", ErrBadRequest)
	}
	var secret [32]byte
	rand.Read(secret[:])
	t.ID, t.Created = randomID()[:12], s.o.Now().UTC()
	text := tokenPrefix + t.ID + "_" + hex.EncodeToString(secret[:])
	t.Sum = tokenSum(text)
	kv, err := put(tokenTable+t.ID, t)
	if err != nil {
		return "", t, err
	}
	_, err = s.Meta().Commit(Batch{Pre: []Cond{{kv.Key, 0}}, Put: []KV{kv}})
	return text, t, err
}

func tokenSum(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Token returns the record of the token text, or ErrToken.
func (s *Store) Token(text string) (Token, error) {
	id, _, ok := strings.Cut(strings.TrimPrefix(text, tokenPrefix), "_")
	if !ok || len(text) > 128 || !strings.HasPrefix(text, tokenPrefix) {
		return Token{}, ErrToken
	}
	e, err := s.meta.Get(tokenTable + id)
	if errors.Is(err, ErrNotFound) {
		return Token{}, ErrToken
	}
	if err != nil {
		return Token{}, err
	}
	var t Token
	if err := unmarshal(e, &t); err != nil {
		return Token{}, err
	}
	expired := !t.Expires.IsZero() && s.o.Now().After(t.Expires)
	if subtle.ConstantTimeCompare([]byte(tokenSum(text)), []byte(t.Sum)) != 1 || expired {
		return Token{}, ErrToken
	}
	return t, nil
}

// Tokens returns the records of all tokens.
func (s *Store) Tokens() ([]Token, error) {
	var list []Token
	for e, err := range s.meta.Scan(tokenTable, "") {
		var t Token
		if err == nil {
			err = unmarshal(e, &t)
		}
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, nil
}

// RemoveToken makes a token open nothing.
func (s *Store) RemoveToken(id string) error {
	e, err := s.meta.Get(tokenTable + id)
	if err != nil {
		return fmt.Errorf("token %s: %w", id, err)
	}
	_, err = s.meta.Commit(Batch{Pre: []Cond{{e.Key, e.Version}}, Del: []string{e.Key}})
	return err
}
