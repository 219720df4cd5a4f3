package answer

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/labstack/echo/v4"
)

// piecewiseServer answers /N with a body of N bytes; in pieces of one where whole is set.
func piecewiseServer(t *testing.T, whole bool) *httptest.Server {
	t.Helper()
	e := echo.New()
	e.Use(Compress)
	e.GET("/:size", func(c echo.Context) error {
		size, err := strconv.Atoi(c.Param("size"))
		if err != nil {
			return err
		}
		c.Response().Header()["Date"] = nil
		return NewBody("text/plain", bytes.Repeat([]byte("0123456789abcde\n"), size/16), 6).Send(c)
	})
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // as web.Server does it
		if r.Method == http.MethodHead {
			r = r.Clone(r.Context())
			r.Method = http.MethodGet
		}
		e.ServeHTTP(w, r)
	}))
	if whole {
		srv.Listener = Pieces(srv.Listener)
		srv.Config.ConnContext = ConnContext
	}
	srv.Start()
	t.Cleanup(srv.Close)
	return srv
}

// TestPieces: what is sent in one piece is byte for byte what net/http sends by itself, one request after the other on one
// connection.
func TestPieces(t *testing.T) {
	t.Parallel()
	var got [2][]byte
	for i, whole := range []bool{false, true} {
		srv := piecewiseServer(t, whole)
		var all bytes.Buffer
		for _, size := range []int{0, 16, 1008, 1024, 2032, 2048, 3584, 3840, 3968, 4080, 4096, 4112, 8192, 40_000, 2_000_000} {
			for _, method := range []string{"GET", "HEAD"} {
				for _, more := range []string{"", "Accept-Encoding: gzip\r\n", `If-None-Match: *` + "\r\n"} {
					fmt.Fprintf(&all, "%s /%d HTTP/1.1\r\nHost: h\r\n%s\r\n", method, size, more)
				}
			}
		}
		all.WriteString("GET /8192 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
		conn, err := net.Dial("tcp", srv.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		go func() { _, _ = io.Copy(conn, &all) }()
		if got[i], err = io.ReadAll(conn); err != nil {
			t.Fatal(err)
		}
		conn.Close()
	}
	if !bytes.Equal(got[0], got[1]) || len(got[0]) < 2_000_000 {
		t.Errorf("%d bytes from net/http, %d in pieces: they differ", len(got[0]), len(got[1]))
	}
}

// TestOnePiece: a small answer is there all at once.
func TestOnePiece(t *testing.T) {
	t.Parallel()
	srv := piecewiseServer(t, true)
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	buf := make([]byte, 64<<10)
	for range 200 {
		if _, err := conn.Write([]byte("GET /8192 HTTP/1.1\r\nHost: h\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
		n, err := conn.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(buf[:n])), nil)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || len(body) != 8192 {
			t.Fatalf("%d bytes of 8192 came at once: %v", len(body), err)
		}
	}
}

// TestPieceLost: a connection that takes nothing more is closed and not used again.
func TestPieceLost(t *testing.T) {
	t.Parallel()
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	c, err := Pieces(l).Accept()
	if err != nil {
		t.Fatal(err)
	}
	p := c.(*piecewise)
	if err := p.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	p.holding = true
	if n, err := p.Write([]byte("head")); n != 4 || err != nil {
		t.Errorf("held back: %d, %v", n, err)
	}
	if n, err := p.Write([]byte("body")); n != 0 || err == nil {
		t.Errorf("sent: %d, %v", n, err)
	}
	p.holding = true
	_, _ = p.Write([]byte("head"))
	if err := p.release(); err == nil || p.held != nil || p.holding {
		t.Errorf("released: %v, holding %v", err, p.holding)
	}
	if _, err := p.Read(make([]byte, 1)); err == nil {
		t.Error("the connection is still used")
	}
}
