package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// result is one run of a workload.
type result struct {
	seconds float64
	err     error
}

var errOutput = errors.New("output differs from native's")

// natives remembers what each workload printed natively, and its exit status.
var natives = map[string]string{}

// measure runs a workload once under an engine.
func measure(e engine, w workload, wall bool) result {
	path, err := exec.LookPath(w.args[0]) // qemu-user does not look along PATH
	if err != nil {
		return result{err: err}
	}
	args := append(append(append([]string{}, e.prefix...), path), w.args[1:]...)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "PYTHONHASHSEED=0")
	var out bytes.Buffer
	cmd.Stdout = &out
	if w.stdin != "" {
		f, err := os.Open(w.stdin)
		if err != nil {
			fatal(err)
		}
		defer f.Close()
		cmd.Stdin = f
	}
	start := time.Now()
	err = cmd.Run()
	elapsed := time.Since(start)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return result{err: err}
	}
	got := fmt.Sprintf("%s\n%v", out.Bytes(), cmd.ProcessState)
	if want, ok := natives[w.name]; !ok {
		natives[w.name] = got
	} else if want != got {
		return result{err: errOutput}
	}
	if wall {
		return result{seconds: elapsed.Seconds()}
	}
	return result{seconds: (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()}
}

// countSteps returns how many instructions emurun retires for a workload.
func countSteps(w workload) uint64 {
	args := append([]string{"--discard", "--stats", "--json"}, w.args...)
	cmd := exec.Command(*emurun, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return 0
	}
	var stats struct {
		Steps uint64 `json:"steps"`
	}
	lines := bytes.Split(bytes.TrimSpace(stderr.Bytes()), []byte("\n"))
	if json.Unmarshal(lines[len(lines)-1], &stats) != nil {
		return 0
	}
	return stats.Steps
}
