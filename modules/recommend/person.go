package recommend

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"ticketmoa/modules/hangul"
	"ticketmoa/modules/recommend/tfidf"
	"ticketmoa/modules/ticket"
)

// Kind is what a person did with a performance.
type Kind string

// The kinds of things people do, the least telling first.
const (
	Viewed  Kind = "viewed"
	Clicked Kind = "clicked" // left for a seller
	Wished  Kind = "wished"
)

// Kinds lists every kind. It returns a fresh slice.
func Kinds() []Kind { return []Kind{Viewed, Clicked, Wished} }

// says is how much a thing done says of what somebody likes. It says half of that after halfLife.
func (k Kind) says() float64 {
	switch k {
	case Clicked:
		return 2
	case Wished:
		return 3
	}
	return 1
}

const (
	halfLife = 21 * 24 * time.Hour
	// MaxHistory is how much of what somebody did is looked at: the newest.
	MaxHistory = 200
)

// Did is one thing a person did.
type Did struct {
	PerformanceID string
	Kind          Kind
	At            time.Time // zero is now
}

// Ask is what one person is to be recommended. Zero fields do not narrow.
type Ask struct {
	List      string // which list this is for: "api", "recent"
	History   []Did
	Dismissed []string
	Regions   []ticket.Region
	Genres    []ticket.Genre
	From, To  ticket.Date // the run shares a day with these
	PriceMax  ticket.Won
	Age       ticket.AgeBand
	Gender    ticket.Gender
	Limit     int
	OnlyLike  bool // nothing that is only popular or soon
}

// Pick is a performance recommended to a person.
type Pick struct {
	ID      string
	Score   float64 // cosine with what the person did; 0 when it is recommended for another reason
	Reasons []string
}

// Answer is a list for a person.
type Answer struct {
	ID    string // of this list: clicks are counted by it
	Picks []Pick
}

// Crowd is people and what they look for.
type Crowd struct {
	Age     ticket.AgeBand
	Gender  ticket.Gender
	Genre   ticket.Genre
	Regions []ticket.Region
}

// Board knows what many people look at.
type Board interface {
	// Most are ids, the most viewed first; none when too little is known of such people.
	Most(ctx context.Context, c Crowd) ([]string, error)
}

// For recommends to one person: first what is like what they did, then what people like them look at, then what is soon.
// It never holds what they did or dismissed, in any of its runs, nothing that has ended, and one of a production.
func (r *Recommender) For(ctx context.Context, a Ask) (Answer, error) {
	w, err := r.ready(ctx)
	if err != nil {
		return Answer{}, err
	}
	c := choice{w: w, ask: &a, today: ticket.DateOf(r.Now()), taken: map[int32]bool{}, out: map[int]bool{}, like: map[int]int{}}
	docs, weights, err := r.liked(ctx, &c)
	if err != nil {
		return Answer{}, err
	}
	c.alike(docs, weights)
	if !a.OnlyLike {
		if err := r.popular(ctx, &c); err != nil {
			return Answer{}, err
		}
		c.soon()
	}
	ans := Answer{ID: rand.Text(), Picks: c.picks}
	r.handed.keep(a.List+":"+ans.ID, c.picks)
	return ans, nil
}

// ready is the world; when no run has made one yet, it is read now, without waiting for a run that is at work.
func (r *Recommender) ready(ctx context.Context) (*world, error) {
	if w := r.current.Load(); w != nil {
		return w, nil
	}
	r.reading.Lock()
	defer r.reading.Unlock()
	if w := r.current.Load(); w != nil {
		return w, nil
	}
	w, err := r.read(ctx, ticket.DateOf(r.Now()))
	if err != nil {
		return nil, err
	}
	r.current.CompareAndSwap(nil, w)
	return w, nil
}

// resolve is the document of an id, or of the performance that it leads to now; ok is false for one nobody knows.
func (r *Recommender) resolve(ctx context.Context, w *world, id string) (doc int, ok bool, err error) {
	if doc, ok = w.byID[id]; ok || id == "" || len(id) > 128 {
		return doc, ok, nil
	}
	p, err := r.Source.Performance(ctx, id)
	if errors.Is(err, r.Missing) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("read performance %s: %w", id, err)
	}
	doc, ok = w.byID[p.ID]
	return doc, ok, nil
}

