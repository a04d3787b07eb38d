package syscalls

import (
	"encoding/binary"

	"emurun/abi"
)

var le = binary.LittleEndian

// kindInfo says how an argument is printed. A kind that is out depends on what
// the call wrote.
type kindInfo struct {
	print func(p *printer, i int)
	out   bool
}

// kinds is how each Kind is printed; addresses and bits without an entry are
// hexadecimal.
var kinds [numKinds]kindInfo

// init fills kinds: the printers call back into it, which a literal may not.
func init() {
	kinds = [numKinds]kindInfo{
		FD: {(*printer).intArg, false}, FDU: {(*printer).uintArg, false}, DirFD: {(*printer).dirFD, false},
		Int: {(*printer).intArg, false}, Uint: {(*printer).uintArg, false}, Long: {(*printer).longArg, false},
		Size: {(*printer).sizeArg, false}, Off: {(*printer).longArg, false}, Addr: {(*printer).addrArg, false},
		Skip: {(*printer).skip, false}, Path: {(*printer).path, false}, Str: {(*printer).string, false},
		StrLen: {(*printer).in, false}, StrOut: {(*printer).strOut, true}, In: {(*printer).in, false},
		InAfter: {(*printer).in, false}, Out: {(*printer).out, true}, OffPtr: {(*printer).offPtr, false},
		Mode: {(*printer).mode, false}, OpenMode: {(*printer).openMode, false}, MknodMode: {(*printer).mknodMode, false},
		Dev: {(*printer).dev, false}, Key: {(*printer).key, false},

		AccessMode: orFlags(accessMode, "F_OK"), Advice: oneOf(advice, "MADV_???"), ArchPrctlOp: oneOf(archPrctlOp, "ARCH_???"),
		AtFlags: orFlags(atFlags, ""), AtRemove: orFlags(atFlags, ""), ClockID: oneOf(clockID, "CLOCK_???"),
		CloneFlags: {(*printer).clone, false}, CloseRangeFlags: orFlags(closeRangeFlags, ""),
		EpollFlags: orFlags(epollFlags, ""), EpollOp: oneOf(epollOp, "EPOLL_CTL_???"), EventfdFlags: orFlags(eventfdFlags, ""),
		Fadvice: oneOf(fadvice, "POSIX_FADV_???"), FallocMode: orFlags(fallocMode, ""), FcntlCmd: oneOf(fcntlCmd, "F_???"),
		FlockOp: orFlags(flockOp, ""), GetrandomFlags: orFlags(getrandomFlags, ""), IPCFlags: orFlags(ipcFlags, ""),
		InotifyFlags: orFlags(inotifyFlags, ""), InotifyMask: orFlags(inotifyMask, ""), IoctlReq: oneOf(ioctlReq, ""),
		ItimerWhich: oneOf(itimerWhich, "ITIMER_???"), KcmpType: oneOf(kcmpType, "KCMP_???"), MembarrierCmd: oneOf(membarrierCmd, "MEMBARRIER_CMD_???"),
		MemfdFlags: orFlags(memfdFlags, ""), MlockFlags: orFlags(mlockFlags, ""), MountFlags: orFlags(mountFlags, ""),
		MremapFlags: orFlags(mremapFlags, ""), MsgFlags: orFlags(msgFlags, ""), MsyncFlags: orFlags(msyncFlags, ""),
		PrctlOp: oneOf(prctlOp, "PR_???"), PrioWhich: oneOf(prioWhich, "PRIO_???"), Prot: orFlags(prot, "PROT_NONE"),
		PtraceOp: oneOf(ptraceOp, "PTRACE_???"), RWFlags: orFlags(rwFlags, ""), RenameFlags: orFlags(renameFlags, ""),
		RlimitRes: oneOf(rlimitRes, "RLIMIT_???"), RusageWho: oneOf(rusageWho, "RUSAGE_???"), SchedPolicy: oneOf(schedPolicy, "SCHED_???"),
		ShmCmd: oneOf(shmCmd, "SHM_???"), ShmFlags: orFlags(shmFlags, ""), ShutHow: oneOf(shutHow, "SHUT_???"),
		SigHow: oneOf(sigHow, "SIG_???"), Signal: {(*printer).signal, false}, SignalfdFlags: orFlags(signalfdFlags, ""),
		SockDomain: oneOf(sockDomain, "AF_???"), SockFlags: orFlags(sockFlags, ""), SockLevel: oneOf(sockLevel, "SOL_???"),
		SockOpt: {(*printer).sockOpt, false}, SockProto: {(*printer).sockProto, false}, SockType: {(*printer).sockType, false},
		SpliceFlags: orFlags(spliceFlags, ""), StatxMask: orFlags(statxMask, ""), SyncRangeFlags: orFlags(syncRangeFlags, ""),
		TimerFlags: orFlags(timerFlags, ""), TimerfdFlags: orFlags(timerfdFlags, ""), TimerfdSetFlags: orFlags(timerfdSetFlags, ""),
		UmountFlags: orFlags(umountFlags, ""), Whence: oneOf(whence, "SEEK_???"), WaitIDType: oneOf(waitIDType, "P_???"),
		WaitOptions: orFlags(waitOptions, ""), XattrFlags: orFlags(xattrFlags, ""),

		OpenFlags: {(*printer).openFlags, false}, MapFlags: {(*printer).mapFlags, false}, Argv: {(*printer).argv, false}, Envp: {(*printer).envp, false},
		FcntlArg: {(*printer).fcntlArg, true}, IoctlArg: {(*printer).ioctlArg, true}, FutexOp: {(*printer).futexOp, false},
		FutexAddr2: {(*printer).futexAddr2, false}, FutexVal: {(*printer).futexVal, false}, FutexTimeout: {(*printer).futexTimeout, false}, FutexVal3: {(*printer).futexVal3, false},

		IovIn: {(*printer).iovIn, false}, IovOut: {(*printer).iovOut, true}, MsghdrIn: {(*printer).msghdrIn, false}, MsghdrOut: {(*printer).msghdrOut, true},
		StatOut: {(*printer).statOut, true}, StatxOut: {(*printer).statxOut, true}, StatfsOut: {(*printer).statfsOut, true}, DirentsOut: {(*printer).dirents, true},
		PollFDs: {(*printer).pollFDs, false}, FDSet: {(*printer).fdSet, false}, EpollEventIn: {(*printer).epollEvent, false}, EpollEventsOut: {(*printer).epollEvents, true},
		FDPairOut: {(*printer).fdPair, true}, OpenHow: {(*printer).openHow, false}, SockaddrIn: {(*printer).sockaddrIn, false}, SockaddrOut: {(*printer).sockaddrOut, true},
		SocklenOut: {(*printer).intOut, true}, SockvalIn: {(*printer).sockvalIn, false}, SockvalOut: {(*printer).sockvalOut, true},

		TimespecIn: {(*printer).timespecIn, false}, TimespecOut: {(*printer).timespecOut, true}, TimespecPair: {(*printer).timespecPair, false},
		TimevalIn: {(*printer).timevalIn, false}, TimevalOut: {(*printer).timevalOut, true}, TimevalPair: {(*printer).timevalPair, false},
		ItimerspecIn: {(*printer).itimerspecIn, false}, ItimerspecOut: {(*printer).itimerspecOut, true},
		ItimervalIn: {(*printer).itimervalIn, false}, ItimervalOut: {(*printer).itimervalOut, true},
		SigsetIn: {(*printer).sigsetIn, false}, SigsetOut: {(*printer).sigsetOut, true}, SigactionIn: {(*printer).sigactionIn, false}, SigactionOut: {(*printer).sigactionOut, true},
		SiginfoIn: {(*printer).siginfoIn, false}, SiginfoOut: {(*printer).siginfoOut, true}, SigstackIn: {(*printer).sigstackIn, false}, SigstackOut: {(*printer).sigstackOut, true},
		SigFrame: {(*printer).skip, false}, RlimitIn: {(*printer).rlimitIn, false}, RlimitOut: {(*printer).rlimitOut, true}, UtsnameOut: {(*printer).utsname, true},
		WaitStatus: {(*printer).waitStatus, true}, RusageOut: {(*printer).addrOut, true}, IntOut: {(*printer).intOut, true}, LongOut: {(*printer).longOut, true},
		SysinfoOut: {(*printer).addrOut, true}, TmsOut: {(*printer).addrOut, true}, GroupsOut: {(*printer).addrOut, true}, GroupsIn: {(*printer).addrArg, false},
		SchedParamIn: {(*printer).schedParamIn, false}, SchedParamOut: {(*printer).schedParamOut, true}, CPUSet: {(*printer).addrArg, false}, CPUSetOut: {(*printer).addrOut, true},
		SigeventIn: {(*printer).addrArg, false}, SigsetArgpack: {(*printer).addrArg, false}, CloneArgs: {(*printer).cloneArgs, false}, MmsghdrIn: {(*printer).addrArg, false},
		MmsghdrOut: {(*printer).addrOut, true}, OutHex: {(*printer).outHex, true}, PidfdFlags: orFlags(openFlags, ""), FDFlags: orFlags(openFlags, ""),
	}
}

