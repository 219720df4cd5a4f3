package hangul

import "unicode/utf8"

// particle is one that StripJosa knows.
type particle struct {
	form string
	fits fit
	left int // how many letters at least must be left before it
}

// fit is how the word before a particle must end.
type fit int

const (
	anyEnd fit = iota
	closedEnd
	openEnd
	roEnd // with a vowel or ㄹ
)

// particles are the ones that follow a noun, the longest first. Those that are also the end of many names and nouns
// (피가로, 호프만, 거문도) are taken off longer words only.
var particles = []particle{
	{"으로부터", closedEnd, 2}, {"에서부터", anyEnd, 2},
	{"에게서", anyEnd, 2}, {"한테서", anyEnd, 2}, {"에서는", anyEnd, 2}, {"에서도", anyEnd, 2}, {"에서의", anyEnd, 2}, {"으로는", closedEnd, 2},
	{"으로도", closedEnd, 2}, {"으로서", closedEnd, 2}, {"으로써", closedEnd, 2}, {"으로의", closedEnd, 2}, {"이라는", closedEnd, 2}, {"이라고", closedEnd, 2},
	{"이라도", closedEnd, 2}, {"로부터", roEnd, 2}, {"에게는", anyEnd, 2}, {"까지의", anyEnd, 2}, {"들에게", anyEnd, 2}, {"만으로", anyEnd, 2},
	{"에서", anyEnd, 2}, {"에게", anyEnd, 2}, {"에는", anyEnd, 2}, {"에도", anyEnd, 2}, {"한테", anyEnd, 2}, {"까지", anyEnd, 2}, {"부터", anyEnd, 2},
	{"으로", closedEnd, 2}, {"처럼", anyEnd, 2}, {"보다", anyEnd, 2}, {"마다", anyEnd, 2}, {"조차", anyEnd, 2}, {"마저", anyEnd, 2}, {"밖에", anyEnd, 2},
	{"이나", closedEnd, 2}, {"이랑", closedEnd, 2}, {"이며", closedEnd, 2}, {"하고", anyEnd, 3}, {"라는", openEnd, 2}, {"라고", openEnd, 2}, {"로서", roEnd, 2},
	{"로써", roEnd, 2}, {"과의", closedEnd, 2}, {"와의", openEnd, 2}, {"들의", anyEnd, 2}, {"들이", anyEnd, 2}, {"들은", anyEnd, 2}, {"들을", anyEnd, 2}, {"들과", anyEnd, 2},
	{"은", closedEnd, 2}, {"는", openEnd, 2}, {"이", closedEnd, 2}, {"가", openEnd, 2}, {"을", closedEnd, 2}, {"를", openEnd, 2},
	{"과", closedEnd, 2}, {"와", openEnd, 2}, {"의", anyEnd, 2}, {"에", anyEnd, 2}, {"도", anyEnd, 3}, {"만", anyEnd, 3}, {"로", roEnd, 3},
}

// whole are words that end as if with a particle.
var whole = map[string]bool{
	"어린이": true, "고양이": true, "호랑이": true, "원숭이": true, "젊은이": true, "늙은이": true, "멍멍이": true, "거북이": true, "지킴이": true, "길잡이": true,
	"달팽이": true, "구렁이": true, "지팡이": true, "오뚝이": true, "인형놀이": true, "소꿉놀이": true, "탈놀이": true, "풍물놀이": true, "사물놀이": true,
	"민주주의": true, "사실주의": true, "낭만주의": true, "인상주의": true, "표현주의": true, "자본주의": true,
}

// byEnd are the particles by their last syllable: most words end with none.
var byEnd = func() map[rune][]particle {
	out := map[rune][]particle{}
	for _, p := range particles {
		last, _ := utf8.DecodeLastRuneInString(p.form)
		out[last] = append(out[last], p)
	}
	return out
}()

// StripJosa takes the particle off a word: "오페라의" gives "오페라", true. It takes the longest one that fits how the word
// before it ends, takes one only, and leaves at least two letters; a word that it does not know to end with a particle
// comes back as it is. Without a dictionary it cannot know every noun that ends like one, so look words up in both forms
// where a loss would hurt.
func StripJosa(word string) (stem string, stripped bool) {
	if whole[word] {
		return word, false
	}
	last, _ := utf8.DecodeLastRuneInString(word)
	for _, p := range byEnd[last] {
		n := len(word) - len(p.form)
		if n <= 0 || word[n:] != p.form {
			continue
		}
		stem = word[:n]
		if utf8.RuneCountInString(stem) >= p.left && p.fits.allows(stem) {
			return stem, true
		}
	}
	return word, false
}

func (f fit) allows(stem string) bool {
	consonant, rieul := ending(stem)
	switch f {
	case closedEnd:
		return consonant
	case openEnd:
		return !consonant
	case roEnd:
		return !consonant || rieul
	}
	return true
}
