package syscalls

import (
	"testing"

	"emurun/abi"
)

// Every number that Linux assigns on x86-64 has a row with a name, at most six
// typed arguments, and a reason where it has no handler.
func TestTable(t *testing.T) {
	for nr := range Table {
		r := &Table[nr]
		if reserved := nr > abi.SYS_rseq && nr < abi.SYS_pidfd_send_signal; reserved {
			if r.Name != "" {
				t.Errorf("%d: %s: number is not assigned on x86-64", nr, r.Name)
			}
			continue
		}
		switch {
		case r.Name == "":
			t.Errorf("%d: no row", nr)
		case len(r.Args) > 6:
			t.Errorf("%s: %d arguments", r.Name, len(r.Args))
		case r.Handler == nil && r.Note == "":
			t.Errorf("%s: no handler and no note", r.Name)
		}
		for _, k := range r.Args {
			if k == 0 || k >= numKinds {
				t.Errorf("%s: kind %d", r.Name, k)
			}
		}
	}
}
