package checkpoint

import (
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"emurun/machine"
	"emurun/snapshot"
)

// ErrStopped ends a run that was frozen to go on later.
var ErrStopped = errors.New("frozen: it goes on when it is resumed")

// ErrBehind ends a run whose last checkpoint is there while the host's files are not those of it
// yet. Resuming it brings them along.
var ErrBehind = errors.New("its file updates are not all applied")

// Updates is updates of the host's files that wait for their checkpoint. Prepare, Apply and
// Cancel are called on another goroutine than the machine's.
type Updates interface {
	// Prepare makes them durable under the name of the checkpoint.
	Prepare(name string) error
	// Apply applies them to the host's files, after the checkpoint was committed.
	Apply() error
	// Cancel says that the checkpoint is not there and never will be.
	Cancel() error
	// Release ends the use, on the machine's goroutine. applied says that the files
	// are as they were when the updates were taken.
	Release(applied bool)
}

// Sections is sections, not state, that go with a checkpoint.
type Sections interface {
	// Put puts them. It is called on another goroutine than the machine's.
	Put(s snapshot.Store) ([]snapshot.Section, error)
	// Release ends the use, on the machine's goroutine. committed says whether the
	// checkpoint is there.
	Release(committed bool)
}

// Every says how often checkpoints are taken: after so many steps, or so much time of the
// host; zero is never.
type Every struct {
	Steps uint64
	Time  time.Duration
}

// Config is what a Run needs.
type Config struct {
	Store snapshot.Store
	Job   string
	Epoch uint64 // of the lease under which it runs; 0 without a server
	Every Every
	Keep  int // checkpoints without a label that are kept; 0: all
	// Take takes the updates of the host's files since the last checkpoint as they are
	// now; nil for none.
	Take func() (Updates, error)
	// Also takes what else goes with a checkpoint as it is now; nil for nothing.
	Also  func() Sections
	About []byte             // what RunSection holds
	After *snapshot.Manifest // the checkpoint that the machine goes on from; nil for none
	ID    snapshot.Hash      // its name
	// Varied says that the machine was given other random numbers or another time since After: from
	// there it cannot be run again into what follows.
	Varied bool
	Root   *Root  // the archive that is the root file system; nil for none
	Wake   func() // ends the machine's wait for something outside
	Now    func() time.Time
	// Report, if set, hears of each checkpoint, on the machine's goroutine.
	Report func(Done)
}

// Done tells of a checkpoint that was attempted.
type Done struct {
	ID       snapshot.Hash
	Manifest *snapshot.Manifest
	Pause    time.Duration // for which the guest stood still
	Took     time.Duration
	Err      error
}

// Run takes the checkpoints of a running machine. All but Request is called on the
// machine's goroutine.
type Run struct {
	c      Config
	parent snapshot.Hash
	seq    uint64
	next   uint64    // step of the next checkpoint by steps
	due    time.Time // time of the next by time
	alarm  *time.Timer
	called atomic.Bool // something is to be looked at

	mu       sync.Mutex
	requests []Request

	stored atomic.Int64 // bytes of the checkpoint being stored

	inputs inputs
	busy   *job // the checkpoint being stored, or nil
	failed error
}

// Request asks for a checkpoint.
type Request struct {
	Label string
	Stop  bool       // end the run with it
	Done  func(Done) // called when it is committed or failed; may be nil
}

// New returns the checkpoints of a run that begins or goes on at step.
func New(c Config, step uint64) *Run {
	r := &Run{c: c, parent: c.ID, seq: 1, next: math.MaxUint64}
	if c.Now == nil {
		r.c.Now = time.Now
	}
	if c.After != nil {
		r.seq = c.After.Seq + 1
	}
	if c.Every.Steps > 0 {
		r.next = step + c.Every.Steps
	}
	r.arm()
	return r
}

// Log returns the log that the machine's inputs belong into, so that the run between two
// checkpoints can be done again.
func (r *Run) Log() machine.Log { return &r.inputs }

// StartAt makes seq the number of the first checkpoint, of a job that had others before.
func (r *Run) StartAt(seq uint64) { r.seq = seq }

// arm sets the alarm for the next checkpoint by time.
func (r *Run) arm() {
	if r.c.Every.Time == 0 {
		return
	}
	r.due = r.c.Now().Add(r.c.Every.Time)
	if r.alarm == nil {
		r.alarm = time.AfterFunc(r.c.Every.Time, r.call)
		return
	}
	r.alarm.Reset(r.c.Every.Time)
}

// call makes the machine's goroutine look.
func (r *Run) call() {
	r.called.Store(true)
	if r.c.Wake != nil {
		r.c.Wake()
	}
}

// Request asks for a checkpoint, from any goroutine.
func (r *Run) Request(q Request) {
	r.mu.Lock()
	r.requests = append(r.requests, q)
	r.mu.Unlock()
	r.call()
}

// Until implements machine.Between.
func (r *Run) Until() uint64 { return r.next }

