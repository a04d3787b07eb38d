//go:build linux

package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// openTerminal returns both sides of a pseudoterminal of the host that neither echoes nor changes
// what is printed.
func openTerminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("SKIPPED: no pseudoterminals here: %v", err)
	}
	t.Cleanup(func() { _ = master.Close() })
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	slave, err = os.OpenFile("/dev/pts/"+strconv.Itoa(n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = slave.Close() })
	m, err := unix.IoctlGetTermios(int(slave.Fd()), unix.TCGETS)
	if err == nil {
		m.Lflag &^= unix.ECHO
		m.Oflag &^= unix.OPOST
		err = unix.IoctlSetTermios(int(slave.Fd()), unix.TCSETS, m)
	}
	if err != nil {
		t.Fatal(err)
	}
	resize(t, master, 24, 80)
	return master, slave
}

func resize(t *testing.T, master *os.File, rows, cols uint16) {
	t.Helper()
	if err := unix.IoctlSetWinsize(int(master.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: rows, Col: cols}); err != nil {
		t.Fatal(err)
	}
}

// A session on a terminal, with another size, ^C and the end of input, is replayed without one.
func TestReplayTerminal(t *testing.T) {
	master, slave := openTerminal(t)
	rec := filepath.Join(t.TempDir(), "run.rec")
	statsFile, err := os.Create(filepath.Join(t.TempDir(), "stats"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("emurun", "record", "-o", rec, "--stats", "--json", "sh", "-c",
		`trap 'echo size $(stty size </dev/tty)' WINCH; trap 'echo interrupted' INT; stty size; stty -ixon; echo ready
		while :; do if read x; then echo "got $x"; [ "$x" = end ] && break; fi; done; stty ixon; cat; echo bye`)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, statsFile
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &session{t: t, from: master}
	s.expect("24 80\nready\n")
	time.Sleep(20 * time.Millisecond)
	_, _ = io.WriteString(master, "hello\r")
	s.expect("got hello\n")
	resize(t, master, 50, 132)
	s.expect("size 50 132\n")
	_, _ = io.WriteString(master, "\x03")
	s.expect("interrupted\n")
	_, _ = io.WriteString(master, "end\r")
	s.expect("got end\n")
	_, _ = io.WriteString(master, "lines\rfor cat\r\x04")
	s.expect("bye\n")
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	text, err := os.ReadFile(statsFile.Name())
	if err != nil {
		t.Fatal(err)
	}
	again(t, splitStats(t, s.seen.String(), string(text), cmd.ProcessState.String()), "emurun", "replay", rec)
}
