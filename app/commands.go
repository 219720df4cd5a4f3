package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"

	"ticketmoa/modules/crawl"
	"ticketmoa/modules/etl"
	"ticketmoa/modules/lake"
	"ticketmoa/modules/schedule"
	"ticketmoa/modules/ticket"
)

// here runs a command in this process, or in the server that owns data.dir.
func here(ctx context.Context, cfg *Config, args []string, stdout, stderr io.Writer, log *slog.Logger) int {
	dir, err := os.Getwd()
	if err != nil {
		return fail(stderr, exitFailed, err)
	}
	cmd := command{Args: args, Dir: dir}
	a, err := New(ctx, cfg, Hooks{}, log)
	if errors.Is(err, errOwned) {
		code, err := runRemote(ctx, cfg.Data.Dir, cmd, stdout, stderr)
		if err != nil {
			return fail(stderr, exitFailed, err)
		}
		return code
	}
	if err != nil {
		return fail(stderr, exitFailed, err)
	}
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	etlDone := make(chan error, 1)
	go func() { etlDone <- runParts(work, log, append([]part{{"etl", a.etl.Run}}, a.eventParts()...)) }()
	code := a.handle(ctx, cmd, stdout, stderr)
	if ctx.Err() == nil {
		a.jobs.Wait() // what the command led to, similar shows for one
	}
	a.jobs.Close()
	stop()
	if err := errors.Join(<-etlDone, a.Close()); err != nil {
		return fail(stderr, exitFailed, err)
	}
	return code
}

// handle carries out one command on the running parts.
func (a *App) handle(ctx context.Context, cmd command, stdout, stderr io.Writer) int {
	inv, err := parseArgs(cmd.Args)
	if err != nil {
		return fail(stderr, exitUsage, err)
	}
	switch inv.name {
	case "crawl":
		err = a.crawlCommand(ctx, inv, stdout, stderr)
	case "ingest":
		err = a.ingest(ctx, inv, cmd.Dir, stdout)
	case "replay":
		err = a.replay(ctx, inv, stdout)
	case "job":
		err = a.jobCommand(ctx, inv, stdout)
	case "dead":
		err = a.deadCommand(ctx, inv, stdout)
	case "quarantine":
		err = a.quarantineCommand(ctx, inv, stdout)
	case "admin-link":
		var link string
		if link, err = a.adminLink(ctx, a.publicURL(a.cfg.HTTP.Addr)); err == nil {
			say(stdout, link+"\n")
		}
	default:
		err = fmt.Errorf("%w: %q is not for a running server", errUsage, inv.name)
	}
	switch {
	case errors.Is(err, errUsage):
		return fail(stderr, exitUsage, err)
	case err != nil:
		return fail(stderr, exitFailed, err)
	}
	return exitOK
}

// errUsage means that a command was written wrongly.
var errUsage = errors.New("usage")

