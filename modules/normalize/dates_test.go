package normalize

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/ticket"
)

func TestPeriod(t *testing.T) {
	t.Parallel()
	const run, open, none, bad = "run", "open", "none", "bad"
	for _, c := range []struct {
		raw, ref, kind, start, end, dates string
	}{
		{raw: "2024년 12월 06일(금) - 2025년 02월 23일(일)", start: "2024-12-06", end: "2025-02-23"},
		{raw: "2025년 01월 18일 (토)", start: "2025-01-18", end: "2025-01-18"},
		{raw: "2024년 12월 11일(수), 2024년 12월 13일(금)", start: "2024-12-11", end: "2024-12-13", dates: "2024-12-11 2024-12-13"},
		{raw: "2025년 01월 06일(월) ~\u200b 2025년 \u200b02월 02일(일)", start: "2025-01-06", end: "2025-02-02"},
		{raw: "2015년 5월2일 오후3시", start: "2015-05-02", end: "2015-05-02"},
		{raw: "2015. 7. 24(금) – 26일(일)", start: "2015-07-24", end: "2015-07-26"},
		{raw: "2015. 7. 24(금) - 26(일)", start: "2015-07-24", end: "2015-07-26"},
		{raw: "2015. 6. 5.(금) ~ 2015. 8. 9.(일)", start: "2015-06-05", end: "2015-08-09"},
		{raw: "2015. 05. 30(토) PM 4:00", start: "2015-05-30", end: "2015-05-30"},
		{raw: "2015년 4월 24일 금요일 20:00(오후 8시)", start: "2015-04-24", end: "2015-04-24"},
		{raw: "2024.12.27 ~2024.12.29", start: "2024-12-27", end: "2024-12-29"},
		{raw: "2024.12.01 ~ 2025.01.05", start: "2024-12-01", end: "2025-01-05"},
		{raw: "2024.02.20 ~2024.02.25", start: "2024-02-20", end: "2024-02-25"},
		{raw: "2024.12.14 ~ 2025.03.09", start: "2024-12-14", end: "2025-03-09"},
		{raw: "2026년 4월 3일(금) 오후 8시 30분", start: "2026-04-03", end: "2026-04-03"},
		{raw: "2026년 4월 3일(금) 8PM(KST)", start: "2026-04-03", end: "2026-04-03"},
		{raw: "2026년 4월 3일(금) 19:30", start: "2026-04-03", end: "2026-04-03"},
		{kind: bad, raw: "2020.11.21(토) ~ …"},
		{kind: bad, raw: "- 티켓오픈 공연기간 : 2025년 01월 17일(금) ~ 2025년 02월 02일(일)"}, {kind: bad, raw: "* 판매시작 : 공연 시간 1시간 전"}, {kind: bad, raw: "공연시간 정보"},
		{raw: "2023.10.25~12.31", start: "2023-10-25", end: "2023-12-31"},
		{raw: "2024.12.25 ~ 1.5", start: "2024-12-25", end: "2025-01-05"},
		{raw: "2023.11.30~ 2024.3.10", start: "2023-11-30", end: "2024-03-10"},
		{raw: "2023.12.05. ~ 2024.03.02.", start: "2023-12-05", end: "2024-03-02"},
		{raw: "26.10.23 ~ 26.10.25", start: "2026-10-23", end: "2026-10-25"},
		{raw: "20260919", start: "2026-09-19", end: "2026-09-19"},
		{raw: "20260919 ~ 20260920", start: "2026-09-19", end: "2026-09-20"},
		{raw: "2023/08/19 ~ 2023/11/19", start: "2023-08-19", end: "2023-11-19"},
		{raw: "2020.11.21(토) ~ 2020.11.21(토)", start: "2020-11-21", end: "2020-11-21"},
		{raw: "2025.11.29 - 2025.11.29", start: "2025-11-29", end: "2025-11-29"},
		{raw: "2024년 09월 21일(토)~ 2024년 09월 22일(일)", start: "2024-09-21", end: "2024-09-22"},
		{raw: "2015년 5월 16일(토) PM 7시, 17일(일) PM 7시", start: "2015-05-16", end: "2015-05-17", dates: "2015-05-16 2015-05-17"},
		{raw: "2015년 6월 17일(수) ~ 7월 18일(토) (수,목,금,토 공연)  *7월4일(토)공연없음", start: "2015-06-17", end: "2015-07-18"},
		{raw: "2015.5.22\t\t\t", start: "2015-05-22", end: "2015-05-22"},
		{raw: "2026년 5월 1일(금)-5일(화) / 금 7PM, 토 5PM", start: "2026-05-01", end: "2026-05-05"},
		{raw: "2025년 3월 1일(토) 18시\n2025년 3월 2일(일) 17시", start: "2025-03-01", end: "2025-03-02", dates: "2025-03-01 2025-03-02"},
		{raw: "2024-12-06T00:00:00", start: "2024-12-06", end: "2024-12-06"},
		{raw: "２０２５．０３．０１ ～ ２０２５．０３．０９", start: "2025-03-01", end: "2025-03-09"},
		{raw: "2025.03.01.SAT - 03.02.SUN", start: "2025-03-01", end: "2025-03-02"},
		{raw: "2025년 2월 1일(토) ~ 2월 2일(일) 총 4회", start: "2025-02-01", end: "2025-02-02"},
		{raw: "'25.02.01 ~ 02.02", start: "2025-02-01", end: "2025-02-02"},
		{raw: "12.06 ~ 2025.02.23", start: "2024-12-06", end: "2025-02-23"},
		// A missing year is resolved against the page's own day.
		{raw: "4월 1일(수) ~ 4월 2일(목) 오후 8시", ref: "2026-01-10", start: "2026-04-01", end: "2026-04-02"},
		{raw: "1월 5일 ~ 1월 9일", ref: "2024-12-20", start: "2025-01-05", end: "2025-01-09"},
		{raw: "12월 28일", ref: "2025-01-04", start: "2024-12-28", end: "2024-12-28"},
		{kind: bad, raw: "4월 1일 ~ 4월 2일"},                                 // no day to take the year from
		{kind: bad, raw: "7월 1일", ref: "2024-12-31"},                      // last summer or the next
		{kind: bad, raw: "4월 1일(수) ~ 4월 2일(목)", ref: "2024-01-10"},        // no Wednesday near
		{kind: open, raw: "상시공연"},                                         //
		{kind: open, raw: "오픈런"},                                          //
		{kind: open, raw: "2025.01.03 ~ 오픈런", start: "2025-01-03"},        //
		{kind: open, raw: "2025.01.03 ~ 미정", start: "2025-01-03"},         //
		{kind: open, raw: "2025.01.03 ~ 9999.12.31", start: "2025-01-03"}, //
		{kind: open, raw: "2025.03.01(토) ~ 추후 공지", start: "2025-03-01"},
		{raw: "2024년 12월 6일(금) ~ 2025년 3월 30일(일) / 매주 월요일 휴관", start: "2024-12-06", end: "2025-03-30"},
		{raw: "2024년 12월 6일(금) ~ 2025년 3월 30일(일) (단, 1월 29일 휴관)", start: "2024-12-06", end: "2025-03-30"},
		{kind: bad, raw: "2025년 3월 1일 ~ 3월 30일, 4월 5일 휴관"},
		{raw: "2018년 3월 10일 (토) 오후 6시, 3월 11일 (일) 오후 5시", start: "2018-03-10", end: "2018-03-11", dates: "2018-03-10 2018-03-11"},
		{raw: "2023년 12월 30일(토) & 31일(일)", start: "2023-12-30", end: "2023-12-31", dates: "2023-12-30 2023-12-31"},
		{raw: "2022년 05월 20일(금) ~ 2022년 05월 22일(일), 3일간", start: "2022-05-20", end: "2022-05-22"},
		{raw: "2025년 2월 15일(토) 14:00 / 18:00, 2월 16일(일) 14:00", start: "2025-02-15", end: "2025-02-16", dates: "2025-02-15 2025-02-16"},
		{raw: "2024. 11. 2 (Sat) 6PM", start: "2024-11-02", end: "2024-11-02"},
		{raw: "2024년 12월 31일(화) 22:00 ~ 2025년 1월 1일(수) 00:30", start: "2024-12-31", end: "2025-01-01"},
		{kind: bad, raw: "2024년 7월 중"},
		{kind: none, raw: ""}, {kind: none, raw: "미정"}, {kind: none, raw: "추후 공지"}, {kind: none, raw: "9999-12-31"}, {kind: none, raw: "TBA"},
		{kind: bad, raw: "공연 시간 1시간 전"}, {kind: bad, raw: "전석 무료"}, {kind: bad, raw: "화~금 19시30분 / 토 15시"},
		{kind: bad, raw: "오픈회차 : 2024.01.03~01.31"}, {kind: bad, raw: "2차 티켓오픈 공연기간 : 2025년 01월 17일(금) ~ 2025년 02월 02일(일)"},
		{kind: bad, raw: "2025.02.30"}, {kind: bad, raw: "2025.13.01"}, {kind: bad, raw: "2025.03.09 ~ 2025.03.01"}, {kind: bad, raw: "2024.07.10 - 2024.03.31"},
		{kind: bad, raw: "2025년 3월 ~ 5월"}, {kind: bad, raw: "2025년"}, {kind: bad, raw: "2025.01.03 ~"}, {kind: bad, raw: "2025.1.30 ~ 2일"},
		{kind: bad, raw: "2025년 01월 18일 (일)"}, // it was a Saturday
		{kind: bad, raw: "2015년, 꽃피는 5월, 나들이 가는 16일(토) PM7시"},
		{kind: bad, raw: "서울 2025.1.1 ~ 1.5 / 부산 2025.2.1"},
		{kind: bad, raw: "2025년 3월 1일(토)" + ticket.Several + "2025년 3월 8일(토)"},
		{kind: bad, raw: "2025.05.01 ~ 2025.05.03 ~ 2025.05.09"},
		{kind: bad, raw: "1895.01.01 ~ 2025.05.03"},
	} {
		p, err := Period(c.raw, ticket.Date(c.ref))
		var dates []string
		for _, d := range p.Dates {
			dates = append(dates, string(d))
		}
		kind := c.kind
		if kind == "" {
			kind = run
		}
		var why *Problem
		ok := string(p.Start) == c.start && string(p.End) == c.end && strings.Join(dates, " ") == c.dates && p.OpenRun == (kind == open) &&
			(err != nil) == (kind == bad) && (err == nil || errors.As(err, &why) && why.Reason != "")
		if !ok {
			t.Errorf("Period(%q, %q) = %+v, %v; want %s %s %s %s", c.raw, c.ref, p, err, kind, c.start, c.end, c.dates)
		}
	}
}

