package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"ticketmoa/modules/auth"
	"ticketmoa/modules/catalog"
	"ticketmoa/modules/drift"
	"ticketmoa/modules/etl"
	"ticketmoa/modules/events"
	"ticketmoa/modules/queue"
	"ticketmoa/modules/schedule"
	"ticketmoa/modules/search"
	"ticketmoa/web/admin"
	"ticketmoa/web/problem"
	"ticketmoa/web/site"
)

// retryAfter is how many seconds a client should wait when we cannot answer just now.
const retryAfter = "5"

// errorPage is what people see when something is wrong.
type errorPage struct {
	site.Base
	Problem *problem.Problem
}

// table is the one place where an error from below becomes an answer.
var table = [...]struct {
	is     error
	status int
	detail string
}{
	{catalog.ErrNotFound, http.StatusNotFound, "찾는 공연이 없습니다. 주소를 확인하거나 검색해 보세요."},
	{catalog.ErrAlreadySame, http.StatusConflict, "이미 한 공연입니다. 새로 고쳐 지금의 상태를 확인하세요."},
	{catalog.ErrNotMembers, http.StatusBadRequest, "떼어 낼 항목이 이 공연의 것이 아닙니다. 새로 고쳐 다시 고르세요."},
	{catalog.ErrNothingLeft, http.StatusBadRequest, "모두 떼어 낼 수는 없습니다. 하나는 남겨 두세요."},
	{catalog.ErrUndone, http.StatusConflict, "이미 되돌린 결정입니다."},
	{catalog.ErrNoSuchChoice, http.StatusNotFound, "그런 결정이 없습니다."},
	{catalog.ErrNoArtist, http.StatusNotFound, "찾는 아티스트가 없습니다. 주소를 확인하거나 검색해 보세요."},
	{catalog.ErrNoVenue, http.StatusNotFound, "찾는 공연장이 없습니다. 주소를 확인하거나 검색해 보세요."},
	{search.ErrBadCursor, http.StatusBadRequest, "이 목록의 cursor가 아닙니다. cursor 없이 다시 시작하세요."},
	{etl.ErrBadCursor, http.StatusBadRequest, "이 목록의 cursor가 아닙니다. cursor 없이 다시 시작하세요."},
	{etl.ErrNotWithheld, http.StatusNotFound, "그런 보류가 없습니다. 그 사이에 읽혔을 수 있습니다."},
	{admin.ErrReplaying, http.StatusConflict, "보류된 페이지를 이미 다시 읽는 중입니다. 끝난 뒤에 다시 누르세요."},
	{drift.ErrUnknown, http.StatusNotFound, "그런 수집이 없습니다. 오래된 수집은 지워집니다."},
	{drift.ErrGood, http.StatusConflict, "이미 정상으로 판정된 수집입니다."},
	{drift.ErrBroken, http.StatusConflict, "판정하기 전에 멈춘 수집이라 받아들일 것이 없습니다."},
	{schedule.ErrUnknownJob, http.StatusNotFound, "그런 작업이 없습니다."},
	{schedule.ErrRunning, http.StatusConflict, "이미 실행 중인 작업입니다. 끝난 뒤에 다시 실행하세요."},
	{schedule.ErrStopping, http.StatusServiceUnavailable, "서버가 멈추는 중입니다. 잠시 뒤에 다시 시도하세요."},
	{auth.ErrUnauthorized, http.StatusUnauthorized, "관리자 로그인이 필요합니다. 서버 로그의 설정 링크로 들어오거나 `ticketmoa admin-link`로 새 링크를 만드세요."},
	{queue.ErrFull, http.StatusServiceUnavailable, "지금은 더 받아 적을 자리가 없습니다. 잠시 뒤에 다시 보내세요."},
	{queue.ErrPoisoned, http.StatusServiceUnavailable, "지금은 받아 적을 수 없습니다. 잠시 뒤에 다시 보내세요."},
	{queue.ErrClosed, http.StatusServiceUnavailable, "서버가 멈추는 중입니다. 잠시 뒤에 다시 시도하세요."},
	{events.ErrBusy, http.StatusServiceUnavailable, "지금은 한꺼번에 너무 많이 들어옵니다. 잠시 뒤에 다시 보내세요."},
	{events.ErrStopped, http.StatusServiceUnavailable, "서버가 멈추는 중입니다. 잠시 뒤에 다시 시도하세요."},
	{context.DeadlineExceeded, http.StatusServiceUnavailable, "지금은 답할 수 없습니다. 잠시 뒤에 다시 시도하세요."},
	{context.Canceled, http.StatusServiceUnavailable, "요청이 끊어졌습니다."},
}

// problemOf turns any error into an answer; ok is false when it was not foreseen.
func problemOf(err error) (p *problem.Problem, ok bool) {
	if errors.As(err, &p) {
		copied := *p
		return &copied, true
	}
	for _, row := range table {
		if errors.Is(err, row.is) {
			return problem.New(row.status, row.detail), true
		}
	}
	var he *echo.HTTPError
	if errors.As(err, &he) {
		return problem.New(he.Code, words(he.Code)), he.Code < http.StatusInternalServerError
	}
	return problem.New(http.StatusInternalServerError, "서버에서 문제가 생겼습니다. 잠시 뒤에 다시 시도하세요."), false
}

func words(status int) string {
	switch status {
	case http.StatusNotFound:
		return "요청한 주소를 찾을 수 없습니다."
	case http.StatusMethodNotAllowed:
		return "이 주소에서는 쓸 수 없는 방식의 요청입니다."
	case http.StatusRequestEntityTooLarge:
		return "요청이 너무 큽니다."
	case http.StatusForbidden:
		return "다른 사이트에서 온 요청은 받지 않습니다."
	}
	return http.StatusText(status)
}

// errorHandler answers every error: problem+json for programs, a page for people.
func errorHandler(log *slog.Logger) echo.HTTPErrorHandler {
	return func(err error, c echo.Context) {
		if c.Response().Committed {
			return
		}
		p, foreseen := problemOf(err)
		p.Request = c.Response().Header().Get(echo.HeaderXRequestID)
		p.Instance = c.Request().URL.Path
		if !foreseen {
			log.Error("request failed", "route", c.Path(), "request_id", p.Request, "error", err)
		}
		h := c.Response().Header()
		h.Set("Cache-Control", "no-store")
		if p.Status == http.StatusServiceUnavailable && h.Get("Retry-After") == "" {
			h.Set("Retry-After", retryAfter)
		}
		var werr error
		switch {
		case c.Request().Method == http.MethodHead:
			werr = c.NoContent(p.Status)
		case wantsJSON(c.Request()):
			c.Response().Header().Set(echo.HeaderContentType, "application/problem+json")
			c.Response().WriteHeader(p.Status)
			werr = c.Echo().JSONSerializer.Serialize(c, p, "")
		default:
			werr = c.Render(p.Status, "error", errorPage{Base: site.Base{Title: p.Detail, Now: time.Now()}, Problem: p})
		}
		if werr != nil {
			log.Warn("an error could not be answered", "route", c.Path(), "request_id", p.Request, "error", werr)
		}
	}
}

func wantsJSON(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/api/") || strings.HasPrefix(r.URL.Path, "/admin/api/") ||
		(!strings.Contains(r.Header.Get("Accept"), "text/html") && strings.Contains(r.Header.Get("Accept"), "json"))
}
