package demo

import (
	"fmt"
	"strings"
	"time"

	"ticketmoa/modules/ticket"
)

// age is an age limit as each site writes it.
type age struct{ years, months int }

func (a age) kopis() string {
	switch {
	case a.months > 0:
		return fmt.Sprintf("%d개월 이상", a.months)
	case a.years == 0:
		return "전체 관람가"
	}
	return fmt.Sprintf("만 %d세 이상", a.years)
}

func (a age) yes24() string {
	switch {
	case a.months > 0:
		return fmt.Sprintf("%d개월 이상", a.months)
	case a.years == 0:
		return "전체관람가"
	case a.years == 14:
		return "14세 이상 (중학생 이상)"
	}
	return fmt.Sprintf("%d세 이상", a.years)
}

func (a age) ticketlink() string {
	switch {
	case a.months > 0:
		return fmt.Sprintf("%d개월이상", a.months)
	case a.years == 0:
		return "전체관람가"
	}
	return fmt.Sprintf("만%d세이상", a.years)
}

// title gives a show a name nobody else has; label and inner depend on the sort.
func (b *builder) title(s *show) {
	w := b.words
	for range 1000 {
		s.label, s.inner = "", ""
		switch s.sort {
		case musical:
			s.label, s.name = "뮤지컬", b.pick(w.musicalA)+" "+b.pick(w.musicalB)
		case play:
			s.label, s.name = "연극", b.pick(w.playA)+" "+b.pick(w.playB)
		case family:
			s.label, s.name = b.pick([]string{"가족뮤지컬", "어린이뮤지컬"}), b.pick(w.familyA)+" "+b.pick(w.familyB)
		case concert:
			b.concertTitle(s)
		case classical:
			b.classicalTitle(s)
		case dance:
			b.danceTitle(s)
		case traditional:
			s.name, s.inner = b.person()+" "+b.pick([]string{"가야금 독주회", "판소리 무대", "해금 독주회", "국악콘서트"}), b.pick(w.inner)
		case magic:
			s.name, s.inner = b.person()+" 매직콘서트", b.pick(w.inner)
		case exhibition:
			s.name = b.pick(w.exhibitA) + " " + b.pick(w.exhibitB)
		}
		if key := s.name + s.inner; !b.c.taken[key] {
			b.c.taken[key] = true
			return
		}
	}
}

func (b *builder) concertTitle(s *show) {
	w := b.words
	s.inner, s.visit = b.pick(w.inner), false
	switch n := b.rng.IntN(8); {
	case n == 0:
		s.name, s.visit = b.pick(w.foreign)+" 내한공연", true
	case n < 5:
		s.name = b.pick(w.bands) + " " + b.pick([]string{"단독콘서트", "라이브 콘서트", "전국투어 콘서트"})
	default:
		s.name = b.person() + " " + b.pick([]string{"단독콘서트", "소극장 콘서트", "연말 콘서트"})
	}
}

func (b *builder) danceTitle(s *show) {
	work := b.pick(b.words.danceA) + " " + b.pick(b.words.danceB)
	if b.rng.IntN(2) == 0 {
		s.label, s.name = "발레", work
		return
	}
	s.name, s.inner = b.pick(b.words.troupes)+" 정기공연", work
}

func (b *builder) classicalTitle(s *show) {
	w := b.words
	switch b.rng.IntN(4) {
	case 0:
		s.label, s.name = "오페라", b.pick(w.operaA)+" "+b.pick(w.operaB)
	case 1:
		s.name, s.inner = b.pick(w.instruments)+" "+b.person()+" 리사이틀", b.pick(w.inner)
	default:
		s.name, s.inner = fmt.Sprintf("%s 제%d회 정기연주회", b.pick(w.orchestras), b.between(12, 240)), b.pick(w.inner)
	}
}

// facts gives a show its prices, times, people and synopsis.
func (b *builder) facts(s *show) {
	s.prices = b.prices(s.sort)
	switch s.sort {
	case musical:
		s.minutes, s.pause, s.age = b.between(10, 17)*10, []int{0, 15, 20}[b.rng.IntN(3)], age{years: []int{7, 8, 14}[b.rng.IntN(3)]}
	case play:
		s.minutes, s.age = b.between(8, 12)*10, age{years: []int{8, 12, 14}[b.rng.IntN(3)]}
	case concert:
		s.minutes, s.age = b.between(9, 15)*10, age{years: []int{7, 8}[b.rng.IntN(2)]}
	case classical, dance, traditional:
		s.minutes, s.pause, s.age = b.between(8, 12)*10, []int{0, 15}[b.rng.IntN(2)], age{years: 7}
	case family, magic:
		s.minutes, s.age = b.between(5, 8)*10, age{months: []int{24, 36}[b.rng.IntN(2)]}
	case exhibition:
		s.minutes = 0
	}
	b.casting(s)
	s.synopsis = b.synopsis(s)
}

