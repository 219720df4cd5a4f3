package demo

import "strings"

// ticketlinkTitle, yes24Title and kopisTitle write one title in the ways of the three sites.
func (s *show) ticketlinkTitle() string {
	name := s.phrase("<", ">")
	if s.label != "" {
		name = s.label + []string{" <", " 〈"}[s.styles[0]%2] + s.name + []string{">", "〉"}[s.styles[0]%2]
	}
	if s.tour {
		name += " - " + s.city
	}
	if s.exclusive && s.styles[0] < 3 {
		name = "[단독판매] " + name
	}
	return name
}

func (s *show) yes24Title() string {
	brackets := [][2]string{{"[", "]"}, {"<", ">"}, {"〈", "〉"}}[s.styles[1]%3]
	name := s.phrase(brackets[0], brackets[1])
	if s.label != "" {
		name = s.label + " " + brackets[0] + s.name + brackets[1]
	}
	switch {
	case s.tour && s.styles[1] < 3:
		name += " - " + s.city
	case s.tour:
		name = "[" + s.city + "] " + name
	case s.label == "" && s.styles[1] == 4:
		name = s.start.Time().Format("2006 ") + name
	}
	return name
}

func (s *show) kopisTitle() string {
	name := s.name
	if s.label == "" && s.inner != "" {
		name += ": " + s.inner
	}
	switch {
	case s.room.hall.region == "서울" && s.styles[2] == 1:
		name += " [서울 " + borough(s.room.hall.district()) + "]"
	case s.tour || s.styles[2]%2 == 0:
		name += " [" + s.city + "]"
	}
	return name
}

func (s *show) phrase(open, end string) string {
	if s.inner == "" {
		return s.name
	}
	return s.name + " " + open + s.inner + end
}

// borough is a district as KOPIS sets it behind a title: "서초", but "중구".
func borough(district string) string {
	if short := strings.TrimSuffix(district, "구"); len([]rune(short)) > 1 {
		return short
	}
	return district
}
