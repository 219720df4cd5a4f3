package disk

import (
	"os"
	"syscall"
)

// syncData waits until the bytes and the length of f are on the disk. Only a call that was interrupted is repeated: it
// did not report on the data.
func syncData(f *os.File) error {
	for {
		err := syscall.Fdatasync(int(f.Fd()))
		if err != syscall.EINTR {
			return os.NewSyscallError("fdatasync", err)
		}
	}
}

// allocate reserves the bytes below size; a write there then costs no new metadata but the mark that it was written.
func allocate(f *os.File, size int64) error {
	for {
		err := syscall.Fallocate(int(f.Fd()), 0, 0, size)
		if err != syscall.EINTR {
			return os.NewSyscallError("fallocate", err)
		}
	}
}