func (b *builder) prices(k sort) []ticket.Price {
	table := func(top int, grades ...string) []ticket.Price {
		var out []ticket.Price
		for i, g := range grades {
			out = append(out, ticket.Price{Grade: g, Won: ticket.Won(top - i*top/(len(grades)+1)/1000*1000)})
		}
		return out
	}
	switch k {
	case musical:
		if b.rng.IntN(3) == 0 {
			return table(b.between(6, 9)*11_000, "R석", "S석")
		}
		return table(b.between(9, 16)*10_000, "VIP석", "R석", "S석", "A석")
	case play:
		if b.rng.IntN(2) == 0 {
			return table(b.between(25, 50)*1_000, "전석")
		}
		return table(b.between(4, 7)*10_000, "R석", "S석")
	case concert:
		if b.rng.IntN(3) == 0 {
			return table(b.between(6, 12)*11_000, "스탠딩석", "지정석")
		}
		return table(b.between(8, 15)*11_000, "VIP석", "R석", "S석")
	case classical, dance, traditional:
		if b.rng.IntN(3) == 0 {
			return table(b.between(2, 4)*10_000, "전석")
		}
		return table(b.between(5, 12)*10_000, "R석", "S석", "A석", "B석")
	case family, magic:
		return table(b.between(35, 66)*1_000, "R석", "S석")
	case exhibition:
		return table(b.between(15, 22)*1_000, "성인", "청소년", "어린이")
	}
	return nil
}

// casting casts a show: musicals and plays with parts, concerts with whom they are of.
func (b *builder) casting(s *show) {
	add := func(role string) {
		for range 20 {
			name := b.person()
			taken := false
			for _, m := range s.cast {
				taken = taken || m.Name == name
			}
			if !taken {
				s.cast = append(s.cast, ticket.CastMember{Name: name, Role: role})
				return
			}
		}
	}
	switch s.sort {
	case musical, play, family:
		parts := b.rng.Perm(len(b.words.roles))
		for _, i := range parts[:b.between(3, 6)] {
			add(b.words.roles[i])
		}
	case dance:
		for range b.between(2, 5) {
			add("")
		}
	case classical:
		if s.label == "오페라" {
			add("지휘")
			add("소프라노")
			add("테너")
			return
		}
		if strings.HasSuffix(s.name, "리사이틀") {
			s.cast = []ticket.CastMember{{Name: strings.Fields(s.name)[1]}}
			return
		}
		add("지휘")
		add("협연")
	case concert, traditional, magic:
		first, _, _ := strings.Cut(s.name, " ")
		if s.visit {
			first = strings.TrimSuffix(s.name, " 내한공연")
		}
		s.cast = []ticket.CastMember{{Name: first}}
	case exhibition:
	}
}

func (b *builder) synopsis(s *show) string {
	style := map[sort]string{musical: "story", play: "story", concert: "music", classical: "music", traditional: "music", family: "family"}[s.sort]
	if style == "" {
		style = "show"
	}
	parts := []string{b.pick(beginnings[style]), b.pick(middles[style])}
	if more := b.pick(middles[style]); more != parts[1] {
		parts = append(parts, more)
	}
	if b.rng.IntN(4) > 0 {
		parts = append(parts, b.pick(ends[style]))
	}
	name := s.name
	if s.label == "" && s.inner != "" {
		name = s.inner
	}
	return strings.NewReplacer("%n", name, "%c", s.city, "%h", s.room.hall.name).Replace(strings.Join(parts, " "))
}

var weekdays = []string{"일", "월", "화", "수", "목", "금", "토"}

func weekday(d ticket.Date) string { return weekdays[d.Time().Weekday()] }

// hour is when a show of few days begins.
func (s *show) hour() int {
	if wd := s.start.Time().Weekday(); wd == time.Saturday || wd == time.Sunday {
		return 17
	}
	return 20
}

func (s *show) long() bool { return s.start.DaysUntil(s.end) >= 6 }

// kopisTimes, yes24Times and noticeTimes are the hours of a show as each site writes them.
func (s *show) kopisTimes() string {
	switch {
	case s.long() && s.sort == family:
		return "화요일 ~ 금요일(11:00), 토요일 ~ 일요일(11:00,14:00)"
	case s.long():
		return "화요일 ~ 금요일(19:30), 토요일(14:00,19:00), 일요일(14:00)"
	}
	var out []string
	for d := s.start; d <= s.end; d = d.AddDays(1) {
		out = append(out, fmt.Sprintf("%s요일(%d:00)", weekday(d), s.hour()))
	}
	return strings.Join(out, ", ")
}

func (s *show) yes24Times() string {
	switch {
	case s.sort == exhibition:
		return "화-일 오전 10시 ~ 오후 7시 (입장마감 오후 6시, 월 휴관)"
	case s.long() && s.sort == family:
		return "화-금 11시 / 토·일 11시, 2시 (월 공연 없음)"
	case s.long():
		return "화-금 7시 30분 / 토 2시, 7시 / 일 2시 (월 공연 없음)"
	}
	d := s.start.Time()
	return fmt.Sprintf("%d년 %d월 %d일(%s) 오후 %d시", d.Year(), d.Month(), d.Day(), weekday(s.start), s.hour()-12)
}

func (s *show) noticeTimes() string {
	switch {
	case s.sort == exhibition:
		return "화-일 10시 ~ 19시 (월 휴관)"
	case s.long() && s.sort == family:
		return "화-금 11시 / 토·일 11시, 14시 (월 공연 없음)"
	case s.long():
		return "화-금 19시 30분 / 토 14시, 19시 / 일 14시 (월 공연 없음)"
	}
	return fmt.Sprintf("%d시", s.hour())
}

// dotted is "2026.04.01"; spelled "2026년 04월 01일(수)".
func dotted(d ticket.Date) string { return d.Time().Format("2006.01.02") }

func spelled(d ticket.Date) string {
	return d.Time().Format("2006년 01월 02일") + "(" + weekday(d) + ")"
}

// won writes a sum with its commas.
func won(w ticket.Won) string {
	s := fmt.Sprint(int64(w))
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
