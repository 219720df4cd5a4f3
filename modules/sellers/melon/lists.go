package melon

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/page"
	"ticketmoa/modules/ticket"
)

// item is a product in a list, or in a banner of the home page, which says less and may lead elsewhere.
type item struct {
	ProdID       page.Scalar `json:"prodId"`
	LandingType  page.Scalar `json:"landingRefType"` // of banners: TD a product, BR a page about several
	Title        page.Scalar `json:"title"`
	Period       page.Scalar `json:"periodInfo"`
	Place        page.Scalar `json:"placeName"`
	Region       page.Scalar `json:"regionName"`
	BannerRegion page.Scalar `json:"region_name"`
	Poster       page.Scalar `json:"posterImg"`
	Summary      page.Scalar `json:"summary"`      // HTML
	Times        page.Scalar `json:"perfTimeInfo"` // HTML
	State        page.Scalar `json:"stateFlg"`
	Grades       nested      `json:"seatGradeJson"`
	SaleTypes    nested      `json:"saleTypeJson"`
}

// nested is JSON inside a string, or as it is.
type nested []byte

// UnmarshalJSON never fails: what is no JSON inside holds nothing we read.
func (n *nested) UnmarshalJSON(b []byte) error {
	var inner string
	if json.Unmarshal(b, &inner) == nil {
		b = []byte(inner)
	}
	*n = bytes.Clone(b)
	return nil
}

// answer is the envelope of every list.
type answer struct {
	Result page.Scalar     `json:"result"`
	Data   page.List[item] `json:"data"`
}

// captured is one answer among several that were kept together, with the address each came from.
type captured struct {
	URL  string          `json:"url"`
	Data json.RawMessage `json:"data"`
}

// parseList reads the JSON of prodList and of offerList, and a file of several such answers with their addresses.
func parseList(p *ticket.Page) (sellers.Result, error) {
	body := bytes.TrimLeft(p.Body, " \t\r\n\ufeff")
	if !bytes.HasPrefix(body, []byte("[")) {
		var a answer
		if err := page.JSON(p, &a); err != nil {
			return sellers.Result{}, err
		}
		return a.read(p.URL)
	}
	var all []captured
	if err := page.JSON(p, &all); err != nil {
		return sellers.Result{}, err
	}
	var r sellers.Result
	found, seen := false, map[string]bool{}
	for _, c := range all {
		var a answer
		if !strings.Contains(c.URL, "/offerList.json") && !strings.Contains(c.URL, "/prodList.json") || json.Unmarshal(c.Data, &a) != nil {
			continue
		}
		one, err := a.read(c.URL)
		if err != nil {
			continue
		}
		found = true
		for _, s := range one.Shows {
			if !seen[s.Code] {
				seen[s.Code] = true
				r.Shows = append(r.Shows, s)
			}
		}
	}
	if !found {
		return sellers.Result{}, fmt.Errorf("%w: %s holds no list of products", sellers.ErrNotOurs, p.URL)
	}
	return r, nil
}

// read gives the shows of a list. A list without products is a page too.
func (a answer) read(from string) (sellers.Result, error) {
	switch {
	case a.Data == nil && a.Result != "" && a.Result != "0":
		return sellers.Result{}, fmt.Errorf("%w: %s answered with result %s", sellers.ErrRefused, from, a.Result)
	case a.Data == nil:
		return sellers.Result{}, fmt.Errorf("%w: %s: no data in the list", sellers.ErrNotOurs, from)
	}
	genre := ""
	if u, err := url.Parse(from); err == nil {
		genre = u.Query().Get("perfGenreCode")
	}
	var r sellers.Result
	for _, it := range a.Data {
		code := it.ProdID.Digits()
		if code == "" || it.LandingType != "" && it.LandingType != "TD" {
			continue
		}
		s := sellers.RawShow{
			Code: code, URL: productURL(code), Title: string(it.Title), GenreText: strings.ToValidUTF8(genre, ""),
			VenueText: string(it.Place), RegionText: string(it.Region), PeriodText: string(it.Period),
			Synopsis: text(it.Summary, "\n"), TimesText: text(it.Times, " / "), PosterURL: image(string(it.Poster)),
			StateText: state(string(it.State)), Prices: it.prices(), OpensText: it.opens(), Partial: true,
		}
		if s.RegionText == "" {
			s.RegionText = string(it.BannerRegion)
		}
		r.Shows = append(r.Shows, s)
	}
	return r, nil
}

// text is what a reader sees of HTML that stands in a field.
func text(s page.Scalar, between string) string {
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(s)))
	if err != nil {
		return ""
	}
	return strings.Join(page.Lines(doc.Find("body")), between)
}

// state is the sale state in the words the site shows for its codes; another code is handed on as it is.
func state(code string) string {
	switch code {
	case "SS0100":
		return "판매예정"
	case "SS0200":
		return "판매중"
	case "SS0300", "SS0400":
		return "판매종료"
	}
	return code
}

func (it item) prices() []sellers.RawPrice {
	var grades struct {
		Data struct {
			List []struct {
				Name page.Scalar `json:"seatGradeName"`
				Won  page.Scalar `json:"basePrice"`
			} `json:"list"`
		} `json:"data"`
	}
	if json.Unmarshal(it.Grades, &grades) != nil {
		return nil
	}
	var out []sellers.RawPrice
	for _, g := range grades.Data.List {
		if g.Won == "" {
			continue
		}
		sum := string(g.Won)
		if strings.Trim(sum, "0123456789,") == "" {
			sum += "원" // a bare number under basePrice is in won
		}
		price := sellers.RawPrice{Grade: string(g.Name), Text: sum}
		if !slices.Contains(out, price) { // once for each day it is sold for
			out = append(out, price)
		}
	}
	return out
}

// opens is when the general sale (ST0001) begins on the web (SC0002). Presales have types of their own and phones an own
// entry. Differing beginnings are handed on as contradicting.
func (it item) opens() string {
	var types struct {
		Data struct {
			List []struct {
				Code  page.Scalar `json:"pocCode"`
				Name  page.Scalar `json:"pocName"`
				Types []struct {
					Code  page.Scalar `json:"saleTypeCode"`
					Start page.Scalar `json:"reserveStartDt"`
				} `json:"saleTypeCodeList"`
			} `json:"list"`
		} `json:"data"`
	}
	if json.Unmarshal(it.SaleTypes, &types) != nil {
		return ""
	}
	var out []string
	for _, poc := range types.Data.List {
		if web := poc.Code == "SC0002" || poc.Code == "" && strings.EqualFold(string(poc.Name), "web"); !web {
			continue
		}
		for _, t := range poc.Types {
			if start := opening(string(t.Start)); t.Code == "ST0001" && start != "" && !slices.Contains(out, start) {
				out = append(out, start)
			}
		}
	}
	return strings.Join(out, ticket.Several)
}
