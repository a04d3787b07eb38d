package server

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"emurun/server/api"
	"emurun/server/store"
	"emurun/snapshot"
)

// world is a server with a few tokens, jobs and packs.
type world struct {
	*Server
	dir    string
	h      http.Handler
	tokens map[string]string // by a name
	job    snapshot.Hash     // the checkpoint of job "a", in namespace "default"
	pack   snapshot.Hash     // its pack
}

func newWorld(t testing.TB, limits Limits) *world {
	t.Helper()
	w := &world{dir: filepath.Join(t.TempDir(), "store"), tokens: map[string]string{}}
	if err := store.Create(w.dir, func() error { return InitSecrets(w.dir, []string{"127.0.0.1"}) }); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(w.dir, store.Options{Reserve: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if w.Server, err = New(Config{Store: s, Limits: limits, JobKey: make([]byte, 32)}); err != nil {
		t.Fatal(err)
	}
	w.h = w.Handler()
	for name, tok := range map[string]store.Token{"admin": {Role: store.RoleAdmin}, "operator": {Role: store.RoleOperator},
		"reader": {Role: store.RoleReader}, "team": {Role: store.RoleOperator, Namespace: "team"}} {
		if w.tokens[name], _, err = s.AddToken(tok); err != nil {
			t.Fatal(err)
		}
	}
	w.fill(t)
	return w
}

// fill commits a checkpoint of job "a", and gives the job "leased" a lease.
func (w *world) fill(t testing.TB) {
	t.Helper()
	big := bytes.Repeat([]byte("0123456789abcdef"), 8000)
	w.pack = snapshot.Sum(big)
	if a := w.ask("PUT", api.PackPath(w.pack), "operator", big); a.Code != http.StatusNoContent {
		t.Fatalf("put: %s", a.Body)
	}
	q := commitOf(&snapshot.Manifest{Job: "a", Seq: 1}, w.pack)
	if a := w.ask("POST", api.JobCheckpointsPath("a"), "operator", q); a.Code != http.StatusOK {
		t.Fatalf("commit: %s", a.Body)
	}
	json.Unmarshal(q, &struct{ Digest *snapshot.Hash }{&w.job})
	b, _, err := w.store.GrantBatch("leased", 0, "")
	if err == nil {
		_, err = w.store.Meta().Commit(b)
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, tok := range map[string]JobToken{"lease": {"leased", 1, ""}, "fenced": {"leased", 0, ""}} {
		if w.tokens[name], err = w.IssueJobToken(tok); err != nil {
			t.Fatal(err)
		}
	}
	w.tokens["forged"] = w.tokens["lease"][:len(w.tokens["lease"])-2] + "AA"
	w.tokens["none"] = ""
	w.tokens["wrong"] = w.tokens["admin"][:len(w.tokens["admin"])-1] + "x"
}

// commitOf returns the body of a commit.
func commitOf(m *snapshot.Manifest, add ...snapshot.Hash) []byte {
	p, _ := m.Encode()
	id, _ := m.ID()
	q, _ := json.Marshal(api.Commit{Digest: id, Manifest: p, Add: add})
	return q
}

// ask sends a request.
func (w *world) ask(method, path, token string, body []byte) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, bytes.NewReader(body))
	if t := w.tokens[token]; t != "" {
		r.Header.Set("Authorization", "Bearer "+t)
	}
	a := httptest.NewRecorder()
	w.h.ServeHTTP(a, r)
	return a
}

// TestAnswers: who may ask what, and what else is refused.
func TestAnswers(t *testing.T) {
	w := newWorld(t, Limits{})
	m := func(job string, epoch, seq uint64) []byte {
		return commitOf(&snapshot.Manifest{Job: job, Epoch: epoch, Seq: seq})
	}
	unknown := snapshot.Sum([]byte("unknown"))
	tests := []struct {
		token, method, path string
		body                []byte
		status              int
		code                api.Code
	}{
		{"none", "GET", "/healthz", nil, 200, ""},
		{"none", "GET", "/readyz", nil, 200, ""},
		{"none", "GET", "/metrics", nil, 401, api.Unauthorized},
		{"reader", "GET", "/metrics", nil, 200, ""},
		{"none", "GET", "/v1/jobs", nil, 401, api.Unauthorized},
		{"wrong", "GET", "/v1/jobs", nil, 401, api.Unauthorized},
		{"reader", "GET", "/v1/jobs", nil, 200, ""},
		{"reader", "GET", "/v1/jobs/a", nil, 200, ""},
		{"reader", "GET", "/v1/jobs/b", nil, 404, api.NotFound},
		{"team", "GET", "/v1/jobs/a", nil, 404, api.NotFound},
		{"reader", "PUT", api.PackPath(unknown), []byte("unknown"), 403, api.Forbidden},
		{"operator", "PUT", api.PackPath(unknown), []byte("otherwise"), 422, api.DigestMismatch},
		{"operator", "PUT", "/v1/packs/xyz", nil, 400, api.BadRequest},
		{"reader", "GET", api.JobPackPath("a", w.pack), nil, 200, ""},
		{"reader", "GET", api.JobPackPath("a", unknown), nil, 404, api.NotFound},
		{"reader", "GET", api.PackPath(w.pack), nil, 404, api.NotFound},
		{"operator", "GET", api.PackPath(w.pack), nil, 200, ""},
		{"team", "GET", api.JobPackPath("a", w.pack), nil, 404, api.NotFound},
		{"team", "GET", api.CheckpointPath(w.job), nil, 404, api.NotFound},
		{"reader", "GET", api.CheckpointPath(w.job), nil, 200, ""},
		{"reader", "GET", "/v1/jobs/a/checkpoints/head", nil, 200, ""},
		{"reader", "GET", "/v1/jobs/a/checkpoints/1", nil, 200, ""},
		{"reader", "GET", "/v1/jobs/a/checkpoints/7", nil, 404, api.NotFound},
		{"reader", "GET", "/v1/jobs/a/checkpoints/x", nil, 400, api.BadRequest},
		{"reader", "DELETE", api.CheckpointPath(w.job), nil, 403, api.Forbidden},
		{"operator", "GET", "/v1/admin/tokens", nil, 403, api.Forbidden},
		{"lease", "GET", "/v1/jobs", nil, 403, api.Forbidden},
		{"lease", "GET", "/v1/jobs/a", nil, 403, api.Forbidden},
		{"lease", "GET", "/v1/jobs/leased", nil, 200, ""},
		{"lease", "GET", api.JobPackPath("a", w.pack), nil, 403, api.Forbidden},
		{"lease", "GET", api.CheckpointPath(w.job), nil, 403, api.Forbidden},
		{"lease", "POST", "/v1/jobs/a/checkpoints", m("a", 0, 2), 403, api.Forbidden},
		{"fenced", "GET", "/v1/jobs/leased", nil, 409, api.Fenced},
		{"fenced", "POST", "/v1/jobs/leased/checkpoints", m("leased", 0, 1), 409, api.Fenced},
		{"forged", "GET", "/v1/jobs/leased", nil, 401, api.Unauthorized},
		{"lease", "POST", "/v1/jobs/leased/checkpoints", m("leased", 0, 1), 409, api.Fenced},
		{"lease", "POST", "/v1/jobs/leased/checkpoints", m("leased", 1, 5), 409, api.ParentMismatch},
		{"lease", "POST", "/v1/jobs/leased/checkpoints", m("leased", 1, 1), 200, ""},
		{"lease", "POST", "/v1/jobs/leased/checkpoints", commitOf(&snapshot.Manifest{Job: "leased", Epoch: 1, Seq: 1, Step: 9}), 409, api.SeqConflict},
		{"team", "POST", "/v1/jobs/a/checkpoints", m("a", 0, 2), 403, api.Forbidden},
		{"operator", "POST", "/v1/jobs/a/checkpoints", commitOf(&snapshot.Manifest{Job: "a", Seq: 2}, unknown), 409, api.MissingPacks},
		{"operator", "POST", "/v1/jobs/b/checkpoints", m("a", 0, 2), 400, api.BadRequest},
		{"operator", "POST", "/v1/jobs/a/checkpoints", []byte(`{"digest":"","manifest":"AAAA"}`), 422, api.DigestMismatch},
		{"operator", "POST", "/v1/jobs/a/checkpoints", []byte(`{"digset":""}`), 400, api.BadRequest},
		{"operator", "POST", "/v1/packs:missing", []byte(`{"packs":[]} x`), 400, api.BadRequest},
		{"operator", "POST", "/v1/packs:missing", []byte(`{"packs":["zz"]}`), 400, api.BadRequest},
		{"operator", "POST", "/v1/packs:missing", []byte(`[`), 400, api.BadRequest},
		{"operator", "POST", "/v1/packs:missing", nil, 400, api.BadRequest},
		{"operator", "POST", "/v1/packs:missing", bytes.Repeat([]byte(" "), api.MaxJSON+1), 413, api.TooLarge},
		{"admin", "PUT", "/v1/namespaces/..%2f..%2fetc/quota", []byte(`{"quota":1}`), 400, api.BadRequest},
		{"admin", "PUT", "/v1/namespaces/team/quota", []byte(`{"quota":1}`), 204, ""},
		{"admin", "POST", "/v1/admin/tokens", []byte(`{"role":"king"}`), 400, api.BadRequest},
		{"admin", "POST", "/v1/admin/gc", nil, 200, ""},
		{"admin", "POST", "/v1/admin/verify?deep=1", nil, 200, ""},
		{"admin", "DELETE", "/v1/admin/tokens/nobody", nil, 404, api.NotFound},
		{"none", "GET", "/v2", nil, 404, api.NotFound},
		{"none", "PATCH", "/v1/jobs", nil, 405, api.MethodNotAllowed},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s: %s %s", tt.token, tt.method, tt.path), func(t *testing.T) {
			a := w.ask(tt.method, tt.path, tt.token, tt.body)
			var e api.Error
			if a.Code >= 300 {
				if err := json.Unmarshal(a.Body.Bytes(), &e); err != nil || a.Header().Get("Content-Type") != api.ProblemType || e.Status != a.Code {
					t.Errorf("the error is no problem document: %s", a.Body)
				}
			}
			if a.Code != tt.status || e.Code != tt.code {
				t.Errorf("status %d, code %q, want %d, %q: %s", a.Code, e.Code, tt.status, tt.code, a.Body)
			}
		})
	}
}

