// Package bad breaks each determinism rule once; the test expects every one to
// be found.
package bad

import "time"

// F breaks the rules.
func F(m map[int]float64, x, y float64) (r float64) {
	c := make(chan int)
	go func() { c <- 1 }()
	select {
	case <-c:
	default:
	}
	for _, v := range m {
		r += v
	}
	for k := range m { // order: only counted
		_ = k
	}
	_ = time.Now()
	const k = 2.0*3.0 + 1
	return x*y + r - float64(x*y) + k
}