func TestOpens(t *testing.T) {
	t.Parallel()
	ref := time.Date(2025, 7, 1, 3, 0, 0, 0, time.UTC)
	for raw, want := range map[string]string{
		"2024.11.29(금) 14:00":                      "2024-11-29 14:00",
		"2024년 2월 16일(금) 오전 9시":                    "2024-02-16 09:00",
		"2024년 2월 16일(금) 낮 12시":                    "2024-02-16 12:00",
		"2024년 6월 28일(금) 오전 11시 30분":               "2024-06-28 11:30",
		"2023년 11월 30일(목) 오전 10시":                  "2023-11-30 10:00",
		"2015년 3월 31일 (화) 오후 2시":                   "2015-03-31 14:00",
		"2015년 4월 24일 금요일 20:00(오후 8시)":            "2015-04-24 20:00",
		"2015년 4월 9일 목요일 20시":                      "2015-04-09 20:00",
		"2015. 04.09 PM 08:00":                     "2015-04-09 20:00",
		"20260716200000":                           "2026-07-16 20:00",
		"202603112000":                             "2026-03-11 20:00",
		"2024-11-25T15:00":                         "2024-11-25 15:00",
		"2026-10-14T14:00:00.000+09:00":            "2026-10-14 14:00",
		"2026-10-14T05:00:00Z":                     "2026-10-14 14:00",
		"2025-07-04 18:00:00":                      "2025-07-04 18:00",
		"1724238000000":                            "2024-08-21 20:00",
		"07.04(금) 18:00":                           "2025-07-04 18:00",
		"2026-10-13T11:00:00":                      "2026-10-13 11:00",
		"낮 12시":                                    "!before its day",
		"내일 10:00":                                 "2025-07-02 10:00",
		"오늘 20시":                                   "2025-07-01 20:00",
		"23.08.21(월) 09:00":                        "2023-08-21 09:00",
		"5/11 오후9시부터":                              "2025-05-11 21:00",
		"2015.04.24(금) 00:00":                      "2015-04-24 00:00",
		"2024.11.27(수) 20:00 ~ 11.28(목) 23:59":     "2024-11-27 20:00",
		"2024년 8월 23일 (금) 20:00PM":                 "2024-08-23 20:00",
		"":                                         "",
		"추후공지":                                     "",
		"미정":                                       "",
		"9999-12-31T00:00:00":                      "",
		"2024년 11월 27일(수)":                         "!no time of day",
		"2024.11.29(목) 14:00":                      "!weekday",
		"2024.11.29(금) 8시":                         "!noon",
		"2024.11.29(금) 자정":                         "!자정",
		"2024.11.29(금) 밤 12시":                      "!ambiguous",
		"2024.11.29(금) 25:00":                      "!no such time",
		"2024.02.30 14:00":                         "!no such day",
		"2024.11.29(금) 14:00, 2024.12.02(월) 14:00": "!several",
		"2024.11.29(금) 20:00(오후 9시)":               "!contradict",
		"공연 시작 1시간 전":                              "!",
		"14:00":                                    "!before its day",
	} {
		at, err := Opens(raw, ref)
		got := ""
		if at != nil {
			got = at.In(ticket.Seoul).Format("2006-01-02 15:04")
			if at.Location() != time.UTC {
				t.Errorf("%q is not in UTC", raw)
			}
		}
		if reason, bad := strings.CutPrefix(want, "!"); bad {
			if err == nil || at != nil || !strings.Contains(err.Error(), reason) {
				t.Errorf("Opens(%q) = %q, %v; want a problem with %q", raw, got, err, reason)
			}
		} else if err != nil || got != want {
			t.Errorf("Opens(%q) = %q, %v; want %q", raw, got, err, want)
		}
	}
	if at, err := Opens("07.04(금) 18:00", time.Time{}); err == nil {
		t.Errorf("without a reference day: %v", at)
	}
}

