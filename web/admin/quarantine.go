package admin

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"ticketmoa/modules/etl"
	"ticketmoa/modules/ticket"
	"ticketmoa/web/params"
	"ticketmoa/web/problem"
	"ticketmoa/web/site"
)

// Quarantine is what was withheld.
type Quarantine interface {
	Groups(ctx context.Context) ([]etl.Group, error)
	Rows(ctx context.Context, f etl.Filter, limit int, cursor string) ([]ticket.Withheld, string, error)
	Matching(ctx context.Context, f etl.Filter) (int64, error)
	Values(ctx context.Context) (etl.Values, error)
}

// Replay is how far the pages of withheld rows are on their way to be read again.
type Replay struct {
	Run        string
	Pages      int64    // on the queue
	Waiting    int64    // that follow as soon as there is room
	Bare       int64    // rows that stay: no page of theirs was kept
	Unreadable int64    // pages that are missing or damaged
	Faults     []string // the first of these, each with its reason
}

// ErrReplaying means that pages are on their way already.
var ErrReplaying = errors.New("a replay of withheld pages is under way")

const (
	quarantinePage = "/admin/quarantine"
	rowsAPage      = 30
	groupsOnAdmin  = 10
)

// groupView is a group with where its rows are.
type groupView struct {
	etl.Group
	Link string
}

func groupViews(groups []etl.Group) []groupView {
	out := make([]groupView, len(groups))
	for i, g := range groups {
		out[i] = groupView{g, quarantinePage + "?" + filterQuery(etl.Filter{Source: g.Source, Field: g.Field, Rule: g.Rule}).Encode()}
	}
	return out
}

// filterQuery writes a filter as ReadWithheld reads it.
func filterQuery(f etl.Filter) url.Values {
	q := url.Values{}
	for name, v := range map[string]string{"source": f.Source, "kind": string(f.Kind), "field": f.Field, "rule": f.Rule, "code": f.Code, "id": f.ID} {
		if v != "" {
			q.Set(name, v)
		}
	}
	return q
}

// rowView is a row with the show it belongs to.
type rowView struct {
	ticket.Withheld
	Show string // id of the performance; "" for none
	Same string // where all rows of its code are
}

type withheldPage struct {
	site.Base
	Groups   []groupView
	Filter   etl.Filter
	Filtered bool
	Known    etl.Values
	Rows     []rowView
	Total    int64
	Back     string // where the buttons lead, with the page they stand on
	All      string // where the button for all rows leads
	Next     string
	First    string // the first page of these rows, when this is not it
	Notice   *Replay
}

// query is what a request to the quarantine asks for.
func (h handlers) query(c echo.Context, q url.Values, standard int) (params.Withheld, etl.Values, error) {
	known, err := h.Quarantine.Values(c.Request().Context())
	if err != nil {
		return params.Withheld{}, known, err
	}
	asked, err := params.ReadWithheld(q, known, standard)
	return asked, known, err
}

func (h handlers) withheld(c echo.Context) error {
	ctx := c.Request().Context()
	asked, known, err := h.query(c, c.QueryParams(), rowsAPage)
	if err != nil {
		return err
	}
	p := withheldPage{Base: site.Base{Title: "보류된 값", Now: h.Now()}, Filter: asked.Filter, Filtered: asked.Filter != etl.Filter{}, Known: known,
		Notice: readNotice(c.QueryParams())}
	groups, err := h.Quarantine.Groups(ctx)
	if err != nil {
		return err
	}
	p.Groups = groupViews(groups)
	rows, next, err := h.Quarantine.Rows(ctx, asked.Filter, asked.Limit, asked.Cursor)
	if err != nil {
		return err
	}
	for _, r := range rows {
		p.Rows = append(p.Rows, rowView{r, h.Show(ctx, r.Source, r.Code), quarantinePage + "?" + filterQuery(etl.Filter{Source: r.Source, Code: r.Code}).Encode()})
	}
	if p.Total, err = h.Quarantine.Matching(ctx, asked.Filter); err != nil {
		return err
	}
	q := filterQuery(asked.Filter)
	if asked.Limit != rowsAPage {
		q.Set("limit", strconv.Itoa(asked.Limit))
	}
	p.All = quarantinePage + "/replay?" + q.Encode()
	p.Back = p.All
	if asked.Cursor != "" {
		p.First = quarantinePage + "?" + q.Encode()
		q.Set("cursor", asked.Cursor)
		p.Back = quarantinePage + "/replay?" + q.Encode()
	}
	if next != "" {
		q.Set("cursor", next)
		p.Next = quarantinePage + "?" + q.Encode()
	}
	return c.Render(http.StatusOK, "quarantine", p)
}

// chosen reads which rows a replay is for. No filter at all is no choice: every row takes "all".
func (h handlers) chosen(c echo.Context, q url.Values) (etl.Filter, error) {
	asked, _, err := h.query(c, q, 1)
	if err != nil {
		return asked.Filter, err
	}
	switch all := q.Get("all"); {
	case all != "" && all != "true":
		err = problem.BadParameters([]problem.Field{{Pointer: "all", Detail: "true만 쓸 수 있습니다."}})
	case all == "" && asked.Filter == etl.Filter{}:
		err = problem.BadParameters([]problem.Field{{Pointer: "", Detail: "어떤 줄을 다시 읽을지 id나 조건(source, kind, field, rule, code)으로 고르세요. 전부라면 all을 true로 쓰세요."}})
	case all != "" && asked.Filter != etl.Filter{}:
		err = problem.BadParameters([]problem.Field{{Pointer: "all", Detail: "all은 모든 줄이라는 뜻이라 다른 조건과 함께 쓸 수 없습니다."}})
	}
	return asked.Filter, err
}

