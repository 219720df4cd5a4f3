package columns

import (
	"encoding/binary"
	"fmt"
)

// minRun is how many equal values are worth a run of their own between bit-packed ones.
const minRun = 24

// readHybrid fills dst from b and returns an error when b ends early. Values past dst are padding.
func readHybrid(dst []uint32, b []byte, width int) error {
	if width > 32 {
		return fmt.Errorf("%w: values of %d bits", ErrBadParquet, width)
	}
	for len(dst) > 0 {
		head, n := binary.Uvarint(b)
		if n <= 0 {
			return fmt.Errorf("%w: %d values are missing", ErrBadParquet, len(dst))
		}
		b = b[n:]
		if head&1 == 0 {
			size := (width + 7) / 8
			if len(b) < size || head == 0 {
				return fmt.Errorf("%w: a run has no value", ErrBadParquet)
			}
			var v uint32
			for i := range size {
				v |= uint32(b[i]) << (8 * i)
			}
			b = b[size:]
			run := dst[:min(uint64(len(dst)), head>>1)]
			for i := range run {
				run[i] = v
			}
			dst = dst[len(run):]
			continue
		}
		groups := head >> 1
		take := min(uint64(len(dst)), groups*8)
		if groups > uint64(MaxGroupRows) || groups == 0 || (int(take)*width+7)/8 > len(b) {
			return fmt.Errorf("%w: bit-packed values are missing", ErrBadParquet)
		}
		unpack(dst[:take], b, width)
		b = b[min(len(b), int(groups)*width):]
		dst = dst[take:]
	}
	return nil
}

// unpack reads len(dst) values of width bits. b holds them all.
func unpack(dst []uint32, b []byte, width int) {
	mask := uint64(1)<<width - 1
	i := 0
	for ; i < len(dst) && i*width/8+8 <= len(b); i++ { // eight bytes at once while there are eight
		at := i * width
		dst[i] = uint32(binary.LittleEndian.Uint64(b[at>>3:]) >> (at & 7) & mask)
	}
	for ; i < len(dst); i++ {
		var v uint64
		at := i * width
		for k := at >> 3; k < len(b) && k < at>>3+8; k++ {
			v |= uint64(b[k]) << (8 * (k - at>>3))
		}
		dst[i] = uint32(v >> (at & 7) & mask)
	}
}
