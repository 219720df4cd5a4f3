//go:build race

package picture

// step is how many bytes lie between the places that are tried: the race detector makes everything ten times slower.
const step = 13
