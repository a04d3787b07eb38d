package main

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"regexp"
	"strconv"
	"strings"
)

// splicer turns one handler's body into statements.
type splicer struct {
	g     *generator
	fset  *token.FileSet
	bound map[string]string // type parameters
	first string            // the first of them: T of the flag setters
	outs  []string          // variables that take the results
	nf    bool              // drop what sets flags
	fail  string            // statement that leaves after a fault
	b     strings.Builder
	err   error
}

// splice returns h's body with args for its parameters, assigning its results to outs.
func (g *generator) splice(h *handler, bound map[string]string, args, outs []string, nf bool, fail string) (string, error) {
	g.uniq++
	src := "package p\n" + h.src
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", src, 0)
	if err != nil {
		return "", err
	}
	fd := file.Decls[0].(*ast.FuncDecl)
	names := h.paramNames(fd)
	rename := map[string]string{}
	pre := ""
	for i, n := range names {
		if n == "c" && args[i] == "c" || n == "_" {
			continue
		}
		rename[n] = fmt.Sprintf("%s_%d", n, g.uniq)
		pre += fmt.Sprintf("%s := %s\n", rename[n], args[i])
		if nf {
			pre += fmt.Sprintf("_ = %s\n", rename[n])
		}
	}
	locals(fd.Body, func(n string) { rename[n] = fmt.Sprintf("%s_%d", n, g.uniq) })
	for t, c := range bound {
		rename[t] = c
	}
	renameIdents(fd.Body, rename)
	body := fold(text(fset, fd.Body))
	stmts, fset2, err := parseBody(body)
	if err != nil {
		return "", err
	}
	s := &splicer{g: g, fset: fset2, bound: bound, outs: outs, nf: nf, fail: fail}
	if len(h.tparams) > 0 {
		s.first = bound[h.tparams[0]]
	}
	s.stmts(stmts)
	return pre + s.b.String(), s.err
}

func (h *handler) paramNames(fd *ast.FuncDecl) []string {
	var names []string
	for _, f := range fd.Type.Params.List {
		for _, n := range f.Names {
			names = append(names, n.Name)
		}
	}
	return names
}

func parseBody(body string) ([]ast.Stmt, *token.FileSet, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", "package p\nfunc f() "+body, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("%w in %s", err, body)
	}
	return file.Decls[0].(*ast.FuncDecl).Body.List, fset, nil
}

// locals calls f with every name that body declares.
func locals(body ast.Node, f func(string)) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, l := range n.Lhs {
					if id, ok := l.(*ast.Ident); ok && id.Name != "_" {
						f(id.Name)
					}
				}
			}
		case *ast.ValueSpec:
			for _, id := range n.Names {
				f(id.Name)
			}
		}
		return true
	})
}

// renameIdents renames all identifiers but selected fields.
func renameIdents(body ast.Node, names map[string]string) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			renameIdents(n.X, names)
			return false
		case *ast.KeyValueExpr:
			renameIdents(n.Value, names)
			return false
		case *ast.Ident:
			if to, ok := names[n.Name]; ok {
				n.Name = to
			}
		}
		return true
	})
}

var constCall = regexp.MustCompile(`\b(bitsOf|sizeOf|countMask|sizeLog)\[uint(8|16|32|64)\]\(\)`)

// fold replaces the calls that are constants once T is known.
func fold(s string) string {
	return constCall.ReplaceAllStringFunc(s, func(m string) string {
		p := constCall.FindStringSubmatch(m)
		n, _ := strconv.Atoi(p[2])
		switch p[1] {
		case "bitsOf":
			return fmt.Sprintf("uint8(%d)", n)
		case "sizeOf":
			return fmt.Sprintf("uint64(%d)", n/8)
		case "countMask":
			return fmt.Sprintf("uint8(%d)", map[int]int{8: 31, 16: 31, 32: 31, 64: 63}[n])
		}
		return fmt.Sprintf("uint32(%d)", map[int]int{8: 0, 16: 1, 32: 2, 64: 3}[n])
	})
}

func (s *splicer) put(format string, args ...any) { fmt.Fprintf(&s.b, format+"\n", args...) }

func (s *splicer) refuse(n ast.Node, why string) {
	if s.err == nil {
		s.err = fmt.Errorf("%s: %s", why, text(s.fset, n))
	}
}

