package catalog

import (
	"fmt"
	"slices"
	"testing"

	"ticketmoa/modules/match"
	"ticketmoa/modules/ticket"
)

// offered is how one seller lists a show.
type offered struct {
	title, venue, run string
	won               ticket.Won
}

// TestTwinsStayTwo: what differs in little but is another show, at two sellers; and what differs in much and is one.
func TestTwinsStayTwo(t *testing.T) {
	t.Parallel()
	c := newCatalog(t)
	for _, tc := range []struct {
		name  string
		a, b  offered
		genre ticket.Genre
		want  bool
	}{
		{"two casts of one title on one weekend in one city", offered{"가족뮤지컬 <신데렐라>", "강서구민회관 우장홀", "2026-12-05 ~ 2026-12-06", 40000},
			offered{"가족뮤지컬 <신데렐라>", "노원문화예술회관 대공연장", "2026-12-05 ~ 2026-12-06", 40000}, ticket.Musical, false},
		{"in two towns of one province on one day", offered{"뮤지컬 <브레드이발소>", "수원 경기아트센터 대극장", "2026-12-05", 55000},
			offered{"뮤지컬 <브레드이발소>", "고양아람누리 아람극장", "2026-12-05", 55000}, ticket.Musical, false},
		{"in two halls that no table knows", offered{"호두까기인형", "달빛아트홀", "2026-12-24 ~ 2026-12-25", 30000},
			offered{"발레 <호두까기인형>", "푸른숲문화관", "2026-12-24 ~ 2026-12-25", 30000}, ticket.Dance, false},
		{"the days of a numbered festival", offered{"제12회 서울재즈페스티벌 1일차", "올림픽공원 88잔디마당", "2026-05-30", 187000},
			offered{"제12회 서울재즈페스티벌 2일차", "올림픽공원 88잔디마당", "2026-05-31", 187000}, ticket.Concert, false},
		{"the days of a festival by their names", offered{"서울재즈페스티벌 토요일권", "올림픽공원 88잔디마당", "2026-05-30", 187000},
			offered{"서울재즈페스티벌 일요일권", "올림픽공원 88잔디마당", "2026-05-31", 187000}, ticket.Concert, false},
		{"the concerts of a series on two evenings", offered{"2026 교향악축제 - 부천필하모닉오케스트라", "예술의전당 콘서트홀", "2026-04-02", 50000},
			offered{"2026 교향악축제 - 부산시립교향악단", "예술의전당 콘서트홀", "2026-04-03", 50000}, ticket.Classical, false},
		{"the evenings of a cycle by Roman numbers", offered{"베토벤 소나타 전곡 I - 봄", "예술의전당 콘서트홀", "2026-04-02", 50000},
			offered{"베토벤 소나타 전곡 II - 여름", "예술의전당 콘서트홀", "2026-04-03", 50000}, ticket.Classical, false},
		{"the plays of a festival in one theatre", offered{"제5회 여성연극제 - 그녀의 방", "대학로예술극장 소극장", "2026-05-01 ~ 2026-05-10", 30000},
			offered{"[제5회 여성연극제] 어머니의 집", "대학로예술극장 소극장", "2026-05-01 ~ 2026-05-10", 30000}, ticket.Play, false},
		{"one festival, its number at one seller only", offered{"제12회 서울재즈페스티벌", "올림픽공원 88잔디마당", "2026-05-30 ~ 2026-05-31", 187000},
			offered{"서울재즈페스티벌 2026", "올림픽공원 88잔디마당", "2026-05-30 ~ 2026-05-31", 187000}, ticket.Concert, true},
		{"one concert, the season's name at one seller only", offered{"2026 교향악축제 - 부천필하모닉오케스트라", "예술의전당 콘서트홀", "2026-04-02", 50000},
			offered{"[교향악축제] 부천필하모닉 오케스트라", "예술의전당 콘서트홀", "2026-04-02", 50000}, ticket.Classical, true},
		{"a house of two names, all season", offered{"뮤지컬 〈레베카〉", "블루스퀘어 신한카드홀", "2026-08-19 ~ 2026-11-19", 170000},
			offered{"뮤지컬 레베카", "블루스퀘어 인터파크홀", "2026-08-19 ~ 2026-11-19", 170000}, ticket.Musical, true},
	} {
		var shows [2]match.Show
		for i, o := range []offered{tc.a, tc.b} {
			seller := ticket.Sellers()[i]
			l := read(string(seller), fmt.Sprint(i), o.title, o.venue, o.run, seller)
			l.Content.Genre, l.Content.Prices = tc.genre, []ticket.Price{{Won: o.won}}
			shows[i] = c.showOf(&l)
		}
		if s := match.Compare(shows[0], shows[1]); s.Same() != tc.want {
			t.Errorf("%s: same %v, want %v: %s\n%+v\n%+v", tc.name, s.Same(), tc.want, scoreText(s), shows[0], shows[1])
		}
	}
}

// TestMatchesOfOneHour: sources write the hour of a match in several ways; two matches of one day have two hours.
func TestMatchesOfOneHour(t *testing.T) {
	t.Parallel()
	at := func(times string) string {
		return fixtureKey(&ticket.Content{Fixture: &ticket.Fixture{Home: "두산 베어스", Away: "LG 트윈스"}, Period: ticket.Period{Start: "2026-05-05", End: "2026-05-05"}, TimesText: times})
	}
	for _, same := range []string{"18:30", "18시 30분", "오후 6시 30분", "오후 6시 반", "(화) 18:30"} {
		if at(same) != at("18:30") {
			t.Errorf("%s is another match: %s", same, at(same))
		}
	}
	if at("14:00") == at("18:30") || at("") == at("14:00") {
		t.Error("a double-header is one match")
	}
}

// TestWithoutTitlesTheSetsAreNotPassed: to a matcher that took every title for the same, neighbours in one hall would be one show.
func TestWithoutTitlesTheSetsAreNotPassed(t *testing.T) {
	t.Parallel()
	c := newCatalog(t)
	for seed := range uint64(5) {
		set := harden(labelled(t), seed)
		x, where := match.NewIndex(PerformanceID), map[string]string{}
		for _, l := range slices.Concat(set.left, set.right) {
			s := c.showOf(&l)
			s.Core, s.Gist, s.Forms, s.Numbers, s.City = "공연", "공연", nil, nil, ""
			x.Put(s, "")
		}
		for _, m := range x.Settle() {
			where[m.Key] = m.To
		}
		right, wrong := 0, 0
		for _, a := range set.left {
			for _, b := range set.right {
				if where[a.Key] == where[b.Key] {
					if set.same[[2]string{a.Key, b.Key}] {
						right++
					} else {
						wrong++
					}
				}
			}
		}
		if precision, recall := float64(right)/float64(right+wrong), float64(right)/float64(len(set.same)); precision >= .99 && recall >= .90 {
			t.Errorf("seed %d: precision %.3f, recall %.3f without titles", seed, precision, recall)
		} else {
			t.Logf("seed %d: precision %.3f, recall %.3f without titles", seed, precision, recall)
		}
	}
}
