package yes24

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/notice"
	"ticketmoa/modules/sellers/page"
	"ticketmoa/modules/ticket"
)

// Titles stand in rows with bare < and >, so rows are read as text and only elements the board itself writes are taken out.
var (
	reRow     = regexp.MustCompile(`(?s)<tr\b[^>]*>(.*?)</tr>`)
	reCell    = regexp.MustCompile(`(?s)<td\b([^>]*)>(.*?)</td>`)
	reBoardID = regexp.MustCompile(`#id=(\d{1,10})`)
	reEm      = regexp.MustCompile(`(?s)<em\b[^>]*>(.*?)</em>`)
	reMarkup  = regexp.MustCompile(`</?(?:a|b|br|div|em|font|i|img|p|span|strong|u)(?:\s[^<>]*)?/?>`)
	reBreak   = regexp.MustCompile(`<br\s*/?>`)
	rePreName = regexp.MustCompile(`(?i)presaleTit(\d)\s*=\s*(?:'([^']*)'|"([^"]*)")`)
	rePreTime = regexp.MustCompile(`(?i)presaleTime(\d)\s*=\s*(?:'([^']*)'|"([^"]*)")`)
	reSiteURL = regexp.MustCompile(`GetSiteDetailURL\(\s*['"]?(\d{1,10})['"]?\s*\)`)
	reHead    = regexp.MustCompile(`(?s)class=["']noti-view-tit["'][^>]*>.*?<p\b[^>]*>(.*?)</p>`)
	reBoxHead = regexp.MustCompile(`(?s)class=["']noti-vt-tit["'][^>]*>(.*?)</p>`)
)

// opensTicket is how the board marks the notices of openings among changes, cancellations and others.
const opensTicket = "티켓오픈"

func noticeURL(id string) string { return site + "/New/Notice/NoticeMain.aspx#id=" + id }

// noticeRows are the rows of the board, each as its cells, the third with its own attributes behind it: what opens early
// may stand there.
func noticeRows(text []byte) [][]string {
	var out [][]string
	for _, row := range reRow.FindAllSubmatch(text, -1) {
		var cells []string
		for _, c := range reCell.FindAllSubmatch(row[1], -1) {
			cell := string(c[2])
			if len(cells) == 2 {
				cell += "<em" + string(c[1]) + ">"
			}
			cells = append(cells, cell)
		}
		if len(cells) >= 3 && reBoardID.MatchString(cells[1]) {
			out = append(out, cells)
		}
	}
	return out
}

// parseNoticeList reads a fragment of axList: rows of kind, title, opening and views. One without rows but with the
// board's frame is a page too: the one behind the last.
func parseNoticeList(p *ticket.Page) (sellers.Result, error) {
	text := page.Text(p)
	rows := noticeRows(text)
	if _, total := totalOf(text); len(rows) == 0 && !total && !strings.Contains(string(text), "noti-tbl") {
		return sellers.Result{}, fmt.Errorf("%w: %s has no rows of notices and no total", sellers.ErrNotOurs, p.URL)
	}
	var r sellers.Result
	seen := map[string]bool{}
	for _, cells := range rows {
		id := reBoardID.FindStringSubmatch(cells[1])[1]
		if seen[id] || !strings.Contains(page.Squeeze(bare(cells[0])), opensTicket) {
			continue
		}
		seen[id] = true
		n := sellers.RawNotice{ID: id, URL: noticeURL(id)}
		n.Title, n.Badges = titleOf(cells[1])
		if n.OpensText = firstText(cells[2]); !strings.ContainsAny(n.OpensText, "0123456789") {
			n.OpensText = ""
		}
		n.Presales = presales(cells[2])
		r.Notices = append(r.Notices, n)
	}
	return r, nil
}

// bare is text without the board's own elements; what else stands in < and > belongs to the text.
func bare(s string) string { return plain(reMarkup.ReplaceAllString(s, " ")) }

// firstText is what stands in a cell up to the first element behind it.
func firstText(cell string) string {
	for _, part := range reMarkup.Split(reBreak.ReplaceAllString(cell, " "), -1) {
		if s := plain(part); s != "" {
			return s
		}
	}
	return ""
}

// titleOf is the last of the parts of a title; those before it are badges.
func titleOf(cell string) (title string, badges []string) {
	parts := reEm.FindAllStringSubmatch(cell, -1)
	if len(parts) == 0 {
		return bare(cell), nil
	}
	for _, m := range parts[:len(parts)-1] {
		if w := bare(m[1]); w != "" {
			badges = append(badges, w)
		}
	}
	return bare(parts[len(parts)-1][1]), badges
}

