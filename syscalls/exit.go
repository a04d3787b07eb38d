package syscalls

import "emurun/syscalls/kernel"

// exit implements _exit(2) of one thread.
func exit(t *kernel.Thread, a Args) (uint64, error) {
	t.Exit(a.Int(0))
	return 0, nil
}

// exitGroup implements exit_group(2).
func exitGroup(t *kernel.Thread, a Args) (uint64, error) {
	t.ExitGroup(a.Int(0))
	return 0, nil
}

// setTidAddress implements set_tid_address(2).
func setTidAddress(t *kernel.Thread, a Args) (uint64, error) {
	t.SetClearTID(a[0])
	return uint64(t.TID), nil
}
