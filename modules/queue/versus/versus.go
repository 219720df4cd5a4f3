// Package versus measures the queue beside an embedded NATS JetStream that syncs before it acknowledges, and beside the
// least that could be done, on the same disk in the same run:
//
//	go test -bench . -benchtime 2s
//
// It is a module of its own so that the competitor never becomes a dependency of the product.
package versus