// presales are the numbered pairs of attributes behind the opening of a row.
func presales(cell string) (out []sellers.RawPresale) {
	names := map[string]string{}
	for _, m := range rePreName.FindAllStringSubmatch(cell, -1) {
		names[m[1]] = plain(m[2] + m[3])
	}
	for _, m := range rePreTime.FindAllStringSubmatch(cell, -1) {
		if at := plain(m[2] + m[3]); at != "" && names[m[1]] != "" {
			out = append(out, sellers.RawPresale{Name: names[m[1]], Text: at})
		}
	}
	return out
}

// parseNotice reads what axRead answers, alone or inside the page of the board.
func parseNotice(p *ticket.Page) (sellers.Result, error) {
	doc, err := page.Document(p)
	if err != nil {
		return sellers.Result{}, err
	}
	n := sellers.RawNotice{ID: page.Scalar(p.Code).Digits()}
	if n.ID == "" {
		n.ID = page.Scalar(page.Attr(doc, "#hdNotiID", "value")).Digits()
	}
	n.Title = noticeTitle(page.Text(p), doc)
	kind := page.Squeeze(page.First(doc, ".noti-view-tit [class*=noti-tit-tag]").Text())
	switch {
	case n.Title == "":
		return sellers.Result{}, fmt.Errorf("%w: %s has no .noti-view-tit", sellers.ErrNotOurs, p.URL)
	case kind != "" && !strings.Contains(kind, opensTicket):
		return sellers.Result{}, fmt.Errorf("%w: %s is a notice of %q", sellers.ErrNotOurs, p.URL, kind)
	case n.ID == "":
		return sellers.Result{}, fmt.Errorf("%w: %s does not say which notice it is", sellers.ErrNotOurs, p.URL)
	}
	n.URL = noticeURL(n.ID)
	doc.Find(".noti-vt-tit span").Each(func(_ int, s *goquery.Selection) {
		if w := page.Words(s); w != "" {
			n.Badges = append(n.Badges, w)
		}
	})
	doc.Find(".noti-view-date span").Each(func(_ int, s *goquery.Selection) {
		if label, at, ok := strings.Cut(page.Words(s), ":"); ok && strings.TrimSpace(label) == "등록일" {
			n.RegisteredText = strings.TrimSpace(at)
		}
	})
	openings(doc, &n)
	n.PosterURL = reDims.ReplaceAllString(page.Attr(doc, ".noti-vt-left img", "src"), "")
	notice.Read(page.Lines(page.First(doc, ".noti-view-con")), &n)
	if n.ProductCode = productOf(doc); n.ProductCode != "" {
		n.ProductURL = detailURL(n.ProductCode)
	}
	return sellers.Result{Notices: []sellers.RawNotice{n}}, nil
}

// noticeTitle prefers the attribute, whose < and > no reader takes for elements.
func noticeTitle(text []byte, doc *goquery.Document) string {
	if s := plain(page.Attr(doc, "#hdNotiTitle", "value")); s != "" {
		return s
	}
	for _, re := range []*regexp.Regexp{reHead, reBoxHead} {
		if m := re.FindSubmatch(text); m != nil {
			if s := withoutBadges(string(m[1])); s != "" {
				return s
			}
		}
	}
	return ""
}

// withoutBadges takes leading <span>s off a title.
func withoutBadges(s string) string {
	for {
		_, rest, ok := strings.Cut(s, "</span>")
		if !ok || !strings.HasPrefix(strings.TrimSpace(s), "<span") {
			return bare(s)
		}
		s = rest
	}
}

// openings reads the box beside the poster: the general sale, and presales in boxes of their own.
func openings(doc *goquery.Document, n *sellers.RawNotice) {
	n.OpensText = page.Words(page.First(doc, "#title1"))
	n.OpenTypeText = page.Words(page.First(doc, ".noti-vt-open em"))
	doc.Find(".noti-vt-fan").Each(func(_ int, box *goquery.Selection) {
		parts := box.ChildrenFiltered("span")
		name, at := page.Words(parts.First()), page.Words(parts.Last())
		if parts.Length() > 1 && name != "" && at != "" {
			n.Presales = append(n.Presales, sellers.RawPresale{Name: name, Text: at})
		}
	})
}

// productOf is the one product a notice's buttons lead to.
func productOf(doc *goquery.Document) string {
	code := ""
	for _, a := range doc.Find(".noti-vt-btns a, .noti-vt-btns button").EachIter() {
		for _, name := range []string{"href", "onclick"} {
			v, _ := a.Attr(name)
			m := reSiteURL.FindStringSubmatch(v)
			if m == nil {
				m = rePerfPath.FindStringSubmatch(v)
			}
			if m == nil {
				continue
			}
			if code != "" && code != m[1] {
				return ""
			}
			code = m[1]
		}
	}
	return code
}
