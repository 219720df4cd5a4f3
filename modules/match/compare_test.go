package match

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/ticket"
)

var day0 = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// seller is a listing as the tests write it: title and gist are the same, the venue is its own gist.
func seller(source, code, title, venue string, start, end ticket.Date) Show {
	return Show{Key: source + ":" + code, Source: source, Core: title, Gist: title, Venue: venue, VenueMain: venue, VenueGist: venue,
		Period: ticket.Period{Start: start, End: end}, Seen: day0}
}

func with(s Show, change func(*Show)) Show {
	change(&s)
	return s
}

func TestCompare(t *testing.T) {
	t.Parallel()
	base := with(seller("yes24", "1", "시라노", "예술의전당cj토월극장", "2024-12-06", "2025-02-23"), func(s *Show) { s.Region, s.Genre = "서울", ticket.Musical })
	other := func(change func(*Show)) Show {
		return with(base, func(s *Show) {
			s.Key, s.Source = "melon:9", "melon"
			change(s)
		})
	}
	for _, tc := range []struct {
		name  string
		b     Show
		want  bool
		apart string
	}{
		{"the same", other(func(*Show) {}), true, ""},
		{"dates off by a day", other(func(s *Show) { s.Period = ticket.Period{Start: "2024-12-05", End: "2025-02-22"} }), true, ""},
		{"venue missing", other(func(s *Show) { s.Venue, s.VenueGist, s.VenueMain = "", "", "" }), true, ""},
		{"a part of the run", other(func(s *Show) { s.Period.End = "2024-12-31" }), true, ""},
		{"one day in common, same hall", other(func(s *Show) { s.Period = ticket.Period{Start: "2025-02-23", End: "2025-03-30"} }), true, ""},
		{"the title in a longer one, same hall and days", other(func(s *Show) {
			s.Core, s.Gist, s.Forms = "시라노드베르주라크", "시라노드베르주라크", []string{"시라노"}
		}), true, ""},
		{"another season", other(func(s *Show) { s.Period = ticket.Period{Start: "2025-12-06", End: "2026-02-23"} }), false, "season"},
		{"a tour, other days", other(func(s *Show) {
			s.Venue, s.VenueGist, s.VenueMain, s.Region = "부산드림씨어터", "부산드림", "부산드림씨어터", "부산"
			s.Period = ticket.Period{Start: "2025-02-20", End: "2025-03-20"}
		}), false, "tour"},
		{"a tour on the same days", other(func(s *Show) {
			s.Venue, s.VenueGist, s.VenueMain, s.Region = "부산드림씨어터", "부산드림", "부산드림씨어터", "부산"
		}), false, "tour"},
		{"a tour, the region unknown", other(func(s *Show) {
			s.Venue, s.VenueGist, s.VenueMain, s.Region = "드림씨어터", "드림", "드림씨어터", ""
		}), false, ""},
		{"a neighbour in the hall on the same days", other(func(s *Show) { s.Core, s.Gist = "렌트", "렌트" }), false, ""},
		{"a neighbour with a like title", other(func(s *Show) { s.Core, s.Gist = "노라인형의집", "노라인형의집" }), false, ""},
		{"another volume", other(func(s *Show) { s.Core, s.Gist, s.Numbers = "시라노시즌2", "시라노 2", []string{"2"} }), true, ""},
		{"no run known", other(func(s *Show) { s.Period = ticket.Period{} }), false, "run is unknown"},
		{"no title", other(func(s *Show) { s.Core = "" }), false, "title is unknown"},
		{"sports in the same hall", other(func(s *Show) { s.Genre = ticket.Sports }), false, "kind"},
		{"open run", other(func(s *Show) { s.Period = ticket.Period{Start: "2020-01-01", OpenRun: true} }), true, ""},
	} {
		score := Compare(base, tc.b)
		if score.Same() != tc.want || !strings.Contains(score.Apart, tc.apart) {
			t.Errorf("%s: %+v, want same %v, apart %q", tc.name, score, tc.want, tc.apart)
		}
		if back := Compare(tc.b, base); back.Total != score.Total || back.Apart != score.Apart {
			t.Errorf("%s: the other way round it is %v %q, not %v %q", tc.name, back.Total, back.Apart, score.Total, score.Apart)
		}
		sum := 0.0
		for _, p := range score.Parts {
			sum += p.Weight
		}
		if d := sum - score.Total; d > 1e-4 || d < -1e-4 {
			t.Errorf("%s: the parts sum up to %v, not %v", tc.name, sum, score.Total)
		}
	}
	v2, v3 := other(func(s *Show) { s.Numbers = []string{"2"} }), with(base, func(s *Show) { s.Core, s.Gist, s.Numbers = "시라노3", "시라노3", []string{"3"} })
	if score := Compare(v2, v3); score.Same() {
		t.Errorf("volumes 2 and 3 are one show: %+v", score)
	}
}

