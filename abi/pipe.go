package abi

// Sizes of pipe(7): the default capacity, the largest that a user may ask for, and what is written in one piece.
const (
	PIPE_DEF_SIZE = 65536
	PIPE_MAX_SIZE = 1048576
	PIPE_BUF      = 4096
)
