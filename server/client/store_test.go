package client_test

import (
	"context"
	"crypto/tls"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"emurun/server"
	"emurun/server/client"
	"emurun/server/store"
	"emurun/snapshot"
	"emurun/snapshot/storetest"
)

// running is a server on loopback.
type running struct {
	t     testing.TB
	dir   string
	store *store.Store
	url   string
	token string
	ca    []byte
	stop  func()
}

// start starts a server on a new store.
func start(t testing.TB, limits server.Limits) *running {
	t.Helper()
	r := &running{t: t, dir: t.TempDir()}
	if err := store.Create(r.dir, nil); err != nil {
		t.Fatal(err)
	}
	if err := server.InitSecrets(r.dir, []string{"127.0.0.1", "localhost"}); err != nil {
		t.Fatal(err)
	}
	var err error
	if r.ca, err = os.ReadFile(filepath.Join(r.dir, "tls", "ca.pem")); err != nil {
		t.Fatal(err)
	}
	r.up(limits, "127.0.0.1:0")
	if r.token, _, err = r.store.AddToken(store.Token{Role: store.RoleAdmin}); err != nil {
		t.Fatal(err)
	}
	return r
}

// up opens the store and serves it.
func (r *running) up(limits server.Limits, listen string) {
	r.t.Helper()
	var err error
	if r.store, err = store.Open(r.dir, store.Options{Reserve: 1 << 20}); err != nil {
		r.t.Fatal(err)
	}
	conf, err := server.LoadTLS(r.dir)
	if err != nil {
		r.t.Fatal(err)
	}
	key, err := server.LoadJobKey(r.dir)
	if err != nil {
		r.t.Fatal(err)
	}
	s, err := server.New(server.Config{Store: r.store, Limits: limits, JobKey: key})
	if err != nil {
		r.t.Fatal(err)
	}
	r.serve(s, conf, listen)
}

func (r *running) serve(s *server.Server, conf *tls.Config, listen string) {
	ctx, cancel := context.WithCancel(context.Background())
	addr, ended := make(chan []net.Addr, 1), make(chan error, 1)
	go func() {
		ended <- s.Serve(ctx, server.Serving{Listen: []string{listen}, TLS: conf, Drain: 5 * time.Second, Ready: func(a []net.Addr) { addr <- a }})
	}()
	select {
	case a := <-addr:
		r.url = "https://" + a[0].String()
	case err := <-ended:
		r.t.Fatal(err)
	}
	stopped := false
	r.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			r.t.Error(err)
		}
		if err := r.store.Close(); err != nil {
			r.t.Error(err)
		}
	}
	r.t.Cleanup(r.stop)
}

// client returns a client of r.
func (r *running) client() *client.Client {
	r.t.Helper()
	c, err := client.New(client.Config{URL: r.url, Token: r.token, CA: r.ca, Retry: 20 * time.Second})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { c.Close() })
	return c
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Reopen {
		r := start(t, server.Limits{})
		var s *client.Store
		return func() snapshot.Store {
			if s != nil {
				s.Close()
			}
			s = r.client().Store()
			return s
		}
	})
}
