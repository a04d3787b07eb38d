package host

import (
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
)

// signals collects the signals that come for the guest.
type signals struct {
	ch      chan os.Signal
	done    chan struct{}
	arrived atomic.Bool
	mu      sync.Mutex
	numbers []int
	wake    waker
}

// catchSignals begins to collect.
func catchSignals() *signals {
	s := &signals{ch: make(chan os.Signal, 64), done: make(chan struct{}), wake: newWaker()}
	if caught := guestSignals(); len(caught) > 0 {
		signal.Notify(s.ch, caught...)
	}
	go s.collect()
	return s
}

func (s *signals) collect() {
	for {
		select {
		case sig := <-s.ch:
			if n := signalNumber(sig); n > 0 {
				s.mu.Lock()
				s.numbers = append(s.numbers, n)
				s.mu.Unlock()
				s.arrived.Store(true)
				s.wake.wake()
			}
		case <-s.done:
			return
		}
	}
}

// take returns and forgets what has come.
func (s *signals) take() []int {
	if !s.arrived.Load() {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.numbers
	s.numbers = nil
	s.arrived.Store(false)
	return n
}

func (s *signals) stop() {
	signal.Stop(s.ch)
	close(s.done)
	s.wake.close()
}
