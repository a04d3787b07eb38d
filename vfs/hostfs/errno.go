package hostfs

import (
	"errors"
	"io/fs"
	"syscall"

	"emurun/abi"
)

// errnos are the host errors that have a Linux name. The syscall package defines
// these constants on every system, with the system's own values.
var errnos = []struct {
	host  syscall.Errno
	guest abi.Errno
}{
	{syscall.ENOENT, abi.ENOENT},
	{syscall.EACCES, abi.EACCES},
	{syscall.EPERM, abi.EPERM},
	{syscall.EEXIST, abi.EEXIST},
	{syscall.ENOTDIR, abi.ENOTDIR},
	{syscall.EISDIR, abi.EISDIR},
	{syscall.ENOTEMPTY, abi.ENOTEMPTY},
	{syscall.EINVAL, abi.EINVAL},
	{syscall.ELOOP, abi.ELOOP},
	{syscall.ENAMETOOLONG, abi.ENAMETOOLONG},
	{syscall.EXDEV, abi.EXDEV},
	{syscall.EROFS, abi.EROFS},
	{syscall.ENOSPC, abi.ENOSPC},
	{syscall.EDQUOT, abi.EDQUOT},
	{syscall.EFBIG, abi.EFBIG},
	{syscall.EBUSY, abi.EBUSY},
	{syscall.EMFILE, abi.EMFILE},
	{syscall.ENFILE, abi.ENFILE},
	{syscall.ENOMEM, abi.ENOMEM},
	{syscall.ENXIO, abi.ENXIO},
	{syscall.ENODEV, abi.ENODEV},
	{syscall.EMLINK, abi.EMLINK},
	{syscall.EOPNOTSUPP, abi.EOPNOTSUPP},
	{syscall.ENOTSUP, abi.EOPNOTSUPP},
	{syscall.EAGAIN, abi.EAGAIN},
	{syscall.ESTALE, abi.ESTALE},
	{syscall.EIO, abi.EIO},
}

// Errno maps a host error to the one the guest sees. It is the only place where
// that happens; what has no better name is EIO.
func Errno(err error) error {
	if err == nil {
		return nil
	}
	var host syscall.Errno
	if errors.As(err, &host) {
		for _, e := range errnos {
			if e.host == host {
				return e.guest
			}
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return abi.ENOENT
	case errors.Is(err, fs.ErrExist):
		return abi.EEXIST
	case errors.Is(err, fs.ErrPermission):
		return abi.EACCES
	}
	if extra := errnoExtra(host); extra != 0 {
		return extra
	}
	return abi.EIO
}
