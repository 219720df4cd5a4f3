package hangul

import (
	"testing"
	"unicode/utf8"
)

func TestStripJosa(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"오페라의": "오페라", "시라노를": "시라노", "관객은": "관객", "관객이": "관객", "바다가": "바다", "바다에서": "바다", "무대에서는": "무대", "서울에서부터": "서울",
		"사람으로부터": "사람", "사람들의": "사람", "친구에게": "친구", "로미오와": "로미오", "줄리엣과": "줄리엣", "처음부터": "처음", "마지막까지": "마지막", "BTS의": "BTS",
		"콘서트로": "콘서트", "뮤지컬로": "뮤지컬", "아이처럼": "아이", "2025는": "2025", "러시아로부터": "러시아", "무대만으로": "무대",
		// too short, a form that does not fit, or a word of its own
		"나는": "나는", "마을": "마을", "노을": "노을", "종로": "종로", "대학로": "대학로", "음악가": "음악가", "김고은": "김고은", "피가로": "피가로", "오텔로": "오텔로", "호프만": "호프만",
		"울릉도": "울릉도", "제주도": "제주도", "어린이": "어린이", "고양이": "고양이", "사물놀이": "사물놀이", "민주주의": "민주주의", "페스티벌": "페스티벌", "": "", "의": "의", "는": "는", "Josa": "Josa",
	} {
		got, stripped := StripJosa(in)
		if got != want || stripped != (in != want) {
			t.Errorf("StripJosa(%q) = %q, %v; want %q", in, got, stripped, want)
		}
	}
}

// TestParticlesLongestFirst: a shorter one before a longer would take half a particle off.
func TestParticlesLongestFirst(t *testing.T) {
	t.Parallel()
	for i := 1; i < len(particles); i++ {
		if utf8.RuneCountInString(particles[i].form) > utf8.RuneCountInString(particles[i-1].form) {
			t.Errorf("%s stands behind the shorter %s", particles[i].form, particles[i-1].form)
		}
	}
}

func FuzzStripJosa(f *testing.F) {
	for _, s := range []string{"오페라의", "", "\xff의", "사람들의", "a는"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		stem, stripped := StripJosa(s)
		if stripped && (utf8.RuneCountInString(stem) < 2 || len(stem) >= len(s) || s[:len(stem)] != stem) || !stripped && stem != s {
			t.Errorf("StripJosa(%q) = %q, %v", s, stem, stripped)
		}
	})
}
