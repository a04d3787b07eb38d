package client_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"emurun/server"
	"emurun/server/api"
	"emurun/server/client"
	"emurun/server/store"
	"emurun/snapshot"
	"emurun/snapshot/storetest"
)

// TestRetry: what may be said again is, what may not is not.
func TestRetry(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		asked  int
		code   api.Code
	}{
		{"overloaded", 503, `{"code":"overloaded"}`, 3, ""},
		{"a proxy's error", 502, "<html>", 3, ""},
		{"fenced", 409, `{"code":"fenced"}`, 1, api.Fenced},
		{"regressed", 503, `{"code":"store_regressed"}`, 1, api.StoreRegressed},
		{"not ours", 404, "<html>", 1, api.Internal},
		{"redirected", 302, "", 1, api.Internal},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			asked := 0
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if asked++; asked < 3 {
					w.WriteHeader(tt.status)
					w.Write([]byte(tt.body))
				}
			}))
			defer s.Close()
			c, err := client.New(client.Config{URL: s.URL, Retry: 5 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			err = c.JSON(context.Background(), "GET", "/", nil, nil)
			if asked != tt.asked || client.Code(err) != tt.code || (err == nil) != (tt.code == "") {
				t.Errorf("asked %d times, want %d; error %v", asked, tt.asked, err)
			}
		})
	}
}

// TestRestart: a server that is restarted in the middle of a checkpoint costs a second
// attempt at most, and what was committed is there.
func TestRestart(t *testing.T) {
	r := start(t, server.Limits{})
	s := r.client().Store()
	a := storetest.Content(1, 300*snapshot.PageSize)
	first := storetest.Commit(t, s, 1, a)
	b := storetest.Content(2, 3000*snapshot.PageSize)
	if _, err := snapshot.PutSection(s, "data", 1, b); err != nil {
		t.Fatal(err)
	}
	r.stop()
	r.up(server.Limits{}, strings.TrimPrefix(r.url, "https://"))
	commit := func() (snapshot.Hash, error) {
		section, err := snapshot.PutSection(s, "data", 1, b)
		if err != nil {
			return snapshot.Hash{}, err
		}
		return s.Commit(&snapshot.Manifest{Job: "job", Seq: 2, Sections: []snapshot.Section{section}})
	}
	second, err := commit()
	if errors.Is(err, client.ErrAgain) {
		second, err = commit()
	}
	if err != nil {
		t.Fatal(err)
	}
	storetest.Holds(t, s, first, a)
	storetest.Holds(t, r.client().Store(), second, b)
}

// TestRegressedServer: a server that was restored from an old backup is told so by the
// clients that know more, and takes nothing more.
func TestRegressedServer(t *testing.T) {
	r := start(t, server.Limits{})
	s := r.client().Store()
	storetest.Commit(t, s, 1, storetest.Content(1, 5000))
	backup := filepath.Join(t.TempDir(), "b")
	f, err := os.Create(backup)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.store.Backup(f); err != nil {
		t.Fatal(err)
	}
	storetest.Commit(t, s, 2, storetest.Content(2, 5000))
	r.stop()
	r.dir = filepath.Join(t.TempDir(), "restored")
	if _, err := f.Seek(0, 0); err != nil {
		t.Fatal(err)
	}
	if err := store.Restore(r.dir, f); err != nil {
		t.Fatal(err)
	}
	f.Close()
	r.up(server.Limits{}, strings.TrimPrefix(r.url, "https://"))
	_, err = s.Commit(&snapshot.Manifest{Job: "job", Seq: 3})
	if client.Code(err) != api.StoreRegressed {
		t.Errorf("error %v, want %s", err, api.StoreRegressed)
	}
	if ids, err := r.client().Store().List(); len(ids) != 1 || err != nil {
		t.Errorf("reading goes on: %v, error %v", ids, err)
	}
}

// TestLarge commits more packs than fit a request's list of operations, and reads them.
func TestLarge(t *testing.T) {
	r := start(t, server.Limits{})
	s := r.client().Store()
	p := storetest.Content(1, 12000*snapshot.PageSize)
	id := storetest.Commit(t, s, 1, p)
	storetest.Holds(t, r.client().Store(), id, p)
	if rep, err := r.store.Verify(true); err != nil || len(rep.Damage) > 0 {
		t.Errorf("error %v, damage %v", err, rep.Damage)
	}
}

// TestManySections commits a manifest that is too large for a request.
func TestManySections(t *testing.T) {
	r := start(t, server.Limits{})
	s := r.client().Store()
	section, err := snapshot.PutSection(s, "x", 1, []byte("shared"))
	if err != nil {
		t.Fatal(err)
	}
	m := &snapshot.Manifest{Job: "job", Seq: 1}
	for i := range 20000 {
		section.Name = string([]byte{'a' + byte(i/26/26/26), 'a' + byte(i/26/26%26), 'a' + byte(i/26%26), 'a' + byte(i%26)})
		m.Sections = append(m.Sections, section)
	}
	id, err := s.Commit(m)
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.client().Store().Manifest(id)
	if err != nil || len(got.Sections) != len(m.Sections) {
		t.Errorf("error %v", err)
	}
}

// TestWrittenAgain: a store that writes what it has read, and reads what is gone, goes on.
func TestWrittenAgain(t *testing.T) {
	r := start(t, server.Limits{})
	p := storetest.Content(1, 100*snapshot.PageSize)
	id := storetest.Commit(t, r.client().Store(), 1, p)
	s := r.client().Store()
	storetest.Holds(t, s, id, p)
	again := storetest.Commit(t, s, 2, p)
	storetest.Holds(t, s, again, p)
	for range 2 {
		if _, err := s.Get(snapshot.Sum([]byte("gone"))); !errors.Is(err, snapshot.ErrNotFound) {
			t.Errorf("error %v, want ErrNotFound", err)
		}
	}
	storetest.Holds(t, s, storetest.Commit(t, s, 3, p), p)
	storetest.Holds(t, s, id, p)
}

// TestNamelessJob: a job need not have a name.
func TestNamelessJob(t *testing.T) {
	r := start(t, server.Limits{})
	s := r.client().Store()
	p := storetest.Content(1, 100*snapshot.PageSize)
	section, err := snapshot.PutSection(s, "data", 1, p)
	if err != nil {
		t.Fatal(err)
	}
	id, err := s.Commit(&snapshot.Manifest{Sections: []snapshot.Section{section}})
	if err != nil {
		t.Fatal(err)
	}
	storetest.Holds(t, r.client().Store(), id, p)
}

func TestEnvironment(t *testing.T) {
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("emu_1_2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(client.TokenVar, "other")
	t.Setenv(client.TokenFileVar, token)
	c, err := client.Environment("unix:/x")
	if err != nil || c.Token != "emu_1_2" {
		t.Errorf("token %q, error %v", c.Token, err)
	}
	for name, want := range map[string]bool{"https://x:1": true, "unix:/s": true, "/var/store": false, "store": false} {
		if client.Is(name) != want {
			t.Errorf("Is(%q) = %v", name, !want)
		}
	}
}
