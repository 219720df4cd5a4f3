package columns

import "encoding/binary"

// appendHybrid writes values of width bits in the format's mix of bit-packed groups of eight and runs of one value.
func appendHybrid(dst []byte, v []uint32, width int) []byte {
	start := 0 // of what is not written yet
	for i := 0; i < len(v); {
		n := 1
		for i+n < len(v) && v[i+n] == v[i] {
			n++
		}
		pad := (8 - (i-start)%8) % 8 // what the open group of eight takes of the run
		if n-pad >= minRun {
			dst = appendPacked(dst, v[start:i+pad], width)
			dst = binary.AppendUvarint(dst, uint64(n-pad)<<1)
			for b := 0; b < width; b += 8 {
				dst = append(dst, byte(v[i]>>b))
			}
			start = i + n
		}
		i += n
	}
	return appendPacked(dst, v[start:], width)
}

func appendPacked(dst []byte, v []uint32, width int) []byte {
	if len(v) == 0 {
		return dst
	}
	groups := (len(v) + 7) / 8
	dst = binary.AppendUvarint(dst, uint64(groups)<<1|1)
	var acc uint64
	have := 0
	for i := range groups * 8 {
		if i < len(v) {
			acc |= uint64(v[i]) << have
		}
		for have += width; have >= 8; have -= 8 {
			dst = append(dst, byte(acc))
			acc >>= 8
		}
	}
	return dst
}
