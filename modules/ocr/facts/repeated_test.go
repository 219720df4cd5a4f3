package facts

import (
	"fmt"
	"image"
	"slices"
	"testing"
)

// TestRepeated: of a casting table the cells that are read alike often enough are sure; days, which differ, and cells elsewhere
// are not, and neither is what was read alike three times.
func TestRepeated(t *testing.T) {
	t.Parallel()
	var lines []Line
	put := func(y int, cells ...string) {
		for i, text := range cells {
			lines = append(lines, Line{Rect: image.Rect(40+150*i, y, 140+150*i, y+20), Text: text})
		}
	}
	put(0, "캐스팅")
	for n := range 5 {
		put(40+40*n, "마리", "김철수") // outside of the table
	}
	put(300, "캐스팅 스케줄")
	put(340, "날짜", "요일", "시간", "마리")
	names := []string{"김철수", "김철수", "김철수", "김철수", "이영희", "이영희", "이영희"}
	for n, name := range names {
		put(380+40*n, fmt.Sprintf("12/%d", 6+n), []string{"일", "월", "화", "수", "목", "금", "토"}[n], "19:30", name)
	}
	var got []string
	for _, i := range Repeated(lines) {
		got = append(got, fmt.Sprint(lines[i].Rect.Min.Y, " ", lines[i].Text))
	}
	slices.Sort(got)
	want := []string{}
	for n := range names {
		want = append(want, fmt.Sprint(380+40*n, " 19:30"))
		if n < 4 {
			want = append(want, fmt.Sprint(380+40*n, " 김철수"))
		}
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}
