// Package facts finds what a poster strip says: the run, the times of day, what each grade costs, discounts, who plays when.
//
// It reads lines of text with their places, as an engine read them, with the errors engines make: a letter taken for another,
// a price's mark for a letter, blanks lost. It is pure and knows nothing of pictures. What it cannot make out it leaves out;
// what contradicts itself (a weekday that is not the date's) it leaves out too. Two readings of one picture that lead to the
// same fact are what makes it one to trust: Agreed.
package facts

import (
	"image"
	"slices"
	"strings"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/ticket"
)

// Line is a line of text, or a cell of a table, and where it stands in the picture.
type Line struct {
	Rect image.Rectangle
	Text string
	Sure float64 // how sure the engine is, 0 to 1; 0 when it does not say
}

// Field is what a fact is about.
type Field string

// The fields.
const (
	Period   Field = "period"   // Value "2025-12-15~2025-12-24"
	Times    Field = "times"    // Value "19:30,14:00": all times of day, in the order of the text
	Venue    Field = "venue"    // Value as printed
	Running  Field = "running"  // Value "130/15": minutes, and of the interval when it is named
	Age      Field = "age"      // Value in years: "12"
	Opens    Field = "opens"    // Key what opens ("선예매", "2차", "" for the sale to all), Value "2025-11-18T15:00" in Seoul
	Price    Field = "price"    // Key the grade, Value in won
	Discount Field = "discount" // Key for whom, Value in per cent
	Cast     Field = "cast"     // Key the part, Value one name
	Round    Field = "round"    // Key day, time and part ("2025-12-16 19:30 마리"), Value the name
)

// Fact is one thing the picture says.
type Fact struct {
	Field Field
	Key   string
	Value string
	Text  string          // what it was read from; of two readings that differ in it "", once they are Agreed
	Rect  image.Rectangle // where that stands
}

// id is what two readings of a fact have in common. A player is the same whatever his part was read as.
func (f Fact) id() string {
	if f.Field == Cast {
		return string(f.Field) + "\x00\x00" + f.Value
	}
	return string(f.Field) + "\x00" + normalize.NameKey(f.Key) + "\x00" + f.Value
}

// place is what a fact is the answer to: at most one is given.
func (f Fact) place() string {
	if f.Field == Cast {
		return f.id()
	}
	return string(f.Field) + "\x00" + normalize.NameKey(f.Key)
}

// Known is what is known beside the picture.
type Known struct {
	Day     ticket.Date // of the page that shows the picture: what a date without a year is read against
	Artists *Lexicon    // names that performers bear
	Venues  []string    // names of halls
}

// Read finds the facts among the lines of one picture. At most one fact has a field and key.
func Read(lines []Line, known Known) []Fact { return sheet(lines).facts(known) }

// Both finds the facts of two readings of a picture, and parts them like Agreed. A heading that one of them could make out counts
// for both; lines of the same place must have the same Rect.
func Both(first, second []Line, known Known) (agreed, alone []Fact) {
	one, two := inRows(first), inRows(second)
	found, again := headsOf(one), headsOf(two)
	return Agreed(sections(one, found.with(again)).facts(known), sections(two, again.with(found)).facts(known))
}

func (p page) facts(known Known) []Fact {
	var out []Fact
	out = append(out, p.basics(known)...)
	out = append(out, p.prices()...)
	out = append(out, p.discounts()...)
	period, _ := periodOf(out)
	cast := p.cast(known)
	rounds := p.rounds(period, cast)
	return distinct(append(append(out, cast...), rounds...))
}

// Agreed parts what two readings say in the facts both have and the rest. Of what they say differently the first stands.
func Agreed(first, second []Fact) (agreed, alone []Fact) {
	has := map[string]Fact{}
	for _, f := range second {
		has[f.id()] = f
	}
	told := map[string]bool{}
	for _, f := range first {
		told[f.place()] = true
		other, both := has[f.id()]
		if both && normalize.NameKey(other.Key) != normalize.NameKey(f.Key) {
			f.Key = "" // the same player, in a part that cannot be made out
		}
		if both {
			if squeezed(other.Text) != squeezed(f.Text) {
				f.Text = ""
			}
			agreed = append(agreed, f)
		} else {
			alone = append(alone, f)
		}
	}
	for _, f := range second {
		if !told[f.place()] {
			alone = append(alone, f)
		}
	}
	return agreed, alone
}

// distinct leaves out what is said twice, and all of what is said twice and differently.
func distinct(all []Fact) []Fact {
	at, clash := map[string]int{}, map[string]bool{}
	var out []Fact
	for _, f := range all {
		key := f.place()
		if i, ok := at[key]; ok {
			clash[key] = clash[key] || out[i].Value != f.Value
			continue
		}
		at[key] = len(out)
		out = append(out, f)
	}
	return slices.DeleteFunc(out, func(f Fact) bool { return clash[f.place()] })
}

// periodOf is the run among facts.
func periodOf(all []Fact) (p ticket.Period, ok bool) {
	for _, f := range all {
		if f.Field == Period {
			from, to, _ := strings.Cut(f.Value, "~")
			return ticket.Period{Start: ticket.Date(from), End: ticket.Date(to)}, true
		}
	}
	return p, false
}

// numbered gives the lines their numbers, by where they stand.
func numbered(lines []Line) map[image.Rectangle]int {
	numbers := make(map[image.Rectangle]int, len(lines))
	for i, l := range lines {
		numbers[l.Rect] = i
	}
	return numbers
}

// Worth lists the lines, by number, in which facts can stand, headings among them: all but remarks and what stands under headings
// that say nothing of facts.
func Worth(lines []Line) []int {
	numbers := numbered(lines)
	var out []int
	for _, r := range inRows(lines) {
		for _, c := range r.cells {
			out = append(out, numbers[c.Rect])
		}
	}
	remarks := map[int]bool{}
	for _, r := range sheet(lines) {
		for _, c := range r.cells {
			remarks[numbers[c.Rect]] = (r.section == noticeSection || r.section == otherSection) && !r.named() || strings.HasPrefix(strings.TrimSpace(c.Text), "※")
		}
	}
	out = slices.DeleteFunc(out, func(i int) bool { return remarks[i] })
	slices.Sort(out)
	return out
}

// often is how many cells of a casting table must have been read alike to be sure of them.
const often = 4

// Repeated lists the lines, by number, that are cells of a casting table and say what several others of its cells were read to
// say, each by itself: weekdays, hours and names. They need no second reading.
func Repeated(lines []Line) []int {
	numbers, count := numbered(lines), map[string]int{}
	var cells []Line
	for _, r := range sheet(lines) {
		if r.section != roundSection || len(r.cells) < 3 {
			continue
		}
		for _, c := range r.cells {
			cells = append(cells, c)
			count[strings.TrimSpace(c.Text)]++
		}
	}
	var out []int
	for _, c := range cells {
		if count[strings.TrimSpace(c.Text)] >= often {
			out = append(out, numbers[c.Rect])
		}
	}
	return out
}

// Text is what the lines say, a row a line; the remarks at the end are left out.
func Text(lines []Line) string {
	var out strings.Builder
	for _, r := range sheet(lines) {
		if text := normalize.Text(r.text()); r.section != noticeSection && !strings.HasPrefix(text, "※") {
			out.WriteString(text + "\n")
		}
	}
	return out.String()
}
