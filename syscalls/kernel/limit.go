package kernel

import "emurun/abi"

// SetLimit implements setrlimit(2) of t on process p.
func (t *Thread) SetLimit(p *Process, res uint32, l abi.Rlimit) error {
	if res >= abi.RLIM_NLIMITS || l.Cur > l.Max {
		return abi.EINVAL
	}
	old := p.Limits[res]
	const nrOpen = 1 << 20 // /proc/sys/fs/nr_open
	switch {
	case res == abi.RLIMIT_NOFILE && l.Max > nrOpen:
		return abi.EPERM
	case l.Max > old.Max && !t.Proc.Cred.Capable(abi.CAP_SYS_RESOURCE):
		return abi.EPERM
	}
	p.Limits[res] = l
	if p.Mem != nil {
		p.Mem.Limits = p.memLimits()
	}
	if res == abi.RLIMIT_CPU {
		p.limitCPU()
	}
	return nil
}
