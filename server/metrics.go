package server

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"emurun/server/store"
)

// metrics is what is counted, under names that docs/operations.md explains.
type metrics struct {
	handler  http.Handler
	requests *prometheus.CounterVec
	errors   *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	commits  *prometheus.CounterVec
	packs    prometheus.Counter
	in, out  prometheus.Counter
	putTime  prometheus.Histogram
	freed    prometheus.Counter
	gcRuns   *prometheus.CounterVec
}

func newMetrics(s *Server) *metrics {
	reg := prometheus.NewRegistry()
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
		reg.MustRegister(c)
		return c
	}
	counters := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
		reg.MustRegister(c)
		return c
	}
	m := &metrics{
		requests: counters("emusrv_requests_total", "Requests by route and status.", "route", "status"),
		errors:   counters("emusrv_errors_total", "Answers that are no success, by code.", "code"),
		commits:  counters("emusrv_commits_total", "Checkpoints committed, by outcome.", "outcome"),
		packs:    counter("emusrv_packs_put_total", "Packs that were put."),
		in:       counter("emusrv_pack_bytes_received_total", "Bytes of packs that were put."),
		out:      counter("emusrv_pack_bytes_sent_total", "Bytes of packs that were read."),
		freed:    counter("emusrv_gc_bytes_freed_total", "Bytes that were collected."),
		gcRuns:   counters("emusrv_gc_cycles_total", "Cycles of collection, by outcome.", "outcome"),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "emusrv_request_seconds", Help: "Duration of requests by route.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 14)}, []string{"route"}),
		putTime: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "emusrv_pack_put_seconds", Help: "Duration of putting a pack durably.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 14)}),
	}
	reg.MustRegister(m.seconds, m.putTime, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	registerGauges(reg, s)
	m.handler = promhttp.HandlerFor(reg, promhttp.HandlerOpts{})
	return m
}

// registerGauges registers what the store is asked for.
func registerGauges(reg *prometheus.Registry, s *Server) {
	gauge := func(name, help string, value func() float64) {
		reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
	}
	truth := func(b bool) float64 {
		if b {
			return 1
		}
		return 0
	}
	gauge("emusrv_disk_free_bytes", "Free bytes of the store's disk.", func() float64 { free, _ := s.store.Free(); return float64(free) })
	gauge("emusrv_store_lsn", "Number of the last batch.", func() float64 { return float64(s.store.Stats().Last) })
	gauge("emusrv_store_batches", "Batches committed since the start.", func() float64 { return float64(s.store.Stats().Batches) })
	gauge("emusrv_store_groups", "Synchronous transactions since the start.", func() float64 { return float64(s.store.Stats().Groups) })
	gauge("emusrv_store_regressed", "1 if the store went backwards.", func() float64 { return truth(s.store.Regressed() != nil) })
	gauge("emusrv_store_writable", "1 if the store takes writes.", func() float64 { return truth(s.store.Writable() == nil) })
}

// request counts a request that is over.
func (m *metrics) request(rec *recorder) {
	route := rec.route
	if route == "" {
		route = "none"
	}
	m.requests.WithLabelValues(route, strconv.Itoa(rec.status)).Inc()
	m.seconds.WithLabelValues(route).Observe(time.Since(rec.start).Seconds())
	if rec.code != "" {
		m.errors.WithLabelValues(string(rec.code)).Inc()
	}
}

func (m *metrics) put(size int64, d time.Duration) {
	m.packs.Inc()
	m.in.Add(float64(size))
	m.putTime.Observe(d.Seconds())
}

func (m *metrics) sent(n int64) { m.out.Add(float64(n)) }

func (m *metrics) commit(err error) {
	if err != nil {
		m.commits.WithLabelValues(string(problem(err).Code)).Inc()
		return
	}
	m.commits.WithLabelValues("ok").Inc()
}

func (m *metrics) gc(st store.GCStats, err error) {
	m.freed.Add(float64(st.Freed))
	if err != nil {
		m.gcRuns.WithLabelValues("error").Inc()
		return
	}
	m.gcRuns.WithLabelValues("ok").Inc()
}

// getMetrics answers Prometheus.
func (s *Server) getMetrics(w http.ResponseWriter, r *request) error {
	s.metrics.handler.ServeHTTP(w, r.Request)
	return nil
}
