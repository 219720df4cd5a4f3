package app

import (
	"context"
	"fmt"
	"io"
	"strings"

	"ticketmoa/modules/match"
	"ticketmoa/modules/schedule"
	"ticketmoa/modules/ticket"
)

// rematch puts every listing where it belongs, whatever was left over, and projects everything again.
func (a *App) rematch(ctx context.Context) (schedule.Report, error) {
	moved, err := a.catalog.Rematch(ctx, a.now())
	if err != nil {
		return schedule.Report{}, err
	}
	counts, err := a.catalog.Counts(ctx)
	return schedule.Report{Counts: map[string]int64{"listings": counts["listings"], "performances": counts["performances"], "moved": int64(moved)}}, err
}

// catchUpMatch carries out decisions that were kept and not carried out before the process ended.
func (a *App) catchUpMatch(ctx context.Context) {
	waits, err := a.catalog.Unapplied(ctx)
	if err == nil && waits {
		_, err = a.jobs.Start("match", "start")
	}
	if err != nil {
		a.log.Error("decisions are not carried out yet", "error", err)
	}
}

// explainMatches prints every pair of listings that is one show, or nearly, with the parts of its score.
func (a *App) explainMatches(ctx context.Context, out io.Writer) error {
	var pairs []match.Judged
	if err := a.catalog.EachPair(ctx, func(j match.Judged) bool { pairs = append(pairs, j); return true }); err != nil {
		return err
	}
	var together, decided int
	for _, j := range pairs {
		score, err := a.catalog.Explain(ctx, j.A, j.B)
		if err != nil {
			return err
		}
		if j.Together {
			together++
		}
		if j.Decided != "" {
			decided++
		}
		say(out, pairLine(j, score))
	}
	say(out, fmt.Sprintf("%d pairs are one show, %d are not although not much is missing; %d were decided by a person\n", together, len(pairs)-together, decided))
	return nil
}

func pairLine(j match.Judged, s match.Score) string {
	verdict := "apart"
	if j.Together {
		verdict = "same"
	}
	why := fmt.Sprintf("%+.1f", j.Total)
	switch {
	case j.Decided == ticket.SameShow || j.Decided == ticket.OtherShows:
		why += ", decided: " + string(j.Decided)
	case j.Link:
		why += ", the registry's link"
	case s.Apart != "":
		why += ", " + s.Apart
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%-5s %s = %s (%s)\n", verdict, j.A, j.B, why)
	for _, p := range s.Parts {
		if p.Weight != 0 || p.Name == match.PartTitle {
			fmt.Fprintf(&b, "      %-7s %+5.1f  %s\n", p.Name, p.Weight, p.Why)
		}
	}
	return b.String()
}
