package admin

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"ticketmoa/modules/drift"
	"ticketmoa/modules/ticket"
	"ticketmoa/web/problem"
	"ticketmoa/web/site"
)

// Crawls tells how crawls were judged, and takes one for good on somebody's word. drift.ErrUnknown, drift.ErrGood and
// drift.ErrBroken say why that cannot be.
type Crawls interface {
	Recent(ctx context.Context, source string, limit int) ([]drift.Run, error)
	Accept(ctx context.Context, run, author string) (drift.Run, error)
}

const (
	crawlsOnAdmin = 3  // of each source
	crawlsListed  = 60 // over HTTP
	author        = "admin"
)

// watched is a source with its last crawls, as the page shows it.
type watched struct {
	Title  string
	Crawls []crawlView
}

type crawlView struct {
	drift.Run
	Verdict    string // for people
	Badge      string
	Findings   []string
	Acceptable bool // the last crawl of its source, judged, and not good
}

func (h handlers) watch(ctx context.Context) ([]watched, error) {
	var out []watched
	for _, s := range h.Sources() {
		runs, err := h.Crawls.Recent(ctx, s.Name, crawlsOnAdmin)
		if err != nil {
			return nil, err
		}
		if len(runs) == 0 && !s.Enabled {
			continue
		}
		w := watched{Title: s.Title}
		for i, r := range runs {
			v := crawlView{Run: r, Acceptable: i == 0 && !r.Good && !r.Broken}
			v.Verdict, v.Badge = verdict(r)
			for _, f := range r.Findings {
				v.Findings = append(v.Findings, FindingLabel(f, r.Broken))
			}
			w.Crawls = append(w.Crawls, v)
		}
		out = append(out, w)
	}
	return out, nil
}

func verdict(r drift.Run) (word, badge string) {
	switch {
	case r.AcceptedBy != "":
		return "받아들임", "ok"
	case r.Good:
		return "정상", "ok"
	case r.Broken:
		return "중단됨", "failed"
	}
	return "달라짐", "failed"
}

func (h handlers) acceptForm(c echo.Context) error {
	if _, err := h.Crawls.Accept(c.Request().Context(), c.Param("run"), author); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/admin#watch")
}

func (h handlers) accept(c echo.Context) error {
	run, err := h.Crawls.Accept(c.Request().Context(), c.Param("run"), author)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, told(run))
}

func (h handlers) crawls(c echo.Context) error {
	source := c.QueryParam("source")
	known := func(s site.SourceState) bool { return s.Name == source }
	if source != "" && !slices.ContainsFunc(h.Sources(), known) {
		return problem.BadParameters([]problem.Field{{Pointer: "source", Detail: "그런 정보원이 없습니다."}})
	}
	runs, err := h.Crawls.Recent(c.Request().Context(), source, crawlsListed)
	if err != nil {
		return err
	}
	out := make([]drift.Run, 0, len(runs))
	for _, r := range runs {
		out = append(out, told(r))
	}
	return c.JSON(http.StatusOK, map[string]any{"data": out})
}

// told is a run as a program is told of it.
func told(r drift.Run) drift.Run {
	r.StartedAt, r.JudgedAt = r.StartedAt.In(ticket.Seoul), r.JudgedAt.In(ticket.Seoul)
	if r.Findings == nil {
		r.Findings = []drift.Finding{}
	}
	if r.Measured == nil {
		r.Measured = []drift.Measure{}
	}
	return r
}

// The words for what the guard measures: kinds of pages, fields, and how a page differs from those before.
var (
	kindWords = map[string]string{"list": "목록", "detail": "상세 페이지", "notice": "공지", "notice_list": "공지 목록", "price": "가격표", "dates": "날짜표", "facility": "공연장 정보", "ranking": "순위"}

	fieldWords = map[string]string{"title": "제목", "venue": "공연장", "genre": "장르", "cast": "출연진", "age": "관람 연령", "times": "공연 시간", "poster": "포스터", "poster_url": "포스터",
		"links": "예매처 링크", "state": "판매 상태"}

	wayWords = map[string]string{ticket.DriftLost: "있던 값이 사라짐", ticket.DriftTurned: "전혀 다른 값이 됨", ticket.DriftMissing: "값이 없음", ticket.DriftWithheld: "읽을 수 없음"}

	wholeWords = map[string]string{"end " + ticket.DriftTurned: "이미 끝난 공연이 됨", "sale " + ticket.DriftTurned: "판매가 끝난 것으로 바뀜", "timezone " + ticket.DriftTurned: "날짜나 시각이 통째로 밀림",
		"current " + ticket.DriftMissing: "이미 끝난 공연을 보여 줌", "record " + ticket.DriftWithheld: "페이지를 읽을 수 없음"}
)

// FindingLabel is a finding as people say it. Of a crawl that broke off it is the reason.
func FindingLabel(f drift.Finding, broken bool) string {
	if broken {
		return "끝까지 모으지 못했습니다: " + f.What
	}
	n := func(s ticket.Share) string { return count(s.Of) + "건 가운데 " + count(s.Bad) + "건" }
	switch f.What {
	case drift.Listed:
		return "목록에 공연이 " + count(f.Now.Of) + "건 있습니다. 보통은 " + count(f.Before.Of) + "건입니다."
	case drift.Noticed:
		return "목록에 공지가 " + count(f.Now.Of) + "건 있습니다. 보통은 " + count(f.Before.Of) + "건입니다."
	case drift.Lists:
		return "읽지 못한 목록: " + n(f.Now) + " (전에는 " + n(f.Before) + ")"
	case drift.Answered:
		return "찾던 페이지를 받지 못함: " + n(f.Now) + " (전에는 " + n(f.Before) + ")"
	}
	kind, rest, _ := strings.Cut(f.What, " ")
	what, whole := wholeWords[rest]
	if !whole {
		field, way, _ := strings.Cut(rest, " ")
		what = word(fieldWords, field, site.WithheldLabel(field)) + ", " + word(wayWords, way, way)
	}
	return word(kindWords, kind, kind) + ": " + what + " " + n(f.Now) + " (전에는 " + n(f.Before) + ")"
}

func count(n int64) string { return strconv.FormatInt(n, 10) }

func word(words map[string]string, key, otherwise string) string {
	if w, ok := words[key]; ok {
		return w
	}
	return otherwise
}