// oneOf prints a value that has one of the names; unknown values are followed
// by what was expected.
func oneOf(names []flag, unknown string) kindInfo {
	return kindInfo{func(p *printer, i int) { p.value(names, uint64(uint32(p.args[i])), unknown) }, false}
}

// orFlags prints names joined by "|"; zero is the name for no bits, or 0.
func orFlags(names []flag, zero string) kindInfo {
	return kindInfo{func(p *printer, i int) { p.flags(names, p.args[i], zero) }, false}
}

func (p *printer) value(names []flag, v uint64, unknown string) {
	for _, f := range names {
		if f.value == v {
			p.str(f.name)
			return
		}
	}
	p.hex(v)
	if unknown != "" {
		p.str(" /* " + unknown + " */")
	}
}

func (p *printer) flags(names []flag, v uint64, zero string) {
	if v == 0 && zero != "" {
		p.str(zero)
		return
	}
	if rest := p.names(names, v); rest != 0 || v == 0 {
		if rest != v {
			p.str("|")
		}
		p.hex(rest)
	}
}

// names prints the names of the bits of v and returns those without one.
func (p *printer) names(names []flag, v uint64) uint64 {
	first := true
	for _, f := range names {
		if f.value == 0 || v&f.value != f.value {
			continue
		}
		if !first {
			p.str("|")
		}
		first = false
		p.str(f.name)
		v &^= f.value
	}
	return v
}

