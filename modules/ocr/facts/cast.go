package facts

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"ticketmoa/modules/hangul"
	"ticketmoa/modules/normalize"
)

// ensemble are the words of parts that many play.
var ensemble = []string{"앙상블", "스윙", "코러스", "댄서", "밴드"}

var reSplit = regexp.MustCompile(`[\s,·ㆍ/|×]+`)

// cast finds who plays, in the rows under a heading of the cast: a part with names beside it or right under it, or a part with
// the photographs and names of its players under it; names without parts.
func (p page) cast(known Known) []Fact {
	rows := p.castRows()
	parts := p.parts()
	spelled := func(part string) string { return cmp.Or(nearest(squeezed(part), parts, 0.25), partName(part)) }
	var out []Fact
	role := "" // that the names in the rows below have
	for i := 0; i < len(rows); i++ {
		r, next := rows[i], row{}
		if i+1 < len(rows) {
			next = rows[i+1]
		}
		if above, below, ok := columned(r, next, parts); ok {
			for i, role = i+1, ""; ; i++ {
				for n, c := range below.cells {
					out = append(out, players(partName(above.cells[n].Text), names(c), row{rect: c.Rect}, known)...)
				}
				if i+1 == len(rows) || !goOn(above, rows[i+1]) {
					break
				}
				below = rows[i+1]
			}
			continue
		}
		var words []string
		for _, c := range r.cells {
			words = append(words, names(c)...)
		}
		if reNoPart.MatchString(strings.TrimSpace(r.text())) {
			role = ""
			continue
		}
		if part, words := withNames(r, parts, role != "" && persons(words)); part != "" {
			if slices.Contains(labels[Cast], squeezed(part)) {
				part = ""
			}
			out = append(out, players(spelled(part), words, r, known)...)
			if role = ""; strings.HasSuffix(strings.TrimSpace(r.text()), ",") { // more follow in the next line
				role = spelled(part)
			}
			continue
		}
		switch {
		case r.isPart(next, parts) || len(r.cells) == 1 && len(words) < 3 && !personFirst(r.cells[0]) && role == "" && len(next.cells) > 0 && !persons(words) && personFirst(next.cells[0]):
			role = spelled(r.text())
		case role != "" || persons(words):
			out = append(out, players(role, words, r, known)...)
			if slices.Contains(ensemble, role) {
				role = ""
			}
		}
	}
	return out
}

// reNoPart finds rows that are neither parts nor players: who pays and makes, what they did before, companies.
var reNoPart = regexp.MustCompile(`^(?:주최|주관|후원|협찬|제작|원작|극본|작곡|문의|소속|데뷔|수상|티켓|예매|관람|장소)(?:\s|:|$)|졸업|석사|이벤트|사인회|관객과의|변경|추후|\d:\d|(?:오케스트라|필하모닉|교향악단|합창단|발레단|무용단|극단)(?:\s|$)`)

// isPart tells whether a row is a part alone whose players stand below: one that the casting table names, one above photographs,
// one in smaller letters than what follows, or one of those that many play.
func (r row) isPart(next row, parts []string) bool {
	if len(r.cells) != 1 {
		return false
	}
	text := squeezed(r.text())
	photographed := len(next.cells) > 0 && next.rect.Min.Y-r.rect.Max.Y > 4*r.rect.Dy()
	return photographed || smallPart(r, next) || nearest(text, parts, 0.15) != "" || nearest(text, ensemble, 0.2) != ""
}

// goOn tells whether a row is more names under the parts of a row above.
func goOn(parts, names row) bool {
	if len(parts.cells) != len(names.cells) {
		return false
	}
	for i, c := range names.cells {
		if !centred(c.Rect, parts.cells[i].Rect) || !personFirst(c) {
			return false
		}
	}
	return names.rect.Min.Y-parts.rect.Max.Y < 6*parts.rect.Dy()
}

// columned gives the parts and the names of two rows in which each name stands under or over its part; table are the parts that
// the casting table names.
func columned(r, next row, table []string) (parts, names row, ok bool) {
	known := len(r.cells) > 1 && !slices.ContainsFunc(r.cells, func(c Line) bool { return nearest(squeezed(c.Text), table, 0.25) == "" })
	switch {
	case known && goOn(r, next), underParts(r, next):
		return r, next, true
	case overParts(r, next):
		return next, r, true
	}
	return parts, names, false
}

