package popular

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

const (
	// freshFor is how long merges of performances may go unseen.
	freshFor   = time.Minute
	maxDays    = 16  // kept in memory
	maxAnswers = 256 // kept in memory
)

// Query asks for a ranking; zero fields do not narrow.
type Query struct {
	Day     ticket.Date // "" is the latest there is
	Age     ticket.AgeBand
	Gender  ticket.Gender
	Genre   ticket.Genre
	Regions []ticket.Region // any of them
	Limit   int             // 0 is all
}

// narrowed tells whether the answer speaks of a group of people that may be too small.
func (q Query) narrowed() bool { return q.Age != "" || q.Gender != "" }

// Ranked is a row of an answer.
type Ranked struct {
	Rank          int
	Previous      int // rank of the day before under the same filter; 0 when it had none
	PerformanceID string
	Views         int // people
	Clicks        []Click
}

// Answer is a ranking as it was asked for.
type Answer struct {
	Day    ticket.Date // "" when there is no ranking at all
	Sample int         // people of the age and gender asked for who viewed anything that day; 0 when fewer than five of a group
	Total  int         // rows without the limit
	// Compared tells that there is a ranking of the day before, so that a rank without a previous one is new.
	Compared bool
	Rows     []Ranked
}

// view is a generation in memory, merged performances joined.
type view struct {
	head  Head
	at    time.Time // when merges were looked up
	names []string
	last  []int32 // row → end of its cells
	parts [][]int // row → ends of the cells of those that were merged into it, from the row's first on; nil for one alone
	cells []packed
	click [][]Click
}

type packed struct {
	code code
	n    int32
}

type answerKey struct {
	day, before *view
	age         ticket.AgeBand
	gender      ticket.Gender
	genre       ticket.Genre
	regions     string
}

// Days lists the days that have a ranking, latest first.
func (p *Popular) Days(ctx context.Context, limit int) ([]ticket.Date, error) {
	var heads []Head
	err := p.col.Find(ctx, store.Query{Where: []store.Cond{{Field: "kind", Op: store.Eq, Value: headKind}}, OrderBy: "day", Desc: true, Limit: limit}, &heads)
	if err != nil {
		return nil, fmt.Errorf("list the days of rankings: %w", err)
	}
	var out []ticket.Date
	for _, h := range heads {
		out = append(out, h.Day)
	}
	return out, nil
}

// Top answers a query. A day without a ranking, or without one yet, has no rows.
func (p *Popular) Top(ctx context.Context, q Query) (Answer, error) {
	if q.Day == "" {
		days, err := p.Days(ctx, 1)
		if err != nil || len(days) == 0 {
			return Answer{}, err
		}
		q.Day = days[0]
	}
	day, err := p.view(ctx, q.Day)
	if err != nil {
		return Answer{}, err
	}
	before, err := p.view(ctx, q.Day.AddDays(-1))
	if err != nil {
		return Answer{}, err
	}
	var regions []string
	for _, r := range q.Regions {
		regions = append(regions, string(r))
	}
	slices.Sort(regions)
	key := answerKey{day, before, q.Age, q.Gender, q.Genre, strings.Join(regions, ",")}
	p.mu.Lock()
	rows, known := p.answers[key]
	p.mu.Unlock()
	if !known {
		rows = compare(day.rank(q), before.rank(q))
		p.mu.Lock()
		if len(p.answers) >= maxAnswers {
			clear(p.answers)
		}
		p.answers[key] = rows
		p.mu.Unlock()
	}
	out := Answer{Day: q.Day, Sample: day.head.sample(q), Total: len(rows), Rows: rows, Compared: before.head.Generation > 0}
	if q.Limit > 0 && len(rows) > q.Limit {
		out.Rows = rows[:q.Limit:q.Limit]
	}
	return out, nil
}

// Recent adds up the views of each performance over the latest days that have a ranking, so many at most.
func (p *Popular) Recent(ctx context.Context, days int) (map[string]int64, error) {
	list, err := p.Days(ctx, days)
	if err != nil {
		return nil, err
	}
	out := map[string]int64{}
	for _, day := range list {
		a, err := p.Top(ctx, Query{Day: day})
		if err != nil {
			return nil, err
		}
		for _, r := range a.Rows {
			out[r.PerformanceID] += int64(r.Views)
		}
	}
	return out, nil
}

// compare adds the ranks of the day before.
func compare(rows, before []Ranked) []Ranked {
	ranks := make(map[string]int, len(before))
	for _, r := range before {
		ranks[r.PerformanceID] = r.Rank
	}
	for i := range rows {
		rows[i].Previous = ranks[rows[i].PerformanceID]
	}
	return rows
}