// Between implements machine.Between: it takes the checkpoint that is due, if the one
// before is stored.
func (r *Run) Between(m *machine.Machine) error {
	label, asked := m.Kernel.TakeCheckpointRequest()
	if !asked && m.Kernel.Steps() < r.next && !r.called.Load() {
		return nil
	}
	r.called.Store(false)
	if r.busy != nil {
		if !asked && !r.busy.finished.Load() && m.Kernel.Steps() < r.next {
			return r.failed // it calls again when it is finished
		}
		// A checkpoint at a given step, or one that the guest wants, cannot come later.
		r.finish()
	}
	if r.failed != nil {
		return r.failed
	}
	requests := r.take()
	if asked {
		requests = append(requests, Request{Label: label})
	}
	byStep := m.Kernel.Steps() >= r.next
	byTime := r.c.Every.Time > 0 && !r.c.Now().Before(r.due)
	if len(requests) == 0 && !byStep && !byTime {
		return nil
	}
	return r.checkpoint(m, requests)
}

// take returns what was requested.
func (r *Run) take() []Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	q := r.requests
	r.requests = nil
	return q
}

// checkpoint begins one that fulfils the requests.
func (r *Run) checkpoint(m *machine.Machine, requests []Request) error {
	err := r.begin(m, requests)
	if r.c.Every.Steps > 0 {
		r.next = m.Kernel.Steps() + r.c.Every.Steps
	}
	r.arm()
	if err != nil {
		r.report(requests, Done{Err: err})
		return nil // the program goes on, and the next one may do
	}
	for _, q := range requests {
		if !q.Stop {
			continue
		}
		last := r.busy
		r.finish()
		if last.err == nil {
			return ErrStopped
		}
		return r.failed
	}
	return nil
}

// begin freezes the machine and starts to store it.
func (r *Run) begin(m *machine.Machine, requests []Request) error {
	start := r.c.Now()
	f, err := m.Freeze()
	if err != nil {
		return fmt.Errorf("checkpoint at step %d: %w", m.Kernel.Steps(), err)
	}
	j := &job{
		about: r.c.About, root: r.c.Root, frozen: f, requests: requests, start: start, done: make(chan struct{}), stored: &r.stored,
	}
	r.stored.Store(0)
	if r.c.Take != nil {
		if j.updates, err = r.c.Take(); err != nil {
			f.Release(false)
			return fmt.Errorf("checkpoint at step %d: file updates: %w", m.Kernel.Steps(), err)
		}
	}
	j.manifest = &snapshot.Manifest{
		Parent: r.parent, Seq: r.seq, Epoch: r.c.Epoch, Created: start.UnixNano(), Job: r.c.Job, Label: labelOf(requests), Step: f.Step,
	}
	j.pause = r.c.Now().Sub(start)
	j.inputs, j.varied = r.inputs.cut(), r.c.Varied
	if r.c.Also != nil {
		j.also = r.c.Also()
	}
	r.busy = j
	go func() {
		j.err = j.store(r.c.Store, r.c.Keep)
		j.finished.Store(true)
		close(j.done)
		r.call()
	}()
	return nil
}

// labelOf returns the label of a checkpoint: the last that was asked for.
func labelOf(requests []Request) string {
	label := ""
	for _, q := range requests {
		if q.Label != "" {
			label = q.Label
		}
	}
	return label
}

// finish waits until the checkpoint in progress is stored, and closes it.
func (r *Run) finish() {
	j := r.busy
	if j == nil {
		return
	}
	<-j.done
	r.busy = nil
	j.frozen.Release(j.committed)
	if j.updates != nil {
		j.updates.Release(j.applied)
	}
	if j.also != nil {
		j.also.Release(j.committed)
	}
	if j.committed {
		r.parent, r.seq = j.id, r.seq+1
		r.inputs.committed(len(j.inputs))
		r.c.Varied = false
	}
	if j.untidy != nil {
		r.report(nil, Done{Err: fmt.Errorf("older checkpoints than that at step %d are not deleted: %w", j.manifest.Step, j.untidy)})
		r.failed = rollback(r.c.Store)
	}
	err := j.err
	if err != nil {
		err = fmt.Errorf("checkpoint at step %d: %w", j.manifest.Step, err)
	}
	if err != nil && j.committed {
		r.failed = err // the host's files are behind
	} else if err != nil {
		r.failed = rollback(r.c.Store) // the run goes on, and tries again when the next one is due
	}
	d := Done{ID: j.id, Manifest: j.manifest, Pause: j.pause, Took: r.c.Now().Sub(j.start), Err: err}
	r.report(j.requests, d)
}

// report tells how a checkpoint ended.
func (r *Run) report(requests []Request, d Done) {
	if r.c.Report != nil {
		r.c.Report(d)
	}
	for _, q := range requests {
		if q.Done != nil {
			q.Done(d)
		}
	}
}

// Last takes the checkpoint of a machine that has ended, with which the last updates
// of files commit, and closes the run.
func (r *Run) Last(m *machine.Machine) error {
	r.finish()
	err := r.failed
	if err == nil {
		err = r.begin(m, r.take())
	}
	if last := r.busy; err == nil {
		r.finish()
		err = last.err
	}
	r.Close()
	return err
}

// Close waits for the checkpoint in progress. Requests that were not fulfilled hear so.
func (r *Run) Close() {
	r.finish()
	if r.alarm != nil {
		r.alarm.Stop()
	}
	for _, q := range r.take() {
		if q.Done != nil {
			q.Done(Done{Err: errors.New("the run has ended")})
		}
	}
}

// Stored returns how many bytes of the checkpoint in progress, or of the last one, were put into the
// store. It may be called on any goroutine.
func (r *Run) Stored() int64 { return r.stored.Load() }

// Parent returns the name of the last checkpoint that was committed.
func (r *Run) Parent() snapshot.Hash { return r.parent }