// TestTitlesThatShareWords are two shows, in one hall on overlapping days.
func TestTitlesThatShareWords(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		a, b string
		want bool
	}{
		{"비내리는광장의초상", "비내리는광장의연주자", false}, {"이름없는별의지휘자", "이름없는별의기억상점", false}, {"겨울항구의초상", "겨울항구의기억상점", false},
		{"비상구옆오해", "비상구옆이웃", false}, {"백건우의쇼팽", "조성진의쇼팽", false},
		{"헬로카봇웰컴투파라다이스", "헬로카봇", true}, {"굳빠이이상", "굿빠이이상", true}, {"빨간코루돌프와산타크로스", "루돌프와산타크로스", true},
	} {
		a := seller("yes24", "1", tc.a, "예술의전당cj토월극장", "2026-12-01", "2026-12-31")
		b := seller("melon", "2", tc.b, "예술의전당cj토월극장", "2026-12-02", "2026-12-30")
		if s := Compare(a, b); s.Same() != tc.want {
			t.Errorf("%s, %s: %v: %+v", tc.a, tc.b, s.Same(), s)
		}
	}
}

func TestOneSourceAndMatches(t *testing.T) {
	t.Parallel()
	a := seller("kopis", "PF1", "시라노", "토월극장", "2024-12-06", "2025-02-23")
	a.Role = Registers
	b := with(a, func(s *Show) { s.Key = "kopis:PF2" })
	if s := Compare(a, b); s.Same() || s.Apart == "" {
		t.Errorf("two numbers of the registry are one: %+v", s)
	}
	early := seller("interpark", "1", "빛의제국", "무슨전시관", "2024-12-06", "2025-02-23")
	if s := Compare(early, with(early, func(s *Show) { s.Key = "interpark:2" })); !s.Same() {
		t.Errorf("two codes of a seller for one show at one place are two: %+v", s)
	}
	if s := Compare(early, with(early, func(s *Show) { s.Key, s.Period = "interpark:2", ticket.Period{Start: "2025-02-24", End: "2025-03-24"} })); s.Same() {
		t.Errorf("a seller's two codes for two runs are one: %+v", s)
	}
	m := seller("ticketlink", "1", "x", "잠실야구장", "2026-04-01", "2026-04-01")
	m.Genre, m.Fixture = ticket.Sports, "두산lg202604011400"
	if s := Compare(m, with(m, func(s *Show) { s.Key, s.Source = "interpark:7", "interpark" })); !s.Same() {
		t.Errorf("one match at two sellers is two: %+v", s)
	}
	if s := Compare(m, with(m, func(s *Show) { s.Key, s.Source, s.Fixture = "interpark:8", "interpark", "두산lg202604011830" })); s.Same() {
		t.Errorf("a double-header is one match: %+v", s)
	}
}

// groups settles an index and lists its groups by their founders.
func groups(x *Index) map[string][]string {
	for _, m := range x.Settle() {
		x.Kept(m)
	}
	out := map[string][]string{}
	for key, e := range x.shows {
		out[e.at] = append(out[e.at], key)
	}
	for _, g := range out {
		slices.Sort(g)
	}
	return out
}

func index(shows ...Show) *Index {
	x := NewIndex(func(founder string) string { return "p-" + founder })
	for _, s := range shows {
		x.Put(s, "")
	}
	return x
}

func same(t *testing.T, got map[string][]string, want ...string) {
	t.Helper()
	var have []string
	for at, keys := range got {
		have = append(have, at+"="+strings.Join(keys, ","))
	}
	slices.Sort(have)
	slices.Sort(want)
	if !slices.Equal(have, want) {
		t.Errorf("groups\n got %v\nwant %v", have, want)
	}
}

// TestAShowWithoutAVenueIsNotGivenToEither: it fits two that are two.
func TestAShowWithoutAVenueIsNotGivenToEither(t *testing.T) {
	t.Parallel()
	a := with(seller("yes24", "1", "호두까기인형", "청주아트홀", "2026-12-24", "2026-12-25"), func(s *Show) { s.Region = "충북" })
	b := with(seller("yes24", "2", "호두까기인형", "군산예술의전당", "2026-12-24", "2026-12-25"), func(s *Show) { s.Region = "전북" })
	c := with(seller("melon", "3", "호두까기인형", "", "2026-12-24", "2026-12-25"), func(s *Show) { s.VenueGist, s.VenueMain = "", "" })
	same(t, groups(index(a, b, c)), "p-yes24:1=yes24:1", "p-yes24:2=yes24:2", "p-melon:3=melon:3")
	same(t, groups(index(a, c)), "p-melon:3=melon:3,yes24:1")
}

