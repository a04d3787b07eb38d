package abi

// Flags of eventfd2(2).
const (
	EFD_SEMAPHORE = 0x1
	EFD_CLOEXEC   = 0x80000
	EFD_NONBLOCK  = 0x800
)

// Flags of signalfd4(2).
const (
	SFD_CLOEXEC  = 0x80000
	SFD_NONBLOCK = 0x800
)

// Flags of timerfd_create(2) and timerfd_settime(2).
const (
	TFD_CLOEXEC             = 0x80000
	TFD_NONBLOCK            = 0x800
	TFD_TIMER_ABSTIME       = 0x1
	TFD_TIMER_CANCEL_ON_SET = 0x2
	TFD_IOC_SET_TICKS       = 0x40085400
)
