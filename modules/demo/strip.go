package demo

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"ticketmoa/modules/ticket"
)

// Some shows of the simulated YES24 publish who plays, when, for how long and for how much only in a picture, as real ones do.

// stripPath is where YES24 keeps the pictures of its pages, on a host of its own.
const stripPath = "/Upload2/Board/demo/"

// pictured tells whether a show's facts stand in its picture and nowhere else: no other site sells it. It needs a Korean font.
func (y *yes24Pages) pictured(s *show) bool {
	return y.printer != nil && s.n%10 == 3 && s.yes24 != "" && s.ticketlink+s.kopis+s.interpark+s.melon == "" && s.sort != exhibition && !s.openRun && len(s.prices) > 0
}

func (y *yes24Pages) strip(s *show) string {
	return "http://tkfile.yes24.com" + stripPath + s.yes24 + ".jpg"
}

// picture answers for the strip of a show.
func (y *yes24Pages) picture(u *url.URL) answer {
	s := y.cat.at[yes24Site][strings.TrimSuffix(strings.TrimPrefix(u.Path, stripPath), ".jpg")]
	if s == nil || !y.pictured(s) {
		return y.pages.front(u)
	}
	body, err := y.printer.print(s)
	if err != nil {
		return answer{http.StatusInternalServerError, "text/plain; charset=utf-8", []byte(err.Error())}
	}
	return answer{http.StatusOK, "image/jpeg", body}
}

// printer draws strips.
type printer struct{ regular, bold *opentype.Font }

// Korean fonts where Debian puts them, with the number of the Korean one in a collection.
var fontFiles = []struct {
	regular, bold string
	number        int
}{
	{"/usr/share/fonts/truetype/nanum/NanumGothic.ttf", "/usr/share/fonts/truetype/nanum/NanumGothicBold.ttf", 0},
	{"/usr/share/fonts/truetype/nanum/NanumBarunGothic.ttf", "/usr/share/fonts/truetype/nanum/NanumBarunGothicBold.ttf", 0},
	{"/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc", 1},
}

// newPrinter finds a Korean font; nil when the machine has none.
func newPrinter() *printer {
	for _, f := range fontFiles {
		regular, err := openFont(f.regular, f.number)
		if err != nil {
			continue
		}
		if bold, err := openFont(f.bold, f.number); err == nil {
			return &printer{regular, bold}
		}
	}
	return nil
}

func openFont(path string, number int) (*opentype.Font, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	fonts, err := opentype.ParseCollection(data)
	if err != nil {
		return nil, err
	}
	return fonts.Font(number)
}

// stripWidth is that of the pictures on YES24's pages, in pixels.
const stripWidth = 860

// sheet is a strip while it is drawn, from above to below.
type sheet struct {
	p   *printer
	img *image.RGBA
	y   int
	err error
}

var (
	ink    = color.RGBA{34, 34, 40, 255}
	accent = color.RGBA{30, 64, 120, 255}
	paper  = color.RGBA{255, 253, 248, 255}
	band   = color.RGBA{30, 64, 120, 255}
)

// print draws the strip of a show as JPEG.
func (p *printer) print(s *show) ([]byte, error) {
	sh := &sheet{p: p, img: image.NewRGBA(image.Rect(0, 0, stripWidth, 2600)), y: 60}
	draw.Draw(sh.img, sh.img.Rect, image.NewUniform(paper), image.Point{}, draw.Src)
	sh.centred(s.name, 46, p.bold, accent)
	sh.y += 40
	sh.heading("공연 정보")
	sh.pair("기간", spelled(s.start)+" ~ "+spelled(s.end))
	sh.pair("공연시간", s.yes24Times())
	sh.pair("장소", s.room.yes24Name())
	if s.minutes > 0 {
		running := fmt.Sprintf("%d분 (인터미션 없음)", s.minutes)
		if s.pause > 0 {
			running = fmt.Sprintf("%d분 (인터미션 %d분 포함)", s.minutes, s.pause)
		}
		sh.pair("관람시간", running)
	}
	sh.pair("관람연령", s.age.yes24())
	sh.heading("티켓 가격")
	for _, price := range s.prices {
		sh.left(price.Grade+" "+won(price.Won)+"원", 24)
	}
	sh.heading("할인 정보")
	for _, d := range stripDiscounts(s) {
		sh.left(fmt.Sprintf("- %s %d%%", d.Name, d.Percent), 22)
	}
	if len(s.cast) > 0 {
		sh.heading("캐스팅")
		sh.casting(s)
		sh.table(s)
	}
	sh.heading("유의사항")
	sh.left("※ 공연 시작 후에는 입장이 제한될 수 있습니다.", 20)
	if sh.err != nil {
		return nil, sh.err
	}
	var out bytes.Buffer
	err := jpeg.Encode(&out, sh.img.SubImage(image.Rect(0, 0, stripWidth, min(sh.y+60, sh.img.Rect.Dy()))), &jpeg.Options{Quality: 88})
	return out.Bytes(), err
}

