// Package moved leads visitors of an id that became another's to where it stands now.
package moved

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// To answers 308 to path, with the query that was asked with. What was merged may be parted again, so nobody is to remember it.
func To(c echo.Context, path string) error {
	if q := c.QueryString(); q != "" {
		path += "?" + q
	}
	c.Response().Header().Set("Cache-Control", "no-cache")
	return c.Redirect(http.StatusPermanentRedirect, path)
}
