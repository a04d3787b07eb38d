package syscalls

import (
	"encoding/binary"

	"emurun/abi"
	"emurun/syscalls/kernel"
)

// capHeader reads the header of capget(2) and returns the process and how many
// structures follow. An unknown version is answered with the newest one.
func capHeader(t *kernel.Thread, addr uint64) (*kernel.Process, int, error) {
	version, err := t.ReadU32(addr)
	if err != nil {
		return nil, 0, err
	}
	words := 2
	switch version {
	case abi.LINUX_CAPABILITY_VERSION_1:
		words = 1
	case abi.LINUX_CAPABILITY_VERSION_2, abi.LINUX_CAPABILITY_VERSION_3:
	default:
		if err := t.WriteU32(addr, abi.LINUX_CAPABILITY_VERSION_3); err != nil {
			return nil, 0, err
		}
		return nil, 0, abi.EINVAL
	}
	pid, err := t.ReadU32(addr + 4)
	if err != nil {
		return nil, 0, err
	}
	if int32(pid) < 0 {
		return nil, 0, abi.EINVAL
	}
	x, err := schedThread(t, int32(pid))
	if err != nil {
		return nil, 0, err
	}
	return x.Proc, words, nil
}

// capget implements capget(2).
func capget(t *kernel.Thread, a Args) (uint64, error) {
	p, words, err := capHeader(t, a[0])
	if a[1] == 0 && (err == nil || err == abi.EINVAL) {
		return 0, nil // a question for the version only
	}
	if err != nil {
		return 0, err
	}
	c := &p.Cred
	var b [24]byte
	for i := range words {
		shift := 32 * uint(i)
		putU32(b[12*i:], uint32(c.Effective>>shift), uint32(c.Permitted>>shift), uint32(c.Inheritable>>shift))
	}
	return 0, t.Write(b[:12*words], a[1])
}

// capset implements capset(2).
func capset(t *kernel.Thread, a Args) (uint64, error) {
	p, words, err := capHeader(t, a[0])
	if err != nil {
		return 0, err
	}
	if p != t.Proc {
		return 0, abi.EPERM
	}
	var b [24]byte
	if err := t.Read(b[:12*words], a[1]); err != nil {
		return 0, err
	}
	var e, pm, in uint64
	for i := range words {
		shift := 32 * uint(i)
		w := b[12*i:]
		e |= uint64(binary.LittleEndian.Uint32(w)) << shift
		pm |= uint64(binary.LittleEndian.Uint32(w[4:])) << shift
		in |= uint64(binary.LittleEndian.Uint32(w[8:])) << shift
	}
	e, pm, in = e&abi.CAP_FULL_SET, pm&abi.CAP_FULL_SET, in&abi.CAP_FULL_SET
	c := &p.Cred
	switch {
	case pm&^c.Permitted != 0, e&^pm != 0,
		in&^(c.Inheritable|c.Permitted) != 0 && !c.Capable(abi.CAP_SETPCAP),
		in&^(c.Inheritable|c.Bounding) != 0:
		return 0, abi.EPERM
	}
	c.Effective, c.Permitted, c.Inheritable = e, pm, in
	c.Ambient &= pm & in
	return 0, nil
}
