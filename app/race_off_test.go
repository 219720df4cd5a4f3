//go:build !race

package app

// racing is set where the race detector makes everything several times as slow.
const racing = false
