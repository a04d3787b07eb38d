package main

import (
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progressAfter is how long something takes before its progress is shown, and progressEach
// how often that is drawn.
const (
	progressAfter = 500 * time.Millisecond
	progressEach  = 100 * time.Millisecond
)

// progress shows on a terminal how far something is that takes long. A nil progress shows nothing.
type progress struct {
	what  string
	bytes bool  // are counted
	total int64 // -1: nobody knows
	count func() int64
	done  atomic.Int64
	stop  chan struct{}
	over  chan struct{}

	mu     sync.Mutex
	bar    *progressbar.ProgressBar
	drawn  bool // the bar can be seen
	midway bool // the cursor is in a line of the program's
}

// quiet says that no progress is shown: stderr is no terminal.
func quiet() bool { return !term.IsTerminal(int(os.Stderr.Fd())) }

// showProgress begins to show the progress of what, if stderr is a terminal. It is counted by count, or
// by set if that is nil. The caller must call close.
func showProgress(what string, bytes bool, total int64, count func() int64) *progress {
	if quiet() {
		return nil
	}
	p := &progress{what: what, bytes: bytes, total: total, count: count, stop: make(chan struct{}), over: make(chan struct{})}
	p.bar = p.newBar()
	go p.show(p.stop)
	return p
}

// set says how much is done.
func (p *progress) set(n int64) {
	if p != nil {
		p.done.Store(n)
	}
}

// close removes the bar. It may be called twice.
func (p *progress) close() {
	if p == nil || p.stop == nil {
		return
	}
	close(p.stop)
	p.stop = nil
	<-p.over
	p.hide()
}

// during shows the progress of f.
func during(what string, f func() error) error {
	p := showProgress(what, false, -1, nil)
	defer p.close()
	return f()
}

// show draws the bar from time to time.
func (p *progress) show(stop <-chan struct{}) {
	defer close(p.over)
	select {
	case <-stop:
		return
	case <-time.After(progressAfter):
	}
	tick := time.NewTicker(progressEach)
	defer tick.Stop()
	for {
		p.draw()
		select {
		case <-stop:
			return
		case <-tick.C:
		}
	}
}

// draw draws the bar as it is now.
func (p *progress) draw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.midway {
		return
	}
	n := p.done.Load()
	if p.count != nil {
		n = p.count()
	}
	if p.total >= 0 {
		n = min(n, p.total)
	}
	_, _ = p.bar.Set64(n), p.bar.RenderBlank() // an ornament
	p.drawn = true
}

// newBar makes the bar, or what turns if it is not known how long it will be.
func (p *progress) newBar() *progressbar.ProgressBar {
	const width, frames = 30, 14
	options := []progressbar.Option{
		progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetDescription(p.what), progressbar.OptionSetWidth(width),
		progressbar.OptionSpinnerType(frames), progressbar.OptionClearOnFinish(), progressbar.OptionSetElapsedTime(true),
		progressbar.OptionSetPredictTime(p.total > 0), progressbar.OptionSetRenderBlankState(false),
		progressbar.OptionSetSpinnerChangeInterval(0), progressbar.OptionShowBytes(p.bytes),
	}
	if p.bytes {
		options = append(options, progressbar.OptionShowCount())
	}
	return progressbar.NewOptions64(p.total, options...)
}

// hide removes the bar until it is drawn again.
func (p *progress) hide() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drawn {
		_ = p.bar.Clear()
	}
	p.drawn = false
}

// output makes room for b, which goes to the same terminal. While that is in the middle of a
// line, no bar is drawn.
func (p *progress) output(b []byte) {
	if p == nil || len(b) == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drawn {
		_ = p.bar.Clear()
	}
	p.drawn = false
	p.midway = b[len(b)-1] != '\n'
}
