// Package kopis knows the open API of KOPIS (공연예술통합전산망), the registry of the performing arts: which days and pages to
// ask for (discover.go) and what its answers say (parse.go; tree.go reads them as XML or as the JSON some clients store).
// It is a registry: its shows carry no offer of their own but point to sellers by address. It is pure, and the operator's
// key never enters it but through WithKey, just before a request leaves.
package kopis

import (
	"net/url"
	"strings"

	"ticketmoa/modules/sellers"
)

const (
	base    = "http://www.kopis.or.kr/openApi/restful"
	rows    = 100 // the most the API gives in one answer
	version = 3
)

type source struct{}

// New gives the source.
func New() sellers.Source { return source{} }

// Info describes KOPIS.
func (source) Info() sellers.Info {
	return sellers.Info{
		Name:        "kopis",
		Title:       "공연예술통합전산망(KOPIS)",
		Kind:        sellers.RegistryKind,
		Version:     version,
		Hosts:       []string{"www.kopis.or.kr"},
		NeedsKey:    true,
		Attribution: "출처: (재)예술경영지원센터 공연예술통합전산망(www.kopis.or.kr)",
		Home:        "https://www.kopis.or.kr",
		Notice:      "서비스 키는 한 사람에 하나이며 KOPIS 누리집에서 신청합니다. 출처 표시는 의무입니다.",
	}
}

// WithKey adds the operator's key to a request's address.
func (source) WithKey(raw, key string) string {
	sep := "?"
	if strings.Contains(raw, "?") {
		sep = "&"
	}
	return raw + sep + "service=" + url.QueryEscape(key)
}
