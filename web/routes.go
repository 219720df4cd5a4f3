package web

import (
	"github.com/labstack/echo/v4"

	"ticketmoa/web/admin"
	"ticketmoa/web/api"
	"ticketmoa/web/site"
)

// routes is the map of every address.
func (s *Server) routes() (*echo.Echo, error) {
	static, err := newStaticFiles()
	if err != nil {
		return nil, err
	}
	renderer, err := newRenderer(static)
	if err != nil {
		return nil, err
	}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Renderer = renderer
	e.HTTPErrorHandler = errorHandler(s.log)
	e.IPExtractor = echo.ExtractIPDirect()
	e.Use(s.middleware()...)

	e.GET("/healthz", s.healthz)
	e.GET("/readyz", s.readyz)
	e.GET("/s/*", static.serve)
	e.GET("/robots.txt", robots)
	e.GET("/favicon.ico", func(c echo.Context) error { return c.Redirect(301, static.urls["favicon.svg"]) })
	site.Register(e, s.deps.Site)
	api.Register(e.Group("/api/v1"), s.deps.API)
	admin.Register(e, s.deps.Admin)
	return e, nil
}

func robots(c echo.Context) error {
	return c.String(200, "User-agent: *\nDisallow: /admin\nDisallow: /out/\nDisallow: /api/\n")
}
