//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package control

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// patience is how long Lock waits for a process that has the lock and answers nothing: one that was
// killed keeps it until its memory is gone.
const (
	patience = 5 * time.Second
	tries    = 100
)

// answers reports whether somebody runs job and is well.
func answers(store, job string) bool {
	_, err := Call(store, job, Request{Do: "status"})
	return err == nil
}

// Lock says that this process runs job, until it is closed or the process ends. It fails if
// another does.
func Lock(store, job string) (io.Closer, error) {
	if err := os.MkdirAll(Dir(store), 0o777); err != nil {
		return nil, err
	}
	name := filepath.Join(Dir(store), job+".lock")
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	for n := 0; errors.Is(err, syscall.EWOULDBLOCK) && n < tries && !answers(store, job); n++ {
		time.Sleep(patience / tries)
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		pid, _ := os.ReadFile(name)
		err = fmt.Errorf("job %s is running already, as process %s", job, strings.TrimSpace(string(pid)))
	} else if err == nil {
		err = f.Truncate(0)
	}
	if err == nil {
		_, err = fmt.Fprintln(f, os.Getpid())
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
