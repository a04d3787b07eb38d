package abi

// Commands of fcntl(2).
const (
	F_DUPFD            = 0
	F_GETFD            = 1
	F_SETFD            = 2
	F_GETFL            = 3
	F_SETFL            = 4
	F_GETLK            = 5
	F_SETLK            = 6
	F_SETLKW           = 7
	F_SETOWN           = 8
	F_GETOWN           = 9
	F_SETSIG           = 10
	F_GETSIG           = 11
	F_SETOWN_EX        = 15
	F_GETOWN_EX        = 16
	F_OFD_GETLK        = 36
	F_OFD_SETLK        = 37
	F_OFD_SETLKW       = 38
	F_SETLEASE         = 1024
	F_GETLEASE         = 1025
	F_NOTIFY           = 1026
	F_DUPFD_CLOEXEC    = 1030
	F_SETPIPE_SZ       = 1031
	F_GETPIPE_SZ       = 1032
	F_ADD_SEALS        = 1033
	F_GET_SEALS        = 1034
	F_GET_RW_HINT      = 1035
	F_SET_RW_HINT      = 1036
	F_GET_FILE_RW_HINT = 1037
	F_SET_FILE_RW_HINT = 1038
)

// Descriptor flags of F_GETFD and F_SETFD.
const (
	FD_CLOEXEC = 1
)

// Lock types of F_SETLK.
const (
	F_RDLCK = 0
	F_WRLCK = 1
	F_UNLCK = 2
)

// Seals of memfd_create(2) files, F_ADD_SEALS.
const (
	F_SEAL_SEAL         = 0x1
	F_SEAL_SHRINK       = 0x2
	F_SEAL_GROW         = 0x4
	F_SEAL_WRITE        = 0x8
	F_SEAL_FUTURE_WRITE = 0x10
	F_SEAL_EXEC         = 0x20
)

// Owner types of F_SETOWN_EX.
const (
	F_OWNER_TID  = 0
	F_OWNER_PID  = 1
	F_OWNER_PGRP = 2
)

// Operations of flock(2).
const (
	LOCK_SH = 1
	LOCK_EX = 2
	LOCK_NB = 4
	LOCK_UN = 8
)
