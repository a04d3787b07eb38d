package store

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTokens(t *testing.T) {
	now := time.Now()
	o := testOptions()
	o.Now = func() time.Time { return now }
	s := newStore(t, o)
	text, made, err := s.AddToken(Token{Role: RoleOperator, Namespace: "team", Expires: now.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Token(text)
	if diff := cmp.Diff(made.ID, got.ID); diff != "" || err != nil {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
	for _, bad := range []string{"", "emu_", "emu__", text[:len(text)-1], text + "0", strings.Replace(text, made.ID, "000000000000", 1), strings.Repeat("x", 1000)} {
		if _, err := s.Token(bad); !errors.Is(err, ErrToken) {
			t.Errorf("token %q: error %v", bad, err)
		}
	}
	e, err := s.meta.Get(tokenTable + made.ID)
	if err != nil || bytes.Contains(e.Value, []byte(text[20:])) {
		t.Errorf("the token itself is kept: %s, error %v", e.Value, err)
	}
	now = now.Add(2 * time.Hour)
	if _, err := s.Token(text); !errors.Is(err, ErrToken) {
		t.Errorf("expired: error %v", err)
	}
	if err := s.RemoveToken(made.ID); err != nil {
		t.Error(err)
	}
	if list, err := s.Tokens(); len(list) > 0 || err != nil {
		t.Errorf("tokens %v, error %v", list, err)
	}
}
