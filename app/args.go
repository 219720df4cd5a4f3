package app

import (
	"fmt"
	"slices"
	"strings"
)

// invocation is what was typed, taken apart.
type invocation struct {
	name     string
	args     []string
	options  map[string]string // of the command: --source yes24
	settings map[string]string // dotted keys: --http.addr :9000
}

func (i invocation) has(option string) bool { _, ok := i.options[option]; return ok }

// commandOptions are the options a command takes beside --config, --data and the settings; the empty command is all of them.
var commandOptions = map[string][]string{
	"serve": {}, "demo": {}, "crawl": {"full"}, "job": {"explain"}, "config": {}, "healthcheck": {}, "version": {}, "help": {}, "read": {}, "admin-link": {},
	"ingest": {"source", "kind", "fetched-at", "url", "code"},
	"replay": {"from", "to", "source", "condemned"},
	"dead":   {},

	"quarantine": {"source", "kind", "field", "rule", "code", "all", "condemned"},
}

// switches are options without a value.
var switches = []string{"full", "all", "explain", "condemned"}

// parseArgs reads options anywhere on the line, as --name value or --name=value. An option with a dot is a setting.
func parseArgs(args []string) (invocation, error) {
	inv := invocation{options: map[string]string{}, settings: map[string]string{}}
	for i := 0; i < len(args); i++ {
		a := args[i]
		if a == "-h" || a == "--help" {
			inv.options["help"] = ""
			continue
		}
		name, isOption := strings.CutPrefix(a, "--")
		if !isOption || name == "" {
			if strings.HasPrefix(a, "-") && len(a) > 1 {
				return inv, fmt.Errorf("%s: options are written --name value; see ticketmoa help", a)
			}
			inv.args = append(inv.args, a)
			continue
		}
		name, value, given := strings.Cut(name, "=")
		if !given && !slices.Contains(switches, name) {
			if i++; i >= len(args) {
				return inv, fmt.Errorf("--%s needs a value", name)
			}
			value = args[i] //nolint:gosec // held against the length just above
		}
		if strings.Contains(name, ".") {
			inv.settings[name] = value
		} else {
			inv.options[name] = value
		}
	}
	inv.name = "serve"
	if len(inv.args) > 0 {
		inv.name, inv.args = inv.args[0], inv.args[1:]
	}
	return inv, inv.check()
}

func (i *invocation) check() error {
	known, ok := commandOptions[i.name]
	if !ok {
		return fmt.Errorf("there is no command %q; see ticketmoa help", i.name)
	}
	for name := range i.options {
		if !slices.Contains(known, name) && name != "config" && name != "help" && name != "data" {
			return fmt.Errorf("ticketmoa %s has no option --%s; see ticketmoa help", i.name, name)
		}
	}
	if dir, ok := i.options["data"]; ok && i.name != "demo" {
		i.settings["data.dir"] = dir
	}
	if len(i.args) > 0 && slices.Contains([]string{"serve", "demo", "healthcheck", "version", "admin-link"}, i.name) {
		return fmt.Errorf("ticketmoa %s takes no %q; see ticketmoa help", i.name, i.args[0])
	}
	return nil
}
