package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/server/api"
	"emurun/server/core"
	"emurun/server/store"
	"emurun/snapshot"
)

// told asks and reads the answer, which must have the status.
func told[T any](t *testing.T, w *world, status int, method, path, token string, body any) T {
	t.Helper()
	p, _ := json.Marshal(body)
	r := w.ask(method, path, token, p)
	if r.Code != status {
		t.Fatalf("%s %s: status %d, want %d: %s", method, path, r.Code, status, r.Body)
	}
	var a T
	if r.Body.Len() > 0 {
		if err := json.Unmarshal(r.Body.Bytes(), &a); err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
	}
	return a
}

// TestJob has a job submitted, run by a worker that speaks the protocol, and end.
func TestJob(t *testing.T) {
	w := newWorld(t, Limits{})
	job := api.NewJob{Job: "j", Spec: api.Spec{Header: []byte("how"), Every: "1s"}}
	for range 2 { // each call may be repeated
		told[api.Job](t, w, http.StatusCreated, "POST", api.JobsPath, "operator", job)
	}
	other := job
	other.Spec.Every = "2s"
	if e := told[api.Error](t, w, http.StatusConflict, "POST", api.JobsPath, "operator", other); e.Code != api.WrongState {
		t.Errorf("another job of this name: %v", &e)
	}
	other.Job = "a"
	told[api.Error](t, w, http.StatusConflict, "POST", api.JobsPath, "operator", other) // of who keeps checkpoints
	told[api.Error](t, w, http.StatusForbidden, "POST", api.JobsPath, "reader", job)

	r := told[core.Registered](t, w, http.StatusOK, "POST", api.WorkersPath, "operator", api.Register{Name: "n", Nonce: 7})
	beat := core.Heartbeat{Incarnation: r.Incarnation, Count: 1, Slots: 1}
	told[api.Directives](t, w, http.StatusOK, "POST", api.WorkerPath("n")+"/heartbeat", "operator", beat) // with it the worker begins
	beat.Count++
	d := told[api.Directives](t, w, http.StatusOK, "POST", api.WorkerPath("n")+"/heartbeat", "operator", beat)
	if len(d.List) != 1 || d.List[0].Do != core.DoRun || d.List[0].Epoch != 1 {
		t.Fatalf("directives: %+v", d)
	}
	w.tokens["job"] = d.Tokens["j"]
	spec := told[api.Spec](t, w, http.StatusOK, "GET", api.JobPath("j")+"/spec", "job", nil)
	if diff := cmp.Diff(job.Spec, spec); diff != "" {
		t.Errorf("spec (-want +got):\n%s", diff)
	}
	told[api.Error](t, w, http.StatusForbidden, "GET", api.JobPath("a"), "job", nil)

	first := w.commitRun(t, http.StatusOK, snapshot.Manifest{Job: "j", Epoch: 1, Seq: 1}, &api.Run{Output: [2]uint64{3, 0}})
	w.commitRun(t, http.StatusOK, snapshot.Manifest{Job: "j", Epoch: 1, Seq: 1}, &api.Run{Output: [2]uint64{3, 0}}) // the same again
	w.commitRun(t, http.StatusConflict, snapshot.Manifest{Job: "j", Epoch: 1, Seq: 3, Parent: first}, &api.Run{})
	w.commitRun(t, http.StatusConflict, snapshot.Manifest{Job: "j", Epoch: 2, Seq: 2, Parent: first}, &api.Run{})
	w.commitRun(t, http.StatusConflict, snapshot.Manifest{Job: "j", Epoch: 1, Seq: 2, Parent: first}, nil)
	last := w.commitRun(t, http.StatusOK, snapshot.Manifest{Job: "j", Epoch: 1, Seq: 2, Parent: first}, &api.Run{Final: true, Status: 0x300})

	want := api.Job{Job: "j", Namespace: "default", Epoch: 1, Seq: 2, Head: last, State: core.Completed, Status: 0x300}
	got := told[api.Job](t, w, http.StatusOK, "GET", api.JobPath("j"), "reader", nil)
	got.Bytes = 0
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("job (-want +got):\n%s", diff)
	}
	told[api.Error](t, w, http.StatusConflict, "POST", api.JobPath("j")+":pause", "operator", api.Order{})
	told[api.Error](t, w, http.StatusNotFound, "POST", api.JobPath("j")+":fly", "operator", api.Order{})
	w.restarts(t, want)

	p, _ := json.Marshal(store.Head{Job: "j", Namespace: "default", Epoch: 1, Seq: 1, ID: first})
	if _, err := w.store.Meta().Commit(store.Batch{Put: []store.KV{{Key: "h/j", Value: p}}}); err != nil { // as fsck does it
		t.Fatal(err)
	}
	want.Head, want.Seq = first, 1
	w.restarts(t, want)
}

// commitRun commits a checkpoint as the worker of a job and returns its name.
func (w *world) commitRun(t *testing.T, status int, m snapshot.Manifest, run *api.Run) snapshot.Hash {
	t.Helper()
	p, _ := m.Encode()
	id, _ := m.ID()
	told[api.Committed](t, w, status, "POST", api.JobCheckpointsPath(m.Job), "job", api.Commit{Digest: id, Manifest: p, Run: run})
	return id
}

// restarts has another server go on with the store: it knows the job as it was.
func (w *world) restarts(t *testing.T, want api.Job) {
	t.Helper()
	next, err := New(Config{Store: w.store, JobKey: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	j, ok := next.keeper.job(want.Job)
	if !ok || j.State != want.State || j.Head.Digest != want.Head.String() || j.Head.Seq != want.Seq || j.Status != want.Status {
		t.Errorf("after a restart: %+v", j)
	}
}

// TestManyJobs changes more records in one step than a batch of the store takes.
func TestManyJobs(t *testing.T) {
	w := newWorld(t, Limits{})
	const n = 3 * maxRecords
	for i := range n {
		job := api.NewJob{Job: fmt.Sprint("j", i), Spec: api.Spec{Header: []byte("how"), Every: "1s"}}
		told[api.Job](t, w, http.StatusCreated, "POST", api.JobsPath, "operator", job)
	}
	r := told[core.Registered](t, w, http.StatusOK, "POST", api.WorkersPath, "operator", api.Register{Name: "n", Nonce: 7})
	beat := core.Heartbeat{Incarnation: r.Incarnation, Count: 1, Slots: n}
	told[api.Directives](t, w, http.StatusOK, "POST", api.WorkerPath("n")+"/heartbeat", "operator", beat)
	beat.Count++
	d := told[api.Directives](t, w, http.StatusOK, "POST", api.WorkerPath("n")+"/heartbeat", "operator", beat)
	if len(d.List) != n {
		t.Errorf("%d directives, want %d", len(d.List), n)
	}
	told[api.Error](t, w, http.StatusForbidden, "POST", api.WorkerPath("n")+":drain", "operator", api.Order{Drain: core.DrainHold})
	told[struct{}](t, w, http.StatusNoContent, "POST", api.WorkerPath("n")+":drain", "admin", api.Order{Drain: core.DrainHold})
	list := told[api.Jobs](t, w, http.StatusOK, "GET", api.JobsPath, "reader", nil)
	for _, j := range list.Jobs {
		if strings.HasPrefix(j.Job, "j") && (j.State != core.Stopping || j.Epoch != 1) {
			t.Errorf("job %s is %s in epoch %d", j.Job, j.State, j.Epoch)
		}
	}
}
