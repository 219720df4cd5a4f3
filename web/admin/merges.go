package admin

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"ticketmoa/modules/catalog"
	"ticketmoa/modules/ticket"
	"ticketmoa/web/params"
	"ticketmoa/web/problem"
	"ticketmoa/web/site"
)

// Merges is what belongs together, and who may say otherwise.
type Merges interface {
	Pairs(ctx context.Context, kind string, limit int) ([]catalog.Pair, error)
	Decisions(ctx context.Context, limit int) ([]ticket.Decision, error)
	Standing(ctx context.Context, name string) (*ticket.Performance, error)
	Members(ctx context.Context, performanceID string) ([]ticket.Listing, error)
}

// Decide is how a person says what belongs together.
type Decide interface {
	Merge(ctx context.Context, a, b string, why catalog.Why) (ticket.Decision, error)
	Apart(ctx context.Context, a, b string, why catalog.Why) (ticket.Decision, error)
	Split(ctx context.Context, performance string, keys []string, why catalog.Why) (ticket.Decision, error)
	Undo(ctx context.Context, id string, why catalog.Why) (ticket.Decision, error)
}

const (
	mergesPage    = "/admin/merges"
	pairsAPage    = 40
	longestReason = 500
	longestName   = 60
)

// What the list of pairs can show.
var mergeShows = []string{catalog.Doubtful, catalog.Weak, "decisions"}

type mergesView struct {
	site.Base
	Show      string
	Pairs     []catalog.Pair
	Decisions []ticket.Decision
	P         *ticket.Performance // whose listings are shown; nil for none
	Members   []ticket.Listing
	Done      string // what was just decided: a kind, or "undone"
}

func (h handlers) merges(c echo.Context) error {
	ctx := c.Request().Context()
	v := mergesView{Base: site.Base{Title: "같은 공연", Now: h.Now()}, Show: c.QueryParam("show")}
	if done := c.QueryParam("done"); slices.Contains([]string{string(ticket.SameShow), string(ticket.OtherShows), "undone"}, done) {
		v.Done = done
	}
	if name := performanceIn(c.QueryParam("performance")); name != "" {
		var err error
		if v.P, err = h.Merges.Standing(ctx, name); err != nil {
			return err
		}
		if v.Members, err = h.members(ctx, v.P.ID); err != nil {
			return err
		}
	}
	if v.Show == "" {
		v.Show = catalog.Doubtful
	}
	if err := h.fillMerges(ctx, &v, pairsAPage); err != nil {
		return err
	}
	return c.Render(http.StatusOK, "merges", v)
}

func (h handlers) fillMerges(ctx context.Context, v *mergesView, limit int) (err error) {
	switch v.Show {
	case "decisions":
		v.Decisions, err = h.Merges.Decisions(ctx, limit)
	case catalog.Doubtful, catalog.Weak:
		v.Pairs, err = h.Merges.Pairs(ctx, v.Show, limit)
	default:
		err = problem.BadParameters([]problem.Field{{Pointer: "show", Detail: strings.Join(mergeShows, ", ") + " 가운데 하나여야 합니다."}})
	}
	return err
}

func (h handlers) members(ctx context.Context, id string) ([]ticket.Listing, error) {
	out, err := h.Merges.Members(ctx, id)
	slices.SortFunc(out, func(a, b ticket.Listing) int { return strings.Compare(a.Key, b.Key) })
	return out, err
}

// performanceIn is the id in what a person pastes: an id, or the address of a show's page.
func performanceIn(text string) string {
	text = strings.TrimSpace(text)
	if u, err := url.Parse(text); err == nil && strings.Contains(text, "/") {
		text = u.Path[strings.LastIndexByte(u.Path, '/')+1:]
	}
	return text
}

// choice is what a person decides.
type choice struct {
	Action      string   `json:"action"` // same, different or split
	A           string   `json:"a"`      // ids of performances, or keys of listings
	B           string   `json:"b"`
	Performance string   `json:"performance"` // to split
	Listings    []string `json:"listings"`    // keys of those that leave
	Reason      string   `json:"reason"`
	Author      string   `json:"author"`
}

func (ch choice) check() error {
	var wrong []problem.Field
	need := func(name, value string) {
		if strings.TrimSpace(value) == "" {
			wrong = append(wrong, problem.Field{Pointer: name, Detail: "공연의 번호나 정보원의 번호(yes24:12345)를 적으세요."})
		}
	}
	switch ch.Action {
	case "same", "different":
		need("a", ch.A)
		need("b", ch.B)
	case "split":
		need("performance", ch.Performance)
		if len(ch.Listings) == 0 {
			wrong = append(wrong, problem.Field{Pointer: "listings", Detail: "떼어 낼 항목을 하나 이상 고르세요."})
		}
	default:
		wrong = append(wrong, problem.Field{Pointer: "action", Detail: "same, different, split 가운데 하나여야 합니다."})
	}
	if len([]rune(ch.Reason)) > longestReason {
		wrong = append(wrong, problem.Field{Pointer: "reason", Detail: "까닭은 " + strconv.Itoa(longestReason) + "자까지입니다."})
	}
	if len([]rune(ch.Author)) > longestName {
		wrong = append(wrong, problem.Field{Pointer: "author", Detail: "이름은 " + strconv.Itoa(longestName) + "자까지입니다."})
	}
	if len(wrong) > 0 {
		return problem.BadParameters(wrong)
	}
	return nil
}

func (h handlers) why(reason, author string) catalog.Why {
	return catalog.Why{Author: strings.TrimSpace(author), Reason: strings.TrimSpace(reason), At: h.Now()}
}

