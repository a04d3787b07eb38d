package abi

// Operations of prctl(2).
const (
	PR_SET_PDEATHSIG        = 1
	PR_GET_PDEATHSIG        = 2
	PR_GET_DUMPABLE         = 3
	PR_SET_DUMPABLE         = 4
	PR_GET_UNALIGN          = 5
	PR_SET_UNALIGN          = 6
	PR_GET_KEEPCAPS         = 7
	PR_SET_KEEPCAPS         = 8
	PR_GET_FPEMU            = 9
	PR_SET_FPEMU            = 10
	PR_GET_FPEXC            = 11
	PR_SET_FPEXC            = 12
	PR_GET_TIMING           = 13
	PR_SET_TIMING           = 14
	PR_SET_NAME             = 15
	PR_GET_NAME             = 16
	PR_GET_ENDIAN           = 19
	PR_SET_ENDIAN           = 20
	PR_GET_SECCOMP          = 21
	PR_SET_SECCOMP          = 22
	PR_CAPBSET_READ         = 23
	PR_CAPBSET_DROP         = 24
	PR_GET_TSC              = 25
	PR_SET_TSC              = 26
	PR_GET_SECUREBITS       = 27
	PR_SET_SECUREBITS       = 28
	PR_SET_TIMERSLACK       = 29
	PR_GET_TIMERSLACK       = 30
	PR_SET_MM               = 35
	PR_SET_CHILD_SUBREAPER  = 36
	PR_GET_CHILD_SUBREAPER  = 37
	PR_SET_NO_NEW_PRIVS     = 38
	PR_GET_NO_NEW_PRIVS     = 39
	PR_GET_TID_ADDRESS      = 40
	PR_SET_THP_DISABLE      = 41
	PR_GET_THP_DISABLE      = 42
	PR_CAP_AMBIENT          = 47
	PR_GET_SPECULATION_CTRL = 52
	PR_SET_SPECULATION_CTRL = 53
	PR_SET_IO_FLUSHER       = 57
	PR_GET_IO_FLUSHER       = 58
	PR_SET_VMA              = 0x53564d41
	PR_SET_PTRACER          = 0x59616d61

	PR_TSC_ENABLE  = 1
	PR_TSC_SIGSEGV = 2

	PR_CAP_AMBIENT_IS_SET    = 1
	PR_CAP_AMBIENT_RAISE     = 2
	PR_CAP_AMBIENT_LOWER     = 3
	PR_CAP_AMBIENT_CLEAR_ALL = 4
)

// Operations of arch_prctl(2).
const (
	ARCH_SET_GS    = 0x1001
	ARCH_SET_FS    = 0x1002
	ARCH_GET_FS    = 0x1003
	ARCH_GET_GS    = 0x1004
	ARCH_GET_CPUID = 0x1011
	ARCH_SET_CPUID = 0x1012
)

// Capabilities, capabilities(7), as far as the emulator looks at them.
const (
	CAP_CHOWN            = 0
	CAP_DAC_OVERRIDE     = 1
	CAP_DAC_READ_SEARCH  = 2
	CAP_FOWNER           = 3
	CAP_FSETID           = 4
	CAP_KILL             = 5
	CAP_SETGID           = 6
	CAP_SETUID           = 7
	CAP_SETPCAP          = 8
	CAP_NET_BIND_SERVICE = 10
	CAP_IPC_LOCK         = 14
	CAP_IPC_OWNER        = 15
	CAP_SYS_CHROOT       = 18
	CAP_SYS_ADMIN        = 21
	CAP_SYS_NICE         = 23
	CAP_SYS_RESOURCE     = 24
	CAP_LAST_CAP         = 40

	LINUX_CAPABILITY_VERSION_1 = 0x19980330
	LINUX_CAPABILITY_VERSION_2 = 0x20071026
	LINUX_CAPABILITY_VERSION_3 = 0x20080522

	// CAP_FULL_SET holds every capability.
	CAP_FULL_SET = 1<<(CAP_LAST_CAP+1) - 1
)

// Flags of getrandom(2).
const (
	GRND_NONBLOCK = 1
	GRND_RANDOM   = 2
	GRND_INSECURE = 4
)

// PIDFD_NONBLOCK is O_NONBLOCK for pidfd_open(2).
const PIDFD_NONBLOCK = 0x800