// replayForm reads which rows from the form, and from the address which page to lead back to.
func (h handlers) replayForm(c echo.Context) error {
	if err := c.Request().ParseForm(); err != nil {
		return problem.New(http.StatusBadRequest, "양식을 읽을 수 없습니다.")
	}
	f, err := h.chosen(c, c.Request().PostForm) //nolint:forbidigo // what a visitor sent; nothing goes out
	if err != nil {
		return err
	}
	done, err := h.Reread(c.Request().Context(), f)
	if err != nil {
		return err
	}
	q := c.QueryParams()
	for name, n := range map[string]int64{"pages": done.Pages, "waiting": done.Waiting, "bare": done.Bare, "unreadable": done.Unreadable} {
		q.Set(name, strconv.FormatInt(n, 10))
	}
	return c.Redirect(http.StatusSeeOther, quarantinePage+"?"+q.Encode())
}

// readNotice is what a replay led back with; nil when the page was opened otherwise.
func readNotice(q url.Values) *Replay {
	pages, err := strconv.ParseInt(q.Get("pages"), 10, 64)
	if err != nil || pages < 0 {
		return nil
	}
	n := &Replay{Pages: pages}
	for name, to := range map[string]*int64{"waiting": &n.Waiting, "bare": &n.Bare, "unreadable": &n.Unreadable} {
		if v, err := strconv.ParseInt(q.Get(name), 10, 64); err == nil && v > 0 {
			*to = v
		}
	}
	return n
}

// replay answers a program: which rows stands in a JSON object, with the names of the list's parameters.
func (h handlers) replay(c echo.Context) error {
	var body struct {
		ID     *string `json:"id"`
		Source *string `json:"source"`
		Kind   *string `json:"kind"`
		Field  *string `json:"field"`
		Rule   *string `json:"rule"`
		Code   *string `json:"code"`
		All    bool    `json:"all"`
	}
	if err := readJSON(c, &body, "id, source, kind, field, rule, code(모두 글자)와 all(true)"); err != nil {
		return err
	}
	q := url.Values{}
	for name, v := range map[string]*string{"id": body.ID, "source": body.Source, "kind": body.Kind, "field": body.Field, "rule": body.Rule, "code": body.Code} {
		switch {
		case v == nil:
		case strings.TrimSpace(*v) == "": // would mean every value
			return problem.BadParameters([]problem.Field{{Pointer: name, Detail: "비어 있습니다. 고르지 않으려면 빼세요."}})
		default:
			q.Set(name, *v)
		}
	}
	if body.All {
		q.Set("all", "true")
	}
	f, err := h.chosen(c, q)
	if err != nil {
		return err
	}
	done, err := h.Reread(c.Request().Context(), f)
	if err != nil {
		return err
	}
	if done.Faults == nil {
		done.Faults = []string{}
	}
	return c.JSON(http.StatusAccepted, map[string]any{"run": done.Run, "pages": done.Pages, "waiting": done.Waiting, "rows_without_page": done.Bare,
		"unreadable": done.Unreadable, "faults": done.Faults})
}

func (h handlers) quarantine(c echo.Context) error {
	ctx := c.Request().Context()
	asked, _, err := h.query(c, c.QueryParams(), params.MaxLimit)
	if err != nil {
		return err
	}
	groups, err := h.Quarantine.Groups(ctx)
	if err != nil {
		return err
	}
	if groups == nil {
		groups = []etl.Group{}
	}
	rows, next, err := h.Quarantine.Rows(ctx, asked.Filter, asked.Limit, asked.Cursor)
	if err != nil {
		return err
	}
	total, err := h.Quarantine.Matching(ctx, asked.Filter)
	if err != nil {
		return err
	}
	out := make([]map[string]any, 0, len(rows))
	for _, r := range rows {
		row := map[string]any{"id": r.ID, "source": r.Source, "kind": r.Kind, "code": r.Code, "url": r.URL, "field": r.Field, "reason": r.Reason, "rule": r.Rule,
			"raw": r.Raw, "parsed": r.Parsed, "raw_key": r.RawKey, "run": r.Run, "fetched_at": nil}
		if r.Picture != "" { // read from a picture: which value, and where it stands
			row["part"], row["picture"], row["box"], row["crop"] = r.Part, r.Picture, r.Box, rowView{Withheld: r}.CropLink()
		}
		if !r.FetchedAt.IsZero() {
			row["fetched_at"] = r.FetchedAt.In(ticket.Seoul)
		}
		out = append(out, row)
	}
	page := map[string]any{"next_cursor": nil, "total": total}
	if next != "" {
		page["next_cursor"] = next
	}
	return c.JSON(http.StatusOK, map[string]any{"groups": groups, "data": out, "page": page})
}
