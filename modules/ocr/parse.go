package ocr

import (
	"cmp"
	"encoding/json"
	"fmt"
	"image"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/ocr/facts"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/ticket"
)

// Body is the body of a ticket.PicturePage: what the pictures of one page were read as.
type Body struct {
	Version  int       `json:"version"`
	Code     string    `json:"code,omitempty"` // of the show: two shows of one page may have the same pictures, and their bodies must differ
	Pictures []Read    `json:"pictures"`
	Refused  []Refusal `json:"refused,omitempty"`
}

const bodyVersion = 1

// Read is a picture that was read.
type Read struct {
	URL string `json:"url"`
	Reading
}

// Refusal is a picture that was not, and why.
type Refusal struct {
	URL    string `json:"url"`
	Reason string `json:"reason"`
}

// Names are what is known beside the pictures.
type Names struct {
	Artists []string
	Venues  []string
	// Accepted tells whether a person has taken a doubtful value for true. nil is never.
	Accepted func(field, part, value string) bool
}

// fieldNames are what the facts are called elsewhere.
var fieldNames = map[facts.Field]string{
	facts.Period: ticket.ImagePeriod, facts.Times: ticket.ImageTimes, facts.Venue: ticket.ImageVenue, facts.Running: ticket.ImageRunning, facts.Age: ticket.ImageMinAge,
	facts.Opens: ticket.ImageOpens, facts.Price: ticket.ImagePrices, facts.Discount: ticket.ImageDiscounts, facts.Cast: ticket.ImageCast, facts.Round: ticket.ImageRounds,
}

// mostText bounds how much of the text of a show's pictures is kept, in characters.
const mostText = 6000

// steadyHeight is how tall letters must be for a name nobody knows to be believed, in pixels.
const steadyHeight = 14

// Parse reads a ticket.PicturePage: a supplement to the show with what both readings say, and as doubts what only one does.
// sellers.ErrNotOurs.
func Parse(p *ticket.Page, known Names) (sellers.Result, error) {
	var body Body
	if err := json.Unmarshal(p.Body, &body); err != nil || body.Version != bodyVersion {
		return sellers.Result{}, fmt.Errorf("%w: no reading of pictures of version %d", sellers.ErrNotOurs, bodyVersion)
	}
	s := sellers.RawShow{Code: p.Code, Supplement: true}
	var out sellers.Result
	var text strings.Builder
	with := facts.Known{Day: ticket.DateOf(p.FetchedAt), Artists: facts.NewLexicon(known.Artists), Venues: known.Venues}
	said := newSaid()
	for _, pic := range body.Pictures {
		agreed, unknown, alone := known.read(pic, with)
		for _, f := range agreed {
			said.add(pic, f)
		}
		for _, f := range unknown {
			if f.Field != facts.Round { // whoever accepts the player accepts his rounds
				said.doubt(pic, f, errUnknownName)
			}
		}
		for _, f := range alone {
			said.doubt(pic, f, errOnce)
		}
		text.WriteString(pic.Text() + "\n")
		s.Strips = append(s.Strips, pic.URL)
	}
	out.Doubts = said.settle(p.Code, &s)
	for _, r := range body.Refused {
		out.Doubts = append(out.Doubts, sellers.Doubt{Code: p.Code, Field: "picture", Part: r.URL, Text: r.URL, Reason: "the picture cannot be read: " + r.Reason})
		s.Strips = append(s.Strips, r.URL)
	}
	s.StripText = clipped(strings.TrimSpace(text.String()), mostText)
	out.Shows = []sellers.RawShow{s}
	return out, nil
}

// read gives the facts of a picture: those that count, names nobody knows, and what only one reading says. What a person
// accepted counts.
func (n Names) read(pic Read, with facts.Known) (agreed, unknown, alone []facts.Fact) {
	agreed, alone = facts.Both(pic.first(), pic.second(), with)
	agreed, unknown = believed(agreed, with)
	taken := func(f facts.Fact) bool {
		if n.Accepted == nil || !n.Accepted(fieldNames[f.Field], part(f), f.Value) {
			return false
		}
		agreed = append(agreed, f)
		return true
	}
	return agreed, slices.DeleteFunc(unknown, taken), slices.DeleteFunc(alone, taken)
}

// Fact is one thing a picture says.
type Fact struct {
	Field    string `json:"field"`
	Part     string `json:"part,omitempty"` // of a field with many values, which
	Value    string `json:"value"`
	Accepted bool   `json:"accepted"` // both readings say so, and it counts
}

// FactsOf lists what a picture says, with nothing known beside it.
func FactsOf(r *Reading) []Fact {
	agreed, alone := facts.Both(r.first(), r.second(), facts.Known{})
	agreed, unknown := believed(agreed, facts.Known{})
	out := []Fact{}
	for i, list := range [][]facts.Fact{agreed, unknown, alone} {
		for _, f := range list {
			out = append(out, Fact{Field: fieldNames[f.Field], Part: part(f), Value: f.Value, Accepted: i == 0})
		}
	}
	return out
}

