package admin

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"ticketmoa/modules/etl"
	"ticketmoa/modules/lake"
	"ticketmoa/modules/ocr"
	"ticketmoa/modules/ticket"
	"ticketmoa/web/problem"
)

// CropLink is where the part of a picture can be seen that a row was read from; "" when it was read from none.
func (r rowView) CropLink() string {
	if r.Picture == "" || len(r.Box) != 4 {
		return ""
	}
	box := make([]string, 4)
	for i, n := range r.Box {
		box[i] = strconv.Itoa(n)
	}
	return "/admin/pictures/" + r.Picture + "?box=" + strings.Join(box, ",")
}

// Acceptable tells whether somebody may take what was read from a picture for true.
func (r rowView) Acceptable() bool { return r.Picture != "" && r.Parsed != "" }

// crop shows a part of a kept picture: what stands around a value that is in doubt.
func (h handlers) crop(c echo.Context) error {
	words := strings.Split(c.QueryParam("box"), ",")
	var box [4]int
	for i := range box {
		n, err := 0, error(nil)
		if len(words) == len(box) {
			n, err = strconv.Atoi(words[i])
		}
		if len(words) != len(box) || err != nil || n < 0 || n > 1<<16 {
			return problem.BadParameters([]problem.Field{{Pointer: "box", Detail: "왼쪽,위,너비,높이를 픽셀 수 네 개로 쓰세요."}})
		}
		box[i] = n
	}
	img, err := h.Crop(c.Request().Context(), c.Param("sha"), box)
	switch {
	case errors.Is(err, lake.ErrNotFound), errors.Is(err, lake.ErrBadKey):
		return problem.New(http.StatusNotFound, "보관된 그림이 없습니다.")
	case err != nil:
		return err
	}
	c.Response().Header().Set("Cache-Control", "private, max-age=86400")
	return c.Blob(http.StatusOK, "image/png", img)
}

// acceptRow takes the value of the row with an id for true.
func (h handlers) acceptRow(c echo.Context, id string) (Replay, error) {
	ctx := c.Request().Context()
	if id == "" {
		return Replay{}, problem.BadParameters([]problem.Field{{Pointer: "id", Detail: "받아들일 줄의 id를 쓰세요."}})
	}
	rows, _, err := h.Quarantine.Rows(ctx, etl.Filter{ID: id, Kind: ticket.PicturePage}, 1, "")
	switch {
	case err != nil:
		return Replay{}, err
	case len(rows) == 0:
		return Replay{}, problem.New(http.StatusNotFound, "그런 줄이 없습니다. 이미 처리되었을 수 있습니다.")
	}
	done, err := h.AcceptPicture(ctx, rows[0])
	if errors.Is(err, ocr.ErrNoValue) {
		return done, problem.New(http.StatusConflict, "이 줄에는 그림에서 읽은 값이 없어 받아들일 수 없습니다.")
	}
	return done, err
}

func (h handlers) acceptPictureForm(c echo.Context) error {
	if err := c.Request().ParseForm(); err != nil {
		return problem.New(http.StatusBadRequest, "양식을 읽을 수 없습니다.")
	}
	done, err := h.acceptRow(c, c.Request().PostForm.Get("id")) //nolint:forbidigo // what a visitor sent; nothing goes out
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, quarantinePage+"?pages="+strconv.FormatInt(done.Pages, 10))
}

func (h handlers) acceptPicture(c echo.Context) error {
	var body struct {
		ID string `json:"id"`
	}
	if err := readJSON(c, &body, "id(글자)"); err != nil {
		return err
	}
	done, err := h.acceptRow(c, body.ID)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusAccepted, map[string]any{"pages": done.Pages, "waiting": done.Waiting})
}
