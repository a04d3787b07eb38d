package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/dgraph-io/badger/v4"
)

// Limits of a group of batches that are committed together.
const (
	maxGroup      = 1024    // batches
	maxGroupBytes = 4 << 20 // far below badger's own limit, a seventh of a memtable
)

// lsnKey has the LSN of the last batch.
const lsnKey = "!lsn"

// badgerMeta is Meta in a badger database.
type badgerMeta struct {
	db    *badger.DB
	hook  func(point string)
	acked *ackedFile
	queue chan *request
	done  chan struct{} // closed when the committer has ended
	gate  sync.RWMutex  // held for reading by who puts into queue
	shut  bool
	last  LSN // the committer's alone
	sum   factSum
	lost  error // what was found on opening

	broken  chan struct{} // closed when a commit's outcome is unknown
	mu      sync.Mutex
	failure error
	stats   GroupStats
}

// GroupStats counts what the committer did.
type GroupStats struct {
	Groups, Batches uint64
	Last            LSN
}

// request is a batch on its way.
type request struct {
	batch Batch
	lsn   LSN
	err   error
	done  chan struct{}
}

var errClosed = errors.New("the store is closed")

// Commit implements Meta.
func (m *badgerMeta) Commit(b Batch) (LSN, error) {
	if err := b.check(); err != nil {
		return 0, err
	}
	r := &request{batch: b, done: make(chan struct{})}
	m.gate.RLock()
	if m.shut {
		m.gate.RUnlock()
		return 0, errClosed
	}
	m.queue <- r
	m.gate.RUnlock()
	<-r.done
	return r.lsn, r.err
}

// run commits until the queue is closed: what has gathered while the disk was busy is
// the next group.
func (m *badgerMeta) run() {
	defer close(m.done)
	for first := range m.queue {
		group := m.gather(first)
		m.commitGroup(group)
		for _, r := range group {
			close(r.done)
		}
	}
}

// gather returns first and what else waits.
func (m *badgerMeta) gather(first *request) []*request {
	group, size := []*request{first}, first.batch.size()
	for len(group) < maxGroup && size < maxGroupBytes {
		select {
		case r, ok := <-m.queue:
			if !ok {
				return group
			}
			group = append(group, r)
			size += r.batch.size()
		default:
			return group
		}
	}
	return group
}

// commitGroup sets lsn or err of each request.
func (m *badgerMeta) commitGroup(group []*request) {
	if err := m.Failure(); err != nil {
		refuse(group, err)
		return
	}
	m.hook("commit-begin")
	g := &groupTxn{txn: m.db.NewTransaction(true), seen: map[string]LSN{}, sum: m.sum}
	defer g.txn.Discard()
	last := m.last
	var applied []*request
	for _, r := range group {
		r.err = g.holds(r.batch.Pre)
		if errors.Is(r.err, ErrConflict) {
			continue
		}
		if r.err == nil {
			r.err = g.apply(r.batch, last+1)
		}
		if r.err != nil { // half of it may be in the transaction
			m.fail(r.err)
			refuse(group, r.err)
			return
		}
		last++
		r.lsn = last
		applied = append(applied, r)
	}
	if len(applied) == 0 {
		return
	}
	err := g.txn.Set([]byte(lsnKey), wrap(last, g.sum[:]))
	m.hook("commit-prepared")
	if err == nil {
		err = g.txn.Commit()
	}
	if err == nil {
		m.hook("commit-durable")
		err = m.acked.set(last)
	}
	if err != nil { // it may be durable, or become so
		err = fmt.Errorf("commit: %w", err)
		m.fail(err)
		refuse(applied, err)
		return
	}
	m.last, m.sum = last, g.sum
	m.count(len(applied))
}

// refuse gives err to all of group.
func refuse(group []*request, err error) {
	for _, r := range group {
		r.lsn, r.err = 0, err
	}
}

// groupTxn is a transaction of several batches, each of which sees what those before it
// have written.
type groupTxn struct {
	txn  *badger.Txn
	seen map[string]LSN // the versions of keys that were looked at or written
	sum  factSum
}

// version returns the version of a key.
func (g *groupTxn) version(key string) (LSN, error) {
	if v, ok := g.seen[key]; ok {
		return v, nil
	}
	e, err := reader{g.txn}.Get(key)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return 0, err
	}
	g.seen[key] = e.Version
	return e.Version, nil
}

// holds tests conditions.
func (g *groupTxn) holds(pre []Cond) error {
	for _, c := range pre {
		v, err := g.version(c.Key)
		if err != nil {
			return err
		}
		if v != c.Version {
			return fmt.Errorf("%q is at version %d, not %d: %w", c.Key, v, c.Version, ErrConflict)
		}
	}
	return nil
}

// apply writes b.
func (g *groupTxn) apply(b Batch, lsn LSN) error {
	for _, kv := range b.Put {
		if err := g.move(kv.Key, lsn); err != nil {
			return err
		}
		if err := g.txn.Set([]byte(kv.Key), wrap(lsn, kv.Value)); err != nil {
			return err
		}
	}
	for _, k := range b.Del {
		if err := g.move(k, 0); err != nil {
			return err
		}
		if err := g.txn.Delete([]byte(k)); err != nil {
			return err
		}
	}
	return nil
}

// move notes the new version of a key.
func (g *groupTxn) move(key string, to LSN) error {
	old, err := g.version(key)
	if err != nil {
		return err
	}
	g.sum.toggle(key, old)
	g.sum.toggle(key, to)
	g.seen[key] = to
	return nil
}

// wrap returns a value in its envelope.
func wrap(lsn LSN, value []byte) []byte {
	p := make([]byte, envelope, envelope+len(value))
	binary.LittleEndian.PutUint64(p, uint64(lsn))
	return append(p, value...)
}

// fail makes every later commit fail with err.
func (m *badgerMeta) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failure == nil {
		m.failure = fmt.Errorf("the store must be opened again: %w", err)
		close(m.broken)
	}
}

// Failure returns why the store does not write any more.
func (m *badgerMeta) Failure() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.failure
}

func (m *badgerMeta) count(batches int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stats.Groups++
	m.stats.Batches += uint64(batches)
	m.stats.Last = m.last
}

// Stats returns what the committer did so far.
func (m *badgerMeta) Stats() GroupStats {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.stats
}

// close ends the committer and the database.
func (m *badgerMeta) close() error {
	m.gate.Lock()
	shut := m.shut
	m.shut = true
	m.gate.Unlock()
	if shut {
		return nil
	}
	close(m.queue)
	<-m.done
	return errors.Join(m.db.Close(), m.acked.close())
}