// stripDiscounts are what the strip of a show says of discounts.
func stripDiscounts(s *show) []ticket.Discount {
	all := []ticket.Discount{{Name: "재관람 할인", Percent: 20}, {Name: "청소년 할인", Percent: 30}, {Name: "문화가 있는 날 할인", Percent: 25}, {Name: "장애인·국가유공자 할인", Percent: 50}}
	return all[s.n%2 : 3+s.n%2]
}

func (s *sheet) casting(show *show) {
	byRole := map[string][]string{}
	var roles []string
	for _, m := range show.cast {
		role := m.Role
		if role == "" {
			role = "출연"
		}
		if byRole[role] == nil {
			roles = append(roles, role)
		}
		byRole[role] = append(byRole[role], m.Name)
	}
	for _, r := range roles {
		s.left(r+" : "+strings.Join(byRole[r], ", "), 24)
	}
}

// tableRows is how many days the casting table of a strip shows.
const tableRows = 8

// table draws who plays on which day, for a show with a run and at least three parts.
func (s *sheet) table(show *show) {
	if !show.long() || len(show.cast) < 3 || show.cast[0].Role == "" {
		return
	}
	s.heading("캐스팅 스케줄")
	cast := show.cast[:3]
	s.row([]string{"날짜", "요일", "시간", cast[0].Role, cast[1].Role, cast[2].Role}, s.p.bold)
	for d, n := show.start, 0; d <= show.end && n < tableRows; d = d.AddDays(1) {
		if d.Time().Weekday() == time.Monday {
			continue
		}
		at := "19:30"
		if show.sort == family {
			at = "11:00"
		}
		s.row([]string{fmt.Sprintf("%d/%d", d.Time().Month(), d.Time().Day()), weekday(d), at, cast[0].Name, cast[1].Name, cast[2].Name}, s.p.regular)
		n++
	}
	s.y += 10
}

// row draws one row of a table, its lines around it.
func (s *sheet) row(cells []string, f *opentype.Font) {
	const height = 44
	wide := (stripWidth - 100) / len(cells)
	for i, text := range cells {
		x := 50 + i*wide
		for _, line := range []image.Rectangle{image.Rect(x, s.y, x+wide, s.y+1), image.Rect(x, s.y+height, x+wide, s.y+height+1), image.Rect(x, s.y, x+1, s.y+height), image.Rect(x+wide, s.y, x+wide+1, s.y+height+1)} {
			draw.Draw(s.img, line, image.NewUniform(ink), image.Point{}, draw.Src)
		}
		s.text(text, x+(wide-s.width(text, 20, f))/2, s.y+29, 20, f, ink)
	}
	s.y += height
}

func (s *sheet) heading(text string) {
	s.y += 26
	draw.Draw(s.img, image.Rect(50, s.y, stripWidth-50, s.y+50), image.NewUniform(band), image.Point{}, draw.Src)
	s.text(text, 70, s.y+35, 26, s.p.bold, color.White)
	s.y += 50 + 20
}

func (s *sheet) pair(label, value string) {
	s.text(label, 60, s.y+24, 22, s.p.bold, accent)
	s.text(value, 210, s.y+24, 22, s.p.regular, ink)
	s.y += 42
}

func (s *sheet) left(text string, size float64) {
	s.text(text, 60, s.y+24, size, s.p.regular, ink)
	s.y += int(size) + 18
}

func (s *sheet) centred(text string, size float64, f *opentype.Font, c color.Color) {
	s.text(text, (stripWidth-s.width(text, size, f))/2, s.y+int(size), size, f, c)
	s.y += int(size) + 20
}

func (s *sheet) face(size float64, f *opentype.Font) font.Face {
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		s.err = err
		return nil
	}
	return face
}

func (s *sheet) width(text string, size float64, f *opentype.Font) int {
	face := s.face(size, f)
	if face == nil {
		return 0
	}
	return font.MeasureString(face, text).Ceil()
}

func (s *sheet) text(text string, x, y int, size float64, f *opentype.Font, c color.Color) {
	if face := s.face(size, f); face != nil {
		d := font.Drawer{Dst: s.img, Src: image.NewUniform(c), Face: face, Dot: fixed.P(x, y)}
		d.DrawString(text)
	}
}
