// Package ferret runs the store's contract suite against an embedded FerretDB v1, so that the MongoDB side speaks to a
// server over the wire even where no MongoDB can be had. It is a module of its own: nothing of it reaches the product.
//
//	cd modules/store/ferret && go test ./...
//
// FerretDB v1 is no MongoDB: its updates are not atomic and it is slow. What it cannot do is named in storetest.Limits;
// the whole suite runs wherever MONGO_TEST_URI leads to a real MongoDB.
package ferret