// TestARegistrysLinksAreCertain: they join what does not look alike, and never two of its own numbers.
func TestARegistrysLinksAreCertain(t *testing.T) {
	t.Parallel()
	a := seller("melon", "1", "더훅", "나래울극장", "2026-12-01", "2026-12-16")
	k := with(seller("kopis", "PF1", "thehook", "잡월드", "2026-11-30", "2026-12-16"), func(s *Show) { s.Role, s.Links = Registers, []string{"melon:1"} })
	same(t, groups(index(a, k)), "p-kopis:PF1=kopis:PF1,melon:1")
	k2 := with(seller("kopis", "PF2", "더훅", "나래울극장", "2026-12-01", "2026-12-16"), func(s *Show) { s.Role, s.Links = Registers, []string{"melon:1"} })
	same(t, groups(index(k, a, k2)), "p-kopis:PF1=kopis:PF1", "p-kopis:PF2=kopis:PF2,melon:1")
}

func TestANoticeFollowsItsShow(t *testing.T) {
	t.Parallel()
	l := seller("yes24", "1", "시라노", "토월극장", "2024-12-06", "2025-02-23")
	n := with(seller("ticketlink", "n", "시라노", "토월극장", "2025-01-07", "2025-01-26"), func(s *Show) { s.Key, s.Role = "opening", Announces })
	x := index(n)
	same(t, groups(x), "=opening")
	x.Put(l, "")
	same(t, groups(x), "p-yes24:1=opening,yes24:1")
	x.Put(with(l, func(s *Show) { s.Core, s.Gist = "렌트", "렌트" }), "p-yes24:1")
	same(t, groups(x), "=opening", "p-yes24:1=yes24:1")
	led := with(n, func(s *Show) { s.Core, s.Gist, s.Links = "딴이름", "딴이름", []string{"yes24:1"} })
	x.Put(led, "")
	same(t, groups(x), "p-yes24:1=opening,yes24:1")
}

// TestANoticeWithoutAVenueIsNotGivenToEither: its show is on tour in two halls at once.
func TestANoticeWithoutAVenueIsNotGivenToEither(t *testing.T) {
	t.Parallel()
	a := with(seller("yes24", "1", "신데렐라", "용인포은아트홀", "2026-12-05", "2026-12-06"), func(s *Show) { s.Town = "용인시" })
	b := with(seller("melon", "2", "신데렐라", "군포문화예술회관", "2026-12-05", "2026-12-06"), func(s *Show) { s.Town = "군포시" })
	n := with(a, func(s *Show) {
		s.Key, s.Role, s.Venue, s.VenueMain, s.VenueGist, s.Town = "opening", Announces, "", "", "", ""
	})
	same(t, groups(index(a, n)), "p-yes24:1=opening,yes24:1")
	same(t, groups(index(a, b, n)), "p-yes24:1=yes24:1", "p-melon:2=melon:2", "=opening")
	n.Links = []string{"melon:2"}
	same(t, groups(index(a, b, n)), "p-yes24:1=yes24:1", "p-melon:2=melon:2,opening")
}

func TestDecisions(t *testing.T) {
	t.Parallel()
	a := seller("yes24", "1", "시라노", "토월극장", "2024-12-06", "2025-02-23")
	b := with(a, func(s *Show) { s.Key, s.Source, s.Seen = "melon:2", "melon", day0.Add(time.Hour) })
	tour := with(seller("interpark", "3", "시라노", "부산드림", "2025-04-01", "2025-04-20"), func(s *Show) { s.Seen = day0.Add(2 * time.Hour) })
	tour2 := with(tour, func(s *Show) { s.Key, s.Source, s.Seen = "ticketlink:4", "ticketlink", day0.Add(3*time.Hour) })
	x := index(a, b, tour)
	same(t, groups(x), "p-yes24:1=melon:2,yes24:1", "p-interpark:3=interpark:3")

	split := ticket.Decision{ID: "d1", Kind: ticket.OtherShows, Left: []string{"melon:2"}, Right: []string{"yes24:1"}, At: day0}
	x.Decide(split)
	same(t, groups(x), "p-yes24:1=yes24:1", "p-melon:2=melon:2", "p-interpark:3=interpark:3")

	merge := ticket.Decision{ID: "d2", Kind: ticket.SameShow, Left: []string{"interpark:3", "melon:2", "yes24:1"}, At: day0.Add(time.Minute)}
	x.Decide(merge)
	same(t, groups(x), "p-yes24:1=interpark:3,melon:2,yes24:1")

	x.Put(tour2, "") // what fits a member comes in, although it contradicts another that a person put there
	same(t, groups(x), "p-yes24:1=interpark:3,melon:2,ticketlink:4,yes24:1")

	undone := day0.Add(time.Hour)
	merge.UndoneAt = &undone
	x.Decide(merge)
	same(t, groups(x), "p-yes24:1=yes24:1", "p-melon:2=melon:2", "p-interpark:3=interpark:3,ticketlink:4")
	split.UndoneAt = &undone
	x.Decide(split)
	same(t, groups(x), "p-yes24:1=melon:2,yes24:1", "p-interpark:3=interpark:3,ticketlink:4")
}
