package match

import (
	"testing"

	"ticketmoa/modules/ticket"
)

func run(start, end ticket.Date) ticket.Period { return ticket.Period{Start: start, End: end} }

func TestSame(t *testing.T) {
	t.Parallel()
	winter := run("2024-12-06", "2025-02-23")
	for _, tc := range []struct {
		name       string
		keyA, keyB string
		runA, runB ticket.Period
		want       bool
	}{
		{"same", "시라노|cj", "시라노|cj", winter, winter, true},
		{"one day in common", "시라노|cj", "시라노|cj", winter, run("2025-02-23", "2025-03-01"), true},
		{"another season", "시라노|cj", "시라노|cj", winter, run("2025-02-24", "2025-03-01"), false},
		{"another city of the tour", "시라노|cj", "시라노|부산", winter, winter, false},
		{"another show in the same hall", "시라노|cj", "렌트|cj", winter, winter, false},
		{"no run known", "시라노|cj", "시라노|cj", winter, ticket.Period{}, false},
		{"no key", "", "", winter, winter, false},
		{"open run", "시라노|cj", "시라노|cj", ticket.Period{Start: "2020-01-01", OpenRun: true}, winter, true},
	} {
		if got := Same(tc.keyA, tc.runA, tc.keyB, tc.runB); got != tc.want {
			t.Errorf("%s: Same = %v, want %v", tc.name, got, tc.want)
		}
	}
}

func TestChooseDoesNotDependOnOrder(t *testing.T) {
	t.Parallel()
	k, p := Key("시라노", "cj"), run("2024-12-06", "2025-02-23")
	l := func(key, perf string) ticket.Listing {
		return ticket.Listing{Key: key, PerformanceID: perf, MatchKey: k, Content: ticket.Content{Period: p}}
	}
	a, b, unplaced := l("kopis:PF1", "one"), l("yes24:2", "two"), l("interpark:3", "")
	for _, placed := range [][]ticket.Listing{{a, b, unplaced}, {unplaced, b, a}, {b, a}} {
		if got := Choose(k, p, "ticketlink:9", placed); got != "one" {
			t.Errorf("Choose = %q, want one", got)
		}
	}
	if got := Choose(k, p, "kopis:PF1", []ticket.Listing{a}); got != "" {
		t.Errorf("a listing matched itself: %q", got)
	}
	if Key("", "cj") != "" || Key("시라노", "") != "" {
		t.Error("a key was made of an unknown half")
	}
}
