//go:build !linux || !amd64

package hostcpu

import "emurun/emu/x86"

// Host would execute cases; there is none on this host.
type Host struct{}

// Start returns ErrUnavailable.
func Start() (*Host, error) { return nil, ErrUnavailable }

// Run returns ErrUnavailable.
func (h *Host) Run(cases []Case) error { return ErrUnavailable }

// Step returns ErrUnavailable.
func (h *Host) Step(code []byte, in State) (out State, exc *x86.Exception, err error) {
	return State{}, nil, ErrUnavailable
}

// Close does nothing.
func (h *Host) Close() error { return nil }
