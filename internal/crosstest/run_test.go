package crosstest

import (
	"os/exec"
	"testing"
)

func TestCheck(t *testing.T) {
	tests := []struct {
		name, out string
		err       error
		ok        bool
	}{
		{"all pass", "=== RUN   TestA\n--- PASS: TestA (0.00s)\n=== RUN   TestB\n--- PASS: TestB (0.00s)\nPASS\n", nil, true},
		{"one is missing", "=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\n", nil, false},
		{"one is skipped", "=== RUN   TestA\n--- PASS: TestA (0.00s)\n=== RUN   TestB\n--- SKIP: TestB (0.00s)\nPASS\n", nil, false},
		{"a part only", "=== RUN   TestA\n--- PASS: TestA (0.00s)\n=== RUN   TestB/x\n    --- PASS: TestB/x (0.00s)\nPASS\n", nil, false},
		{"nothing ran", "testing: warning: no tests to run\nPASS\n", nil, false},
		{"the program failed", "\n--- PASS: TestA (0.00s)\n--- PASS: TestB (0.00s)\n", &exec.ExitError{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := check([]string{"TestA", "TestB"}, []byte(tt.out), tt.err); (err == nil) != tt.ok {
				t.Errorf("error %v", err)
			}
		})
	}
}
