package app

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// control lets commands reach a running server through data.dir/control.sock, which only its owner may open. One
// connection is one command: the client sends a request line, the server answers with lines of output and an exit code.
type control struct {
	listener net.Listener
	path     string
	handle   func(ctx context.Context, c command, stdout, stderr io.Writer) int
	log      *slog.Logger
}

// command is a request: what was typed, and where.
type command struct {
	Args []string `json:"args"`
	Dir  string   `json:"dir"` // relative paths in Args mean this directory
}

// frame is one line of the answer.
type frame struct {
	Out  string `json:"out,omitempty"`
	Err  string `json:"err,omitempty"`
	Exit *int   `json:"exit,omitempty"`
}

func socketPath(dataDir string) string { return filepath.Join(dataDir, "control.sock") }

// listenControl opens the socket. A leftover of a process that was killed is removed: the caller owns data.dir.
func listenControl(ctx context.Context, dataDir string, handle func(context.Context, command, io.Writer, io.Writer) int, log *slog.Logger) (*control, error) {
	path := socketPath(dataDir)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove the old control socket: %w", err)
	}
	l, err := new(net.ListenConfig).Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("open the control socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("protect the control socket: %w", err), l.Close())
	}
	return &control{listener: l, path: path, handle: handle, log: log}, nil
}

// Run serves commands until ctx ends; commands under way are cancelled and waited for.
func (c *control) Run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { _ = c.listener.Close() }) // Accept then fails, which ends the loop
	defer stop()
	var clients sync.WaitGroup
	defer clients.Wait()
	for {
		conn, err := c.listener.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("control socket: %w", err)
		}
		clients.Go(func() { c.serve(ctx, conn) })
	}
}

func (c *control) serve(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	in := bufio.NewReader(io.LimitReader(conn, 1<<20))
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second)) // a socket that cannot take one fails at the read
	line, err := in.ReadBytes('\n')
	var cmd command
	if err != nil || json.Unmarshal(line, &cmd) != nil {
		return
	}
	_ = conn.SetReadDeadline(time.Time{})
	go func() { // the client going away, Ctrl-C for one, cancels the command
		_, _ = io.Copy(io.Discard, in)
		cancel()
	}()
	out := &frames{enc: json.NewEncoder(conn)}
	code := c.handle(ctx, cmd, frameWriter{out, false}, frameWriter{out, true})
	out.send(frame{Exit: &code})
}

// frames keeps lines of two writers whole.
type frames struct {
	mu  sync.Mutex
	enc *json.Encoder
}

func (f *frames) send(fr frame) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = f.enc.Encode(fr) // the client is gone: its context ends the command
}

type frameWriter struct {
	to     *frames
	stderr bool
}

func (w frameWriter) Write(p []byte) (int, error) {
	if w.stderr {
		w.to.send(frame{Err: string(p)})
	} else {
		w.to.send(frame{Out: string(p)})
	}
	return len(p), nil
}

// runRemote lets the server that owns dataDir run a command.
func runRemote(ctx context.Context, dataDir string, cmd command, stdout, stderr io.Writer) (int, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", socketPath(dataDir))
	if err != nil {
		return 1, fmt.Errorf("%s: %w, and it does not answer on control.sock: %w", dataDir, errOwned, err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // the server sees it and cancels
	defer stop()
	if err := json.NewEncoder(conn).Encode(cmd); err != nil {
		return 1, fmt.Errorf("send the command: %w", err)
	}
	dec := json.NewDecoder(conn)
	for {
		var f frame
		if err := dec.Decode(&f); err != nil && ctx.Err() != nil {
			return 1, errors.New("stopped: the server was told to cancel the command; what it already kept stays")
		} else if err != nil {
			return 1, fmt.Errorf("the server ended before the command did: %w", err)
		}
		switch {
		case f.Exit != nil:
			return *f.Exit, nil
		case f.Err != "":
			_, _ = io.WriteString(stderr, f.Err) // a closed terminal has nobody to tell
		default:
			_, _ = io.WriteString(stdout, f.Out)
		}
	}
}
