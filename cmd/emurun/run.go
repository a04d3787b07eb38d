package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"emurun/abi"
	"emurun/internal/host"
	"emurun/machine"
	"emurun/syscalls/kernel"
	"emurun/syscalls/loader"
	"emurun/vfs"
)

// run boots the program, runs it to its end and returns an endedError, or says
// what went wrong.
func (o *options) run(c *cli.Context) error {
	args := c.Args().Slice()
	if len(args) == 0 {
		return errNoProgram
	}
	files, err := openFiles(c, o.captured(c))
	if err != nil {
		return err
	}
	defer files.close()
	world := host.NewWorld(c.Duration("timeout"))
	defer world.Close()
	cfg, err := o.config(c, files, world)
	if err != nil {
		return err
	}
	out, err := o.observe(c, &cfg.Watch)
	if err != nil {
		return err
	}
	defer out.close()
	if cfg.Start, err = start(c, files, args); err != nil {
		return err
	}
	if cfg.Standard, err = world.Standard(); err != nil {
		return err
	}
	if err := o.recorder.begin(c, &cfg, files); err != nil {
		return err
	}
	if err := o.tracing.begin(&cfg); err != nil {
		return err
	}
	job, err := o.startJob(c, &cfg, files, world)
	if err != nil {
		return err
	}
	defer job.close()
	if o.looker != nil {
		cfg.Between = o.looker
	}
	m, err := machine.Boot(cfg)
	if err != nil {
		o.recorder.drop()
		o.tracing.drop()
		return bootError(args[0], err)
	}
	result, err := m.Run()
	traceErr := o.tracing.end(c)
	err = o.recorder.end(&result, err)
	switch {
	case job != nil:
		err = job.end(m, err)
	case err == nil && o.looker != nil:
		err = o.looker.End(m)
	case err == nil:
		err = files.commit()
	}
	if c.Bool("stats") {
		printStats(c, &cfg, &result)
	}
	if err == nil {
		err = traceErr // the program's files are as it left them all the same
	}
	if err != nil {
		return err
	}
	return &endedError{result.Status}
}

// captured is what will have to be known of the files that the run sees; nil if nothing has.
func (o *options) captured(c *cli.Context) *captured {
	if o.recorder == nil && (o.wantsJob(c) || o.looker != nil) {
		return forgiving()
	}
	return o.recorder.captured()
}

// config collects what the flags say of the machine.
func (o *options) config(c *cli.Context, files *files, world *host.World) (machine.Config, error) {
	cfg := machine.Config{
		Seed: o.seed.n, EpochNs: o.epoch.ns, Memory: uint64(o.memory), MaxSteps: c.Uint64("max-steps"),
		NS: files.ns, Clock: &files.clock, Outside: world, Watch: machine.Watch{Hashed: c.Bool("stats")},
	}
	if !o.seed.given {
		cfg.Seed = host.FreshSeed()
	}
	if !o.epoch.given {
		cfg.EpochNs = host.FreshEpoch()
	}
	if cfg.Memory == 0 {
		cfg.Memory = host.Memory() / 2
	}
	if c.Bool("json") && !c.Bool("stats") && o.tracing == nil {
		return cfg, errors.New("--json says how --stats are printed: give both")
	}
	return cfg, nil
}

// start says how the first program begins.
func start(c *cli.Context, files *files, args []string) (kernel.BootArgs, error) {
	env, err := environment(c)
	if err != nil {
		return kernel.BootArgs{}, err
	}
	cwd := c.String("workdir")
	if cwd == "" {
		cwd = files.defaultDir()
	}
	uid, gid, groups := host.IDs()
	b := kernel.BootArgs{Argv: args, Envp: env, Cwd: cwd, Umask: host.Umask(), Cred: kernel.NewCred(uid, gid, groups)}
	return b, findProgram(&b, files)
}

// findProgram sets the path of the first program. A replay does it again, for it is the first
// look at the files.
func findProgram(b *kernel.BootArgs, files *files) (err error) {
	ctx := &vfs.Context{NS: files.ns, Root: files.ns.Root(), Cred: vfs.Cred{UID: b.Cred.FSUID, GID: b.Cred.FSGID, Groups: b.Cred.Groups}}
	if ctx.Cwd, err = ctx.Walk(nil, b.Cwd, true); err != nil {
		return fmt.Errorf("working directory %s: %w", b.Cwd, err)
	}
	if b.Path, err = machine.FindProgram(ctx, b.Argv[0], lookupEnv(b.Envp, "PATH", machine.DefaultPath)); err != nil {
		return programError(b.Argv[0], err)
	}
	return nil
}

// environment is the host's, changed by --env and --clear-env.
func environment(c *cli.Context) ([]string, error) {
	var env []string
	if !c.Bool("clear-env") {
		env = os.Environ()
	}
	for _, e := range c.StringSlice("env") {
		name, value, set := strings.Cut(e, "=")
		if name == "" {
			return nil, fmt.Errorf("--env %q: want NAME=VALUE or NAME", e)
		}
		if !set {
			value, set = os.LookupEnv(name)
		}
		env = unsetEnv(env, name)
		if set && (value != "" || !strings.HasSuffix(e, "=")) {
			env = append(env, name+"="+value)
		}
	}
	return env, nil
}

func unsetEnv(env []string, name string) []string {
	out := env[:0:0]
	for _, e := range env {
		if !strings.HasPrefix(e, name+"=") {
			out = append(out, e)
		}
	}
	return out
}

func lookupEnv(env []string, name, otherwise string) string {
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			return v
		}
	}
	return otherwise
}

// bootError says why a program could not be executed.
func bootError(name string, err error) error {
	var load *loader.Error
	if errors.As(err, &load) {
		return &statusError{statusFor(load.Errno), fmt.Errorf("%s: cannot be executed: %s", name, load.Reason)}
	}
	return programError(name, err)
}

// programError says why a program is not there or not executable.
func programError(name string, err error) error {
	var errno abi.Errno
	if !errors.As(err, &errno) {
		return &statusError{statusFailed, fmt.Errorf("%s: %w", name, err)}
	}
	text := strings.TrimPrefix(err.Error(), name+": ")
	if errno == abi.ENOENT && !strings.Contains(name, "/") {
		text = "program not found"
	}
	return &statusError{statusFor(errno), fmt.Errorf("%s: %s", name, text)}
}

// statusFor is the exit status of a program that cannot be executed.
func statusFor(errno abi.Errno) int {
	if errno == abi.ENOENT || errno == abi.ENOTDIR {
		return statusNotFound
	}
	return statusNotExecutable
}
