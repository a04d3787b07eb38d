package syscalls

import "emurun/syscalls/kernel"

// lseek implements lseek(2).
func lseek(t *kernel.Thread, a Args) (uint64, error) {
	f, err := t.File(a.Int(0))
	if err != nil {
		return 0, err
	}
	pos, err := f.Seek(a.Off(1), int(a.Int(2)))
	return uint64(pos), err
}