func (s *splicer) stmts(list []ast.Stmt) {
	for i := 0; i < len(list); i++ {
		st := list[i]
		switch st := st.(type) {
		case *ast.ReturnStmt:
			s.ret(st)
			return
		case *ast.IfStmt:
			if s.ifStmt(st, list[i+1:]) {
				return
			}
		case *ast.AssignStmt:
			if t := callee(st.Rhs[0]); t == "load" {
				s.load(st)
				i++ // if !ok { return … }
				continue
			}
			s.put("%s", text(s.fset, st))
			if st.Tok == token.DEFINE {
				for _, l := range st.Lhs {
					s.put("_ = %s", text(s.fset, l))
				}
			}
		case *ast.ExprStmt:
			s.exprStmt(st)
		default:
			if returns(st) {
				s.refuse(st, "return inside")
			}
			s.put("%s", text(s.fset, st))
		}
	}
}

// callee is the name of the function that e calls, without type arguments.
func callee(e ast.Expr) string {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return ""
	}
	f := call.Fun
	if ix, ok := f.(*ast.IndexExpr); ok {
		f = ix.X
	}
	if id, ok := f.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

// returns reports whether n has a return statement inside.
func returns(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		_, ok := n.(*ast.ReturnStmt)
		found = found || ok
		return !found
	})
	return found
}

func (s *splicer) ret(st *ast.ReturnStmt) {
	res := st.Results
	if len(res) == len(s.outs)+1 { // the last says whether it did not fault
		last := res[len(res)-1]
		switch {
		case text(s.fset, last) == "true":
		case text(s.fset, last) == "false":
			s.put("%s", s.fail)
			return
		case callee(last) == "fault":
			s.put("%s\n%s", text(s.fset, last), s.fail)
			return
		default:
			s.refuse(st, "ok is computed")
		}
		res = res[:len(res)-1]
	}
	if len(res) != len(s.outs) {
		s.refuse(st, "number of results")
		return
	}
	var list []string
	for _, r := range res {
		list = append(list, text(s.fset, r))
	}
	if len(list) > 0 {
		s.put("%s = %s", strings.Join(s.outs, ", "), strings.Join(list, ", "))
	}
}

// ifStmt emits an if; true says that it took the rest of the list too.
func (s *splicer) ifStmt(st *ast.IfStmt, rest []ast.Stmt) bool {
	if not, ok := st.Cond.(*ast.UnaryExpr); ok && callee(not.X) == "store" {
		s.store(not.X.(*ast.CallExpr))
		return false
	}
	if st.Init == nil {
		if v, known := eval(text(s.fset, st.Cond)); known {
			return s.folded(st, rest, v)
		}
	}
	s.b.WriteString("if ")
	if st.Init != nil {
		s.b.WriteString(text(s.fset, st.Init) + "; ")
	}
	s.put("%s {", text(s.fset, st.Cond))
	s.stmts(st.Body.List)
	leaves := returns(st.Body)
	if !leaves {
		if st.Else != nil {
			s.put("} else {")
			s.stmts(elseList(st))
		}
		s.put("}")
		return false
	}
	if _, ok := st.Body.List[len(st.Body.List)-1].(*ast.ReturnStmt); !ok || st.Else != nil {
		s.refuse(st, "return not in tail position")
	}
	s.put("} else {")
	s.stmts(rest)
	s.put("}")
	return true
}

func elseList(st *ast.IfStmt) []ast.Stmt {
	if b, ok := st.Else.(*ast.BlockStmt); ok {
		return b.List
	}
	return []ast.Stmt{st.Else}
}

// folded emits the branch that is taken.
func (s *splicer) folded(st *ast.IfStmt, rest []ast.Stmt, v bool) bool {
	switch {
	case v:
		s.stmts(st.Body.List)
		return returns(st.Body)
	case st.Else != nil:
		s.stmts(elseList(st))
		return returns(st.Else)
	}
	return false
}

// eval evaluates a constant condition.
func eval(cond string) (value, known bool) {
	tv, err := types.Eval(token.NewFileSet(), nil, token.NoPos, cond)
	if err != nil || tv.Value == nil || tv.Value.Kind() != constant.Bool {
		return false, false
	}
	return constant.BoolVal(tv.Value), true
}