// TestLengths: a body without a length, or with too great a one, is not read.
func TestLengths(t *testing.T) {
	w := newWorld(t, Limits{})
	for length, want := range map[int64]int{-1: http.StatusLengthRequired, api.MaxPack + 1: http.StatusRequestEntityTooLarge} {
		r := httptest.NewRequest("PUT", api.PackPath(snapshot.Hash{1}), unreadable{t})
		r.ContentLength = length
		r.Header.Set("Authorization", "Bearer "+w.tokens["operator"])
		a := httptest.NewRecorder()
		if w.h.ServeHTTP(a, r); a.Code != want {
			t.Errorf("length %d: status %d, want %d", length, a.Code, want)
		}
	}
}

type unreadable struct{ t *testing.T }

func (u unreadable) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}

// TestRoutesNeedTokens: nothing but health is told to who has no token.
func TestRoutesNeedTokens(t *testing.T) {
	w := newWorld(t, Limits{})
	open := []string{api.HealthPath, api.ReadyPath}
	for _, path := range []string{api.JobsPath, api.CheckpointsPath, api.NamespacesPath, api.TokensPath, api.BackupPath, api.MetricsPath,
		api.HealthPath, api.ReadyPath, api.PackPath(w.pack), api.JobPackPath("a", w.pack), api.CheckpointPath(w.job) + "/manifest"} {
		if a := w.ask("GET", path, "none", nil); (a.Code == http.StatusUnauthorized) == slices.Contains(open, path) {
			t.Errorf("GET %s without a token: status %d", path, a.Code)
		}
	}
}

