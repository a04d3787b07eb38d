package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// handler is a function of emu/interp.
type handler struct {
	name    string
	tparams []string
	params  []param // without c
	results []string
	hasC    bool // the first parameter is c
	full    bool // func(c *CPU, op *Op) bool
	cond    bool // a condition comes first
	ok      bool // the last result says whether it did not fault
	src     string
	file    string
}

type param struct{ name, typ string }

// parseHandlers reads all functions of the package in dir except generated files and tests.
func parseHandlers(dir string) (map[string]*handler, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	list := map[string]*handler{}
	for _, name := range files {
		base := filepath.Base(name)
		if strings.HasSuffix(base, "_gen.go") || strings.HasSuffix(base, "_test.go") {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, src, 0)
		if err != nil {
			return nil, err
		}
		for _, d := range file.Decls {
			if fd, ok := d.(*ast.FuncDecl); ok && fd.Recv == nil {
				h := newHandler(fset, fd)
				h.file = base
				list[h.name] = h
			}
		}
	}
	return list, nil
}

// parseHandler reads one function.
func parseHandler(src string) (*handler, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", "package p\n"+src, 0)
	if err != nil {
		return nil, err
	}
	return newHandler(fset, file.Decls[0].(*ast.FuncDecl)), nil
}

func newHandler(fset *token.FileSet, fd *ast.FuncDecl) *handler {
	h := &handler{name: fd.Name.Name}
	fd.Doc = nil
	h.src = text(fset, fd)
	if fd.Type.TypeParams != nil {
		for _, f := range fd.Type.TypeParams.List {
			for _, n := range f.Names {
				h.tparams = append(h.tparams, n.Name)
			}
		}
	}
	for _, f := range fd.Type.Params.List {
		for _, n := range f.Names {
			h.params = append(h.params, param{n.Name, text(fset, f.Type)})
		}
	}
	if fd.Type.Results != nil {
		for _, f := range fd.Type.Results.List {
			for range max(1, len(f.Names)) {
				h.results = append(h.results, text(fset, f.Type))
			}
		}
	}
	if len(h.params) > 0 && h.params[0].typ == "*CPU" {
		h.hasC, h.params = true, h.params[1:]
	}
	if len(h.params) > 0 && h.params[0].typ == "bool" {
		h.cond, h.params = true, h.params[1:]
	}
	if n := len(h.results); n > 0 && h.results[n-1] == "bool" {
		h.ok, h.results = true, h.results[:n-1]
	}
	h.full = h.hasC && len(h.params) == 1 && h.params[0].typ == "*Op" && h.ok && len(h.results) == 0
	return h
}

// text prints a node.
func text(fset *token.FileSet, n any) string {
	var b bytes.Buffer
	if err := format.Node(&b, fset, n); err != nil {
		panic(err)
	}
	return b.String()
}

// bind finds the type arguments of h for operands of the given types.
func (h *handler) bind(reads, writes []string) (map[string]string, error) {
	if len(reads) != len(h.params) || len(writes) != len(h.results) {
		return nil, fmt.Errorf("%s: takes %d operands and returns %d, the row has %d and %d",
			h.name, len(h.params), len(h.results), len(reads), len(writes))
	}
	bound := map[string]string{}
	for i, p := range h.params {
		if err := h.unify(bound, p.typ, reads[i]); err != nil {
			return nil, err
		}
	}
	for i, r := range h.results {
		if err := h.unify(bound, r, writes[i]); err != nil {
			return nil, err
		}
	}
	return bound, nil
}

func (h *handler) unify(bound map[string]string, have, want string) error {
	if slices.Contains(h.tparams, have) {
		if old, ok := bound[have]; ok && old != want {
			return fmt.Errorf("%s: %s is both %s and %s", h.name, have, old, want)
		}
		bound[have] = want
		return nil
	}
	if have == "x86.XMM" {
		have = "XMM"
	}
	if have == "F80" || have == "fp.F80" {
		have = "x86.F80"
	}
	if have != want {
		return fmt.Errorf("%s: has %s where the row has %s", h.name, have, want)
	}
	return nil
}

// args is the type argument list "[uint32]", or nothing.
func (h *handler) args(bound map[string]string) string {
	if len(h.tparams) == 0 {
		return ""
	}
	var list []string
	for _, t := range h.tparams {
		list = append(list, bound[t])
	}
	return "[" + strings.Join(list, ", ") + "]"
}
