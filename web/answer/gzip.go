package answer

import (
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// How hard bodies are compressed, chosen by measurement on a list of 20 shows (see the benchmarks of this package).
const (
	jsonLevel  = 1
	otherLevel = 5

	// Hardest is the level of what is compressed once for all time.
	Hardest = gzip.BestCompression
)

// writers are reused: one takes some hundred kilobytes to make.
var writers [Hardest + 1]sync.Pool

func writerTo(w io.Writer, level int) *gzip.Writer {
	if z, ok := writers[level].Get().(*gzip.Writer); ok {
		z.Reset(w)
		return z
	}
	z, err := gzip.NewWriterLevel(w, level)
	if err != nil {
		panic(err) // a level that does not exist: ours are constants
	}
	return z
}

func giveBack(z *gzip.Writer, level int) { writers[level].Put(z) }

// into collects what is written to it.
type into struct{ b []byte }

func (i *into) Write(p []byte) (int, error) {
	i.b = append(i.b, p...)
	return len(p), nil
}

// pack appends the compressed form of plain to dst.
func pack(dst, plain []byte, level int) []byte {
	out := into{dst}
	z := writerTo(&out, level)
	_, _ = z.Write(plain) // memory does not fail
	_ = z.Close()
	giveBack(z, level)
	return out.b
}
