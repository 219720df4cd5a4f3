// Package invented makes up catalogues of any size for tests and benchmarks: the same seed gives the same shows. Words
// follow Zipf's law, as steep as makes the words of titles stand in as many titles as those of 7,900 real ones (half of
// them in 0.09 % or more, a quarter in 0.43 %, a tenth in 1 %). Names are drawn from few thousands, and a part of the
// titles is in Latin letters, as on a real site.
package invented

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"ticketmoa/modules/ticket"
)

// Now is the moment around which the shows are: noon in Seoul.
var Now = time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)

// Maker makes shows up.
type Maker struct {
	r      *rand.Rand
	zipf   *rand.Zipf
	Words  []string // by frequency
	Latin  []string
	people []string
	venues []string
}

// New prepares the words and names.
func New(seed uint64) *Maker {
	m := &Maker{r: rand.New(rand.NewPCG(seed, 1))} //nolint:gosec // what is invented need not be unguessable
	m.zipf = rand.NewZipf(m.r, 1.1, 25, 29999)
	seen := map[string]bool{}
	for len(m.Words) < 30000 {
		if w := m.korean(2 + m.r.IntN(10)/6 + m.r.IntN(10)/8); !seen[w] {
			seen[w] = true
			m.Words = append(m.Words, w)
		}
	}
	for range 2000 {
		m.Latin = append(m.Latin, m.latin())
	}
	for range 20000 {
		m.people = append(m.people, m.korean(3))
	}
	for i := range 1500 {
		m.venues = append(m.venues, m.korean(3)+[...]string{"아트센터", "예술의전당", "극장", "문화회관", "홀"}[i%5]+[...]string{"", " 대극장", " 소극장"}[i%3])
	}
	return m
}

// syllables are common ones, the most common first; behind them come rarer ones in the order of the alphabet.
var syllables = []rune("이다의는에가고지사기리로자시아도나어라인하서대정스수오해니한구보은을주부장전일원제마유동무상트비조소성우여모그경선안방화음공신드관바산영미과간물거들적개만심연천중국치회년재노위들세차터러생실문명래양호당강배반와청양르레크파피카타하판백행감현복날별빛꿈춤봄")

func (m *Maker) korean(n int) string {
	var b strings.Builder
	for range n {
		x := m.r.Float64()
		if i := int(x * x * 600); i < len(syllables) {
			b.WriteRune(syllables[i])
		} else {
			b.WriteRune('가' + rune(i*17))
		}
	}
	return b.String()
}

func (m *Maker) latin() string {
	var b strings.Builder
	for range 2 + m.r.IntN(6) {
		b.WriteByte("etaoinshrdlucmfwypvbgkqjxz"[int(m.r.Float64()*m.r.Float64()*26)])
	}
	return strings.ToUpper(b.String()[:1]) + b.String()[1:]
}

// Word is a word as frequent as the next one in a text.
func (m *Maker) Word() string { return m.Words[m.zipf.Uint64()] }

func (m *Maker) text(n int) string {
	words := make([]string, n)
	for i := range words {
		words[i] = m.Word()
	}
	return strings.Join(words, " ")
}

// Show makes up the i-th show.
func (m *Maker) Show(i int) *ticket.Performance {
	title := m.text(1 + m.r.IntN(3))
	switch m.r.IntN(8) {
	case 0:
		title += " " + m.Latin[m.r.IntN(len(m.Latin))]
	case 1:
		title = m.Latin[m.r.IntN(len(m.Latin))] + " " + m.Latin[m.r.IntN(len(m.Latin))] + fmt.Sprintf(" %d", 2020+m.r.IntN(8))
	case 2:
		title = "뮤지컬 〈" + title + "〉"
	}
	start := ticket.DateOf(Now.AddDate(0, 0, m.r.IntN(500)-200))
	p := &ticket.Performance{ID: fmt.Sprintf("p%06d", i), Title: title, Genre: ticket.Genres()[m.r.IntN(10)*m.r.IntN(10)/10],
		Place:  ticket.Place{Name: m.venues[m.r.IntN(len(m.venues))], Region: ticket.Regions()[m.r.IntN(17)*m.r.IntN(17)/17]},
		Period: ticket.Period{Start: start, End: start.AddDays(m.r.IntN(40))}, Synopsis: m.text(20), Exclusive: m.r.IntN(5) == 0,
		FirstSeenAt: Now.Add(-time.Duration(m.r.IntN(200*24)) * time.Hour), ChangedAt: Now.Add(-time.Duration(m.r.IntN(100*24)) * time.Hour)}
	p.VenueID = "v" + p.Place.Name
	for range 3 {
		name := m.people[m.r.IntN(len(m.people))]
		p.Cast = append(p.Cast, ticket.CastMember{Name: name, ArtistID: "a" + name})
	}
	if m.r.IntN(4) > 0 {
		age := []int{0, 7, 13, 19}[m.r.IntN(4)]
		p.MinAgeYears = &age
	}
	for o := range 1 + m.r.IntN(3) {
		offer := ticket.Offer{ID: fmt.Sprintf("o%d-%d", i, o), Seller: ticket.Sellers()[m.r.IntN(4)], Title: p.Title}
		if m.r.IntN(6) > 0 {
			offer.Prices = []ticket.Price{{Grade: "R석", Won: ticket.Won(10000 * (1 + m.r.IntN(15)))}}
		}
		if m.r.IntN(6) == 0 {
			at := Now.Add(time.Duration(m.r.IntN(40*24)-200) * time.Hour).Truncate(time.Hour)
			offer.OpensAt = &at
		}
		p.Offers = append(p.Offers, offer)
	}
	return p
}

// Shows makes up n shows.
func Shows(n int, seed uint64) []*ticket.Performance {
	m := New(seed)
	out := make([]*ticket.Performance, n)
	for i := range out {
		out[i] = m.Show(i)
	}
	return out
}