func TestWindow(t *testing.T) {
	t.Parallel()
	ref := time.Date(2024, 8, 14, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct{ raw, from, to string }{
		{"08/21(수) 20:00PM (KST) ~ 08/22(목) 23:59PM (KST)", "08-21 20:00", "08-22 23:59"},
		{"2024.08.21(수) 20:00 ~ 22:00", "08-21 20:00", "08-21 22:00"},
		{"2024.08.21(수) 20:00", "08-21 20:00", ""},
		{"2024.08.21(수) 20:00 ~ 08.22(목)", "08-21 20:00", ""},
		{"2024.08.21(수) 20:00 ~ 2024.08.20(화) 20:00", "08-21 20:00", ""},
	} {
		from, to, err := Window(c.raw, ref)
		f := func(at *time.Time) string {
			if at == nil {
				return ""
			}
			return at.In(ticket.Seoul).Format("01-02 15:04")
		}
		if err != nil || f(from) != c.from || f(to) != c.to {
			t.Errorf("Window(%q) = %s, %s, %v", c.raw, f(from), f(to), err)
		}
	}
}

func FuzzPeriod(f *testing.F) {
	for _, s := range []string{"2024년 12월 06일(금) - 2025년 02월 23일(일)", "2015. 7. 24(금) – 26일(일)", "'25.1.1~2", "상시공연", "26.10.23 ~ 26.10.25", "*※단, (토", "2025.1.1\n2", "9999-1"} {
		f.Add(s, "2025-01-01")
	}
	f.Fuzz(func(t *testing.T, raw, ref string) {
		r, err := ticket.ParseDate(ref)
		if err != nil {
			r = ""
		}
		p, err := Period(raw, r)
		if err != nil {
			if p.Start != "" || p.End != "" || p.OpenRun || p.Dates != nil {
				t.Errorf("a problem and a value: %+v %v", p, err)
			}
			return
		}
		if p.End != "" && p.End < p.Start || p.Start == "" && p.End != "" || !slices.IsSorted(p.Dates) {
			t.Errorf("Period(%q) = %+v", raw, p)
		}
		if len(p.Dates) > 0 && (p.Dates[0] != p.Start || p.Dates[len(p.Dates)-1] != p.End) {
			t.Errorf("single days beyond the run: %+v", p)
		}
	})
}

func FuzzOpens(f *testing.F) {
	for _, s := range []string{"2024.11.29(금) 14:00", "내일 10:00", "20260716200000", "2026-10-14T14:00:00.000+09:00", "1724238000000", "5/11 오후9시부터", "2024.08.21(수) 20:00 ~ 22:00"} {
		f.Add(s, int64(1720000000))
	}
	f.Fuzz(func(t *testing.T, raw string, ref int64) {
		from, to, err := Window(raw, time.Unix(ref%4_000_000_000, 0))
		if err != nil && (from != nil || to != nil) {
			t.Errorf("a problem and a value: %v %v %v", from, to, err)
		}
		if from != nil && (from.Year() < 1949 || from.Year() > 2151) || to != nil && !to.After(*from) {
			t.Errorf("Window(%q) = %v %v", raw, from, to)
		}
	})
}
