package store

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"emurun/snapshot"
)

// DefaultNamespace is where a job is when nothing else is said.
const DefaultNamespace = "default"

// ErrQuota says that a namespace would exceed its quota.
var ErrQuota = errors.New("over quota")

// ErrForbidden says that something is not allowed.
var ErrForbidden = errors.New("forbidden")

// Namespace is the record of a namespace.
type Namespace struct {
	Name  string `json:"name"`
	Quota int64  `json:"quota,omitempty"` // bytes, 0 for no limit
}

// usage is how many bytes the jobs of a namespace hold. It is counted from the heads when
// the store is opened. Packs that are in two jobs count twice, though they are stored once.
type usage struct {
	mu    sync.Mutex
	bytes map[string]int64
	quota map[string]int64
}

// countUsage counts.
func (s *Store) countUsage() error {
	u := &s.usage
	bytes, quota := map[string]int64{}, map[string]int64{}
	for e, err := range s.meta.Scan(headTable, "") {
		var h Head
		if err == nil {
			err = unmarshal(e, &h)
		}
		if err != nil {
			return err
		}
		bytes[h.Namespace] += h.Bytes
	}
	for e, err := range s.meta.Scan(namespaceTable, "") {
		var n Namespace
		if err == nil {
			err = unmarshal(e, &n)
		}
		if err != nil {
			return err
		}
		quota[n.Name] = n.Quota
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.bytes, u.quota = bytes, quota
	return nil
}

func (u *usage) change(namespace string, by int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.bytes[namespace] += by
}

// quota returns ErrQuota if the namespace may not have so many bytes more.
func (s *Store) quota(namespace string, more int64) error {
	u := &s.usage
	u.mu.Lock()
	defer u.mu.Unlock()
	limit := u.quota[namespace]
	if limit > 0 && more > 0 && u.bytes[namespace]+more > limit {
		return fmt.Errorf("namespace %s has %d of %d bytes, %d more are wanted: %w", namespace, u.bytes[namespace], limit, more, ErrQuota)
	}
	return nil
}

// NamespaceUsage is a namespace and what it holds.
type NamespaceUsage struct {
	Namespace
	Bytes int64 `json:"bytes"`
}

// Namespaces returns those that hold something or have a quota.
func (s *Store) Namespaces() map[string]NamespaceUsage {
	u := &s.usage
	u.mu.Lock()
	defer u.mu.Unlock()
	all := map[string]NamespaceUsage{}
	for name, n := range u.bytes {
		all[name] = NamespaceUsage{Namespace{name, u.quota[name]}, n}
	}
	for name, q := range u.quota {
		all[name] = NamespaceUsage{Namespace{name, q}, u.bytes[name]}
	}
	return all
}

// SetQuota sets the quota of a namespace; 0 for no limit.
func (s *Store) SetQuota(namespace string, bytes int64) error {
	if err := CheckNamespace(namespace); err != nil {
		return err
	}
	kv, err := put(namespaceTable+namespace, Namespace{namespace, bytes})
	if err != nil {
		return err
	}
	if _, err := s.Meta().Commit(Batch{Put: []KV{kv}}); err != nil {
		return err
	}
	s.usage.mu.Lock()
	defer s.usage.mu.Unlock()
	s.usage.quota[namespace] = bytes
	return nil
}

// CheckNamespace tests the name of a namespace: letters, digits, points, hyphens and
// underscores.
func CheckNamespace(name string) error {
	const ok = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"
	if name == "" || len(name) > 64 || strings.Trim(name, ok) != "" || strings.Trim(name, ".") == "" {
		return fmt.Errorf("namespace %q: a name is 1 to 64 letters, digits, points, hyphens and underscores: %w", name, ErrBadRequest)
	}
	return nil
}

// Upload puts a pack for owner, who may commit it later. What was put and not committed
// counts against the quota.
func (s *Store) Upload(owner, namespace string, put PackSize, r io.Reader) error {
	const maxOwned = 1 << 16
	bytes, n := s.packs.owned(owner)
	if n >= maxOwned {
		return fmt.Errorf("%d packs were put and not committed: %w", n, ErrQuota)
	}
	if namespace != "" {
		if err := s.quota(namespace, bytes+put.Size); err != nil {
			return err
		}
	}
	if err := s.packs.Put(put.Name, put.Size, r); err != nil {
		return err
	}
	s.packs.own(owner, put.Name, put.Size, false, s.o.Now())
	return nil
}

// Missing returns those of names that owner has to put.
func (s *Store) Missing(owner string, names []snapshot.Hash) ([]snapshot.Hash, error) {
	var missing []snapshot.Hash
	for _, n := range names {
		owned := s.packs.owns(owner, n, s.o.Now())
		_, ok, err := s.packs.Has(n)
		if err != nil {
			return nil, err
		}
		if !ok || !owned {
			missing = append(missing, n)
		}
	}
	return missing, nil
}

// Uploaded reports whether owner put the pack lately.
func (s *Store) Uploaded(owner string, name snapshot.Hash) bool {
	return s.packs.owns(owner, name, s.o.Now())
}

// InCheckpoint reports whether the pack belongs to a checkpoint of the job.
func (s *Store) InCheckpoint(job string, name snapshot.Hash) (bool, error) {
	h, err := s.Head(job)
	if err != nil {
		return false, err
	}
	head, err := s.Checkpoint(h.ID) // whose packs are asked for most
	if err == nil {
		ok, err := s.tableHas(&head, name)
		if ok || err != nil {
			return ok, err
		}
	}
	list, _, err := s.checkpoints(job, "")
	if err != nil {
		return false, err
	}
	for i := len(list) - 1; i >= 0; i-- {
		if ok, err := s.tableHas(&list[i], name); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

func (s *Store) tableHas(c *CheckpointRecord, name snapshot.Hash) (bool, error) {
	t, err := s.table(c)
	return err == nil && t.has(name), err
}
