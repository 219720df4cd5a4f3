package recommend

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"math"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"

	"ticketmoa/modules/recommend/portrait"
	"ticketmoa/modules/recommend/tfidf"
	"ticketmoa/modules/ticket"
)

// show is what is known of a document beside its vector.
type show struct {
	id       string
	title    string
	core     string // of the title; two of one core are the same show elsewhere, not a similar one
	region   ticket.Region
	genre    ticket.Genre
	tags     []string
	venue    string
	start    ticket.Date
	until    ticket.Date // the last day; "" when no day is known
	over     bool        // ended, or no source names it any more
	cast     []string    // names
	who      []string    // and for each who that is: two artists may have one name
	keywords []portrait.Keyword
	lowest   ticket.Won
	priced   bool
	opens    ticket.Date // the day it starts, or its first opening to come
	mark     uint64      // of all of this and of its text: the same mark is the same show
}

// world is everything that answers are computed from, at one place of the change feed. It never changes.
type world struct {
	today      ticket.Date
	generation int64
	seq        int64 // the place in the feed that it holds
	changes    int   // documents that came, went or changed since all were weighed
	scheme     *portrait.Scheme
	corpus     *tfidf.Corpus
	lists      *tfidf.Lists // nil when only people were asked for so far
	rules      tfidf.Rules
	groups     map[string]int32
	shows      []show         // by document
	byID       map[string]int // the documents that hold
}

func (w *world) alive() int { return len(w.byID) }

// told is a performance as it is compared, and what is known of it beside that.
type told struct {
	show
	portrait.Show
}

func tell(p *ticket.Performance, today ticket.Date) told {
	name, core := Production(p.Title)
	t := told{show: show{id: p.ID, title: name, core: core, region: p.Place.Region, genre: p.Genre, tags: p.Tags,
		venue: p.Place.Name, start: p.Period.Start, until: p.Period.LastDay()}}
	t.over = p.Withdrawn || t.until != "" && t.until < today
	for _, m := range p.Cast {
		if who := cmp.Or(m.ArtistID, m.Name); m.Name != "" && !slices.Contains(t.who, who) {
			t.cast, t.who = append(t.cast, m.Name), append(t.who, who)
		}
	}
	t.lowest, _, t.priced = p.PriceRange()
	t.opens = t.start
	for _, o := range p.Openings {
		if o.OpensAt != nil {
			if day := ticket.DateOf(*o.OpensAt); day >= today && (t.opens == "" || day < t.opens) {
				t.opens = day
			}
		}
	}
	t.Show = portrait.Show{Title: name, Production: t.core, Synopsis: story(p), Cast: t.who, Genre: string(p.Genre), Tags: p.Tags, Venue: p.Place.Name}
	h := fnv.New64a()
	fmt.Fprintf(h, "%q %q %v %q %v %v %q", t.Title, t.Synopsis, t.who, t.tags, t.over, t.priced, []string{string(t.region), string(t.genre), t.venue, string(t.start),
		string(t.until), string(t.opens), fmt.Sprint(t.lowest)})
	t.mark = h.Sum64()
	return t
}

// story is what is told of a show: its synopsis, and the sentences its sellers' pictures tell. Their other lines are facts and
// headings, which every picture has.
func story(p *ticket.Performance) string {
	if p.StripText == "" {
		return p.Synopsis
	}
	var out strings.Builder
	out.WriteString(p.Synopsis)
	for line := range strings.Lines(p.StripText) {
		if utf8.RuneCountInString(line) >= shortestSentence && !strings.ContainsAny(line, "0123456789:%") {
			out.WriteString("\n" + strings.TrimSpace(line))
		}
	}
	return out.String()
}

// shortestSentence is how long a line of a picture must be to tell something, in characters.
const shortestSentence = 16

// part is where neighbours of a show may be: its region; below 0 when it can have none.
func (s *show) part() int32 {
	if s.start == "" {
		return -1
	}
	return int32(slices.Index(ticket.Regions(), s.region))
}

func (s *show) day() int32 {
	if s.start == "" {
		return 0
	}
	return int32(ticket.Date("2000-01-01").DaysUntil(s.start))
}

