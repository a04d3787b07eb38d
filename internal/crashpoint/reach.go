package crashpoint

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
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
)

// FromEnv sets the hook that the environment asks for.
func FromEnv() error {
	at, log := os.Getenv(EnvAt), os.Getenv(EnvLog)
	if at == "" && log == "" {
		return nil
	}
	pattern, left, err := parse(at)
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
		return nil
	})
	return nil
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