// serveTLS serves w on loopback and returns the address.
func (w *world) serveTLS(t testing.TB) (string, *tls.Config) {
	t.Helper()
	conf, err := LoadTLS(w.dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	at, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- w.Serve(ctx, Serving{Listen: []string{"127.0.0.1:0"}, TLS: conf, Drain: time.Second, Ready: func(a []net.Addr) { at <- a[0].String() }})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	pem, err := os.ReadFile(filepath.Join(w.dir, "tls", "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	return <-at, &tls.Config{RootCAs: roots}
}

// TestTLS: nothing below TLS 1.3, and a worker is who its certificate says.
func TestTLS(t *testing.T) {
	w := newWorld(t, Limits{})
	address, conf := w.serveTLS(t)
	old := conf.Clone()
	old.MaxVersion = tls.VersionTLS12
	if c, err := tls.Dial("tcp", address, old); err == nil {
		c.Close()
		t.Error("TLS 1.2 is accepted")
	}
	if a, err := http.Get("http://" + address + api.HealthPath); err == nil && a.StatusCode == http.StatusOK {
		t.Error("answers without TLS")
	}
	out := t.TempDir()
	if err := IssueWorker(w.dir, "node1", out); err != nil {
		t.Fatal(err)
	}
	cert, err := tls.LoadX509KeyPair(filepath.Join(out, "node1.pem"), filepath.Join(out, "node1.key"))
	if err != nil {
		t.Fatal(err)
	}
	with := conf.Clone()
	with.Certificates = []tls.Certificate{cert}
	for name, tt := range map[string]struct {
		conf   *tls.Config
		worker string
		want   int
	}{
		"its own": {with, "node1", 200}, "another's": {with, "node2", 401}, "none": {conf, "node1", 401},
	} {
		token, err := w.IssueJobToken(JobToken{"leased", 1, tt.worker})
		if err != nil {
			t.Fatal(err)
		}
		r, _ := http.NewRequest("GET", "https://"+address+"/v1/jobs/leased", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		a, err := (&http.Client{Transport: &http.Transport{TLSClientConfig: tt.conf}}).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		a.Body.Close()
		if a.StatusCode != tt.want {
			t.Errorf("job token with %s certificate: status %d, want %d", name, a.StatusCode, tt.want)
		}
	}
}

// TestRenewal: a crash between a new key and its certificate costs nothing, and names stay.
func TestRenewal(t *testing.T) {
	dir := t.TempDir()
	if err := InitSecrets(dir, []string{"srv.example.org", "192.0.2.7"}); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(dir, "tls", "server.key")
	ca, err := os.ReadFile(filepath.Join(dir, "tls", "ca.key"))
	if err == nil {
		err = os.WriteFile(key, ca, 0o600) // a key of another certificate
	}
	if err != nil {
		t.Fatal(err)
	}
	conf, err := LoadTLS(dir)
	if err != nil {
		t.Fatal(err)
	}
	leaf := conf.Certificates[0].Leaf
	for _, name := range []string{"srv.example.org", "192.0.2.7"} {
		if err := leaf.VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "tls", "server.pem"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadTLS(dir); err == nil {
		t.Error("a certificate without a name is made up")
	}
}

func TestListen(t *testing.T) {
	for at, ok := range map[string]bool{"127.0.0.1:0": true, "localhost:0": true, "[::1]:0": true, "0.0.0.0:0": false, ":0": false, "192.0.2.1:0": false} {
		err := loopback(at)
		if (err == nil) != ok {
			t.Errorf("--insecure at %s: error %v", at, err)
		}
	}
	path := filepath.Join(t.TempDir(), "s")
	l, err := listenUnix(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket has mode %v, error %v", info.Mode(), err)
	}
	if _, err := listenUnix(path); err == nil || !strings.Contains(err.Error(), "another server") {
		t.Errorf("second server: error %v", err)
	}
	l.Close()
	if l, err = listenUnix(path); err != nil {
		t.Errorf("after a crash: %v", err)
	} else {
		l.Close()
	}
}

// TestSlow: a thousand connections that dawdle are closed in time, and do others no harm
// meanwhile.
func TestSlow(t *testing.T) {
	n := 1000
	if testing.Short() {
		n = 100
	}
	w := newWorld(t, Limits{Header: 2 * time.Second, Grace: time.Second, QueueDelay: time.Second})
	address, conf := w.serveTLS(t)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: conf}}
	before := p99(t, client, "https://"+address+api.ReadyPath)
	var group sync.WaitGroup
	closed := make(chan time.Duration, n)
	begun := time.Now()
	for i := range n {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		group.Go(func() {
			defer c.Close()
			dawdle(c, conf, i, w)
			closed <- time.Since(begun)
		})
	}
	meanwhile := p99(t, client, "https://"+address+api.ReadyPath)
	group.Wait()
	close(closed)
	for d := range closed {
		if d > 20*time.Second {
			t.Errorf("a slow connection lived %v", d)
		}
	}
	t.Logf("p99 %v, with %d slow connections %v", before, n, meanwhile)
	if meanwhile > 2*before+50*time.Millisecond {
		t.Errorf("others wait %v instead of %v", meanwhile, before)
	}
}

// dawdle is slow in one of three places, until it is thrown out.
func dawdle(c net.Conn, conf *tls.Config, i int, w *world) {
	c.SetDeadline(time.Now().Add(time.Minute))
	switch i % 10 {
	case 0: // the header
		tc := tls.Client(c, &tls.Config{RootCAs: conf.RootCAs, ServerName: "127.0.0.1"})
		fmt.Fprintf(tc, "GET / HTTP/1.1\r\nHost: x\r\n")
		io.Copy(io.Discard, tc)
	case 1: // the body
		tc := tls.Client(c, &tls.Config{RootCAs: conf.RootCAs, ServerName: "127.0.0.1"})
		fmt.Fprintf(tc, "PUT %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: 1000\r\n\r\nx", api.PackPath(w.job), w.tokens["operator"])
		io.Copy(io.Discard, tc)
	default: // the handshake
		c.Write([]byte{22})
		io.Copy(io.Discard, c)
	}
}

// p99 returns how long all but one in a hundred of some requests take, at the best of
// three times: the host may have other work.
func p99(t *testing.T, c *http.Client, url string) time.Duration {
	t.Helper()
	return min(oneP99(t, c, url), oneP99(t, c, url), oneP99(t, c, url))
}

func oneP99(t *testing.T, c *http.Client, url string) time.Duration {
	t.Helper()
	var all []time.Duration
	for range 200 {
		begun := time.Now()
		a, err := c.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, a.Body)
		a.Body.Close()
		all = append(all, time.Since(begun))
	}
	slices.Sort(all)
	return all[len(all)*99/100]
}

// FuzzRequest sends anything anywhere: no panic, no error of the server.
func FuzzRequest(f *testing.F) {
	w := newWorld(f, Limits{})
	for _, path := range []string{api.JobsPath, api.CheckpointsPath + "?after=00", "/v1/jobs/a/checkpoints", api.MissingPath, api.PackPath(w.pack),
		api.JobPackPath("a", w.pack), api.CheckpointPath(w.job), api.TokensPath, "/v1/namespaces/x/quota", "/v1/jobs/%00/checkpoints/head", "//..%2f"} {
		for _, method := range []string{"GET", "POST", "PUT"} {
			f.Add(method, path, "bytes=0-5", commitOf(&snapshot.Manifest{Job: "a", Seq: 3}, w.pack))
			f.Add(method, path, "", []byte(`{"role":"reader","quota":7,"packs":["00"]}`))
		}
	}
	f.Fuzz(func(t *testing.T, method, path, ranges string, body []byte) {
		r, err := http.NewRequest(method, "http://x/", bytes.NewReader(body))
		if err != nil {
			return
		}
		if r.URL, err = r.URL.Parse(path); err != nil {
			return
		}
		r.RequestURI = path
		r.Header.Set("Authorization", "Bearer "+w.tokens["admin"])
		r.Header.Set("Range", ranges)
		a := httptest.NewRecorder()
		if w.h.ServeHTTP(a, r); a.Code >= 500 {
			t.Errorf("%s %q: status %d: %s", method, path, a.Code, a.Body)
		}
	})
}
