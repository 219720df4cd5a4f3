// Package problem is how an answer says that something is wrong: RFC 9457 for programs, a page for people. Handlers
// return a *Problem or an error from below; web's table turns the latter into one.
package problem

import (
	"fmt"
	"net/http"
	"strings"
)

// Field is one thing that is wrong with a request.
type Field struct {
	Pointer string `json:"pointer"` // name of the parameter or JSON pointer
	Detail  string `json:"detail"`  // what is wrong and what would be right, Korean
}

// Problem is an error with an answer.
type Problem struct {
	Type     string  `json:"type"`
	Title    string  `json:"title"` // stable, English
	Status   int     `json:"status"`
	Detail   string  `json:"detail,omitempty"` // for people, Korean
	Instance string  `json:"instance,omitempty"`
	Request  string  `json:"request_id,omitempty"`
	Errors   []Field `json:"errors,omitempty"`
}

func (p *Problem) Error() string { return fmt.Sprintf("%d %s: %s", p.Status, p.Title, p.Detail) }

// New makes a problem of a status.
func New(status int, detail string) *Problem {
	title := http.StatusText(status)
	return &Problem{Type: "/api/problems/" + strings.ReplaceAll(strings.ToLower(title), " ", "-"), Title: title, Status: status, Detail: detail}
}

// NotFound says that there is no such thing.
func NotFound(what string) *Problem {
	return New(http.StatusNotFound, what+" 찾을 수 없습니다. 주소를 확인하거나 검색해 보세요.")
}

// BadParameters says what is wrong with a query.
func BadParameters(fields []Field) *Problem {
	p := New(http.StatusBadRequest, "요청에 잘못된 값이 있습니다.")
	p.Errors = fields
	return p
}
