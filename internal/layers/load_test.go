package layers

import (
	"os"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/go/packages"
)

const module = "emurun"

// rule is one line of policy.txt.
type rule struct {
	pattern       string
	deterministic bool
	allowed       []string
}

// readPolicy parses policy.txt.
func readPolicy(t *testing.T) []rule {
	t.Helper()
	text, err := os.ReadFile("policy.txt")
	if err != nil {
		t.Fatal(err)
	}
	var rules []rule
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		left, right, ok := strings.Cut(line, ":")
		names := strings.Fields(left)
		if !ok || len(names) == 0 || len(names) > 2 || (len(names) == 2 && names[1] != "det") {
			t.Fatalf("policy.txt: bad line %q", line)
		}
		rules = append(rules, rule{names[0], len(names) == 2, strings.Fields(right)})
	}
	return rules
}

// matches reports whether name is pattern or, for a pattern ending in /...,
// lies below it.
func matches(pattern, name string) bool {
	if tree, ok := strings.CutSuffix(pattern, "/..."); ok {
		return strings.HasPrefix(name, tree+"/")
	}
	return pattern == name
}

// find returns the rule for a package, or nil.
func find(rules []rule, name string) *rule {
	for i := range rules {
		if matches(rules[i].pattern, name) {
			return &rules[i]
		}
	}
	return nil
}

// project returns all packages of the module, without tests, parsed and typed.
var project = sync.OnceValues(func() ([]*packages.Package, error) {
	mode := packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedSyntax |
		packages.NeedTypes | packages.NeedTypesInfo | packages.NeedCompiledGoFiles
	return packages.Load(&packages.Config{Mode: mode, Dir: "../.."}, "./...")
})

func loadProject(t *testing.T) []*packages.Package {
	t.Helper()
	pkgs, err := project()
	if err != nil {
		t.Fatal(err)
	}
	if len(pkgs) < 10 {
		t.Fatalf("only %d packages loaded", len(pkgs))
	}
	for _, p := range pkgs {
		for _, e := range p.Errors {
			t.Fatalf("%s: %v", p.PkgPath, e)
		}
	}
	return pkgs
}

// room returns a package's name inside the module, or "" for a foreign one.
func room(path string) string {
	name, ok := strings.CutPrefix(path, module+"/")
	if !ok {
		return ""
	}
	return name
}
