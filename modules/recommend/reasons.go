package recommend

import (
	"slices"
	"strings"

	"ticketmoa/modules/ticket"
)

// reasons say in Korean why other stands beside s, the most telling first: who plays in both, then what both are about,
// then what else they share. There is always one.
func (w *world) reasons(s, other *show) []string {
	var out []string
	if names := s.alsoIn(other, 2); len(names) > 0 {
		out = append(out, "같은 "+performers(s.genre)+" "+strings.Join(names, ", "))
	}
	about := w.scheme.Shared(s.keywords, other.keywords, 2)
	if len(about) == 0 {
		for _, tag := range inBoth(s.tags, other.tags, 1) {
			if label := tagLabel(tag); label != "" {
				about = append(about, label)
			}
		}
	}
	switch same := s.genre != "" && s.genre == other.genre; {
	case same && len(about) > 0:
		out = append(out, strings.Join(about, "·")+" "+genreLabel(s.genre))
	case len(about) > 0:
		out = append(out, strings.Join(about, "·")+" 이야기")
	case same && len(out) == 0:
		out = append(out, "같은 장르 "+genreLabel(s.genre))
	}
	if s.venue != "" && s.venue == other.venue && len(out) < 2 {
		out = append(out, "같은 곳 "+s.venue)
	}
	if len(out) == 0 {
		out = append(out, "비슷한 소개글")
	}
	return out
}

// alsoIn names those of the cast that play in another show too.
func (s *show) alsoIn(other *show, most int) []string {
	var out []string
	for i, who := range s.who {
		if slices.Contains(other.who, who) && len(out) < most {
			out = append(out, s.cast[i])
		}
	}
	return out
}

func inBoth(a, b []string, most int) []string {
	var out []string
	for _, x := range a {
		if slices.Contains(b, x) && len(out) < most {
			out = append(out, x)
		}
	}
	return out
}

// performers is what those who appear in a genre are called.
func performers(g ticket.Genre) string {
	switch g {
	case ticket.Musical, ticket.Play, "":
		return "배우"
	case ticket.Exhibition:
		return "작가"
	case ticket.Sports:
		return "팀"
	}
	return "출연자"
}

// genreLabel is a genre inside a sentence.
func genreLabel(g ticket.Genre) string {
	switch g {
	case ticket.Musical:
		return "뮤지컬"
	case ticket.Play:
		return "연극"
	case ticket.Concert:
		return "콘서트"
	case ticket.Classical:
		return "클래식 공연"
	case ticket.Dance:
		return "무용"
	case ticket.Traditional:
		return "국악"
	case ticket.CircusMagic:
		return "서커스·마술"
	case ticket.Exhibition:
		return "전시"
	case ticket.Sports:
		return "경기"
	}
	return "공연"
}

func tagLabel(tag string) string {
	switch tag {
	case ticket.TagFamily:
		return "가족"
	case ticket.TagFestival:
		return "축제"
	case ticket.TagFanMeeting:
		return "팬미팅"
	}
	return ""
}
