package crashpoint

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// ErrTorn is what a hook returns for a write of which a part happens.
var ErrTorn = errors.New("torn write")

// hook is what Reach calls.
var hook atomic.Pointer[func(point string) error]

// Set makes f the hook; nil for none.
func Set(f func(point string) error) {
	if f == nil {
		hook.Store(nil)
		return
	}
	hook.Store(&f)
}

// Reach says that the process comes to point. An error stands for that of the step there.
func Reach(point string) error {
	if f := hook.Load(); f != nil {
		return (*f)(point)
	}
	return nil
}

// The environment variables that FromEnv obeys.
const (
	EnvAt  = "EMURUN_CRASH_AT"
	EnvLog = "EMURUN_CRASH_LOG"
	// EnvFail is POINT:N or POINT:N+, at which a disk that is full fails the Nth time, or
	// from then on.
	EnvFail = "EMURUN_FAIL_AT"
)

// FromEnv sets the hook that the environment asks for.
func FromEnv() error {
	at, log, fail := os.Getenv(EnvAt), os.Getenv(EnvLog), os.Getenv(EnvFail)
	if at == "" && log == "" && fail == "" {
		return nil
	}
	pattern, left, err := parse(at)
	if err != nil {
		return err
	}
	full, err := fullDisk(fail)
	if err != nil {
		return err
	}
	var count atomic.Int64
	Set(func(point string) error {
		if log != "" {
			note(log, point)
		}
		if at != "" && matches(pattern, point) && count.Add(1) == left {
			die()
		}
		return full(point)
	})
	return nil
}

// fullDisk returns the hook that EnvFail asks for.
func fullDisk(at string) (func(point string) error, error) {
	once, always := strings.CutSuffix(at, "+")
	pattern, n, err := parse(once)
	if err != nil {
		return nil, err
	}
	var count atomic.Int64
	return func(point string) error {
		if at == "" || !matches(pattern, point) {
			return nil
		}
		if k := count.Add(1); k == n || always && k > n {
			return fmt.Errorf("%s: %w", point, syscall.ENOSPC)
		}
		return nil
	}, nil
}

// parse takes POINT:N apart.
func parse(at string) (pattern string, n int64, err error) {
	if at == "" {
		return "", 0, nil
	}
	i := strings.LastIndexByte(at, ':')
	if i >= 0 {
		n, err = strconv.ParseInt(at[i+1:], 10, 64)
	}
	if i < 0 || err != nil || n < 1 {
		return "", 0, fmt.Errorf("%s=%q: want POINT:N", EnvAt, at)
	}
	return at[:i], n, nil
}

func matches(pattern, point string) bool {
	if begin, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(point, begin)
	}
	return pattern == point
}

// note appends a line to a file.
func note(file, line string) {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return
	}
	_, _ = f.WriteString(line + "\n")
	_ = f.Close()
}

// die ends the process at once, as kill -9 does.
func die() {
	if p, err := os.FindProcess(os.Getpid()); err == nil {
		_ = p.Kill()
	}
	select {}
}
