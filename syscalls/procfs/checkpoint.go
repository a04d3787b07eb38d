package procfs

import (
	"bytes"
	"strings"

	"emurun/abi"
	"emurun/syscalls/kernel"
)

// checkpoint is /proc/PID/checkpoint, which only emurun has. Writing a label asks for a
// checkpoint of the machine; reading tells of the last one that was asked for. See
// kernel.CheckpointStatus.
func (f *FS) checkpoint() entry {
	return setting("checkpoint", func(w *bytes.Buffer) error {
		_, err := w.WriteString(f.k.CheckpointStatus())
		return err
	}, f.requestCheckpoint)
}

// requestCheckpoint takes a label, which may end in a newline and has no other
// control characters.
func (f *FS) requestCheckpoint(p []byte) error {
	label := strings.TrimSuffix(string(p), "\n")
	if len(label) > kernel.CheckpointLabelMax || strings.ContainsFunc(label, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return abi.EINVAL
	}
	f.k.RequestCheckpoint(label)
	return nil
}
