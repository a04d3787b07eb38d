package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"emurun/server/api"
	"emurun/server/core"
	"emurun/server/store"
)

// keeper joins the job machine to the store. What a step changes is written before its messages
// leave; one step at a time. A step whose records cannot be written leaves them to the next.
type keeper struct {
	store *store.Store
	begin time.Time

	mu    sync.Mutex
	core  *core.Server
	out   core.Outbox
	queue map[string][]byte // records that are not durable
	last  uint64            // number of the newest batch
}

// The prefixes of the job machine's keys, and the tables that keep them. The jobs come first:
// a crash between two batches must not leave a worker that has begun anew with its old jobs.
var coreTables = []struct{ prefix, table string }{{"job/", store.JobTable}, {"worker/", store.WorkerTable}}

// newKeeper goes on with what is in the store.
func newKeeper(s *store.Store, p core.Profile, abort bool) (*keeper, error) {
	records := map[string][]byte{}
	for _, t := range coreTables {
		for e, err := range s.Meta().Scan(t.table, "") {
			if err != nil {
				return nil, err
			}
			if t.table == store.JobTable {
				e.Value, err = fallenBack(s, e.Value)
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", e.Key, err)
			}
			records[t.prefix+strings.TrimPrefix(e.Key, t.table)] = e.Value
		}
	}
	k := &keeper{store: s, begin: time.Now(), queue: map[string][]byte{}}
	var err error
	k.core, err = core.NewServer(core.Options{Profile: p, Boot: rand.Uint64(), AbortOnRestart: abort}, records, k.now())
	return k, err
}

// fallenBack returns the record of a job with the head that the store has: fsck moves it back from
// a checkpoint that is damaged. A worker that is further is then told to discard what it has.
func fallenBack(s *store.Store, record []byte) ([]byte, error) {
	var j core.Job
	if err := json.Unmarshal(record, &j); err != nil {
		return nil, err
	}
	h, err := s.Head(j.Name)
	if err != nil || h.ID.IsZero() && j.Head.Seq == 0 || h.ID.String() == j.Head.Digest {
		return record, err
	}
	j.Head = core.Head{}
	if !h.ID.IsZero() {
		c, err := s.Checkpoint(h.ID)
		if err != nil {
			return nil, err
		}
		j.Head = core.Head{Seq: c.Seq, Epoch: c.Epoch, Digest: h.ID.String(), Step: c.Step}
		for i, stream := range []string{"stdout", "stderr"} {
			if j.Head.Output[i], err = s.Section(h.ID, api.Output[stream], math.MaxUint64, io.Discard); err != nil {
				return nil, err
			}
		}
	}
	return json.Marshal(j)
}

// now is the time of the job machine.
func (k *keeper) now() core.Time { return core.Time(time.Since(k.begin)) }

// step hands a message to the job machine, and returns those that may leave.
func (k *keeper) step(m core.Message) ([]core.Message, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	b, out := k.core.Step(k.now(), m)
	return k.leave(b, out)
}

// leave writes the batch of a step, and returns the messages that may leave then.
func (k *keeper) leave(b core.Batch, out []core.Message) ([]core.Message, error) {
	number, _, leave := k.out.Add(b, out)
	k.last = number
	for _, p := range b {
		k.queue[p.Key] = p.Value
	}
	err := k.flush()
	if err == nil {
		leave = append(leave, k.out.Durable(k.last)...)
	}
	return leave, err
}

// maxRecords bounds the records in one batch of the store.
const maxRecords = 30