func (p *printer) skip(int)        {}
func (p *printer) intArg(i int)    { p.int(int64(int32(p.args[i]))) }
func (p *printer) uintArg(i int)   { p.uint(uint64(uint32(p.args[i]))) }
func (p *printer) longArg(i int)   { p.int(int64(p.args[i])) }
func (p *printer) sizeArg(i int)   { p.uint(p.args[i]) }
func (p *printer) addrArg(i int)   { p.addr(p.args[i]) }
func (p *printer) addrOut(i int)   { p.addr(p.args[i]) }
func (p *printer) mode(i int)      { p.octal(p.args[i] & 0xffffffff) }
func (p *printer) signal(i int)    { p.signo(int32(p.args[i])) }
func (p *printer) openFlags(i int) { p.open(p.args[i] & 0xffffffff) }

func (p *printer) signo(n int32) {
	if n == 0 {
		p.str("0")
		return
	}
	p.str(abi.Signal(n).String())
}

func (p *printer) dirFD(i int) {
	if int32(p.args[i]) == abi.AT_FDCWD {
		p.str("AT_FDCWD")
		return
	}
	p.intArg(i)
}

// open prints the flags of open(2), access mode first.
func (p *printer) open(v uint64) {
	p.value(accMode, v&abi.O_ACCMODE, "")
	if v &^= abi.O_ACCMODE; v != 0 {
		p.str("|")
		p.flags(openFlags, v, "")
	}
}

