package machine

import (
	"fmt"
	"io"

	"emurun/syscalls/kernel"
)

// Strace prints system calls as strace(1) does.
type Strace struct{ w io.Writer }

// NewStrace returns a tracer that writes to w.
func NewStrace(w io.Writer) *Strace { return &Strace{w} }

// Enter implements CallTracer.
func (s *Strace) Enter(t *kernel.Thread) {}

// Leave implements CallTracer.
func (s *Strace) Leave(t *kernel.Thread) {
	nr, args := t.CallNumber()
	fmt.Fprintf(s.w, "[%d] %d %x = %x\n", t.TID, nr, args, t.CPU.R[0])
}
