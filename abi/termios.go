package abi

// Indices into the special characters of termios(3).
const (
	VINTR    = 0
	VQUIT    = 1
	VERASE   = 2
	VKILL    = 3
	VEOF     = 4
	VTIME    = 5
	VMIN     = 6
	VSWTC    = 7
	VSTART   = 8
	VSTOP    = 9
	VSUSP    = 10
	VEOL     = 11
	VREPRINT = 12
	VDISCARD = 13
	VWERASE  = 14
	VLNEXT   = 15
	VEOL2    = 16
	NCCS     = 19
)

// Input modes, termios(3).
const (
	IGNBRK  = 0o1
	BRKINT  = 0o2
	IGNPAR  = 0o4
	PARMRK  = 0o10
	INPCK   = 0o20
	ISTRIP  = 0o40
	INLCR   = 0o100
	IGNCR   = 0o200
	ICRNL   = 0o400
	IUCLC   = 0o1000
	IXON    = 0o2000
	IXANY   = 0o4000
	IXOFF   = 0o10000
	IMAXBEL = 0o20000
	IUTF8   = 0o40000
)

// Output modes, termios(3).
const (
	OPOST  = 0o1
	OLCUC  = 0o2
	ONLCR  = 0o4
	OCRNL  = 0o10
	ONOCR  = 0o20
	ONLRET = 0o40
	OFILL  = 0o100
	OFDEL  = 0o200
	TABDLY = 0o14000
	XTABS  = 0o14000
)

// Control modes, termios(3).
const (
	CBAUD   = 0o10017
	B0      = 0o0
	B50     = 0o1
	B9600   = 0o15
	B19200  = 0o16
	B38400  = 0o17
	B57600  = 0o10001
	B115200 = 0o10002
	CSIZE   = 0o60
	CS5     = 0o0
	CS6     = 0o20
	CS7     = 0o40
	CS8     = 0o60
	CSTOPB  = 0o100
	CREAD   = 0o200
	PARENB  = 0o400
	PARODD  = 0o1000
	HUPCL   = 0o2000
	CLOCAL  = 0o4000
	CRTSCTS = 0o20000000000
)

// Local modes, termios(3).
const (
	ISIG    = 0o1
	ICANON  = 0o2
	XCASE   = 0o4
	ECHO    = 0o10
	ECHOE   = 0o20
	ECHOK   = 0o40
	ECHONL  = 0o100
	NOFLSH  = 0o200
	TOSTOP  = 0o400
	ECHOCTL = 0o1000
	ECHOPRT = 0o2000
	ECHOKE  = 0o4000
	FLUSHO  = 0o10000
	PENDIN  = 0o40000
	IEXTEN  = 0o100000
	EXTPROC = 0o200000
)

// Arguments of TCFLSH and TCXONC, ioctl_tty(2).
const (
	TCIFLUSH  = 0
	TCOFLUSH  = 1
	TCIOFLUSH = 2
	TCOOFF    = 0
	TCOON     = 1
	TCIOFF    = 2
	TCION     = 3
)

// Packet mode of pseudoterminals, ioctl_tty(2).
const (
	TIOCPKT_DATA       = 0
	TIOCPKT_FLUSHREAD  = 1
	TIOCPKT_FLUSHWRITE = 2
	TIOCPKT_STOP       = 4
	TIOCPKT_START      = 8
	TIOCPKT_NOSTOP     = 16
	TIOCPKT_DOSTOP     = 32
	TIOCPKT_IOCTL      = 64
)
