package popular

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ticketmoa/modules/lake"
	"ticketmoa/modules/ticket"
)

// ErrTooMany means that a day has more performances or people than the counter was made for.
var ErrTooMany = errors.New("too many to count")

// Ranking is a day counted: rows in rank order (most views first, equal ones by performance id), those that nobody viewed
// but left for a seller at the end.
type Ranking struct {
	Day    ticket.Date
	Rows   []Row
	Sample int      // people who viewed anything
	People []People // by age and gender
}

// Row is a performance on a day.
type Row struct {
	PerformanceID string  `bson:"performance_id"`
	Views         int     `bson:"views"` // one for each person
	Cells         []Cell  `bson:"cells,omitempty"`
	Clicks        []Click `bson:"clicks,omitempty"`

	parts []int // where the cells of each performance end that was merged into this row; nil for one alone
}

// Cell is how many of a row's views come from one combination. "" is unknown.
type Cell struct {
	Age    ticket.AgeBand `bson:"age,omitempty"`
	Gender ticket.Gender  `bson:"gender,omitempty"`
	Genre  ticket.Genre   `bson:"genre,omitempty"`
	Region ticket.Region  `bson:"region,omitempty"`
	N      int            `bson:"n"`
}

// Click is how many people left for a seller.
type Click struct {
	Seller ticket.Seller `bson:"seller"`
	N      int           `bson:"n"`
}

// People is how many different people viewed anything with the given age band and gender; All stands for every one, known
// or not. Somebody whose band changed during the day counts in both, and once in All.
type People struct {
	Age    ticket.AgeBand `bson:"age"`
	Gender ticket.Gender  `bson:"gender"`
	N      int            `bson:"n"`
}

// All is every age band or gender, known or not.
const All = "all"

const (
	maxShows  = 1 << 24
	maxPeople = 1 << 31
	maxCount  = 1<<32 - 1
)

// Counter counts one day, file by file. Give it the files of a queue in the order of their offsets, so that of two events
// of the same millisecond the first in the queue counts. It is used by one goroutine.
type Counter struct {
	day    ticket.Date
	from   int64 // first millisecond of the day
	words  words
	hashed map[uint64]uint32 // people by the 16 hex digits of a day's pseudonym
	named  map[string]uint32 // everybody else
	people uint32
	shows  map[string]uint32
	names  []string // of shows
	votes  table    // person, show → time of the first view and its cell
	clicks table    // person, show, seller

	trans [colTexts][]uint32 // reused between row groups
}

// NewCounter begins a day.
func NewCounter(day ticket.Date) *Counter {
	return &Counter{day: day, from: day.Time().UnixMilli(), words: newWords(), hashed: map[uint64]uint32{}, named: map[string]uint32{}, shows: map[string]uint32{}}
}

// Count counts the event files of a day.
func Count(day ticket.Date, files ...[]byte) (*Ranking, error) {
	c := NewCounter(day)
	for _, body := range files {
		if err := c.Add(body); err != nil {
			return nil, err
		}
	}
	return c.Ranking()
}

// The columns that counting reads, in this order.
const (
	colKind = iota
	colPerson
	colShow
	colAge
	colGender
	colGenre
	colRegion
	colSeller
	colTexts // how many are texts
	colBot   = iota - 1
	colPrefetch
	colReceived
)

func columnNames() []string {
	return []string{"kind", "person", "performance_id", "age_band", "gender", "genre", "region", "seller", "bot", "prefetch", "received_at"}
}

// Add counts the events of one file. lake.ErrBadParquet.
func (c *Counter) Add(body []byte) error {
	return lake.ReadEventColumns(body, columnNames(), c.group)
}

const (
	isView  = 1
	isClick = 2
)

