package machine

import (
	"errors"
	"io"

	"emurun/abi"
	"emurun/syscalls/kernel"
)

// poll takes in the signals that came since the last turn, and whatever ends the run.
func (m *Machine) poll() error {
	d := m.door
	if d.replay != nil {
		return d.pollReplay()
	}
	for _, sig := range append(d.pending, d.outside.Signals()...) {
		e := d.here(InputSignal, 0)
		e.Number = int64(sig)
		d.write(&e)
		m.signal(abi.Signal(sig))
	}
	d.pending = nil
	d.mark(false)
	if d.outside.Expired() {
		return ErrTimeout
	}
	return d.err
}

// pollReplay lets in the signals of this moment.
func (d *door) pollReplay() error {
	here := d.here(0, 0)
	d.skipMarks(&here)
	for d.err == nil && d.at(&here) {
		switch d.next.Kind {
		case InputEnd:
			if d.next.Number != 0 {
				return ErrLogEnd
			}
			return nil // the machine is about to find out
		case InputSignal:
			d.entered(d.next)
			d.m.signal(abi.Signal(d.next.Number))
		default:
			d.diverged(&here)
			return d.err
		}
		d.advance()
		d.skipMarks(&here)
	}
	if d.err == nil && d.next != nil && (d.next.Step < here.Step || d.next.Step == here.Step && d.next.Tick < here.Tick) {
		d.diverged(&here)
	}
	if errors.Is(d.err, io.EOF) {
		return ErrLogCut
	}
	return d.err
}

// finish ends the log, or finds that the replay ends where the run did. early says that the
// run was stopped before its program had ended.
func (d *door) finish(early bool) {
	e := d.here(InputEnd, 0)
	if early {
		e.Number = 1
	}
	switch {
	case d.err != nil:
	case d.replay == nil:
		if d.log != nil {
			if err := d.log.Append(&e); err != nil {
				d.fail(err)
			}
		}
	case !early && (!d.at(&e) || d.next.Kind != InputEnd):
		d.diverged(&e)
	}
}

// wait passes real time until an input comes or the next timer is due. How long
// it took is an input as well: the guest's clock follows it.
func (m *Machine) wait(until int64) {
	k, d := m.Kernel, m.door
	ns := int64(-1)
	if until != kernel.Forever {
		ns = max(until-k.Now(), 0)
	}
	d.mark(true)
	e := d.here(InputTime, 0)
	d.ask(&e, nil, func(e *Input) { d.waitOutside(ns, e) })
	if elapsed := e.Number - k.Now(); d.err == nil && (elapsed < 0 || ns >= 0 && elapsed > ns) {
		d.diverged(&e)
	}
	if d.err != nil {
		return
	}
	for p := range Ports {
		if e.Set>>p&1 != 0 {
			d.wake(p)
		}
	}
	k.Jump(e.Number)
}

// waitOutside waits ns at most.
func (d *door) waitOutside(ns int64, e *Input) {
	var missing [Ports]uint32
	for i, s := range d.streams {
		if s != nil && !s.queue.Empty() {
			missing[i] = s.missing
		}
	}
	if t := d.terminal; t != nil && !t.queue.Empty() {
		missing[OnTerminal] = t.missing
	}
	start := d.outside.Now()
	for p, ready := range d.outside.Wait(ns, missing) {
		if ready {
			e.Set |= 1 << p
		}
	}
	elapsed := max(d.outside.Now()-start, 0)
	if ns >= 0 {
		elapsed = min(elapsed, ns)
	}
	e.Number = d.m.Kernel.Now() + elapsed
}

// wake wakes those that wait at a port. They look again, and say for what they still wait.
func (d *door) wake(p Port) {
	if p == OnTerminal && d.terminal != nil {
		d.terminal.missing = 0
		d.terminal.queue.Wake()
	}
	if p < OnTerminal && d.streams[p] != nil {
		d.streams[p].missing = 0
		d.streams[p].queue.Wake()
	}
}

// stopped follows the guest's stop, and continues it when the emulator is
// continued.
func (m *Machine) stopped() {
	d := m.door
	e := d.here(InputSignal, 0)
	d.ask(&e, nil, func(e *Input) {
		d.outside.Stop()
		e.Number = int64(abi.SIGCONT)
	})
	if d.err == nil {
		m.signal(abi.Signal(e.Number))
	}
}

// left tells the outside where the guest has left a file.
func (d *door) left(s *Stream) {
	if d.outside != nil {
		d.outside.Position(s.port, s.end)
	}
}

// signal hands a signal that came to the emulator to whom the terminal or the
// shell meant: the foreground process group where the machine has a terminal,
// else the first process.
func (m *Machine) signal(sig abi.Signal) {
	k := m.Kernel
	root := k.Process(kernel.FirstPID)
	if root == nil {
		return
	}
	switch sig {
	case abi.SIGINT, abi.SIGQUIT, abi.SIGTSTP, abi.SIGWINCH, abi.SIGHUP, abi.SIGCONT:
		if s := root.Session; s != nil && s.TTY != nil && s.Foreground != 0 {
			k.SendGroup(s.Foreground, kernel.KernelInfo(sig))
			return
		}
	}
	root.Send(abi.KillInfo(sig, abi.SI_USER, 0, 0))
}