// castRows are the rows in which players can stand: those under a heading of the cast but what was read in photographs, and
// among the makers those that name players.
func (p page) castRows() []row {
	var out []row
	for _, r := range p {
		switch {
		case strings.ContainsAny(r.text(), "※<>《》〈〉‹›"), prose(r):
		case r.section == castSection:
			if words := r.only(func(c Line) bool { return reWord.MatchString(c.Text) }); len(words.cells) > 0 {
				out = append(out, words)
			}
		case (r.section == otherSection || r.section == noticeSection) && r.named():
			out = append(out, r)
		}
	}
	return out
}

// prose tells whether a row is a sentence: of some words hardly one is built like a name.
func prose(r row) bool {
	words := reSplit.Split(strings.TrimSpace(r.text()), -1)
	n := 0
	for _, w := range words {
		if Personal(squeezed(w)) {
			n++
		}
	}
	return len(words) > 4 && 3*n < len(words)
}

// named tells whether a row among the makers names players.
func (r row) named() bool {
	return len(r.cells) > 1 && slices.Contains(labels[Cast], squeezed(r.cells[0].Text))
}

// reTroupe finds words that names of orchestras, choirs and companies end in.
var reTroupe = regexp.MustCompile(`(?:오케스트라|필하모닉|필하모니|심포니|악단|합창단|발레단|무용단|극단|밴드)$`)

// reWord finds what is a word and no speck: two Korean syllables, or some Latin letters.
var reWord = regexp.MustCompile(`[가-힣]\s*[가-힣]|[A-Za-z0-9]{4}`)

// noNames are words beside names.
var noNames = []string{"변경", "가능", "공개", "공지", "추후", "예정", "미정", "스페셜", "게스트", "서울", "부산", "대구", "소나타", "발라드", "앙코르", "전원", "배우", "단원", "수석"}

// names are the words of a cell.
func names(c Line) []string {
	return reSplit.Split(strings.TrimSpace(reBrackets.ReplaceAllString(c.Text, " ")), -1)
}

// persons tells whether all of some words are built like names, and two at least are.
func persons(words []string) bool {
	return len(words) > 1 && !slices.ContainsFunc(words, func(w string) bool { return !Personal(squeezed(w)) })
}

// personFirst and personLast tell whether the first or last word of a cell is built like a name.
func personFirst(c Line) bool {
	return normalize.PersonLike(squeezed(names(c)[0]))
}

func personLast(c Line) bool {
	words := names(c)
	return normalize.PersonLike(squeezed(words[len(words)-1]))
}

// rareSurnames are those of one syllable that Koreans bear beside normalize.Surnames; longSurnames those of two.
const rareSurnames = "나라예경봉사부가복태목형계피두감음빈동온호범좌팽승간상갈견당화창단탄로림"

var longSurnames = []string{"남궁", "황보", "선우", "제갈", "독고", "사공", "서문", "동방"}

// Personal tells whether a text is built like the name of one Korean: a surname, and one or two syllables.
func Personal(name string) bool {
	r := []rune(name)
	if len(r) > 4 || slices.ContainsFunc(r, func(l rune) bool { return !hangul.IsSyllable(l) }) || normalize.NoName(name) || strings.HasSuffix(name, "들") {
		return false
	}
	if len(r) > 2 && slices.Contains(longSurnames, string(r[:2])) {
		return true
	}
	return (len(r) == 2 || len(r) == 3) && strings.ContainsRune(normalize.Surnames+rareSurnames, r[0])
}

// underParts tells whether a row is names, each right under its part in the row above: the parts are smaller, or one is named
// twice, or only what stands below is built like names.
func underParts(parts, names row) bool {
	if len(parts.cells) != len(names.cells) || len(parts.cells) < 2 || names.rect.Min.Y-parts.rect.Max.Y > 3*parts.rect.Dy()/2 {
		return false
	}
	twice, above, below := false, 0, 0
	for i, c := range parts.cells {
		n := names.cells[i]
		if !centred(c.Rect, n.Rect) && !flush(c.Rect, n.Rect) {
			return false
		}
		twice = twice || i > 0 && squeezed(c.Text) == squeezed(parts.cells[i-1].Text)
		if personFirst(c) || personLast(c) {
			above++
		}
		if personFirst(n) {
			below++
		}
	}
	taller := 10*names.rect.Dy() >= 11*parts.rect.Dy()
	return twice || below == len(names.cells) && 2*above < below || below > above && (taller || above == 0) || taller && 2*above <= len(parts.cells) && below >= above
}

