package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"ticketmoa/modules/recommend"
	"ticketmoa/modules/ticket"
	"ticketmoa/web/params"
	"ticketmoa/web/problem"
)

// Personal recommends to one person.
type Personal interface {
	For(ctx context.Context, a recommend.Ask) (recommend.Answer, error)
	Stood(list, performanceID string) int
}

type recommendationsAnswer struct {
	Data             []json.RawMessage `json:"data"`
	RecommendationID string            `json:"recommendation_id"` // the from_id of events about this list
	Page             page              `json:"page"`
}

// recommendations lists what to see next for somebody of whom the body says what they did. Nothing of it is kept.
func (h handlers) recommendations(c echo.Context) error {
	body, err := h.sent(c, h.asking)
	if err != nil {
		return err
	}
	a, err := readAsk(body, h.Now())
	if err != nil {
		return err
	}
	got, err := h.Personal.For(c.Request().Context(), a)
	if err != nil {
		return err
	}
	ans := recommendationsAnswer{Data: []json.RawMessage{}, RecommendationID: a.List + ":" + got.ID}
	now := h.Now()
	for _, p := range got.Picks {
		for _, show := range h.Search.Get(p.ID) {
			if show.StatusAt(now) == ticket.Ended {
				continue
			}
			item, err := h.body(show, now)
			if err == nil {
				item, err = extended(item, nearness{p.Score, list(p.Reasons)})
			}
			if err != nil {
				return err
			}
			ans.Data = append(ans.Data, item)
		}
	}
	ans.Page.Total = len(ans.Data)
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSON(http.StatusOK, ans)
}

// readAsk reads what somebody did and wants, strictly, and names everything that is wrong.
func readAsk(body []byte, now time.Time) (recommend.Ask, error) {
	a := recommend.Ask{List: "api", Limit: 20}
	whole, err := readWhole(body)
	if err != nil {
		return a, err
	}
	limit, price := a.Limit, 0
	wrong := readObject(whole, "", "보낸 것은", map[string]setter{
		"history": func(raw json.RawMessage, pointer string) []problem.Field {
			return readList(raw, pointer, recommend.MaxHistory, func(raw json.RawMessage, pointer string) []problem.Field {
				did, wrong := readDid(raw, pointer, now)
				a.History = append(a.History, did)
				return wrong
			})
		},
		"dismissed": func(raw json.RawMessage, pointer string) []problem.Field {
			return readList(raw, pointer, recommend.MaxHistory, simple(func(raw json.RawMessage) string {
				a.Dismissed = append(a.Dismissed, "")
				return readText(raw, &a.Dismissed[len(a.Dismissed)-1])
			}))
		},
		"region": func(raw json.RawMessage, pointer string) []problem.Field {
			return readList(raw, pointer, 20, simple(func(raw json.RawMessage) string {
				var name string
				if why := readText(raw, &name); why != "" {
					return why
				}
				regions, ok := ticket.RegionsIn(name)
				if !ok {
					return fmt.Sprintf("%q은(는) 없는 지역입니다. 17개 시도의 짧은 이름(서울, 경기 …)이나 수도권, 경상, 전라, 충청을 쓰세요.", clip(name))
				}
				a.Regions = append(a.Regions, regions...)
				return ""
			}))
		},
		"genre": func(raw json.RawMessage, pointer string) []problem.Field {
			return readList(raw, pointer, 20, simple(func(raw json.RawMessage) string {
				a.Genres = append(a.Genres, "")
				return readWord(raw, &a.Genres[len(a.Genres)-1], ticket.Genres())
			}))
		},
		"from":      simple(func(raw json.RawMessage) string { return readDate(raw, &a.From) }),
		"to":        simple(func(raw json.RawMessage) string { return readDate(raw, &a.To) }),
		"price_max": simple(func(raw json.RawMessage) string { return readBetween(raw, &price, 0, 100_000_000) }),
		"age":       simple(func(raw json.RawMessage) string { return readWord(raw, &a.Age, ticket.AgeBands()) }),
		"gender": simple(func(raw json.RawMessage) string {
			return readWord(raw, &a.Gender, []ticket.Gender{ticket.Female, ticket.Male})
		}),
		"limit": simple(func(raw json.RawMessage) string { return readBetween(raw, &limit, 1, params.MaxLimit) }),
	})
	if a.From != "" && a.To != "" && a.From > a.To {
		wrong = append(wrong, problem.Field{Pointer: "/to", Detail: "from보다 이른 날입니다."})
	}
	a.Limit, a.PriceMax = limit, ticket.Won(price)
	if len(wrong) > 0 {
		return a, problem.BadParameters(wrong)
	}
	return a, nil
}

// readDid reads one thing that somebody did. A time to come counts as now.
func readDid(raw json.RawMessage, pointer string, now time.Time) (recommend.Did, []problem.Field) {
	var did recommend.Did
	wrong := readObject(raw, pointer, "본 것 하나는", map[string]setter{
		"performance_id": simple(func(raw json.RawMessage) string { return readText(raw, &did.PerformanceID) }),
		"kind":           simple(func(raw json.RawMessage) string { return readWord(raw, &did.Kind, recommend.Kinds()) }),
		"at": simple(func(raw json.RawMessage) string {
			why := readInstant(raw, &did.At)
			if did.At.After(now) {
				did.At = now
			}
			return why
		}),
	})
	if len(wrong) == 0 && did.PerformanceID == "" {
		wrong = append(wrong, problem.Field{Pointer: pointer + "/performance_id", Detail: "공연의 id가 필요합니다."})
	}
	if len(wrong) == 0 && did.Kind == "" {
		wrong = append(wrong, problem.Field{Pointer: pointer + "/kind", Detail: "무엇을 했는지가 필요합니다: " + words(recommend.Kinds())})
	}
	return did, wrong
}

func readWord[T ~string](raw json.RawMessage, into *T, allowed []T) string {
	var s string
	if why := readText(raw, &s); why != "" {
		return why
	}
	if !slices.Contains(allowed, T(s)) {
		return fmt.Sprintf("%q은(는) 없는 값입니다. 쓸 수 있는 값: %s", clip(s), words(allowed))
	}
	*into = T(s)
	return ""
}

func words[T ~string](all []T) string {
	out := make([]string, len(all))
	for i, w := range all {
		out[i] = string(w)
	}
	return strings.Join(out, ", ")
}

func readDate(raw json.RawMessage, into *ticket.Date) string {
	var s string
	if why := readText(raw, &s); why != "" {
		return why
	}
	d, err := ticket.ParseDate(s)
	if err != nil {
		return fmt.Sprintf("%q은(는) 날짜가 아닙니다. 2026-12-25처럼 쓰세요.", clip(s))
	}
	*into = d
	return ""
}

func readBetween(raw json.RawMessage, into *int, lowest, highest int) string {
	n := 0
	if why := readNumber(raw, &n); why != "" || n < lowest || n > highest {
		return fmt.Sprintf("%d 이상 %d 이하의 정수여야 합니다.", lowest, highest)
	}
	*into = n
	return ""
}
