//go:build linux

package main

import (
	"bytes"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A replay that takes long shows a bar on a terminal, and nothing anywhere else; its output is the same.
func TestProgress(t *testing.T) {
	rec := filepath.Join(t.TempDir(), "run.rec")
	loop := `i=0; while [ $i -lt 30000 ]; do i=$((i + 1)); done; echo done`
	if out, err := exec.Command("emurun", "record", "-o", rec, "sh", "-c", loop).CombinedOutput(); err != nil || string(out) != "done\n" {
		t.Fatalf("%v: %s", err, out)
	}
	start := time.Now()
	out, err := exec.Command("emurun", "replay", rec).CombinedOutput()
	if err != nil || string(out) != "done\n" {
		t.Errorf("without a terminal: %v, %q", err, out)
	}
	if time.Since(start) < 2*progressAfter {
		t.Skip("SKIPPED: this host is too fast for the program that is to take long")
	}
	master, slave := openTerminal(t)
	var shown bytes.Buffer
	read := make(chan struct{})
	go func() {
		_, _ = io.Copy(&shown, master)
		close(read)
	}()
	cmd := exec.Command("emurun", "replay", rec)
	cmd.Stderr = slave
	out, err = cmd.Output()
	if err != nil || string(out) != "done\n" {
		t.Errorf("on a terminal: %v, %q", err, out)
	}
	_ = slave.Close() // the last one: reading ends
	<-read
	if s := shown.String(); !strings.Contains(s, "replay") || !strings.Contains(s, "%") || strings.Contains(s, "\n") {
		t.Errorf("shown: %q", s)
	}
	if last := shown.String()[strings.LastIndexByte(strings.TrimRight(shown.String(), "\r"), '\r')+1:]; strings.TrimSpace(last) != "" {
		t.Errorf("left behind: %q", last)
	}
}