// exprStmt emits a call for its effect; flag setters and setReg are spliced.
func (s *splicer) exprStmt(st *ast.ExprStmt) {
	name := callee(st.X)
	isFlags := strings.HasPrefix(name, "flags")
	if isFlags && s.nf {
		return
	}
	if !isFlags && name != "setReg" || name == "flagsMerge" {
		s.put("%s", text(s.fset, st))
		return
	}
	call := st.X.(*ast.CallExpr)
	h := s.g.handlers[name]
	bound := map[string]string{}
	if len(h.tparams) > 0 {
		t := s.first
		if ix, ok := call.Fun.(*ast.IndexExpr); ok {
			t = text(s.fset, ix.Index)
		} else if c, ok := call.Args[1].(*ast.CallExpr); ok && strings.HasPrefix(text(s.fset, c.Fun), "uint") {
			t = text(s.fset, c.Fun)
		}
		bound[h.tparams[0]] = t
	}
	var args []string
	for _, a := range call.Args {
		args = append(args, text(s.fset, a))
	}
	if name == "setReg" {
		if w := width(bound["T"]); w < 4 { // never AH to BH: handlers name whole registers
			s.put("c.R[(%s)&31] = c.R[(%s)&31]&^(1<<%d-1) | uint64(%s)", args[1], args[1], 8*w, args[2])
		} else {
			s.put("c.R[(%s)&31] = uint64(%s)", args[1], args[2])
		}
		return
	}
	out, err := s.g.splice(h, bound, args, nil, false, s.fail)
	if err != nil {
		s.refuse(st, err.Error())
	}
	s.b.WriteString(out)
}

// load emits "v, ok := load[T](c, a)", leaving where it faults.
func (s *splicer) load(st *ast.AssignStmt) {
	call := st.Rhs[0].(*ast.CallExpr)
	typ := text(s.fset, call.Fun.(*ast.IndexExpr).Index)
	v, a := text(s.fset, st.Lhs[0]), text(s.fset, call.Args[1])
	s.put("var %s %s\n%s", v, typ, loadInline(v, typ, a, s.fail))
}

// store emits "if !store(c, a, v) { return … }".
func (s *splicer) store(call *ast.CallExpr) {
	typ := s.first
	if ix, ok := call.Fun.(*ast.IndexExpr); ok {
		typ = text(s.fset, ix.Index)
	}
	s.put("%s", storeInline(text(s.fset, call.Args[2]), typ, text(s.fset, call.Args[1]), s.fail))
}

// width is the size in bytes of a word type.
func width(typ string) int {
	n, _ := strconv.Atoi(strings.TrimPrefix(typ, "uint"))
	return n / 8
}

// loadInline assigns the word of type typ at a to v.
func loadInline(v, typ, a, fail string) string {
	n := width(typ)
	return fmt.Sprintf(`if e_ := &space.TLB.Read[%[3]s>>12&(mem.TLBSize-1)]; e_.Tag == %[5]s&^4095 {
	%[1]s = *(*%[2]s)(unsafe.Add(e_.Page, %[3]s&4095))
} else if q_ := space.ReadSlow(%[3]s, %[4]d, &c.Bounce, &c.Exc); q_ != nil {
	%[1]s = *(*%[2]s)(q_)
} else {
	%[6]s
}
if bigEndian { %[1]s = le(%[1]s) }`, v, typ, paren(a), n, end(a, n), fail)
}

// storeInline writes v at a.
func storeInline(v, typ, a, fail string) string {
	n := width(typ)
	return fmt.Sprintf(`if e_ := &space.TLB.Write[%[3]s>>12&(mem.TLBSize-1)]; e_.Tag == %[5]s&^4095 {
	if bigEndian {
		*(*%[2]s)(unsafe.Add(e_.Page, %[3]s&4095)) = le(%[1]s)
	} else {
		*(*%[2]s)(unsafe.Add(e_.Page, %[3]s&4095)) = %[1]s
	}
} else if !storeSlow%[4]d(c, %[3]s, %[1]s) {
	%[6]s
}`, v, typ, paren(a), n, end(a, n), fail)
}

var simpleExpr = regexp.MustCompile(`^\w+$`)

func paren(a string) string {
	if simpleExpr.MatchString(a) {
		return a
	}
	return "(" + a + ")"
}

// end is the address of the last byte of an access.
func end(a string, n int) string {
	if n == 1 {
		return paren(a)
	}
	return fmt.Sprintf("(%s+%d)", paren(a), n-1)
}
