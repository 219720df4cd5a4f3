package demo

import (
	"strconv"
	"time"

	"ticketmoa/modules/ticket"
)

// game is a match of baseball between clubs that exist, on a day that is made up.
type game struct {
	code       string // NOL's goods code, or Ticketlink's number of the match
	ticketlink string // Ticketlink's number of the home club; "" where NOL sells
	nol        string // NOL's name of the home club
	home, away string
	stadium    string
	at         time.Time // all in Seoul
	opens      time.Time
	presale    time.Time
}

var homes = []struct{ ticketlink, nol, name, stadium string }{
	{"59", "", "LG 트윈스", "잠실야구장"}, {"58", "", "KIA 타이거즈", "광주-기아 챔피언스 필드"}, {"57", "", "삼성 라이온즈", "대구 삼성 라이온즈 파크"}, {"62", "", "KT 위즈", "수원 KT 위즈 파크"},
	{"63", "", "한화 이글스", "대전 한화생명 볼파크"}, {"", "bears", "두산 베어스", "잠실야구장"}, {"", "heroes", "키움 히어로즈", "고척스카이돔"},
}

// fixtures lays three games at home for every club on days around three weeks from today.
func fixtures(today ticket.Date) []*game {
	var out []*game
	for i, h := range homes {
		for nth := range 3 {
			day := today.AddDays(5 + 7*nth + i)
			at := day.Time().Add(18*time.Hour + 30*time.Minute)
			if wd := at.Weekday(); wd == time.Saturday || wd == time.Sunday {
				at = day.Time().Add(14 * time.Hour)
			}
			m := &game{ticketlink: h.ticketlink, nol: h.nol, home: h.name, away: homes[(i+nth+1)%len(homes)].name, stadium: h.stadium, at: at,
				opens: day.AddDays(-7).Time().Add(11 * time.Hour), presale: day.AddDays(-7).Time().Add(10 * time.Hour), code: strconv.Itoa(9_800_001 + 10*i + nth)}
			if h.nol != "" {
				m.code = "998" + pad(10*i+nth, 5)
			}
			out = append(out, m)
		}
	}
	return out
}

// schedules answers mapi/sports/schedules.
func (t *ticketlinkPages) schedules(team string) answer {
	list := []object{}
	for _, m := range t.cat.matches {
		if m.ticketlink == "" || m.ticketlink != team {
			continue
		}
		list = append(list, object{"scheduleId": m.code, "productId": 77_000, "scheduleDate": m.at.UnixMilli(), "matchTitle": m.home + " vs " + m.away, "venueName": m.stadium,
			"homeTeam": object{"teamId": team, "teamName": m.home}, "awayTeam": object{"teamName": m.away}, "reserveOpenDateTime": m.opens.UnixMilli(),
			"reservePreOpenDateTime": m.presale.UnixMilli(), "reserveButtonStatus": "ON_SALE"})
	}
	return asJSON(object{"success": true, "data": object{"schedules": list}})
}

// dates answers mapi/product/{id}/datesByUtc: an instant for each show, none on Mondays of a long run.
func (t *ticketlinkPages) dates(code string) answer {
	s := t.cat.at[ticketlinkSite][code]
	list := []object{}
	for d := t.cat.today; s != nil && !s.openRun && d <= s.end; d = d.AddDays(1) {
		if d < s.start || s.long() && d.Time().Weekday() == time.Monday {
			continue
		}
		list = append(list, object{"productDate": d.Time().Add(time.Duration(s.hour()) * time.Hour).UnixMilli()})
	}
	return asJSON(object{"data": list})
}
