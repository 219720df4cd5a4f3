package record

import (
	"bytes"
	"math"
	"testing"
)

func segment(h Head, recs ...Record) []byte {
	b := h.Append(nil)
	for i := range recs {
		b = recs[i].Append(b, h.Salt)
	}
	return b
}

func TestReadBack(t *testing.T) {
	t.Parallel()
	h := Head{Base: 7, Prev: 3, Salt: 99}
	want := []Record{
		{Offset: 7, Millis: 1_700_000_000_000, Payload: []byte("가"), Flags: Start},
		{Offset: 8, Millis: 1_700_000_000_001, Producer: "recorder-1", Seq: 42, Payload: nil},
		{Offset: 9, Millis: -1, Payload: bytes.Repeat([]byte("x"), 600_000), Flags: Zstd},
	}
	data := segment(h, want...)
	r := NewReader(bytes.NewReader(data), h)
	for _, w := range want {
		got, ok, err := r.Next(w.Offset, int64(len(data)))
		if !ok || err != nil || got.Offset != w.Offset || got.Millis != w.Millis || got.Seq != w.Seq || got.Producer != w.Producer ||
			got.Flags != w.Flags || !bytes.Equal(got.Payload, w.Payload) {
			t.Fatalf("offset %d: got %+v, %v, %v", w.Offset, got.Offset, ok, err)
		}
	}
	if _, ok, _ := r.Next(10, int64(len(data))); ok {
		t.Error("read a record behind the end")
	}
	if runs := Scan(data, h, 8); len(runs) != 1 || runs[0].Last != 8 || !runs[0].Begins {
		t.Errorf("scan up to 8: %+v", runs)
	}
}

func TestWildLengthAllocatesNothing(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts for the whole process
	data := segment(Head{Base: 1, Salt: 1}, Record{Offset: 1, Payload: []byte("x")})
	copy(data[HeadSize:], "\xff\xff\xff\xff")
	r := NewReader(bytes.NewReader(data), Head{Base: 1, Salt: 1})
	if n := testing.AllocsPerRun(1, func() { _, _, _ = r.Next(1, math.MaxInt64) }); n > 0 {
		t.Errorf("%v allocations for a length of 4 GiB", n)
	}
}

func FuzzRead(f *testing.F) {
	f.Add((&Record{Offset: 1, Payload: []byte("payload"), Producer: "p", Seq: 3}).Append(nil, 7), uint64(7))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, uint64(0))
	f.Fuzz(func(t *testing.T, data []byte, salt uint64) {
		r, ok := Read(data, salt)
		if ok && r.Size() > int64(len(data)) {
			t.Error("a record is longer than its bytes")
		}
		if again := r.Append(nil, salt); ok && !bytes.Equal(again[:35], data[:35]) && data[35] == 0 {
			t.Error("a record that was read does not encode to the bytes it came from")
		}
	})
}

func FuzzScan(f *testing.F) {
	h := Head{Base: 1, Salt: 7}
	data := segment(h, Record{Offset: 1, Payload: []byte("a")}, Record{Offset: 2, Payload: []byte("b"), Flags: Start}, Record{Offset: 3})
	f.Add(data)
	f.Add(data[:HeadSize+3])
	f.Fuzz(func(t *testing.T, data []byte) {
		got, state, err := ReadHead(data, 1)
		if err != nil || state == HeadLost {
			got = h
		}
		at, last := HeadSize, uint64(0)
		for _, r := range Scan(data, got, math.MaxUint64) {
			if r.Start < at || r.End > len(data) || r.Last < r.First || r.First <= last {
				t.Errorf("run %+v overlaps or leaves the file", r)
			}
			at, last = r.End, r.Last
		}
		r := NewReader(bytes.NewReader(data), got)
		for want := uint64(1); ; want++ {
			rec, ok, err := r.Next(want, int64(len(data)))
			if err != nil || !ok {
				return
			}
			if rec.Offset != want {
				t.Errorf("record %d for %d", rec.Offset, want)
			}
		}
	})
}
