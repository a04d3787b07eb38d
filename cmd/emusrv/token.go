package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/urfave/cli/v2"

	"emurun/server/api"
	"emurun/server/client"
	"emurun/server/store"
)

const tokenExamples = `
   emusrv token add --role operator --note "build hosts" --server URL --token-file admin.token
   emusrv token list --data DIR
   emusrv token rm ID --server URL`

func tokenCommand() *cli.Command {
	return &cli.Command{
		Name: "token", Usage: "add, list and remove tokens", UsageText: "emusrv token add|list|rm [flags]", Description: tokenExamples[1:], HideHelpCommand: true,
		OnUsageError: usageError,
		Subcommands: []*cli.Command{
			command("add", "make a token and print it", tokenExamples, whereFlags(
				&cli.StringFlag{Name: "role", Usage: "`ROLE`: reader, operator or admin", Value: "operator"},
				&cli.StringFlag{Name: "namespace", Usage: "let it open `NAMESPACE` only"},
				&cli.StringFlag{Name: "note", Usage: "`TEXT` that says what it is for"},
				&cli.DurationFlag{Name: "expires", Usage: "let it expire after `TIME`, such as 720h", DefaultText: "never"},
			), addToken),
			command("list", "list the tokens", tokenExamples, whereFlags(), listTokens),
			{Name: "rm", Usage: "remove a token", UsageText: "emusrv token rm [flags] ID", ArgsUsage: "ID", Flags: whereFlags(), OnUsageError: usageError, Action: removeToken},
		},
		Action: func(c *cli.Context) error { return usage("token: want add, list or rm") },
	}
}

func addToken(c *cli.Context) error {
	var expires time.Time
	if d := c.Duration("expires"); d > 0 {
		expires = time.Now().Add(d).UTC()
	}
	q := api.NewToken{Role: c.String("role"), Namespace: c.String("namespace"), Note: c.String("note"), Expires: expires}
	return either(c, func(s *store.Store) error {
		text, _, err := s.AddToken(store.Token{Role: store.Role(q.Role), Namespace: q.Namespace, Note: q.Note, Expires: q.Expires})
		if err == nil {
			fmt.Fprintln(c.App.Writer, text)
		}
		return err
	}, func(ctx context.Context, cl *client.Client) error {
		var a api.Token
		err := cl.JSON(ctx, http.MethodPost, api.TokensPath, q, &a)
		if err == nil {
			fmt.Fprintln(c.App.Writer, a.Token)
		}
		return err
	})
}

func listTokens(c *cli.Context) error {
	show := func(id, role, namespace, note string, expires time.Time) {
		until := "never"
		if !expires.IsZero() {
			until = expires.Format(time.RFC3339)
		}
		fmt.Fprintf(c.App.Writer, "%s  %-8s  expires %s  %s %s\n", id, role, until, namespace, note)
	}
	return either(c, func(s *store.Store) error {
		list, err := s.Tokens()
		for _, t := range list {
			show(t.ID, string(t.Role), t.Namespace, t.Note, t.Expires)
		}
		return err
	}, func(ctx context.Context, cl *client.Client) error {
		var a api.Tokens
		err := cl.JSON(ctx, http.MethodGet, api.TokensPath, nil, &a)
		for _, t := range a.Tokens {
			show(t.ID, t.Role, t.Namespace, t.Note, t.Expires)
		}
		return err
	})
}

func removeToken(c *cli.Context) error {
	id := c.Args().First()
	if id == "" || c.NArg() > 1 {
		return usage("token rm: want one ID, behind the flags")
	}
	return either(c, func(s *store.Store) error { return s.RemoveToken(id) }, func(ctx context.Context, cl *client.Client) error {
		return cl.JSON(ctx, http.MethodDelete, api.TokensPath+"/"+url.PathEscape(id), nil, nil)
	})
}
