package app

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// pictured is a performance as far as pictures say something of it.
type pictured struct {
	ID       string
	Title    string
	From     map[string]string
	Cast     []struct{ Name, From string }
	Discount []struct{ Name, From string } `json:"discounts"`
	Offers   []struct {
		Prices []struct {
			Grade, From string
			Won         int
		}
	}
}

// pictures waits for a show of which the simulated YES24 says who plays and for how much only in a picture, and holds what people
// and programs see of it against what must stand there.
func (c *client) pictures(t *testing.T) {
	if _, err := exec.LookPath("tesseract"); err != nil {
		t.Skip("this machine has no tesseract: apt-get install tesseract-ocr tesseract-ocr-kor tesseract-ocr-script-hang")
	}
	if _, err := os.Stat("/usr/share/fonts/truetype/nanum/NanumGothic.ttf"); err != nil {
		t.Skip("this machine has no Korean font to draw pictures with: apt-get install fonts-nanum")
	}
	var found *pictured
	for deadline := time.Now().Add(4 * time.Minute); found == nil; time.Sleep(time.Second) {
		if time.Now().After(deadline) {
			t.Fatal("after four minutes nothing was read from a picture")
		}
		for cursor := ""; found == nil; {
			var list struct {
				Data []pictured
				Page struct {
					NextCursor *string `json:"next_cursor"`
				}
			}
			a := c.get("/api/v1/performances?seller=yes24&limit=100" + cursor)
			if err := json.Unmarshal([]byte(a.body), &list); err != nil || a.status != http.StatusOK {
				t.Fatalf("%d %v", a.status, err)
			}
			for i, p := range list.Data {
				if len(p.Cast) > 1 && p.Cast[0].From == "image" {
					found = &list.Data[i]
				}
			}
			if list.Page.NextCursor == nil {
				break
			}
			cursor = "&cursor=" + *list.Page.NextCursor
		}
	}
	if found.From["running_minutes"] != "image" || found.From["times_text"] != "image" || found.From["age_text"] != "image" || len(found.Discount) != 3 || found.Discount[0].From != "image" {
		t.Errorf("%+v", found)
	}
	if len(found.Offers) != 1 || len(found.Offers[0].Prices) == 0 || found.Offers[0].Prices[0].From != "image" {
		t.Errorf("offers %+v", found.Offers)
	}
	page := c.get("/p/" + found.ID).body
	for _, want := range []string{found.Cast[0].Name, `class="badge image"`, "그림으로 올린 것을 읽은 것입니다", found.Discount[0].Name} {
		if !strings.Contains(page, want) {
			t.Errorf("the page of %s lacks %q", found.Title, want)
		}
	}
}