// liked are the documents of what somebody did, with how much each says now. They and what was dismissed are out.
func (r *Recommender) liked(ctx context.Context, c *choice) (docs []int, weights []float64, err error) {
	for _, id := range c.ask.Dismissed[:min(len(c.ask.Dismissed), MaxHistory)] {
		doc, ok, err := r.resolve(ctx, c.w, id)
		if err != nil {
			return nil, nil, err
		}
		if ok {
			c.leave(doc)
		}
	}
	history := slices.Clone(c.ask.History)
	slices.SortStableFunc(history, func(a, b Did) int { return cmp.Or(b.At.Compare(a.At)) })
	sums := map[int]float64{}
	for _, did := range history[:min(len(history), MaxHistory)] {
		doc, ok, err := r.resolve(ctx, c.w, did.PerformanceID)
		if err != nil {
			return nil, nil, err
		}
		if !ok {
			continue
		}
		age := time.Duration(0)
		if !did.At.IsZero() {
			age = max(0, r.Now().Sub(did.At))
		}
		sums[doc] += did.Kind.says() * math.Exp2(-float64(age)/float64(halfLife))
		c.leave(doc)
	}
	for _, doc := range slices.Sorted(maps.Keys(sums)) {
		docs, weights = append(docs, doc), append(weights, sums[doc])
	}
	return docs, weights, nil
}

// choice is a list being made.
type choice struct {
	w     *world
	ask   *Ask
	today ticket.Date
	taken map[int32]bool // productions that are in the list or out of it
	out   map[int]bool   // and documents
	picks []Pick
	like  map[int]int // how many picks are like each of what was looked at
}

// leave takes a show, in all its runs, out of what may be recommended.
func (c *choice) leave(doc int) {
	c.out[doc] = true
	if g := c.w.rules.Group[doc]; g >= 0 {
		c.taken[g] = true
	}
}

func (c *choice) full() bool { return len(c.picks) >= c.ask.Limit }

// suits tells whether a document may be in the list, as far as the list is made.
func (c *choice) suits(doc int) bool {
	s, a := &c.w.shows[doc], c.ask
	switch {
	case s.over || s.until != "" && s.until < c.today || c.out[doc] || c.w.byID[s.id] != doc:
		return false
	case c.w.rules.Group[doc] >= 0 && c.taken[c.w.rules.Group[doc]]:
		return false
	case len(a.Regions) > 0 && !slices.Contains(a.Regions, s.region), len(a.Genres) > 0 && !slices.Contains(a.Genres, s.genre):
		return false
	case a.PriceMax > 0 && (!s.priced || s.lowest > a.PriceMax):
		return false
	case a.From != "" && (s.until == "" || s.until < a.From), a.To != "" && (s.start == "" || s.start > a.To):
		return false
	}
	return true
}

func (c *choice) pick(doc int, score float64, reasons ...string) {
	c.leave(doc)
	c.picks = append(c.picks, Pick{ID: c.w.shows[doc].id, Score: score, Reasons: reasons})
}

// alike takes what is most like what somebody did.
func (c *choice) alike(docs []int, weights []float64) {
	if len(docs) == 0 {
		return
	}
	profile := c.w.corpus.Profile(docs, weights)
	var hits []tfidf.Hit
	for doc := range c.w.shows {
		if c.suits(doc) {
			if s := profile.Score(doc); s >= least {
				hits = append(hits, tfidf.Hit{Doc: int32(doc), Score: s})
			}
		}
	}
	slices.SortFunc(hits, func(a, b tfidf.Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(c.w.shows[a.Doc].id, c.w.shows[b.Doc].id))
	})
	// What one of the shows they looked at is like must not fill the list alone, as long as the others are like something.
	fair := (c.ask.Limit + len(docs) - 1) / len(docs)
	for _, most := range []int{max(fair, fewestLike), len(hits)} {
		for _, h := range hits {
			if doc := int(h.Doc); !c.full() && c.suits(doc) { // no other run of its production came before
				c.pickLike(docs, weights, doc, h.Score, most)
			}
		}
	}
}

