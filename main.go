// Command ticketmoa gathers what Korea's ticket sellers offer and serves it as web pages and a JSON API.
package main

import (
	"context"
	_ "embed"
	"os"
	"os/signal"
	"syscall"

	"ticketmoa/app"
)

//go:embed config.yaml
var defaults []byte

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	code := app.Run(ctx, os.Args[1:], app.Environment(), os.Stdin, os.Stdout, os.Stderr, defaults)
	stop()
	os.Exit(code)
}