func (h handlers) decideOn(ctx context.Context, ch choice) (ticket.Decision, error) {
	if err := ch.check(); err != nil {
		return ticket.Decision{}, err
	}
	why := h.why(ch.Reason, ch.Author)
	switch ch.Action {
	case "same":
		return h.Decide.Merge(ctx, performanceIn(ch.A), performanceIn(ch.B), why)
	case "different":
		return h.Decide.Apart(ctx, performanceIn(ch.A), performanceIn(ch.B), why)
	}
	return h.Decide.Split(ctx, performanceIn(ch.Performance), ch.Listings, why)
}

func (h handlers) decideForm(c echo.Context) error {
	if err := c.Request().ParseForm(); err != nil {
		return problem.New(http.StatusBadRequest, "양식을 읽을 수 없습니다.")
	}
	f := c.Request().PostForm //nolint:forbidigo // what a visitor sent; nothing goes out
	d, err := h.decideOn(c.Request().Context(), choice{Action: f.Get("action"), A: f.Get("a"), B: f.Get("b"), Performance: f.Get("performance"),
		Listings: f["listing"], Reason: f.Get("reason"), Author: f.Get("author")})
	if err != nil {
		return err
	}
	back := url.Values{"show": {shownBefore(f)}, "done": {string(d.Kind)}}
	if at := f.Get("at"); at != "" { // the performance whose listings were shown
		back.Set("performance", at)
	}
	return c.Redirect(http.StatusSeeOther, mergesPage+"?"+back.Encode())
}

// shownBefore is the list a form stood in.
func shownBefore(f url.Values) string {
	if show := f.Get("show"); slices.Contains(mergeShows, show) {
		return show
	}
	return catalog.Doubtful
}

func (h handlers) undoForm(c echo.Context) error {
	if err := c.Request().ParseForm(); err != nil {
		return problem.New(http.StatusBadRequest, "양식을 읽을 수 없습니다.")
	}
	f := c.Request().PostForm //nolint:forbidigo // what a visitor sent; nothing goes out
	if _, err := h.Decide.Undo(c.Request().Context(), c.Param("id"), h.why(f.Get("reason"), f.Get("author"))); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, mergesPage+"?show=decisions&done=undone")
}

// decide answers a program.
func (h handlers) decide(c echo.Context) error {
	var ch choice
	if err := readJSON(c, &ch, "action, a, b, performance, listings, reason, author"); err != nil {
		return err
	}
	d, err := h.decideOn(c.Request().Context(), ch)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, decisionJSON(d))
}

func (h handlers) undo(c echo.Context) error {
	var body struct {
		Reason string `json:"reason"`
		Author string `json:"author"`
	}
	if err := readJSON(c, &body, "reason, author"); err != nil {
		return err
	}
	d, err := h.Decide.Undo(c.Request().Context(), c.Param("id"), h.why(body.Reason, body.Author))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, decisionJSON(d))
}

// readJSON reads one object with the named members and no other; an empty body is an empty object.
func readJSON(c echo.Context, into any, members string) error {
	dec := json.NewDecoder(c.Request().Body)
	dec.DisallowUnknownFields() // a slip in a name would mean something else than its sender
	err := dec.Decode(into)
	if err == nil && dec.More() {
		err = errors.New("more than one value")
	}
	var tooLarge *echo.HTTPError
	switch {
	case errors.As(err, &tooLarge):
		return err
	case err != nil && !errors.Is(err, io.EOF):
		return problem.BadParameters([]problem.Field{{Pointer: "", Detail: members + "만 있는 JSON 객체 하나여야 합니다."}})
	}
	return nil
}

// mergesJSON lists pairs or decisions, or the listings of one performance.
func (h handlers) mergesJSON(c echo.Context) error {
	ctx := c.Request().Context()
	v := mergesView{Show: c.QueryParam("show")}
	if name := performanceIn(c.QueryParam("performance")); name != "" {
		p, err := h.Merges.Standing(ctx, name)
		if err != nil {
			return err
		}
		members, err := h.members(ctx, p.ID)
		if err != nil {
			return err
		}
		out := make([]map[string]any, 0, len(members))
		for _, l := range members {
			out = append(out, listingJSON(l))
		}
		return c.JSON(http.StatusOK, map[string]any{"performance": p.ID, "data": out})
	}
	if v.Show == "" {
		v.Show = catalog.Doubtful
	}
	if err := h.fillMerges(ctx, &v, params.MaxLimit); err != nil {
		return err
	}
	data := make([]map[string]any, 0)
	for _, p := range v.Pairs {
		data = append(data, map[string]any{"a": listingJSON(p.A), "b": listingJSON(p.B), "together": p.Together, "score": p.Score})
	}
	for _, d := range v.Decisions {
		data = append(data, decisionJSON(d))
	}
	return c.JSON(http.StatusOK, map[string]any{"show": v.Show, "data": data})
}

func listingJSON(l ticket.Listing) map[string]any {
	k := l.Content
	return map[string]any{"key": l.Key, "performance": l.PerformanceID, "title": k.Title, "venue": k.Place.Name, "start": k.Period.Start, "end": k.Period.End,
		"url": k.URL, "fetched_at": l.FetchedAt.In(ticket.Seoul)}
}

func decisionJSON(d ticket.Decision) map[string]any {
	out := map[string]any{"id": d.ID, "kind": d.Kind, "left": d.Left, "right": append([]string{}, d.Right...), "reason": d.Reason, "author": d.Author, "at": d.At.In(ticket.Seoul), "undone_at": nil}
	if d.UndoneAt != nil {
		out["undone_at"], out["undone_by"], out["undo_reason"] = d.UndoneAt.In(ticket.Seoul), d.UndoneBy, d.UndoReason
	}
	return out
}
