package abi

// Flags of setxattr(2).
const (
	XATTR_CREATE  = 1
	XATTR_REPLACE = 2
)

// Limits of xattr(7).
const (
	XATTR_NAME_MAX = 255
	XATTR_SIZE_MAX = 65536
	XATTR_LIST_MAX = 65536
)
