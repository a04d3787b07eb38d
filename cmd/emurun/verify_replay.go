package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"emurun/snapshot/dirstore"
)

// verifyReplay runs the checkpoint before again, up to the one that ref means, and compares.
func verifyReplay(c *cli.Context, s *dirstore.Store, ref string) error {
	return fmt.Errorf("verify --replay: %s", ref)
}