// overParts tells whether a row is names in large letters, each right above its part.
func overParts(names, parts row) bool {
	if len(parts.cells) != len(names.cells) || len(parts.cells) < 2 || parts.rect.Min.Y-names.rect.Max.Y > 3*names.rect.Dy()/2 || 4*names.rect.Dy() < 5*parts.rect.Dy() {
		return false
	}
	for i, c := range parts.cells {
		if !centred(c.Rect, names.cells[i].Rect) || personFirst(c) {
			return false
		}
	}
	return true
}

// smallPart tells whether a row is a part in letters smaller than those of the name right below it.
func smallPart(part, name row) bool {
	return len(name.cells) == 1 && name.rect.Min.Y-part.rect.Max.Y <= 3*part.rect.Dy()/2 && 10*name.rect.Dy() >= 11*part.rect.Dy() && personFirst(name.cells[0]) && !personFirst(part.cells[0])
}

// parts are the parts the casting table names.
func (p page) parts() []string {
	var out []string
	for _, r := range p {
		if r.section == roundSection && tableHead(r) {
			for _, c := range r.cells[columnsOf(r.cells).parts:] {
				out = append(out, strings.TrimSpace(c.Text))
			}
		}
	}
	return append(out, ensemble...)
}

func partName(text string) string {
	text = strings.Join(strings.Fields(strings.Trim(text, "-·ㆍ•:[]<> ")), " ")
	if part := strings.TrimSpace(strings.TrimSuffix(text, "역")); part != text && len([]rune(part)) > 1 { // "선우 역"
		text = part
	}
	return cmp.Or(nearest(squeezed(text), ensemble, 0.2), text)
}

// withNames parts a row in a part and the names beside it. Under a part that stands above its names (pending) a row is names alone.
func withNames(r row, parts []string, pending bool) (string, []string) {
	if nearest(squeezed(r.text()), parts, 0.15) != "" { // a part alone
		return "", nil
	}
	words := reSplit.Split(strings.TrimSpace(r.text()), -1)
	best, at := 0.34, 0
	for n := 1; n <= min(3, len(words)-1); n++ { // a part the table names
		text := squeezed(strings.Join(words[:n], ""))
		for _, part := range parts {
			if d := distance(text, squeezed(part)); d < best {
				best, at = d, n
			}
		}
	}
	if at > 0 {
		return partName(strings.Join(words[:at], " ")), words[at:]
	}
	if left, right, ok := cutLabel(r.text()); ok {
		return strings.TrimSpace(left), reSplit.Split(right, -1)
	}
	if pending || len(words) < 2 {
		return "", nil
	}
	for n := 1; n < min(3, len(words)); n++ { // the fewest words behind which there are names alone
		if first := words[0]; slices.ContainsFunc(words[n:], func(w string) bool { return !Personal(squeezed(w)) }) || n == 1 && normalize.PersonLike(first) && Personal(first) {
			continue
		}
		if slices.ContainsFunc(words[:n], func(w string) bool { return !Personal(squeezed(w)) }) {
			return partName(strings.Join(words[:n], " ")), words[n:]
		}
	}
	if normalize.PersonLike(words[0]) && Personal(words[0]) {
		return "", nil
	}
	persons := 0
	for _, w := range words[1:] {
		if normalize.PersonLike(w) {
			persons++
		}
	}
	if 2*persons < len(words)-1 {
		return "", nil
	}
	return partName(words[0]), words[1:]
}

// players gives the names among words as the players of a part, with a known artist's for one that is nearly his.
func players(role string, words []string, r row, known Known) []Fact {
	if slices.ContainsFunc(words, reTroupe.MatchString) { // the name of many, in several words
		return nil
	}
	var out []Fact
	for _, w := range words {
		name := squeezed(w)
		if slices.Contains(noNames, name) {
			continue
		}
		if n := len([]rune(name)); n < 2 || n > 5 || normalize.NoName(name) || strings.IndexFunc(name, func(r rune) bool { return !hangul.IsSyllable(r) }) >= 0 {
			continue
		}
		name = known.Artists.nearest(name)
		out = append(out, Fact{Field: Cast, Key: role, Value: name, Text: w, Rect: r.rect})
	}
	return out
}
