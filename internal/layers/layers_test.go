package layers

import (
	"slices"
	"strings"
	"testing"
)

// TestImports holds the import graph to policy.txt.
func TestImports(t *testing.T) {
	rules := readPolicy(t)
	for _, p := range loadProject(t) {
		name := room(p.PkgPath)
		r := find(rules, name)
		if r == nil {
			t.Errorf("%s: no line in policy.txt says what it may import", name)
			continue
		}
		for path := range p.Imports {
			target := path
			if inner := room(path); inner != "" {
				target = inner
			} else if !strings.Contains(strings.Split(path, "/")[0], ".") {
				continue // standard library
			}
			if !slices.ContainsFunc(r.allowed, func(a string) bool { return matches(a, target) }) {
				t.Errorf("%s imports %s, which policy.txt does not allow", name, target)
			}
		}
	}
}

// TestMatches checks the pattern language itself.
func TestMatches(t *testing.T) {
	tests := []struct {
		pattern, name string
		want          bool
	}{
		{"emu", "emu", true},
		{"emu", "emu/mem", false},
		{"emu/...", "emu/mem", true},
		{"emu/...", "emu", false},
		{"vfs/...", "vfsx/y", false},
	}
	for _, tt := range tests {
		if got := matches(tt.pattern, tt.name); got != tt.want {
			t.Errorf("matches(%q, %q) = %v, want %v", tt.pattern, tt.name, got, tt.want)
		}
	}
}
