package catalog

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"ticketmoa/modules/match"
	"ticketmoa/modules/normalize"
	"ticketmoa/modules/sellers/sellerstest"
	"ticketmoa/modules/ticket"
)

// pairSet is listings of two sides with the pairs of them that are one show.
type pairSet struct {
	left, right []ticket.Listing
	same        map[[2]string]bool
}

func rowsOf(t *testing.T, name string) []map[string]string {
	t.Helper()
	all, err := csv.NewReader(bytes.NewReader(sellerstest.File(t, "sets", "crossplatform", name))).ReadAll()
	must(t, err)
	var out []map[string]string
	for _, rec := range all[1:] {
		row := map[string]string{}
		for i, h := range all[0] {
			row[strings.TrimPrefix(h, "\ufeff")] = rec[i]
		}
		out = append(out, row)
	}
	return out
}

// read makes a listing of what a set says, by the same functions the ETL reads pages with.
func read(source, code, title, venue, period string, seller ticket.Seller) ticket.Listing {
	parts := normalize.Title(title)
	name, _ := normalize.Place(venue)
	p, _ := normalize.Period(period, "2023-11-14")
	l := ticket.Listing{Key: ticket.Key(source, code), Source: source, Code: code, Title: titleKeys(title), FirstSeenAt: at,
		Content: ticket.Content{Seller: seller, Title: parts.Show, TitleRaw: title, Place: ticket.Place{Name: name}, Period: p}}
	return l
}

// labelled are the pairs whose truth was joined from equal runs and like venues, titles not used.
func labelled(t *testing.T) pairSet {
	t.Helper()
	s := pairSet{same: map[[2]string]bool{}}
	have := map[string]bool{}
	for i, row := range rowsOf(t, "kopis_vs_platform_titles_2023.csv") {
		run := row["start"] + " ~ " + row["end"]
		k := read("kopis", row["mt20id"], row["kopis_title"], row["kopis_place"], run, "")
		code := row["platform_ref"]
		if code == "" {
			code = fmt.Sprint("row", i)
		}
		p := read(row["platform"], code, row["platform_title"], row["platform_venue"], run, ticket.Interpark)
		for _, l := range []struct {
			into *[]ticket.Listing
			l    ticket.Listing
		}{{&s.left, k}, {&s.right, p}} {
			if !have[l.l.Key] {
				have[l.l.Key] = true
				*l.into = append(*l.into, l.l)
			}
		}
		s.same[[2]string{k.Key, p.Key}] = true
	}
	return s
}

// verdicts groups both sides and counts pairs across them. Other pairs than the labelled count as wrong.
func (s pairSet) verdicts(t *testing.T, c *Catalog, name string) (precision, recall float64) {
	t.Helper()
	x := match.NewIndex(PerformanceID)
	for _, side := range [][]ticket.Listing{s.left, s.right} {
		for i := range side {
			x.Put(c.showOf(&side[i]), "")
		}
	}
	where := map[string]string{}
	for _, m := range x.Settle() {
		where[m.Key] = m.To
	}
	var right, wrong, missed int
	for i := range s.left {
		for j := range s.right {
			a, b := &s.left[i], &s.right[j]
			together, truth := where[a.Key] == where[b.Key], s.same[[2]string{a.Key, b.Key}]
			switch {
			case together && truth:
				right++
			case together:
				wrong++
				t.Logf("%s: wrong: %q at %q %v ≠ %q at %q %v: %s", name, a.Content.TitleRaw, a.Content.Place.Name, a.Content.Period, b.Content.TitleRaw, b.Content.Place.Name, b.Content.Period, scoreText(match.Compare(c.showOf(a), c.showOf(b))))
			case truth:
				missed++
				t.Logf("%s: missed: %q at %q %v = %q at %q: %s", name, a.Content.TitleRaw, a.Content.Place.Name, a.Content.Period, b.Content.TitleRaw, b.Content.Place.Name, scoreText(match.Compare(c.showOf(a), c.showOf(b))))
			}
		}
	}
	precision, recall = float64(right)/float64(max(right+wrong, 1)), float64(right)/float64(max(right+missed, 1))
	t.Logf("%s: %d of %d pairs found, %d wrong: precision %.2f %%, recall %.2f %%", name, right, right+missed, wrong, 100*precision, 100*recall)
	return precision, recall
}

func scoreText(s match.Score) string {
	parts := []string{fmt.Sprintf("%.1f %s", s.Total, s.Apart)}
	for _, p := range s.Parts {
		parts = append(parts, fmt.Sprintf("%s %.1f", p.Name, p.Weight))
	}
	return strings.Join(parts, ", ")
}

// TestSameShowsOfTheSets is target Q3 on the labelled pairs, and again on them hardened.
func TestSameShowsOfTheSets(t *testing.T) {
	t.Parallel()
	c := newCatalog(t)
	set := labelled(t)
	type measured struct {
		name              string
		set               pairSet
		precision, recall float64
	}
	sets := []measured{{"labelled", set, .99, .95}}
	for seed := range uint64(5) {
		sets = append(sets, measured{fmt.Sprint("hardened ", seed), harden(set, seed), .99, .90})
	}
	for _, tc := range sets {
		precision, recall := tc.set.verdicts(t, c, tc.name)
		if precision < tc.precision || recall < tc.recall {
			t.Errorf("%s: precision %.4f (wanted %.2f), recall %.4f (wanted %.2f)", tc.name, precision, tc.precision, recall, tc.recall)
		}
	}
}