func (c *Counter) group(rows int, cols []lake.Column) error {
	for i := range colTexts {
		if len(cols[i].Codes) != rows {
			return fmt.Errorf("%w: column %s holds no text", lake.ErrBadParquet, columnNames()[i])
		}
	}
	for i := colBot; i <= colReceived; i++ {
		if len(cols[i].Nums) != rows {
			return fmt.Errorf("%w: column %s holds no numbers", lake.ErrBadParquet, columnNames()[i])
		}
	}
	t := c.translate(cols)
	bot, prefetch, received := cols[colBot].Nums, cols[colPrefetch].Nums, cols[colReceived].Nums
	for r := range rows {
		kind := t[colKind][cols[colKind].Codes[r]]
		at := received[r] - c.from
		person, show := cols[colPerson].Codes[r], cols[colShow].Codes[r]
		if kind == 0 || bot[r]|prefetch[r] != 0 || at < 0 || at >= int64(24*time.Hour/time.Millisecond) || cols[colPerson].Dict[person] == "" || cols[colShow].Dict[show] == "" {
			continue
		}
		pid, sid, err := c.idsOf(t, cols, person, show)
		if err != nil {
			return err
		}
		if kind == isClick {
			seller := uint64(t[colSeller][cols[colSeller].Codes[r]])
			c.clicks.put(uint64(pid)<<32|uint64(sid)<<8|seller, func(uint64, bool) uint64 { return 1 })
			continue
		}
		cell := makeCode(int(t[colAge][cols[colAge].Codes[r]]), int(t[colGender][cols[colGender].Codes[r]]),
			int(t[colGenre][cols[colGenre].Codes[r]]), int(t[colRegion][cols[colRegion].Codes[r]]))
		vote := uint64(at)<<codeBits | uint64(cell)
		c.votes.put(uint64(pid)<<32|uint64(sid), func(old uint64, there bool) uint64 {
			if there && old>>codeBits <= vote>>codeBits {
				return old
			}
			return vote
		})
	}
	return nil
}

// translate leads from the codes of a row group to ours: for words at once, for people and shows as they come (0 until
// then).
func (c *Counter) translate(cols []lake.Column) *[colTexts][]uint32 {
	for i := range colTexts {
		dict := cols[i].Dict
		c.trans[i] = slices.Grow(c.trans[i][:0], len(dict))[:len(dict)]
		clear(c.trans[i])
		if i == colPerson || i == colShow {
			continue
		}
		for j, s := range dict {
			c.trans[i][j] = uint32(c.wordOf(i, s))
		}
	}
	return &c.trans
}

func (c *Counter) wordOf(col int, s string) int {
	switch col {
	case colKind:
		switch ticket.EventKind(s) {
		case ticket.EventView:
			return isView
		case ticket.EventOfferClick:
			return isClick
		}
		return 0
	case colAge:
		return place(c.words.ages, s)
	case colGender:
		return place(c.words.genders, s)
	case colGenre:
		return place(c.words.genres, s)
	case colRegion:
		return place(c.words.regions, s)
	}
	if n := place(c.words.sellers, s); n > 0 {
		return n
	}
	return place(c.words.sellers, string(ticket.OtherSeller))
}

// idsOf numbers a person and a show, from 1.
func (c *Counter) idsOf(t *[colTexts][]uint32, cols []lake.Column, person, show uint32) (pid, sid uint32, err error) {
	if pid = t[colPerson][person]; pid == 0 {
		pid = c.person(cols[colPerson].Dict[person])
		t[colPerson][person] = pid
	}
	if sid = t[colShow][show]; sid == 0 {
		id := cols[colShow].Dict[show]
		if sid = c.shows[id]; sid == 0 {
			id = strings.Clone(id)
			c.names = append(c.names, id)
			sid = uint32(len(c.names))
			c.shows[id] = sid
		}
		t[colShow][show] = sid
	}
	if pid >= maxPeople || sid >= maxShows {
		return 0, 0, fmt.Errorf("%w on %s: %d people, %d performances", ErrTooMany, c.day, pid, sid)
	}
	return pid, sid, nil
}

