package machine

import (
	"emurun/syscalls/kernel"
	"emurun/vfs"
)

// Clock is the guest's time for file systems that are made before the machine
// whose time it is. Boot sets it.
type Clock struct{ k *kernel.Kernel }

// Now returns the guest's real time; 0 before Boot.
func (c *Clock) Now() vfs.Time {
	if c.k == nil {
		return 0
	}
	return vfs.Time(c.k.Realtime())
}
