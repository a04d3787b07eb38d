package kernel

import (
	"fmt"
	"path"
)

// What uname(2) and /proc/version say of the kernel: a version that every
// current libc accepts.
const (
	Sysname = "Linux"
	Release = "6.1.0-emurun"
	Version = "#1 SMP PREEMPT_DYNAMIC emurun"
	Machine = "x86_64"
)

// LastPID returns the process ID given last, /proc/loadavg.
func (k *Kernel) LastPID() int32 { return k.lastPID }

// BootID returns the machine's own UUID, /proc/sys/kernel/random/boot_id.
func (k *Kernel) BootID() string { return uuid(k.boot.hi, k.boot.lo) }

// NewUUID returns a random UUID, /proc/sys/kernel/random/uuid.
func (k *Kernel) NewUUID() string {
	hi := k.rand64()
	return uuid(hi, k.rand64())
}

// uuid formats 128 bits as a version 4 UUID.
func uuid(hi, lo uint64) string {
	hi = hi&^0xf000 | 0x4000
	lo = lo&^(3<<62) | 2<<62
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", hi>>32, hi>>16&0xffff, hi&0xffff, lo>>48, lo&(1<<48-1))
}

// Comm returns the name of a process whose leader has ended: that of its program.
func (p *Process) Comm() string {
	s := path.Base(p.exe.Path)
	return s[:min(len(s), 15)]
}
