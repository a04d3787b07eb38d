package lock

import (
	"testing"

	"emurun/abi"

	"github.com/google/go-cmp/cmp"
)

func TestRecordLocks(t *testing.T) {
	id := ID{1, 2}
	var tab Table
	set := func(owner string, excl bool, start, end int64) error {
		return tab.Set(id, Record{Owner: owner, Exclusive: excl, Start: start, End: end})
	}
	for _, step := range []struct {
		name string
		err  error
		do   func() error
	}{
		{"a writes 0-9", nil, func() error { return set("a", true, 0, 9) }},
		{"b reads 5", abi.EAGAIN, func() error { return set("b", false, 5, 5) }},
		{"b reads 10-19", nil, func() error { return set("b", false, 10, 19) }},
		{"a reads 10-12 too", nil, func() error { return set("a", false, 10, 12) }},
		{"a makes 4-5 shared", nil, func() error { return set("a", false, 4, 5) }},
		{"b reads 5 now", nil, func() error { return set("b", false, 5, 5) }},
		{"b writes 5", abi.EAGAIN, func() error { return set("b", true, 5, 5) }},
	} {
		if err := step.do(); err != step.err {
			t.Errorf("%s: got %v, want %v", step.name, err, step.err)
		}
	}
	want := []Record{
		{Owner: "a", Exclusive: true, Start: 0, End: 3}, {Owner: "a", Start: 4, End: 5}, {Owner: "b", Start: 5, End: 5},
		{Owner: "a", Exclusive: true, Start: 6, End: 9}, {Owner: "b", Start: 10, End: 19}, {Owner: "a", Start: 10, End: 12},
	}
	if diff := cmp.Diff(want, tab.files[id].records); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	tab.Release(id, "a")
	tab.Release(id, "b")
	if len(tab.files) != 0 {
		t.Errorf("%d files keep locks", len(tab.files))
	}
}

// Two owners that each hold what the other wants: the second is told.
func TestDeadlock(t *testing.T) {
	id := ID{1, 2}
	var tab Table
	rec := func(owner string, at int64) Record { return Record{Owner: owner, Exclusive: true, Start: at, End: at} }
	if tab.Set(id, rec("a", 0)) != nil || tab.Set(id, rec("b", 1)) != nil {
		t.Fatal("cannot lock")
	}
	if _, err := tab.Wait(id, rec("a", 1)); err != nil {
		t.Errorf("a waits for b: %v", err)
	}
	if _, err := tab.Wait(id, rec("b", 0)); err != abi.EDEADLK {
		t.Errorf("b waits for a: got %v, want EDEADLK", err)
	}
}
