package queue

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
