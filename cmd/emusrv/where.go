package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"emurun/server/client"
	"emurun/server/store"
)

func dataFlag() cli.Flag {
	return &cli.StringFlag{Name: "data", Usage: "the store's `DIR`", EnvVars: []string{"EMUSRV_DATA"}}
}

// serverFlags say how a server is reached.
func serverFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "server", Usage: "ask the server at `URL`: https://HOST:PORT or unix:PATH", EnvVars: []string{"EMUSRV_SERVER"}},
		&cli.StringFlag{Name: "ca", Usage: "the server's authority, a PEM `FILE`", EnvVars: []string{client.CAVar}},
		&cli.StringFlag{Name: "token-file", Usage: "read the token from `FILE`", EnvVars: []string{client.TokenFileVar}},
	}
}

// whereFlags say which store is meant, directly or through its server.
func whereFlags(more ...cli.Flag) []cli.Flag {
	return append(append([]cli.Flag{dataFlag()}, serverFlags()...), more...)
}

// dataDir returns the directory of a command that needs one.
func dataDir(c *cli.Context) (string, error) {
	if dir := c.String("data"); dir != "" {
		return dir, nil
	}
	return "", usage("say which store: --data DIR")
}

// either calls direct with the store in --data, or remote with the server in --server.
func either(c *cli.Context, direct func(*store.Store) error, remote func(context.Context, *client.Client) error) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if c.String("server") != "" {
		if c.IsSet("data") && os.Getenv("EMUSRV_DATA") == "" {
			return usage("--data and --server exclude each other")
		}
		cl, err := connect(c)
		if err != nil {
			return err
		}
		defer cl.Close()
		return remote(ctx, cl)
	}
	dir, err := dataDir(c)
	if err != nil {
		return usage("say which store: --data DIR or --server URL")
	}
	s, err := store.Open(dir, store.Options{Log: quietLog()})
	if errors.Is(err, store.ErrLocked) {
		return fmt.Errorf("%w; if that is its server, ask it with --server", err)
	}
	if err != nil {
		return err
	}
	return errors.Join(direct(s), s.Close())
}

// quietLog shows what goes wrong.
func quietLog() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
}

// connect returns a client of the server in --server.
func connect(c *cli.Context) (*client.Client, error) {
	conf, err := client.Environment(c.String("server"))
	if err != nil {
		return nil, err
	}
	conf.Retry = 10 * time.Second
	if file := c.String("token-file"); file != "" {
		if conf.Token, err = client.ReadToken(file); err != nil {
			return nil, err
		}
	}
	if file := c.String("ca"); file != "" {
		if conf.CA, err = os.ReadFile(file); err != nil {
			return nil, err
		}
	}
	return client.New(conf)
}
