package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"emurun/snapshot"
)

// bashCompletion completes commands with their flags, jobs and checkpoints, and the flags of a run
// until the program is named; then it leaves programs and files to the shell. VALUED is the flags
// with a value.
const bashCompletion = `_emurun() {
	local i w cmd= named= store=() prev=${COMP_WORDS[COMP_CWORD-1]} cur=${COMP_WORDS[COMP_CWORD]} full split
	full=$cur
	if [[ ${COMP_LINE-} ]]; then # bash splits words at @ and :
		full=${COMP_LINE:0:COMP_POINT}
		full=${full##*[[:space:]]}
	fi
	for ((i = 1; i < COMP_CWORD; i++)); do
		w=${COMP_WORDS[i]}
		case $w in
		VALUED)
			((i++))
			[[ ${COMP_WORDS[i]} != = ]] || ((i++))
			[[ $w != --store ]] || store=(--store "${COMP_WORDS[i]}")
			;;
		-* | = | @ | :) ;;
		*)
			if [[ ! $cmd ]] && emurun --generate-bash-completion | grep -qx -- "$w"; then
				cmd=$w
			else
				named=1
				break
			fi
			;;
		esac
	done
	COMPREPLY=()
	case $prev in
	--mode) COMPREPLY=($(compgen -W "full hash" -- "$cur")) && return ;;
	--random) COMPREPLY=($(compgen -W "keep reseed" -- "$cur")) && return ;;
	--clock) COMPREPLY=($(compgen -W "keep now" -- "$cur")) && return ;;
	--checkpoint | --delete) COMPREPLY=($(compgen -W "$(emurun resume "${store[@]}" --generate-bash-completion | grep -v ^-)" -- "$full")) ;;
	VALUED) COMPREPLY=($(compgen -f -- "$cur")) && return ;;
	*)
		case $cmd in
		'' | run | record | trace | hash | replay)
			if [[ $named ]]; then
				COMPREPLY=($(compgen -f -- "$cur"))
			elif [[ $cur == -* ]]; then
				COMPREPLY=($(compgen -W "$(emurun $cmd --generate-bash-completion | grep ^-)" -- "$cur"))
			else
				[[ $cmd == replay ]] || COMPREPLY=($(compgen -c -- "$cur"))
				COMPREPLY+=($(compgen -f -- "$cur"))
				[[ $cmd ]] || COMPREPLY+=($(compgen -W "$(emurun --generate-bash-completion | grep -v ^-)" -- "$cur"))
			fi
			return
			;;
		*) COMPREPLY=($(compgen -W "$(emurun $cmd "${store[@]}" --generate-bash-completion)" -- "$full")) ;;
		esac
		;;
	esac
	if [[ $full != "$cur" ]]; then
		split=${full%"${full##*[@:]}"}
		COMPREPLY=("${COMPREPLY[@]#"$split"}")
	fi
}
complete -o filenames -F _emurun emurun
`

// valued returns the flags with a value, of all commands, as a pattern of the shell's.
func valued(app *cli.App) string {
	seen := map[string]bool{}
	flags := slices.Clone(app.Flags)
	for _, cmd := range app.Commands {
		flags = append(flags, cmd.Flags...)
	}
	for _, f := range flags {
		for _, n := range f.Names() {
			if takesNext([]cli.Flag{f}, dashed(n)) {
				seen[dashed(n)] = true
			}
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(seen)), " | ")
}

// zshCompletion uses bash's.
const zshCompletion = `autoload -U +X bashcompinit && bashcompinit
` + bashCompletion

var errShell = errors.New("want bash or zsh, as in: source <(emurun completion bash)")

// completionCommand prints the completion script of a shell.
func completionCommand() *cli.Command {
	return &cli.Command{
		Name:      "completion",
		Usage:     "print a completion script: source <(emurun completion bash)",
		ArgsUsage: "bash|zsh",
		Description: `Prints a script that completes commands, flags, and the names of jobs and checkpoints.

   source <(emurun completion bash)        in ~/.bashrc
   source <(emurun completion zsh)         in ~/.zshrc`,
		BashComplete: func(c *cli.Context) { fmt.Fprintln(c.App.Writer, "bash\nzsh") },
		Action: func(c *cli.Context) error {
			values := func(script string) string { return strings.ReplaceAll(script, "VALUED", valued(c.App)) }
			switch c.Args().First() {
			case "bash":
				fmt.Fprint(c.App.Writer, values(bashCompletion))
			case "zsh":
				fmt.Fprint(c.App.Writer, values(zshCompletion))
			default:
				return errShell
			}
			return nil
		},
	}
}

// completeFlags prints what can stand before the program.
func completeFlags(c *cli.Context) {
	flags, commands := c.App.Flags, c.App.Commands
	if c.Command != nil && c.Command.Name != c.App.Name {
		flags, commands = c.Command.Flags, nil
	}
	for _, f := range flags {
		for _, name := range f.Names() {
			fmt.Fprintln(c.App.Writer, dashed(name))
		}
	}
	for _, cmd := range commands {
		fmt.Fprintln(c.App.Writer, cmd.Name)
	}
}

// completeCheckpoints prints flags, and what can name a checkpoint.
func completeCheckpoints(c *cli.Context) {
	completeFlags(c)
	completeNames(c, func(k snapshot.Checkpoint) []string { return []string{k.Job, name(k.Manifest), k.Label} })
}

// completeJobs prints flags, and the jobs that are in the store.
func completeJobs(c *cli.Context) {
	completeFlags(c)
	completeNames(c, func(k snapshot.Checkpoint) []string { return []string{k.Job} })
}

// completeRunning prints flags, and the jobs that are running.
func completeRunning(c *cli.Context) {
	completeFlags(c)
	dir, err := storeName(c)
	if err != nil {
		return
	}
	list, _ := running(dir) // whoever wants to know sees it when the command is run
	for _, r := range list {
		fmt.Fprintln(c.App.Writer, r.Job)
	}
}

// completeNames prints names that the checkpoints of the store have, each once.
func completeNames(c *cli.Context, of func(snapshot.Checkpoint) []string) {
	s, _, err := openStore(c)
	if err != nil {
		return
	}
	defer s.Close()
	all, _ := snapshot.Checkpoints(s)
	seen := map[string]bool{"": true}
	for _, k := range all {
		for _, n := range of(k) {
			if !seen[n] {
				fmt.Fprintln(c.App.Writer, n)
			}
			seen[n] = true
		}
	}
}