func (c *Counter) person(name string) uint32 {
	hash, ok := hashOf(name)
	if ok {
		if id, known := c.hashed[hash]; known {
			return id
		}
	} else if id, known := c.named[name]; known {
		return id
	}
	c.people++
	if ok {
		c.hashed[hash] = c.people
	} else {
		c.named[strings.Clone(name)] = c.people
	}
	return c.people
}

// hashOf reads a visitor's pseudonym, "a:" and 16 small hex digits, as the number it is.
func hashOf(name string) (uint64, bool) {
	hex, ok := strings.CutPrefix(name, "a:")
	if !ok || len(hex) != 16 || hex != strings.ToLower(hex) {
		return 0, false
	}
	n, err := strconv.ParseUint(hex, 16, 64)
	return n, err == nil
}

// Ranking is what was counted so far.
func (c *Counter) Ranking() (*Ranking, error) {
	masks := make([]uint32, c.people+1) // which of the 21 combinations of age and gender somebody had
	var cells, clicks table
	c.votes.each(func(key, vote uint64) {
		cell := code(vote & (1<<codeBits - 1))
		masks[key>>32] |= 1 << (cell.age()*(1<<genderBits) + cell.gender())
		cells.put((key&maxCount)<<codeBits|uint64(cell), increment)
	})
	c.clicks.each(func(key, _ uint64) { clicks.put(key&maxCount, increment) })

	rows := make([]Row, len(c.names))
	for i, name := range c.names {
		rows[i].PerformanceID = name
	}
	cells.each(func(key, n uint64) {
		r := &rows[key>>codeBits-1]
		r.Views += int(n)
		r.Cells = append(r.Cells, c.words.cell(code(key&(1<<codeBits-1)), int(n)))
	})
	clicks.each(func(key, n uint64) {
		r := &rows[key>>8-1]
		r.Clicks = append(r.Clicks, Click{word(c.words.sellers, int(key&0xff)), int(n)})
	})
	for i := range rows {
		rows[i].sort(&c.words)
	}
	slices.SortFunc(rows, byRank)
	out := &Ranking{Day: c.day, Rows: rows, People: c.peopleOf(masks)}
	out.Sample = out.People[0].N
	return out, nil
}

func increment(old uint64, _ bool) uint64 { return old + 1 }

func byRank(a, b Row) int {
	return cmp.Or(cmp.Compare(b.Views, a.Views), cmp.Compare(a.PerformanceID, b.PerformanceID))
}

// sort brings cells and clicks into an order that repeats.
func (r *Row) sort(w *words) {
	slices.SortFunc(r.Cells, func(a, b Cell) int { return cmp.Compare(w.code(a), w.code(b)) })
	slices.SortFunc(r.Clicks, func(a, b Click) int { return cmp.Compare(a.Seller, b.Seller) })
}

// peopleOf counts people for every age band or all, and every gender or all; the first is everybody. Combinations without
// anybody are left out but for the first.
func (c *Counter) peopleOf(masks []uint32) []People {
	kinds := map[uint32]int{} // people by what they had: there are few kinds of people
	for _, m := range masks {
		kinds[m]++
	}
	ages, genders := append([]ticket.AgeBand{All, ""}, c.words.ages...), append([]ticket.Gender{All, ""}, c.words.genders...)
	var out []People
	for i, age := range ages {
		for j, gender := range genders {
			var want uint32
			for a := range len(ages) - 1 {
				for g := range len(genders) - 1 {
					if (i == 0 || i-1 == a) && (j == 0 || j-1 == g) {
						want |= 1 << (a*(1<<genderBits) + g)
					}
				}
			}
			n := 0
			for m, people := range kinds {
				if m&want != 0 {
					n += people
				}
			}
			if n > 0 || len(out) == 0 {
				out = append(out, People{age, gender, n})
			}
		}
	}
	return out
}
