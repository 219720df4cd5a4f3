package demo

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"ticketmoa/modules/ticket"
)

// show is one performance of the catalogue, with its code at every seller that has it ("" where it is not).
type show struct {
	n         int
	sort      sort
	label     string // "뮤지컬"; "" when the title is a phrase of its own
	name      string // the show's own name, or the phrase
	inner     string // what stands in brackets behind a phrase
	tour      bool
	city      string
	room      room
	start     ticket.Date
	end       ticket.Date
	openRun   bool
	opens     time.Time
	prices    []ticket.Price
	minutes   int
	pause     int
	age       age
	cast      []ticket.CastMember
	synopsis  string
	exclusive bool
	visit     bool
	styles    [3]int // how each of the three sites writes the title
	rounds    int    // of its ticket openings

	ticketlink, yes24, kopis, interpark, melon string
}

// sort is what the sites file a show under.
type sort int

const (
	musical sort = iota
	play
	concert
	classical
	dance
	traditional
	family
	magic
	exhibition
)

// filing is how each site names a sort.
type filing struct {
	rooms      string // kinds of rooms it plays in
	kopis      string // genrenm
	yes24Genre string
	yes24Crumb []string
	category   string // Ticketlink's, level 2; exhibitions are level 1
	category2  string // its name
}

func filings() map[sort]filing {
	return map[sort]filing{
		musical:     {"b", "뮤지컬", "15457", []string{"뮤지컬", "창작"}, "16", "뮤지컬"},
		play:        {"s", "연극", "15458", []string{"연극", "대학로"}, "15", "연극"},
		concert:     {"l", "대중음악", "15456", []string{"콘서트", "국내뮤지션"}, "14", "콘서트"},
		classical:   {"c", "서양음악(클래식)", "15459", []string{"클래식/국악/무용", "클래식"}, "18", "클래식/무용"},
		dance:       {"b", "무용(서양/한국무용)", "15459", []string{"클래식/국악/무용", "발레/무용"}, "18", "클래식/무용"},
		traditional: {"c", "한국음악(국악)", "15459", []string{"클래식/국악/무용", "국악"}, "18", "클래식/무용"},
		family:      {"b", "뮤지컬", "999", []string{"아동/가족", "뮤지컬"}, "85", "아동/가족"},
		magic:       {"l", "서커스/마술", "15460", []string{"전시/행사", "체험/행사"}, "85", "아동/가족"},
		exhibition:  {"e", "", "15460", []string{"전시/행사", "전시"}, "11", "전시"},
	}
}

// catalogue is everything the sites know. It never changes; what differs with the hours is a function of both.
type catalogue struct {
	now       time.Time
	today     ticket.Date
	filings   map[sort]filing
	halls     []*hall
	shows     []*show
	notices   []*notice // of Ticketlink
	elsewhere []*notice // of the other sellers' boards
	matches   []*game
	at        map[string]map[string]*show // site → code → show
	taken     map[string]bool             // titles given away
}

// plan says how many shows are where: t Ticketlink, y YES24, i NOL (Interpark), m Melon, k KOPIS.
var plan = []struct {
	count int
	sites string
}{{28, "tyk"}, {18, "tki"}, {42, "yki"}, {20, "ty"}, {40, "kim"}, {48, "ki"}, {22, "k"}, {84, "y"}, {16, "t"}}

func newCatalogue(now time.Time) *catalogue {
	c := &catalogue{now: now, today: ticket.DateOf(now), filings: filings(), halls: buildHalls(), taken: map[string]bool{},
		at: map[string]map[string]*show{ticketlinkSite: {}, yes24Site: {}, kopisSite: {}, interparkSite: {}, melonSite: {}}, matches: fixtures(ticket.DateOf(now))}
	rng := rand.New(rand.NewPCG(20260401, 17)) //nolint:gosec // a catalogue that is the same each time, not a secret
	b := &builder{c: c, rng: rng, words: newWords()}
	b.people()
	for _, p := range plan {
		for range p.count {
			b.add(b.sort(p.sites), p.sites)
		}
	}
	b.special()
	for _, s := range c.shows {
		b.codes(s)
	}
	b.notices()
	b.announceElsewhere()
	return c
}

// builder makes shows. Everything random comes from rng, in one order.
type builder struct {
	c     *catalogue
	rng   *rand.Rand
	words words
	names []string
	sites []string // by show
}

func (b *builder) pick(list []string) string { return list[b.rng.IntN(len(list))] }

// between is a number from lo to hi, both included.
func (b *builder) between(lo, hi int) int { return lo + b.rng.IntN(hi-lo+1) }

// people makes the names performers are drawn from.
func (b *builder) people() {
	for _, s := range b.words.surnames {
		for _, g := range b.words.given {
			b.names = append(b.names, s+g)
		}
	}
	b.rng.Shuffle(len(b.names), func(i, j int) { b.names[i], b.names[j] = b.names[j], b.names[i] })
	b.names = b.names[:260]
}

func (b *builder) person() string { return b.pick(b.names) }

// kinds a site's shows are drawn from; KOPIS knows no exhibitions.
func (b *builder) sort(sites string) sort {
	all := []sort{musical, musical, musical, musical, play, play, play, play, play, concert, concert, concert, concert, concert,
		classical, classical, classical, classical, dance, dance, traditional, traditional, family, family, family, magic}
	if !strings.Contains(sites, "k") {
		all = append(all, exhibition, exhibition, exhibition)
	}
	return all[b.rng.IntN(len(all))]
}

