package demo

import (
	"bytes"
	"embed"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
)

//go:embed pages
var files embed.FS

// pages renders the embedded templates.
type pages struct {
	html   *template.Template
	script []byte
}

func loadPages() (*pages, error) {
	t, err := template.New("").Funcs(template.FuncMap{"won": won}).ParseFS(files, "pages/*.html")
	if err != nil {
		return nil, fmt.Errorf("read the embedded pages of the simulated sites: %w", err)
	}
	script, err := files.ReadFile("pages/product.js")
	if err != nil {
		return nil, fmt.Errorf("read the embedded script of the simulated Ticketlink: %w", err)
	}
	return &pages{html: t, script: script}, nil
}

// page renders a template; one that fails is an error of ours that the reader of the page shall see.
func (p *pages) page(status int, name string, data any) answer {
	var b bytes.Buffer
	if err := p.html.ExecuteTemplate(&b, name, data); err != nil {
		return broken(err)
	}
	return answer{status, "text/html; charset=utf-8", b.Bytes()}
}

func asJSON(v any) answer {
	b, err := json.Marshal(v)
	if err != nil {
		return broken(err)
	}
	return answer{http.StatusOK, "application/json;charset=UTF-8", b}
}

func asXML(v any) answer {
	b, err := xml.Marshal(v)
	if err != nil {
		return broken(err)
	}
	return answer{http.StatusOK, "application/xml;charset=UTF-8", append([]byte(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`+"\n"), b...)}
}

func broken(err error) answer {
	return answer{http.StatusInternalServerError, "text/plain; charset=utf-8", []byte("simulated site: " + err.Error())}
}

// otherPages stand in for every seller that is only linked to.
type otherPages struct{ pages *pages }

func (o *otherPages) answer(u *url.URL, _ int) answer {
	return o.pages.page(http.StatusOK, "seller.html", u.RequestURI())
}

// front is what a site answers to a path it does not know: its home page, or nothing.
func (p *pages) front(u *url.URL) answer {
	status := http.StatusNotFound
	if u.Path == "/" || u.Path == "" {
		status = http.StatusOK
	}
	return p.page(status, "seller.html", u.RequestURI())
}

// number reads a whole number of a query within bounds; fallback when it is none.
func number(q url.Values, name string, fallback int) int {
	var n int
	if _, err := fmt.Sscanf(q.Get(name), "%d", &n); err != nil || n < 1 || n > 100_000 {
		return fallback
	}
	return n
}

// cut is the page-th part of size; nothing behind the last.
func cut[T any](all []T, page, size int) []T {
	from := min((page-1)*size, len(all))
	return all[from:min(from+size, len(all))]
}