// flush makes the queue durable.
func (k *keeper) flush() error {
	keys := make([]string, 0, len(k.queue))
	for key := range k.queue { // order: sorted below
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for part := range slices.Chunk(keys, maxRecords) {
		if err := k.write(part); err != nil {
			return err
		}
		for _, key := range part {
			delete(k.queue, key)
		}
	}
	return nil
}

// write writes records, and the epochs of leases with them.
func (k *keeper) write(keys []string) error {
	const tries = 16
	err := store.ErrConflict
	for range tries {
		var b store.Batch
		for _, key := range keys {
			if err := k.record(&b, key); err != nil {
				return err
			}
		}
		if _, err = k.store.Meta().Commit(b); !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	return err
}

// record adds a record of the queue to a batch.
func (k *keeper) record(b *store.Batch, key string) error {
	for _, t := range coreTables {
		name, ok := strings.CutPrefix(key, t.prefix)
		if !ok {
			continue
		}
		b.Put = append(b.Put, store.KV{Key: t.table + name, Value: k.queue[key]})
		if t.table == store.JobTable {
			return k.lease(b, name, k.queue[key])
		}
	}
	return nil
}

// lease adds the epoch of a job to a batch, if it has a new one.
func (k *keeper) lease(b *store.Batch, name string, record []byte) error {
	var j core.Job
	if err := json.Unmarshal(record, &j); err != nil {
		return err
	}
	l, err := k.store.LeaseBatch(name, j.Epoch, "")
	b.Pre, b.Put = append(b.Pre, l.Pre...), append(b.Put, l.Put...)
	return err
}

// commit commits a checkpoint of a job: what the store notes of it and the job's record
// become durable as one.
func (k *keeper) commit(c core.Commit, at *store.Commit) (store.Ack, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.flush(); err != nil {
		return store.Ack{}, err
	}
	r, records := k.core.Preview(c)
	if err := codeError(r.Code); err != nil {
		return store.Ack{}, fmt.Errorf("job %q, checkpoint %d of epoch %d: %w", c.Job, r.Seq, c.Epoch, err)
	}
	for _, p := range records {
		at.Also.Put = append(at.Also.Put, store.KV{Key: store.JobTable + strings.TrimPrefix(p.Key, "job/"), Value: p.Value})
	}
	ack, err := k.store.Commit(at)
	if err != nil {
		return ack, err
	}
	b, out := k.core.Step(k.now(), core.Message{Body: c})
	b = slices.DeleteFunc(b, func(p core.Put) bool {
		return slices.ContainsFunc(records, func(w core.Put) bool { return w.Key == p.Key && bytes.Equal(w.Value, p.Value) })
	})
	_, err = k.leave(b, out)
	return ack, err
}

// run steps when time has passed, until ctx ends.
func (k *keeper) run(ctx context.Context, failed func(error)) {
	for {
		k.mu.Lock()
		wait := time.Duration(k.core.Next(k.now()) - k.now())
		k.mu.Unlock()
		select {
		case <-ctx.Done():
			return
		case <-time.After(min(max(wait, 10*time.Millisecond), time.Second)):
		}
		if _, err := k.step(core.Message{}); err != nil {
			failed(err)
		}
	}
}

// job returns a job.
func (k *keeper) job(name string) (core.Job, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.core.Job(name)
}

// workers returns all workers.
func (k *keeper) workers() []core.Worker {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.core.Workers()
}

// ask hands a message to the job machine and returns the answer of type T.
func ask[T any](k *keeper, from string, body any) (T, error) {
	var none T
	out, err := k.step(core.Message{From: from, Body: body})
	if err != nil {
		return none, err
	}
	for _, m := range slices.Backward(out) { // earlier ones were held back, and nobody waits for them
		if a, ok := m.Body.(T); ok && m.To == from {
			return a, nil
		}
	}
	return none, fmt.Errorf("no answer: %w", store.ErrConflict)
}

// order does what people ask for.
func (k *keeper) order(o core.Order) error {
	d, err := ask[core.Done](k, "", o)
	if err != nil {
		return err
	}
	return codeError(d.Code)
}

// codeError returns what a code of the job machine is for clients; nil for none.
func codeError(c core.Code) error {
	switch c {
	case core.OK:
		return nil
	case core.Fenced:
		return store.ErrFenced
	case core.ParentMismatch:
		return store.ErrParent
	case core.Gone:
		return fmt.Errorf("no such job: %w", store.ErrNotFound)
	case core.NoWorker:
		return fmt.Errorf("no such worker, or it takes no jobs: %w", store.ErrNotFound)
	case core.Exists:
		return fmt.Errorf("there is a job of this name: %w", errState)
	default:
		return fmt.Errorf("the job's state does not allow it: %w", errState)
	}
}