// fewestLike is how many shows like one of those looked at stand in a list before others do.
const fewestLike = 2

// pickLike takes a document that is like one of docs, unless most were taken for being like that.
func (c *choice) pickLike(docs []int, weights []float64, doc int, score float32, most int) {
	best, like := -1.0, docs[0]
	for i, d := range docs {
		if v := weights[i] * float64(c.w.corpus.Cosine(d, doc)); v > best {
			best, like = v, d
		}
	}
	if c.like[like] >= most {
		return
	}
	c.like[like]++
	from := &c.w.shows[like]
	c.pick(doc, rounded(score), append(c.w.reasons(from, &c.w.shows[doc]), hangul.Josa("‘"+from.title+"’", "과/와")+" 비슷해요")...)
}

// least is the score below which two shows share only what everything shares.
const least = 0.03

// popular takes what people like them look at most: of their age and gender, then of anybody, in the regions asked for.
func (r *Recommender) popular(ctx context.Context, c *choice) error {
	if r.Board == nil {
		return nil
	}
	genre := ticket.Genre("")
	if len(c.ask.Genres) == 1 {
		genre = c.ask.Genres[0]
	}
	crowds := []Crowd{{Genre: genre, Regions: c.ask.Regions}}
	if c.ask.Age != "" || c.ask.Gender != "" {
		crowds = append([]Crowd{{Age: c.ask.Age, Gender: c.ask.Gender, Genre: genre, Regions: c.ask.Regions}}, crowds...)
	}
	for _, crowd := range crowds {
		if c.full() {
			return nil
		}
		ids, err := r.Board.Most(ctx, crowd)
		if err != nil {
			return fmt.Errorf("ask what is popular: %w", err)
		}
		for _, id := range ids {
			if doc, ok := c.w.byID[id]; ok && !c.full() && c.suits(doc) {
				c.pick(doc, 0, crowd.reason())
			}
		}
	}
	return nil
}

func (c Crowd) reason() string {
	who := ""
	if age, ok := strings.CutSuffix(string(c.Age), "s"); ok {
		who = age + "대"
		if c.Age == "60s" {
			who = "60대 이상"
		}
	}
	switch c.Gender {
	case ticket.Female:
		who = strings.TrimSpace(who + " 여성")
	case ticket.Male:
		who = strings.TrimSpace(who + " 남성")
	}
	where := ""
	if len(c.Regions) == 1 {
		where = string(c.Regions[0]) + "에서 "
	}
	if who == "" {
		return where + "많이 본 공연"
	}
	return where + hangul.Josa(who, "이/가") + " 많이 본 공연"
}

// newDays is how many days a show counts as one that began lately.
const newDays = 30

// soon takes what opens or begins next, and then what has begun last.
func (c *choice) soon() {
	if c.full() {
		return
	}
	var docs []int
	for doc := range c.w.shows {
		if c.suits(doc) {
			docs = append(docs, doc)
		}
	}
	key := func(doc int) (begun bool, day ticket.Date) {
		s := &c.w.shows[doc]
		if day = s.opens; day < c.today && s.start >= c.today { // its opening was, it is still to come
			day = s.start
		}
		return day < c.today, day
	}
	slices.SortFunc(docs, func(a, b int) int {
		begunA, dayA := key(a)
		begunB, dayB := key(b)
		order := strings.Compare(string(dayA), string(dayB))
		switch {
		case begunA && !begunB:
			return 1
		case begunB && !begunA:
			return -1
		case begunA:
			order = -order
		}
		return cmp.Or(order, strings.Compare(c.w.shows[a].id, c.w.shows[b].id))
	})
	for _, doc := range docs {
		if c.full() {
			return
		}
		if !c.suits(doc) {
			continue
		}
		begun, day := key(doc)
		s := &c.w.shows[doc]
		what := strings.TrimSpace(string(s.region) + " " + genreLabel(s.genre))
		switch {
		case !begun:
			c.pick(doc, 0, "곧 열리는 "+what)
		case day.AddDays(newDays) < c.today:
			c.pick(doc, 0, "공연 중인 "+what)
		default:
			c.pick(doc, 0, "최근 시작한 "+what)
		}
	}
}
