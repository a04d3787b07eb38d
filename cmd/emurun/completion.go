package main

import (
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"
)

// bashCompletion completes emurun's flags and commands until the program is named, then
// leaves programs and files to the shell.
const bashCompletion = `_emurun() {
	local i cmd= cur=${COMP_WORDS[COMP_CWORD]}
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--root | --volume | -v | --workdir | -w | --env | -e | --memory | -m | --seed | --epoch | --max-steps | --timeout) ((i++)) ;;
		--output | -o | --mode | --every | --state-every | --from | --until | --replay) ((i++)) ;;
		-*) ;;
		*)
			if ((i == 1)) && emurun --generate-bash-completion | grep -qx -- "${COMP_WORDS[1]}"; then
				cmd=${COMP_WORDS[1]}
				continue
			fi
			COMPREPLY=($(compgen -f -- "$cur"))
			return
			;;
		esac
	done
	case $cur in
	-*) COMPREPLY=($(compgen -W "$(emurun $cmd --generate-bash-completion)" -- "$cur")) ;;
	*)
		COMPREPLY=($(compgen -c -- "$cur") $(compgen -f -- "$cur"))
		[[ $cmd ]] || COMPREPLY+=($(compgen -W "$(emurun --generate-bash-completion | grep -v ^-)" -- "$cur"))
		;;
	esac
}
complete -o filenames -F _emurun emurun
`

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
		Action: func(c *cli.Context) error {
			switch c.Args().First() {
			case "bash":
				fmt.Fprint(c.App.Writer, bashCompletion)
			case "zsh":
				fmt.Fprint(c.App.Writer, zshCompletion)
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
			dashes := "--"
			if len(name) == 1 {
				dashes = "-"
			}
			fmt.Fprintln(c.App.Writer, dashes+name)
		}
	}
	for _, cmd := range commands {
		fmt.Fprintln(c.App.Writer, cmd.Name)
	}
}
