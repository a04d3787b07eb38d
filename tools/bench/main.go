// Command bench times programs natively, under qemu-user where it is installed,
// and under emurun, side by side in one run, and prints tables in Markdown.
//
//	bench [-n RUNS] [-emurun FILE] [-table WORD] [-only WORD]
//
// Times are CPU time (user and system, children included), the least of the
// runs; the engines take turns, so that a slow moment of a shared machine hits all
// of them. Start-up times are wall time.
package main

import (
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strings"
)

var (
	runs   = flag.Int("n", 3, "runs of each command")
	emurun = flag.String("emurun", "bin/emurun", "the emulator")
	only   = flag.String("only", "", "only workloads whose name contains this")
	title  = flag.String("table", "", "only tables whose title contains this")
)

func main() {
	flag.Parse()
	engines := []engine{{"native", nil}}
	if path, err := exec.LookPath("qemu-x86_64"); err == nil {
		engines = append(engines, engine{"qemu", []string{path}})
	}
	engines = append(engines, engine{"emurun", []string{*emurun, "--discard"}})
	for _, t := range tables() {
		if strings.Contains(t.title, *title) {
			t.print(engines)
		}
	}
}

// engine is a way to run a command: the words in front of it.
type engine struct {
	name   string
	prefix []string
}

// table is a group of workloads that is measured and printed alike.
type table struct {
	title     string
	wall      bool // wall time in ms instead of CPU time
	mips      bool // with the emulator's speed in million instructions a second
	workloads []workload
}

func (t *table) print(engines []engine) {
	var picked []workload
	for _, w := range t.workloads {
		if strings.Contains(w.name, *only) && w.available() {
			picked = append(picked, w)
		}
	}
	if len(picked) == 0 {
		return
	}
	fmt.Printf("\n## %s\n\n| | native %s |", t.title, t.unit())
	for _, e := range engines[1:] {
		fmt.Printf(" %s | × native |", e.name)
	}
	if t.mips {
		fmt.Print(" steps | MIPS |")
	}
	fmt.Printf("\n|---|---:|%s", strings.Repeat("---:|---:|", len(engines)-1))
	if t.mips {
		fmt.Print("---:|---:|")
	}
	fmt.Println()
	sum := newGeomeans(len(engines))
	for _, w := range picked {
		t.row(w, engines, sum)
	}
	sum.print(engines)
}

func (t *table) unit() string {
	if t.wall {
		return "ms"
	}
	return "s"
}

func (t *table) row(w workload, engines []engine, sum *geomeans) {
	best := make([]result, len(engines))
	for i := range best {
		best[i].seconds = math.Inf(1)
	}
	for range *runs {
		for i, e := range engines {
			if r := measure(e, w, t.wall); r.seconds < best[i].seconds || r.err != nil {
				best[i] = r
			}
		}
	}
	scale := 1.0
	if t.wall {
		scale = 1000
	}
	native := max(best[0].seconds, 1e-4)
	fmt.Printf("| %s | %.3g |", w.name, native*scale)
	for i := range engines[1:] {
		if err := best[i+1].err; err != nil {
			fmt.Printf(" fails: %v | |", err)
			continue
		}
		ratio := best[i+1].seconds / native
		sum.add(i+1, ratio)
		fmt.Printf(" %.3g | %.1f |", best[i+1].seconds*scale, ratio)
	}
	if t.mips {
		steps := countSteps(w)
		mips := float64(steps) / best[len(engines)-1].seconds / 1e6
		sum.addMIPS(mips)
		fmt.Printf(" %.3g G | %.0f |", float64(steps)/1e9, mips)
	}
	fmt.Println()
}

// geomeans collects the ratios of a table.
type geomeans struct {
	logs  []float64
	count []int
	mips  float64
	nMIPS int
}

func newGeomeans(n int) *geomeans { return &geomeans{logs: make([]float64, n), count: make([]int, n)} }

func (g *geomeans) add(i int, ratio float64) {
	g.logs[i] += math.Log(ratio)
	g.count[i]++
}

func (g *geomeans) addMIPS(m float64) {
	g.mips += math.Log(m)
	g.nMIPS++
}

func (g *geomeans) print(engines []engine) {
	fmt.Print("| **geometric mean** | |")
	for i := range engines[1:] {
		fmt.Printf(" | **%.1f** |", math.Exp(g.logs[i+1]/float64(max(g.count[i+1], 1))))
	}
	if g.nMIPS > 0 {
		fmt.Printf(" | **%.0f** |", math.Exp(g.mips/float64(g.nMIPS)))
	}
	fmt.Println()
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, "bench:", err)
	os.Exit(1)
}
