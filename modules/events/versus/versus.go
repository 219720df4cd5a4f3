// Package versus holds the event files against DuckDB: that it reads every one as it is, and what either needs to write
// and to count them. DuckDB needs cgo and is no dependency of the product, hence a module of its own.
//
//	cd modules/events/versus && go test ./...
//	cd modules/events/versus && go test -run '^$' -bench . -benchtime 3x
package versus
