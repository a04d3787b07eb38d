package interp_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"emurun/emu/optest"
	"emurun/emu/x86"
	"emurun/emu/x86/isa"
	"emurun/internal/hostcpu"
)

// TestLines runs the cases in testdata/ops that people wrote, one a line; what follows
// is what a real CPU does, which -update asks the host's.
func TestLines(t *testing.T) {
	rows, err := isa.Rows()
	if err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob("testdata/ops/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	var host *hostcpu.Host
	if *update {
		host = startHost(t)
	}
	r := newRunner(t)
	for _, name := range names {
		if filepath.Base(name) == "vectors.txt" {
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			if host != nil {
				updateLines(t, host, rows, name)
			}
			for _, line := range readLines(t, name) {
				if line == "" || line[0] == '#' {
					continue
				}
				c, want, err := optest.ParseLine(rows, line)
				if err != nil {
					t.Fatal(err)
				}
				s, exc, err := r.Run(&c.Case)
				if err != nil {
					t.Fatalf("%s: %v", line, err)
				}
				if got := c.After(&s, exc); got != want {
					t.Errorf("%s\n got %s", line, got)
				}
			}
		})
	}
}

// readLines returns the lines of a file.
func readLines(t *testing.T, name string) []string {
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
}

// updateLines writes the last column of a file from what the host CPU does.
func updateLines(t *testing.T, h *hostcpu.Host, rows []isa.Row, name string) {
	lines := readLines(t, name)
	for i, line := range lines {
		if line == "" || line[0] == '#' {
			continue
		}
		c, _, err := optest.ParseLine(rows, line)
		if err != nil {
			t.Fatal(err)
		}
		var exc *x86.Exception
		if c.Out, exc, err = h.Step(c.Code, c.In); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		part := strings.SplitN(line, "|", 3)
		lines[i] = strings.TrimSpace(strings.TrimSpace(part[0]) + " | " + strings.TrimSpace(part[1]) + " | " + c.After(&c.Out, exc))
	}
	if err := os.WriteFile(name, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}