// openMode prints open(2)'s mode, which is there only if a file may be made.
func (p *printer) openMode(i int) {
	if f := p.args[i-1]; f&abi.O_CREAT != 0 || f&abi.O_TMPFILE == abi.O_TMPFILE {
		p.mode(i)
	}
}

func (p *printer) mapFlags(i int) {
	v := p.args[i] & 0xffffffff
	p.value(mapType, v&0xf, "MAP_???")
	if v &^= 0xf; v != 0 {
		p.str("|")
		p.flags(mapFlags, v, "")
	}
}

func (p *printer) key(i int) {
	if int32(p.args[i]) == 0 {
		p.str("IPC_PRIVATE")
		return
	}
	p.hex(p.args[i] & 0xffffffff)
}

var fileTypes = []flag{
	{abi.S_IFREG, "S_IFREG"}, {abi.S_IFDIR, "S_IFDIR"}, {abi.S_IFLNK, "S_IFLNK"}, {abi.S_IFCHR, "S_IFCHR"},
	{abi.S_IFBLK, "S_IFBLK"}, {abi.S_IFIFO, "S_IFIFO"}, {abi.S_IFSOCK, "S_IFSOCK"},
}

var modeBits = []flag{{abi.S_ISUID, "S_ISUID"}, {abi.S_ISGID, "S_ISGID"}, {abi.S_ISVTX, "S_ISVTX"}}

// fileMode prints st_mode.
func (p *printer) fileMode(v uint64) {
	if t := v & abi.S_IFMT; t != 0 {
		p.value(fileTypes, t, "")
		p.str("|")
	}
	if v&0o7000 != 0 {
		p.names(modeBits, v)
		p.str("|")
	}
	p.octal(v & 0o777)
}

func (p *printer) mknodMode(i int) { p.fileMode(p.args[i] & 0xffff) }

// dev prints mknod(2)'s device number, which only devices have, or ustat(2)'s.
func (p *printer) dev(i int) {
	if i == 0 {
		p.device(p.args[i] & 0xffffffff)
		return
	}
	if t := p.args[i-1] & abi.S_IFMT; t == abi.S_IFCHR || t == abi.S_IFBLK {
		p.device(p.args[i] & 0xffffffff)
	}
}

func (p *printer) device(dev uint64) {
	p.str("makedev(")
	p.hex(uint64(abi.Major(dev)))
	p.str(", ")
	p.hex(uint64(abi.Minor(dev)))
	p.str(")")
}

func (p *printer) sockType(i int) {
	v := p.args[i] & 0xffffffff
	p.value(sockType, v&abi.SOCK_TYPE_MASK, "SOCK_???")
	if v &^= abi.SOCK_TYPE_MASK; v != 0 {
		p.str("|")
		p.flags(sockFlags, v, "")
	}
}

// sockProto names protocols of the internet families only.
func (p *printer) sockProto(i int) {
	if d := int32(p.args[0]); d == abi.AF_INET || d == abi.AF_INET6 {
		p.value(sockProto, p.args[i]&0xffffffff, "IPPROTO_???")
		return
	}
	p.intArg(i)
}

func (p *printer) sockOpt(i int) {
	switch names := soOptions; p.args[i-1] {
	case abi.SOL_TCP:
		names = tcpOptions
		fallthrough
	case abi.SOL_SOCKET:
		p.value(names, p.args[i]&0xffffffff, "SO_???")
	default:
		p.hex(p.args[i] & 0xffffffff)
	}
}
