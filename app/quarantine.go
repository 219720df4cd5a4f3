package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"ticketmoa/modules/etl"
	"ticketmoa/modules/lake"
	"ticketmoa/modules/ticket"
)

// quarantineUsage is how the command is written.
const quarantineUsage = "ticketmoa quarantine [replay [ID]] [--source S] [--kind K] [--field F] [--rule R] [--code C] [--all]"

// quarantineCommand tells what was withheld and why, or reads the pages it came from again.
//
//	ticketmoa quarantine                             counts by source, field and rule
//	ticketmoa quarantine --source S --field F        the rows that match; --all for every row
//	ticketmoa quarantine replay ID                   the page of one row
//	ticketmoa quarantine replay --source S --rule R  the pages of all rows that match; --all for every row
func (a *App) quarantineCommand(ctx context.Context, inv invocation, stdout io.Writer) error {
	f := etl.Filter{Source: inv.options["source"], Kind: ticket.PageKind(inv.options["kind"]), Field: inv.options["field"], Rule: inv.options["rule"], Code: inv.options["code"]}
	replay := len(inv.args) > 0 && inv.args[0] == "replay"
	switch {
	case len(inv.args) > 0 && !replay || len(inv.args) > 2:
		return fmt.Errorf("%w: %s", errUsage, quarantineUsage)
	case len(inv.args) == 2 && inv.args[1] == "":
		return fmt.Errorf("%w: a row has an ID: %s", errUsage, quarantineUsage)
	case len(inv.args) == 2:
		f.ID = inv.args[1]
	}
	if inv.has("all") && f != (etl.Filter{}) {
		return fmt.Errorf("%w: --all means every row; leave out the rest", errUsage)
	}
	if err := a.checkFilter(ctx, inv, f); err != nil {
		return err
	}
	chosen := f != (etl.Filter{}) || inv.has("all")
	switch {
	case replay && !chosen:
		return fmt.Errorf("%w: replay of what? Name a row or a filter, or say --all: %s", errUsage, quarantineUsage)
	case replay:
		return a.replayWithheld(ctx, f, inv.has("condemned"), stdout)
	case chosen:
		return a.listWithheld(ctx, f, stdout)
	}
	groups, err := a.etl.Quarantine().Groups(ctx)
	for _, g := range groups {
		say(stdout, fmt.Sprintf("%6d × %s %s: %s\n", g.Count, g.Source, g.Field, g.Rule))
	}
	if err == nil && len(groups) == 0 {
		say(stdout, "nothing is withheld\n")
	}
	return err
}

// checkFilter refuses values that nothing can have, and options that were given empty: they would mean every row.
func (a *App) checkFilter(ctx context.Context, inv invocation, f etl.Filter) error {
	for _, name := range commandOptions["quarantine"] {
		if v, given := inv.options[name]; given && v == "" && !slices.Contains(switches, name) {
			return fmt.Errorf("%w: --%s needs a value", errUsage, name)
		}
	}
	v, err := a.etl.Quarantine().Values(ctx)
	if err != nil {
		return err
	}
	switch {
	case f.Source != "" && !slices.Contains(v.Sources, f.Source):
		return fmt.Errorf("%w: --source: %q is not one of %v", errUsage, f.Source, v.Sources)
	case f.Kind != "" && !slices.Contains(v.Kinds, f.Kind):
		return fmt.Errorf("%w: --kind: %q is not one of %v", errUsage, f.Kind, v.Kinds)
	case f.Field != "" && !slices.Contains(v.Fields, f.Field):
		return fmt.Errorf("%w: --field: %q is not one of %v", errUsage, f.Field, v.Fields)
	}
	return nil
}

func (a *App) listWithheld(ctx context.Context, f etl.Filter, stdout io.Writer) error {
	found := 0
	for cursor := ""; ; {
		rows, next, err := a.etl.Quarantine().Rows(ctx, f, 200, cursor)
		if err != nil {
			return err
		}
		for _, r := range rows {
			found++
			say(stdout, strings.TrimRight(fmt.Sprintf("%s %s %s %s %s: %s", r.ID, r.Source, r.Kind, r.Code, fieldOf(r), firstLine(r.Reason)), " "))
			if r.Raw != "" {
				say(stdout, "; wrote "+strconv.Quote(r.Raw))
			}
			if r.Parsed != "" {
				say(stdout, "; read as "+strconv.Quote(r.Parsed))
			}
			say(stdout, "\n")
		}
		if cursor = next; next == "" {
			break
		}
	}
	if found == 0 {
		say(stdout, "no row matches\n")
	}
	return nil
}

func fieldOf(r ticket.Withheld) string {
	if r.Field == "" {
		return etl.WholeRecord
	}
	return r.Field
}

// replayWithheld puts the kept pages of every row that matches on the queue and waits until the ETL is done with them.
func (a *App) replayWithheld(ctx context.Context, f etl.Filter, condemned bool, stdout io.Writer) error {
	keys, bare, err := a.etl.Quarantine().Keys(ctx, f)
	if errors.Is(err, etl.ErrNotWithheld) {
		return fmt.Errorf("there is no row %q in the quarantine; `ticketmoa quarantine --all` lists them", f.ID)
	}
	if err != nil {
		return err
	}
	if bare > 0 {
		say(stdout, fmt.Sprintf("%d rows stay: no page of theirs was kept\n", bare))
	}
	b := newBatch(a)
	b.out, b.condemned = stdout, condemned
	for _, key := range keys {
		fault, err := b.addKept(ctx, key)
		if err != nil {
			return err
		}
		if fault != nil {
			say(stdout, key+": "+fault.Error()+"\n")
		}
	}
	return b.finish(ctx, stdout)
}

// addKept puts a page of the lake on the queue again; what differs then is the parser's doing. A page that is missing or
// cannot be read is counted, and fault says why; err is only what ends the batch.
func (b *batch) addKept(ctx context.Context, key string) (fault, err error) {
	p, err := lake.LoadPage(ctx, b.a.bucket, key)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		b.a.log.Error("kept page cannot be read", "raw_key", key, "error", err)
		b.unreadable++
		return err, nil
	}
	over, err := b.passOver(ctx, p)
	if err != nil {
		return nil, err
	}
	if over {
		b.passed++
		return errCondemned, nil
	}
	p.Replay = true
	return nil, b.add(ctx, p)
}

// errCondemned is why a kept page is not read again.
var errCondemned = errors.New("its crawl was found to have drifted, and the parser is the one that read it then")

// passOver tells whether a page is of a crawl that was condemned and would be read as it was read then: replayed it would count,
// for nobody judges what is replayed.
func (b *batch) passOver(ctx context.Context, p *ticket.Page) (bool, error) {
	src, known := b.a.sources[p.Source]
	if b.condemned || !known || p.Run == "" || !p.Judged {
		return false, nil
	}
	if over, asked := b.verdicts[p.Run]; asked {
		return over, nil
	}
	parser, condemned, err := b.a.guard.Condemned(ctx, p.Run)
	if err != nil {
		return false, fmt.Errorf("was crawl %s condemned: %w", p.Run, err)
	}
	b.verdicts[p.Run] = condemned && src.Info().Version <= parser
	return b.verdicts[p.Run], nil
}
