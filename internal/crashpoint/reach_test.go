package crashpoint

import "testing"

func TestParse(t *testing.T) {
	for at, want := range map[string]struct {
		pattern string
		n       int64
		ok      bool
	}{
		"wal.sync:3": {"wal.sync", 3, true},
		"*:1":        {"*", 1, true},
		"":           {"", 0, true},
		"wal.sync":   {},
		"wal.sync:0": {},
		"x:y":        {},
	} {
		p, n, err := parse(at)
		if p != want.pattern || n != want.n || (err == nil) != want.ok {
			t.Errorf("parse(%q) = %q, %d, %v", at, p, n, err)
		}
	}
	if !matches("wal.*", "wal.sync") || !matches("*", "x") || matches("wal", "wal.sync") {
		t.Error("matches is wrong")
	}
}

func TestReach(t *testing.T) {
	if err := Reach("x"); err != nil {
		t.Error(err)
	}
	Set(func(point string) error {
		if point == "x" {
			return ErrTorn
		}
		return nil
	})
	defer Set(nil)
	if Reach("x") != ErrTorn || Reach("y") != nil {
		t.Error("the hook is not obeyed")
	}
}
