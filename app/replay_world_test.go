package app

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ticketmoa/modules/sellers/sellerstest"
	"ticketmoa/modules/ticket"
)

// firstDay is when the replayed sites are crawled first; they have been there for two months.
const firstDay = ticket.Date("2024-12-02")

// staged is a show as a site of the replay knows it: the truth that its pages tell.
type staged struct {
	code                  string
	title, venue, area    string
	genre                 int // which of the site's lists it stands in
	start, end            ticket.Date
	price                 int    // of the best seats; the others cost two thirds
	opens                 string // 2024-11-25T15:00
	over                  bool   // the seller says that the sale is over
	unlisted, gone        bool   // no list names it; its page is not there
	changed               ticket.Date
	notice, noticeAt, reg string // of the board: what it is called and when it opens
}

// replayed is a site on one day. A copy of it is the same site.
type replayed struct {
	day   ticket.Date
	shows []staged
	rest  []staged // what it will list
	seed  uint64
	step  int
}

const genresOfReplay = 3

var reRow = regexp.MustCompile(`(?s)<db>(.*?)</db>`)

// repertoire are titles, halls and provinces as captured lists of KOPIS name them, each title once.
func repertoire(t *testing.T) (out []staged) {
	t.Helper()
	seen := map[string]bool{}
	var text strings.Builder
	for n := 18; n <= 26; n++ {
		text.Write(sellerstest.File(t, "captures", "kopis", "pblprfr_lists_2024-10", fmt.Sprintf("page%d.xml", n)))
	}
	text.Write(sellerstest.File(t, "captures", "kopis", "pblprfr_list_sac_2013-2023.xml"))
	for _, m := range reRow.FindAllStringSubmatch(text.String(), -1) {
		field := func(name string) string {
			_, rest, _ := strings.Cut(m[1], "<"+name+">")
			v, _, _ := strings.Cut(rest, "</"+name+">")
			return strings.NewReplacer("&lt;", "", "&gt;", "", "&amp;", "", "<", "", ">", "", "'", "", `"`, "", "&", "", "]]", "", "![CDATA[", "").Replace(strings.TrimSpace(v))
		}
		s := staged{title: field("prfnm"), venue: field("fcltynm"), area: cmp.Or(field("area"), "서울특별시")}
		if len([]rune(s.title)) < 8 || s.venue == "" || seen[s.title] || strings.ContainsFunc(s.title, func(r rune) bool { return r == '[' || r == '(' }) {
			continue
		}
		seen[s.title] = true
		out = append(out, s)
	}
	if len(out) < 200 {
		t.Fatalf("%d titles in the captured lists", len(out))
	}
	return out
}

func (w *replayed) rnd() *rand.Rand {
	w.step++
	return rand.New(rand.NewPCG(w.seed, uint64(w.step)))
}

// newReplayed is a site with size shows on a day.
func newReplayed(t *testing.T, seed uint64, day ticket.Date, size int) *replayed {
	t.Helper()
	w := &replayed{day: day, rest: repertoire(t), seed: seed}
	r := w.rnd()
	r.Shuffle(len(w.rest), func(i, j int) { w.rest[i], w.rest[j] = w.rest[j], w.rest[i] })
	for range size {
		w.enlist(r, -r.IntN(40))
	}
	return w
}

// enlist lists one more show, which begins some days from today.
func (w *replayed) enlist(r *rand.Rand, in int) {
	if len(w.rest) == 0 {
		return
	}
	s := w.rest[0]
	w.rest = w.rest[1:]
	n := len(w.shows)
	s.code = fmt.Sprint(50100 + 7*n)
	s.genre = min(r.IntN(12), genresOfReplay-1) // the last holds most of them, on two pages
	s.start = w.day.AddDays(in + r.IntN(30))
	s.end = max(s.start, w.day).AddDays(2 + r.IntN(80))
	s.price = 1000 * (20 + 3*r.IntN(40))
	s.opens = fmt.Sprintf("%sT%02d:00", w.day.AddDays(-20+r.IntN(30)), 10+r.IntN(5))
	s.notice = s.title + " 티켓오픈 안내"
	s.noticeAt = fmt.Sprintf("%s %02d:00", strings.ReplaceAll(string(w.day.AddDays(2+r.IntN(40))), "-", "."), 10+r.IntN(9))
	s.reg = strings.ReplaceAll(string(w.day), "-", ".") + " 10:00"
	s.changed = w.day
	w.shows = append(w.shows, s)
}

func (w *replayed) clone() *replayed {
	c := *w
	c.shows, c.rest = slices.Clone(w.shows), slices.Clone(w.rest)
	return &c
}

func (w *replayed) find(code string) *staged {
	i := slices.IndexFunc(w.shows, func(s staged) bool { return s.code == code })
	if i < 0 {
		return nil
	}
	return &w.shows[i]
}

// listed are the shows of a list; genre -1 is all of them.
func (w *replayed) listed(genre int) (out []staged) {
	for _, s := range w.shows {
		if !s.unlisted && (genre < 0 || s.genre == genre) {
			out = append(out, s)
		}
	}
	return out
}

// tomorrow is what sellers do every day: shows come, end and leave the lists, a few change their price or their dates, one
// is found missing now and then.
func (w *replayed) tomorrow() {
	w.day = w.day.AddDays(1)
	r := w.rnd()
	for i := range w.shows {
		s := &w.shows[i]
		switch {
		case s.unlisted:
			s.gone = s.gone || s.end.AddDays(5) < w.day
		case s.end < w.day:
			s.unlisted = true
		case r.IntN(25) == 0: // a little dearer or cheaper
			s.price = s.price*(90+r.IntN(21))/100/1000*1000 + 1000
			s.changed = w.day
		case r.IntN(50) == 0: // goes on for longer
			s.end, s.changed = s.end.AddDays(7+r.IntN(14)), w.day
		case r.IntN(120) == 0: // is put off by some days
			s.start, s.end, s.changed = s.start.AddDays(3), s.end.AddDays(5), w.day
		case r.IntN(200) == 0: // a much better offer
			s.price, s.changed = max(9000, s.price/3/1000*1000), w.day
		case r.IntN(1000) == 0: // its page cannot be found for ever
			s.gone = true
		}
	}
	for n := len(w.listed(-1)); n < 40 || n < 44 && r.IntN(2) == 0; n++ {
		w.enlist(r, r.IntN(20))
	}
}
