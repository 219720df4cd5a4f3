package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path"

	"github.com/labstack/echo/v4"

	"ticketmoa/web/answer"
	"ticketmoa/web/site"
)

//go:embed templates static
var assets embed.FS

// pages are the templates a handler may render; each stands in templates/NAME.html and fills the layout. They are all
// read at start, so a broken page never reaches anybody.
var pages = [...]string{"home", "list", "detail", "openings", "rank", "artist", "artists", "venue", "venues", "admin", "quarantine", "merges", "error"}

// renderer writes pages.
type renderer struct{ templates map[string]*template.Template }

func newRenderer(static *staticFiles) (*renderer, error) {
	r := &renderer{templates: map[string]*template.Template{}}
	funcs := site.Funcs()
	funcs["static"] = static.url
	for _, name := range pages {
		t, err := template.New("layout.html").Funcs(funcs).ParseFS(assets, "templates/layout.html", "templates/parts.html", "templates/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("page %s: %w", name, err)
		}
		r.templates[name] = t
	}
	return r, nil
}

// Render implements echo.Renderer. The page is complete before the first byte leaves.
func (r *renderer) Render(w io.Writer, name string, data any, _ echo.Context) error {
	t, ok := r.templates[name]
	if !ok {
		return fmt.Errorf("there is no page %q", name)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	_, err := b.WriteTo(w)
	return err
}

// staticFiles serves what does not change, under a name that carries its checksum. It is compressed once.
type staticFiles struct {
	files map[string]*answer.Body // by path below /s/
	urls  map[string]string
}

func newStaticFiles() (*staticFiles, error) {
	s := &staticFiles{files: map[string]*answer.Body{}, urls: map[string]string{}}
	err := fs.WalkDir(assets, "static", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := assets.ReadFile(p)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(data)
		name := path.Base(p)
		kind, ok := contentTypes[path.Ext(name)]
		if !ok {
			return fmt.Errorf("static file %s: nobody says what type it has", name)
		}
		s.urls[name] = "/s/" + hex.EncodeToString(sum[:6]) + "/" + name
		s.files[s.urls[name]] = answer.NewBody(kind, data, answer.Hardest)
		s.files[s.urls[name]].Packed()
		return nil
	})
	return s, err
}

func (s *staticFiles) url(name string) (string, error) {
	if u, ok := s.urls[name]; ok {
		return u, nil
	}
	return "", fmt.Errorf("there is no static file %q", name)
}

var contentTypes = map[string]string{".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".js": "text/javascript; charset=utf-8"}

func (s *staticFiles) serve(c echo.Context) error {
	body, ok := s.files[c.Request().URL.Path]
	if !ok {
		return echo.ErrNotFound
	}
	c.Response().Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	return body.Send(c)
}
