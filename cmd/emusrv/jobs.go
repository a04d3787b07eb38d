package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/urfave/cli/v2"

	"emurun/server/api"
	"emurun/server/client"
	"emurun/server/store"
)

const quotaExamples = `
   emusrv quota --server URL                                   what each namespace holds
   emusrv quota --server URL --namespace team1 --limit 50G     at most so much
   emusrv quota --server URL --namespace team1 --limit 0       no limit`

func quotaCommand() *cli.Command {
	return command("quota", "show or set how much a namespace may hold", quotaExamples, whereFlags(
		&cli.StringFlag{Name: "namespace", Usage: "the namespace's `NAME`"},
		&cli.GenericFlag{Name: "limit", Value: new(size), Usage: "set the quota to `SIZE`; 0 for none"}), runQuota)
}

func runQuota(c *cli.Context) error {
	name, limit := c.String("namespace"), int64(*c.Generic("limit").(*size))
	if c.IsSet("limit") {
		if name == "" {
			return usage("quota: --limit needs --namespace")
		}
		return either(c, func(s *store.Store) error { return s.SetQuota(name, limit) }, func(ctx context.Context, cl *client.Client) error {
			return cl.JSON(ctx, http.MethodPut, api.NamespacesPath+"/"+url.PathEscape(name)+"/quota", api.SetQuota{Quota: limit}, nil)
		})
	}
	show := func(n api.Namespace) {
		if name != "" && n.Name != name {
			return
		}
		quota := "none"
		if n.Quota > 0 {
			quota = fmt.Sprint(n.Quota)
		}
		fmt.Fprintf(c.App.Writer, "%s  %d bytes, quota %s\n", n.Name, n.Bytes, quota)
	}
	return either(c, func(s *store.Store) error {
		for _, n := range s.Namespaces() {
			show(api.Namespace{Name: n.Name, Bytes: n.Bytes, Quota: n.Quota})
		}
		return nil
	}, func(ctx context.Context, cl *client.Client) error {
		var a api.Namespaces
		err := cl.JSON(ctx, http.MethodGet, api.NamespacesPath, nil, &a)
		for _, n := range a.Namespaces {
			show(n)
		}
		return err
	})
}

func jobsCommand() *cli.Command {
	return command("jobs", "list where jobs stand", "\n   emusrv jobs --server URL", whereFlags(), func(c *cli.Context) error {
		show := func(j api.Job) {
			fmt.Fprintf(c.App.Writer, "%s  namespace %s, epoch %d, checkpoint %d, %d bytes, %v\n", j.Job, j.Namespace, j.Epoch, j.Seq, j.Bytes, j.Head)
		}
		return either(c, func(s *store.Store) error {
			list, err := s.Heads("", 1<<30)
			for _, h := range list {
				show(api.Job{Job: h.Job, Namespace: h.Namespace, Epoch: h.Epoch, Seq: h.Seq, Head: h.ID, Bytes: h.Bytes})
			}
			return err
		}, func(ctx context.Context, cl *client.Client) error {
			for from := ""; ; {
				var a api.Jobs
				if err := cl.JSON(ctx, http.MethodGet, api.JobsPath+"?from="+url.QueryEscape(from), nil, &a); err != nil {
					return err
				}
				for _, j := range a.Jobs {
					show(j)
				}
				if from = a.Next; from == "" {
					return nil
				}
			}
		})
	})
}
