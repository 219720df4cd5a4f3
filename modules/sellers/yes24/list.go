package yes24

import (
	"html"
	"regexp"
	"strconv"
	"strings"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/page"
	"ticketmoa/modules/ticket"
)

// The fragment writes titles with bare < and >, which an HTML reader would take for elements; so it is read as text.
var (
	reItem  = regexp.MustCompile(`jsf_base_GoToPerfDetail\(\s*['"]?(\d{1,10})['"]?\s*\)`)
	reTitle = regexp.MustCompile(`(?s)\btitle=(?:'(.*?)'|"(.*?)")\s*(?:>|[a-z-]+=)`)
	reLine1 = regexp.MustCompile(`(?s)<p\s+class=['"][^'"]*list-b-tit1[^'"]*['"]\s*>(.*?)</p>`)
	reLine2 = regexp.MustCompile(`(?s)<p\s+class=['"][^'"]*list-b-tit2[^'"]*['"]\s*>(.*?)</p>`)
	reImage = regexp.MustCompile(`data-src=['"]([^'"]+)['"]`)
	reTotal = regexp.MustCompile(`(?i)id=['"]ListTotalCnt['"][^>]*?value=['"](\d{1,7})['"]|value=['"](\d{1,7})['"][^>]*?id=['"]ListTotalCnt['"]`)
	reDims  = regexp.MustCompile(`/dims/.*$`)
)

func totalOf(body []byte) (int, bool) {
	m := reTotal.FindSubmatch(body)
	if m == nil {
		return 0, false
	}
	n, err := strconv.Atoi(string(m[1]) + string(m[2]))
	return n, err == nil
}

// parseList reads a fragment of GenreList_Data, or a page that shows products in other ways. A fragment without products
// but with its total is a page too: the last one.
func parseList(p *ticket.Page) (sellers.Result, error) {
	body := page.Text(p)
	text := string(body)
	at := reItem.FindAllStringSubmatchIndex(text, -1)
	if len(at) == 0 {
		if _, ok := totalOf(body); ok {
			return sellers.Result{}, nil
		}
		return parseShowcase(p)
	}
	genre, _, _ := place(p.URL)
	var r sellers.Result
	seen := map[string]bool{}
	for i, m := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		s := item(text[m[2]:m[3]], text[m[1]:end])
		if seen[s.Code] {
			continue
		}
		seen[s.Code] = true
		s.GenreText = genre
		r.Shows = append(r.Shows, s)
	}
	return r, nil
}

func item(code, chunk string) sellers.RawShow {
	s := sellers.RawShow{Code: code, URL: detailURL(code), Partial: true}
	if m := reTitle.FindStringSubmatch(chunk); m != nil {
		s.Title = plain(m[1] + m[2])
	}
	if m := reLine1.FindStringSubmatch(chunk); m != nil && s.Title == "" {
		s.Title = plain(m[1])
	}
	lines := reLine2.FindAllStringSubmatch(chunk, 3)
	if len(lines) > 0 {
		s.PeriodText = plain(lines[0][1])
	}
	if len(lines) > 1 {
		s.VenueText = plain(lines[1][1])
	}
	if m := reImage.FindStringSubmatch(chunk); m != nil {
		s.PosterURL = reDims.ReplaceAllString(plain(m[1]), "")
	}
	return s
}

// plain is text with its entities read and its blanks single.
func plain(s string) string { return strings.Join(strings.Fields(html.UnescapeString(s)), " ") }
