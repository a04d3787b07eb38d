package control

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Request is what a command asks of a run.
type Request struct {
	Do    string `json:"do"` // "status" or "freeze"
	Label string `json:"label,omitempty"`
	Stop  bool   `json:"stop,omitempty"`
}

// Response is what a run answers.
type Response struct {
	Error      string `json:"error,omitempty"`
	Job        string `json:"job,omitempty"`
	PID        int    `json:"pid,omitempty"`
	Name       string `json:"name,omitempty"`       // of the checkpoint, JOB@NUMBER
	Checkpoint string `json:"checkpoint,omitempty"` // its hash
	Step       uint64 `json:"step,omitempty"`
	PauseNs    int64  `json:"pause_ns,omitempty"`
	TookNs     int64  `json:"took_ns,omitempty"`
	Stored     int64  `json:"stored,omitempty"` // bytes of the checkpoint in progress
}

// maxLine bounds a request and a response.
const maxLine = 64 << 10

// ErrNotRunning says that nothing runs the job.
var ErrNotRunning = errors.New("it is not running")

// Dir returns where the sockets of a store are.
func Dir(store string) string { return filepath.Join(store, "control") }

// Valid reports whether a job may have this name, which becomes that of files.
func Valid(job string) error {
	if job == "" || len(job) > 64 || strings.HasPrefix(job, ".") || strings.ContainsFunc(job, notInName) {
		return fmt.Errorf("job name %q: want 1 to 64 letters, digits or any of . _ + -, the first no dot", job)
	}
	return nil
}

func notInName(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._+-", r))
}

// Server is the socket of a running job.
type Server struct {
	lock io.Closer
	l    net.Listener
	path string
	done chan struct{}
	busy sync.WaitGroup // requests that are not answered yet
}

// lastAnswers is how long Close waits for what was asked before.
const lastAnswers = 2 * time.Second

// Serve marks job as running and answers requests, each on its own goroutine.
func Serve(store, job string, answer func(Request) Response) (*Server, error) {
	dir := Dir(store)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	lock, err := Lock(store, job)
	if err != nil {
		return nil, err
	}
	s := &Server{lock: lock, path: filepath.Join(dir, job+".sock"), done: make(chan struct{})}
	_ = os.Remove(s.path) // of a run that was killed: we have its lock
	if err := short(s.path, func(path string) (err error) { s.l, err = net.Listen("unix", path); return }); err != nil {
		return nil, errors.Join(fmt.Errorf("control socket: %w", err), lock.Close())
	}
	go s.accept(answer)
	return s, nil
}

func (s *Server) accept(answer func(Request) Response) {
	defer close(s.done)
	for {
		c, err := s.l.Accept()
		if err != nil {
			return
		}
		s.busy.Add(1)
		go func() {
			defer s.busy.Done()
			serve(c, answer)
		}()
	}
}

// serve answers one request.
func serve(c net.Conn, answer func(Request) Response) {
	defer c.Close()
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
	var q Request
	if err := readLine(c, &q); err != nil {
		_ = writeLine(c, Response{Error: err.Error()})
		return
	}
	_ = writeLine(c, answer(q))
}

// Close ends the service when what was asked is answered: who asked for the end of a run wants to hear
// of it. The lock goes last.
func (s *Server) Close() error {
	err := s.l.Close()
	<-s.done
	answered := make(chan struct{})
	go func() {
		s.busy.Wait()
		close(answered)
	}()
	select {
	case <-answered:
	case <-time.After(lastAnswers):
	}
	_ = os.Remove(s.path)
	return errors.Join(err, s.lock.Close())
}

// Call asks the run of job, and waits for its answer.
func Call(store, job string, q Request) (Response, error) {
	var r Response
	var c net.Conn
	err := short(filepath.Join(Dir(store), job+".sock"), func(path string) (err error) { c, err = net.Dial("unix", path); return })
	if err != nil {
		return r, fmt.Errorf("job %s: %w", job, ErrNotRunning)
	}
	defer c.Close()
	if err = writeLine(c, q); err == nil {
		err = readLine(c, &r)
	}
	if err == nil && r.Error != "" {
		err = errors.New(r.Error)
	}
	if err != nil {
		return r, fmt.Errorf("job %s: %w", job, err)
	}
	return r, nil
}

// Running returns the status of each job that is running.
func Running(store string) ([]Response, error) {
	entries, err := os.ReadDir(Dir(store))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	var list []Response
	for _, e := range entries {
		job, ok := strings.CutSuffix(e.Name(), ".sock")
		if !ok {
			continue
		}
		if r, err := Call(store, job, Request{Do: "status"}); err == nil {
			list = append(list, r)
		}
	}
	return list, err
}

func readLine(r io.Reader, v any) error {
	line, err := bufio.NewReader(io.LimitReader(r, maxLine)).ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("no whole line came: %w", err)
	}
	return json.Unmarshal(line, v)
}

func writeLine(w io.Writer, v any) error {
	p, err := json.Marshal(v)
	if err == nil {
		_, err = w.Write(append(p, '\n'))
	}
	return err
}
