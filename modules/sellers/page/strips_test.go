package page_test

import (
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/kopis"
	"ticketmoa/modules/sellers/melon"
	"ticketmoa/modules/sellers/page"
	"ticketmoa/modules/sellers/sellerstest"
	"ticketmoa/modules/sellers/ticketlink"
	"ticketmoa/modules/sellers/yes24"
	"ticketmoa/modules/ticket"
)

func TestStrips(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	for range 40 {
		many.WriteString(`<img src="/x.jpg"><img src="/y.jpg">`)
	}
	for name, tc := range map[string]struct {
		html string
		want string
	}{
		"in order, once":           {`<div id="a"><p><img src=" //h/1.jpg "><img src="http://h/2.png"><img src="//h/1.jpg"></p></div>`, "//h/1.jpg http://h/2.png"},
		"only inside":              {`<img src="/out.jpg"><div id="a"><img src="/in.jpg"></div><div id="b"><img src="/b.jpg"></div>`, "/in.jpg"},
		"without an address":       {`<div id="a"><img><img src=""><img src="data:image/png;base64,AA"></div>`, ""},
		"the same again and again": {`<div id="a">` + many.String() + `</div>`, "/x.jpg /y.jpg"},
		"none":                     {`<div id="a">글뿐</div>`, ""},
	} {
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(tc.html))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(page.Strips(doc.Selection, "#a"), " "); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

// TestCapturedPagesNameTheirPictures: real pages say part of their facts in pictures. The pictures themselves are not at hand, so
// that nothing is known of how well they are read.
func TestCapturedPagesNameTheirPictures(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		source sellers.Source
		url    string
		path   []string
		want   int
		first  string
	}{
		{yes24.New(), "http://ticket.yes24.com/Perf/51466", []string{"yes24", "detail_51466_2024-11.html"}, 4, "http://tkfile.yes24.com/Upload2/Board/202410/20241031/51466_n1031.jpg"},
		{ticketlink.New(), "https://www.ticketlink.co.kr/product/52656", []string{"ticketlink", "product_52656_rendered_2024-11.html"}, 5, "http://image.toast.com/aaaaab/ticketlink/TKL_9/cyrano_noti_1015.jpg"},
		{melon.New(), "https://ticket.melon.com/performance/index.htm?prodId=212072", []string{"melon", "detail_rendered_2025-10.htm"}, 3, ""},
		{kopis.New(), "http://www.kopis.or.kr/openApi/restful/pblprfr/PF249920", []string{"kopis", "pblprfr_detail_PF249920_2024-09.xml"}, 1, "http://www.kopis.or.kr/upload/pfmIntroImage/PF_PF249920_240926_0159190.png"},
	} {
		r, err := tc.source.Parse(sellerstest.Captured(t, ticket.DetailPage, "", tc.url, tc.path...))
		if err != nil || len(r.Shows) != 1 {
			t.Errorf("%s: %d shows, %v", tc.url, len(r.Shows), err)
			continue
		}
		strips := r.Shows[0].Strips
		t.Logf("%s names %d pictures, none of which is at hand: %s", tc.url, len(strips), strings.Join(strips, " "))
		if len(strips) != tc.want || tc.first != "" && strips[0] != tc.first {
			t.Errorf("%s: %d pictures, want %d: %q", tc.url, len(strips), tc.want, strips)
		}
	}
}
