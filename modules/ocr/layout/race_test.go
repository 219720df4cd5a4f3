//go:build race

package layout

// slow is the part of the size that pictures have here: the race detector makes everything ten times slower.
const slow = 6