// Why a fact is only offered.
const (
	errOnce        = "only one of two readings of the picture says so"
	errUnknownName = "nothing of that name is known, and it may be misread"
	errTwoPictures = "two pictures of the page say different things"
	errHole        = "a lower price is in doubt, and what the cheapest seat costs would be wrong"
)

// believed parts what both readings say in what counts and names that do not, because both may have read the same wrong letter: a
// player whom nobody knows, in small letters or among words that are no names; a hall nobody knows, in small letters or with Latin
// ones where its name begins. In the table of rounds those count who do in the cast.
func believed(agreed []facts.Fact, known facts.Known) (yes, no []facts.Fact) {
	strange := map[image.Rectangle]bool{} // rows with words that are no names
	for _, f := range agreed {
		if f.Field == facts.Cast && !known.Artists.Has(f.Value) && !facts.Personal(f.Value) {
			strange[f.Rect] = true
		}
	}
	cast := map[string]bool{}
	for _, f := range agreed {
		if f.Field == facts.Cast && (f.Rect.Dy() >= steadyHeight && !strange[f.Rect] || known.Artists.Has(f.Value)) {
			cast[f.Value] = true
		}
	}
	for _, f := range agreed {
		switch {
		case (f.Field == facts.Cast || f.Field == facts.Round) && !cast[f.Value],
			f.Field == facts.Venue && !slices.Contains(known.Venues, f.Value) && (f.Rect.Dy() < steadyHeight || reLatinFirst.MatchString(f.Value)),
			f.Field == facts.Discount && f.Rect.Dy() < steadyHeight && !facts.UsualDiscount(f.Key):
			no = append(no, f)
			continue
		}
		yes = append(yes, f)
	}
	return yes, no
}

// reLatinFirst finds names of halls that begin with Latin letters or digits: engines read those for each other.
var reLatinFirst = regexp.MustCompile(`^\p{Hangul}{0,3}[A-Za-z0-9Ａ-Ｚ\\]`)

// part tells the values of a field apart: the grade, for whom, who plays whom.
func part(f facts.Fact) string {
	if f.Field == facts.Cast {
		return strings.TrimSpace(f.Key + " " + f.Value)
	}
	return f.Key
}

func box(r image.Rectangle) []int { return []int{r.Min.X, r.Min.Y, r.Dx(), r.Dy()} }

// put writes a fact in the words a source would use.
func put(s *sellers.RawShow, f facts.Fact) {
	switch f.Field {
	case facts.Period:
		s.PeriodText = strings.Replace(f.Value, "~", " ~ ", 1)
		if strings.HasSuffix(f.Value, "~") {
			s.PeriodText += "오픈런"
		}
	case facts.Times: // the weekdays are shown only where both readings have the same
		s.TimesText = cmp.Or(normalize.Text(f.Text), strings.ReplaceAll(f.Value, ",", ", "))
	case facts.Venue:
		s.VenueText = f.Value
	case facts.Running:
		minutes, pause, named := strings.Cut(f.Value, "/")
		s.RunningText = minutes + "분"
		switch {
		case named && pause == "0":
			s.RunningText += " (인터미션 없음)"
		case named && pause != "":
			s.RunningText += " (인터미션 " + pause + "분)"
		}
	case facts.Age:
		s.AgeText = ageText(f)
	case facts.Opens:
		if f.Key == "" || s.OpensText == "" && f.Key == "1차" {
			s.OpensText = strings.Replace(f.Value, "T", " ", 1)
		}
	case facts.Price:
		s.Prices = append(s.Prices, sellers.RawPrice{Grade: f.Key, Text: f.Value + "원"})
	case facts.Discount:
		if n, err := strconv.Atoi(f.Value); err == nil {
			s.Discounts = append(s.Discounts, ticket.Discount{Name: f.Key, Percent: n})
		}
	case facts.Cast:
		m := ticket.CastMember{Name: f.Value, Role: f.Key}
		if !slices.Contains(s.Cast, m) {
			s.Cast = append(s.Cast, m)
		}
	case facts.Round:
		addRound(s, f)
	}
}

// ageText is the age as printed when that says it, else the years alone.
func ageText(f facts.Fact) string {
	years, _ := strconv.Atoi(f.Value)
	if text, n, err := normalize.Age(f.Text); err == nil && n != nil && *n == years {
		return text
	}
	return f.Value + "세 이상"
}

func addRound(s *sellers.RawShow, f facts.Fact) {
	words := strings.SplitN(f.Key, " ", 3)
	if len(words) != 3 {
		return
	}
	day, m := ticket.Date(words[0]), ticket.CastMember{Name: f.Value, Role: words[2]}
	for i := range s.Rounds {
		if s.Rounds[i].Date == day && s.Rounds[i].Time == words[1] {
			s.Rounds[i].Cast = append(s.Rounds[i].Cast, m)
			return
		}
	}
	s.Rounds = append(s.Rounds, ticket.Round{Date: day, Time: words[1], Cast: []ticket.CastMember{m}})
}

func clipped(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
