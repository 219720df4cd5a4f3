package normalize

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"ticketmoa/modules/ticket"
)

// OfferURL checks an address people will be sent to: http or https, a host of the list or below one, no user name, no
// control characters. It returns the address trimmed and otherwise as written.
func OfferURL(raw string, hosts []string) (string, error) {
	s := strings.TrimSpace(raw)
	u, err := parseWeb(s)
	if err != nil {
		return "", err
	}
	host := strings.ToLower(u.Hostname())
	for _, h := range hosts {
		h = strings.ToLower(h)
		if h != "" && (host == h || strings.HasSuffix(host, "."+h)) {
			return s, nil
		}
	}
	return "", problem("the host %q is not one of the seller's: %q", clip(host), clip(s))
}

func parseWeb(s string) (*url.URL, error) {
	if s == "" || len(s) > 2000 || !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || r == '\\' || r == '"' || r == '<' || r == '>'
	}) {
		return nil, problem("not an address: %q", clip(s))
	}
	u, err := url.Parse(s)
	if err != nil {
		return nil, problem("not an address: %q", clip(s))
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, problem("neither http nor https: %q", clip(s))
	case u.User != nil:
		return nil, problem("an address with a user name: %q", clip(s))
	case u.Hostname() == "" || u.Opaque != "":
		return nil, problem("an address without a host: %q", clip(s))
	case u.Port() != "" && u.Port() != "80" && u.Port() != "443":
		return nil, problem("an address with a port: %q", clip(s))
	}
	return u, nil
}

// PosterURL makes the address of a picture whole: "//host/…" becomes https, a path is taken from base, blanks around it
// go. "" when what remains is no http or https address.
func PosterURL(raw, base string) string {
	s := strings.ReplaceAll(strings.TrimSpace(strings.TrimFunc(raw, unicode.IsSpace)), " ", "%20")
	if s == "" || strings.HasPrefix(s, "#") {
		return ""
	}
	if strings.HasPrefix(s, "//") {
		s = "https:" + s
	}
	if !strings.Contains(s, "://") {
		b, err := url.Parse(strings.TrimSpace(base))
		if err != nil || b.Host == "" {
			return ""
		}
		r, err := url.Parse(s)
		if err != nil || r.Scheme != "" {
			return ""
		}
		s = b.ResolveReference(r).String()
	}
	if _, err := parseWeb(s); err != nil {
		return ""
	}
	return s
}

// sellerForm is one shape of a seller's address for a product: a pattern over the path, or a key of the query.
type sellerForm struct {
	seller ticket.Seller
	hosts  []string
	path   *regexp.Regexp
	query  []string
}

var sellerForms = []sellerForm{
	{ticket.Interpark, []string{"interpark.com", "nol.yanolja.com", "nol.interpark.com"},
		regexp.MustCompile(`(?i)^/(?:(?:[a-z-]+/)*goods|ticket/products|(?:contents/)?bridge|(?:ticket/)?products)/([A-Za-z0-9]{5,16})/?$`), []string{"goodscode", "groupcode"}},
	{ticket.YES24, []string{"ticket.yes24.com"}, regexp.MustCompile(`(?i)^/(?:[a-z]+/)*perf(?:/detail)*/(\d{1,10})/?$`), []string{"idperf"}},
	{ticket.Melon, []string{"ticket.melon.com", "tkglobal.melon.com"}, nil, []string{"prodid"}},
	{ticket.Ticketlink, []string{"ticketlink.co.kr"}, regexp.MustCompile(`(?i)^/(?:global/[a-z]{2}/)?(?:reserve/)?product/(\d{1,10})/?$`), []string{"productid"}},
}

var reCode = regexp.MustCompile(`^[A-Za-z0-9]{1,16}$`)

// LinkSeller tells whose an address is, and the seller's own code of the product when the address shows it. An address
// of nobody we know, or one that is not http or https, is ticket.OtherSeller.
func LinkSeller(rawURL string) (ticket.Seller, string) {
	u, err := parseWeb(strings.TrimSpace(rawURL))
	if err != nil {
		return ticket.OtherSeller, ""
	}
	host := strings.ToLower(u.Hostname())
	for _, f := range sellerForms {
		for _, h := range f.hosts {
			if host != h && !strings.HasSuffix(host, "."+h) {
				continue
			}
			return f.seller, f.code(u)
		}
	}
	return ticket.OtherSeller, ""
}

func (f sellerForm) code(u *url.URL) string {
	if f.path != nil {
		if m := f.path.FindStringSubmatch(u.Path); m != nil {
			return m[1]
		}
	}
	for key, values := range u.Query() {
		for _, want := range f.query {
			if strings.EqualFold(key, want) && len(values) == 1 && reCode.MatchString(strings.TrimSpace(values[0])) {
				return strings.TrimSpace(values[0])
			}
		}
	}
	return ""
}
