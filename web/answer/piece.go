package answer

import (
	"context"
	"net"
	"net/http"
	"sync"

	"github.com/labstack/echo/v4"
)

// net/http gives an answer of more than four kilobytes to the connection in two writes: the head with the beginning of the
// body, which fills its buffer, and the rest. On a small answer the second costs as much as all else together, and the
// client wakes up twice. Pieces and ConnContext put the two into one.

// Pieces is a listener whose connections can send an answer in one piece. The server needs ConnContext besides.
func Pieces(l net.Listener) net.Listener { return pieces{l} }

// ConnContext tells handlers of the connection; it is for http.Server.ConnContext.
func ConnContext(ctx context.Context, c net.Conn) context.Context {
	if p, ok := c.(*piecewise); ok {
		return context.WithValue(ctx, connKey{}, p)
	}
	return ctx
}

type connKey struct{}

type pieces struct{ net.Listener }

// Accept implements net.Listener.
func (l pieces) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok && err == nil {
		return &piecewise{TCPConn: tcp}, nil
	}
	return c, err
}

// piecewise is a connection that can hold the first of two writes back until the second comes. Only the goroutine that
// answers a request writes to it.
type piecewise struct {
	*net.TCPConn
	holding bool
	held    *[]byte // from heldBytes; nil when nothing is held
	pair    [2][]byte
	both    net.Buffers // of pair
}

// heldBytes are reused. net/http's buffer is as large: more never comes in one write that is not the last.
var heldBytes = sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }}

// Write implements net.Conn.
func (p *piecewise) Write(b []byte) (int, error) {
	switch {
	case !p.holding:
		return p.TCPConn.Write(b)
	case p.held == nil:
		p.held = heldBytes.Get().(*[]byte)
		*p.held = append((*p.held)[:0], b...)
		return len(b), nil
	}
	p.pair = [2][]byte{*p.held, b}
	p.both = p.pair[:]
	n, err := p.both.WriteTo(p.TCPConn)
	n -= int64(len(*p.held))
	p.pair = [2][]byte{}
	p.forget()
	return int(max(n, 0)), err
}

func (p *piecewise) forget() {
	p.holding = false
	if p.held != nil {
		heldBytes.Put(p.held)
		p.held = nil
	}
}

// release sends what is still held back. When that fails nobody can know what the client has: the connection is closed.
func (p *piecewise) release() (err error) {
	if p.held != nil {
		if _, err = p.TCPConn.Write(*p.held); err != nil {
			_ = p.Close()
		}
	}
	p.forget()
	return err
}

// inOnePiece writes a body whose length the head names, all of it at once where the connection can.
func inOnePiece(r *http.Request, res *echo.Response, body []byte) error {
	p, ok := r.Context().Value(connKey{}).(*piecewise)
	if !ok || len(body) < minSize {
		_, err := res.Write(body)
		return err
	}
	p.holding = true
	defer func() { _ = p.release() }() // after a panic too; its error closed the connection
	_, err := res.Write(body)
	res.Flush()
	return err
}
