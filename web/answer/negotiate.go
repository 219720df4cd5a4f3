package answer

import (
	"net/http"
	"strconv"
	"strings"
)

// known tells whether the client has the body of a tag. Tags are compared weakly, as RFC 9110 wants it of If-None-Match.
func known(r *http.Request, tag string) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	opaque := strings.TrimPrefix(tag, "W/")
	for _, list := range r.Header["If-None-Match"] {
		if strings.TrimSpace(list) == "*" {
			return true
		}
		for list != "" {
			list = strings.TrimPrefix(strings.TrimLeft(list, ", \t"), "W/")
			if !strings.HasPrefix(list, `"`) {
				break // not a list of tags: what follows cannot be told apart
			}
			end := strings.IndexByte(list[1:], '"')
			if end < 0 {
				break
			}
			if list[:end+2] == opaque {
				return true
			}
			list = list[end+2:]
		}
	}
	return false
}

// wantsGzip tells whether the client takes gzip: named, or by *, and not with q=0.
func wantsGzip(r *http.Request) bool {
	named, starred := -1.0, -1.0
	for _, list := range r.Header["Accept-Encoding"] {
		for list != "" {
			var one string
			one, list, _ = strings.Cut(list, ",")
			coding, params, _ := strings.Cut(one, ";")
			switch coding = strings.TrimSpace(coding); {
			case strings.EqualFold(coding, "gzip"), strings.EqualFold(coding, "x-gzip"):
				named = quality(params)
			case coding == "*":
				starred = quality(params)
			}
		}
	}
	return named > 0 || named < 0 && starred > 0
}

// quality reads the weight of a coding; what cannot be read is 0, for plain bytes are right for everybody.
func quality(params string) float64 {
	name, value, found := strings.Cut(params, "=")
	if !found {
		if strings.TrimSpace(params) == "" {
			return 1
		}
		return 0
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || !strings.EqualFold(strings.TrimSpace(name), "q") || q < 0 || q > 1 {
		return 0
	}
	return q
}
