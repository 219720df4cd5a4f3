package ticket

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// PageKind is what sort of page a source answered with.
type PageKind string

// The kinds of pages.
const (
	ListPage       PageKind = "list"
	DetailPage     PageKind = "detail"
	NoticePage     PageKind = "notice"
	NoticeListPage PageKind = "notice_list"
	FacilityPage   PageKind = "facility"
	PricePage      PageKind = "price"   // what the grades of one code cost, where the source keeps that apart
	DatesPage      PageKind = "dates"   // the single days of one code, likewise
	PicturePage    PageKind = "picture" // what the pictures of one code's page were read as, by us
)

// RankView is the kind of the views that rankings give. No page is asked for by it.
const RankView PageKind = "ranking"

// PageKinds lists every kind. It returns a fresh slice.
func PageKinds() []PageKind {
	return []PageKind{ListPage, DetailPage, NoticePage, NoticeListPage, FacilityPage, PricePage, DatesPage, PicturePage}
}

// Known tells whether k is one of PageKinds.
func (k PageKind) Known() bool { return slices.Contains(PageKinds(), k) }

// Page is one answer of a source exactly as it came: what the queue carries, the lake keeps and every parser reads.
type Page struct {
	Source    string            `json:"source"`
	Kind      PageKind          `json:"kind"`
	Code      string            `json:"code,omitempty"` // the source's code of what the page is about, when known
	URL       string            `json:"url"`            // without secrets
	FetchedAt time.Time         `json:"fetched_at"`
	Status    int               `json:"status"`
	Header    map[string]string `json:"header,omitempty"` // only the headers that matter: Content-Type, Last-Modified, ETag
	Run       string            `json:"run,omitempty"`    // id of the crawl or command that fetched it
	Replay    bool              `json:"replay,omitempty"` // read back from the lake: a difference is the parser's, not the source's
	Rendered  bool              `json:"rendered,omitempty"`
	Judged    bool              `json:"judged,omitempty"` // its run is a crawl that is held against the crawls before it
	Body      []byte            `json:"-"`
}

const pageVersion = 1

// ErrBadPage is returned when bytes are not an encoded Page.
var ErrBadPage = errors.New("not an encoded page")

// Encode writes a page as one version byte, the length of its JSON head (4 bytes, big endian), the head and the body.
func (p *Page) Encode() ([]byte, error) {
	head, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("encode page head: %w", err)
	}
	out := make([]byte, 0, 5+len(head)+len(p.Body))
	out = append(out, pageVersion)
	out = binary.BigEndian.AppendUint32(out, uint32(len(head)))
	return append(append(out, head...), p.Body...), nil
}

// Several joins values of one field that a page gives twice and differently, so that whoever reads the field refuses it with
// a reason.
const Several = "‖"

// DecodePage undoes Encode. The body is a copy.
func DecodePage(b []byte) (*Page, error) {
	if len(b) < 5 || b[0] != pageVersion {
		return nil, fmt.Errorf("%w: no version %d head", ErrBadPage, pageVersion)
	}
	n := binary.BigEndian.Uint32(b[1:5])
	if uint64(n) > uint64(len(b)-5) {
		return nil, fmt.Errorf("%w: head of %d bytes does not fit in %d", ErrBadPage, n, len(b)-5)
	}
	var p Page
	if err := json.Unmarshal(b[5:5+n], &p); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadPage, err)
	}
	p.Body = bytes.Clone(b[5+n:])
	return &p, nil
}
