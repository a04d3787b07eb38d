package control

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestControl(t *testing.T) {
	store := filepath.Join(t.TempDir(), strings.Repeat("long/", 30))
	answer := func(q Request) Response {
		if q.Do == "freeze" {
			return Response{Job: "j", Checkpoint: q.Label, Step: 7}
		}
		return Response{Job: "j", PID: os.Getpid()}
	}
	if _, err := Call(store, "j", Request{}); !errors.Is(err, ErrNotRunning) {
		t.Errorf("before: %v", err)
	}
	s, err := Serve(store, "j", answer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Serve(store, "j", answer); err == nil || !strings.Contains(err.Error(), "running already") {
		t.Errorf("a second run of the job: %v", err)
	}
	got, err := Call(store, "j", Request{Do: "freeze", Label: "x"})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(Response{Job: "j", Checkpoint: "x", Step: 7}, got); d != "" {
		t.Error(d)
	}
	list, err := Running(store)
	if d := cmp.Diff([]Response{{Job: "j", PID: os.Getpid()}}, list); d != "" || err != nil {
		t.Error(d, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if list, err = Running(store); len(list) > 0 || err != nil {
		t.Error(list, err)
	}
}

// What was asked before the end is answered: a run that is asked to end ends before it has said so.
func TestCloseAnswers(t *testing.T) {
	store := t.TempDir()
	asked, goOn := make(chan struct{}), make(chan struct{})
	s, err := Serve(store, "j", func(Request) Response {
		close(asked)
		<-goOn
		return Response{Job: "j", Step: 9}
	})
	if err != nil {
		t.Fatal(err)
	}
	var got Response
	heard := make(chan error, 1)
	go func() {
		var err error
		got, err = Call(store, "j", Request{Do: "freeze", Stop: true})
		heard <- err
	}()
	<-asked
	time.AfterFunc(20*time.Millisecond, func() { close(goOn) })
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := <-heard; err != nil || got.Step != 9 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestValid(t *testing.T) {
	for job, ok := range map[string]bool{"a": true, "sort-1.2": true, "": false, ".x": false, "a/b": false, "a b": false, strings.Repeat("x", 65): false} {
		if err := Valid(job); (err == nil) != ok {
			t.Errorf("%q: %v", job, err)
		}
	}
}