func (b *builder) add(k sort, sites string) *show {
	s := &show{sort: k, styles: [3]int{b.rng.IntN(6), b.rng.IntN(6), b.rng.IntN(6)}}
	b.title(s)
	b.place(s)
	b.dates(s)
	b.facts(s)
	s.exclusive = len(sites) == 1 && sites != "k" && b.rng.IntN(4) == 0
	b.keep(s, sites)
	return s
}

func (b *builder) keep(s *show, sites string) {
	s.n = len(b.c.shows)
	b.c.shows = append(b.c.shows, s)
	b.sites = append(b.sites, sites)
}

func (b *builder) place(s *show) {
	var fit, home []room
	for _, h := range b.c.halls {
		for _, r := range h.rooms {
			if strings.Contains(r.kinds, b.c.filings[s.sort].rooms) {
				if fit = append(fit, r); h.region == "서울" {
					home = append(home, r)
				}
			}
		}
	}
	if b.rng.IntN(5) < 2 {
		fit = home
	}
	s.room = fit[b.rng.IntN(len(fit))]
	s.city = s.room.hall.city
}

// dates lays a run around today: under way, on sale, opening in the next three weeks, or opened in the last two. Every
// run has a day within the ninety from today that KOPIS is asked for.
func (b *builder) dates(s *show) {
	at := func(d ticket.Date) time.Time {
		return d.Time().Add(time.Duration([]int{10, 11, 14, 14, 16, 18, 20}[b.rng.IntN(7)]) * time.Hour)
	}
	today := b.c.today
	days := b.length(s.sort)
	switch b.rng.IntN(5) {
	case 0, 1:
		if days > 5 {
			s.start = today.AddDays(-b.between(1, 45))
			s.end = today.AddDays(b.between(4, 70))
			s.opens = at(s.start.AddDays(-b.between(25, 45)))
			break
		}
		fallthrough
	case 2:
		s.start = today.AddDays(b.between(3, 45))
		s.opens = at(today.AddDays(-b.between(14, 40)))
	case 3:
		day := b.between(1, 20)
		s.opens = at(today.AddDays(day))
		s.start = today.AddDays(day + b.between(14, 55))
	default:
		s.opens = at(today.AddDays(-b.between(1, 13)))
		s.start = today.AddDays(b.between(10, 60))
	}
	if s.end == "" {
		s.end = s.start.AddDays(days)
	}
	if days > 25 && s.sort != exhibition {
		s.rounds = 1 + s.start.DaysUntil(s.end)/21
	} else {
		s.rounds = 1
	}
}

func (b *builder) length(k sort) int {
	switch k {
	case musical:
		return b.between(18, 75)
	case play:
		return b.between(9, 60)
	case family:
		return b.between(1, 30)
	case exhibition:
		return b.between(40, 100)
	case magic:
		return b.between(1, 9)
	case dance:
		return b.between(0, 3)
	case concert:
		return b.rng.IntN(3)
	case classical, traditional:
	}
	return b.rng.IntN(2)
}

// special makes what a catalogue holds one or two of: tours, a return season, an open run, a free show, one without prices.
func (b *builder) special() {
	for i, k := range []sort{musical, concert, play, concert, dance, musical} {
		sites := []string{"tyk", "tki", "yki", "kim", "y", "yki"}[i]
		first := b.add(k, sites)
		first.tour = true
		cities := []string{first.city}
		for len(cities) < 4 {
			next := *first
			b.place(&next)
			if slices.Contains(cities, next.city) {
				continue
			}
			cities = append(cities, next.city)
			shift := 4 * (len(cities) - 1)
			next.start, next.end = first.start.AddDays(shift), first.end.AddDays(shift)
			b.keep(&next, sites)
		}
	}
	again := *b.first(musical, "yki")
	again.start = again.end.AddDays(30)
	if late := b.c.today.AddDays(80); again.start > late {
		again.start = late
	}
	again.end = again.start.AddDays(24)
	b.keep(&again, "yki")
	run := b.first(play, "tki")
	run.openRun, run.start, run.end = true, b.c.today.AddDays(-400), b.c.today.AddDays(60)
	run.opens = run.start.AddDays(-30).Time().Add(14 * time.Hour)
	run.rounds = 0
	b.first(traditional, "yki").prices = []ticket.Price{{Grade: "전석", Won: 0}}
	b.first(concert, "y").prices = nil
}

// first is the first show of a sort sold at exactly these sites, made when there is none.
func (b *builder) first(k sort, sites string) *show {
	for i, s := range b.c.shows {
		if s.sort == k && b.sites[i] == sites && !s.tour && s.end <= b.c.today.AddDays(50) {
			return s
		}
	}
	for {
		if s := b.add(k, sites); s.end <= b.c.today.AddDays(50) {
			return s
		}
	}
}

// yes24From is the first of the codes of the simulated YES24.
const yes24From = 970_001

// codes gives a show its code at every site; they lie beyond what the real sites have given away.
func (b *builder) codes(s *show) {
	for _, site := range b.sites[s.n] {
		switch site {
		case 't':
			s.ticketlink = strconv.Itoa(980_001 + s.n)
			b.c.at[ticketlinkSite][s.ticketlink] = s
		case 'y':
			s.yes24 = strconv.Itoa(yes24From + s.n)
			b.c.at[yes24Site][s.yes24] = s
		case 'k':
			s.kopis = "PF9" + pad(s.n+1, 5)
			b.c.at[kopisSite][s.kopis] = s
		case 'i':
			s.interpark = "99" + pad(s.n+1, 6)
			if s.n%9 == 0 {
				s.interpark = "L9" + pad(s.n+1, 6)
			}
			b.c.at[interparkSite][s.interpark] = s
		case 'm':
			s.melon = strconv.Itoa(960_001 + s.n)
			b.c.at[melonSite][s.melon] = s
		}
	}
}
