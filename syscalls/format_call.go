package syscalls

import "emurun/abi"

// fcntlArg prints the third argument of fcntl(2), which depends on the command.
func (p *printer) fcntlArg(i int) {
	v := p.args[i]
	switch int32(p.args[i-1]) {
	case abi.F_GETFD, abi.F_GETFL, abi.F_GETOWN, abi.F_GETSIG, abi.F_GETLEASE, abi.F_GETPIPE_SZ, abi.F_GET_SEALS:
	case abi.F_SETFD:
		p.flags([]flag{{abi.FD_CLOEXEC, "FD_CLOEXEC"}}, v, "")
	case abi.F_SETFL:
		p.open(v & 0xffffffff)
	case abi.F_ADD_SEALS:
		p.flags(seals, v, "")
	case abi.F_SETLK, abi.F_SETLKW, abi.F_GETLK, abi.F_OFD_SETLK, abi.F_OFD_SETLKW, abi.F_OFD_GETLK:
		p.show(v, abi.FlockSize, false, p.flock)
	case abi.F_DUPFD, abi.F_DUPFD_CLOEXEC, abi.F_SETPIPE_SZ, abi.F_SETOWN, abi.F_SETSIG:
		p.int(int64(int32(v)))
	default:
		p.hex(v)
	}
}

func (p *printer) flock(b []byte) {
	var l abi.Flock
	l.Decode(b)
	p.str("{l_type=")
	p.value(lockType, uint64(l.Type), "F_???")
	p.str(", l_whence=")
	p.value(whence, uint64(l.Whence), "SEEK_???")
	p.str(", l_start=")
	p.int(l.Start)
	p.str(", l_len=")
	p.int(l.Len)
	if cmd := int32(p.args[1]); cmd == abi.F_GETLK || cmd == abi.F_OFD_GETLK {
		p.str(", l_pid=")
		p.int(int64(l.PID))
	}
	p.str("}")
}

// fcntlResult explains the flags that fcntl(2) returned.
func (p *printer) fcntlResult() {
	switch v := p.ret; int32(p.args[1]) {
	case abi.F_GETFL:
		p.buf = p.buf[:0]
		p.hex(v)
		p.str(" (flags ")
		p.open(v)
		p.str(")")
	case abi.F_GETFD:
		if v != 0 {
			p.buf = p.buf[:0]
			p.hex(v)
			p.str(" (flags FD_CLOEXEC)")
		}
	case abi.F_GET_SEALS:
		p.buf = p.buf[:0]
		p.hex(v)
		p.str(" (seals ")
		p.flags(seals, v, "")
		p.str(")")
	}
}

// ioctlArg prints the third argument of ioctl(2).
func (p *printer) ioctlArg(i int) {
	v := p.args[i]
	switch uint32(p.args[i-1]) {
	case abi.TCGETS:
		p.show(v, abi.TermiosSize, true, p.termios)
	case abi.TCSETS, abi.TCSETSW, abi.TCSETSF:
		p.show(v, abi.TermiosSize, false, p.termios)
	case abi.TIOCGWINSZ:
		p.show(v, abi.WinsizeSize, true, p.winsize)
	case abi.TIOCSWINSZ:
		p.show(v, abi.WinsizeSize, false, p.winsize)
	case abi.TIOCGPGRP, abi.TIOCGSID, abi.FIONREAD, abi.TIOCOUTQ, abi.TIOCGPTN:
		p.show(v, 4, true, p.schedParam)
	case abi.TIOCSPGRP, abi.FIONBIO, abi.FIOASYNC, abi.TIOCSPTLCK:
		p.show(v, 4, false, p.schedParam)
	case abi.FIOCLEX, abi.FIONCLEX:
	case abi.TCFLSH:
		p.value(tcflushArg, v, "TC???FLUSH")
	default:
		p.hex(v)
	}
}

func (p *printer) winsize(b []byte) {
	var w abi.Winsize
	w.Decode(b)
	p.str("{ws_row=")
	p.uint(uint64(w.Row))
	p.str(", ws_col=")
	p.uint(uint64(w.Col))
	p.str(", ws_xpixel=")
	p.uint(uint64(w.Xpixel))
	p.str(", ws_ypixel=")
	p.uint(uint64(w.Ypixel))
	p.str("}")
}