// harden makes a set of pairs harder, from a seed: on the second side half of the runs are off by a day and a third of the
// venues are missing; every fourth show goes on tour, with the same title in another city, in the same days or later; beside
// every third stands a neighbour, another show in its venue on its very days; every fifth comes back a year later.
func harden(s pairSet, seed uint64) pairSet {
	rnd := rand.New(rand.NewPCG(20261125, seed))
	out := pairSet{same: s.same, left: slices.Clone(s.left)}
	cities := []struct{ name, hall string }{{"부산", "부산 드림씨어터"}, {"대구", "대구 계명아트센터"}, {"광주", "광주예술의전당 대극장"}, {"대전", "대전예술의전당 아트홀"}, {"전주", "전주 한국소리문화의전당 모악당"}}
	for i, l := range s.right {
		if rnd.IntN(2) == 0 {
			by := 1 - 2*rnd.IntN(2)
			l.Content.Period.Start, l.Content.Period.End = l.Content.Period.Start.AddDays(by), l.Content.Period.End.AddDays(by)
		}
		original := l
		if rnd.IntN(3) == 0 {
			l.Content.Place = ticket.Place{}
		}
		out.right = append(out.right, l)
		twin := func(kind string, change func(*ticket.Listing)) {
			n := original
			n.Key = ticket.Key(n.Source, fmt.Sprintf("%s-%d", kind, i))
			change(&n)
			n.Title = titleKeys(n.Content.TitleRaw)
			out.right = append(out.right, n)
		}
		if i%4 == 0 {
			city := cities[rnd.IntN(len(cities))]
			later := rnd.IntN(2) * 40
			twin("tour", func(n *ticket.Listing) {
				base, _, _ := strings.Cut(n.Content.TitleRaw, " - ")
				n.Content.TitleRaw = base + " - " + city.name
				n.Content.Place = ticket.Place{Name: city.hall}
				n.Content.Period.Start, n.Content.Period.End = n.Content.Period.Start.AddDays(later), n.Content.Period.End.AddDays(later)
			})
		}
		if other := s.right[(i+len(s.right)/2)%len(s.right)]; i%3 == 0 && other.Title.Core != original.Title.Core {
			twin("neighbour", func(n *ticket.Listing) {
				base, _, _ := strings.Cut(other.Content.TitleRaw, " - ")
				n.Content.TitleRaw = base
			})
		}
		if i%5 == 0 {
			twin("return", func(n *ticket.Listing) {
				n.Content.Period.Start, n.Content.Period.End = n.Content.Period.Start.AddDays(364), n.Content.Period.End.AddDays(364)
			})
		}
	}
	return out
}

// TestSameShowsOfTheRankings groups the ten best of three sellers on one day: four shows stand at two of them, one is on tour,
// and one seller's days are a day early throughout.
func TestSameShowsOfTheRankings(t *testing.T) {
	t.Parallel()
	c := newCatalog(t)
	truth := map[string]string{}
	for _, row := range rowsOf(t, "rankings_2023-11-14_labels.csv") {
		truth[row["url"]] = row["show_key"]
	}
	x := match.NewIndex(PerformanceID)
	names := map[string]string{"인터파크": "interpark", "티켓링크": "ticketlink", "예스24티켓": "yes24"}
	keyOf := map[string]string{}
	for _, row := range rowsOf(t, "rankings_2023-11-14.csv") {
		l := read(names[row["site"]], row["rank"], row["title"], row["venue"], row["dates"], ticket.Seller(names[row["site"]]))
		if !l.Content.Period.Known() {
			t.Errorf("no run: %v", row)
		}
		x.Put(c.showOf(&l), "")
		keyOf[l.Key] = row["url"]
	}
	together := map[string][]string{}
	for _, m := range x.Settle() {
		together[m.To] = append(together[m.To], m.Key)
	}
	found := 0
	for _, keys := range together {
		for _, k := range keys[1:] {
			if a, b := truth[keyOf[keys[0]]], truth[keyOf[k]]; a == "" || a != b {
				t.Errorf("%s and %s are one show", keys[0], k)
			}
			found++
		}
	}
	if found != 4 || len(together) != 26 {
		t.Errorf("%d pairs, %d shows; want 4 and 26", found, len(together))
	}
}

// TestTheRegistrysLinksOfTheSets: listings that look like nothing stand with the registry's number that links to their codes.
func TestTheRegistrysLinksOfTheSets(t *testing.T) {
	t.Parallel()
	c := newCatalog(t)
	x := match.NewIndex(PerformanceID)
	shows := 0
	for i, row := range rowsOf(t, "kopis_relates_2026-10.csv") {
		k := read("kopis", row["mt20id"], row["title"], row["venue"], row["from"]+" ~ "+row["to"], "")
		k.FirstSeenAt = at.AddDate(0, 0, -1)
		for seller, column := range map[ticket.Seller]string{ticket.Interpark: "nol_goods", ticket.YES24: "yes24_perf", ticket.Melon: "melon_prod", ticket.Ticketlink: "ticketlink_product"} {
			if code := row[column]; code != "" {
				k.Content.Links = append(k.Content.Links, ticket.Link{Seller: seller, Code: code})
				l := read(string(seller), code, fmt.Sprint("모르는 이름 ", i, seller), "", row["from"]+" ~ "+row["to"], seller)
				x.Put(c.showOf(&l), "")
			}
		}
		x.Put(c.showOf(&k), "")
		shows++
	}
	together := map[string]bool{}
	for _, m := range x.Settle() {
		together[m.To] = true
		if !strings.HasPrefix(m.Key, "kopis:") && m.To == PerformanceID(m.Key) {
			t.Errorf("%s stands alone", m.Key)
		}
	}
	if len(together) != shows {
		t.Errorf("%d performances of %d numbers", len(together), shows)
	}
}
