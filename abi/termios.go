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

// Winsize is struct winsize, ioctl_tty(2).
type Winsize struct {
	Row    uint16
	Col    uint16
	Xpixel uint16
	Ypixel uint16
}

// WinsizeSize is the size of Winsize in memory.
const WinsizeSize = 8

// Put writes s to p.
func (s *Winsize) Put(p []byte) {
	clear(p[:WinsizeSize])
	le.PutUint16(p[0:], s.Row)
	le.PutUint16(p[2:], s.Col)
	le.PutUint16(p[4:], s.Xpixel)
	le.PutUint16(p[6:], s.Ypixel)
}

// Decode reads s from p.
func (s *Winsize) Decode(p []byte) {
	s.Row = le.Uint16(p[0:])
	s.Col = le.Uint16(p[2:])
	s.Xpixel = le.Uint16(p[4:])
	s.Ypixel = le.Uint16(p[6:])
}

// Termios is struct termios as the kernel has it, TCGETS of ioctl_tty(2).
type Termios struct {
	Iflag uint32
	Oflag uint32
	Cflag uint32
	Lflag uint32
	Line  uint8
	Cc    [NCCS]byte
}

// TermiosSize is the size of Termios in memory.
const TermiosSize = 36

// Put writes s to p.
func (s *Termios) Put(p []byte) {
	clear(p[:TermiosSize])
	le.PutUint32(p[0:], s.Iflag)
	le.PutUint32(p[4:], s.Oflag)
	le.PutUint32(p[8:], s.Cflag)
	le.PutUint32(p[12:], s.Lflag)
	p[16] = s.Line
	copy(p[17:], s.Cc[:])
}

// Decode reads s from p.
func (s *Termios) Decode(p []byte) {
	s.Iflag = le.Uint32(p[0:])
	s.Oflag = le.Uint32(p[4:])
	s.Cflag = le.Uint32(p[8:])
	s.Lflag = le.Uint32(p[12:])
	s.Line = p[16]
	copy(s.Cc[:], p[17:])
}

// Termios2Size is the size of struct termios2 in memory: Termios and two speeds.
const Termios2Size = 44

// PutTermios2 writes s as struct termios2 of TCGETS2, with the speed of its baud bits.
func (s *Termios) PutTermios2(p []byte) {
	s.Put(p)
	le.PutUint32(p[36:], s.speed())
	le.PutUint32(p[40:], s.speed())
}

func (s *Termios) speed() uint32 {
	switch s.Cflag & CBAUD {
	case B9600:
		return 9600
	case B19200:
		return 19200
	case B57600:
		return 57600
	case B115200:
		return 115200
	case B0:
		return 0
	}
	return 38400
}

// DefaultTermios is what a terminal begins with: canonical, echoing, 38400 baud.
func DefaultTermios() Termios {
	return Termios{
		Iflag: ICRNL | IXON,
		Oflag: OPOST | ONLCR,
		Cflag: B38400 | CS8 | CREAD,
		Lflag: ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
		Cc: [NCCS]byte{
			VINTR: 3, VQUIT: 0x1c, VERASE: 0x7f, VKILL: 0x15, VEOF: 4, VMIN: 1,
			VSTART: 0x11, VSTOP: 0x13, VSUSP: 0x1a, VREPRINT: 0x12, VDISCARD: 0xf,
			VWERASE: 0x17, VLNEXT: 0x16,
		},
	}
}
