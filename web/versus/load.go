package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const connections = 16

// client is one connection that is kept alive.
type client struct {
	conn net.Conn
	r    *bufio.Reader
}

func dial(addr string) (*client, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &client{conn, bufio.NewReaderSize(conn, 64<<10)}, nil
}

// do sends a request and reads its answer to the end. keep is for who wants to see it.
func (c *client) do(request []byte, keep bool) (head string, body []byte, err error) {
	if _, err := c.conn.Write(request); err != nil {
		return "", nil, err
	}
	length, chunked := 0, false
	var all bytes.Buffer
	for {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return "", nil, err
		}
		if len(line) <= 2 {
			break
		}
		if keep {
			all.Write(line)
		}
		switch line[0] {
		case 'C', 'c', 'T', 't':
			name, value, _ := strings.Cut(string(line), ":")
			switch textproto.CanonicalMIMEHeaderKey(name) {
			case "Content-Length":
				if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
					return "", nil, err
				}
			case "Transfer-Encoding":
				chunked = true
			}
		}
	}
	if chunked {
		return "", nil, errors.New("an answer does not say how long it is")
	}
	if keep {
		body = make([]byte, length)
		_, err = io.ReadFull(c.r, body)
		return all.String(), body, err
	}
	_, err = c.r.Discard(length)
	return "", nil, err
}

func once(addr string, request []byte) (head string, body []byte, err error) {
	c, err := dial(addr)
	if err != nil {
		return "", nil, err
	}
	defer c.conn.Close()
	return c.do(request, true)
}

// load sends n requests as fast as they are answered.
func load(addr string, request func(n int) []byte, n int) (time.Duration, error) {
	var next atomic.Int64
	errs := make([]error, connections)
	var wg sync.WaitGroup
	start := time.Now()
	for i := range connections {
		wg.Go(func() {
			c, err := dial(addr)
			if err != nil {
				errs[i] = err
				return
			}
			defer c.conn.Close()
			for {
				k := int(next.Add(1)) - 1
				if k >= n {
					return
				}
				if _, _, err := c.do(request(k), false); err != nil {
					errs[i] = err
					return
				}
			}
		})
	}
	wg.Wait()
	return time.Since(start), errors.Join(errs...)
}

// steady sends requests at a rate whether or not the ones before are answered, and gives the latencies in order,
// waiting for a free connection included.
func steady(addr string, request func(n int) []byte, rate int, long time.Duration) ([]time.Duration, error) {
	due := make(chan time.Time, 4*rate)
	var mu sync.Mutex
	var all []time.Duration
	var failed error
	var wg sync.WaitGroup
	for range connections {
		c, err := dial(addr)
		if err != nil {
			return nil, err
		}
		wg.Go(func() {
			defer c.conn.Close()
			n := 0
			for at := range due {
				_, _, err := c.do(request(n), false)
				n++
				mu.Lock()
				all = append(all, time.Since(at))
				failed = errors.Join(failed, err)
				mu.Unlock()
			}
		})
	}
	start := time.Now()
	for i := range int(long.Seconds() * float64(rate)) {
		at := start.Add(time.Duration(i) * time.Second / time.Duration(rate))
		time.Sleep(time.Until(at))
		due <- time.Now() // not at: that this process wakes up late is nobody's fault
	}
	close(due)
	wg.Wait()
	slices.Sort(all)
	return all, failed
}
