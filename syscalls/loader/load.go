package loader

import (
	"fmt"

	"emurun/abi"
	"emurun/emu/mem"
)

// File is an executable file that was opened, after all permission checks.
type File struct {
	Object   *mem.Object // its page cache
	Path     string      // absolute, for /proc/self/maps
	Dev, Ino uint64
}

// Opener opens an interpreter that a file names. Its error is what execve gives.
type Opener func(path string) (*File, error)

// Args is what execve(2) hands to the program.
type Args struct {
	Filename   string // as given to execve: AT_EXECFN, and what a script's interpreter gets
	Argv, Envp []string
}

// Info is what the auxiliary vector tells of the process and the machine.
type Info struct {
	UID, EUID, GID, EGID uint32
	Secure               bool     // AT_SECURE: set-user-ID and the like
	Random               [16]byte // AT_RANDOM, from the machine's seed
	HWCAP, HWCAP2        uint64   // CPUID.1:EDX; bit 1 of HWCAP2 says that FSGSBASE works
	MinSigStack          uint64   // AT_MINSIGSTKSZ
}

// Start is a loaded program.
type Start struct {
	RIP, RSP uint64
	Exe      *File  // the ELF file, which for a script is its interpreter
	Auxv     []byte // for /proc/self/auxv
}

// Error is why a file cannot be executed.
type Error struct {
	Errno  abi.Errno
	Reason string // such as "is for i386, not x86-64"
	// Fatal says that Linux finds out too late to return an error: it kills the process.
	Fatal bool
}

// Error returns the reason.
func (e *Error) Error() string { return e.Reason }

// Unwrap returns the error number.
func (e *Error) Unwrap() error { return e.Errno }

func fail(errno abi.Errno, format string, args ...any) error {
	return &Error{Errno: errno, Reason: fmt.Sprintf(format, args...)}
}

// maxDepth is how many interpreters of scripts may follow each other.
const maxDepth = 5

// Load loads f into the empty space s, following "#!" lines. s.Limits must be those of
// the process. If it fails, s is of no use.
func Load(s *mem.Space, f *File, a Args, open Opener, info Info) (Start, error) {
	if len(a.Argv) == 0 {
		a.Argv = []string{""} // as Linux does since 5.18
	}
	script := a.Filename
	for depth := 0; ; depth++ {
		if depth > maxDepth {
			return Start{}, fail(abi.ELOOP, "too many interpreters")
		}
		head := make([]byte, headSize)
		if _, err := f.Object.ReadAt(head, 0); err != nil {
			return Start{}, fail(abi.EIO, "cannot be read")
		}
		if string(head[:2]) != "#!" {
			return loadELF(s, f, head, a, open, info)
		}
		name, arg, err := parseScript(head)
		if err != nil {
			return Start{}, err
		}
		if f, err = open(name); err != nil {
			return Start{}, fmt.Errorf("interpreter %s: %w", name, err)
		}
		argv := []string{name}
		if arg != "" {
			argv = append(argv, arg)
		}
		a.Argv = append(append(argv, script), a.Argv[1:]...)
		script = name
	}
}