// crawlCommand crawls sources one after the other, with progress on the terminal.
func (a *App) crawlCommand(ctx context.Context, inv invocation, stdout, stderr io.Writer) error {
	if len(inv.args) == 0 {
		on := strings.Join(slices.Sorted(maps.Keys(a.enabled())), ", ")
		if on == "" {
			on = "none of " + strings.Join(sourceOrder, ", ")
		}
		return fmt.Errorf("%w: ticketmoa crawl [--full] SOURCE…; switched on: %s", errUsage, on)
	}
	for _, source := range inv.args {
		if _, ok := a.sources[source]; !ok {
			return fmt.Errorf("%w: there is no source %q; known: %s", errUsage, source, strings.Join(slices.Sorted(maps.Keys(a.sources)), ", "))
		}
		if len(a.sources[source].Info().Hosts) == 0 {
			return fmt.Errorf("source %s has no site to crawl: hand files in with ticketmoa ingest --source %s --kind list FILE", source, source)
		}
		if _, ok := a.enabled()[source]; !ok {
			return fmt.Errorf("source %s is switched off: set sources.%s.enabled to true", source, source)
		}
	}
	if err := a.pages.Room(); err != nil {
		say(stderr, fmt.Sprintf("waiting for room: %v\n", err))
	}
	for _, source := range inv.args {
		if inv.has("full") {
			a.complete.Store(source, true)
		}
		show := newProgressBar(stderr)
		a.watchers.Store(source, func(p crawl.Progress) { show.update(p, a.pages.Room()) })
		run, err := a.jobs.Do(ctx, "crawl:"+source, "command")
		a.watchers.Delete(source)
		show.end()
		rep := run.Report
		if run.Job != "" {
			say(stdout, source+": "+showReport(rep)+"\n")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func showReport(r schedule.Report) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(r.Counts)) {
		parts = append(parts, fmt.Sprintf("%s %d", k, r.Counts[k]))
	}
	return strings.Join(append(parts, r.Notes...), "; ")
}

func (a *App) jobCommand(ctx context.Context, inv invocation, stdout io.Writer) error {
	if len(inv.args) != 1 {
		var names []string
		for _, j := range a.jobs.Jobs() {
			names = append(names, j.Name)
		}
		return fmt.Errorf("%w: ticketmoa job NAME; jobs: %s", errUsage, strings.Join(names, ", "))
	}
	if inv.has("explain") && inv.args[0] != "match" {
		return fmt.Errorf("%w: only `ticketmoa job match` has --explain", errUsage)
	}
	run, err := a.jobs.Do(ctx, inv.args[0], "command")
	if errors.Is(err, schedule.ErrUnknownJob) {
		return fmt.Errorf("%w: %w; `ticketmoa job` lists them", errUsage, err)
	}
	if err != nil {
		return err
	}
	if inv.has("explain") {
		if err := a.explainMatches(ctx, stdout); err != nil {
			return err
		}
	}
	say(stdout, run.Job+": "+showReport(run.Report)+"\n")
	return nil
}

// replay puts the pages kept in the lake on the queue again; what differs then is the parser's doing. Those of a crawl that
// drifted are left out unless the parser is newer by now.
func (a *App) replay(ctx context.Context, inv invocation, stdout io.Writer) error {
	from, to, err := a.replayDays(inv)
	if err != nil {
		return err
	}
	source := inv.options["source"]
	if _, known := a.sources[source]; source != "" && !known {
		return fmt.Errorf("%w: there is no source %q", errUsage, source)
	}
	batch := newBatch(a)
	batch.out, batch.condemned = stdout, inv.has("condemned")
	err = lake.Pages(ctx, a.bucket, source, from, to, func(key string) error {
		_, err := batch.addKept(ctx, key)
		return err
	})
	if err != nil {
		return fmt.Errorf("replay: %w", err)
	}
	return batch.finish(ctx, stdout)
}

// replayDays reads which days' pages are to be read again.
func (a *App) replayDays(inv invocation) (from, to ticket.Date, err error) {
	switch {
	case len(inv.args) > 0:
		return "", "", fmt.Errorf("%w: replay takes no %q, only --from, --to, --source and --condemned", errUsage, inv.args[0])
	case inv.options["from"] == "":
		return "", "", fmt.Errorf("%w: replay --from DATE is missing: the first day whose pages are read again", errUsage)
	}
	if from, err = ticket.ParseDate(inv.options["from"]); err != nil {
		return "", "", fmt.Errorf("%w: replay --from DATE: %w", errUsage, err)
	}
	today := ticket.DateOf(a.now())
	if to = today; inv.options["to"] != "" {
		if to, err = ticket.ParseDate(inv.options["to"]); err != nil {
			return "", "", fmt.Errorf("%w: replay --to DATE: %w", errUsage, err)
		}
	}
	switch {
	case from > today:
		return "", "", fmt.Errorf("%w: replay --from %s: that day is still to come", errUsage, from)
	case from > to:
		return "", "", fmt.Errorf("%w: replay --from %s is after --to %s", errUsage, from, to)
	}
	return from, to, nil
}

// printTally says what became of a batch.
func printTally(w io.Writer, t etl.Tally) {
	say(w, fmt.Sprintf("pages %d, stored %d, unchanged %d, quarantined %d\n", t.Pages, t.Stored, t.Unchanged, t.Quarantined))
	for _, reason := range slices.Sorted(maps.Keys(t.Reasons)) {
		say(w, fmt.Sprintf("  %d × %s\n", t.Reasons[reason], reason))
	}
}
