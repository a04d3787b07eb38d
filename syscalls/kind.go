package syscalls

// Kind is the type of an argument, for strace text. Where the name ends in Out,
// the call writes what the argument points to, and the text is known only on return.
type Kind uint8

// The types of arguments.
const (
	FD       Kind = iota + 1 // file descriptor
	FDU                      // file descriptor as unsigned int
	DirFD                    // directory descriptor or AT_FDCWD
	Int                      // signed 32-bit
	Uint                     // unsigned 32-bit
	Long                     // signed 64-bit
	Size                     // size_t, or an unsigned 64-bit count
	Off                      // off_t
	HexOff                   // off_t in hexadecimal
	Hex                      // flags or bits without names
	Addr                     // address that is not looked behind
	Skip                     // argument of the calling convention that is never printed
	Path                     // file name
	Str                      // string ending in NUL
	StrLen                   // string whose length is the next argument
	StrOut                   // string the call writes
	In                       // bytes to read, as many as the next argument says
	InAfter                  // as In
	Out                      // bytes the call writes, as many as its result says
	OffPtr                   // address of an off_t
	Mode                     // permission bits
	OpenMode                 // permission bits, present only with O_CREAT or O_TMPFILE

	AccessMode
	Advice
	ArchPrctlOp
	Argv
	AtFlags
	AtRemove
	CPUSet
	CPUSetOut
	ClockID
	CloneArgs
	CloneFlags
	CloseRangeFlags
	Dev
	DirentsOut
	Envp
	EpollEventIn
	EpollEventsOut
	EpollFlags
	EpollOp
	EventfdFlags
	FDFlags
	FDPairOut
	FDSet
	Fadvice
	FallocMode
	FcntlArg
	FcntlCmd
	FlockOp
	FutexAddr2
	FutexOp
	FutexTimeout
	FutexVal
	FutexVal3
	GetrandomFlags
	GroupsIn
	GroupsOut
	IPCFlags
	InotifyFlags
	InotifyMask
	IntOut
	IoctlArg
	IoctlReq
	IovIn
	IovOut
	ItimerWhich
	ItimerspecIn
	ItimerspecOut
	ItimervalIn
	ItimervalOut
	KcmpType
	Key
	LongOut
	MapFlags
	MembarrierCmd
	MemfdFlags
	MknodMode
	MlockFlags
	MmsghdrIn
	MmsghdrOut
	MountFlags
	MremapFlags
	MsgFlags
	MsghdrIn
	MsghdrOut
	MsyncFlags
	OpenFlags
	OpenHow
	OutHex
	PidfdFlags
	PollFDs
	PrctlOp
	PrioWhich
	Prot
	PtraceOp
	RWFlags
	RenameFlags
	RlimitIn
	RlimitOut
	RlimitRes
	RusageOut
	RusageWho
	SchedParamIn
	SchedParamOut
	SchedPolicy
	ShmCmd
	ShmFlags
	ShutHow
	SigFrame
	SigHow
	SigactionIn
	SigactionOut
	SigeventIn
	SiginfoIn
	SiginfoOut
	Signal
	SignalfdFlags
	SigsetArgpack
	SigsetIn
	SigsetOut
	SigstackIn
	SigstackOut
	SockDomain
	SockFlags
	SockLevel
	SockOpt
	SockProto
	SockType
	SockaddrIn
	SockaddrOut
	SocklenOut
	SockvalIn
	SockvalOut
	SpliceFlags
	StatOut
	StatfsOut
	StatxMask
	StatxOut
	SyncRangeFlags
	SysinfoOut
	TimerFlags
	TimerfdFlags
	TimerfdSetFlags
	TimespecIn
	TimespecOut
	TimespecPair
	TimevalIn
	TimevalOut
	TimevalPair
	TmsOut
	UmountFlags
	UtsnameOut
	WaitIDType
	WaitOptions
	WaitStatus
	Whence
	XattrFlags

	numKinds
)