// termios prints terminal modes, local ones by name.
func (p *printer) termios(b []byte) {
	var t abi.Termios
	t.Decode(b)
	p.str("{c_iflag=")
	p.flags(iflags, uint64(t.Iflag), "")
	p.str(", c_oflag=")
	p.flags(oflags, uint64(t.Oflag), "")
	p.str(", c_cflag=")
	p.hex(uint64(t.Cflag))
	p.str(", c_lflag=")
	p.flags(lflags, uint64(t.Lflag), "")
	p.str(", ...}")
}

// futexCmd is the operation of a futex(2) call without its flags.
func (p *printer) futexCmd() int32 { return int32(p.args[1]) & abi.FUTEX_CMD_MASK }

func (p *printer) futexOp(i int) {
	v := p.args[i] & 0xffffffff
	p.value(futexOp, uint64(p.futexCmd()), "FUTEX_???")
	if v&abi.FUTEX_PRIVATE_FLAG != 0 {
		p.str("_PRIVATE")
	}
	if v&abi.FUTEX_CLOCK_REALTIME != 0 {
		p.str("|FUTEX_CLOCK_REALTIME")
	}
}

func (p *printer) futexVal(i int) { p.int(int64(int32(p.args[i]))) }

// futexTimeout prints the fourth argument of futex(2): a time or a number.
func (p *printer) futexTimeout(i int) {
	switch p.futexCmd() {
	case abi.FUTEX_WAIT, abi.FUTEX_WAIT_BITSET, abi.FUTEX_LOCK_PI, abi.FUTEX_WAIT_REQUEUE_PI, abi.FUTEX_LOCK_PI2:
		p.timespecIn(i)
	case abi.FUTEX_REQUEUE, abi.FUTEX_CMP_REQUEUE, abi.FUTEX_WAKE_OP, abi.FUTEX_CMP_REQUEUE_PI:
		p.int(int64(int32(p.args[i])))
	}
}

// futexAddr2 prints the second address of the operations that have one.
func (p *printer) futexAddr2(i int) {
	switch p.futexCmd() {
	case abi.FUTEX_REQUEUE, abi.FUTEX_CMP_REQUEUE, abi.FUTEX_WAKE_OP, abi.FUTEX_CMP_REQUEUE_PI, abi.FUTEX_WAIT_REQUEUE_PI:
		p.addr(p.args[i])
	}
}

func (p *printer) futexVal3(i int) {
	switch p.futexCmd() {
	case abi.FUTEX_WAIT_BITSET, abi.FUTEX_WAKE_BITSET:
		if v := p.args[i] & 0xffffffff; v == abi.FUTEX_BITSET_MATCH_ANY {
			p.str("FUTEX_BITSET_MATCH_ANY")
		} else {
			p.hex(v)
		}
	case abi.FUTEX_CMP_REQUEUE, abi.FUTEX_WAKE_OP, abi.FUTEX_CMP_REQUEUE_PI:
		p.int(int64(int32(p.args[i])))
	}
}

// cloneArgs prints struct clone_args of clone3(2).
func (p *printer) cloneArgs(i int) {
	n := p.args[i+1]
	if n < abi.CLONE_ARGS_SIZE_VER0 {
		p.addr(p.args[i])
		return
	}
	p.show(p.args[i], abi.CLONE_ARGS_SIZE_VER0, false, func(b []byte) {
		p.str("{flags=")
		p.flags(cloneFlags, le.Uint64(b), "")
		p.str(", exit_signal=")
		p.signo(int32(le.Uint64(b[32:])))
		p.str(", stack=")
		p.addr(le.Uint64(b[40:]))
		p.str(", stack_size=")
		p.hex(le.Uint64(b[48:]))
		p.str("}")
	})
}

// clone prints the flags of clone(2) with the signal in their low byte.
func (p *printer) clone(i int) {
	sig, v := p.args[i]&abi.CSIGNAL, p.args[i]&^abi.CSIGNAL
	if v != 0 || sig == 0 {
		p.flags(cloneFlags, v, "")
	}
	if v != 0 && sig != 0 {
		p.str("|")
	}
	if sig != 0 {
		p.signo(int32(sig))
	}
}
