// Package portrait says what a show is compared by: which of its words, names and marks, and how much each weighs.
//
// It guarantees: text that says nothing of the show (placeholders, and sentences that many other shows have word for
// word) says nothing here; the same shows in the same order give the same vectors; a show that is added later is weighed
// by what was learnt before, so adding it changes nobody else.
//
// It reads nothing and knows nothing of dates, places to filter by, or who may be recommended.
package portrait

import (
	"hash/maphash"
	"strings"

	"ticketmoa/modules/recommend/tfidf"
)

// Show is what is told of a show.
type Show struct {
	Title      string
	Production string // the same for every run of one production, wherever it is; "" when unknown
	Synopsis   string // what sources and posters tell
	Cast       []string
	Genre      string
	Tags       []string
	Venue      string
}

// Weights are how much each field gives to a vector; 0 leaves it out.
type Weights struct {
	Title, Synopsis, Cast, Genre, Tags, Venue float64

	MaxShare float64 // terms in more than this share of the shows say nothing; 0 takes all
}

// Shipped are the weights of the product. They were chosen on one half of the real sets and measured on the other:
// modules/recommend/versus. The venue was measured to help nothing.
var Shipped = Weights{Title: 3, Synopsis: 1, Cast: 3, Genre: 2, Tags: 1, MaxShare: 0.1}

// Scheme is what was learnt from a set of shows. Extend is for one goroutine at a time; the rest may be used by many.
type Scheme struct {
	weights    Weights
	seed       maphash.Seed
	vocabulary *tfidf.Vocabulary
	model      *tfidf.Model
	boiler     map[uint64]bool // sentences that say nothing
	words      *lexicon
	shows      int
}

// Learn weighs shows by what they say together.
func Learn(w Weights, shows []Show) (*Scheme, *tfidf.Corpus) {
	s := &Scheme{weights: w, seed: maphash.MakeSeed(), vocabulary: tfidf.NewVocabulary(), shows: len(shows)}
	s.boiler = s.shared(shows)
	s.words = newLexicon()
	b := s.builder()
	for i := range shows {
		s.describe(b, &shows[i], s.words.learn)
	}
	s.words.settle(len(shows))
	s.model = b.Model(s.scheme())
	return s, b.Corpus(s.model)
}

// Extend is the corpus with more shows behind its own.
func (s *Scheme) Extend(c *tfidf.Corpus, shows []Show) *tfidf.Corpus {
	b := s.builder()
	for i := range shows {
		s.describe(b, &shows[i], nil)
	}
	return c.Add(b)
}

// Shows is how many shows it was learnt from.
func (s *Scheme) Shows() int { return s.shows }

func (s *Scheme) scheme() tfidf.Scheme { return tfidf.Scheme{MaxShare: s.weights.MaxShare} }

func (s *Scheme) builder() *tfidf.Builder { return tfidf.NewBuilder(s.vocabulary, s.scheme()) }

// describe gives a show's terms to a builder, and its words to whoever learns words.
func (s *Scheme) describe(b *tfidf.Builder, show *Show, learn func(text string)) {
	text := s.telling(show.Synopsis)
	if learn != nil {
		learn(show.Title + "\n" + text)
	}
	for _, f := range []struct {
		weight float64
		text   string
	}{{s.weights.Title, show.Title}, {s.weights.Synopsis, text}} {
		if f.weight > 0 {
			tfidf.EachTerm(f.text, b.Term)
			b.EndField(f.weight)
		}
	}
	values := func(weight float64, kind string, all ...string) {
		for _, text := range all {
			if weight > 0 && text != "" {
				b.Value(kind + fold(text))
			}
		}
		b.EndField(weight)
	}
	values(s.weights.Cast, "\x01", show.Cast...)
	values(s.weights.Tags, "\x02", show.Tags...)
	values(s.weights.Genre, "\x03", show.Genre)
	values(s.weights.Venue, "\x04", show.Venue)
	b.EndDocument()
}

// fold is a name without blanks and case: sources write it in both ways.
func fold(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), "")) }
