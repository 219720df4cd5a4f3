package interpark

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/page"
	"ticketmoa/modules/ticket"
)

var (
	reGone   = regexp.MustCompile(`(?i)존재하지|없는|없습니다|판매\s*종료|삭제|not\s*found|no\s*data|^success$|^ok$|^$`)
	reNought = regexp.MustCompile(`\.0+$`)
)

// content opens the envelope {common, data} of the front's answers, which some routes leave out.
func content(p *ticket.Page) (json.RawMessage, error) {
	var raw json.RawMessage
	if page.IsHTML(p.Body) && reShell.Match(p.Body) {
		return nil, fmt.Errorf("%w: %s answered with a page where its data was asked for", sellers.ErrUnrendered, p.URL)
	}
	if err := page.JSON(p, &raw); err != nil {
		return nil, err
	}
	var envelope struct {
		Common *struct {
			Message page.Scalar `json:"message"`
		} `json:"common"`
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(raw, &envelope); err != nil || envelope.Common == nil {
		return raw, nil //nolint:nilerr // what is no envelope is the data itself
	}
	if len(envelope.Data) == 0 || string(envelope.Data) == "null" {
		why := sellers.ErrRefused // it speaks of itself, not of what was asked for
		if reGone.MatchString(string(envelope.Common.Message)) {
			why = sellers.ErrGone
		}
		return nil, fmt.Errorf("%w: %s answered %q", why, p.URL, envelope.Common.Message)
	}
	return envelope.Data, nil
}

// parseSummary reads /v1/goods/{code}/summary.
func parseSummary(p *ticket.Page) (sellers.Result, error) {
	data, err := content(p)
	if err != nil {
		return sellers.Result{}, err
	}
	var g struct {
		goodsItem
		GenreName    page.Scalar `json:"genreName"`
		GenreSubName page.Scalar `json:"genreSubName"`
		ViewRate     page.Scalar `json:"viewRateName"`
		RunningTime  page.Scalar `json:"runningTime"`
		Intermission page.Scalar `json:"interMissionTime"`
		PlayTime     page.Scalar `json:"playTime"`
		OpenDate     page.Scalar `json:"ticketOpenDate"`
		LargeImage   page.Scalar `json:"goodsLargeImageUrl"`
		Seating      page.Scalar `json:"specialSeatingName"`
		Template     page.Scalar `json:"displayTemplate"`
	}
	if json.Unmarshal(data, &g) != nil || g.GoodsName == "" {
		return sellers.Result{}, fmt.Errorf("%w: %s has no goodsName", sellers.ErrNotOurs, p.URL)
	}
	s := g.show("")
	if s.Code == "" {
		s.Code = goodsCode(p.Code)
	}
	if s.Code == "" {
		return sellers.Result{}, fmt.Errorf("%w: %s does not say which goods it is", sellers.ErrNotOurs, p.URL)
	}
	s.Partial, s.URL = false, goodsURL(s.Code)
	s.GenreText = strings.TrimSuffix(string(g.GenreName)+" > "+string(g.GenreSubName), " > ")
	s.AgeText, s.TimesText, s.OpensText = string(g.ViewRate), lineOf(string(g.PlayTime)), string(g.OpenDate)
	s.RunningText = running(g.RunningTime, g.Intermission)
	if s.PosterURL == "" {
		s.PosterURL = string(g.LargeImage)
	}
	if g.Seating != "" {
		s.Badges = append(s.Badges, string(g.Seating))
	}
	s.Synopsis = synopsis(fragment(string(g.Template)))
	s.Strips = page.Strips(fragment(string(g.Template)), "body")
	return sellers.Result{Shows: []sellers.RawShow{s}}, nil
}

// running writes the two counts of minutes as a text that says what they are.
func running(minutes, pause page.Scalar) string {
	text := string(minutes)
	if minutes.Digits() != "" && minutes != "0" {
		text += "분"
	}
	if pause.Digits() != "" && strings.Trim(string(pause), "0") != "" && text != "" {
		text += " (인터미션 " + string(pause) + "분)"
	}
	if text == "0" {
		return ""
	}
	return text
}

// parsePrices reads /v1/goods/{code}/prices/group: grades, each with its regular price (기본가) and its discounts.
func parsePrices(p *ticket.Page) (sellers.Result, error) {
	data, err := content(p)
	if err != nil {
		return sellers.Result{}, err
	}
	code := goodsCode(p.Code)
	if code == "" {
		code = codeIn(strings.Replace(p.URL, "/prices/", "?", 1))
	}
	if code == "" {
		return sellers.Result{}, fmt.Errorf("%w: %s does not say which goods it prices", sellers.ErrNotOurs, p.URL)
	}
	s := sellers.RawShow{Code: code, URL: goodsURL(code), Supplement: true}
	for _, grade := range page.Object(data) {
		for _, group := range page.Object(grade.Value) {
			s.Prices = append(s.Prices, group2prices(grade.Name, group)...)
		}
	}
	if len(s.Prices) == 0 {
		return sellers.Result{}, fmt.Errorf("%w: %s holds no prices by grade", sellers.ErrNotOurs, p.URL)
	}
	return sellers.Result{Shows: []sellers.RawShow{s}}, nil
}

// group2prices reads one group of a grade. A regular price has no label.
func group2prices(grade string, group page.Member) []sellers.RawPrice {
	var rows page.List[struct {
		Sales page.Scalar `json:"salesPrice"`
		Name  page.Scalar `json:"priceGradeName"`
	}]
	if json.Unmarshal(group.Value, &rows) != nil {
		return nil
	}
	var out []sellers.RawPrice
	for _, row := range rows {
		sum := reNought.ReplaceAllString(string(row.Sales), "")
		if sum == "" {
			continue
		}
		one := sellers.RawPrice{Grade: grade, Text: strings.TrimSuffix(sum, "원") + "원"} // a sum of another form is the ETL's to judge
		if sum == "0" {
			one.Text = "무료"
		}
		if group.Name != "기본가" {
			one.Label = group.Name
			if row.Name != "" {
				one.Label = string(row.Name)
			}
		}
		out = append(out, one)
	}
	return out
}

// parsePlace reads /v1/Place/{code}.
func parsePlace(p *ticket.Page) (sellers.Result, error) {
	data, err := content(p)
	if err != nil {
		return sellers.Result{}, err
	}
	var place struct {
		Code    page.Scalar `json:"placeCode"`
		Name    page.Scalar `json:"placeName"`
		Address page.Scalar `json:"placeAddress"`
		Lat     page.Scalar `json:"latitude"`
		Lng     page.Scalar `json:"longitude"`
	}
	code := page.Scalar(p.Code)
	if json.Unmarshal(data, &place) != nil || place.Name == "" {
		return sellers.Result{}, fmt.Errorf("%w: %s has no placeName", sellers.ErrNotOurs, p.URL)
	}
	if place.Code != "" {
		code = place.Code
	}
	if code == "" {
		code = page.Scalar(p.URL[strings.LastIndexByte(p.URL, '/')+1:])
	}
	if code.Digits() == "" {
		return sellers.Result{}, fmt.Errorf("%w: %s does not say which place it is", sellers.ErrNotOurs, p.URL)
	}
	return sellers.Result{Facilities: []sellers.RawFacility{{Code: string(code), Name: string(place.Name), AddressText: string(place.Address),
		LatText: string(place.Lat), LngText: string(place.Lng)}}}, nil
}
