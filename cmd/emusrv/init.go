package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"emurun/server"
	"emurun/server/store"
)

const initExamples = `
   emusrv init --data /var/lib/emusrv --name srv.example.org --name 192.0.2.7

makes an empty store with a certificate authority, a certificate for the server by
these names, and a token of an administrator in DIR/admin.token.`

func initCommand() *cli.Command {
	return command("init", "make an empty store", initExamples, []cli.Flag{
		dataFlag(),
		&cli.StringSliceFlag{Name: "name", Usage: "a host `NAME` or address by which clients reach the server, besides this host's own (repeatable)"},
	}, runInit)
}

// adminToken is the file of the first token.
const adminToken = "admin.token"

func runInit(c *cli.Context) error {
	dir, err := dataDir(c)
	if err != nil {
		return err
	}
	names := append([]string{"localhost", "127.0.0.1", "::1"}, c.StringSlice("name")...)
	if host, err := os.Hostname(); err == nil {
		names = append(names, host)
	}
	if err := store.Create(dir, func() error { return server.InitSecrets(dir, names) }); err != nil {
		return err
	}
	s, err := store.Open(dir, store.Options{Log: quietLog()})
	if err != nil {
		return err
	}
	text, _, err := s.AddToken(store.Token{Role: store.RoleAdmin, Note: "made by init"})
	file := filepath.Join(dir, adminToken)
	if err == nil {
		err = os.WriteFile(file, []byte(text+"\n"), 0o600)
	}
	if err := errors.Join(err, s.Close()); err != nil {
		return err
	}
	fmt.Fprintf(c.App.Writer, "store:     %s\nauthority: %s\ntoken:     %s\nnext:      emusrv serve --data %s\n", dir, filepath.Join(dir, "tls", "ca.pem"), file, dir)
	return nil
}

const certExamples = `
   emusrv cert --data /var/lib/emusrv --worker node1 --out node1

makes node1/node1.pem, node1/node1.key and node1/ca.pem for the worker node1.`

func certCommand() *cli.Command {
	return command("cert", "make a worker's certificate", certExamples, []cli.Flag{
		dataFlag(),
		&cli.StringFlag{Name: "worker", Usage: "the worker's `NAME`", Required: true},
		&cli.StringFlag{Name: "out", Usage: "the `DIR` to write to", Value: "."},
	}, func(c *cli.Context) error {
		dir, err := dataDir(c)
		if err != nil {
			return err
		}
		return server.IssueWorker(dir, c.String("worker"), c.String("out"))
	})
}
