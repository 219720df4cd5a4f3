//go:build race

package ocr

// read are the generated pictures that TestPictures reads here: the race detector makes the way to their lines ten times slower.
var read = []string{"d03_kids", "d05_cream"}
