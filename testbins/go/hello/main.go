// Command hello is a Go guest: goroutines, channels, maps, the collector, timers.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sort"
	"strings"
	"sync"
	"time"
)

func main() {
	ch := make(chan int)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for j := range 100 {
				ch <- i * j
			}
		}()
	}
	go func() { wg.Wait(); close(ch) }()
	sum, words := 0, map[string]int{}
	for v := range ch {
		sum += v
		words[fmt.Sprint(v%10)]++
	}
	var keys []string
	for k := range words {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	fmt.Println("sum", sum, "keys", strings.Join(keys, ","))
	var keep [][]byte
	for i := range 200 {
		keep = append(keep[:i%20:i%20], make([]byte, 100_000))
	}
	runtime.GC()
	start := time.Now()
	time.Sleep(5 * time.Millisecond)
	fmt.Println("slept", time.Since(start) >= 5*time.Millisecond, "kept", len(keep), "args", len(os.Args))
	select {
	case <-time.After(time.Millisecond):
		fmt.Println("timeout")
	case <-make(chan int):
	}
	defer func() { fmt.Println("recovered:", recover()); os.Exit(3) }()
	var p *int
	fmt.Println(*p)
}
