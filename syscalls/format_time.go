package syscalls

import "emurun/abi"

func (p *printer) timespec(b []byte) {
	var t abi.Timespec
	t.Decode(b)
	switch t.Nsec {
	case abi.UTIME_NOW:
		p.str("UTIME_NOW")
		return
	case abi.UTIME_OMIT:
		p.str("UTIME_OMIT")
		return
	}
	p.str("{tv_sec=")
	p.int(t.Sec)
	p.str(", tv_nsec=")
	p.int(t.Nsec)
	p.str("}")
}

func (p *printer) timeval(b []byte) {
	p.str("{tv_sec=")
	p.int(int64(le.Uint64(b)))
	p.str(", tv_usec=")
	p.int(int64(le.Uint64(b[8:])))
	p.str("}")
}

// show prints the structure at addr by f; out structures only after success.
func (p *printer) show(addr uint64, size int, out bool, f func([]byte)) {
	if out && !p.ok() {
		p.addr(addr)
		return
	}
	if b := p.bytes(addr, size); b != nil {
		f(b)
	}
}

func (p *printer) timespecIn(i int)  { p.show(p.args[i], 16, false, p.timespec) }
func (p *printer) timespecOut(i int) { p.show(p.args[i], 16, true, p.timespec) }
func (p *printer) timevalIn(i int)   { p.show(p.args[i], 16, false, p.timeval) }
func (p *printer) timevalOut(i int)  { p.show(p.args[i], 16, true, p.timeval) }

func (p *printer) pair(f func([]byte)) func([]byte) {
	return func(b []byte) {
		p.str("[")
		f(b)
		p.str(", ")
		f(b[16:])
		p.str("]")
	}
}

func (p *printer) timespecPair(i int) { p.show(p.args[i], 32, false, p.pair(p.timespec)) }
func (p *printer) timevalPair(i int)  { p.show(p.args[i], 32, false, p.pair(p.timeval)) }

// itimer prints struct itimerspec or itimerval, whose elements f prints.
func (p *printer) itimer(f func([]byte)) func([]byte) {
	return func(b []byte) {
		p.str("{it_interval=")
		f(b)
		p.str(", it_value=")
		f(b[16:])
		p.str("}")
	}
}

func (p *printer) itimerspecIn(i int)  { p.show(p.args[i], 32, false, p.itimer(p.timespec)) }
func (p *printer) itimerspecOut(i int) { p.show(p.args[i], 32, true, p.itimer(p.timespec)) }
func (p *printer) itimervalIn(i int)   { p.show(p.args[i], 32, false, p.itimer(p.timeval)) }
func (p *printer) itimervalOut(i int)  { p.show(p.args[i], 32, true, p.itimer(p.timeval)) }

// limit prints a resource limit: multiples of 1024 as such, as strace(1) does.
func (p *printer) limit(v uint64) {
	switch {
	case v == abi.RLIM_INFINITY:
		p.str("RLIM64_INFINITY")
	case v > 1024 && v%1024 == 0:
		p.uint(v / 1024)
		p.str("*1024")
	default:
		p.uint(v)
	}
}

func (p *printer) rlimit(b []byte) {
	p.str("{rlim_cur=")
	p.limit(le.Uint64(b))
	p.str(", rlim_max=")
	p.limit(le.Uint64(b[8:]))
	p.str("}")
}

func (p *printer) rlimitIn(i int)  { p.show(p.args[i], 16, false, p.rlimit) }
func (p *printer) rlimitOut(i int) { p.show(p.args[i], 16, true, p.rlimit) }

func (p *printer) schedParam(b []byte) {
	p.str("[")
	p.int(int64(int32(le.Uint32(b))))
	p.str("]")
}

func (p *printer) schedParamIn(i int)  { p.show(p.args[i], 4, false, p.schedParam) }
func (p *printer) schedParamOut(i int) { p.show(p.args[i], 4, true, p.schedParam) }
