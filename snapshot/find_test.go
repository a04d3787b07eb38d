package snapshot_test

import (
	"strings"
	"testing"

	"emurun/snapshot"
	"emurun/snapshot/dirstore"
)

func TestFind(t *testing.T) {
	s, err := dirstore.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := snapshot.Find(s, ""); err == nil {
		t.Error("found one in an empty store")
	}
	var ids []snapshot.Hash
	for _, m := range []snapshot.Manifest{
		{Job: "a", Seq: 1, Created: 1, Label: "first"}, {Job: "a", Seq: 2, Created: 2}, {Job: "b", Seq: 1, Created: 3, Label: "a"}, {Job: "b", Seq: 3, Created: 4},
	} {
		id, err := s.Commit(&m)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	for ref, want := range map[string]int{
		"": 3, "a": 1, "b": 3, "first": 0, "a@1": 0, "b@1": 2, ids[2].String(): 2, ids[1].String()[:8]: 1, "c": -1, "a@3": -1, "a@x": -1, ids[1].String()[:5]: -1,
	} {
		c, err := snapshot.Find(s, ref)
		if want < 0 && err == nil || want >= 0 && (err != nil || c.ID != ids[want]) {
			t.Errorf("%q: %v, error %v", ref, c.ID, err)
		}
	}
}

// A beginning that two checkpoints share is refused.
func TestFindAmbiguous(t *testing.T) {
	s, err := dirstore.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	seen := map[string]snapshot.Manifest{}
	for i := int64(0); ; i++ {
		m := snapshot.Manifest{Job: "job", Created: i}
		id, err := m.ID()
		if err != nil {
			t.Fatal(err)
		}
		short := id.String()[:6]
		other, ok := seen[short]
		if seen[short] = m; !ok {
			continue
		}
		for _, m := range []snapshot.Manifest{m, other} {
			if _, err := s.Commit(&m); err != nil {
				t.Fatal(err)
			}
		}
		if _, err = snapshot.Find(s, short); err == nil || !strings.Contains(err.Error(), "2 of them begin like this: give more digits") {
			t.Errorf("%s: %v", short, err)
		}
		if c, err := snapshot.Find(s, id.String()[:16]); err != nil || c.ID != id {
			t.Errorf("%s: %v, %v", id, c.ID, err)
		}
		return
	}
}