// sample is the number of people the answer speaks of.
func (h *Head) sample(q Query) int {
	for _, p := range h.People {
		if p.Age == cmp.Or(q.Age, All) && p.Gender == cmp.Or(q.Gender, All) && (p.N >= fewest || !q.narrowed()) {
			return p.N
		}
	}
	return 0
}

// view is the day's current generation, from memory when it is there and still current.
func (p *Popular) view(ctx context.Context, day ticket.Date) (*view, error) {
	h, err := p.head(ctx, day)
	if err != nil {
		return nil, err
	}
	now := p.deps.Now()
	p.mu.Lock()
	v := p.days[day]
	p.mu.Unlock()
	if v != nil && v.head.Run == h.Run && now.Sub(v.at) < freshFor && !now.Before(v.at) {
		return v, nil
	}
	h, rows, err := p.load(ctx, day)
	if err != nil {
		return nil, err
	}
	if rows, err = p.join(ctx, rows); err != nil {
		return nil, err
	}
	v = newView(h, rows, now)
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.days) >= maxDays {
		clear(p.days)
	}
	clear(p.answers) // they hold on to old views
	p.days[day] = v
	return v, nil
}

// join makes one row of performances that were merged.
func (p *Popular) join(ctx context.Context, rows []Row) ([]Row, error) {
	ids := make([]string, len(rows))
	for i := range rows {
		ids[i] = rows[i].PerformanceID
	}
	to, err := p.deps.Catalogue.Successors(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("ask which performances were merged: %w", err)
	}
	if len(to) == 0 {
		return rows, nil
	}
	at := map[string]int{}
	var out []Row
	for _, r := range rows {
		if id, merged := to[r.PerformanceID]; merged {
			r.PerformanceID = id
		}
		i, there := at[r.PerformanceID]
		if !there {
			at[r.PerformanceID] = len(out)
			out = append(out, r)
			continue
		}
		if out[i].parts == nil {
			out[i].parts = []int{len(out[i].Cells)}
		}
		out[i].parts = append(out[i].parts, len(out[i].Cells)+len(r.Cells))
		out[i].Views += r.Views
		out[i].Cells = append(slices.Clone(out[i].Cells), r.Cells...)
		out[i].Clicks = addClicks(out[i].Clicks, r.Clicks)
	}
	return out, nil
}

func addClicks(a, b []Click) []Click {
	out := slices.Clone(a)
	for _, c := range b {
		if i := slices.IndexFunc(out, func(o Click) bool { return o.Seller == c.Seller }); i >= 0 {
			out[i].N += c.N
			continue
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(x, y Click) int { return cmp.Compare(x.Seller, y.Seller) })
	return out
}

func newView(h Head, rows []Row, at time.Time) *view {
	w := newWords()
	v := &view{head: h, at: at}
	for i := range rows {
		v.names = append(v.names, rows[i].PerformanceID)
		v.click = append(v.click, rows[i].Clicks)
		for _, c := range rows[i].Cells {
			v.cells = append(v.cells, packed{w.code(c), int32(c.N)})
		}
		v.last = append(v.last, int32(len(v.cells)))
		v.parts = append(v.parts, rows[i].parts)
	}
	return v
}

// mask has a bit for each of the wanted values; all of them when none is wanted, none for a value that stands in no list.
func mask[T ~string](list []T, wanted ...T) uint32 {
	var m uint32
	for _, s := range wanted {
		if s == "" {
			return anything
		}
		m |= (1 << place(list, string(s))) &^ 1
	}
	if len(wanted) == 0 {
		return anything
	}
	return m
}

// rank orders the rows under a filter.
func (v *view) rank(q Query) []Ranked {
	w := newWords()
	f := filter{age: mask(w.ages, q.Age), gender: mask(w.genders, q.Gender), genre: mask(w.genres, q.Genre), region: mask(w.regions, q.Regions...)}
	least := 1
	if q.narrowed() {
		least = fewest
	}
	var out []Ranked
	start := int32(0)
	for i, end := range v.last {
		n := f.count(v.cells[start:end], v.parts[i], least)
		start = end
		if n >= least {
			r := Ranked{PerformanceID: v.names[i], Views: n}
			if !q.narrowed() {
				r.Clicks = v.click[i]
			}
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b Ranked) int {
		return cmp.Or(cmp.Compare(b.Views, a.Views), cmp.Compare(a.PerformanceID, b.PerformanceID))
	})
	for i := range out {
		out[i].Rank = i + 1
	}
	return out
}

// count adds up the cells that match. Of performances that were merged each is held against least for itself: joined, groups
// too small to be shown would show.
func (f filter) count(cells []packed, parts []int, least int) (n int) {
	if parts == nil {
		parts = []int{len(cells)}
	}
	start := 0
	for _, end := range parts {
		part := 0
		for _, c := range cells[start:end] {
			if f.match(c.code) {
				part += int(c.n)
			}
		}
		start = end
		if part >= least {
			n += part
		}
	}
	return n
}