// read reads the whole catalogue and weighs it.
func (r *Recommender) read(ctx context.Context, today ticket.Date) (*world, error) {
	seq, err := r.Source.LastChange(ctx) // first: what changes while we read comes again through the feed
	if err != nil {
		return nil, fmt.Errorf("read the feed's end: %w", err)
	}
	var all []told
	err = r.Source.EachPerformance(ctx, func(p *ticket.Performance) error {
		all = append(all, tell(p, today))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read performances: %w", err)
	}
	slices.SortFunc(all, func(a, b told) int { // the order Nearest wants, and the same for the same catalogue
		return cmp.Or(cmp.Compare(a.part(), b.part()), cmp.Compare(a.day(), b.day()), strings.Compare(a.id, b.id))
	})
	w := &world{today: today, seq: seq, groups: map[string]int32{}, byID: make(map[string]int, len(all)), rules: tfidf.Rules{Window: window}}
	portraits := make([]portrait.Show, len(all))
	for i := range all {
		portraits[i] = all[i].Show
	}
	w.scheme, w.corpus = portrait.Learn(portrait.Shipped, portraits)
	for i := range all {
		w.note(&all[i])
	}
	return w, nil
}

// note takes what is known of the next document.
func (w *world) note(t *told) {
	group := int32(-1)
	if t.core != "" {
		g, ok := w.groups[t.core]
		if !ok {
			g = int32(len(w.groups))
			w.groups[t.core] = g
		}
		group = g
	}
	t.keywords = w.scheme.Keywords(&t.Show)
	w.byID[t.id] = len(w.shows)
	w.shows = append(w.shows, t.show)
	h := fnv.New64a()
	h.Write([]byte(t.id))
	r := &w.rules
	r.Part, r.Day, r.Barred = append(r.Part, t.part()), append(r.Day, t.day()), append(r.Barred, t.over)
	r.Group, r.Tie = append(r.Group, group), append(r.Tie, h.Sum64())
}

func (w *world) compute() { w.lists = w.corpus.Nearest(most, w.rules, runtime.GOMAXPROCS(0)) }

// change is a performance that is not what it was: what it is now, or nil when it is no more.
type change struct {
	id  string
	now *told
}

// news reads what changed since a world was read, and how far that is.
func (r *Recommender) news(ctx context.Context, w *world) (all []change, seq int64, err error) {
	seq = w.seq
	seen := map[string]bool{}
	for {
		some, err := r.Source.Changes(ctx, seq, 500)
		if err != nil {
			return nil, 0, fmt.Errorf("read the feed: %w", err)
		}
		if len(some) == 0 {
			return all, seq, nil
		}
		for _, ch := range some {
			if ch.Entity == "performance" && !seen[ch.EntityID] {
				if all, err = r.judge(ctx, w, ch.EntityID, seen, all); err != nil {
					return nil, 0, err
				}
			}
		}
		seq = some[len(some)-1].Seq
	}
}

// judge adds what became of a performance, if that makes a difference: an id that leads to another's is no show any more.
func (r *Recommender) judge(ctx context.Context, w *world, id string, seen map[string]bool, all []change) ([]change, error) {
	seen[id] = true
	p, err := r.Source.Performance(ctx, id)
	gone := errors.Is(err, r.Missing)
	if err != nil && !gone {
		return nil, fmt.Errorf("read performance %s: %w", id, err)
	}
	doc, known := w.byID[id]
	if gone || p.ID != id {
		if known {
			all = append(all, change{id: id})
		}
		if gone || seen[p.ID] {
			return all, nil
		}
		id = p.ID
		seen[id] = true
		doc, known = w.byID[id]
	}
	now := tell(p, w.today)
	if !known || w.shows[doc].mark != now.mark {
		all = append(all, change{id: id, now: &now})
	}
	return all, nil
}

// apply makes the world what it is after some changes, and names the documents whose lists are others. The world it was
// copied from stays as it was.
func (w *world) apply(news []change) (changed []int) {
	w.byID, w.groups = maps.Clone(w.byID), maps.Clone(w.groups)
	var gone []int
	var added []portrait.Show
	first := len(w.shows)
	for _, ch := range news {
		if doc, ok := w.byID[ch.id]; ok {
			gone = append(gone, doc)
			delete(w.byID, ch.id)
		}
		if ch.now != nil {
			added = append(added, ch.now.Show)
			w.note(ch.now)
		}
	}
	w.corpus = w.scheme.Extend(w.corpus.Without(gone...), added)
	w.lists, changed = w.lists.Updated(w.corpus, w.rules, first)
	for _, d := range gone { // its row goes, whether it had neighbours or not
		if !slices.Contains(changed, d) {
			changed = append(changed, d)
		}
	}
	return changed
}

// faint is the score below which two shows share nothing that anybody would see.
const faint = 0.02

// neighbours are a document's, with reasons.
func (w *world) neighbours(doc int) []Neighbour {
	var out []Neighbour
	for _, h := range w.lists.Of(doc) {
		other := &w.shows[h.Doc]
		if score := rounded(h.Score); score >= faint {
			out = append(out, Neighbour{ID: other.id, Score: score, Reasons: w.reasons(&w.shows[doc], other), Until: other.until})
		}
	}
	return out
}

func rounded(f float32) float64 { return math.Round(float64(f)*10000) / 10000 }
