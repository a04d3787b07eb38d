package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// pair is two cells that follow each other often, joined in one case.
type pair struct{ first, second, code int }

// pairSlots is the size of the translator's hash table of pairs.
const pairSlots = 2048

// emitPairs makes a case of each pair in the file: one a line, two cases by their names with
// " + " between. Lines may begin with a count and a blank. Names that no longer exist
// are left out, so that a change of the table does not break the build.
func (g *generator) emitPairs(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	code := map[string]int{}
	for i, n := range g.names {
		code[n] = i
	}
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		a, b, ok := strings.Cut(sc.Text(), " + ")
		if _, rest, counted := strings.Cut(a, "\t"); counted {
			a = rest
		}
		first, ok1 := code[a]
		second, ok2 := code[b]
		body, falls := strings.CutSuffix(g.cases[first], "\ncontinue")
		if !ok || !ok1 || !ok2 || !falls {
			continue
		}
		n := g.newCase(a+" + "+b, "{\n"+body+"\n}\n"+g.cases[second])
		g.pairs = append(g.pairs, pair{first, second, n})
	}
	return sc.Err()
}

// pairTable is the hash table that finds the case of a pair.
func (g *generator) pairTable() string {
	var table [pairSlots]*pair
	for i, p := range g.pairs {
		at := pairHash(p.first, p.second)
		for table[at] != nil {
			at = (at + 1) % pairSlots
		}
		table[at] = &g.pairs[i]
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n// pairTable finds the case of two cells by pairHash, with linear probing.\nvar pairTable = [%d]pairSlot{\n", pairSlots)
	for i, p := range table {
		if p != nil {
			fmt.Fprintf(&b, "%d: {%d, %d, %d},\n", i, p.first, p.second, p.code)
		}
	}
	b.WriteString("}\n")
	return b.String()
}

// pairHash is where a pair is looked for first; the translator has the same function.
func pairHash(first, second int) int { return (first*61 + second) & (pairSlots - 1) }
