package client

import (
	"context"
	"net/http"
	"net/url"

	"emurun/server/api"
)

// Jobs returns all jobs, by name.
func (c *Client) Jobs(ctx context.Context) ([]api.Job, error) {
	var list []api.Job
	for from := ""; ; {
		var a api.Jobs
		if err := c.JSON(ctx, http.MethodGet, api.JobsPath+"?from="+url.QueryEscape(from), nil, &a); err != nil {
			return nil, err
		}
		list = append(list, a.Jobs...)
		if from = a.Next; from == "" {
			return list, nil
		}
	}
}

// Job returns a job.
func (c *Client) Job(ctx context.Context, name string) (api.Job, error) {
	var j api.Job
	return j, c.JSON(ctx, http.MethodGet, api.JobPath(name), nil, &j)
}
