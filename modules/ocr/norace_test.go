//go:build !race

package ocr

// read are the generated pictures that TestPictures reads: all there are.
var read []string
