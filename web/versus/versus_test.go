package main

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == "serve" {
		serve(os.Args[2], os.Args[3])
		return
	}
	os.Exit(m.Run())
}

// TestArms keeps the comparison running: every arm that is here starts, and answers what it should.
func TestArms(t *testing.T) {
	if err := run(1, 50, 0, "", ""); err != nil {
		t.Fatal(err)
	}
}
