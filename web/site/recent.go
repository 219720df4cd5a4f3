package site

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"ticketmoa/modules/recommend"
	"ticketmoa/modules/ticket"
)

// Personal recommends to one person.
type Personal interface {
	For(ctx context.Context, a recommend.Ask) (recommend.Answer, error)
	Stood(list, performanceID string) int
}

// What a visitor looked at last is kept by their own browser and nowhere else: ids of shows in a cookie that only this
// site gets and no script reads. It names nobody, and it is not what people are counted by.
const (
	recentCookie = "recent"
	recentMost   = 20 // shows remembered
	recentShown  = 8
	recentFor    = 30 * 24 * time.Hour
)

// isID tells whether a text is 1 to 64 letters, digits, _ and -.
func isID(text string) bool {
	for i := range len(text) {
		if c := text[i]; (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return text != "" && len(text) <= 64
}

// recent are the ids of the shows that the visitor looked at, the latest first. What is no id is left out.
func recent(c echo.Context) []string {
	k, err := c.Cookie(recentCookie)
	if err != nil {
		return nil
	}
	var out []string
	for id := range strings.SplitSeq(k.Value, ".") {
		if isID(id) && !slices.Contains(out, id) && len(out) < recentMost {
			out = append(out, id)
		}
	}
	return out
}

// remember puts a show in front of the list of those looked at. A browser that asks ahead of the person saw nothing.
func (h handlers) remember(c echo.Context, v ticket.Viewer, id string) {
	if v.Prefetch || v.Bot || !isID(id) {
		return
	}
	ids := append([]string{id}, slices.DeleteFunc(recent(c), func(o string) bool { return o == id })...)
	h.setRecent(c, strings.Join(ids[:min(len(ids), recentMost)], "."), int(recentFor/time.Second))
}

func (h handlers) setRecent(c echo.Context, value string, age int) {
	//nolint:gosec // Secure follows how people reach the site: over plain http a Secure cookie would never come back
	c.SetCookie(&http.Cookie{Name: recentCookie, Value: value, Path: "/", MaxAge: age, HttpOnly: true, Secure: h.Secure, SameSite: http.SameSiteLaxMode})
}

// forget clears the list.
func (h handlers) forget(c echo.Context) error {
	h.setRecent(c, "", -1)
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.Redirect(http.StatusSeeOther, "/")
}

// afterRecent are shows like those looked at last, for the home page. A page that has them is one person's and is kept by
// no cache.
func (h handlers) afterRecent(c echo.Context) (cards []Card, err error) {
	ids := recent(c)
	c.Response().Header().Set("Cache-Control", "private, no-store")
	a := recommend.Ask{List: recentCookie, Limit: recentShown, OnlyLike: true}
	now := h.Now()
	for i, id := range ids { // the cookie keeps the order and no times: three days for each that came after
		a.History = append(a.History, recommend.Did{PerformanceID: id, Kind: recommend.Viewed, At: now.AddDate(0, 0, -3*i)})
	}
	got, err := h.Personal.For(c.Request().Context(), a)
	if err != nil {
		return nil, err
	}
	list := recentCookie + ":" + got.ID
	shown := map[int]*ticket.Performance{}
	for i, pick := range got.Picks {
		for _, p := range h.Search.Get(pick.ID) {
			if k := card(p, now); k.Status != ticket.Ended {
				k.Reasons, k.From, k.Position = pick.Reasons, list, i+1
				cards, shown[i+1] = append(cards, k), p
			}
		}
	}
	h.Track.Listed(c, "home", list, shown)
	return cards, nil
}
