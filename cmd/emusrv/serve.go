package main

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"emurun/server"
	"emurun/server/core"
	"emurun/server/store"
)

const serveExamples = `
   emusrv serve --data /var/lib/emusrv --listen :7443
   emusrv serve --data DIR --listen 127.0.0.1:7443 --listen unix:/run/emusrv.sock
   emusrv serve --data DIR --listen 127.0.0.1:7070 --insecure     without TLS, this host only

SIGTERM ends it after requests under way. Logs are JSON lines on stderr.`

func serveCommand() *cli.Command {
	return command("serve", "serve a store", serveExamples, []cli.Flag{
		dataFlag(),
		&cli.StringSliceFlag{Name: "listen", Usage: "listen at `ADDRESS`: HOST:PORT or unix:PATH (repeatable)", Value: cli.NewStringSlice("127.0.0.1:7443"), EnvVars: []string{"EMUSRV_LISTEN"}},
		&cli.BoolFlag{Name: "insecure", Usage: "no TLS; for loopback addresses only", DisableDefaultText: true},
		&cli.GenericFlag{Name: "min-free", Value: new(size), Usage: "refuse writes when less than `SIZE` of the disk is free", DefaultText: "a twentieth of the disk, at least 4G"},
		&cli.DurationFlag{Name: "gc-every", Usage: "collect every `TIME`; 0 for never", Value: 10 * time.Minute},
		&cli.DurationFlag{Name: "gc-grace", Usage: "keep what nothing names for `TIME`", Value: time.Hour},
		&cli.DurationFlag{Name: "drain", Usage: "give requests under way `TIME` at the end", Value: 30 * time.Second},
		&cli.StringFlag{Name: "profile", Usage: "`NAME` of the times of leases: normal or fast; workers must be given the same", Value: "normal"},
		&cli.StringFlag{Name: "on-server-restart", Usage: "`continue` jobs that ran when the server starts again, or abort them to run from their checkpoints", Value: "continue"},
		&cli.BoolFlag{Name: "accept-regression", Usage: "go on with a store that lost acknowledged checkpoints", DisableDefaultText: true},
		&cli.StringFlag{Name: "log-level", Usage: "`LEVEL`: debug, info, warn or error", Value: "info"},
	}, runServe)
}

// hook is called at the store's named points; tests set it to crash there.
var hook func(point string)

// memoryLimit is what Go's collector tries to stay below.
const memoryLimit = 400 << 20

func runServe(c *cli.Context) error {
	dir, err := dataDir(c)
	if err != nil {
		return err
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.String("log-level"))); err != nil {
		return usage("--log-level %q: want debug, info, warn or error", c.String("log-level"))
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	log := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	conf := server.Serving{Listen: c.StringSlice("listen"), Insecure: c.Bool("insecure"), GCEvery: c.Duration("gc-every"), Drain: c.Duration("drain"),
		Ready: func([]net.Addr) { notifySystemd() }}
	if conf.TLS, err = certificates(dir, conf); err != nil {
		return err
	}
	s, err := store.Open(dir, store.Options{Log: log, Reserve: uint64(*c.Generic("min-free").(*size)), Grace: c.Duration("gc-grace"),
		AcceptRegression: c.Bool("accept-regression"), Hook: hook})
	if err != nil {
		return err
	}
	key, err := server.LoadJobKey(dir)
	if err != nil {
		return errors.Join(err, s.Close())
	}
	log.Info("store open", "dir", dir, "lsn", s.Stats().Last, "version", version)
	srv, err := newServer(c, server.Config{Store: s, Log: log, JobKey: key})
	if err == nil {
		err = srv.Serve(ctx, conf)
	}
	stop()
	return errors.Join(err, s.Close())
}

// newServer makes the server that the flags describe.
func newServer(c *cli.Context, conf server.Config) (*server.Server, error) {
	var ok bool
	if conf.Profile, ok = core.Profiles[c.String("profile")]; !ok {
		return nil, usage("--profile %q: want normal or fast", c.String("profile"))
	}
	switch how := c.String("on-server-restart"); how {
	case "continue":
	case "abort":
		conf.AbortOnRestart = true
	default:
		return nil, usage("--on-server-restart %q: want continue or abort", how)
	}
	return server.New(conf)
}

// certificates returns the server's, unless it has no use for them.
func certificates(dir string, conf server.Serving) (*tls.Config, error) {
	sockets := true
	for _, at := range conf.Listen {
		sockets = sockets && strings.HasPrefix(at, "unix:")
	}
	if conf.Insecure || sockets {
		return nil, nil
	}
	return server.LoadTLS(dir)
}

// notifySystemd tells systemd that the service has started, if it wants to know.
func notifySystemd() {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return
	}
	if c, err := net.Dial("unixgram", path); err == nil {
		c.Write([]byte("READY=1"))
		c.Close()
	}
}
