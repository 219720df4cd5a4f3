package ocr

import (
	"bufio"
	"fmt"
	"image"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/ocr/facts"
)

// truth is what a generated picture says.
type truth struct {
	Variant string
	Lines   []truthLine
	Fields  fieldTruth
}
type truthLine struct {
	Text       string
	X, Y, W, H float64
}

func (l truthLine) rect() image.Rectangle {
	return image.Rect(int(l.X), int(l.Y), int(l.X+l.W+1), int(l.Y+l.H+1))
}

func bare(s string) []rune {
	return []rune(strings.NewReplacer(" ", "", "–", "-", "—", "-", "•", "·", "ㆍ", "·").Replace(s))
}

func edits(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		prev := row[0]
		row[0] = i + 1
		for j := range b {
			cost := prev
			if a[i] != b[j] {
				cost++
			}
			prev = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

type cell struct {
	r image.Rectangle
	t string
}

// score matches by place, and counts wrong characters among all.
func score(t *testing.T, want []truthLine, got []cell) (wrong, all int) {
	n := len(want)
	up := make([]int, n+len(got))
	for i := range up {
		up[i] = i
	}
	top := func(i int) int {
		for up[i] != i {
			i = up[i]
		}
		return i
	}
	for i, w := range want {
		for j, c := range got {
			x := w.rect().Intersect(c.r)
			if x.Empty() {
				continue
			}
			if 10*x.Dx()*x.Dy() > 3*min(w.rect().Dx()*w.rect().Dy(), c.r.Dx()*c.r.Dy()) {
				a, b := top(i), top(n+j)
				up[max(a, b)] = min(a, b)
			}
		}
	}
	type group struct{ w, g []cell }
	groups := map[int]*group{}
	at := func(i int) *group {
		r := top(i)
		if groups[r] == nil {
			groups[r] = &group{}
		}
		return groups[r]
	}
	for i, w := range want {
		g := at(i)
		g.w = append(g.w, cell{w.rect(), w.Text})
		all += len(bare(w.Text))
	}
	for j, c := range got {
		g := at(n + j)
		g.g = append(g.g, c)
	}
	text := func(cs []cell) []rune {
		slices.SortFunc(cs, func(a, b cell) int {
			if d := (a.r.Min.Y+a.r.Max.Y)/2 - (b.r.Min.Y+b.r.Max.Y)/2; d > 8 || d < -8 {
				return d
			}
			return a.r.Min.X - b.r.Min.X
		})
		var sb strings.Builder
		for _, c := range cs {
			sb.WriteString(c.t)
		}
		return bare(sb.String())
	}
	for _, g := range groups {
		a, b := text(g.w), text(g.g)
		d := edits(a, b)
		wrong += d
		if d > 0 && *everyError {
			var r image.Rectangle
			for _, c := range append(g.w, g.g...) {
				r = r.Union(c.r)
			}
			t.Logf("%d wrong at %v: %q is %q", d, r, string(b), string(a))
		}
	}
	return wrong, all
}

type fieldTruth struct {
	Title        string
	Venue        string
	PeriodStart  string `json:"period_start"`
	PeriodEnd    string `json:"period_end"`
	Times        []string
	RuntimeMin   int    `json:"runtime_min"`
	Intermission *int   `json:"intermission_min"`
	AgeMin       string `json:"age_min"`
	Prices       []struct {
		Grade string
		Won   int
	}
	Cast []struct {
		Role  string
		Names []string
	}
	Schedule []struct {
		Date, Time string
		Cast       map[string]string
	}
	Discounts []struct {
		Name    string
		Percent int
	}
	Opens []struct{ Label, At string }
}

func (f fieldTruth) facts() map[facts.Field][]string {
	out := map[facts.Field][]string{}
	put := func(k facts.Field, s ...string) { out[k] = append(out[k], strings.Join(s, "|")) }
	stated := func(k facts.Field, is bool, s string) { // a strip does not say everything
		if is {
			put(k, s)
		}
	}
	stated(facts.Period, f.PeriodStart != "", f.PeriodStart+"~"+f.PeriodEnd)
	stated(facts.Times, len(f.Times) > 0, strings.Join(f.Times, ","))
	running := fmt.Sprintf("%d/", f.RuntimeMin)
	if f.Intermission != nil {
		running += fmt.Sprint(*f.Intermission)
	}
	stated(facts.Running, f.RuntimeMin > 0, running)
	stated(facts.Age, f.AgeMin != "", f.AgeMin)
	stated(facts.Venue, f.Venue != "", normalize.NameKey(f.Venue))
	for _, p := range f.Prices {
		put(facts.Price, normalize.NameKey(p.Grade), fmt.Sprint(p.Won))
	}
	for _, p := range f.Discounts {
		put(facts.Discount, normalize.NameKey(p.Name), fmt.Sprint(p.Percent))
	}
	for _, o := range f.Opens {
		put(facts.Opens, o.At)
	}
	for _, c := range f.Cast {
		for _, n := range c.Names {
			put(facts.Cast, normalize.NameKey(c.Role), n)
		}
	}
	for _, s := range f.Schedule {
		for r, n := range s.Cast {
			put(facts.Round, s.Date, s.Time, normalize.NameKey(r), n)
		}
	}
	return out
}

func inTruth(all []facts.Fact) map[facts.Field][]string {
	out := map[facts.Field][]string{}
	for _, f := range all {
		s := f.Value
		switch f.Field {
		case facts.Price, facts.Discount, facts.Cast:
			s = normalize.NameKey(f.Key) + "|" + f.Value
		case facts.Venue:
			s = normalize.NameKey(f.Value)
		case facts.Round:
			w := strings.SplitN(f.Key, " ", 3)
			s = w[0] + "|" + w[1] + "|" + normalize.NameKey(w[2]) + "|" + f.Value
		}
		out[f.Field] = append(out[f.Field], s)
	}
	return out
}

func keys[V any](m map[facts.Field]V) func(yield func(facts.Field) bool) {
	return func(yield func(facts.Field) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// words reads the table tesseract writes: a word and its place a row.
func words(r io.Reader) (out []cell) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		c := strings.Split(lines.Text(), "\t")
		if len(c) != 12 || c[0] != "5" {
			continue
		}
		n := func(i int) int { v, _ := strconv.Atoi(c[i]); return v }
		out = append(out, cell{image.Rect(n(6), n(7), n(6)+n(8), n(7)+n(9)), c[11]})
	}
	return out
}
