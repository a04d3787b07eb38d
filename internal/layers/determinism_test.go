package layers

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// banned maps a standard package to what a deterministic room does instead.
var banned = map[string]string{
	"time":          "time is the machine's step clock",
	"os":            "host files are vfs/hostfs's, the terminal is internal/host's",
	"os/exec":       "nothing of the host runs",
	"os/signal":     "signals enter through the input log",
	"io/ioutil":     "host files are vfs/hostfs's",
	"sync":          "one goroutine runs the guest",
	"sync/atomic":   "one goroutine runs the guest",
	"math/rand":     "randomness is a stream from the machine's seed",
	"math/rand/v2":  "randomness is a stream from the machine's seed",
	"crypto/rand":   "randomness is a stream from the machine's seed",
	"net":           "the network is opt-in and enters through the input log",
	"context":       "nothing is cancelled from outside; a run ends at a budget",
	"runtime":       "the Go runtime must not show",
	"hash/maphash":  "its seed differs between runs",
	"encoding/gob":  "frozen bytes are written by hand",
	"text/template": "map order",
}

// exempt lists files of deterministic rooms that touch the host on purpose, with the reason.
var exempt = map[string]string{
	"emu/mem/arena_unix.go":  "page frames are mapped outside the Go heap; their addresses never show",
	"emu/mem/arena_other.go": "the same on hosts without mmap",
	"emu/mem/sums.go":        "hashes are computed behind the running guest, which never sees them",
}

// TestDeterminism looks for what would let the host show in the rooms marked "det".
func TestDeterminism(t *testing.T) {
	rules := readPolicy(t)
	for _, p := range loadProject(t) {
		if r := find(rules, room(p.PkgPath)); r == nil || !r.deterministic {
			continue
		}
		for _, problem := range check(p) {
			t.Error(problem)
		}
	}
}

// check returns the problems of one package.
func check(p *packages.Package) []string {
	var problems []string
	for i, f := range p.Syntax {
		name := strings.ReplaceAll(p.CompiledGoFiles[i], "\\", "/")
		base := room(p.PkgPath) + name[strings.LastIndex(name, "/"):]
		if exempt[base] != "" {
			continue
		}
		c := checker{p, orderComments(p.Fset, f), nil}
		ast.Inspect(f, c.visit)
		problems = append(problems, c.problems...)
	}
	return problems
}

// orderComments returns the lines that carry or follow a comment beginning
// "order:", which says why the order of a map's iteration does not show.
func orderComments(fset *token.FileSet, f *ast.File) map[int]bool {
	lines := map[int]bool{}
	for _, g := range f.Comments {
		for _, c := range g.List {
			if strings.HasPrefix(c.Text, "// order:") {
				lines[fset.Position(c.Pos()).Line] = true
				lines[fset.Position(g.End()).Line+1] = true
			}
		}
	}
	return lines
}

type checker struct {
	pkg      *packages.Package
	orderOK  map[int]bool
	problems []string
}

func (c *checker) report(n ast.Node, format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf("%s: %s", c.pkg.Fset.Position(n.Pos()), fmt.Sprintf(format, args...)))
}

func (c *checker) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.ImportSpec:
		path := strings.Trim(n.Path.Value, `"`)
		if why, ok := banned[path]; ok {
			c.report(n, "imports %s: %s", path, why)
		}
	case *ast.GoStmt:
		c.report(n, "go statement: one goroutine runs the guest")
	case *ast.SelectStmt, *ast.ChanType:
		c.report(n, "channel: park the thread instead")
	case *ast.RangeStmt:
		c.checkRange(n)
	case *ast.BinaryExpr:
		c.checkFused(n)
	}
	return true
}

// checkRange reports iteration over a map unless a comment says why it is harmless.
func (c *checker) checkRange(n *ast.RangeStmt) {
	tv := c.pkg.TypesInfo.TypeOf(n.X)
	if tv == nil {
		return
	}
	if _, isMap := tv.Underlying().(*types.Map); isMap && !c.orderOK[c.pkg.Fset.Position(n.Pos()).Line] {
		c.report(n, "ranges over a map: sort its keys, or say in an \"// order:\" comment why the order cannot show")
	}
}

// checkFused reports x*y + z on floats, which Go may compute with one rounding.
func (c *checker) checkFused(n *ast.BinaryExpr) {
	if n.Op != token.ADD && n.Op != token.SUB || !c.isFloat(n) {
		return
	}
	for _, operand := range []ast.Expr{n.X, n.Y} {
		if m, ok := ast.Unparen(operand).(*ast.BinaryExpr); ok && m.Op == token.MUL && c.isFloat(m) {
			c.report(n, "product in a float sum may be fused: write float64(x*y)")
		}
	}
}

// isFloat reports whether e is a non-constant floating-point expression.
func (c *checker) isFloat(e ast.Expr) bool {
	tv, ok := c.pkg.TypesInfo.Types[e]
	if !ok || tv.Value != nil {
		return false
	}
	b, ok := tv.Type.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsFloat != 0
}

// TestCheckFinds proves that each rule can fail.
func TestCheckFinds(t *testing.T) {
	mode := packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedSyntax |
		packages.NeedTypes | packages.NeedTypesInfo | packages.NeedCompiledGoFiles
	pkgs, err := packages.Load(&packages.Config{Mode: mode}, "./testdata/bad")
	if err != nil || len(pkgs) != 1 {
		t.Fatal(pkgs, err)
	}
	var got []string
	for _, p := range check(pkgs[0]) {
		got = append(got, p[strings.LastIndex(p, "bad.go:")+len("bad.go:"):])
	}
	want := []string{"5:", "9:", "10:", "11:", "15:", "23:"}
	if len(got) != len(want) {
		t.Fatalf("found %d problems, want %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("problem %d is %q, want line %s", i, got[i], want[i])
		}
	}
}
