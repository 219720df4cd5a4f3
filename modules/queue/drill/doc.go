// Package drill holds a queue to its promises where that takes long, other people's libraries or root: power cuts in
// memory and on real block devices, kills, full disks, models, soak. README.md says which test is which.
//
// `go test -short ./...` is the part that fits into every run of the tests; `DRILL=1 go test -timeout 3h -v ./...` is all.
package drill
