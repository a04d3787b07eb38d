package server

import (
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"emurun/server/api"
	"emurun/server/core"
	"emurun/server/store"
)

// Limits are what requests may take. The zero Limits stand for the defaults.
type Limits struct {
	InFlight   int64         // bytes of request bodies at a time
	Conns      int           // open connections
	Header     time.Duration // until a request's header has arrived
	Grace      time.Duration // for a body, besides what MinRate allows
	MinRate    int64         // bytes a second that a body must arrive or leave with
	Idle       time.Duration // until an idle connection is closed
	QueueDelay time.Duration // how long a request waits for bytes in flight
}

func (l *Limits) defaults() {
	set := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	if l.InFlight == 0 {
		l.InFlight = 128 << 20
	}
	if l.Conns == 0 {
		l.Conns = 8192
	}
	if l.MinRate == 0 {
		l.MinRate = 32 << 10
	}
	set(&l.Header, 10*time.Second)
	set(&l.Grace, 10*time.Second)
	set(&l.Idle, 2*time.Minute)
	set(&l.QueueDelay, 5*time.Second)
}

// Config is how a server is made.
type Config struct {
	Store  *store.Store
	Log    *slog.Logger
	Limits Limits
	// JobKey signs job tokens, which are refused without it.
	JobKey []byte
	// Profile is the times of leases; zero for core.Normal.
	Profile core.Profile
	// AbortOnRestart runs what ran when the server started again from its checkpoint.
	AbortOnRestart bool
}

// Server answers requests.
type Server struct {
	store    *store.Store
	keeper   *keeper
	log      *slog.Logger
	limits   Limits
	jobKey   []byte
	metrics  *metrics
	flight   flight
	draining atomic.Bool
}

// New returns a server.
func New(c Config) (*Server, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.Limits.defaults()
	if c.Profile == (core.Profile{}) {
		c.Profile = core.Normal
	}
	k, err := newKeeper(c.Store, c.Profile, c.AbortOnRestart)
	if err != nil {
		return nil, err
	}
	s := &Server{store: c.Store, keeper: k, log: c.Log, limits: c.Limits, jobKey: c.JobKey}
	s.flight.init(c.Limits.InFlight)
	s.metrics = newMetrics(s)
	return s, nil
}

// Handler returns the handler of all routes. This is the only list of them.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range []route{
		{"GET " + api.HealthPath, anyone, s.getHealth},
		{"GET " + api.ReadyPath, anyone, s.getReady},
		{"GET " + api.MetricsPath, reader, s.getMetrics},

		{"POST " + api.MissingPath, holder, s.postMissing},
		{"PUT /v1/packs/{pack}", holder, s.putPack},
		{"GET /v1/packs/{pack}", holder, s.getPack},
		{"GET /v1/jobs/{job}/packs/{pack}", holder, s.getJobPack},

		{"GET " + api.JobsPath, reader, s.getJobs},
		{"POST " + api.JobsPath, operator, s.postJob},
		{"POST /v1/jobs/{order}", operator, s.postOrder},
		{"GET /v1/jobs/{job}/spec", holder, s.getSpec},
		{"GET /v1/jobs/{job}/output/{stream}", holder, s.getOutput},
		{"POST /v1/jobs/{job}/release", holder, s.postRelease},

		{"GET " + api.WorkersPath, reader, s.getWorkers},
		{"POST " + api.WorkersPath, operator, s.postWorker},
		{"POST /v1/workers/{worker}/heartbeat", operator, s.postHeartbeat},
		{"POST /v1/workers/{order}", admin, s.postWorkerOrder},

		{"GET /v1/jobs/{job}", holder, s.getJob},
		{"POST /v1/jobs/{job}/checkpoints", holder, s.postCheckpoint},
		{"GET /v1/jobs/{job}/checkpoints", holder, s.getJobCheckpoints},
		{"GET /v1/jobs/{job}/checkpoints/{which}", holder, s.getJobCheckpoint},

		{"GET " + api.CheckpointsPath, reader, s.getCheckpoints},
		{"GET /v1/checkpoints/{id}", holder, s.getCheckpoint},
		{"GET /v1/checkpoints/{id}/manifest", holder, s.getManifest},
		{"GET /v1/checkpoints/{id}/packs", holder, s.getTable},
		{"DELETE /v1/checkpoints/{id}", operator, s.deleteCheckpoint},

		{"GET " + api.NamespacesPath, reader, s.getNamespaces},
		{"PUT /v1/namespaces/{namespace}/quota", admin, s.putQuota},

		{"GET " + api.TokensPath, admin, s.getTokens},
		{"POST " + api.TokensPath, admin, s.postToken},
		{"DELETE /v1/admin/tokens/{token}", admin, s.deleteToken},
		{"POST " + api.GCPath, admin, s.postGC},
		{"POST " + api.VerifyPath, admin, s.postVerify},
		{"GET " + api.BackupPath, admin, s.getBackup},
	} {
		mux.Handle(r.pattern, s.handle(r))
	}
	return s.outer(mux)
}

// route is a row of the list: what is asked, who may, and who answers.
type route struct {
	pattern string
	need    need
	serve   func(w http.ResponseWriter, r *request) error
}

// request is a request with who asks.
type request struct {
	*http.Request
	principal
}

// query returns a parameter of the query. FormValue would read the body for it, too.
func (r *request) query(name string) string { return r.URL.Query().Get(name) }
